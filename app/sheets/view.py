"""What the grid shows of a sheet: one page of rows, as plain texts with their marks."""

from __future__ import annotations

from typing import Any

import pbe
from app.sheets.sheet import Column, Sheet
from dsl.types import as_text

PAGE_CELLS = 3_000
MOST_ROWS, LEAST_ROWS = 100, 20
LONGEST = 500
"""Characters of a cell that are shown; a longer one shows its beginning, and goes along whole for edits and copies."""


def page_rows(sheet: Sheet) -> int:
    """Return how many rows make a page: fewer where there are many columns."""
    return max(LEAST_ROWS, min(MOST_ROWS, PAGE_CELLS // (len(sheet.columns) + 1)))


def page_view(sheet: Sheet, first: int) -> dict[str, Any]:
    """Return the page that starts at a row as JSON: headers, texts, and marks on some of the cells.

    Texts longer than LONGEST are cut in "rows" and whole in "whole", by "row,column" of the page.
    A mark is [row in the page, column, kind, percent]; its kind is "given" (an example), "sure" or "doubtful" (a
    prediction), with "-asked" behind it in the cell that the question is about.
    """
    rows = range(first, min(first + page_rows(sheet), sheet.height))
    texts = [[_text(column, row) for column in sheet.columns] for row in rows]
    whole = {
        f"{row},{column}": text
        for row, line in enumerate(texts)
        for column, text in enumerate(line)
        if len(text) > LONGEST
    }
    marks = [
        [row - first, index, *mark]
        for index, column in enumerate(sheet.columns)
        if column.wanted
        for row in rows
        if (mark := _mark(column, row)) is not None
    ]
    return {
        "columns": [
            {"letters": c.letters, "header": c.header, "added": c.added, "wanted": c.wanted} for c in sheet.columns
        ],
        "first": first,
        "firstRow": sheet.table.first_row,
        "height": sheet.height,
        "pageRows": page_rows(sheet),
        "rows": [[text if len(text) <= LONGEST else text[: LONGEST - 1] + "…" for text in line] for line in texts],
        "whole": whole,
        "marks": marks,
        "undo": bool(sheet.past),
        "redo": bool(sheet.future),
    }


def _text(column: Column, row: int) -> str:
    prediction = column.prediction(row)
    return (as_text(column.cells[row]) if prediction is None else prediction[0]) or ""


def _mark(column: Column, row: int) -> tuple[str, int] | None:
    prediction = column.prediction(row)
    if prediction is None:
        given = row in column.told or (column.preview is not None and column.cells[row] is not None)
        return ("given", 100) if given else None
    kind = "sure" if prediction[1] >= pbe.DOUBTFUL else "doubtful"
    return kind + ("-asked" if column.asked == row else ""), int(100 * prediction[1])


def doubtful_after(sheet: Sheet, column: int, row: int) -> int | None:
    """Return the next row below whose predicted cell is doubtful, from the top again after the last."""
    filling = sheet.columns[column].preview
    if filling is None:
        return None
    rows = [filling.rows[place] for place in filling.doubtful if sheet.columns[column].open_at(filling.rows[place])]
    return next((other for other in rows if other > row), rows[0] if rows else None)
