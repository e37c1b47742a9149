"""app.workbook.read_table and find_target: what is in the file, and which column waits to be filled."""

from __future__ import annotations

import random
import struct
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.table import Table as ExcelTable
from workbooks import MAIN, STRICT, digest, parts_of, sheet_xml, text_cell, write_book

from app.workbook import (
    BookError,
    CellError,
    CellWrite,
    Table,
    find_target,
    patch_workbook,
    read_table,
    sheet_names,
)
from app.workbook.headers import looks_like_header, shape

NAMES = [["Name", "First"], ["Jan Kotas", "Jan"], ["Mariya Sergienko", None], ["Andrew Cencini", None]]


def saved(path: Path, rows: list[list[object]], **more: object) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for address, value in more.items():
        book.active[address] = value
    book.save(path)
    return path


def table_of(*rows: tuple[object, ...], headers: tuple[str, ...] | None = None, **more: object) -> Table:
    letters = tuple("ABCDEFGH"[: len(rows[0])])
    return Table(Path("t.xlsx"), "S", headers or letters, letters, 2, list(rows), **more)  # type: ignore[arg-type]


@pytest.fixture
def xlsx(tmp_path: Path) -> Path:
    return tmp_path / "book.xlsx"


# -- values --


def test_a_plain_sheet(xlsx: Path) -> None:
    table = read_table(saved(xlsx, NAMES))
    assert (table.source, table.sheet, table.first_row) == (xlsx, "Sheet", 2)
    assert (table.headers, table.columns) == (("Name", "First"), ("A", "B"))
    assert table.rows == [tuple(row) for row in NAMES[1:]]
    assert find_target(table).example_rows == [0] and find_target(table).empty_rows == [1, 2]


def test_values_keep_their_types(xlsx: Path) -> None:
    values = [5, 5.0, 2.5, True, "5", " x ", date(2024, 1, 2), datetime(2024, 1, 2, 3, 4), time(5, 6), -1e20]
    table = read_table(saved(xlsx, [["h"] * 10, values]))
    assert table.rows == [
        (5, 5, 2.5, True, "5", " x ", date(2024, 1, 2), datetime(2024, 1, 2, 3, 4), time(5, 6), -1e20)
    ]
    assert [type(value) for value in table.rows[0]][:4] == [int, int, float, bool]


def test_formulas_give_their_cached_values_and_are_known(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><f>1+1</f><v>2</v></c><c r="B1" t="str"><f>""</f><v></v></c></row>'
        '<row><c><v>3</v></c><c t="s"><f t="shared" si="0"/><v>0</v></c></row>'
    )
    shared = f'<sst xmlns="{MAIN}"><si><t>shared</t></si></sst>'
    table = read_table(write_book(tmp_path / "b.xlsx", sheet_xml(rows), shared=shared))
    assert table.rows == [(2, None), (3, "shared")]
    assert table.formulas == {(1, "A"), (1, "B"), (2, "B")} and table.has_formula(0, 1)


def test_errors_are_no_text(tmp_path: Path) -> None:
    rows = (
        '<row r="3"><c r="C3"><v>1</v></c><c r="D3" t="e"><f>NA()</f><v>#N/A</v></c></row>'
        '<row r="5"><c r="A5" t="e"><v>#DIV/0!</v></c></row>'
    )
    table = read_table(write_book(tmp_path / "b.xlsx", sheet_xml(rows)))
    assert table.columns == ("A", "C", "D") and table.first_row == 3
    assert table.rows == [(None, 1, "#N/A"), (None, None, None), ("#DIV/0!", None, None)]
    assert type(table.rows[0][2]) is CellError and type(table.rows[2][0]) is CellError


