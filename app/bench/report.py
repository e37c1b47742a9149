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


class HasJson(Protocol):
    """What happened on one task of a suite."""

    def as_json(self) -> dict[str, Any]:
        """Return it in the form that `--json` writes."""


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


def write_json(
    path: Path, suite: str, protocol: str, outcomes: Sequence[HasJson], figures: Mapping[str, Any]
) -> None:
    """Write {"suite", "protocol", "tasks", "summary"} to a file."""
    data = {
        "suite": suite,
        "protocol": protocol,
        "tasks": [outcome.as_json() for outcome in outcomes],
        "summary": dict(figures),
    }
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
