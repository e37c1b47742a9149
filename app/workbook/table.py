"""A sheet as rows of values, and which of its columns is waiting to be filled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.workbook.cells import CellError, Value, column_number, parse_area
from app.workbook.errors import BookError


@dataclass(frozen=True, slots=True)
class Table:
    """The data rows of one sheet or text file, in the columns that hold anything."""

    source: Path
    sheet: str | None
    headers: tuple[str, ...]
    columns: tuple[str, ...]
    first_row: int
    rows: list[tuple[Value, ...]]
    formulas: frozenset[tuple[int, str]] = (
        frozenset()
    )  # (sheet row, column letters) of cells that hold a formula
    merged: tuple[str, ...] = ()
    has_header: bool = True

    def sheet_row(self, index: int) -> int:
        """The row number in the sheet of a data row."""
        return self.first_row + index

    def has_formula(self, index: int, column_index: int) -> bool:
        """True when that cell of a data row holds a formula."""
        return (self.first_row + index, self.columns[column_index]) in self.formulas

    def name(self, column_index: int) -> str:
        """The column as an error message calls it: its letter, and its header where it has one."""
        header, letters = self.headers[column_index], self.columns[column_index]
        return letters if header == letters else f"{letters} (“{header}”)"


@dataclass(frozen=True, slots=True)
class Target:
    """The column to fill: which data rows give examples, and which are empty."""

    column_index: int
    example_rows: list[int]
    empty_rows: list[int]


def find_target(table: Table, column: str | None = None, *, need_empty: bool = True) -> Target:
    """The named column, or the one that is partly filled (of several, the last that is filled from the top).

    Only rows count in which another column has a value. With `need_empty` false a named column may be full.
    Raises BookError when there is nothing to fill, no
    example to learn from, no such column, more than one that could be meant, or a cell to be filled is
    merged.
    """
    if not table.rows:
        raise BookError(f"{_place(table)} has no rows of data to fill.")
    target = _named(table, column, need_empty) if column is not None else _guessed(table)
    _refuse_merged(table, target)
    return target


def is_blank(value: Value) -> bool:
    """True for an empty cell, and for one with nothing but blanks in it."""
    return value is None or (
        isinstance(value, str) and not isinstance(value, CellError) and not value.strip()
    )


def _named(table: Table, column: str, need_empty: bool) -> Target:
    index = column_index(table, column)
    target = _targets(table)[index]
    if not target.example_rows:
        raise BookError(f"Column {table.name(index)} has no example; type one or two values into it first.")
    if need_empty and not target.empty_rows:
        raise BookError(f"Column {table.name(index)} is full already; there is nothing to fill.")
    return target


def _guessed(table: Table) -> Target:
    targets = _targets(table)
    candidates = [target for target in targets if target.example_rows and target.empty_rows]
    if not candidates:
        waiting = [target for target in targets if target.empty_rows]
        if waiting:
            name = table.name(waiting[-1].column_index)
            raise BookError(f"Column {name} has no example; type one or two values into it first.")
        raise BookError(
            f"{_place(table)} has no partly filled column; type one or two values into the one to fill."
        )
    if len(candidates) == 1:
        return candidates[0]
    from_top = [target for target in candidates if target.example_rows[-1] < target.empty_rows[0]]
    if from_top:
        return from_top[-1]
    names = ", ".join(table.name(target.column_index) for target in candidates)
    raise BookError(f"Several columns are partly filled: {names}; say which one to fill with --column.")


def _targets(table: Table) -> list[Target]:
    """For every column its examples and its empty cells, on the rows where another column has a value."""
    targets = [Target(index, [], []) for index in range(len(table.columns))]
    for number, row in enumerate(table.rows):
        blanks = [is_blank(value) for value in row]
        filled = len(row) - sum(blanks)
        for target, value, blank in zip(targets, row, blanks, strict=True):
            if filled - (not blank) == 0:
                continue
            if not blank:
                if not isinstance(value, CellError):
                    target.example_rows.append(number)
            elif not table.has_formula(number, target.column_index):
                target.empty_rows.append(number)
    return targets


def column_index(table: Table, column: str) -> int:
    """The place of a column named by header (exactly, then in any casing) or letter; raises BookError."""
    wanted = column.strip()
    by_header = [index for index, header in enumerate(table.headers) if header.strip() == wanted]
    if not by_header:
        folded = wanted.casefold()
        by_header = [
            index for index, header in enumerate(table.headers) if header.strip().casefold() == folded
        ]
    if len(by_header) == 1:
        return by_header[0]
    if by_header:
        letters = ", ".join(table.columns[index] for index in by_header)
        raise BookError(
            f"The header “{wanted}” stands over several columns ({letters}); name one by its letter."
        )
    if wanted.upper() in table.columns:
        return table.columns.index(wanted.upper())
    names = ", ".join(table.name(index) for index in range(len(table.columns)))
    raise BookError(f"{_place(table)} has no column “{wanted}”; it has {names}.")


def _refuse_merged(table: Table, target: Target) -> None:
    if not table.merged:
        return
    column = column_number(table.columns[target.column_index])
    rows = {table.sheet_row(index) for index in target.empty_rows}
    touching = [text for text in table.merged if _touches(text, column, rows)]
    if touching:
        named = _first(touching)
        raise BookError(
            f"Cells to be filled in column {table.name(target.column_index)} are merged: "
            f"{named}; unmerge them first."
        )


def _touches(reference: str, column: int, rows: set[int]) -> bool:
    area = parse_area(reference)
    return area.left <= column <= area.right and any(row in rows for row in range(area.top, area.bottom + 1))


def _first(names: Iterable[str], most: int = 3) -> str:
    listed = list(names)
    return ", ".join(listed[:most]) + (f" and {len(listed) - most} more" if len(listed) > most else "")


def _place(table: Table) -> str:
    return f"The sheet “{table.sheet}”" if table.sheet is not None else table.source.name
