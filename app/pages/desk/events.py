"""What the grid reports, carried out on the sheet. An event is a number, a kind and where; see `app.pages.grid`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from app.pages.desk.session import Desk
from app.sheets.clipboard import cells_of
from app.sheets.sheet import (
    Sheet,
    accepted,
    edited,
    erased,
    named,
    pasted,
    redone,
    undone,
    with_column,
)
from app.sheets.view import doubtful_after, page_rows

Event = dict[str, Any]


def carried_out(desk: Desk, sheet: Sheet, events: list[Event]) -> Sheet:
    """Return the sheet after the events that were not seen to yet; the desk notes their numbers, and where to go."""
    for event in events:
        if event["id"] > desk.ack:
            desk.ack = event["id"]
            sheet = _STEPS[event["kind"]](desk, sheet, event)
    return sheet


def go_to(desk: Desk, sheet: Sheet, row: int, column: int) -> None:
    """Show the page with a row and wish for its cell."""
    size = page_rows(sheet)
    desk.first = row // size * size
    desk.go(row, column)


def _cell(desk: Desk, sheet: Sheet, event: Event) -> Sheet:
    return edited(sheet, event["row"], event["column"], event["text"])


def _paste(desk: Desk, sheet: Sheet, event: Event) -> Sheet:
    return pasted(sheet, event["row"], event["column"], cells_of(event["text"]))


def _erase(desk: Desk, sheet: Sheet, event: Event) -> Sheet:
    return erased(sheet, event["row"], event["column"], event["height"], event["width"])


def _accept(desk: Desk, sheet: Sheet, event: Event) -> Sheet:
    return accepted(sheet, event["column"], event["row"]) if event["column"] < len(sheet.columns) else sheet


def _name(desk: Desk, sheet: Sheet, event: Event) -> Sheet:
    return named(sheet, event["column"], event["text"])


def _column(desk: Desk, sheet: Sheet, event: Event) -> Sheet:
    desk.go(desk.first, len(sheet.columns))
    return with_column(sheet)


def _page(desk: Desk, sheet: Sheet, event: Event) -> Sheet:
    size = page_rows(sheet)
    desk.first = min(event["first"], (sheet.height - 1) // size * size)
    desk.go(desk.first, desk.focus[1])
    return sheet


def _go(desk: Desk, sheet: Sheet, event: Event) -> Sheet:
    go_to(desk, sheet, event["row"], event["column"])
    return sheet


def _doubt(desk: Desk, sheet: Sheet, event: Event) -> Sheet:
    row = None if sheet.active is None else doubtful_after(sheet, sheet.active, event["row"])
    if row is not None and sheet.active is not None:
        go_to(desk, sheet, row, sheet.active)
    return sheet


def _step(change: Callable[[Sheet], Sheet], desk: Desk, sheet: Sheet, event: Event) -> Sheet:
    return change(sheet)


_STEPS: dict[str, Callable[[Desk, Sheet, Event], Sheet]] = {
    "cell": _cell,
    "paste": _paste,
    "erase": _erase,
    "accept": _accept,
    "name": _name,
    "column": _column,
    "page": _page,
    "go": _go,
    "doubt": _doubt,
    "undo": partial(_step, undone),
    "redo": partial(_step, redone),
}
