"""The pattern game as a component: the function that draws it, what it is given to draw, and what is said of a game."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from app.robots import Belief, Game
from dsl.emit.english import english
from dsl.grids.patterns import CELLS, SYMBOLS

HERE = Path(__file__).parent
HEADERS = ("row", "column")
SYMBOL_NAMES = [symbol or "empty" for symbol in SYMBOLS]
EMPTY = len(SYMBOLS) - 1

ROBOTS = (
    ("Literal robot", "Any pattern that fits is as good as another."),
    ("Pragmatic robot", "Why would you show me these cells, and not others?"),
    ("Robot that knows people", "The same, expecting the cells that people think of."),
)
"""Name and thought of each robot, in the order of a turn's beliefs."""

IN_STUDY = "In the study, 40 people needed 7.6 cells with the literal and 5.0 with the pragmatic robot."

draw = st.components.v2.component(
    "pattern_game",
    css=(HERE / "board.css").read_text(encoding="utf-8"),
    js=(HERE / "board.js").read_text(encoding="utf-8"),
)


def scene(game: Game, robots: int, name: str, turn: int) -> dict[str, Any]:
    """Return what the component draws: the target, the cells shown and the first so many robots.

    `name` tells this game from others, `turn` is the last of the player's moves that it takes into account.
    """
    return {
        "game": name,
        "turn": turn,
        "symbols": SYMBOL_NAMES,
        "target": _codes(game, game.target),
        "heard": list(game.cells),
        "over": game.over(range(robots)),
        "robots": [_robot(game, robot) for robot in range(robots)],
    }


def outcome(literal: int, pragmatic: int) -> str:
    """Return one sentence on who needed how many cells."""
    if literal == pragmatic:
        return f"Both robots needed {cells(literal)}."
    first, second = ("pragmatic", "literal") if pragmatic < literal else ("literal", "pragmatic")
    fewer, more = sorted((literal, pragmatic))
    return f"The {first} robot needed {cells(fewer)}, the {second} one {more}."


def record(results: Sequence[tuple[int, int]]) -> str:
    """Return a sentence on the games played so far, (literal, pragmatic) cells of each, beside the study's."""
    if not results:
        return IN_STUDY
    literal, pragmatic = np.mean(results, axis=0)
    games = "In your game" if len(results) == 1 else f"In your {len(results)} games, on average"
    return f"{games}: {literal:.1f} cells with the literal robot, {pragmatic:.1f} with the pragmatic one. {IN_STUDY}"


def cells(number: int) -> str:
    """Return "1 cell", "2 cells"."""
    return f"{number} cell{'' if number == 1 else 's'}"


def _robot(game: Game, robot: int) -> dict[str, Any]:
    belief, found = game.belief(robot), game.found_after(robot)
    name, note = ROBOTS[robot]
    answers = bool(game.cells)
    guess = _codes(game, belief.guess)
    wrong = sum(a != b for a, b in zip(guess, _codes(game, game.target), strict=True))
    if not answers:
        verdict = "No guess yet"
    elif found is not None:
        verdict = f"Found it after {cells(found)}"
    else:
        verdict = f"Wrong in {cells(wrong)}"
    return {
        "name": name,
        "note": note,
        "answers": answers,
        "found": found is not None,
        "board": guess if answers else [EMPTY] * len(CELLS),
        "sentence": english(game.world.layouts.programs[belief.guess], HEADERS) if answers else "No guess yet",
        "verdict": verdict,
        "left": f"{belief.left:,} pattern{'' if belief.left == 1 else 's'} {'still fitted' if found else 'left'}",
        "guesses": _guesses(game, belief) if answers else [],
    }


def _guesses(game: Game, belief: Belief) -> list[dict[str, Any]]:
    return [
        {"codes": _codes(game, layout), "chance": chance, "share": share(chance)} for layout, chance in belief.guesses
    ]


def share(chance: float) -> str:
    """Return a probability as people read it: "37 %", "3.7 %", or "1 in 6,384" where it is small."""
    if chance >= 0.01:
        return f"{100 * chance:.0f} %" if chance >= 0.1 else f"{100 * chance:.1f} %"
    return f"1 in {1 / chance:,.0f}"


def _codes(game: Game, layout: int) -> list[int]:
    return [int(code) for code in game.world.layouts.codes[:, layout]]
