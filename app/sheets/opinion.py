"""A language model's opinion on previews: asked for once a preview is on show, and taken into it when it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pbe
from app.sheets.sheet import Column, Sheet, learnt

if TYPE_CHECKING:
    from app.prior import Prior  # only who asks a language model needs what it imports


def awaiting(sheet: Sheet) -> int | None:
    """Return a column whose preview no model had anything to do with yet, the one last worked on if it is such."""
    found = [index for index, column in enumerate(sheet.columns) if not column.due and _unheard(column)]
    return sheet.active if sheet.active in found else next(iter(found), None)


def heard(
    sheet: Sheet,
    column: int,
    prior: Prior,
    budget: pbe.Budget | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Column:
    """Return the column with its preview reconsidered with a model's opinion; its note says what came of it."""
    present = sheet.columns[column]
    filling = present.filling
    assert filling is not None
    answer, note = prior.reconsider(filling.task, filling.answer, budget, progress)
    return replace(present, filling=replace(filling, answer=answer, note=note))


def unasked(sheet: Sheet, column: int, note: str) -> Sheet:
    """Return the sheet with a column's preview as it is, and a note why no model had to do with it."""
    present = sheet.columns[column]
    assert present.filling is not None
    return learnt(sheet, column, replace(present, filling=replace(present.filling, note=note)))


def forgotten(sheet: Sheet) -> Sheet:
    """Return the sheet with the previews that a model had to do with to be learnt anew."""
    columns = [
        replace(column, due=True) if column.preview is not None and column.preview.note is not None else column
        for column in sheet.columns
    ]
    return replace(sheet, columns=tuple(columns))


def _unheard(column: Column) -> bool:
    return column.preview is not None and column.preview.note is None and bool(column.preview.empty)
