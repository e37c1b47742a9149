"""Reads one sheet of a workbook, or a delimited text file, into a Table."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from app.workbook.cells import CellError, Value, column_letters
from app.workbook.delimited import read_records
from app.workbook.errors import BookError
from app.workbook.headers import looks_like_header
from app.workbook.package import inspect, open_package, read_tree, related_parts, table_header, verify
from app.workbook.scan import MAX_CELLS, SheetFacts, scan_sheet
from app.workbook.table import Table

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm"})
TEXTS = frozenset({".csv", ".tsv", ".tab", ".txt"})
_EXACT = 1e15  # above it a float no longer tells whole numbers apart as a spreadsheet shows them

Raw = str | int | float | bool | time | date | datetime | timedelta


def read_table(
    path: Path, sheet: str | None = None, header: bool | None = None, *, most_cells: int = MAX_CELLS
) -> Table:
    """The table of one sheet (without a name: the active one) of a workbook, or of a .csv or .tsv file.

    `header` says whether the first filled row names the columns; None decides by its looks. Values of text
    files stay text. Raises BookError when the file is missing, encrypted, signed, damaged or of another kind,
    has no such sheet, or spreads over more than `most_cells` cells.
    """
    path = Path(path)
    if path.suffix.lower() in TEXTS:
        if sheet is not None:
            raise BookError(f"{path.name} is a text file and has no sheets; leave the sheet “{sheet}” out.")
        return _assemble(Table(path, None, (), (), 1, []), read_records(path, most_cells), 0, header, most_cells)
    if path.suffix.lower() not in WORKBOOKS and path.exists():
        _refuse_kind(path)
    return _read_workbook(path, sheet, header, most_cells)


def sheet_names(path: Path) -> tuple[str, ...]:
    """The names of the worksheets of a workbook, in order; raises BookError as `read_table` does."""
    with open_package(Path(path)) as archive:
        return tuple(sheet.name for sheet in inspect(Path(path), archive).sheets)


def _refuse_kind(path: Path) -> None:
    with open_package(path):  # says more than the suffix does: encrypted, an old .xls, not a workbook
        pass
    raise BookError(f"{path.name} is not of a kind that can be read; use .xlsx, .xlsm, .csv or .tsv.")


def _read_workbook(path: Path, name: str | None, header: bool | None, most_cells: int) -> Table:
    with open_package(path) as archive:
        sheet = inspect(path, archive).sheet(name)
        verify(archive)
        if sheet.part not in archive.namelist():
            raise BookError(
                f"{path.name} lacks the part of the sheet “{sheet.name}”; open it in Excel and save it."
            )
        facts = scan_sheet(archive, sheet.part, most_cells)
        tops = _table_tops(archive, sheet.part)
    try:
        with CalamineWorkbook.from_path(path) as book:
            found = book.get_sheet_by_name(sheet.name)
            left = found.start[1] if found.start is not None else 0
            merged = tuple(_reference(area) for area in found.merged_cell_ranges or ())
            grid = [[_value(value) for value in row] for row in found.iter_rows()]
    except (CalamineError, OSError) as error:
        raise BookError(
            f"The sheet “{sheet.name}” of {path.name} cannot be read ({error}); save it anew in Excel."
        ) from error
    grid, left = _with_errors(grid, left, facts)
    frame = Table(path, sheet.name, (), (), 1, [], frozenset(facts.formulas), merged)
    first = _first_filled(grid)
    certain = True if header is None and first is not None and first + 1 in tops else header
    return _assemble(frame, grid, left, certain, most_cells)


def _table_tops(archive: zipfile.ZipFile, part: str) -> set[int]:
    """The sheet rows that are the header row of an Excel table."""
    headers = (table_header(read_tree(archive, table)) for table in related_parts(archive, part, "table"))
    return {area.top for area in headers if area is not None}


def _value(raw: Raw) -> Value:
    if isinstance(raw, str):
        return raw or None
    if isinstance(raw, float):
        return int(raw) if raw.is_integer() and abs(raw) < _EXACT else raw
    if isinstance(raw, timedelta):
        seconds = round(raw.total_seconds())
        sign, seconds = "-" if seconds < 0 else "", abs(seconds)
        return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return raw


def _with_errors(grid: list[list[Value]], left: int, facts: SheetFacts) -> tuple[list[list[Value]], int]:
    """The grid with error values put in, which the reader leaves blank, grown where they lie outside it."""
    if not facts.errors:
        return grid, left
    height = max(row for row, _ in facts.errors)
    first = min(column for _, column in facts.errors) - 1
    last = max(column for _, column in facts.errors)
    shift = max(left - first, 0) if grid else 0
    left = min(left, first) if grid else first
    width = max(last - left, max((len(row) for row in grid), default=0) + shift)
    wide = [[None] * shift + row + [None] * (width - shift - len(row)) for row in grid]
    wide += [[None] * width for _ in range(height - len(wide))]
    for (row, column), text in facts.errors.items():
        wide[row - 1][column - 1 - left] = CellError(text)
    return wide, left


def _assemble(
    frame: Table, grid: Sequence[Sequence[Value]], left: int, header: bool | None, most_cells: int
) -> Table:
    """The frame with rows, columns and headers from a grid that starts at row 1 and column `left` from 0."""
    first = _first_filled(grid)
    if first is None:
        return frame
    last = max(index for index in range(first, len(grid)) if _filled(grid[index]))
    width = max(len(row) for row in grid)
    if (last + 1 - first) * width > most_cells:
        raise BookError(
            f"{frame.source.name} spreads over {last + 1 - first:,} rows of {width:,} cells; at most {most_cells:,} "
            "cells can be read."
        )
    body = [(*row, *[None] * (width - len(row))) for row in grid[first : last + 1]]
    used = [index for index in range(width) if any(row[index] is not None for row in body)]
    rows = body if len(used) == width else [tuple(row[index] for index in used) for row in body]
    if header is None:
        header = looks_like_header(rows[0], [row for row in rows[1:500] if _filled(row)])
    letters = tuple(column_letters(left + index + 1) for index in used)
    heads = rows[0] if header else (None,) * len(used)
    start = first + (2 if header else 1)
    return Table(
        source=frame.source,
        sheet=frame.sheet,
        headers=tuple(_header(value, letter) for value, letter in zip(heads, letters, strict=True)),
        columns=letters,
        first_row=start,
        rows=rows[1:] if header else rows,
        formulas=frame.formulas,
        merged=frame.merged,
        has_header=header,
    )


def _first_filled(grid: Sequence[Sequence[Value]]) -> int | None:
    return next((index for index, row in enumerate(grid) if _filled(row)), None)


def _filled(row: Sequence[Value]) -> bool:
    return any(value is not None for value in row)


def _header(value: Value, letters: str) -> str:
    text = "" if value is None else str(value).strip()
    return text or letters


def _reference(area: tuple[tuple[int, int], tuple[int, int]]) -> str:
    (top, left), (bottom, right) = area
    return f"{column_letters(left + 1)}{top + 1}:{column_letters(right + 1)}{bottom + 1}"
