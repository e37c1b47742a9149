"""Published figures beside ours: what was reported, what we get, and whether they agree."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

STANDARD_ERRORS = 3


@dataclass(frozen=True, slots=True)
class Figure:
    """One published figure and ours, both a number or both a text.

    `digits` is how many decimals were published; `error` is the standard error of ours where it is simulated.
    """

    name: str
    reference: float | str
    ours: float | str
    digits: int = 0
    error: float = 0.0

    @property
    def difference(self) -> float | None:
        """Return ours less the reference; None for texts."""
        if isinstance(self.reference, str) or isinstance(self.ours, str):
            return None
        return self.ours - self.reference

    @property
    def agrees(self) -> bool:
        """Return whether ours rounds to the reference, or is within three standard errors of it."""
        if self.difference is None:
            return self.ours == self.reference
        return abs(self.difference) <= STANDARD_ERRORS * self.error + 0.5 * 10.0**-self.digits + 1e-9

    def as_json(self) -> dict[str, Any]:
        """Return the figure in the form that `--json` writes."""
        return {
            "task": self.name,
            "reference": self.reference,
            "ours": self.ours,
            "difference": self.difference,
            "standard error": self.error or None,
            "agrees": self.agrees,
        }


def show_figures(console: Console, title: str, figures: Iterable[Figure]) -> None:
    """Print one line per figure: reference, ours, difference, and a mark where they agree."""
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", title=title, title_justify="left")
    for name in ("figure", "reference", "ours", "difference", ""):
        grid.add_column(name, justify="left" if name in ("figure", "") else "right", overflow="fold")
    for figure in figures:
        grid.add_row(Text(figure.name), *_cells(figure), "✓" if figure.agrees else "✗")
    console.print(grid)
    console.print()


def show_steps(console: Console, title: str, figures: Iterable[Figure]) -> None:
    """Print one line per step, for figures called "step: what": each reference, and ours where it does not agree."""
    lines: dict[str, dict[str, str]] = {}
    for figure in figures:
        step, what = figure.name.split(": ")
        reference, ours, _ = _cells(figure)
        lines.setdefault(step, {})[what] = f"{reference} ✓" if figure.agrees else f"{reference} ✗ {ours}"
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", title=title, title_justify="left")
    columns = list(dict.fromkeys(what for cells in lines.values() for what in cells))
    for name in ("step", *columns):
        grid.add_column(name, justify="left" if name == "step" else "right")
    for step, cells in lines.items():
        grid.add_row(Text(step), *[Text(cells.get(what, "")) for what in columns])
    console.print(grid)
    console.print()


def show_measured(console: Console, measured: Mapping[str, Mapping[str, float]]) -> None:
    """Print what was measured here and has no reference: a line per section, its numbers with their names."""
    for title, numbers in measured.items():
        console.print(Text(title, style="italic"))
        for name, value in numbers.items():
            shown = f"{value:,.0f}" if isinstance(value, int) or value >= 100 else f"{value:.3g}"
            console.print(Text(f"  {name:<40}{shown}"))
    console.print()


def write_figures(
    path: Path, suite: str, protocol: str, figures: Sequence[Figure], measured: Mapping[str, Mapping[str, object]]
) -> None:
    """Write {"suite", "protocol", "tasks", "summary"} to a file: a task is a figure, the summary what was measured."""
    data = {
        "suite": suite,
        "protocol": protocol,
        "tasks": [figure.as_json() for figure in figures],
        "summary": {"figures": len(figures), "agree": sum(figure.agrees for figure in figures), **measured},
    }
    path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _cells(figure: Figure) -> tuple[str, str, str]:
    if isinstance(figure.reference, str) or isinstance(figure.ours, str):
        return str(figure.reference), str(figure.ours), ""
    digits = figure.digits
    ours = f"{figure.ours:,.{digits}f}" + (f" ± {figure.error:.{digits}f}" if figure.error else "")
    return f"{figure.reference:,.{digits}f}", ours, f"{figure.difference:+.{digits + 1 if digits else 0}f}"
