"""What is taken away from a sheet: opened again and compared with what was on show."""

from __future__ import annotations

import csv
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from commandline import book
from previews import learnt

from app.programs import SavedProgram
from app.sheets import downloads
from app.sheets import sheet as sheets
from app.sheets.opening import opened, pasted_text
from app.sheets.sheet import Sheet

ROWS = [
    ["Name", "Pay", "Last"], ["Jan Kotas", 10, "Kotas"], ["Eva Lind", 20, None], ["Ann Hellung-Larsen", 30, None],
    ["=1+1 Moos", 40, None], ["<b>Bo</b> Ek", 50, None],
]  # fmt: skip
LAST = ["Kotas", "Lind", "Hellung-Larsen", "Moos", "Ek"]


@pytest.fixture
def from_book(tmp_path: Path) -> Sheet:
    return learnt(opened(book(tmp_path / "pay.xlsx", ROWS)))


@pytest.fixture
def from_text(tmp_path: Path) -> Sheet:
    lines = ["\t".join("" if cell is None else str(cell) for cell in row) for row in ROWS]
    return learnt(opened(pasted_text("\n".join(lines), tmp_path)))


def cells(data: bytes, formulas: bool = False) -> list[tuple[object, ...]]:
    return [tuple(row) for row in openpyxl.load_workbook(io.BytesIO(data), data_only=not formulas).active.values]


def test_the_workbook_holds_the_preview_and_amber_where_it_is_doubtful(from_book: Sheet) -> None:
    data = downloads.workbook(from_book)
    assert [row[2] for row in cells(data)[1:]] == LAST
    assert [row[1] for row in cells(data)[1:]] == [10, 20, 30, 40, 50]
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    amber = [row for row in range(2, 7) if sheet.cell(row, 3).fill.patternType == "solid"]
    assert amber == [row + 2 for row in sorted(_doubtful(from_book))]
    assert amber


def _doubtful(sheet: Sheet) -> set[int]:
    assert sheet.filling is not None
    return {sheet.filling.rows[place] for place in sheet.filling.doubtful}


def test_all_other_parts_of_the_workbook_stay_as_they_were(from_book: Sheet) -> None:
    before, after = (zipfile.ZipFile(io.BytesIO(data)) for data in (
        from_book.table.source.read_bytes(), downloads.workbook(sheets.accepted_all(from_book, 2))
    ))  # fmt: skip
    changed = {name for name in before.namelist() if before.read(name) != after.read(name)}
    assert changed == {"xl/worksheets/sheet1.xml"}
    assert before.namelist() == after.namelist()


def test_formulas_stand_where_the_program_still_gives_the_cell(from_book: Sheet) -> None:
    done = sheets.accepted_all(from_book, 2)
    changed = sheets.edited(sheets.edited(done, 1, 2, "LIND"), 2, 0, "Ann Olsen")
    column = [row[2] for row in cells(downloads.workbook(changed, formulas=True), formulas=True)[1:]]
    assert column[:3] == ["Kotas", "LIND", "Hellung-Larsen"]
    assert all(str(cell).startswith("=") for cell in column[4:])
    shown = [row[2] for row in cells(downloads.workbook(changed, formulas=True))[1:]]
    assert shown == ["Kotas", "LIND", "Hellung-Larsen", "Moos", "Ek"]


@pytest.mark.parametrize("formulas", [False, True])
def test_pasted_cells_become_a_workbook_in_which_text_is_text(from_text: Sheet, formulas: bool) -> None:
    data = downloads.workbook(from_text, formulas)
    found = openpyxl.load_workbook(io.BytesIO(data)).active
    assert [cell.value for cell in found["A"]] == [row[0] for row in ROWS]
    assert [cell.data_type for cell in found["A"]] == ["s"] * 6
    assert [row[2] for row in cells(data)[1:]] == LAST


def test_an_added_column_gets_its_header_beside_the_table(from_book: Sheet) -> None:
    wider = sheets.named(sheets.edited(from_book, 0, 3, "10 EUR"), 3, "Amount")
    rows = cells(downloads.workbook(learnt(wider)))
    assert [row[3] for row in rows] == ["Amount", "10 EUR", "20 EUR", "30 EUR", "40 EUR", "50 EUR"]
    assert len(cells(downloads.workbook(sheets.with_column(from_book)))[0]) == 3


def test_delimited_text_from_a_workbook_and_from_text(from_book: Sheet, from_text: Sheet) -> None:
    expected = [[str(cell) for cell in row[:2]] + [last] for row, last in zip(ROWS, ["Last", *LAST], strict=True)]
    for sheet in (from_book, from_text):
        text = downloads.delimited(sheet).decode("utf-8-sig")
        assert list(csv.reader(io.StringIO(text))) == expected


def test_the_program_file_reads_back(from_book: Sheet, tmp_path: Path) -> None:
    assert from_book.filling is not None
    file = tmp_path / "last.pbe"
    file.write_bytes(downloads.program(from_book.columns[2]))
    saved = SavedProgram.load(file)
    assert (saved.program, saved.inputs, saved.output) == (from_book.filling.answer.program, ("Name",), "Last")