def test_durations_read_as_text(xlsx: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A1"].number_format = 1.5, "[h]:mm:ss"
    book.save(xlsx)
    assert read_table(xlsx).rows == [("36:00:00",)]


@pytest.mark.parametrize("ns", [MAIN, STRICT])
def test_both_namespaces_and_prefixes(tmp_path: Path, ns: str) -> None:
    row = "<x:row><x:c><x:f>1</x:f><x:v>1</x:v></x:c></x:row>"
    xml = f'<x:worksheet xmlns:x="{ns}"><x:sheetData>{row}</x:sheetData></x:worksheet>'
    table = read_table(write_book(tmp_path / "b.xlsx", xml, ns=ns, prefix="x:"))
    assert table.rows == [(1,)] and table.formulas == {(1, "A")} and table.sheet == "Data"


def test_sheets_by_name_and_the_visible_one_by_default(tmp_path: Path) -> None:
    path = write_book(tmp_path / "b.xlsx", sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>'))
    assert sheet_names(path) == ("Secret", "Data")
    assert read_table(path).sheet == "Data" and read_table(path, "data").sheet == "Data"
    assert read_table(path, "Secret").rows == []
    with pytest.raises(BookError, match="no sheet “X”; it has “Secret”, “Data”"):
        read_table(path, "X")


def test_the_active_sheet_is_the_default(xlsx: Path) -> None:
    book = openpyxl.Workbook()
    book.create_sheet("Second")["A1"] = 1
    book.active = 1
    book.save(xlsx)
    assert read_table(xlsx).sheet == "Second"


def test_blank_columns_and_outer_rows_are_left_out(xlsx: Path) -> None:
    table = read_table(saved(xlsx, [], C4="Name", E4="Initials", C5="Jan Kotas", E5="JK", C7="Bo Li"))
    assert (table.headers, table.columns, table.first_row) == (("Name", "Initials"), ("C", "E"), 5)
    assert table.rows == [("Jan Kotas", "JK"), (None, None), ("Bo Li", None)]
    assert find_target(table).empty_rows == [2]


# -- headers --


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (NAMES, True),
        (NAMES[1:], False),
        ([["Jan Kotas", "Jan"], ["Mariya Sergienko", "Mariya"], ["Bo Li", None]], False),
        ([["Vorname", "PLZ"], ["Jan", 80331], ["Eva", 10115]], True),
        ([["A", "B"], ["x1", 2], ["x2", 3]], True),
        ([["a", 1], ["b", 2]], False),
        ([["2020-01-02", "Jan"], ["2020-02-03", "Feb"]], False),
        ([["ann@x.org", "ann"], ["bo@x.org", None]], False),
        ([["ID-17", "17"], ["ID-18", None]], False),
        ([["Part", "Digits"], ["ID-18", "18"], ["ID-19", None]], True),
        ([["Q1 2020", "Q2 2020"], [1, 2]], True),
        ([["red", "x"], ["blue", "y"], ["red", "z"]], False),
        ([["Main Street 5, Bonn", "Bonn"], ["Park Street 7, Berlin", None]], False),
        ([["Sales Manager", "SM"], ["Account Manager", "AM"]], False),
        ([["How happy are you with our product?", "x"], ["very", "y"], ["not at all", None]], True),
        ([["Work\\Plans\\Of Autumn - Draft", "q"], ["Home\\Bills\\A Roof - Paid", None]], False),
        ([["only one row", "x"]], False),
        ([["First name", "Last name", "Email"], ["Ann", "Lee", "a@x.org"], ["Bo", "Day", None]], True),
        ([["Name", None], ["Jan Kotas", "Jan"], ["Bo Li", None]], True),
    ],
)
def test_header_detection(rows: list[list[object]], expected: bool) -> None:
    assert looks_like_header(rows[0], rows[1:]) is expected  # type: ignore[arg-type]


def test_a_header_can_be_forced(xlsx: Path) -> None:
    saved(xlsx, [[2019, "x"], [1, "y"]])
    assert read_table(xlsx).first_row == 1 and read_table(xlsx).headers == ("A", "B")
    forced = read_table(xlsx, header=True)
    assert forced.headers == ("2019", "x") and forced.rows == [(1, "y")] and forced.first_row == 2
    assert read_table(saved(xlsx, NAMES), header=False).rows[0] == ("Name", "First")


def test_the_header_row_of_an_excel_table_is_certain(xlsx: Path) -> None:
    book = openpyxl.Workbook()
    for row in (["Jan Kotas", "Jan"], ["Bo Li", "Bo"], ["Ann Lee", None]):
        book.active.append(row)
    book.active.add_table(ExcelTable(displayName="T", ref="A1:B3"))
    book.save(xlsx)
    assert read_table(xlsx).headers == ("Jan Kotas", "Jan")


