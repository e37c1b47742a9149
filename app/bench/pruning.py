"""What pruning is worth to a search without deduction: four settings, on the same sketches of the same tasks.

Each task is searched with intervals until it is solved or a number of candidates is spent. Every setting then searches
as far as that: to the solution, or to the last sketch that was completed. Seconds are processor time of this process,
the start of the solver included.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.bench.suites import SuiteError, read_prose
from app.shown import clean
from dsl.grammar import Grammar
from dsl.program import Program
from dsl.strings.language import string_grammar
from dsl.sygus import SygusError, read_sygus
from dsl.task import ContradictoryExamples, Example, Task, row_key
from dsl.types import as_text
from pbe.budget import Budget, BudgetSpent
from pbe.pruning import Counts, Pruning, search_sketches

PROTOCOL = (
    "sketches in order of cost, as far as the search with intervals comes within the candidates; tasks on which that "
    "takes more than 0.1 s; best processor time of the repeats (off and z3: of one run)"
)
EXAMPLES = 4
"""Of a column, the examples searched on: its first rows with different inputs and an output that is not blank."""
SLOW = 0.1
LONGEST = 4
"""A setting that takes this many times as long as the intervals is stopped there."""


@dataclass(frozen=True, slots=True)
class SketchTask:
    """A task for the search without deduction."""

    name: str
    grammar: Grammar
    examples: tuple[Example, ...]


@dataclass(slots=True)
class Run:
    """One setting on one task: processor seconds, counts, and whether it was stopped before the others' end."""

    seconds: float
    counts: Counts
    stopped: bool


@dataclass(slots=True)
class Comparison:
    """All settings on one task; the program is the one found, if any."""

    task: str
    program: Program | None
    runs: dict[Pruning, Run] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """Return how many times faster intervals + z3 are than intervals."""
        return self.runs[Pruning.INTERVALS].seconds / self.runs[Pruning.GATED].seconds

    def as_json(self) -> dict[str, Any]:
        """Return the comparison in the form that `--json` writes."""
        return {
            "task": self.task,
            "program": None if self.program is None else str(self.program),
            "ratio": round(self.ratio, 3),
            "runs": {
                setting.value: {"seconds": round(run.seconds, 4), "stopped": run.stopped, **asdict(run.counts)}
                for setting, run in self.runs.items()
            },
        }


def read_tasks(folder: Path) -> list[SketchTask]:
    """Return the tasks of a folder: SyGuS-IF files with input/output pairs, or else the PROSE suite's columns."""
    files = sorted(folder.rglob("*.sl"))
    found = list(_sygus(files) if files else _columns(folder))
    if not found:
        raise SuiteError(f"{folder} holds no task with examples for this bench; give a folder of .sl files or of PROSE")
    return found


def _sygus(files: Sequence[Path]) -> Iterator[SketchTask]:
    for file in files:
        try:
            task = read_sygus(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, SygusError, ContradictoryExamples):
            continue  # `pbe sygus` says what is wrong with it
        if task.task.examples and not task.constraints:
            yield SketchTask(file.stem, task.grammar, task.task.examples)


def _columns(folder: Path) -> Iterator[SketchTask]:
    for column in read_prose(folder):
        given: dict[Any, Example] = {}
        for row, output in zip(column.rows, column.outputs, strict=True):
            text = as_text(output)
            if text:
                given.setdefault(row_key(row), Example(row, text))
        examples = tuple(given.values())[:EXAMPLES]
        if len(examples) > 1:
            task = Task.of([(example.inputs, example.output) for example in examples], column.rows)
            yield SketchTask(column.name, string_grammar(task), examples)


def compare(
    tasks: Sequence[SketchTask], candidates: int, repeats: int, tick: Callable[[int], None] = lambda _: None
) -> list[Comparison]:
    """Return the comparison on each task that takes the search with intervals more than SLOW seconds."""
    found = []
    for done, task in enumerate(tasks):
        comparison = compare_one(task, candidates, repeats)
        if comparison is not None:
            found.append(comparison)
        tick(done + 1)
    return found


