"""The robot game: teach a pattern cell by cell, and see what a literal and a pragmatic robot make of it."""

from __future__ import annotations

import secrets
from typing import Any

import numpy as np
import streamlit as st

from app.pages import board
from app.robots import LITERAL, PEOPLE, PRAGMATIC, Game, World

STUDY, RANDOM = "From the study", "At random"
BOARD = "game_board"

INTRODUCTION = """
Teach the robots your pattern with as few cells as you can. They know the same 17,976 patterns: boxes of cubes and
spheres, framed or not, in one colour or two. The **literal** robot keeps whatever fits. The **pragmatic** robot asks
why you chose these cells: had you meant a bigger box, you would have shown its corner.
"""


@st.cache_resource(show_spinner="Listing all 17,976 patterns …")
def world() -> World:
    """Return what all games share."""
    return World.made()


def new_game() -> None:
    """Begin the session's next game: the study's patterns one after another, or any of them at random."""
    state = st.session_state
    name, number = secrets.token_hex(8), state.get("game_number", -1) + 1
    draw, order = np.random.SeedSequence(int(name, 16)).spawn(2)
    if state.get("game_patterns", STUDY) == RANDOM:
        target = int(np.random.default_rng(draw).integers(world().size))
    else:
        target = world().study[number % len(world().study)]
    state.update(game_name=name, game_number=number, game_turn=0, game=Game.begun(world(), target, order))


def take(said: Any) -> None:
    """Take the player's move; one that belongs to an earlier game came too late."""
    state = st.session_state
    if said and said["game"] == state.game_name:
        show(state.game.showing(said["cells"]), said["turn"])


def undo() -> None:
    """Take the last cell back."""
    game = st.session_state.game
    show(game.showing(game.cells[:-1]), st.session_state.game_turn)


def show(game: Game, turn: int) -> None:
    """Go on with this game, and remember how it ended."""
    state = st.session_state
    state.update(game=game, game_turn=turn)
    results = state.setdefault("game_results", {})
    results.pop(state.game_name, None)
    if game.over((LITERAL, PRAGMATIC)):
        results[state.game_name] = (game.found_after(LITERAL), game.found_after(PRAGMATIC))


@st.fragment
def play() -> None:
    """Draw the game; only this part of the page runs again after a move."""
    state = st.session_state
    game: Game = state.game
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.button("New game", icon=":material/casino:", on_click=new_game, type="primary")
        st.button("Undo", icon=":material/undo:", on_click=undo, disabled=not game.cells)
        st.radio("Patterns", [STUDY, RANDOM], horizontal=True, key="game_patterns")
        people = st.toggle("A third robot, fitted to people", key="game_people")
    if game.over((LITERAL, PRAGMATIC)):
        st.success(board.outcome(*state.game_results[state.game_name]), icon=":material/flag:")
    board.draw(
        key=BOARD,
        data=board.scene(game, PEOPLE + 1 if people else PEOPLE, state.game_name, state.game_turn),
        on_shown_change=lambda: take(state[BOARD]["shown"]),
    )
    st.caption(board.record(list(state.get("game_results", {}).values())))


st.title("Robot game")
st.markdown(INTRODUCTION)
if "game" not in st.session_state:
    new_game()
play()