def test_shapes() -> None:
    assert [shape(text) for text in ("Jan Kotas", "AB-12", "iPhone", "élan", "a_b")] == [
        "C C",
        "A-9",
        "x",
        "a",
        "a_a",
    ]


# -- the target --


def test_of_several_candidates_the_last_filled_from_the_top_is_meant() -> None:
    table = table_of(
        (1, "a", "x", "g"), (2, None, None, None), (3, None, None, "h"), headers=("n", "p", "q", "gaps")
    )
    assert find_target(table).column_index == 2


def test_a_column_is_named_by_header_or_letter() -> None:
    table = table_of((1, "a", "x"), (2, None, None), headers=("n", "Out", "out"))
    assert [find_target(table, name).column_index for name in ("Out", "out", "b", "C")] == [1, 2, 1, 2]
    with pytest.raises(BookError, match="several columns \\(B, C\\)"):
        find_target(table, "OUT")


def test_blank_rows_formulas_and_errors_are_neither_example_nor_empty() -> None:
    rows = [
        ("a", "x"),
        (None, None),
        (" ", "y"),
        ("b", CellError("#N/A")),
        ("c", " "),
        ("d", None),
        ("e", None),
    ]
    table = table_of(*rows, formulas=frozenset({(7, "B")}))
    target = find_target(table)
    assert (target.example_rows, target.empty_rows) == ([0], [4, 6])


@pytest.mark.parametrize(
    ("rows", "column", "words"),
    [
        ([("a", "x"), ("b", None)], "Nope", "no column “Nope”; it has A, B"),
        ([("a", None), ("b", None)], "B", "Column B has no example; type one or two values into it first"),
        ([("a", None), ("b", None)], None, "Column B has no example; type one or two"),
        ([("a", CellError("#N/A")), ("b", None)], None, "Column B has no example"),
        ([("a", "x"), ("b", "y")], "B", "full already"),
        ([("a", "x"), ("b", "y")], None, "no partly filled column"),
        ([("a", None, "x"), ("b", "v", None), ("c", None, "y")], None, "partly filled: B, C; say which one"),
    ],
)
def test_what_cannot_be_filled_says_why(
    rows: list[tuple[object, ...]], column: str | None, words: str
) -> None:
    with pytest.raises(BookError, match=words):
        find_target(table_of(*rows), column)


def test_no_rows(xlsx: Path) -> None:
    with pytest.raises(BookError, match="no rows"):
        find_target(read_table(saved(xlsx, [])))


def test_merged_cells_in_the_way_are_named(tmp_path: Path) -> None:
    rows = "".join(f'<row r="{r}">' + text_cell(f"A{r}", f"n{r}") + "</row>" for r in range(2, 6))
    rows = rows.replace("</row>", text_cell("B2", "x") + "</row>", 1)
    for merge, refused in (("B4:C5", True), ("B2:C2", False), ("D2:D5", False)):
        xml = sheet_xml(rows, after=f'<mergeCells><mergeCell ref="{merge}"/></mergeCells>')
        table = read_table(write_book(tmp_path / "b.xlsx", xml))
        if refused:
            with pytest.raises(BookError, match="column B are merged: B4:C5; unmerge"):
                find_target(table)
        else:
            assert find_target(table).empty_rows == [1, 2, 3]


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", None]), st.sampled_from(["x", None, " "])), min_size=1, max_size=12
    )
)
def test_examples_and_empty_rows_part_the_live_rows(rows: list[tuple[str | None, str | None]]) -> None:
    try:
        target = find_target(table_of(*rows), "B")
    except BookError:
        return
    assert sorted(target.example_rows + target.empty_rows) == [
        i for i, row in enumerate(rows) if row[0] is not None
    ]
    assert all(rows[i][1] == "x" for i in target.example_rows)


# -- bad input --


