"""`pbe learn` and `pbe apply`, the program file between them, and the help of every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import book, column, refused, run
from workbooks import changed_parts, digest

EXAMPLES = "First,Last,Full\nJan,Kotas,\"Kotas, Jan\"\nMariya,Sergienko,\nSteven,Thorpe,\n"


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    path = tmp_path / "examples.csv"
    path.write_text(EXAMPLES)
    return path


@pytest.fixture
def program(examples: Path) -> Path:
    path = examples.with_name("full.json")
    assert run("learn", examples, "--save", path).code == 0
    return path


# ---------------------------------------------------------------- learn


@pytest.mark.parametrize("form", ["report", "program", "python", "excel", "english"])
def test_every_form_is_printed_and_nothing_is_written(examples: Path, form: str) -> None:
    before = digest(examples)
    result = run("learn", examples, "--print", form)
    assert result.code == 0 and result.out.strip() and result.err == ""
    assert list(examples.parent.iterdir()) == [examples] and digest(examples) == before


def test_printed_python_gives_what_was_learnt(examples: Path) -> None:
    text = run("learn", examples, "--print", "python").out
    scope: dict[str, object] = {}
    exec(compile(text, "learnt", "exec"), scope)  # our own output: it must run by itself
    function = scope["transform"]
    assert callable(function) and function("Ana", "Lind") == "Lind, Ana"


def test_a_printed_formula_reads_the_first_row_to_fill(examples: Path) -> None:
    formula = run("learn", examples, "--print", "excel").out.strip()
    assert formula.startswith("=") and "A3" in formula and "B3" in formula and "_xl" not in formula


def test_a_printed_sentence_names_the_columns(examples: Path) -> None:
    text = run("learn", examples, "--print", "english").out
    assert "Last" in text and "First" in text and text.count("\n") == 1


def test_a_full_column_of_examples_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("Name,Initials\nJan Kotas,JK\nMariya Sergienko,MS\n")
    assert "2 examples" in run("learn", path).out
    assert run("learn", path, "--column", "Initials", "--print", "program").code == 0


def test_the_last_column_is_learnt_even_if_its_letter_heads_another(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    path.write_text("C,x,A\nJan Kotas,1,Jan\nEva Lind,2,Eva\n")
    result = run("learn", path, "--header")
    assert result.code == 0 and "column C (“A”)" in result.out


def test_learn_refuses_what_fill_refuses(tmp_path: Path) -> None:
    path = tmp_path / "e.csv"
    refused("learn", path)
    path.write_text("Name,First\nJan,J\nJan,K\n")
    assert "Rows 2 and 3" in refused("learn", path)
    path.write_text("Name,First\nJan,\nEva,\n")
    assert "no example" in refused("learn", path, "--column", "First")
    assert "no column" in refused("learn", path, "--column", "Second")
    path.write_text("")
    assert "no rows" in refused("learn", path)


def test_an_unknown_form_is_status_2(examples: Path) -> None:
    assert run("learn", examples, "--print", "cobol").code == 2


def test_a_program_is_saved_over_nothing(examples: Path, program: Path) -> None:
    assert "exists already" in refused("learn", examples, "--save", program)
    assert "table" in refused("learn", examples, "--save", examples, "--overwrite")
    assert run("learn", examples, "--save", program, "--overwrite").code == 0


def test_a_program_file_holds_the_program_and_the_names_it_reads(program: Path) -> None:
    data = json.loads(program.read_text())
    assert set(data) >= {"format", "version", "inputs", "output", "program"}
    assert data["inputs"] == ["First", "Last"] and data["output"] == "Full"


# ---------------------------------------------------------------- apply


def test_columns_are_found_by_header_in_any_order_and_the_output_column_is_added(program: Path) -> None:
    other = program.with_name("other.xlsx")
    book(other, [["Last", "City", "First"], ["Lind", "Oslo", "Eva"], ["Moos", "Rome", "Ana"], [None, "Bonn", None]])
    out = program.with_name("done.xlsx")
    result = run("apply", program, other, "--out", out)
    assert result.code == 0 and "2 cells filled in column D" in result.out and "1 left blank" in result.out
    assert column(out, "D")[:2] == ["Lind, Eva", "Moos, Ana"]
    assert column(out, "B") == ["Oslo", "Rome", "Bonn"]
    assert changed_parts(other, out) <= {"xl/worksheets/sheet1.xml"}


def test_the_added_column_gets_its_header(program: Path) -> None:
    other = program.with_name("other.csv")
    other.write_text("Last;First\nLind;Eva\nMoos;Ana\n")
    out = program.with_name("done.csv")
    assert run("apply", program, other, "--out", out).code == 0
    assert out.read_text() == "Last;First;Full\nLind;Eva;Lind, Eva\nMoos;Ana;Moos, Ana\n"


def test_an_output_column_that_is_there_is_filled_where_it_is_empty(program: Path) -> None:
    other = program.with_name("other.csv")
    other.write_text("Full,Last,First\n,Lind,Eva\nby hand,Moos,Ana\n")
    out = program.with_name("done.csv")
    assert run("apply", program, other, "--out", out).code == 0
    assert out.read_text() == 'Full,Last,First\n"Lind, Eva",Lind,Eva\nby hand,Moos,Ana\n'


def test_a_named_column_is_filled_instead(program: Path) -> None:
    other = program.with_name("other.csv")
    other.write_text("Last,First,Shown\nLind,Eva,\n")
    out = program.with_name("done.csv")
    assert run("apply", program, other, "--column", "Shown", "--out", out).code == 0
    assert out.read_text() == 'Last,First,Shown\nLind,Eva,"Lind, Eva"\n'


def test_a_missing_input_column_is_named(program: Path) -> None:
    other = program.with_name("other.csv")
    other.write_text("Surname,First\nLind,Eva\nMoos,Ana\n")
    before = digest(other)
    result = run("apply", program, other)
    assert result.code == 2 and "“Last”" in result.err and result.err.startswith("pbe: ")
    assert digest(other) == before and sorted(other.parent.iterdir()) == sorted(
        [other, program, program.with_name("examples.csv")]
    )


def test_apply_in_place_keeps_a_backup(program: Path) -> None:
    other = program.with_name("other.csv")
    other.write_text("First,Last,Full\nEva,Lind,\n")
    before = digest(other)
    assert run("apply", program, other, "--in-place").code == 0
    assert other.read_text() == 'First,Last,Full\nEva,Lind,"Lind, Eva"\n'
    assert digest(other.with_name("other.bak.csv")) == before


def test_fill_saves_the_same_program_as_learn(examples: Path, program: Path) -> None:
    saved = program.with_name("filled.json")
    assert run("fill", examples, "--save", saved).code == 0
    assert json.loads(saved.read_text()) == json.loads(program.read_text())


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"}, {"version": 99}, {"inputs": [1]}, {"inputs": []}, {"output": None},
        {"program": "system(x1)"}, {"program": "upper(x9)"}, {"program": "upper("}, {"program": 7},
        {"program": "x1" + ")" * 90}, {"program": "upper(" * 5_000 + "x1" + ")" * 5_000},
    ],
)  # fmt: skip
def test_a_damaged_program_file_is_refused(program: Path, change: dict[str, object]) -> None:
    other = program.with_name("other.csv")
    other.write_text("First,Last,Full\nEva,Lind,\n")
    program.write_text(json.dumps(json.loads(program.read_text()) | change))
    refused("apply", program, other)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe\x00", b"[]", b"hello", b"[" * 100_000])
def test_what_is_no_program_file_is_refused(program: Path, data: bytes) -> None:
    program.write_bytes(data)
    assert "not a program file" in refused("apply", program, program.with_name("examples.csv"))


def test_a_program_file_that_is_missing_or_a_folder_is_refused(program: Path) -> None:
    refused("apply", program.with_name("absent"), program)
    refused("apply", program.parent, program)


# ---------------------------------------------------------------- help


@pytest.mark.parametrize(
    "command", [(), ("fill",), ("learn",), ("apply",), ("bench",), ("bench", "playgol"), ("bench", "prose")]
)
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    result = run(*command, "--help")
    assert result.code == 0 and "Usage" in result.out and result.err == ""


@pytest.mark.parametrize("arguments", [("fil",), ("fill",), ("fill", "--nope"), ("fill", "b.csv", "--seconds", "0")])
def test_wrong_usage_is_status_2(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.code == 2 and result.out == ""


def test_a_program_with_conditions_is_applied(tmp_path: Path) -> None:
    path, table, out = tmp_path / "p.json", tmp_path / "t.csv", tmp_path / "o.csv"
    program = 'when(is_blank(x1), "none", when(has(x1, digits), upper(x1), ""))'
    data = {"format": "pbe-program", "version": 1, "inputs": ["Code"], "output": "Note", "program": program}
    path.write_text(json.dumps(data))
    table.write_text("Code,Kind\na1,x\n,y\nab,z\n")
    assert run("apply", path, table, "--out", out).code == 0
    assert out.read_text() == "Code,Kind,Note\na1,x,A1\n,y,none\nab,z,\n"
