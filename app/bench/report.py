"""Prints and saves the figures of a benchmark run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.bench.columns import CAP, Outcome
from app.shown import clean
from pbe import DOUBTFUL

FEATURES = "by feature"
"""Where a summary keeps the figures of each kind of task."""


def show_suite(console: Console, suite: str, outcomes: Sequence[Outcome], figures: Mapping[str, Any]) -> None:
    """Print the tasks that one example does not solve, then the suite's figures."""
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("task", "@1", "@3", "examples"):
        grid.add_column(name, no_wrap=True)
    grid.add_column("program", overflow="ellipsis", no_wrap=True, max_width=64)
    for outcome in outcomes:
        if outcome.adaptive != 1:
            marks = ["✓" if outcome.solved_at[k] else "·" for k in (1, 3)]
            needed = str(outcome.adaptive or f"over {CAP}")
            grid.add_row(Text(clean(outcome.task)), *marks, needed, Text(clean(outcome.program)))
    console.print(grid)
    console.print(f"\n{suite}, all {figures['tasks']} tasks with at least two distinct inputs", style="bold")
    for name, value in figures.items():
        if name == FEATURES:
            continue
        shown = f"{value:.1%}" if name.startswith(("solved", "within")) else f"{value:,}"
        console.print(f"  {name:<26}{shown}")


def show_features(console: Console, features: Mapping[str, Mapping[str, Any]]) -> None:
    """Print one line of figures per feature."""
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    columns = ("tasks", "solved@1", "within 2", "within 3", "mean examples")
    for name in ("feature", *columns):
        grid.add_column(name, justify="left" if name == "feature" else "right")
    for feature, figures in features.items():
        shown = [f"{figures[c]:.1%}" if c.startswith(("solved", "within")) else f"{figures[c]:,}" for c in columns]
        grid.add_row(Text(clean(feature)), *shown)
    console.print(grid)


def show_speakers(console: Console, figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Print what each speaker needs with each listener, then what the questions are worth, by suite."""
    console.print("mean examples until every row is right", style="bold")
    grid = _grid("speaker", "literal", "matched", "matched - literal", "mismatched - literal")
    for suite, found in figures.items():
        grid.add_row(_tasks(suite, found))
        for speaker, one in found["speakers"].items():
            mismatched = ", ".join(f"{told} {gap[0]:+.3f}" for told, gap in one["mismatched"].items())
            means = [f"{one[name]:.3f}" for name in ("literal", "matched")]
            grid.add_row(f"  {speaker}", *means, _interval(one["difference"]), mismatched)
    console.print(grid)
    console.print("\ncorrecting, if every row above the corrected one were an example too", style="bold")
    grid = _grid("", "literal", "rows above too", "difference")
    for suite, found in figures.items():
        literal, above = found["speakers"]["corrects"]["literal"], found["corrects, rows above given too"]
        grid.add_row(_tasks(suite, found), f"{literal:.3f}", f"{above['mean']:.3f}", _interval(above["difference"]))
    console.print(grid)
    console.print("\nthe first row, then the first wrong one", style="bold")
    grid = _grid("", "from row 1", "from the row asked for", "difference")
    for suite, found in figures.items():
        first = found["first question"]
        means = [f"{first[name]:.3f}" for name in ("row 1", "asked for")]
        grid.add_row(_tasks(suite, found), *means, _interval(first["difference"]))
    console.print(grid)
    console.print(f"\nask until every cell passes {DOUBTFUL:.0%}", style="bold")
    grid = _grid("tasks in the language", "questions", "by correcting", "sheets right")
    for suite, found in figures.items():
        sure = found["ask until sure"]
        name = Text(f"{clean(suite)}, {sure['tasks in the language']:,}")
        grid.add_row(name, f"{sure['interactions']:.3f}", f"{sure['adaptive']:.3f}", f"{sure['sheets right']:.1%}")
    console.print(grid)


def show_unfitted(console: Console, figures: Mapping[str, Mapping[str, Any]]) -> None:
    """Print what each listener needs without a prior, and the differences to the literal one, by suite."""
    console.print("mean examples until every row is right, without a prior", style="bold")
    grid = _grid("listener", "examples", "- literal")
    for suite, found in figures.items():
        grid.add_row(_tasks(suite, found))
        for listener, examples in found["means"].items():
            gap = found["differences"].get(listener)
            grid.add_row(f"  {listener}", f"{examples:.3f}", _interval(gap) if gap else "")
    console.print(grid)


def _grid(first: str, *others: str) -> Table:
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    grid.add_column(first)
    for name in others:
        grid.add_column(name, justify="right", no_wrap=True)
    return grid


def _tasks(suite: str, figures: Mapping[str, Any]) -> Text:
    return Text(f"{clean(suite)}, {figures['tasks']:,} task{'s' if figures['tasks'] != 1 else ''}")


def _interval(difference: Sequence[float]) -> str:
    mean, low, high = difference
    return f"{mean:+.3f} [{low:+.3f}, {high:+.3f}]"


class Writable(Protocol):
    """What happened on one task, in the form that `--json` writes."""

    def as_json(self) -> dict[str, Any]: ...


def write_json(
    path: Path, suite: str, protocol: str, outcomes: Sequence[Writable], figures: Mapping[str, Any], **more: Any
) -> None:
    """Write {"suite", "protocol", "tasks", "summary"} and whatever more there is to a file."""
    data = {
        "suite": suite,
        "protocol": protocol,
        "tasks": [outcome.as_json() for outcome in outcomes],
        "summary": dict(figures),
        **more,
    }
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