def zip_of(path: Path, parts: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


def good(folder: Path) -> dict[str, bytes]:
    return parts_of(write_book(folder / "good.xlsx", sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>')))


def bad_file(kind: str, folder: Path) -> Path:
    path = folder / "bad.xlsx"
    ole = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(600)
    parts = good(folder)
    sheet = "xl/worksheets/sheet1.xml"
    match kind:
        case "random":
            path.write_bytes(random.Random(1).randbytes(3000))
        case "empty":
            path.write_bytes(b"")
        case "old":
            path.write_bytes(ole + "Workbook".encode("utf-16-le"))
        case "encrypted":
            path.write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
        case "zip":
            zip_of(path, {"a.txt": b"a"})
        case "document":
            zip_of(path, parts | {"xl/workbook.xml": b'<w:document xmlns:w="urn:w"/>'})
        case "binary":
            zip_of(
                path, parts | {"_rels/.rels": parts["_rels/.rels"].replace(b"workbook.xml", b"workbook.bin")}
            )
        case "signed":
            zip_of(path, parts | {"_xmlsignatures/sig1.xml": b"<a/>"})
        case "missing part":
            zip_of(path, {name: data for name, data in parts.items() if name != sheet})
        case "no workbook":
            zip_of(path, {name: data for name, data in parts.items() if name != "xl/workbook.xml"})
        case "bomb":
            zip_of(path, parts | {"xl/big.xml": bytes(100 << 20)})
        case "truncated":
            data = (folder / "good.xlsx").read_bytes()
            path.write_bytes(data[: len(data) // 2])
        case "entities":
            zip_of(path, parts | {"xl/workbook.xml": b"<!DOCTYPE a [<!ENTITY b 'b'>]><a>&b;</a>"})
        case "broken xml":
            zip_of(path, parts | {sheet: parts[sheet][:-5]})
        case "far cell":
            zip_of(
                path,
                parts | {sheet: sheet_xml('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>').encode()},
            )
        case "twice":
            zip_of(path, parts | {"XL/workbook.xml": b"<a/>"})
        case "false size":
            path.write_bytes(lying(zip_of(path, parts | {sheet: parts[sheet] + b" " * 5000}), sheet))
    (folder / "good.xlsx").unlink()
    return path


def lying(path: Path, name: str) -> bytes:
    """The zip with a smaller unpacked size in the directory than the part has."""
    data = bytearray(path.read_bytes())
    place = data.rindex(name.encode()) - 46
    assert data[place : place + 4] == b"PK\x01\x02"
    data[place + 24 : place + 28] = struct.pack("<I", 100)
    return bytes(data)


BAD = {
    "random": "not a workbook",
    "empty": "not a workbook",
    "old": "old Excel file",
    "encrypted": "encrypted with a password",
    "zip": "zip file but not a workbook",
    "document": "not a spreadsheet",
    "binary": "xlsb",
    "signed": "digitally signed",
    "missing part": "sheet1.xml|lacks the part",
    "no workbook": "xl/workbook.xml",
    "bomb": "zip bomb",
    "truncated": "not a workbook or is damaged",
    "entities": "document type",
    "broken xml": "damaged|cannot be read",
    "far cell": "XFD1048576",
    "twice": "two parts of one name",
    "false size": "damaged",
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_refused_and_left_alone(tmp_path: Path, kind: str) -> None:
    path = bad_file(kind, tmp_path)
    before = digest(path)
    with pytest.raises(BookError, match=BAD[kind]):
        read_table(path)
    if kind != "far cell":
        with pytest.raises(BookError):
            patch_workbook(path, tmp_path / "out.xlsx", "Data", [CellWrite(1, "B", "x")])
    assert digest(path) == before and [one.name for one in tmp_path.iterdir() if one.name != "out.xlsx"] == [
        "bad.xlsx"
    ]
    assert kind == "far cell" or not (tmp_path / "out.xlsx").exists()


def test_missing_files_and_other_kinds(tmp_path: Path) -> None:
    with pytest.raises(BookError, match="There is no file"):
        read_table(tmp_path / "none.xlsx")
    with pytest.raises(BookError, match="There is no file"):
        read_table(tmp_path / "none.csv")
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    with pytest.raises(BookError, match="not a workbook"):
        read_table(tmp_path / "a.pdf")
    with pytest.raises(BookError, match=r"Cannot read|not a workbook"):
        read_table(tmp_path)


def test_protected_sheets_are_read(xlsx: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = 1
    book.active.protection.enable()
    book.save(xlsx)
    assert read_table(xlsx).rows == [(1,)]
