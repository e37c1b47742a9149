"""The type that a column's cells have: predicted text is written back as numbers or dates where the examples are."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date, datetime, time

from app.workbook.table import is_blank
from dsl.types import Cell, as_text

Convert = Callable[[str | None], Cell]


def cell_type(examples: Iterable[Cell]) -> str:
    """Return "number", "boolean", "datetime", "date" or "time" where all examples are that, else "text"."""
    kinds = {type(example) for example in examples if not is_blank(example)}
    if kinds and kinds <= {int, float}:
        return "number"
    names: dict[type, str] = {bool: "boolean", datetime: "datetime", date: "date", time: "time"}
    return names.get(next(iter(kinds)), "text") if len(kinds) == 1 else "text"


def converter(name: str) -> Convert:
    """Return what turns a program's text into cells of a type; text that is not exactly such a cell stays text."""
    read = _READERS.get(name)
    return (lambda text: text) if read is None else (lambda text: _converted(read, text))


def _converted(read: Callable[[str], Cell], text: str | None) -> Cell:
    try:
        cell = read(text or "")
    except ValueError:
        return text
    return cell if as_text(cell) == text else text


def _number(text: str) -> Cell:
    number = float(text)
    return int(number) if math.isfinite(number) and number.is_integer() else number


def _boolean(text: str) -> Cell:
    return {"TRUE": True, "FALSE": False}.get(text)


_READERS: dict[str, Callable[[str], Cell]] = {
    "number": _number,
    "boolean": _boolean,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}

TYPES = ("text", *_READERS)
