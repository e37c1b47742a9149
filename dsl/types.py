"""What a cell may hold, and the types that operators are written in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeAlias

Cell: TypeAlias = str | int | float | bool | datetime | date | time | None
"""A cell as it comes from a sheet; None is a blank cell."""

Value: TypeAlias = Any
"""What a program may compute: a cell, a position, a token. None means undefined (in an output: blank)."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type of the languages, known by its name."""

    name: str

    def __repr__(self) -> str:
        return self.name


TEXT = Type("text")
INTEGER = Type("integer")
POSITION = Type("position")
"""A place between two characters: 0 is before the first, len(text) after the last."""
TOKEN = Type("token")
"""A token class (letters, digits, …) or a literal text that stands in the cells."""
BOOLEAN = Type("boolean")
LITERAL = Type("literal")
"""A text, not empty, that stands in the cells as it is: a delimiter, something to replace."""
TABLE = Type("table")
"""The name of a closed table of pairs, such as month names."""
MOMENT = Type("moment")
"""A date, a time, or both (`dsl.strings.moments.Moment`)."""
READING = Type("reading")
"""How a column's dates and times are read: patterns with " | " between them, such as "d/M/yyyy | d MMM yyyy"."""
PATTERN = Type("pattern")
"""How a date or a time is written, such as "d MMM yyyy"."""
MODE = Type("mode")
"""How dates and times are rounded: down, up, nearest, next, last."""
STEP = Type("step")
"""What dates and times are rounded to: "30 minutes", "2 hours from 1 hour", "1 week from Sunday"."""
AMOUNT = Type("amount")
"""How far dates and times are shifted: "1 day", "-3 months"."""


def as_text(cell: Cell) -> str | None:
    """Return the text that string programs see in a cell; None stays None.

    Whole floats lose their ".0", booleans read TRUE and FALSE, dates and times are ISO 8601.
    """
    if cell is None or type(cell) is str:
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return format(cell, ".15g")
    if isinstance(cell, datetime):
        return str(cell.date()) if cell.time() == time() else cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.isoformat("seconds")
    return str(cell)
