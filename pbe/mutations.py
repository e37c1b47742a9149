"""Made-up inputs: a real row changed in small ways, each of which some readings of an example notice and others do not.

The changes are those on which programs over cells come apart: how many words there are and in which order, casing, the
digits and how many, a delimiter that repeats, another day or hour, a cell left empty. They are few and deterministic.
Rows put together of two real ones are likelier to be real themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, date, datetime, time, timedelta

from dsl.strings.tokens import DIGITS, WORD, spans
from dsl.task import Row, row_key
from dsl.types import Cell

MOST = 24
"""Rows made up for one task."""
MOST_CROSSED = 48
"""Rows put together of two for one task."""
_DELIMITER = re.compile(r"(?<=[^\W_])[\W_]+(?=[^\W_])")
OTHER_DIGITS = str.maketrans("0123456789", "3456789012")


def made_up_rows(rows: Sequence[Row], most: int = MOST) -> list[Row]:
    """Return rows unlike any of the given ones and unlike each other, each a given one with one cell changed.

    Rows take turns, so that the first change of each comes before the second of any.
    """
    known = {row_key(row) for row in rows}
    found: list[Row] = []
    waiting = [_changed(row) for row in rows]
    while waiting and len(found) < most:
        for changes in list(waiting):
            made = next((row for row in changes if row_key(row) not in known), None)
            if made is None:
                waiting.remove(changes)
            else:
                known.add(row_key(made))
                found.append(made)
    return found[:most]


def crossed_rows(rows: Sequence[Row], most: int = MOST_CROSSED) -> list[Row]:
    """Return rows unlike any of the given ones and unlike each other, each one of these with one cell crossed.

    It is another row's cell, or a text begun by one row's up to a delimiter between words and ended by another's, or
    ended there. Neighbours are crossed first, every row with the one after it.
    """
    known = {row_key(row) for row in rows}
    found: list[Row] = []
    for gap in range(1, len(rows)):
        for index, row in enumerate(rows):
            for made in _crossed(row, rows[(index + gap) % len(rows)]):
                if row_key(made) not in known:
                    known.add(row_key(made))
                    found.append(made)
            if len(found) >= most:
                return found[:most]
    return found


def _crossed(row: Row, other: Row) -> Iterator[Row]:
    for index, (cell, another) in enumerate(zip(row, other, strict=True)):
        cells: list[Cell] = [another] if len(row) > 1 else []
        if isinstance(cell, str) and isinstance(another, str):
            cells += _spliced(cell, another)
        for made in cells:
            yield (*row[:index], made, *row[index + 1 :])


def _spliced(text: str, other: str) -> Iterator[str]:
    """Yield a text up to its last and its first delimiter, each with what stands from the other's on; then ended there.

    A text without a delimiter goes before the other's last part.
    """
    ours, theirs = list(_DELIMITER.finditer(text)), list(_DELIMITER.finditer(other))
    if theirs:
        for place in (-1, 0) if ours else ():
            yield text[: ours[place].start()] + other[theirs[place].start() :]
        if not ours:
            yield text + other[theirs[-1].start() :]
    if ours:
        yield text[: ours[-1].start()]


def _changed(row: Row) -> Iterator[Row]:
    for index, cell in enumerate(row):
        for changed in _cells(cell):
            yield (*row[:index], changed, *row[index + 1 :])


def _cells(cell: Cell) -> Iterator[Cell]:
    if isinstance(cell, str):
        yield from _texts(cell)
    elif isinstance(cell, (int, float)) and not isinstance(cell, bool):
        yield from (cell + 1, cell * 10, -cell, cell + 0.5)
    elif isinstance(cell, date) and cell.year < MAXYEAR - 1:
        yield from [cell + timedelta(days=days) for days in (1, 31, 366)]
        if isinstance(cell, datetime):
            yield cell + timedelta(hours=12, minutes=7)
    elif isinstance(cell, time):
        yield from (cell.replace(hour=(cell.hour + 12) % 24), cell.replace(minute=(cell.minute + 7) % 60))
    if cell is not None:
        yield None


def _texts(text: str) -> Iterator[str]:
    words = spans(WORD, text)
    if len(words) > 1:
        (first, end), (start, last) = words[0], words[-1]
        delimiter = text[end : words[1][0]]
        yield text[:end] + delimiter + text[start:last] + text[end:]  # one more word, in the middle
        yield text[:end] + text[last:]  # the first alone
        yield text[:first] + text[start:last] + text[end:start] + text[first:end] + text[last:]  # both ends swapped
        yield text[:end] + delimiter + text[end:]  # a delimiter twice
    for start, end in spans(DIGITS, text)[:1]:
        yield text[:start] + text[start:end] + "0" + text[end:]
        yield text[:start] + text[start:end].translate(OTHER_DIGITS) + text[end:]
        yield text[:start] + "0" + text[start:]
    yield from (text.upper(), text.lower(), text.capitalize())
    if words:
        yield text[: words[-1][1]] + text[words[-1][0] : words[-1][1]] + text[words[-1][1] :]  # the last word longer
    else:
        yield text + "A1"  # a word where there was none
