"""The protocol for column tasks: how many examples until the whole column is right.

rows = all inputs. solved@k: learn from the first k examples, every row must be right. adaptive: start with the first
example, add the first wrong row, count examples until all rows are right (at most 10; unsolved counts 11 in the mean).
An outcome counts only where some distinct input was never given: beyond that solved@k carries the last k that left
one, and tasks with a single distinct input are dropped. Output "" and null are the same cell; inputs "" and null are
not.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pbe
from dsl.task import ContradictoryExamples, Row, row_key
from dsl.types import Cell, as_text

PROTOCOL = "rows = all inputs; solved@k from the first k examples; adaptive = add the first wrong row, cap 10"
CAP = 10
SHOWN = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class ColumnTask:
    """A column with its right outputs; `features` are the kinds of task that the suite counts it among."""

    name: str
    rows: tuple[Row, ...]
    outputs: tuple[Cell, ...]
    features: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What happened on one task; `adaptive` is the number of examples needed, None if 10 were not enough."""

    task: str
    solved_at: dict[int, bool] = field(default_factory=dict)
    adaptive: int | None = None
    seconds: list[float] = field(default_factory=list)
    program: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the outcome in the form that `--json` writes."""
        return {
            "task": self.task,
            "solved_at": {str(k): ok for k, ok in self.solved_at.items()},
            "adaptive": self.adaptive,
            "seconds": [round(s, 4) for s in self.seconds],
            "program": self.program,
        }


def run_tasks(
    tasks: Iterable[ColumnTask], budget: pbe.Budget, tick: Callable[[Outcome], None] = lambda _: None
) -> list[Outcome]:
    """Return one outcome per task that has at least two distinct inputs."""
    outcomes = []
    for task in tasks:
        if len(set(map(row_key, task.rows))) > 1:
            outcomes.append(run_task(task, budget))
            tick(outcomes[-1])
    return outcomes


def run_task(task: ColumnTask, budget: pbe.Budget) -> Outcome:
    """Return the outcome of one task."""
    outcome = Outcome(task.name)
    known: dict[tuple[int, ...], Sequence[str | None] | None] = {}

    def wrong_rows(given: tuple[int, ...]) -> list[int]:
        if given not in known:
            known[given] = _learn(task, given, budget, outcome)
        outputs = known[given]
        if outputs is None:
            return [i for i in range(len(task.rows)) if i not in given]
        return [i for i, out in enumerate(outputs) if out != (as_text(task.outputs[i]) or None)]

    last = False
    for k in SHOWN:
        given = tuple(range(min(k, len(task.rows))))
        if _leaves_one(task, given):
            last = not wrong_rows(given)
        outcome.solved_at[k] = last
    given = (0,)
    while len(given) <= CAP and _leaves_one(task, given):
        wrong = [i for i in wrong_rows(given) if i not in given]
        if not wrong:
            outcome.adaptive = len(given)
            break
        given = (*given, wrong[0])
    return outcome


def _leaves_one(task: ColumnTask, given: Sequence[int]) -> bool:
    return len({row_key(task.rows[i]) for i in given}) < len(set(map(row_key, task.rows)))


def _learn(
    task: ColumnTask, given: Sequence[int], budget: pbe.Budget, outcome: Outcome
) -> Sequence[str | None] | None:
    try:
        answer = pbe.learn([(task.rows[i], task.outputs[i]) for i in given], rows=task.rows, budget=budget)
    except ContradictoryExamples:
        return None
    outcome.seconds.append(answer.seconds)
    if answer.program is not None:
        outcome.program = str(answer.program)
    return answer.outputs if answer.program is not None else None


def by_feature(tasks: Iterable[ColumnTask], outcomes: Sequence[Outcome]) -> dict[str, dict[str, Any]]:
    """Return the summary of each feature's tasks, features in order of their names."""
    features = {task.name: task.features for task in tasks}
    names = sorted({name for found in features.values() for name in found})
    return {name: summary([o for o in outcomes if name in features[o.task]]) for name in names}


def summary(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the suite's figures: shares of tasks, the mean number of examples, seconds of single learns."""
    total = len(outcomes) or 1
    times = sorted(second for outcome in outcomes for second in outcome.seconds) or [0.0]
    needed = [outcome.adaptive or CAP + 1 for outcome in outcomes]
    return {
        "tasks": len(outcomes),
        **{f"solved@{k}": round(sum(o.solved_at[k] for o in outcomes) / total, 4) for k in SHOWN},
        **{f"within {k}": round(sum(n <= k for n in needed) / total, 4) for k in SHOWN},
        "mean examples": round(sum(needed) / total, 3),
        "learns": len(times),
        "median seconds": round(statistics.median(times), 4),
        "95th percentile seconds": round(times[min(len(times) - 1, int(0.95 * len(times)))], 4),
        "worst seconds": round(times[-1], 4),
    }
