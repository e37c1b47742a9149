"""A sheet as a file to take away: a workbook with values or formulas, delimited text, the program."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from openpyxl import Workbook

from app.cell_types import converter
from app.filling import input_row
from app.sheets.sheet import Column, Sheet, current_table
from app.workbook import CellWrite, Table, Value, patch_csv, patch_workbook
from app.workbook.delimited import shown
from dsl.emit import Unsupported
from dsl.interpreter import outputs
from dsl.types import as_text


def workbook(sheet: Sheet, formulas: bool = False) -> bytes:
    """Return the workbook with what was typed, accepted and is on show; a doubtful prediction gets an amber fill.

    All else stays as it was; a sheet that came as text becomes a new workbook. With `formulas` the cells that a program
    filled hold its formula wherever that gives the same. Raises BookError where the file cannot take the cells.
    """
    table = sheet.table
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "filled.xlsx"
        if table.sheet is not None:
            patch_workbook(table.source, target, table.sheet, changes(sheet, formulas))
            return target.read_bytes()
        blank = Path(folder) / "blank.xlsx"
        fresh = Workbook()
        fresh.active.title = "Sheet1"
        fresh.save(blank)
        cells = {write.address: write for write in (*_all_cells(table), *changes(sheet, formulas))}
        patch_workbook(blank, target, "Sheet1", cells.values())
        return target.read_bytes()


def delimited(sheet: Sheet) -> bytes:
    """Return the sheet as delimited text, values only: the file as it came with the cells changed, or a new one."""
    if sheet.table.sheet is None:
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / f"filled{sheet.table.source.suffix}"
            patch_csv(sheet.table, target, changes(sheet))
            return target.read_bytes()
    text = io.StringIO()
    writer = csv.writer(text)
    if sheet.table.has_header:
        writer.writerow([column.header for column in sheet.columns])
    writer.writerows(zip(*[map(shown, filled_cells(column)) for column in sheet.columns], strict=True))
    return text.getvalue().encode("utf-8-sig")  # the mark tells Excel that this is UTF-8


def program(column: Column) -> bytes:
    """Return the file for `pbe apply` of the program that was learnt for a column."""
    assert column.filling is not None and column.filling.answer.program is not None
    saved = column.filling.saved(column.filling.answer.program)
    return replace(saved, output=column.header).text().encode()


def filled_cells(column: Column) -> list[Value]:
    """Return a column's cells with what is on show in the empty ones, numbers and dates where the examples are."""
    cells = list(column.cells)
    filling = column.preview
    if filling is not None and filling.answer.program is not None:
        convert = converter(filling.output_type)
        for place in filling.empty:
            row = filling.rows[place]
            if column.open_at(row):
                cells[row] = convert(filling.answer.outputs[place])
    return cells


def changes(sheet: Sheet, formulas: bool = False) -> Iterator[CellWrite]:
    """Yield the cells that differ from the table as it was read."""
    table = sheet.table
    for index, column in enumerate(sheet.columns):
        now = filled_cells(column)
        if column.added and all(cell is None for cell in now):
            continue
        before: tuple[Value, ...] = () if column.added else tuple([row[index] for row in table.rows])
        if column.added and table.has_header and table.first_row > 1:
            yield CellWrite(table.first_row - 1, column.letters, column.header)
        live = _formulas(sheet, column) if formulas else {}
        doubtful = _doubtful(column)
        for row, value in enumerate(now):
            if column.added or not _same(value, before[row]):
                formula = live.get(row)
                value = "" if value is None and formula is not None else value
                yield CellWrite(table.sheet_row(row), column.letters, value, formula, row in doubtful)


def _same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and one == other


def _doubtful(column: Column) -> set[int]:
    filling = column.preview
    return {filling.rows[place] for place in filling.doubtful} if filling else set()


def _formulas(sheet: Sheet, column: Column) -> dict[int, str]:
    """Return the formulas of a column by row, where the program gives the cell and Excel reads its inputs alike."""
    learnt = column.filling
    if learnt is None or learnt.answer.program is None:
        return {}
    filling, program = replace(learnt, table=_as_now(sheet, learnt.table)), learnt.answer.program
    try:
        formula = filling.formulas(program)
    except Unsupported:
        return {}
    values = filled_cells(column)
    rows = [input_row(filling.table, filling.inputs, filling.rows[place]) for place in filling.empty]
    return {
        filling.rows[place]: formula(filling.sheet_row(place))
        for place, output in zip(filling.empty, outputs(program, rows), strict=True)
        if (as_text(values[filling.rows[place]]) or None) == output
        and filling.unlike_in_excel(program, place) is None
    }


def _as_now(sheet: Sheet, table: Table) -> Table:
    """Return a table that something was learnt from with the cells as they are now."""
    now = current_table(sheet)
    kept = [now.columns.index(letters) for letters in table.columns]
    return replace(table, rows=[tuple([row[place] for place in kept]) for row in now.rows])


def _all_cells(table: Table) -> Iterator[CellWrite]:
    if table.has_header and table.first_row > 1:
        for letters, header in zip(table.columns, table.headers, strict=True):
            yield CellWrite(table.first_row - 1, letters, header)
    for index, row in enumerate(table.rows):
        for letters, value in zip(table.columns, row, strict=True):
            if value is not None:
                yield CellWrite(table.sheet_row(index), letters, value)
