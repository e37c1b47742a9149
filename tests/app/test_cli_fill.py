"""`pbe fill`: what it refuses, what it must cope with, what it writes and what it leaves as it was."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commandline import Rows, amber, book, column, refused, run
from workbooks import changed_parts, digest, parts_of, sheet_xml, text_cell, write_book

NAMES: Rows = [["Name", "First"], ["Jan Kotas", "Jan"], ["Mariya Sergienko", None], ["Steven Thorpe", None]]
DOUBTFUL_NAMES: Rows = [
    ["Name", "Last"], ["Jan Kotas", "Kotas"], ["Laura Giussani", None], ["Anne Hellung-Larsen", None],
]  # fmt: skip


# ---------------------------------------------------------------- bad input


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "no file" in refused("fill", tmp_path / "absent.xlsx")
    assert "no file" in refused("fill", tmp_path / "absent.csv")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    for folder in (tmp_path / "books", Path(".")):
        result = run("fill", folder)
        assert result.code == 2 and result.err.startswith("pbe: ") and result.err.count("\n") == 1


@pytest.mark.parametrize("name", ["notes.xlsx", "notes.docx", "notes.csv"])
def test_what_is_not_a_workbook_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"%PDF-1.7\x00\x01\x02" * 20)
    assert name in refused("fill", path)


def test_an_encrypted_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secret.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le"))
    assert "password" in refused("fill", path)


def test_a_signed_workbook_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "signed.xlsx", NAMES)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("_xmlsignatures/sig1.xml", "<a/>")
    assert "signed" in refused("fill", path)


def test_an_unknown_sheet_is_refused_and_the_known_ones_named(tmp_path: Path) -> None:
    error = refused("fill", book(tmp_path / "b.xlsx", NAMES), "--sheet", "Dta")
    assert "“Dta”" in error and "“Data”" in error


def test_an_unknown_column_is_refused_and_the_known_ones_named(tmp_path: Path) -> None:
    error = refused("fill", book(tmp_path / "b.xlsx", NAMES), "--column", "Frist")
    assert "“Frist”" in error and "A (“Name”)" in error and "B (“First”)" in error


def test_a_column_without_example_is_refused(tmp_path: Path) -> None:
    rows = [["Name", "First"], ["Jan Kotas", None], ["Ana Trujillo", None]]
    for arguments in ([], ["--column", "First"]):
        error = refused("fill", book(tmp_path / "b.xlsx", rows), *arguments)
        assert "B (“First”)" in error and "example" in error


def test_contradictory_examples_name_both_rows_of_the_sheet(tmp_path: Path) -> None:
    rows = [[None, None], ["Name", "First"], ["Jan K", "Jan"], ["Ana T", "Ana"], ["Jan K", "J."], ["Eva P", None]]
    error = refused("fill", book(tmp_path / "b.xlsx", rows))
    assert "Rows 3 and 5" in error and "“Jan”" in error and "“J.”" in error


def test_contradictory_cells_are_quoted_short_and_printable(tmp_path: Path) -> None:
    rows: Rows = [["Name", "Day"], ["Jan", date(2024, 1, 2)], ["Jan", "x\n" * 9_000], ["Eva", None]]
    error = refused("fill", book(tmp_path / "b.xlsx", rows))
    assert "2024-01-02" in error and "datetime" not in error
    assert len(error) < 400


def test_merged_cells_to_be_filled_are_refused(tmp_path: Path) -> None:
    error = refused("fill", book(tmp_path / "b.xlsx", NAMES, merged="B3:B4"))
    assert "B3:B4" in error and "merged" in error


def test_a_merge_beside_the_cells_to_be_filled_does_not_matter(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", [*NAMES, [None, None], ["a note over two columns", None]], merged="A6:B6")
    error = refused("fill", path)  # the note's row is a row of data like any other
    assert "A6:B6" in error
    path = book(tmp_path / "c.xlsx", [["Name", "First", None], *NAMES[1:]], merged="B1:C1")
    assert run("fill", path).code == 0


def test_a_full_column_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", NAMES[:2])
    assert "full already" in refused("fill", path, "--column", "First")
    assert "partly filled" in refused("fill", path)


def test_a_header_cannot_send_control_characters_to_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("Na\x1b[31mme,First\nJan K,Jan\nAna B,Ana\n")
    error = refused("fill", path, "--column", "nope")
    assert "\x1b" not in error


def test_an_existing_file_is_not_replaced_unless_asked(tmp_path: Path) -> None:
    path, out = book(tmp_path / "b.xlsx", NAMES), tmp_path / "out.xlsx"
    out.write_text("precious")
    assert "exists already" in refused("fill", path, "--out", out)
    assert run("fill", path, "--out", out, "--overwrite").code == 0
    assert column(out) == ["Jan", "Mariya", "Steven"]


def test_the_file_itself_is_not_a_place_for_the_copy(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", NAMES)
    refused("fill", path, "--out", path)
    assert "in place" in refused("fill", path, "--out", path, "--overwrite")
    assert "not both" in refused("fill", path, "--out", tmp_path / "o.xlsx", "--in-place")


def test_the_copy_must_be_of_the_same_kind_and_in_a_folder(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", NAMES)
    assert ".xlsx" in refused("fill", path, "--out", tmp_path / "o.csv")
    assert "does not exist" in refused("fill", path, "--out", tmp_path / "no" / "o.xlsx")


def test_a_program_is_never_saved_over_a_table_and_a_taken_name_leaves_no_copy(tmp_path: Path) -> None:
    path, saved = book(tmp_path / "b.xlsx", NAMES), tmp_path / "p.json"
    saved.write_text("{}")
    assert "exists already" in refused("fill", path, "--save", saved)
    assert "table" in refused("fill", path, "--save", path, "--overwrite")
    assert "table" in refused("fill", path, "--out", tmp_path / "o.xlsx", "--save", tmp_path / "o.xlsx")


def test_formulas_are_refused_for_a_text_file(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("Name,First\nJan Kotas,Jan\nAna Trujillo,\n")
    assert "--formulas" in refused("fill", path, "--formulas")


def test_formulas_are_refused_over_cells_that_excel_reads_otherwise(tmp_path: Path) -> None:
    rows = [["Name", "Out"], ["Jan Kotas", "JAN"], ["Jürgen Groß", None]]
    assert "A3" in refused("fill", book(tmp_path / "b.xlsx", rows), "--formulas")


def test_no_program_is_status_1_with_a_reason_and_no_file(tmp_path: Path) -> None:
    rows = [["Name", "Out"], ["ab", "qx7"], ["cd", "z!k"], ["ef", "0vv"], ["gh", "ppp"], ["ij", None]]
    path = book(tmp_path / "b.xlsx", rows)
    result = run("fill", path, "--seconds", "0.3")
    assert (result.code, result.out) == (1, "") and result.err.startswith("pbe: ") and result.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]


# ---------------------------------------------------------------- what must work


def test_the_copy_differs_in_the_sheet_and_the_styles_only(tmp_path: Path) -> None:
    rows = "".join(
        f'<row r="{n}">{text_cell(f"A{n}", name)}{text_cell(f"B{n}", out) if out else ""}</row>'
        for n, (name, out) in enumerate(DOUBTFUL_NAMES, 1)
    )
    path, out = write_book(tmp_path / "b.xlsx", sheet_xml(rows), calc_chain=True), tmp_path / "o.xlsx"
    before = digest(path)
    assert run("fill", path, "--out", out).code == 0
    assert digest(path) == before
    assert changed_parts(path, out) <= {"xl/worksheets/sheet1.xml", "xl/styles.xml"}
    assert column(out, sheet="Data") == ["Kotas", "Giussani", "Hellung-Larsen"]


def test_the_copy_gets_a_free_name_beside_the_file(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", NAMES)
    for name in ("b-filled.xlsx", "b-filled-2.xlsx"):
        result = run("fill", path)
        assert result.code == 0 and name in result.out
        assert column(tmp_path / name) == ["Jan", "Mariya", "Steven"]


def test_doubtful_cells_are_amber_and_no_others(tmp_path: Path) -> None:
    path, out = book(tmp_path / "b.xlsx", DOUBTFUL_NAMES), tmp_path / "o.xlsx"
    result = run("fill", path, "--out", out, "--json")
    cells = json.loads(result.out)["cells"]
    doubtful = [cell["row"] for cell in cells if cell["doubtful"]]
    assert doubtful == [cell["row"] for cell in cells if cell["confidence"] < 0.9] == amber(out)
    assert 0 < len(doubtful) < len(cells)


def test_in_place_keeps_a_backup_of_the_old_bytes(tmp_path: Path) -> None:
    path = book(tmp_path / "b.xlsx", NAMES)
    before = digest(path)
    assert run("fill", path, "--in-place").code == 0
    assert column(path) == ["Jan", "Mariya", "Steven"]
    (backup,) = (file for file in tmp_path.iterdir() if file != path)
    assert digest(backup) == before


def test_cells_of_thirty_thousand_characters(tmp_path: Path) -> None:
    long = "lorem ipsum " * 2_500
    rows = [["Text", "First"], [f"alpha {long}", "alpha"], [f"beta {long}", None], [f"gamma {long}", None]]
    path, out = book(tmp_path / "b.xlsx", rows), tmp_path / "o.xlsx"
    result = run("fill", path, "--out", out)
    assert result.code == 0 and column(out) == ["alpha", "beta", "gamma"]
    assert max(map(len, result.out.splitlines())) < 200


def test_an_output_of_thirty_thousand_characters(tmp_path: Path) -> None:
    long = "x" * 30_000
    rows = [["Text", "Copy"], [f"alpha {long}", f"alpha {long}!"], [f"beta {long}", None]]
    path, out = book(tmp_path / "b.xlsx", rows), tmp_path / "o.xlsx"
    assert run("fill", path, "--out", out).code == 0
    assert column(out)[1] == f"beta {long}!"


def test_output_that_begins_with_an_equals_sign_stays_text(tmp_path: Path) -> None:
    rows = [["Cell", "Shown"], ["A1", "=A1"], ["B7", None], ["C9", None]]
    path, out = book(tmp_path / "b.xlsx", rows), tmp_path / "o.xlsx"
    assert run("fill", path, "--out", out).code == 0
    page = openpyxl.load_workbook(out).active
    assert page is not None
    assert [cell.value for cell in page["B"]][1:] == ["=A1", "=B7", "=C9"]
    assert b"<f>" not in parts_of(out)["xl/worksheets/sheet1.xml"]


def test_typed_inputs_are_read_as_they_show(tmp_path: Path) -> None:
    rows = [
        ["When", "What", "Out"],
        [date(2024, 3, 9), 17, "2024 17"], [date(2023, 11, 30), 7.5, None],
        [datetime(2022, 5, 6, 7, 8), True, None], [None, 3, None],
    ]  # fmt: skip
    path, out = book(tmp_path / "b.xlsx", rows), tmp_path / "o.xlsx"
    assert run("fill", path, "--out", out).code == 0
    assert column(out, "C")[:3] == ["2024 17", "2023 7.5", "2022 TRUE"]


def test_an_error_value_is_no_input_no_example_and_stays(tmp_path: Path) -> None:
    rows = [["Name", "First"], ["Jan Kotas", "Jan"], ["#N/A", None], ["Ana Trujillo", "#REF!"], ["Eva Lind", None]]
    path, out = book(tmp_path / "b.xlsx", rows), tmp_path / "o.xlsx"
    result = run("fill", path, "--out", out)
    assert result.code == 0 and "from 1 example" in result.out
    assert column(out) == ["Jan", None, "#REF!", "Eva"]
    assert column(out, "A")[1] == "#N/A"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([["12 kg", 12], ["7 kg", None], ["9.5 kg", None]], [12, 7, 9.5]),
        ([["x 2024-03-09", date(2024, 3, 9)], ["x 2023-11-30", None]], [datetime(2024, 3, 9), datetime(2023, 11, 30)]),
        ([["at 07:30:00", time(7, 30)], ["at 23:15:00", None]], [time(7, 30), time(23, 15)]),
        ([["is TRUE", True], ["is FALSE", None]], [True, False]),
        ([["id 007", "007"], ["id 012", None]], ["007", "012"]),
    ],
    ids=["numbers", "dates", "times", "booleans", "text of digits"],
)
def test_outputs_have_the_type_of_the_examples(tmp_path: Path, given: Rows, expected: list[Any]) -> None:
    path, out = book(tmp_path / "b.xlsx", [["Text", "Value"], *given]), tmp_path / "o.xlsx"
    assert run("fill", path, "--out", out).code == 0
    assert column(out) == expected
    assert [type(value) for value in column(out)] == [type(value) for value in expected]


def test_formulas_among_the_inputs_are_read_by_their_values_and_stay(tmp_path: Path) -> None:
    def row(n: int, first: str, last: str, out: str) -> str:
        whole = f'<c r="C{n}" t="str"><f>A{n}&amp;" "&amp;B{n}</f><v>{first} {last}</v></c>'
        return f'<row r="{n}">{text_cell(f"A{n}", first)}{text_cell(f"B{n}", last)}{whole}{out}</row>'

    head = "".join(text_cell(f"{c}1", text) for c, text in zip("ABCD", ("First", "Last", "Name", "Out"), strict=True))
    rows = f'<row r="1">{head}</row>' + row(2, "Jan", "Kotas", text_cell("D2", "Jan Kotas!"))
    rows += row(3, "Ana", "Lind", "") + row(4, "Eva", "Moos", '<c r="D4"><f>C4&amp;"!"</f></c>')
    path, out = write_book(tmp_path / "b.xlsx", sheet_xml(rows)), tmp_path / "o.xlsx"
    assert run("fill", path, "--out", out, "--column", "Out").code == 0
    assert column(out, "D", "Data") == ["Jan Kotas!", "Ana Lind!", '=C4&"!"']  # a formula without a value is not empty
    assert column(out, "C", "Data")[1] == '=A3&" "&B3'


def test_many_rows_with_duplicates(tmp_path: Path) -> None:
    names = ["Jan Kotas", "Mariya Sergienko", "Steven Thorpe", "Laura Giussani"]
    path, out = tmp_path / "b.csv", tmp_path / "o.csv"
    lines = [f"{names[i % 4]},{names[i % 4].split()[0] if i < 3 else ''}" for i in range(5_000)]
    path.write_text("\n".join(["Name,First", *lines]) + "\n")
    result = run("fill", path, "--out", out)
    assert result.code == 0 and "4,997 cells filled" in result.out and len(result.out.splitlines()) < 50
    expected = [f"{names[i % 4]},{names[i % 4].split()[0]}" for i in range(5_000)]
    assert out.read_text() == "\n".join(["Name,First", *expected]) + "\n"


def test_markup_and_control_characters_appear_as_they_are_and_harm_nothing(tmp_path: Path) -> None:
    path, out = tmp_path / "b.csv", tmp_path / "o.csv"
    path.write_text("N[/]a\x1b[31mme,[b]Fi\x9brst\n[red]Jan[/red] K,Jan\n[/] Ana,\n\x1b[2J\x07 \u202eEva,\n")
    result = run("fill", path, "--out", out)
    assert result.code == 0, result
    for text in ("N[/]a", "[b]Fi", "[red]Jan[/red] K", "[/] Ana"):
        assert text in result.out
    assert all(char.isprintable() or char == "\n" for char in result.out)


def test_a_report_that_goes_to_a_file_has_no_blanks_at_line_ends(tmp_path: Path) -> None:
    out = run("fill", book(tmp_path / "b.xlsx", DOUBTFUL_NAMES)).out
    for title in ("Program", "Other readings", "To settle most"):
        assert title in out
    assert [line for line in out.splitlines() if line != line.rstrip()] == []


def test_each_case_of_a_program_stands_on_a_line_and_formulas_say_the_same(tmp_path: Path) -> None:
    refs = ["AB-120", "missing", "AB-7", "missing", "AB-31", "unknown"]
    rows = [["Ref", "Note"], *zip(refs, ["part 120", "n/a", "part 7", *[None] * 3], strict=True)]
    path, out = book(tmp_path / "b.xlsx", rows), tmp_path / "o.xlsx"
    lines = [line.strip() for line in run("fill", path, "--out", out, "--formulas").out.splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith("If Ref "))
    assert lines[start].endswith(";") and lines[start + 1].startswith("otherwise ")
    assert all(formula.startswith("=IF(") for formula in column(out)[4:])


def test_the_question_names_the_cell_to_fill_in(tmp_path: Path) -> None:
    assert "fill in B4" in run("fill", book(tmp_path / "b.xlsx", DOUBTFUL_NAMES)).out


def test_json_says_everything_the_report_does(tmp_path: Path) -> None:
    path, out = book(tmp_path / "b.xlsx", DOUBTFUL_NAMES), tmp_path / "o.xlsx"
    data = json.loads(run("fill", path, "--out", out, "--json").out)
    assert set(data) == {"written", "program", "english", "cells", "candidates", "question"}
    assert data["written"] == str(out)
    assert [cell["output"] for cell in data["cells"]] == column(out)[1:]
    assert data["candidates"][0]["program"] == data["program"]
    assert data["question"]["row"] == 4 and {"output", "probability"} == set(data["question"]["options"][0])


def test_a_program_from_one_example_among_several_columns_and_sheets(tmp_path: Path) -> None:
    path, out = tmp_path / "b.xlsx", tmp_path / "o.xlsx"
    made = openpyxl.Workbook()
    made.active.title = "Empty"  # type: ignore[union-attr]
    page = made.create_sheet("People")
    for row in (["Last", "First", "Full"], ["Kotas", "Jan", "Jan Kotas"], ["Lind", "Eva", None], ["Moos", "Ana", None]):
        page.append(row)
    made.save(path)
    assert run("fill", path, "--sheet", "People", "--out", out).code == 0
    assert column(out, "C", "People") == ["Jan Kotas", "Eva Lind", "Ana Moos"]


def test_formulas_calculate_to_the_values_that_were_predicted(tmp_path: Path) -> None:
    ironcalc = pytest.importorskip("ironcalc", reason="IronCalc, which calculates the formulas, is not installed")
    rows = [["Name", "Out"], ["Jan Kotas", "J. Kotas"], ["Mariya Sergienko", None], ["Steven Thorpe", None]]
    path, values, formulas = book(tmp_path / "b.xlsx", rows), tmp_path / "v.xlsx", tmp_path / "f.xlsx"
    assert run("fill", path, "--out", values).code == 0
    assert run("fill", path, "--out", formulas, "--formulas").code == 0
    assert changed_parts(path, formulas) <= {"xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"}
    assert all(str(cell).startswith("=") for cell in column(formulas)[1:])
    cached = openpyxl.load_workbook(formulas, data_only=True).active
    assert cached is not None
    assert [cell.value for cell in cached["B"]][1:] == column(values)
    model = ironcalc.load_from_xlsx(str(formulas), "en", "UTC", "en")
    model.evaluate()
    assert [model.get_formatted_cell_value(0, n, 2) for n in (3, 4)] == column(values)[1:]


# ---------------------------------------------------------------- text files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_text_files_keep_their_encoding_delimiter_and_line_ends(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    path, out = tmp_path / "b.csv", tmp_path / "o.csv"
    lines = ["Name,First", "Jörg Kotas,Jörg", '"Ana Trujillo",', "Änne Zülch,"]
    filled = ["Name,First", "Jörg Kotas,Jörg", '"Ana Trujillo",Ana', "Änne Zülch,Änne"]
    path.write_bytes("\r\n".join(lines).replace(",", delimiter).encode(encoding))
    assert run("fill", path, "--out", out).code == 0
    assert out.read_bytes() == "\r\n".join(filled).replace(",", delimiter).encode(encoding)


def test_a_value_that_the_encoding_cannot_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_bytes("Name,Out\nJörg,Jörg→\nAna,\n".encode())
    assert run("fill", path).code == 0
    path.write_bytes("Name,Out\nJörg Ÿ,JÖRG Ÿ\nÿ µ,\n".encode("cp1252"))  # µ in capitals is no letter of cp1252
    assert "cp1252" in refused("fill", path, "--out", tmp_path / "o.csv")
