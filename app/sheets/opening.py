"""From a file, a paste or a built-in example to a sheet on the desk."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from app.sheets.clipboard import cells_of
from app.sheets.examples import Case
from app.sheets.sheet import MOST_CELLS, Sheet, sheet_of, wanted
from app.workbook import BookError, find_target, read_table

MOST_BYTES = 50 << 20
"""Of an uploaded file or of pasted text."""


def opened(path: Path, sheet: str | None = None, header: bool | None = None) -> Sheet:
    """Return the table of a file as a sheet, its partly filled column waiting to be learnt; BookError if unreadable."""
    made = sheet_of(read_table(path, sheet, header, most_cells=MOST_CELLS))
    try:
        return wanted(made, find_target(made.table).column_index)
    except BookError:  # nothing to fill yet, or several columns that could be meant: the person will say
        return made


def uploaded(name: str, data: bytes, folder: Path) -> Path:
    """Return where an uploaded file lies now, under its own name in a folder; BookError if it is too large."""
    if len(data) > MOST_BYTES:
        raise BookError(f"{name} has {len(data) >> 20} MiB; at most {MOST_BYTES >> 20} MiB can be worked on here.")
    path = folder / (Path(name.replace("\\", "/")).name or "sheet")
    path.write_bytes(data)
    return path


def pasted_text(text: str, folder: Path) -> Path:
    """Return a text file of pasted cells, or of lines separated by commas or the like; BookError without any."""
    if not text.strip():
        raise BookError("There is nothing to open; paste some cells first.")
    path = folder / "pasted.csv"
    if "\t" in text:
        return _written(path, cells_of(text))
    path.write_text(text.strip("\r\n") + "\n", encoding="utf-8", newline="")
    return path


def example(case: Case, folder: Path) -> Path:
    """Return a text file of a built-in example."""
    return _written(folder / f"{case.name}.csv", case.rows)


def _written(path: Path, rows: Sequence[Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)
    return path
