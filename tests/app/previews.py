"""Sheets of the page with their columns learnt, without a page."""

from __future__ import annotations

import pbe
from app.sheets import sheet as sheets
from app.sheets.sheet import Sheet


def learnt(sheet: Sheet) -> Sheet:
    """The sheet once every column that was due has been learnt."""
    while sheet.due is not None:
        sheet = sheets.learnt(sheet, sheet.due, sheets.learn(sheet, sheet.due, pbe.Budget(seconds=300)))
    return sheet
