"""The ten layouts that people taught to robots, as programs of our own language.

Source: Pu et al., Program synthesis with pragmatic communication, 2020.
"""

from __future__ import annotations

from dsl.grids.patterns import OPERATORS
from dsl.parser import parse
from dsl.program import Program
from dsl.types import INTEGER

ROW, COLUMN, DIAGONAL = "x1", "x2", "plus(x1, x2)"

_FIGURES = (
    ((0, 3), (1, 4), ("sphere", "cube"), 2, ("blue", "blue"), ROW),
    ((1, 6), (3, 6), ("cube", "sphere"), 1, ("blue", "blue"), ROW),
    ((0, 4), (0, 4), ("cube",), 1, ("red", "red"), ROW),
    ((0, 3), (2, 5), ("cube", "cube"), 1, ("blue", "red"), ROW),
    ((2, 4), (1, 5), ("cube", "cube"), 1, ("red", "green"), DIAGONAL),
    ((1, 6), (1, 5), ("sphere",), 2, ("blue", "blue"), ROW),
    ((0, 6), (0, 4), ("sphere", "cube"), 1, ("green", "blue"), DIAGONAL),
    ((2, 4), (1, 5), ("sphere", "cube"), 1, ("green", "green"), ROW),
    ((2, 6), (1, 4), ("cube",), 1, ("green", "blue"), DIAGONAL),
    ((3, 5), (1, 4), ("cube", "sphere"), 1, ("blue", "red"), ROW),
)
"""Rows and columns (first, last), shapes of the frame and inside it, its thickness, the colours where the last is odd
and even."""


def study_targets() -> tuple[Program, ...]:
    """Return a program for each of the study's targets, in its order."""
    return tuple([_program(*figure) for figure in _FIGURES])


def _program(
    rows: tuple[int, int],
    columns: tuple[int, int],
    shapes: tuple[str, ...],
    thickness: int,
    colours: tuple[str, str],
    along: str,
) -> Program:
    depth = f"nearest(within(x1, {rows[0]}, {rows[1]}), within(x2, {columns[0]}, {columns[1]}))"
    forms = ", ".join(f'"{shape}"' for shape in shapes)
    form = f"{'framed' if len(shapes) == 2 else 'hollow'}({depth}, {forms}, {thickness})"
    odd, even = colours
    return parse(f'symbol(alternate({along}, "{odd}", "{even}"), {form})', OPERATORS, columns=2, inputs=INTEGER)
