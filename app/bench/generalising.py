"""Whether answers to SyGuS tasks are what was meant: learnt from some examples, run on others."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console

from app.sygus import search
from dsl.interpreter import evaluate
from dsl.program import Apply, subprograms
from dsl.sygus import SygusTask
from dsl.task import Example, row_key

LONG = "-long"
SHORTER = ("", "_short", "_small", "-short")
"""A task X-long has the examples of X and of these, and more."""
FEW = range(4, 9)
"""Tasks with so many distinct examples are learnt with each left out in turn."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A program learnt from `given` examples, run on others: the share of right rows, and whether it has a condition.

    Where no program was found, no row is right.
    """

    task: str
    given: int
    accuracy: float
    conditional: bool
    answer: str

    def as_json(self) -> dict[str, Any]:
        """Return the trial in the form that `--json` writes."""
        return {
            "task": self.task, "given": self.given, "accuracy": round(self.accuracy, 4),
            "conditional": self.conditional, "program": self.answer,
        }  # fmt: skip


def distinct(task: SygusTask) -> list[int]:
    """Return the numbers of a task's examples, each with the same inputs as one before left out."""
    first: dict[Any, int] = {}
    for index, example in enumerate(task.task.examples):
        first.setdefault(row_key(example.inputs), index)
    return list(first.values())


def trial(name: str, task: SygusTask, given: Sequence[int], tested: Sequence[Example], seconds: float) -> Trial:
    """Return how a program learnt from some of a task's examples does on others."""
    program = search(replace(task, task=task.task.only(given)), seconds).program
    if program is None:
        return Trial(name, len(given), 0.0, False, "")
    right = statistics.fmean(evaluate(program, example.inputs) == example.output for example in tested)
    conditional = any(isinstance(part, Apply) and not part.operator.strict for part in subprograms(program))
    return Trial(name, len(given), right, conditional, task.define(program))


def run_trials(
    tasks: Mapping[str, SygusTask], seconds: float, tick: Callable[[int, int], None] = lambda *_: None
) -> dict[str, list[Trial]]:
    """Return the trials by protocol; tasks with logical constraints take no part.

    "pairs": all examples of X, tested on X-long. "first 2 of long": the first two examples of X-long, tested on all of
    its. "first 2": the same for every task with more than two. "leave one out": all examples but one, tested on that.
    """
    kept = {name: (task, distinct(task)) for name, task in tasks.items() if not task.constraints}
    work: dict[str, list[tuple[str, SygusTask, Sequence[int], Sequence[Example]]]] = {
        "pairs": [], "first 2 of long": [], "first 2": [], "leave one out": [],
    }  # fmt: skip
    for name, (task, numbers) in kept.items():
        examples = task.task.examples
        if len(numbers) > 2:
            work["first 2"].append((name, task, numbers[:2], examples))
        if name.endswith(LONG):
            bases = [name.removesuffix(LONG) + suffix for suffix in SHORTER]
            pairs = [(f"{base} → {name}", *kept[base], examples) for base in bases if base in kept]
            work["pairs"] += pairs
            work["first 2 of long"] += [(name, task, numbers[:2], examples)] if pairs else []
        if len(numbers) in FEW:
            work["leave one out"] += [
                (name, task, [n for n in numbers if n != left], [examples[left]]) for left in numbers
            ]
    total, done = sum(map(len, work.values())), 0
    found: dict[str, list[Trial]] = {}
    for protocol, trials in work.items():
        found[protocol] = []
        for name, task, given, tested in trials:
            tick(done, total)
            found[protocol].append(trial(name, task, given, tested, seconds))
            done += 1
    return found


def generalisation(found: Mapping[str, Sequence[Trial]]) -> dict[str, Any]:
    """Return the figures of the trials."""
    pairs = found["pairs"]
    figures: dict[str, Any] = {
        "pairs": len(pairs),
        "pairs with every row right": _share([trial.accuracy == 1.0 for trial in pairs]),
    }
    for protocol, trials in found.items():
        figures[f"{protocol}: mean row accuracy"] = _share([trial.accuracy for trial in trials])
        for conditional, words in ((False, "without a condition"), (True, "with one")):
            some = [trial.accuracy for trial in trials if trial.conditional is conditional and trial.answer]
            figures[f"{protocol}: {words}"] = f"{_share(some)} of {len(some)}"
    return figures


def _share(values: Sequence[float]) -> float | None:
    return round(statistics.fmean(values), 4) if values else None


def show_trials(console: Console, found: Mapping[str, Sequence[Trial]], figures: Mapping[str, Any]) -> None:
    """Print the pairs that are not wholly right, then the figures."""
    console.print("\ngeneralisation", style="bold")
    for one in found["pairs"]:
        if one.accuracy < 1:
            console.print(f"  {one.task}: {one.accuracy:.1%} of rows right", markup=False, highlight=False)
    for name, value in figures.items():
        console.print(f"  {name:<42}{value}", markup=False)
