"""Why this answer: the listeners and the speaker between the examples and the belief, table by table."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

import rsa
from app import why
from app.filling import Filling
from app.heat_maps import DARK, LIGHT, cells, heat_map, percent
from app.pages.desk.plain import plain
from dsl.emit.english import english

SHEET = "Your sheet"
WORLDS = {"Three objects": why.THREE_OBJECTS, "A column of names": why.COLUMN_OF_NAMES}

INTRODUCTION = """
Several readings fit your example. Why bet on one? Because you *chose* the example: a helpful person picks one that sets
their meaning apart. Here is that reasoning in a few steps, each a table that can be checked by hand.
"""
OBJECTS = "".join(
    f'<figure style="margin:0;text-align:center;font-size:.9rem"><div style="width:3.2rem;height:3.2rem;margin:0 auto '
    f'.3rem;background:{colour};border-radius:{radius}"></div>{name}</figure>'
    for name, colour, radius in (
        ("blue square", "#2b72c9", "4px"),
        ("blue circle", "#2b72c9", "50%"),
        ("green square", "#25823f", "4px"),
    )
)


def show_readings(filling: Filling) -> None:
    """List the leading readings of the sheet, by the letters that stand for them in the tables."""
    st.markdown(
        "The leading readings of your examples. The tables take it that you *chose* your rows freely; the fill itself "
        "also knows which rows you were asked for and which you typed from the top."
    )
    readings = zip(why.LETTERS, filling.answer.candidates, strict=False)
    st.markdown(
        "\n".join(f"- **{letter}** · {plain(english(one.program, filling.headers))}" for letter, one in readings)
    )


def sliders() -> tuple[float, int]:
    """Return alpha and depth as the visitor set them."""
    left, right = st.columns(2)
    alpha = left.slider(
        "Alpha: how much a speaker minds being understood", 0.0, 8.0, 1.0, 0.5,
        help="At 0 any true words will do; the larger, the surer the speaker picks the most telling ones.",
    )  # fmt: skip
    depth = right.slider(
        "Depth: how often they think of each other", 1, 4, 1,
        help="1: the listener L1 thinks of a speaker who thinks of L0. 2: L2 thinks of one who thinks of L1.",
    )  # fmt: skip
    return alpha, depth


def show_beliefs(exploration: rsa.Exploration) -> None:
    """Show what both listeners believe after each utterance, and say what it comes to."""
    st.subheader("What it comes to")
    st.markdown(plain(why.verdict(exploration)))
    if not exploration.steps:
        return
    rows = [f"{n}. {exploration.utterances[step.utterance]}" for n, step in enumerate(exploration.steps, 1)]
    literal, pragmatic = st.columns(2)
    with literal:
        st.markdown("**The literal listener (L0), step by step**")
        believed = np.array([step.literal for step in exploration.steps])
        draw(rows, exploration.meanings, believed, "What the literal listener believes after each step")
    with pragmatic:
        st.markdown("**The pragmatic listener (L1), step by step**")
        believed = np.array([step.pragmatic for step in exploration.steps])
        draw(rows, exploration.meanings, believed, "What the pragmatic listener believes after each step")


def show_stages(exploration: rsa.Exploration) -> None:
    """Show what is true and the tables up to the last listener, two beside each other; what was said is framed."""
    st.subheader("Table by table")
    shown = why.telling(exploration)
    rows = [exploration.utterances[u] for u in shown]
    said = {step.utterance for step in exploration.steps}
    marked = [place for place, u in enumerate(shown) if u in said]
    stages = why.stages(exploration)
    for pair in zip(stages[::2], stages[1::2], strict=True):
        for place, stage in zip(st.columns(2), pair, strict=True):
            with place:
                st.markdown(f"**{stage.title}.** {stage.reading}")
                st.caption(plain(stage.formula))
                draw(rows, exploration.meanings, stage.table[shown], stage.title, marked)
    if hidden := len(exploration.utterances) - len(shown):
        st.caption(f"Not shown, but reckoned with: {hidden} more things that could be said.")


def draw(
    rows: Sequence[str], columns: Sequence[str], table: NDArray[Any], title: str, marked: Collection[int] = ()
) -> None:
    """Draw a table as a heat map in the colours of the theme."""
    palette = DARK if st.context.theme.type == "dark" else LIGHT
    label = truth_word if table.dtype == bool else percent
    st.altair_chart(heat_map(cells(rows, columns, table, palette, marked=marked, label=label), palette, title))


def truth_word(truth: float) -> str:
    """Return what stands in a cell of the table of what is true."""
    return "true" if truth else "–"


st.title("Why this answer")
st.markdown(INTRODUCTION)
sheet = st.session_state.get("sheet")
filling = sheet.filling if sheet is not None and sheet.answer is not None and sheet.answer.candidates else None
chosen = st.radio("Example", list(WORLDS) if filling is None else [SHEET, *WORLDS], horizontal=True)
if filling is None:
    st.caption("Once you have filled a column of a sheet, its readings are explained here too.")
if chosen == SHEET:
    show_readings(filling)
    alpha, depth = sliders()
    names = [f"row {filling.sheet_row(place)}" for place in range(len(filling.rows))]
    exploration = why.of_answer(filling.task, filling.answer, alpha, depth, names)
else:
    world = WORLDS[chosen]
    st.markdown(world.about)
    if world is why.THREE_OBJECTS:
        st.html(f'<div style="display:flex;gap:2.5rem;margin-bottom:.5rem">{OBJECTS}</div>')
    said = st.multiselect("What is said, in this order", world.utterances, world.said, key=f"why_said_{chosen}")
    alpha, depth = sliders()
    exploration = world.explored(said, alpha, depth)
show_beliefs(exploration)
show_stages(exploration)
