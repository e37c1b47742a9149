"""What one visitor's session keeps: the sheet, its file, the learning under way. Nothing is shared between sessions."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import streamlit as st

import pbe
from app.sheets.job import Job
from app.sheets.opening import opened
from app.sheets.sheet import Sheet, given_up
from app.workbook import BookError, sheet_names

SHEET, DESK = "sheet", "desk"


@dataclass(frozen=True, slots=True)
class Hint:
    """The cell that tells most before there is any example, and what to say there."""

    row: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file to be opened: what puts it into the session's folder, how the page calls it, what to suggest typing."""

    make: Callable[[Path], Path]
    title: str
    suggestion: str | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What the visitor wants of a language model: whether previews are reconsidered with it, which one it is, whether
    it sees masked cells only, and what is said to it of a column, by the names of sheet and column."""

    on: bool = False
    provider: str | None = None
    model: str = ""
    masked: bool = False
    said: Mapping[tuple[str | None, str], str] = field(default_factory=dict)


@dataclass(slots=True)
class Desk:
    """The working state of a session beside the sheet itself.

    `ack` is the number of the grid's last event that was seen to, `first` the first row of the page on show, `focus`
    the cell that the grid is to go to, with a turn that rises with each new wish; `put_by` the file's other sheets as
    they were left, `refused` one that cannot be read. `asking` is the last question to a language model until it has
    an answer or its time is over, even if nobody waits for it any more.
    """

    folder: tempfile.TemporaryDirectory[str] = field(default_factory=tempfile.TemporaryDirectory)
    file: Path | None = None
    sheets: tuple[str, ...] = ()
    put_by: dict[str, Sheet] = field(default_factory=dict)
    title: str = ""
    ack: int = 0
    first: int = 0
    focus: tuple[int, int, int] = (0, 0, 0)
    arriving: Arrival | None = None
    job: Job | None = None
    hint: Hint | None = None
    problem: str | None = None
    refused: str | None = None
    wish: Wish = field(default_factory=Wish)
    asking: Job | None = None

    def go(self, row: int, column: int) -> None:
        """Wish for a cell to be gone to."""
        self.focus = (row, column, self.focus[2] + 1)


def desk() -> Desk:
    """Return the session's desk."""
    if DESK not in st.session_state:
        st.session_state[DESK] = Desk()
    found: Desk = st.session_state[DESK]
    return found


def sheet() -> Sheet | None:
    """Return the session's sheet, if one is open."""
    found: Sheet | None = st.session_state.get(SHEET)
    return found


def put(changed: Sheet) -> None:
    """Keep the sheet as the session's present one."""
    st.session_state[SHEET] = changed


def change(step: Callable[[Sheet], Sheet]) -> None:
    """Apply a step to the session's sheet."""
    present = sheet()
    if present is not None:
        put(step(present))


def open_next(make: Callable[[Path], Path], title: str, suggestion: str | None = None) -> None:
    """Have the page open a file that `make` puts into the session's folder."""
    desk().arriving = Arrival(make, title, suggestion)


def open_arrived() -> None:
    """Open the file that was asked for; a problem is kept to be shown."""
    stop()
    arrived = desk().arriving
    assert arrived is not None
    place = Desk()
    st.session_state[DESK] = place
    st.session_state.pop(SHEET, None)
    try:
        place.file = arrived.make(Path(place.folder.name))
        found = opened(place.file)
        place.sheets = () if found.table.sheet is None else sheet_names(place.file)
    except BookError as error:
        place.problem = str(error)
        return
    place.title = arrived.title
    _begin(place, found, arrived.suggestion)


def open_sheet(name: str) -> None:
    """Go to another sheet of the session's workbook, as it was left or as it came."""
    stop()
    place, present = desk(), sheet()
    if place.file is None or present is None or present.table.sheet is None:
        return
    place.put_by[present.table.sheet] = present
    _open_again(place, name, None)


def with_header(header: bool) -> None:
    """Read the sheet once more, with its first row as headers or as data; what was typed is gone."""
    stop()
    place, present = desk(), sheet()
    if place.file is not None and present is not None:
        _open_again(place, present.table.sheet, header)


def _open_again(place: Desk, name: str | None, header: bool | None) -> None:
    assert place.file is not None
    place.problem = None
    known = place.put_by.pop(name, None) if name is not None else None
    try:
        _begin(place, known or opened(place.file, name, header), None)
    except BookError as error:
        place.problem, place.refused = str(error), name


def close() -> None:
    """Put the sheet away; its file goes with it."""
    stop()
    st.session_state.pop(SHEET, None)
    st.session_state[DESK] = Desk()


def stop() -> None:
    """Stop what is being learnt."""
    place = desk()
    if place.asking is not None:
        place.asking.stop()
    if place.job is not None:
        present = sheet()
        if present is not None and place.job.serves(present):
            put(given_up(present, place.job.column))
        place.job.stop()
        place.job = None


def _begin(place: Desk, found: Sheet, suggestion: str | None) -> None:
    put(found)
    place.first = 0
    empty = next((i for i, column in enumerate(found.columns) if not any(column.cells)), len(found.columns))
    column = found.active if found.active is not None else empty
    place.hint = None
    if found.active is None and not found.past:
        place.hint = Hint(0, empty, f"type {suggestion}") if suggestion else _hint(found, empty)
    row = place.hint.row if place.hint else 0
    place.focus = (row, column, place.focus[2])


def _hint(found: Sheet, column: int) -> Hint:
    question = pbe.first_question(found.table.rows, pbe.Budget(seconds=1))
    row = question.row if question is not None and question.row is not None and question.row < 20 else 0
    return Hint(row, column, "type an example")
