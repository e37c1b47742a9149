"""The pattern game: a player shows cells of a layout, robots guess which layout it is.

The literal robot holds all layouts that fit for equally possible; the pragmatic one asks why these cells were shown;
the third expects the cells that people think of. Each answers with its likeliest layout, and among equals with the one
that comes first in an order drawn anew for each game.

Source: Pu et al., Program synthesis with pragmatic communication, 2020: rules, robots, the way of breaking ties.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

import rsa
from app.bench.layouts import CODE, Layouts, enumerate_layouts
from app.people.listener import Heard, LayoutListener, Speakers
from app.targets import study_targets
from dsl.grids.patterns import CELLS
from dsl.interpreter import outputs
from dsl.program import Program

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

LITERAL, PRAGMATIC, PEOPLE = range(3)
"""The robots: L0, the exact L1, and the exact L1 of the speaker fitted to people."""
TOLD = 3
"""How many of its guesses a robot tells."""
TIE_DECIMALS = 9
"""Log probabilities that agree to these decimals are equal."""


@dataclass(frozen=True, eq=False)
class World:
    """What all robots know: every layout, as a table, as a lexicon, and as the listener fitted to people has it."""

    layouts: Layouts
    lexicon: rsa.Lexicon
    people: LayoutListener

    @classmethod
    def made(cls) -> World:
        """Return the world of the study; it takes a second or two, and serves all games."""
        layouts = enumerate_layouts()
        return cls(layouts, rsa.Lexicon.of_codes(layouts.codes), LayoutListener(layouts.codes, Speakers.shipped()))

    @property
    def size(self) -> int:
        """Return the number of layouts."""
        return len(self.layouts.programs)

    @cached_property
    def study(self) -> tuple[int, ...]:
        """Return the layouts that are the study's targets, in its order."""
        places = self.layouts.index()
        return tuple([places[_codes(program)] for program in study_targets()])


@dataclass(frozen=True, slots=True)
class Belief:
    """What a robot believes: its guesses, (layout, probability) with the likeliest first, and how many layouts fit."""

    guesses: tuple[tuple[int, float], ...]
    left: int

    @property
    def guess(self) -> int:
        """Return the layout it answers with."""
        return self.guesses[0][0]


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """A point of a game: what the robots have heard so far, and what each of them believes."""

    talk: rsa.Conversation
    heard: Heard
    beliefs: tuple[Belief, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Game:
    """A target, the cells shown of it, and the turns: before the first cell, and after each.

    `order[layout]` is a layout's place in the order that breaks ties.
    """

    world: World
    target: int
    order: Ints
    cells: tuple[int, ...]
    turns: tuple[Turn, ...]

    @classmethod
    def begun(cls, world: World, target: int, seed: int | np.random.SeedSequence) -> Game:
        """Return a game in which nothing is shown yet; the seed decides how ties are broken."""
        order = np.random.default_rng(seed).permutation(world.size)
        return cls(world, target, order, (), (_turn(world.lexicon.conversation(), world.people.start, order),))

    def showing(self, cells: Sequence[int]) -> Game:
        """Return the game in which these cells are shown, in this order; only what is new in them is worked out.

        Raises ValueError for a cell that does not exist or is named twice.
        """
        if len(set(cells)) < len(cells) or not set(cells) <= set(range(len(CELLS))):
            raise ValueError(f"the cells shown must be different ones of the field, not {list(cells)}")
        same = 0
        while same < min(len(cells), len(self.cells)) and cells[same] == self.cells[same]:
            same += 1
        turns = list(self.turns[: same + 1])
        for cell in cells[same:]:
            symbol = int(self.world.layouts.codes[cell, self.target])
            talk = turns[-1].talk.say(self.world.lexicon.utterance(cell, symbol))
            turns.append(_turn(talk, turns[-1].heard.hear(cell, symbol), self.order))
        return Game(self.world, self.target, self.order, tuple(cells), tuple(turns))

    def found_after(self, robot: int) -> int | None:
        """Return after how many cells, at least one, a robot first answered with the target; None if it has not."""
        turns = enumerate(self.turns)
        return next((shown for shown, turn in turns if shown and turn.beliefs[robot].guess == self.target), None)

    def belief(self, robot: int) -> Belief:
        """Return what a robot believes now; one that has found the target has stopped listening."""
        found = self.found_after(robot)
        return self.turns[-1 if found is None else found].beliefs[robot]

    def over(self, robots: Sequence[int]) -> bool:
        """Return whether these robots have all found the target."""
        return all(self.found_after(robot) is not None for robot in robots)


def _codes(program: Program) -> bytes:
    """Return a layout as `Layouts.index` names it."""
    return bytes([CODE[symbol] for symbol in outputs(program, CELLS)])


def _turn(talk: rsa.Conversation, heard: Heard, order: Ints) -> Turn:
    left = talk.meanings
    beliefs = (
        _belief(left, talk.literal_listener()[left], order),
        _belief(left, talk.pragmatic_listener()[left], order),
        _belief(heard.left, heard.log_posterior, order),
    )
    return Turn(talk, heard, beliefs)


def _belief(left: Ints, log_p: Floats, order: Ints) -> Belief:
    best = np.lexsort((order[left], -np.round(log_p, TIE_DECIMALS)))[:TOLD]
    guesses = zip(left[best].tolist(), np.exp(log_p[best]).tolist(), strict=True)
    return Belief(tuple(guesses), len(left))
