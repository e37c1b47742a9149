"""The sheet on the desk: learning what is due, the grid, and the panel beside it."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from app.pages.desk import opinion, panel, session
from app.pages.desk.events import carried_out
from app.pages.desk.plain import plain
from app.pages.desk.take import downloads
from app.pages.grid import grid
from app.sheets.job import Job
from app.sheets.sheet import Sheet
from app.sheets.view import page_view

GRID = "grid"
PATIENCE = 1.0
"""Seconds that a page waits for what is being learnt before it shows a bar and a way to stop."""
STEP = 0.05


def show() -> None:
    """Show the sheet of the session."""
    _head()
    left, right = st.columns([5, 3], gap="medium")
    with left:
        yielding = st.empty()
        ready = _settle(yielding)
        opinion.hear()
        present = session.sheet()
        assert present is not None
        grid(_data(present, ready), GRID, _events)
        downloads(present)
    with right:
        if ready:
            panel.show(present)
        else:
            _waiting()
        opinion.show(present)


def _head() -> None:
    place, present = session.desk(), session.sheet()
    assert present is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.title(plain(place.title), anchor=False, width="stretch")
        if not present.past:
            held = present.table.has_header
            st.button(
                f"Take the first row as {'data' if held else 'headers'}", type="tertiary",
                help=f"The first row was read as {'headers' if held else 'data'}.",
                on_click=session.with_header, args=(not held,),
            )  # fmt: skip
        if len(place.sheets) > 1 and present.table.sheet in place.sheets:
            key = f"sheet in {place.folder.name}"
            name = st.selectbox("Sheet", place.sheets, place.sheets.index(present.table.sheet), key=key, width=200)
            if name not in (present.table.sheet, place.refused):
                session.open_sheet(name)
                st.rerun()
        st.button("Open another", icon=":material/folder_open:", on_click=session.close)
    if place.problem:
        st.error(plain(place.problem), icon=":material/error:")


def _events() -> None:
    place, present = session.desk(), session.sheet()
    if present is not None:
        session.put(carried_out(place, present, st.session_state[GRID]["log"]))


def _settle(yielding: Any) -> bool:
    """Learn what is due, for as long as a person waits without a word; return whether all is learnt."""
    place = session.desk()
    deadline = time.monotonic() + PATIENCE
    while True:
        present = session.sheet()
        assert present is not None
        if present.due is None:
            return True
        if place.job is None or not place.job.serves(present):
            if place.job is not None:
                place.job.stop()
            place.job = Job(present, present.due)
        while not place.job.wait(STEP):
            yielding.empty()  # lets the next thing that the person did interrupt this run
            if time.monotonic() > deadline:
                return False
        job, place.job = place.job, None
        session.put(job.result(present))


@st.fragment(run_every=0.4)
def _waiting() -> None:
    job = session.desk().job
    if job is None or job.wait(0):
        st.rerun()
    st.progress(job.share, text="Looking for what your examples have in common …")
    st.button("Stop", on_click=session.stop)


def _data(present: Sheet, ready: bool) -> dict[str, Any]:
    place = session.desk()
    row, column, turn = place.focus
    filling = None if present.column is None else present.column.preview
    doubtful = 0
    say = ""
    if filling is not None and filling.answer.program is not None and present.column is not None:
        doubtful = sum(present.column.open_at(filling.rows[at]) for at in filling.doubtful)
        say = f"{len(filling.empty)} cells filled, {doubtful} doubtful"
    hint = place.hint
    if present.past:
        hint = place.hint = None
    return {
        **page_view(present, place.first),
        "ack": place.ack,
        "focus": {"row": row, "column": column, "turn": turn},
        "doubtful": doubtful,
        "say": say if ready else "",
        "busy": not ready,
        "hint": None if hint is None else {"row": hint.row, "column": hint.column, "text": hint.text},
    }
