"""Why this answer: the listeners and the speaker between the examples and the belief, table by table."""

from __future__ import annotations

import numpy as np
import streamlit as st

import rsa
from app import why
from app.filling import Filling
from app.heat_maps import DARK, LIGHT, cells, heat_map
from app.pages.desk.plain import plain
from dsl.emit.english import english

SHEET = "Your sheet"
WORLDS = {"Three objects": why.THREE_OBJECTS, "A column of names": why.COLUMN_OF_NAMES}

INTRODUCTION = """
Several readings fit your example. Why bet on one? Because you *chose* the example: a helpful person picks one that sets
their meaning apart. Three steps of that reasoning, each a table that can be checked by hand.
"""
OBJECTS = """
<svg viewBox="0 0 300 84" width="300" style="max-width:100%" role="img"
     aria-label="A blue square, a blue circle and a green square">
  <g font-family="inherit" font-size="13" text-anchor="middle" fill="currentColor">
    <rect x="26" y="6" width="48" height="48" rx="4" fill="#2b72c9"/><text x="50" y="75">blue square</text>
    <circle cx="150" cy="30" r="25" fill="#2b72c9"/><text x="150" y="75">blue circle</text>
    <rect x="226" y="6" width="48" height="48" rx="4" fill="#25823f"/><text x="250" y="75">green square</text>
  </g>
</svg>
"""


def show_readings(filling: Filling) -> None:
    """List the leading readings of the sheet, by the letters that stand for them in the tables."""
    st.markdown(
        "The readings of your examples that lead. The tables take it that you *chose* your rows freely; the fill itself "
        "also knows which rows you were asked for, and which you typed from the top."
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
    depth = right.slider("Depth: how often they think of each other", 1, 4, 1, help="1 ends with L1, 2 with L2, …")
    return alpha, depth


def show_beliefs(exploration: rsa.Exploration) -> None:
    """Show what both listeners believe after each utterance, and say what it comes to."""
    st.markdown(plain(why.verdict(exploration)))
    if not exploration.steps:
        return
    rows = [f"{n}. {exploration.utterances[step.utterance]}" for n, step in enumerate(exploration.steps, 1)]
    for place, title, believed in zip(
        st.columns(2),
        ("The literal listener, step by step", "The pragmatic listener, step by step"),
        ([step.literal for step in exploration.steps], [step.pragmatic for step in exploration.steps]),
        strict=True,
    ):
        with place:
            st.markdown(f"**{title}**")
            draw(rows, exploration.meanings, np.array(believed), title)


def show_stages(exploration: rsa.Exploration) -> None:
    """Show the tables from what is true to the last listener; utterances that were said are framed."""
    st.subheader("Table by table")
    shown = why.telling(exploration)
    rows = [exploration.utterances[u] for u in shown]
    said = {step.utterance for step in exploration.steps}
    marked = [place for place, u in enumerate(shown) if u in said]
    found = why.stages(exploration)
    for pair in zip(found[::2], [*found[1::2], None][: len(found[::2])], strict=True):
        for place, stage in zip(st.columns(2), pair, strict=True):
            if stage is not None:
                with place:
                    st.markdown(f"**{stage.title}.** {stage.reading}")
                    draw(rows, exploration.meanings, stage.table[shown], stage.title, marked)
    if len(shown) < len(exploration.utterances):
        st.caption(f"{len(exploration.utterances) - len(shown)} more utterances are reckoned with but not shown.")


def draw(rows: list[str], columns: tuple[str, ...], table: np.ndarray, title: str, marked: tuple | list = ()) -> None:
    """Draw a heat map in the colours of the theme."""
    palette = DARK if st.context.theme.type == "dark" else LIGHT
    st.altair_chart(heat_map(cells(rows, columns, table, palette, marked), palette, title))


st.title("Why")
st.markdown(INTRODUCTION)
sheet = st.session_state.get("sheet")
filling = sheet.filling if sheet is not None and sheet.answer is not None and sheet.answer.candidates else None
chosen = st.radio("Example", list(WORLDS) if filling is None else [SHEET, *WORLDS], horizontal=True)
if chosen == SHEET:
    show_readings(filling)
    alpha, depth = sliders()
    names = [f"row {filling.sheet_row(place)}" for place in range(len(filling.rows))]
    exploration = why.of_answer(filling.task, filling.answer, alpha, depth, names)
else:
    world = WORLDS[chosen]
    st.markdown(world.about)
    if world is why.THREE_OBJECTS:
        st.html(OBJECTS)
    said = st.multiselect("What is said, in this order", world.utterances, world.said, key=f"why_said_{chosen}")
    alpha, depth = sliders()
    exploration = world.explored(said, alpha, depth)
show_beliefs(exploration)
show_stages(exploration)
