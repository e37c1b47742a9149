"""SyGuS tasks solved against the clock, side by side with cvc5 where asked for.

A task's time is its own: from its text to the first answer that z3 verified. Starting Python and importing modules is
not counted, for cvc5 neither.
"""

from __future__ import annotations

import contextlib
import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.bench.cvc5 import as_version_2, ask_cvc5
from app.bench.suites import SuiteError
from app.shown import cell_text, clean
from app.sygus import explained, parse_task, read_task, read_text, search
from app.workbook import BookError
from dsl.program import Apply, Program, subprograms
from dsl.sygus import SygusError, SygusTask, read_program, read_sygus
from pbe.verification import Verifier

PROTOCOL = (
    "seconds from the task's text to the first verified answer, and to the return; "
    "PAR-2: mean seconds, unsolved counting twice the limit; operators: applications in the answer"
)
FAST = (0.1, 0.5)
SHOWN = 40
"""Characters of an answer in the table."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One solver's go at a task: seconds to the first verified answer (None without one) and to the return."""

    first: float | None
    seconds: float
    operators: int = 0
    answer: str = ""
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the attempt in the form that `--json` writes."""
        first = None if self.first is None else round(self.first, 4)
        return {
            "solved": first is not None, "first_seconds": first, "seconds": round(self.seconds, 4),
            "operators": self.operators, "program": self.answer, "reason": self.reason,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened on one task; `refused` says why a file holds no task that can be solved."""

    task: str
    ours: Attempt | None = None
    cvc5: Attempt | None = None
    refused: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the outcome in the form that `--json` writes."""
        ours = self.ours.as_json() if self.ours else {"solved": False, "refused": self.refused}
        return {"task": self.task, **ours, **({"cvc5": self.cvc5.as_json()} if self.cvc5 else {})}


def find_tasks(folder: Path) -> list[Path]:
    """Return the files of a suite, in order; raises SuiteError where there is none."""
    files = sorted(folder.rglob("*.sl"))
    if not files:
        raise SuiteError(f"{folder} holds no .sl file; give a folder of SyGuS-IF tasks.")
    return files


def read_tasks(files: Sequence[Path]) -> dict[str, SygusTask]:
    """Return the tasks by the names of their files, without those that are refused."""
    tasks = {}
    for file in files:
        with contextlib.suppress(BookError):
            tasks[file.stem] = read_task(file)
    return tasks


def run_files(
    files: Sequence[Path], seconds: float, *, against_cvc5: bool, tick: Callable[[int, int], None] = lambda *_: None
) -> list[Outcome]:
    """Return one outcome per file."""
    outcomes = []
    for file in files:
        tick(len(outcomes), len(files))
        try:
            text = read_text(file)
            ours = attempt(text, file, seconds)
        except BookError as error:
            outcomes.append(Outcome(file.stem, refused=str(error)))
            continue
        outcomes.append(Outcome(file.stem, ours, attempt_with_cvc5(text, seconds) if against_cvc5 else None))
    return outcomes


def attempt(text: str, path: Path, seconds: float) -> Attempt:
    """Return our go at a task; raises BookError when the text is none."""
    gc.collect()  # so that no task pays for what was left by the one before
    start = time.perf_counter()
    task = parse_task(text, path)
    reading = time.perf_counter() - start
    solution = search(task, seconds)
    spent = time.perf_counter() - start
    if not solution.verified:
        return Attempt(None, spent, reason=explained(task, solution))
    assert solution.program is not None
    return Attempt(
        reading + solution.first_seconds, spent, operators(solution.program), task.define(solution.program)
    )


def attempt_with_cvc5(text: str, seconds: float) -> Attempt:
    """Return cvc5's go at a task; an answer of its that z3 does not verify counts as none."""
    converted = as_version_2(read_sygus(text))
    answer, spent = ask_cvc5(converted, seconds)
    if not answer:
        return Attempt(None, spent)
    try:
        task = read_sygus(converted)
        program = read_program(answer.strip().removeprefix("(").removesuffix(")"), task)
    except SygusError as error:
        return Attempt(None, spent, answer=answer, reason=str(error))
    verdict = Verifier(task).verify(program)
    return Attempt(spent if verdict.holds else None, spent, operators(program), task.define(program), verdict.reason)