def compare_one(task: SketchTask, candidates: int, repeats: int) -> Comparison | None:
    """Return the comparison on one task, None where the search with intervals takes less than SLOW seconds."""
    first, program = _run(task, Pruning.INTERVALS, Budget(seconds=math.inf, candidates=candidates))
    if first.seconds <= SLOW:
        return None
    most = first.counts.sketches - first.stopped
    whole = Budget(seconds=LONGEST * max(2.0, 2 * first.seconds), candidates=LONGEST * candidates)
    comparison = Comparison(task.name, program)
    for turn in range(repeats):
        for setting in Pruning:
            if turn == 0 or setting in (Pruning.INTERVALS, Pruning.GATED):
                run, _ = _run(task, setting, whole, most)
                known = comparison.runs.get(setting)
                if known is None or run.seconds < known.seconds:
                    comparison.runs[setting] = run
    return comparison if comparison.runs[Pruning.INTERVALS].seconds > SLOW else None


def _run(task: SketchTask, pruning: Pruning, budget: Budget, most: int | None = None) -> tuple[Run, Program | None]:
    counts, program, stopped = Counts(), None, False
    began = time.process_time()
    try:
        program = search_sketches(
            task.grammar, task.examples, budget.start(), pruning=pruning, counts=counts, most=most
        )
    except BudgetSpent:
        stopped = True
    return Run(time.process_time() - began, counts, stopped), program


def summary(comparisons: Sequence[Comparison], tasks: int) -> dict[str, Any]:
    """Return the figures over the compared tasks: geometric means, extremes, and what each setting pruned."""
    ratios = sorted([c.ratio for c in comparisons])
    figures: dict[str, Any] = {"tasks": tasks, "compared": len(ratios)}
    if not ratios:
        return figures
    figures |= {
        "solved": sum([c.program is not None for c in comparisons]),
        "geometric mean": round(_mean(ratios), 3),
        "slowest": round(ratios[0], 3),
        "fastest": round(ratios[-1], 3),
        "faster by 10 %": sum([ratio > 1.1 for ratio in ratios]),
        "slower by 10 %": sum([ratio < 1 / 1.1 for ratio in ratios]),
    }
    for setting in Pruning:
        runs = [c.runs[setting] for c in comparisons]
        against = [c.runs[Pruning.INTERVALS].seconds / c.runs[setting].seconds for c in comparisons]
        figures[setting.value] = {
            "seconds": round(sum([run.seconds for run in runs]), 2),
            "times as fast as intervals": round(_mean(against), 3),
            "stopped": sum([run.stopped for run in runs]),
            "sketches": sum([run.counts.sketches for run in runs]),
            "pruned by intervals": sum([run.counts.by_intervals for run in runs]),
            "pruned by z3": sum([run.counts.by_z3 for run in runs]),
            "lemma hits": sum([run.counts.asked.lemma_hits for run in runs]),
            "witness hits": sum([run.counts.asked.witness_hits for run in runs]),
            "z3 calls": sum([run.counts.asked.calls for run in runs]),
            "completions tried": sum([run.counts.completions for run in runs]),
            "completions spared": sum([run.counts.spared for run in runs]),
        }
    return figures


def _mean(ratios: Sequence[float]) -> float:
    return math.exp(sum([math.log(ratio) for ratio in ratios]) / len(ratios))


def show(console: Console, comparisons: Sequence[Comparison], figures: dict[str, Any]) -> None:
    """Print one line per compared task, and the figures of each setting."""
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("task", "off", "intervals", "+ z3", "z3", "ratio"):
        grid.add_column(name, justify="left" if name == "task" else "right", no_wrap=name != "task")
    for comparison in sorted(comparisons, key=lambda c: c.ratio):
        times = [
            f"{'> ' if run.stopped else ''}{run.seconds:.2f} s" for run in map(comparison.runs.__getitem__, Pruning)
        ]
        grid.add_row(Text(clean(comparison.task)), *times, f"{comparison.ratio:.2f}")
    console.print(grid)
    columns = [setting.value for setting in Pruning if setting.value in figures]
    if columns:
        totals = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
        for name in ("", *columns):
            totals.add_column(name, justify="right" if name else "left")
        for name in figures[columns[0]]:
            totals.add_row(name, *[f"{figures[column][name]:,}" for column in columns])
        console.print(totals)
    for name, value in figures.items():
        if name not in columns:
            console.print(f"  {name:<26}{value:,}")
