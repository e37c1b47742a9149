"""Runs the command line as a shell would, and builds and reads the workbooks of its tests."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import openpyxl
from workbooks import digest

from app import cli
from app.workbook.styles import FILL

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Result:
    """How a command ended: exit status, standard output, standard error."""

    code: int
    out: str
    err: str


def run(*arguments: str | Path) -> Result:
    """What `pbe ARGUMENTS` does."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with patch("sys.argv", ["pbe", *map(str, arguments)]), redirect_stdout(out), redirect_stderr(err):
        try:
            cli.main()
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else int(left.code is not None)
    return Result(code, out.getvalue(), err.getvalue())


def refused(command: str, path: Path, *arguments: str | Path) -> str:
    """The sentence of a refusal, after checking that it is one and that no file changed or appeared."""
    before = {file: digest(file) for file in path.parent.iterdir() if file.is_file()}
    result = run(command, path, *arguments)
    assert result.code == 2, result
    assert {file: digest(file) for file in path.parent.iterdir() if file.is_file()} == before
    assert result.out == ""
    assert result.err.startswith("pbe: ") and result.err.endswith(".\n") and result.err.count("\n") == 1, result.err
    return result.err


def book(path: Path, rows: Rows, title: str = "Data", merged: str | None = None) -> Path:
    """A workbook with one sheet of these rows; text that begins with "=" is text."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    for line in sheet:
        for cell in line:
            if cell.data_type == "f":
                cell.data_type = "s"
    if merged:
        sheet.merge_cells(merged)
    made.save(path)
    return path


def column(path: Path, letters: str = "B", sheet: str | None = None) -> list[Any]:
    """The cells of a column below its first, formulas as text."""
    opened = openpyxl.load_workbook(path)
    page = opened[sheet] if sheet else opened.active
    assert page is not None
    return [cell.value for cell in page[letters]][1:]


def amber(path: Path, letters: str = "B") -> list[int]:
    """The rows of a column whose cells carry the mark of doubt."""
    page = openpyxl.load_workbook(path).active
    assert page is not None
    return [cell.row for cell in page[letters] if cell.fill.fill_type == "solid" and cell.fill.fgColor.rgb == FILL]
