"""What the local model writes, under the grammar and free, and what that is worth: columns without it and with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

import pbe
from app.bench.columns import ColumnTask
from app.prior import SAMPLES, Prior, Proposal
from app.shown import clean
from dsl.strings.language import string_grammar
from dsl.task import Task, row_key
from dsl.types import as_text
from llm_bridge.client import Completion
from llm_bridge.completions import read_completions
from llm_bridge.syntax import Syntax

PROTOCOL = (
    "rows = all inputs, the first one's output given; parses = the whole sample is one program, of those that ended "
    "before the token limit; right = every row"
)
TASKS = 20


@dataclass(frozen=True, slots=True)
class Samples:
    """How many samples there were, ended by themselves, are one program (of those), and hold one (of all)."""

    drawn: int
    ended: int
    parse: int
    hold: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What happened on one task.

    `fitting` is the number of constrained samples that fit the example, `without` and `guided` tell whether every row
    is right without the model and with it, `seconds` is the time of those samples.
    """

    task: str
    constrained: Samples
    free: Samples
    fitting: int
    without: bool
    guided: bool
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the trial in the form that `--json` writes."""
        return asdict(self) | {"seconds": round(self.seconds, 2)}


def run_tasks(
    tasks: Sequence[ColumnTask], prior: Prior, budget: pbe.Budget, tick: Callable[[int, int], None]
) -> list[Trial]:
    """Return one trial for each of the first TASKS tasks with two distinct inputs; raises ClientError."""
    chosen = [task for task in tasks if len(set(map(row_key, task.rows))) > 1][:TASKS]
    trials = []
    for task in chosen:
        trials.append(run_task(task, prior, budget))
        tick(len(trials), len(chosen))
    return trials


def run_task(column: ColumnTask, prior: Prior, budget: pbe.Budget) -> Trial:
    """Return what happens on one task."""
    task = Task.of([(column.rows[0], column.outputs[0])], column.rows)
    wanted = tuple(as_text(output) or None for output in column.outputs)
    question, client = prior.question(task), prior.model.client
    start = time.perf_counter()
    constrained = client.complete(question.prompt, SAMPLES, grammar=question.grammar, seconds=prior.seconds)
    seconds = time.perf_counter() - start
    free = client.complete(question.prompt, SAMPLES, seconds=prior.seconds)
    proposal = Proposal.of(read_completions(constrained, question.syntax), task)
    plain = pbe.synthesize(task, string_grammar(task), budget=budget)
    return Trial(
        column.name,
        samples(constrained, question.syntax),
        samples(free, question.syntax),
        proposal.fitting,
        plain.outputs == wanted,
        prior.heed(proposal, task, plain, budget).outputs == wanted,
        seconds,
    )


def samples(completions: Sequence[Completion], syntax: Syntax) -> Samples:
    """Return how many completions ended, parse as they are, and hold a program among other things."""
    ended = [completion.text for completion in completions if completion.ended]
    parse = 0
    for text in ended:
        try:
            syntax.read(text)
            parse += 1
        except ValueError:
            continue
    dropped = read_completions(completions, syntax).dropped
    return Samples(len(completions), len(ended), parse, len(completions) - sum(dropped.values()))


def summary(trials: Sequence[Trial]) -> dict[str, Any]:
    """Return the figures over all tasks."""
    figures: dict[str, Any] = {"tasks": len(trials)}
    for name in ("constrained", "free"):
        parts = [getattr(trial, name) for trial in trials]
        totals = {field: sum(asdict(part)[field] for part in parts) for field in ("drawn", "ended", "parse", "hold")}
        figures[name] = totals | {"share": round(totals["parse"] / max(1, totals["ended"]), 4)}
    return figures | {
        "tasks with a program that fits": sum(trial.fitting > 0 for trial in trials),
        "right without": sum(trial.without for trial in trials),
        "right with": sum(trial.guided for trial in trials),
        "mean seconds": round(sum(trial.seconds for trial in trials) / max(1, len(trials)), 2),
    }


def show(console: Console, trials: Sequence[Trial], figures: dict[str, Any]) -> None:
    """Print a line per task, then the figures."""
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("task", "constrained", "parse", "free", "parse", "fit", "without", "with", "seconds"):
        grid.add_column(name, justify="left" if name == "task" else "right", no_wrap=True)
    for trial in trials:
        counts = [f"{n}" for part in (trial.constrained, trial.free) for n in (part.ended, part.parse)]
        marks = ["✓" if right else "·" for right in (trial.without, trial.guided)]
        grid.add_row(Text(clean(trial.task)), *counts, str(trial.fitting), *marks, f"{trial.seconds:.1f}")
    console.print(grid)
    for name in ("constrained", "free"):
        part = figures[name]
        console.print(
            f"{name}: {part['drawn']} samples, {part['ended']} ended before the token limit, "
            f"{part['parse']} of these parse ({part['share']:.1%}); {part['hold']} hold a program"
        )
    console.print(
        f"{figures['tasks']} columns from one example: {figures['right without']} right without the model, "
        f"{figures['right with']} with it; it wrote a program that fits for "
        f"{figures['tasks with a program that fits']}; {figures['mean seconds']} s a task for its samples"
    )
