"""What a task's cells show about numbers: which columns hold them, how they are written, where they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dsl.strings import numbers as n
from dsl.strings.numbers import NumberStyle
from dsl.task import Task
from dsl.types import Cell, as_text

MOST_READ = 4
"""Numbers of a cell that are looked at, from either end."""
MOST_ROWS = 2000

Vector = tuple[Decimal, ...]
"""One number per example."""

DIGIT = re.compile("[0-9]")
ENDING = re.compile(r"[0-9](?:st|nd|rd|th)\b")
WORD = re.compile(
    r"(?i)\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|(?:twen|thir|for|fif|six"
    r"|seven|eigh|nine)ty)\b"
)
_TOKEN = re.compile(r"(?:(?<![0-9A-Za-z)])[-−+])?[0-9]+(?:[.,][0-9]+)*")
_FRACTION = re.compile(r"[.,][0-9]|[0-9](?:[eE][-+]?[0-9]|[KMBT]$|%)")
_TRAILING = re.compile(r"[.,][0-9]*0(?![0-9])")
_NEGATIVE = re.compile(r"(?<![0-9A-Za-z)])[-−(][^0-9A-Za-z]?[0-9]")
_BESIDE = re.compile(r"^ +[0-9]|[0-9.] +$|\([^0-9()]{0,3}[0-9.,]+[^0-9()]{0,3}\)")
_MARKED = re.compile(r"[0-9]+(?:[.,'’][0-9]+)+|[.,][0-9]+")


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A column with numbers: its styles, and whether some cell ends decimals in 0, is not whole, is negative."""

    styles: tuple[NumberStyle, ...]
    trailing: bool
    fractional: bool
    negative: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A number that can be read from every example: which column and style, which one (0: the whole cell)."""

    column: int
    style: NumberStyle
    k: int
    values: Vector


def number_columns(task: Task) -> dict[int, NumberColumn]:
    """Return the columns in which digits stand."""
    found = {}
    for index in range(len(task.rows[0])):
        cells = [text[:400] for row in task.rows[:MOST_ROWS] if (text := as_text(row[index])) and DIGIT.search(text)]
        if cells:
            kinds = [any(map(pattern.search, cells)) for pattern in (_TRAILING, _FRACTION, _NEGATIVE)]
            found[index] = NumberColumn(tuple(column_styles(cells)), *kinds)
    return found


def only_numbers(rows: Sequence[Sequence[Cell]]) -> bool:
    """Return whether every cell that has something in it is a number and nothing else."""
    cells = [text for row in rows for cell in row if (text := as_text(cell))]
    return bool(cells) and all(
        any(n.number.apply(text, style) is not None for style in (n.POINT, n.COMMA)) for text in cells
    )


def conceivable(examples: Sequence[tuple[Sequence[str], str]]) -> bool:
    """Return whether an output has a number that does not stand in the inputs as it is."""
    for inputs, target in examples:
        cells = "\n".join(inputs)[:4000]
        target = target[:400]
        if not DIGIT.search(cells):
            continue
        if not set(_TOKEN.findall(target)) <= set(_TOKEN.findall(cells)):
            return True
        if any(found not in cells for found in ENDING.findall(target)):
            return True
        beside = _BESIDE.search(target)
        if (beside and beside[0] not in cells) or (WORD.search(target) and not WORD.search(cells)):
            return True
    return False


def column_styles(cells: Sequence[str]) -> list[NumberStyle]:
    """Return the styles that a column's numbers may have been written in: one, or both where no row settles it."""
    point = comma = marked = False
    for text in cells:
        for found in _MARKED.finditer(text):
            token = found[0]
            last = max(token.rfind("."), token.rfind(","))
            if last < 0:
                continue
            marked = True
            mark, other = token[last], "," if token[last] == "." else "."
            decimals, front = len(token) - last - 1, token[:last]
            if mark in front:  # a mark that comes twice marks thousands
                point, comma = point or mark == ",", comma or mark == "."
            elif other in front or decimals != 3 or front in ("", "0", "00") or len(front) > 3:
                point, comma = point or mark == ".", comma or mark == ","
    if point == comma:
        return [n.POINT, n.COMMA] if marked else [n.POINT]
    return [n.POINT] if point else [n.COMMA]


def sources(inputs: Sequence[Sequence[str]], columns: Mapping[int, NumberColumn]) -> Iterator[Source]:
    """Yield what can be read as a number from the inputs of all examples."""
    for column, shown in columns.items():
        cells = [row[column][:2000] for row in inputs]
        for style in shown.styles:
            whole = [n.number.apply(cell, style) for cell in cells]
            if None not in whole:
                yield Source(column, style, 0, tuple(whole))
            for k in (*range(1, MOST_READ + 1), *range(-1, -MOST_READ - 1, -1)):
                part = [n.number_in.apply(cell, style, k) for cell in cells]
                if None not in part:
                    yield Source(column, style, k, tuple(part))
