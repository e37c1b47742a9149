"""What makes a cell of a layout come to mind: a handful of features, each with its reason.

The speaker of Pu et al. 2020 weighs only how much a cell tells. People also follow the figure they look at (its
corners, the cells beside it) and what they have just said. A feature of cells is known once the layout is; a feature of
a turn depends on what was said before, and on the cell and its symbol.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsl.grids.patterns import SHAPES, SIDE, SYMBOLS

Bools = NDArray[np.bool_]
Said = Sequence[tuple[int, int]]
"""(cell, symbol code) pairs, in the order in which they were said."""

EMPTY = len(SYMBOLS) - 1
SHAPE = np.arange(len(SYMBOLS)) // (EMPTY // len(SHAPES))
"""The shape of each symbol: one of SHAPES, or the one after them for an empty cell."""
ROW, COLUMN = np.divmod(np.arange(SIDE * SIDE), SIDE)


@dataclass(frozen=True, slots=True)
class Feature:
    """A feature and why people might follow it; one of the two functions.

    `of_cells` takes the layouts (layouts, cells) to numbers of the same shape, `of_turn` what was said to numbers for
    every (cell, symbol).
    """

    name: str
    why: str
    of_cells: Callable[[NDArray[np.uint8]], NDArray[np.generic]] | None = None
    of_turn: Callable[[Said], NDArray[np.generic]] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Box:
    """The smallest rectangle around some cells of each layout, as masks (layouts, cells).

    `beside` is what touches one of its sides from outside.
    """

    inside: Bools
    corner: Bools
    beside: Bools

    @classmethod
    def around(cls, cells: Bools) -> Box:
        """Return the box of a mask (layouts, cells); a layout without such cells has no box, and no corners."""
        square = cells.reshape(-1, SIDE, SIDE)
        between_rows, row_ends, row_sides = _span(square.any(axis=2), ROW)
        between_columns, column_ends, column_sides = _span(square.any(axis=1), COLUMN)
        return cls(
            between_rows & between_columns,
            row_ends & column_ends,
            (between_rows & column_sides) | (row_sides & between_columns),
        )


def _span(taken: Bools, place: NDArray[np.intp]) -> tuple[Bools, Bools, Bools]:
    """Return which cells lie between the first and last line that is taken, on them, and next to them outside."""
    first = taken.argmax(axis=1)[:, np.newaxis]
    last = SIDE - 1 - taken[:, ::-1].argmax(axis=1)[:, np.newaxis]
    some = taken.any(axis=1)[:, np.newaxis]
    ends = (place == first) | (place == last)
    sides = (place == first - 1) | (place == last + 1)
    return some & (first <= place) & (place <= last), some & ends, some & sides


def _figure(layouts: NDArray[np.uint8]) -> Box:
    return Box.around(layouts != EMPTY)


def _inner_corner(layouts: NDArray[np.uint8]) -> Bools:
    """The figure's frame has the shape of its corners; inside is what has another."""
    figure = _figure(layouts)
    frame = SHAPE[layouts[np.arange(len(layouts)), figure.corner.argmax(axis=1)]]
    return Box.around(figure.inside & (SHAPE[layouts] != frame[:, np.newaxis])).corner


def _log_count(layouts: NDArray[np.uint8]) -> NDArray[np.float64]:
    counts = np.stack([np.count_nonzero(layouts == symbol, axis=1) for symbol in range(len(SYMBOLS))], axis=1)
    return np.log(np.take_along_axis(counts, layouts.astype(np.intp), axis=1))


def _below(layouts: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.broadcast_to(ROW / (SIDE - 1), layouts.shape)


def _per_cell(values: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.repeat(values[:, np.newaxis], len(SYMBOLS), axis=1)


def _per_symbol(values: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.repeat(values[np.newaxis], SIDE * SIDE, axis=0)


def _new_shape(said: Said) -> NDArray[np.generic]:
    return _per_symbol(~np.isin(SHAPE, SHAPE[[symbol for _, symbol in said]]) & bool(said))


def _new_symbol(said: Said) -> NDArray[np.generic]:
    return _per_symbol(~np.isin(np.arange(len(SYMBOLS)), [symbol for _, symbol in said]) & bool(said))


def _distance(said: Said) -> NDArray[np.generic]:
    if not said:
        return np.zeros((SIDE * SIDE, len(SYMBOLS)))
    last, _ = said[-1]
    return _per_cell((abs(ROW - ROW[last]) + abs(COLUMN - COLUMN[last])) / (SIDE - 1))


FEATURES = {
    feature.name: feature
    for feature in (
        Feature("corner", "a corner of the figure says where it ends, twice", lambda w: _figure(w).corner),
        Feature("inner corner", "a corner of what is inside the frame says how thick the frame is", _inner_corner),
        Feature("beside", "an empty cell at a side of the figure says where it stops", lambda w: _figure(w).beside),
        Feature("new shape", "one goes on with cubes, spheres or empty cells for a while", of_turn=_new_shape),
        Feature("new symbol", "another colour is worth telling", of_turn=_new_symbol),
        Feature("empty", "one shows what is there", lambda w: w == EMPTY),
        Feature("plenty", "of many cells of one symbol (log number) each is seldom picked", _log_count),
        Feature("below", "one begins at the top (0 for the first row, 1 for the last)", _below),
        Feature("far", "one goes on near the cell before (steps to it, six count 1)", of_turn=_distance),
    )
}
"""By name. A weight is a cost: what comes to mind easily has a negative one."""
