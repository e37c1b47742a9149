"""Applying a saved program to a table: its output column is filled where empty, or added behind the last column."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.cell_types import converter
from app.filling import Progress, input_row, write_cells
from app.programs import SavedProgram
from app.workbook import BookError, CellWrite, Table
from app.workbook.cells import column_letters, column_number
from app.workbook.table import column_index, is_blank
from dsl.interpreter import outputs


@dataclass(frozen=True, slots=True)
class Applied:
    """The column written, how many cells got a value, and how many the program leaves blank."""

    column: str
    filled: int
    blank: int


def apply_program(
    saved: SavedProgram,
    table: Table,
    target: Path,
    column: str | None = None,
    *,
    in_place: bool = False,
    progress: Progress | None = None,
) -> Applied:
    """Write a copy of the table's file in which the program has filled its column; cells with a value are kept.

    Raises BookError when a column that the program reads is missing.
    """
    inputs = tuple(_input_column(table, name) for name in saved.inputs)
    place = _output_column(table, saved, column)
    letters = table.columns[place] if place is not None else _next_column(table)
    rows = [
        row
        for row in range(len(table.rows))
        if (place is None or (is_blank(table.rows[row][place]) and not table.has_formula(row, place)))
        and not all(map(is_blank, table.rows[row]))
    ]
    values = outputs(saved.program, [input_row(table, inputs, row) for row in rows])
    convert = converter(saved.output_type)
    writes = [
        CellWrite(table.sheet_row(row), letters, convert(value)) for row, value in zip(rows, values, strict=True)
    ]
    if place is None and table.has_header and table.first_row > 1:
        writes.insert(0, CellWrite(table.first_row - 1, letters, saved.output))
    write_cells(table, target, writes, in_place=in_place, progress=progress)
    blank = sum(value is None for value in values)
    return Applied(letters, len(values) - blank, blank)


def _input_column(table: Table, name: str) -> int:
    try:
        return column_index(table, name)
    except BookError as error:
        raise BookError(f"The program reads a column “{name}”. {error}") from None


def _output_column(table: Table, saved: SavedProgram, column: str | None) -> int | None:
    if column is not None:
        return column_index(table, column)
    known = {header.strip().casefold(): place for place, header in enumerate(table.headers)}
    return known.get(saved.output.strip().casefold())


def _next_column(table: Table) -> str:
    return column_letters(max(map(column_number, table.columns), default=0) + 1)
