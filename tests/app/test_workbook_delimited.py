"""app.workbook on text files: read as text, written with nothing else changed."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.workbook import BookError, CellWrite, find_target, patch_csv, read_table


def file(folder: Path, data: str | bytes, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def patched(path: Path, *writes: CellWrite) -> bytes:
    out = path.with_name("out" + path.suffix)
    patch_csv(read_table(path), out, writes)
    return out.read_bytes()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters_are_told_from_the_file(tmp_path: Path, delimiter: str) -> None:
    lines = [["Name", "Out"], ["Lee, Ann", "Ann; 1"], ["Day | Bo", ""]]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    table = read_table(file(tmp_path, text))
    assert table.rows == [("Lee, Ann", "Ann; 1"), ("Day | Bo", None)]
    assert table.headers == ("Name", "Out") and table.sheet is None and table.first_row == 2


def test_decimal_commas_do_not_look_like_delimiters(tmp_path: Path) -> None:
    assert read_table(file(tmp_path, "1,5;2,5\n3,5;4,5\n")).rows == [("1,5", "2,5"), ("3,5", "4,5")]


def test_one_column_and_the_suffix_of_tab_separated_files(tmp_path: Path) -> None:
    assert read_table(file(tmp_path, "Name\nAnn\nBo\n")).rows == [("Ann",), ("Bo",)]
    assert (
        patched(file(tmp_path, "Name\nAnn\nBo\n", "t.tsv"), CellWrite(2, "B", "x")) == b"Name\nAnn\tx\nBo\n"
    )


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("\ufeffName,Out\né,x\n".encode(), "→"),
        ("Name,Out\né,x\n".encode("cp1252"), "ü"),
        (b"\xff\xfe" + "Name,Out\né,x\n".encode("utf-16-le"), "→"),
    ],
)
def test_encodings_are_kept(tmp_path: Path, data: bytes, value: str) -> None:
    path = file(tmp_path, data)
    assert read_table(path).rows == [("é", "x")] and read_table(path).headers == ("Name", "Out")
    patch = patched(path, CellWrite(2, "B", value))
    encoding = "utf-16-le" if data.startswith(b"\xff\xfe") else "cp1252" if b"\xe9" in data else "utf-8"
    assert patch == data.replace("x".encode(encoding), value.encode(encoding))


def test_other_characters_stay_as_they_are(tmp_path: Path) -> None:
    text = 'a;"b ""q""\r\n2";c\r\n\r\n "x" ;;last\n"y";\n'
    path = file(tmp_path, text)
    assert read_table(path, header=False).rows[0] == ("a", 'b "q"\r\n2', "c")
    assert patched(path) == text.encode()
    fresh = patched(path, CellWrite(3, "B", "n;m"), CellWrite(4, "D", 'say "hi"'), CellWrite(6, "B", 5))
    assert fresh == (b'a;"b ""q""\r\n2";c\r\n\r\n "x" ;"n;m";last\n"y";;;"say ""hi"""\n\r\n;5\r\n')


def test_a_file_that_quotes_everything_goes_on_doing_so(tmp_path: Path) -> None:
    assert (
        patched(file(tmp_path, '"Name","Out"\n"Ann",\n'), CellWrite(2, "B", "A"))
        == b'"Name","Out"\n"Ann","A"\n'
    )


def test_a_missing_last_line_break_stays_missing(tmp_path: Path) -> None:
    assert patched(file(tmp_path, "Name,Out\nAnn,"), CellWrite(2, "B", True)) == b"Name,Out\nAnn,TRUE"


def test_the_target_of_a_text_file(tmp_path: Path) -> None:
    table = read_table(file(tmp_path, "Name,Out\nAnn Lee,Ann\nBo Day\nCy Fox,\n"))
    target = find_target(table)
    assert (target.column_index, target.example_rows, target.empty_rows) == (1, [0], [1, 2])


@pytest.mark.parametrize(
    ("data", "write", "words"),
    [
        (b"a,b\n\x81,c\n", None, "UTF-8 or Windows-1252"),
        (b"PK\x03\x04\0\0", None, "not a text file"),
        (b'a,b\nc,"d\ne,f\n', None, "row 2: a quote is never closed"),
        ("é,b\n".encode("cp1252"), CellWrite(1, "B", "→"), "cannot hold '→'"),
        (b"a,b\n", CellWrite(1, "B", "\ud800"), "change that value"),
    ],
)
def test_bad_text_is_refused_and_left_alone(
    tmp_path: Path, data: bytes, write: CellWrite | None, words: str
) -> None:
    path = file(tmp_path, data)
    with pytest.raises(BookError, match=words):
        patched(path, *([write] if write else []))
    assert path.read_bytes() == data and [one.name for one in tmp_path.iterdir()] == ["t.csv"]


def test_in_place_makes_a_backup(tmp_path: Path) -> None:
    path = file(tmp_path, "a,b\nc,\n")
    table = read_table(path)
    with pytest.raises(BookError, match="in place"):
        patch_csv(table, path, [CellWrite(2, "B", "d")])
    patch_csv(table, path, [CellWrite(2, "B", "d")], in_place=True)
    assert path.read_bytes() == b"a,b\nc,d\n" and (tmp_path / "t.bak.csv").read_bytes() == b"a,b\nc,\n"


CELLS = st.text(alphabet='ab ,;"\r\n\té', max_size=5)


@given(st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=3, max_size=6), CELLS, st.data())
def test_a_patched_file_reads_as_the_csv_module_reads_it(
    rows: list[list[str]], value: str, data: st.DataObject
) -> None:
    rows = [["k1", "k2", "k3"], *rows]
    row, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(0, 2))
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL).writerows(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = file(Path(folder), buffer.getvalue())
        fresh = patched(path, CellWrite(row + 1, "ABC"[column], value)).decode()
    rows[row][column] = value
    assert list(csv.reader(io.StringIO(fresh, newline=""))) == rows
