"""The operators of grid patterns in English."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dsl.program import Constant, Program

if TYPE_CHECKING:
    from dsl.emit.english import _Writer


def _value(program: Program) -> str:
    return str(program.value) if isinstance(program, Constant) else str(program)


def _symbol(write: _Writer, colour: Program, shape: Program) -> str:
    return f"{write.phrase(shape)}; {write.phrase(colour)}"


def _framed(write: _Writer, depth: Program, outer: Program, inner: Program, thickness: Program) -> str:
    place = write.phrase(depth)
    if outer == inner:
        return f"{_value(outer)}s in {place}"
    return f"a frame of {_value(outer)}s, {_value(thickness)} thick, around {_value(inner)}s in {place}"


def _hollow(write: _Writer, depth: Program, outer: Program, thickness: Program) -> str:
    return f"an empty frame of {_value(outer)}s, {_value(thickness)} thick, in {write.phrase(depth)}"


def _nearest(write: _Writer, a: Program, b: Program) -> str:
    return f"{write.phrase(a)} and {write.phrase(b)}"


def _within(write: _Writer, n: Program, start: Program, end: Program) -> str:
    return f"{write.phrase(n)} {_value(start)} to {_value(end)}"


def _alternate(write: _Writer, n: Program, odd: Program, even: Program) -> str:
    if odd == even:
        return _value(odd)
    return f"{_value(odd)} where {write.phrase(n)} is odd, {_value(even)} where it is even"


def _plus(write: _Writer, a: Program, b: Program) -> str:
    return f"{write.phrase(a)} plus {write.phrase(b)}"


TABLE: dict[str, Callable[..., str]] = {
    "symbol": _symbol,
    "framed": _framed,
    "hollow": _hollow,
    "nearest": _nearest,
    "within": _within,
    "alternate": _alternate,
    "plus": _plus,
}
