"""Beside the grid: what was learnt, the question, other readings, and what to take away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

import pbe
from app.filling import Filling
from app.pages.desk import opinion, session
from app.pages.desk.events import go_to
from app.pages.desk.plain import plain
from app.report import counted, percent
from app.sheets.sheet import Column, Sheet, accepted_all, answered, chosen, cleared, named
from app.shown import cell_text, quoted
from dsl.emit import Unsupported
from dsl.emit.english import english
from dsl.emit.excel import needs, readable
from dsl.emit.python import python
from dsl.program import Program, columns
from dsl.types import as_text

MOST_READINGS = 3
MOST_DIFFERENCES = 3
MOST_INPUTS = 3


def show(sheet: Sheet) -> None:
    """Show what is known about the column last worked on, or how to begin."""
    column, index = sheet.column, sheet.active
    if column is None or index is None:
        _begin()
    elif column.problem is not None:
        st.header(plain(column.header))
        st.warning(plain(column.problem), icon=":material/info:")
        st.button("Keep what I typed, fill nothing", on_click=_apply(partial(cleared, column=index)))
    elif column.filling is None or column.filling.answer.program is None:
        _nothing(column, index)
    else:
        _learnt(column, index, column.filling, column.filling.answer.program)


def _begin() -> None:
    st.header("Type one example")
    st.markdown(
        "Choose a cell in an empty column, such as **New column**, and type what should stand there for that row. "
        "Press **Enter**, and the other rows are filled in as a preview."
    )


def _nothing(column: Column, index: int) -> None:
    _name(column, index)
    opinion.show_note(column)
    st.warning("No rule was found that gives all your examples.", icon=":material/search_off:")
    if column.filling is not None and column.filling.answer.stop is pbe.StopReason.OUT_OF_TIME:
        st.markdown("The time ran out before everything was looked at.")
    st.markdown(
        "- Look for a typing slip: each example must follow from the cells of its own row.\n"
        "- Start with one example, and correct the cells that come out wrong.\n"
        "- If two kinds of rows need two rules, fill one kind first, in a column of its own."
    )
    st.button("Keep what I typed, fill nothing", on_click=_apply(partial(cleared, column=index)))


def _name(column: Column, index: int) -> None:
    """Show the column's name, and let the person give one to a column that they added."""
    nameless = column.header == column.letters
    st.header(f"Column {column.letters}" if nameless else plain(column.header))
    if column.added:
        key, header = f"name of {column.letters}", "" if nameless else column.header
        st.text_input(
            "Name of the new column", header, key=key, on_change=_rename, args=(index, key), max_chars=80
        )


def _learnt(column: Column, index: int, filling: Filling, program: Program) -> None:
    _name(column, index)
    if column.wanted:
        open_places = [place for place in filling.empty if column.open_at(filling.rows[place])]
        doubtful = [place for place in filling.doubtful if column.open_at(filling.rows[place])]
        examples = len(filling.task.examples)
        st.markdown(
            f"{counted(len(open_places), 'cell')} filled from {counted(examples, 'example')}, "
            + (f"**{len(doubtful):,} doubtful**" if doubtful else "none doubtful")
        )
        opinion.show_note(column)
        with st.container(horizontal=True):
            st.button(
                "Accept all", type="primary", icon=":material/check:", disabled=not open_places,
                on_click=_apply(partial(accepted_all, column=index)),
            )  # fmt: skip
            st.button("Clear preview", on_click=_apply(partial(cleared, column=index)))
        if column.asked is not None:
            _question(index, column.asked, filling)
    else:
        st.markdown("Accepted. Type into another column to fill the next one.")
    _program(filling, program)
    if column.wanted:
        _readings(index, filling)


def _question(index: int, row: int, filling: Filling) -> None:
    question = filling.answer.question
    assert question is not None
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**What should row {filling.table.sheet_row(row):,} be?**", width="stretch")
            st.button("Show it", type="tertiary", icon=":material/my_location:", on_click=_go, args=(row, index))
        for place in _shown_inputs(filling):
            cell = as_text(question.inputs[place])
            if cell:
                st.caption(f"{plain(filling.headers[place])}: {plain(cell_text(cell, 80))}")
        with st.container(horizontal=True):
            for output, probability in question.options[:3]:
                label = "Leave it blank" if output is None else plain(cell_text(output, 60))
                st.button(
                    label, key=f"answer {row} {output}", help=f"{percent(probability)} likely",
                    on_click=_apply(partial(answered, column=index, text=output)),
                )  # fmt: skip
        key = f"own answer {index} {row} {len(filling.task.examples)}"
        st.text_input(
            "Something else", key=key, on_change=_own_answer, args=(index, key), placeholder="type it and press Enter"
        )


def _program(filling: Filling, program: Program) -> None:
    with st.container(border=True):
        st.markdown("**What was learnt**")
        st.text(english(program, filling.headers))
        excel_tab, python_tab = st.tabs(["Excel formula", "Python"])
        with excel_tab:
            try:
                formula = filling.shown_formula(program)
                st.code(formula, language=None, wrap_lines=True)
                place = filling.empty[0] if filling.empty else 0
                version = needs(readable(formula))
                works = "works in any Excel" if version == "any Excel" else f"needs {version}"
                st.caption(f"For row {filling.sheet_row(place):,}; {works}.")
            except Unsupported as error:
                st.caption(plain(str(error)))
        with python_tab:
            try:
                st.code(python(program, columns=filling.headers).rstrip("\n"), language="python")
            except Unsupported as error:
                st.caption(plain(str(error)))


def _readings(index: int, filling: Filling) -> None:
    readings = [
        (number, candidate, differing)
        for number, candidate in enumerate(filling.answer.candidates[1:], 1)
        if (differing := _differences(filling, candidate.outputs))
    ][:MOST_READINGS]
    if not readings:
        return
    with st.expander(f"{counted(len(readings), 'other reading')}"):
        for number, candidate, differing in readings:
            st.text(english(candidate.program, filling.headers))
            for place in differing[:MOST_DIFFERENCES]:
                ours, theirs = filling.answer.outputs[place], candidate.outputs[place]
                line = f"Row {filling.sheet_row(place):,}: {quoted(theirs, 40)} instead of {quoted(ours, 40)}"
                st.caption(plain(line))
            if len(differing) > MOST_DIFFERENCES:
                st.caption(f"and {counted(len(differing) - MOST_DIFFERENCES, 'more row')}")
            st.button(
                f"Take this one ({percent(candidate.probability)} likely)", key=f"reading {index} {number}",
                on_click=_apply(partial(chosen, column=index, reading=number)),
            )  # fmt: skip


def _differences(filling: Filling, outputs: tuple[str | None, ...]) -> list[int]:
    return [place for place in filling.empty if outputs[place] != filling.answer.outputs[place]]


def _shown_inputs(filling: Filling) -> list[int]:
    read = {i for candidate in filling.answer.candidates[:4] for i in columns(candidate.program)}
    return (sorted(read) or list(range(len(filling.inputs))))[:MOST_INPUTS]


def _apply(step: Callable[[Sheet], Sheet]) -> Callable[[], None]:
    return partial(session.change, step)


def _rename(index: int, key: str) -> None:
    session.change(partial(named, column=index, header=st.session_state[key]))


def _own_answer(index: int, key: str) -> None:
    text = st.session_state[key].strip()
    if text:
        session.change(partial(answered, column=index, text=text))


def _go(row: int, column: int) -> None:
    present = session.sheet()
    if present is not None:
        go_to(session.desk(), present, row, column)
