"""app.workbook.patch_workbook: what it refuses, and that nothing of the user's is lost or half-written."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path

import pytest
from workbooks import MAIN, ROWS, digest, fast, sheet_xml, slow, write_book

from app.workbook import BookError, CellWrite, in_place_backup, patch_workbook


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "book.xlsx", sheet_xml(ROWS))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.xlsx"


# -- refusals --

SHARED = '<row r="2"><c r="A2"><f t="shared" ref="A2:A4" si="0">B2</f><v>1</v></c></row>'
SHARED += '<row r="3"><c r="A3"><f t="shared" si="0"/></c></row>'
ARRAY = '<row r="2"><c r="A2"><f t="array" ref="A2:A4">B2:B4</f><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("xml", "write", "words"),
    [
        (sheet_xml(SHARED), CellWrite(2, "A", 1), "A2:A4 shares"),
        (sheet_xml(ARRAY), CellWrite(4, "A", 1), "array formula of A2:A4"),
        (
            sheet_xml(ROWS, after='<mergeCells count="1"><mergeCell ref="B4:C5"/></mergeCells>'),
            CellWrite(5, "C", 1),
            "merged cells B4:C5",
        ),
        (sheet_xml(ROWS), CellWrite(4, "B", "x" * 32_768), "32,768 characters"),
        (sheet_xml(ROWS), CellWrite(4, "B", "🙂" * 16_384), "32,768 characters"),
        (sheet_xml(ROWS), CellWrite(4, "B", float("nan")), "finite"),
        (sheet_xml(ROWS), CellWrite(4, "B", date(1899, 1, 1)), "before the calendar"),
        (sheet_xml(ROWS), CellWrite(4, "B", 1, " "), "is empty"),
        (sheet_xml(ROWS), CellWrite(4, "B", 1, "A" * 8_193), "8,193"),
        (sheet_xml(ROWS), CellWrite(0, "B", 1), "outside a sheet"),
        (sheet_xml(ROWS), CellWrite(1, "XFE", 1), "last one is XFD"),
        (sheet_xml(ROWS), CellWrite(1, "B1", 1), "not a column"),
        (sheet_xml('<row r="3"/><row r="2"/>'), CellWrite(2, "A", 1), "row 2 comes after row 3"),
        (sheet_xml('<row r="3"><c r="B3"/><c r="A3"/></row>'), CellWrite(3, "C", 1), "not in order"),
        (sheet_xml('<row r="x"/>'), CellWrite(3, "C", 1), "malformed"),
        (sheet_xml("<row"), CellWrite(3, "C", 1), "damaged"),
        ("<worksheet xmlns='urn:other'/>", CellWrite(3, "C", 1), "not a worksheet"),
        (f"<worksheet xmlns='{MAIN}'/>", CellWrite(3, "C", 1), "no cells"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]>" + sheet_xml("&b;"), CellWrite(3, "C", 1), "document type"),
    ],
)
def test_what_would_break_the_sheet_is_refused(
    tmp_path: Path, out: Path, xml: str, write: CellWrite, words: str
) -> None:
    book = write_book(tmp_path / "b.xlsx", xml)
    before = digest(book)
    with pytest.raises(BookError, match=words):
        patch_workbook(book, out, "Data", [CellWrite(1, "A", "ok"), write])
    assert digest(book) == before
    assert [path.name for path in tmp_path.iterdir()] == ["b.xlsx"]


def test_a_cell_that_only_follows_a_shared_formula_may_be_overwritten(tmp_path: Path, out: Path) -> None:
    patch_workbook(write_book(tmp_path / "b.xlsx", sheet_xml(SHARED)), out, "Data", [CellWrite(3, "A", "x")])
    assert fast(out)[2][0] == "x"


def test_two_writes_to_one_cell_and_unknown_sheets_are_refused(book: Path, out: Path) -> None:
    with pytest.raises(BookError, match="B4 is to be written twice"):
        patch_workbook(book, out, "Data", [CellWrite(4, "B", 1), CellWrite(4, "B", 2)])
    with pytest.raises(BookError, match="no sheet “Dta”; it has “Secret”, “Data”"):
        patch_workbook(book, out, "Dta", [])
    assert not out.exists()


# -- files --


def test_the_source_is_written_only_in_place_and_after_a_backup(book: Path, tmp_path: Path) -> None:
    before = book.read_bytes()
    link = tmp_path / "link.xlsx"
    link.symlink_to(book)
    for path in (book, link, tmp_path / "." / "book.xlsx"):
        with pytest.raises(BookError, match="write in place"):
            patch_workbook(book, path, "Data", [CellWrite(4, "B", "x")])
    assert book.read_bytes() == before
    (tmp_path / "book.bak.xlsx").write_text("older")
    patch_workbook(book, book, "Data", [CellWrite(4, "B", "x")], in_place=True)
    assert (tmp_path / "book.bak2.xlsx").read_bytes() == before
    assert (tmp_path / "book.bak.xlsx").read_text() == "older"
    assert slow(book, "B4") == "x"
    assert in_place_backup(book).name == "book.bak3.xlsx"


def test_a_failed_patch_in_place_changes_nothing(book: Path, tmp_path: Path) -> None:
    before = digest(book)
    with pytest.raises(BookError):
        patch_workbook(book, book, "Data", [CellWrite(4, "B", float("inf"))], in_place=True)
    assert digest(book) == before and [path.name for path in tmp_path.iterdir()] == ["book.xlsx"]


def test_an_older_target_survives_a_failure_while_writing(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out.xlsx"
    target.write_text("older")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.workbook.files.os.fsync", full)
    with pytest.raises(BookError, match="No space left"):
        patch_workbook(book, target, "Data", [CellWrite(4, "B", "x")])
    assert target.read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.xlsx", "out.xlsx"]


def test_a_missing_folder_is_named(book: Path, tmp_path: Path) -> None:
    with pytest.raises(BookError, match="nowhere"):
        patch_workbook(book, tmp_path / "nowhere" / "out.xlsx", "Data", [])


def test_entry_names_times_and_compression_stay(book: Path, out: Path) -> None:
    patch_workbook(book, out, "Data", [CellWrite(4, "B", "x")])
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(out) as new:
        describe = [
            [(e.filename, e.date_time, e.compress_type, e.external_attr) for e in z.infolist()]
            for z in (old, new)
        ]
        assert describe[0] == describe[1] and new.testzip() is None