def operators(program: Program) -> int:
    """Return how many applications of operators a program consists of."""
    return sum(isinstance(part, Apply) for part in subprograms(program))


# ---------------------------------------------------------------- figures


def summary(outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    """Return the figures of a run with so many seconds a task."""
    run = [outcome for outcome in outcomes if outcome.ours is not None]
    ours = [outcome.ours for outcome in run if outcome.ours]
    figures: dict[str, Any] = {"files": len(outcomes), "refused": len(outcomes) - len(run), **_of(ours, seconds)}
    others = [outcome.cvc5 for outcome in run if outcome.cvc5]
    if others:
        figures |= {f"cvc5 {name}": value for name, value in _of(others, seconds).items()}
        figures["PAR-2 as a share of cvc5's"] = round(_par_2(ours, seconds) / _par_2(others, seconds), 4)
        both = [(a, b) for a, b in zip(ours, others, strict=True) if a.first is not None and b.first is not None]
        figures["solved by both"] = len(both)
        if both:
            figures["mean operators where both solve"] = round(statistics.fmean(a.operators for a, _ in both), 2)
            figures["cvc5 mean operators where both solve"] = round(statistics.fmean(b.operators for _, b in both), 2)
    return figures


def _of(attempts: Sequence[Attempt], seconds: float) -> dict[str, Any]:
    times = [a.first for a in attempts if a.first is not None]
    return {
        "solved": len(times),
        **{f"solved within {limit} s": sum(time <= limit for time in times) for limit in FAST},
        "PAR-2 seconds": round(_par_2(attempts, seconds), 4),
        "median seconds": round(statistics.median(times), 4) if times else None,
        "worst seconds": round(max(times), 4) if times else None,
        "worst seconds to the return": round(max((a.seconds for a in attempts), default=0.0), 4),
        "mean operators": round(statistics.fmean(a.operators for a in attempts if a.first is not None), 2)
        if times else None,
    }  # fmt: skip


def _par_2(attempts: Sequence[Attempt], seconds: float) -> float:
    costs = [2 * seconds if a.first is None else min(a.first, 2 * seconds) for a in attempts]
    return statistics.fmean(costs) if costs else 0.0


def show_run(console: Console, outcomes: Sequence[Outcome], figures: dict[str, Any]) -> None:
    """Print the tasks not solved at once, or all beside cvc5's, then what was refused, then the figures."""
    against = any(outcome.cvc5 for outcome in outcomes)
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("task", "first", "return", "operators", *(("cvc5", "operators") if against else ("answer",))):
        grid.add_column(name, no_wrap=True, justify="left" if name in ("task", "answer") else "right")
    for outcome in outcomes:
        ours, other = outcome.ours, outcome.cvc5
        if ours is not None and (other or ours.first is None or ours.first > FAST[0]):
            rest = _cells(other)[1:] if other else [Text(cell_text(ours.answer or ours.reason, SHOWN))]
            grid.add_row(Text(cell_text(outcome.task, SHOWN)), *_cells(ours), *rest)
    console.print(grid)
    for outcome in outcomes:
        if outcome.refused:
            console.print(f"refused: {clean(outcome.refused)}", markup=False, highlight=False)
    console.print(f"\nsygus, {figures['files']} files", style="bold")
    for name, value in figures.items():
        console.print(f"  {name:<38}{value}")


def _cells(attempt: Attempt) -> list[str]:
    if attempt.first is None:
        return ["·", f"{attempt.seconds:.3f}", "·"]
    return [f"{attempt.first:.3f}", f"{attempt.seconds:.3f}", str(attempt.operators)]
