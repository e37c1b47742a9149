"""app.workbook.patch_workbook: writes the cells and keeps everything else; for refusals see test_workbook_safety."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.table import Table as ExcelTable
from workbooks import MAIN, ROWS, STRICT, changed_parts, fast, parts_of, sheet_xml, slow, text_cell, write_book

from app.workbook import BookError, CellWrite, patch_workbook, read_table

SHEET = "xl/worksheets/sheet1.xml"


def sheet_of(path: Path) -> str:
    return parts_of(path)[SHEET].decode()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "book.xlsx", sheet_xml(ROWS))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out.xlsx"


# -- what changes, and what does not --


def test_only_the_sheet_part_changes_and_only_where_cells_are_written(book: Path, out: Path) -> None:
    patch_workbook(book, out, "Data", [CellWrite(4, "B", "Mariya")])
    assert changed_parts(book, out) == {SHEET}
    new = '<c r="B4" t="inlineStr"><is><t>Mariya</t></is></c></row>'
    expected = sheet_xml(ROWS).replace('spans="1:1"', "").replace('<row r="4" >', '<row r="4">')
    head, _, tail = expected.rpartition("</row>")
    assert sheet_of(out) == head + new + tail
    assert slow(out, "B4") == "Mariya" and fast(out)[3][1] == "Mariya"


def test_no_writes_give_the_same_parts(book: Path, out: Path) -> None:
    patch_workbook(book, out, "Data", [])
    assert changed_parts(book, out) == set()


def test_rows_and_cells_are_inserted_in_order(tmp_path: Path, out: Path) -> None:
    rows = '<row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row><row r="5"/><!--x-->'
    book = write_book(tmp_path / "b.xlsx", sheet_xml(rows, before='<dimension ref="B2:D5"/>'))
    writes = [
        CellWrite(row, column, f"{column}{row}")
        for row in (9, 5, 3, 2, 1)
        for column in ("E", "AA", "A", "C")
    ]
    patch_workbook(book, out, "Data", writes)
    cells = openpyxl.load_workbook(out)["Data"]
    assert all(cells[write.address].value == write.value for write in writes)
    assert [row[0].row for row in cells.iter_rows()] == list(range(1, 10))
    xml = sheet_of(out)
    places = [
        xml.index(f'r="{address}"')
        for address in ("A1", "AA1", "A2", "B2", "C2", "D2", "E2", "AA2", "A3", "A5", "A9")
    ]
    assert places == sorted(places)
    assert '<dimension ref="A1:AA9"/>' in xml and "<!--x-->" in xml
    assert fast(out)[1] == ["A2", 1.0, "C2", 2.0, "E2", *[""] * 21, "AA2"]


def test_self_closed_sheet_data_and_prefixed_names(tmp_path: Path, out: Path) -> None:
    xml = (
        f'<?xml version="1.0"?>\n<x:worksheet xmlns:x="{MAIN}">'
        '<x:cols><x:col min="2" max="3" style="2"/></x:cols>'
        "<x:sheetData />\n</x:worksheet>"
    )
    book = write_book(tmp_path / "b.xlsx", xml, prefix="x:", workbook_extra="<x:calcPr calcId='1'/>")
    patch_workbook(
        book, out, "Data", [CellWrite(3, "B", " b ", "A3"), CellWrite(2, "A", 5), CellWrite(4, "A", None)]
    )
    assert sheet_of(out) == xml.replace(
        "<x:sheetData />",
        '<x:sheetData><x:row r="2"><x:c r="A2"><x:v>5</x:v></x:c></x:row>'
        '<x:row r="3"><x:c r="B3" s="2" t="str">'
        "<x:f>A3</x:f><x:v> b </x:v></x:c></x:row></x:sheetData>",
    )
    assert fast(out)[2][1] == " b " and slow(out, "A2") == 5
    assert b"<x:calcPr calcId='1' fullCalcOnLoad=\"1\"/>" in parts_of(out)["xl/workbook.xml"]


def test_rows_and_cells_without_addresses(tmp_path: Path, out: Path) -> None:
    rows = "<row><c><v>1</v></c><c/><c s='2'></c></row><row><c><v>2</v></c></row>"
    rows += "<row r='5'><c r='B5'/><c><v>3</v></c></row>"
    book = write_book(tmp_path / "b.xlsx", sheet_xml(rows))
    writes = [
        CellWrite(1, "B", "b"),
        CellWrite(1, "C", True),
        CellWrite(1, "D", 4),
        CellWrite(2, "B", "x"),
        CellWrite(3, "A", "y"),
    ]
    patch_workbook(book, out, "Data", [*writes, CellWrite(5, "A", 0.5), CellWrite(5, "B", "z")])
    assert fast(out) == [
        [1.0, "b", True, 4.0],
        [2.0, "x", "", ""],
        ["y", "", "", ""],
        [""] * 4,
        [0.5, "z", 3.0, ""],
    ]
    assert "<c s='2' t=\"b\"><v>1</v></c>" in sheet_of(out)


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000])
def test_it_does_not_matter_where_the_part_is_cut_while_reading(
    tmp_path: Path, out: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = (
        '<row r="2" spans="2:4"><c r="B2"><v>1</v></c><c r="D2" t="e"><f>B2&gt;">"</f><v>#N/A</v></c></row>'
        f'<row r="5"/><row r="7">{text_cell("A7", "né &amp; ü")}</row>'
    )
    xml = "\ufeff<?xml version='1.0'?>" + sheet_xml(
        rows, before='<dimension ref="B2:D5"/>', after="<!-- > -->"
    )
    book = write_book(tmp_path / "b.xlsx", xml, extra={})
    writes = [CellWrite(row, column, "é", doubtful=True) for row in (1, 2, 3, 5, 7, 8) for column in "AD"]
    patch_workbook(book, out, "Data", writes)
    expected, facts = sheet_of(out), read_table(book, header=False)
    monkeypatch.setattr("app.workbook.xmlbytes._CHUNK", size)
    patch_workbook(book, out, "Data", writes)
    assert sheet_of(out) == expected
    assert read_table(book, header=False) == facts and facts.formulas == {(2, "D")}


def test_strict_namespace(tmp_path: Path, out: Path) -> None:
    book = write_book(
        tmp_path / "b.xlsx", sheet_xml('<row r="1"><c r="A1"><v>1</v></c></row>', ns=STRICT), ns=STRICT
    )
    patch_workbook(book, out, "Data", [CellWrite(1, "B", "x", doubtful=True)])
    assert fast(out) == [[1.0, "x"]]
    assert changed_parts(book, out) == {SHEET, "xl/styles.xml"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_other_encodings(tmp_path: Path, out: Path, encoding: str) -> None:
    declared = {"utf-8-sig": "UTF-8", "cp1252": "windows-1252"}.get(encoding, "UTF-16")
    xml = f'<?xml version="1.0" encoding="{declared}"?>' + sheet_xml(
        '<row r="1">' + text_cell("A1", "é") + "</row>"
    )
    book = write_book(tmp_path / "b.xlsx", xml.encode(encoding))
    patch_workbook(book, out, "Data", [CellWrite(1, "B", "→"), CellWrite(2, "A", 1)])
    assert fast(out) == [["é", "→"], [1.0, ""]]


def test_extensions_comments_and_odd_spacing_survive(tmp_path: Path, out: Path) -> None:
    after = (
        "<conditionalFormatting sqref='A1'><cfRule type='expression' priority='1'>"
        "<formula>A1&gt;1</formula></cfRule></conditionalFormatting>"
        "<extLst><ext xmlns:x14='urn:x14' uri='{1}'><x14:sparkline><xm:f xmlns:xm='urn:xm'>"
        "Data!A1:A3</xm:f></x14:sparkline></ext></extLst>\n<!-- end -->"
    )
    rows = "\n <row   r = '2'\n s='2' customFormat='1' > <!-- c --> <c  r='A2' ><v>1</v> </c>\t</row >\n"
    book = write_book(tmp_path / "b.xlsx", sheet_xml(rows, after=after))
    patch_workbook(book, out, "Data", [CellWrite(2, "B", 7), CellWrite(3, "A", "<&>")])
    assert sheet_of(out) == sheet_xml(
        rows.replace("</row >\n", '<c r="B2" s="2"><v>7</v></c></row >\n')
        + '<row r="3"><c r="A3" t="inlineStr"><is><t>&lt;&amp;&gt;</t></is></c></row>',
        after=after,
    )


def test_a_book_of_openpyxl_with_a_table_keeps_its_table(tmp_path: Path, out: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (["Name", "Out"], ["Ann Lee", "Ann"], ["Bo Day", None]):
        sheet.append(row)
    sheet.add_table(ExcelTable(displayName="T", ref="A1:B3"))
    sheet["D1"].comment = openpyxl.comments.Comment("hello", "me")
    book = tmp_path / "b.xlsx"
    made.save(book)
    patch_workbook(book, out, "Sheet", [CellWrite(3, "B", "Bo", doubtful=True)])
    assert changed_parts(book, out) == {SHEET, "xl/styles.xml"}
    again = openpyxl.load_workbook(out)["Sheet"]
    assert (
        again["B3"].value == "Bo" and again.tables["T"].ref == "A1:B3" and again["D1"].comment.text == "hello"
    )
    with pytest.raises(BookError, match="B1 is a header of an Excel table"):
        patch_workbook(book, out, "Sheet", [CellWrite(1, "B", "Other")])


# -- values --


def test_values_of_every_type(book: Path, out: Path) -> None:
    values = [
        "=1+1",
        "+1",
        "-x",
        "@a",
        True,
        False,
        5,
        -2.5,
        1e300,
        7.0,
        date(2024, 2, 29),
        datetime(2024, 2, 29, 6),
        time(18),
    ]
    writes = [CellWrite(10 + place, "C", value) for place, value in enumerate(values)]
    patch_workbook(book, out, "Data", writes)
    assert [row[2] for row in fast(out)[9:]] == values
    read = [slow(out, write.address) for write in writes]
    assert read[:10] == values[:10] and read[10:] == [
        datetime(2024, 2, 29),
        datetime(2024, 2, 29, 6),
        time(18),
    ]


@pytest.mark.parametrize("date1904", [False, True])
@pytest.mark.parametrize(
    "value", [date(1904, 1, 2), date(1999, 12, 31), datetime(2024, 5, 6, 7, 8, 9), time(23, 59, 59)]
)
def test_dates_in_both_calendars(tmp_path: Path, out: Path, date1904: bool, value: date | time) -> None:
    book = write_book(tmp_path / "b.xlsx", sheet_xml(ROWS), date1904=date1904)
    patch_workbook(book, out, "Data", [CellWrite(4, "B", value)])
    assert fast(out)[3][1] == value
    expected = datetime(value.year, value.month, value.day) if type(value) is date else value
    assert slow(out, "B4") == expected


def test_a_date_keeps_a_date_format_and_gets_one_where_there_is_none(tmp_path: Path, out: Path) -> None:
    rows = '<row r="1"><c r="A1" s="1"/><c r="B1" s="2"/><c r="C1" s="3" t="s"><v>0</v></c></row>'
    book = write_book(tmp_path / "b.xlsx", sheet_xml(rows))
    patch_workbook(book, out, "Data", [CellWrite(1, column, date(2024, 1, 2)) for column in "ABCD"])
    cells = openpyxl.load_workbook(out)["Data"]
    assert [cells[a].number_format for a in ("A1", "B1", "C1", "D1")] == ["yyyy\\-mm\\-dd", *["mm-dd-yy"] * 3]
    assert cells["B1"].font.b and cells["B1"].alignment.horizontal == "center"


def test_an_overwritten_cell_loses_type_and_metadata_but_keeps_its_style(tmp_path: Path, out: Path) -> None:
    rows = '<row r="1"><c r="A1" s="2" t="s" cm="1" vm=\'1\' ph="1"><v>0</v></c>'
    rows += '<c r="B1" t="e"><v>#N/A</v></c></row>'
    book = write_book(tmp_path / "b.xlsx", sheet_xml(rows))
    patch_workbook(book, out, "Data", [CellWrite(1, "A", 3), CellWrite(1, "B", None)])
    assert '<c r="A1" s="2" ph="1"><v>3</v></c><c r="B1"/></row>' in sheet_of(out)


TRICKY = [
    "_x0041_",
    "_x0041_x0042_",
    "_x0041\x01",
    "a\rb\r\nc",
    "\x00\x1f",
    "\ufffe\uffff",
    " lead",
    "trail ",
    "\n",
    "a  b",
    "🙂",
    "",
    "_x005F_",
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(max_size=12) | st.text(alphabet="_xX0041dD=\r\n \t\x01🙂é<&>", max_size=14),
        min_size=1,
        max_size=20,
    )
)
def test_any_text_comes_back(tmp_path: Path, texts: list[str]) -> None:
    texts = [text for text in texts if text] + [text for text in TRICKY if text]
    book = write_book(tmp_path / "t.xlsx", sheet_xml(""), extra={})
    out = tmp_path / "t_out.xlsx"
    writes = [CellWrite(row, "A", text) for row, text in enumerate(texts, 1)]
    writes += [CellWrite(row, "B", text, "A1") for row, text in enumerate(texts, 1)]
    patch_workbook(book, out, "Data", writes)
    cells = openpyxl.load_workbook(out, data_only=True)["Data"]
    for row, (text, read) in enumerate(zip(texts, fast(out), strict=True), 1):
        for shown, column in zip(read, "AB", strict=True):
            assert (
                str(shown).replace("_xFFFE_", "\ufffe").replace("_xFFFF_", "\uffff") == text
            )  # calamine leaves these two
            stored = cells[f"{column}{row}"].value
            assert unescape("" if stored is None else stored) == text


def test_progress_counts_up_to_all(book: Path, out: Path) -> None:
    heard: list[tuple[int, int]] = []
    patch_workbook(
        book,
        out,
        "Data",
        [CellWrite(r, "C", r) for r in range(1, 2502)],
        lambda done, total: heard.append((done, total)),
    )
    assert heard == [(1000, 2501), (2000, 2501), (2501, 2501)]


# -- doubt --


def test_doubt_appends_one_fill_and_one_format_per_style(tmp_path: Path, out: Path) -> None:
    rows = '<row r="1"><c r="A1" s="2"/><c r="B1"/><c r="C1" s="1"/></row>'
    book = write_book(tmp_path / "b.xlsx", sheet_xml(rows))
    writes = [CellWrite(row, column, "x", doubtful=True) for row in (1, 2) for column in "ABC"]
    patch_workbook(book, out, "Data", writes)
    assert changed_parts(book, out) == {SHEET, "xl/styles.xml"}
    old, new = (parts_of(path)["xl/styles.xml"].decode() for path in (book, out))
    fill = (
        '<fill><patternFill patternType="solid"><fgColor rgb="FFFFE699"/>'
        '<bgColor indexed="64"/></patternFill></fill>'
    )
    bare = new.replace(fill + "</fills>", "</fills>").replace('<fills count="4">', '<fills count="3">')
    bare = bare.replace('<cellXfs count="7">', '<cellXfs count="4">')
    head, tail = old.split("</cellXfs>")
    assert bare.startswith(head) and bare.endswith("</cellXfs>" + tail)
    added = bare[len(head) : len(bare) - len("</cellXfs>" + tail)]
    assert added.count("<xf ") == added.count('fillId="3"') == added.count('applyFill="1"') == 3
    cells = openpyxl.load_workbook(out)["Data"]
    assert {cells[write.address].fill.fgColor.rgb for write in writes} == {"FFFFE699"}
    assert cells["A1"].font.b and cells["C1"].number_format == "yyyy\\-mm\\-dd"


def test_a_second_patch_reuses_what_the_first_appended(book: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    patch_workbook(book, first, "Data", [CellWrite(4, "B", "x", doubtful=True)])
    patch_workbook(first, second, "Data", [CellWrite(5, "B", "x", doubtful=True)])
    assert changed_parts(first, second) == {SHEET}


@pytest.mark.parametrize(
    "styles",
    [
        None,
        '<styleSheet xmlns="{ns}"/>',
        '<styleSheet xmlns="{ns}"><fonts/><fills/><borders/><cellXfs/><dxfs count="0"/></styleSheet>',
        '<s:styleSheet xmlns:s="{ns}"><s:borders><s:border/></s:borders>'
        "<s:cellXfs><s:xf/></s:cellXfs></s:styleSheet>",
    ],
)
def test_missing_or_bare_style_tables_are_completed(tmp_path: Path, out: Path, styles: str | None) -> None:
    book = write_book(tmp_path / "b.xlsx", sheet_xml(ROWS), styles=styles)
    patch_workbook(book, out, "Data", [CellWrite(4, "B", date(2024, 1, 2), doubtful=True)])
    assert fast(out)[3][1] == date(2024, 1, 2)
    new = parts_of(out)["xl/styles.xml"].decode()
    assert (
        new.index("fills")
        < new.index("borders" if "borders" in new else "cellXfs")
        < new.index("cellXfs") + 1
    )
    if styles is None:
        assert changed_parts(book, out) == {
            SHEET,
            "xl/styles.xml",
            "xl/_rels/workbook.xml.rels",
            "[Content_Types].xml",
        }
        assert openpyxl.load_workbook(out)["Data"]["B4"].fill.fgColor.rgb == "FFFFE699"


# -- formulas --


def test_formulas_carry_their_value_and_ask_for_calculation(book: Path, out: Path) -> None:
    writes = [
        CellWrite(4, "B", "M&M", 'LEFT(A4,1)&"<"'),
        CellWrite(5, "B", 3, "1+2"),
        CellWrite(6, "B", None, '""'),
        CellWrite(7, "B", True, "1=1"),
    ]
    patch_workbook(book, out, "Data", writes)
    assert changed_parts(book, out) == {SHEET, "xl/workbook.xml"}
    assert b'</sheets><calcPr fullCalcOnLoad="1"/>' in parts_of(out)["xl/workbook.xml"]
    assert [row[1] for row in fast(out)[3:]] == ["M&M", 3.0, "", True]
    cells = openpyxl.load_workbook(out)["Data"]
    assert cells["B4"].value == '=LEFT(A4,1)&"<"' and cells["B5"].value == "=1+2"


def test_calc_chain_goes_only_when_a_formula_is_overwritten(tmp_path: Path, out: Path) -> None:
    rows = '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>A2</f><v>1</v></c></row>'
    book = write_book(tmp_path / "b.xlsx", sheet_xml(rows), calc_chain=True)
    patch_workbook(book, out, "Data", [CellWrite(2, "A", 2)])
    assert changed_parts(book, out) == {SHEET}
    patch_workbook(book, out, "Data", [CellWrite(2, "B", 2)])
    assert changed_parts(book, out) == {
        SHEET,
        "xl/calcChain.xml",
        "xl/_rels/workbook.xml.rels",
        "[Content_Types].xml",
    }
    assert "xl/calcChain.xml" not in parts_of(out)
    assert (
        b"calcChain" not in parts_of(out)["[Content_Types].xml"] + parts_of(out)["xl/_rels/workbook.xml.rels"]
    )
    assert slow(out, "B2") == 2


# -- another program --


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_shows_what_was_written(book: Path, out: Path, tmp_path: Path) -> None:
    values = ["=1+1", " blank ", "_x0041_", "naïve 🙂", 42, True, date(2024, 2, 29)]
    writes = [CellWrite(5 + place, "B", value, doubtful=place % 2 == 0) for place, value in enumerate(values)]
    patch_workbook(book, out, "Data", [*writes, CellWrite(4, "B", "M", "LEFT(A4,1)")])
    profile = (tmp_path / "profile").as_uri()
    command = [
        "soffice",
        f"-env:UserInstallation={profile}",
        "--headless",
        "--convert-to",
        "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2",
        "--outdir",
        str(tmp_path / "csv"),
        str(out),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=180)
    (written,) = (tmp_path / "csv").iterdir()
    table = read_table(written, header=False)
    shown = [row[1] for row in table.rows[3:]]
    assert shown[:-1] == ["M", "=1+1", " blank ", "_x0041_", "naïve 🙂", "42", "TRUE"]
    assert shown[-1] in {"02/29/24", "02/29/2024"}  # the short date, as the locale of the machine has it
