"""The 7×7 layouts of the pattern game (Pu et al., Program synthesis with pragmatic communication, 2020).

A program says what stands in the cell of row i and column j, so a layout is a behaviour over 49 rows of two integers,
like a column of a sheet: a box of cells, a shape for its frame and perhaps another inside, and a colour that may
alternate. A cell outside the shapes is undefined, which is to say blank. The language has 72,900 programs for 17,976
layouts.
"""

from __future__ import annotations

from dsl.grammar import Grammar, Rule
from dsl.operator import operator
from dsl.program import Constant, Input
from dsl.task import Row
from dsl.types import INTEGER, TEXT

SIDE = 7
CELLS: tuple[Row, ...] = tuple([(i, j) for i in range(SIDE) for j in range(SIDE)])
"""The cells row by row, each as (row, column) counted from 0."""

SHAPES = ("cube", "sphere")
COLOURS = ("red", "green", "blue")
SYMBOLS: tuple[str | None, ...] = (*[f"{colour} {shape}" for shape in SHAPES for colour in COLOURS], None)
"""What may stand in a cell; None, the last, is an empty one."""

SHORTEST = 3
THICKEST = 3


@operator("plus", (INTEGER, INTEGER), INTEGER, abstraction=lambda out, a, b: [out.value == a.value + b.value])
def plus(a: int, b: int) -> int:
    """The sum of two numbers."""
    return a + b


@operator(
    "within", (INTEGER, INTEGER, INTEGER), INTEGER,
    abstraction=lambda out, n, start, end: [
        out.value >= 0, out.value + start.value <= n.value, n.value + out.value <= end.value,
    ],
)  # fmt: skip
def within(n: int, start: int, end: int) -> int | None:
    """How far a number lies inside a range: 0 at its ends; undefined outside."""
    return min(n - start, end - n) if start <= n <= end else None


@operator(
    "nearest", (INTEGER, INTEGER), INTEGER,
    abstraction=lambda out, a, b: [out.value <= a.value, out.value <= b.value],
)  # fmt: skip
def nearest(a: int, b: int) -> int:
    """The smaller of two distances."""
    return min(a, b)


@operator(
    "framed", (INTEGER, TEXT, TEXT, INTEGER), TEXT,
    abstraction=lambda out, depth, outer, inner, thickness: [out.length <= outer.length + inner.length],
)  # fmt: skip
def framed(depth: int, outer: str, inner: str, thickness: int) -> str:
    """One shape on a frame of some thickness, another inside it."""
    return outer if depth < thickness else inner


@operator(
    "hollow", (INTEGER, TEXT, INTEGER), TEXT,
    abstraction=lambda out, depth, outer, thickness: [
        out.length == outer.length, depth.value + 1 <= thickness.value,
    ],
)  # fmt: skip
def hollow(depth: int, outer: str, thickness: int) -> str | None:
    """One shape on a frame of some thickness, nothing inside it."""
    return outer if depth < thickness else None


@operator(
    "alternate", (INTEGER, TEXT, TEXT), TEXT,
    abstraction=lambda out, n, odd, even: [out.length <= odd.length + even.length],
)  # fmt: skip
def alternate(n: int, odd: str, even: str) -> str:
    """One colour where a number is odd, another where it is even."""
    return odd if n % 2 else even


@operator(
    "symbol", (TEXT, TEXT), TEXT,
    abstraction=lambda out, colour, shape: [out.length == colour.length + shape.length + 1],
)  # fmt: skip
def symbol(colour: str, shape: str) -> str:
    """A shape in a colour."""
    return f"{colour} {shape}"


OPERATORS = (plus, within, nearest, framed, hollow, alternate, symbol)


def pattern_grammar() -> Grammar:
    """Return the grammar of all layouts: every program has the same probability and a single derivation."""
    rules = [
        (Rule("Layout", symbol, ("Colour", "Shape")), 1),
        (Rule("Shape", framed, ("Depth", "Form", "Form", "Thickness")), len(SHAPES)),
        (Rule("Shape", hollow, ("Depth", "Form", "Thickness")), 1),
        (Rule("Depth", nearest, ("Height", "Width")), 1),
        (Rule("Index", None, ("Row",)), 1),
        (Rule("Index", None, ("Column",)), 1),
        (Rule("Index", plus, ("Row", "Column")), 1),
        (Rule("Row", Input(0, INTEGER)), 1),
        (Rule("Column", Input(1, INTEGER)), 1),
    ]
    for start in range(SIDE - SHORTEST + 1):
        first, last = f"From {start}", f"At least {start + SHORTEST - 1}"
        ends = range(start + SHORTEST - 1, SIDE)
        rules += [(Rule("Height", within, ("Row", first, last)), len(ends))]
        rules += [(Rule("Width", within, ("Column", first, last)), len(ends))]
        rules += [(Rule(first, Constant(start, INTEGER)), 1)]
        rules += [(Rule(last, Constant(end, INTEGER)), 1) for end in ends]
    for odd, even in (*zip(COLOURS, COLOURS, strict=True), *zip(COLOURS, COLOURS[1:] + COLOURS[:1], strict=True)):
        rules.append((Rule("Colour", alternate, ("Index", odd, even)), 1))
    rules += [(Rule(colour, Constant(colour, TEXT)), 1) for colour in COLOURS]
    rules += [(Rule("Form", Constant(shape, TEXT)), 1) for shape in SHAPES]
    rules += [(Rule("Thickness", Constant(n, INTEGER)), 1) for n in range(1, THICKEST + 1)]
    return Grammar.weighted("Layout", rules)
