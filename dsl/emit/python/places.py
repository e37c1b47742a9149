"""Places in a text, and the slices between them."""

from __future__ import annotations

import re
from collections.abc import Callable

from dsl.emit import Unsupported, overlaps_itself
from dsl.emit.python.writer import (
    BY_REGEX,
    Never,
    Writer,
    at_least,
    fixed_count,
    fixed_token,
    fixed_value,
    index_of,
    quoted,
)
from dsl.program import Apply, Constant, Program

Edge = tuple[str, int]
"""(START, n): after n characters; (END, n): before the last n; (expression, n): n after that."""

START, END = "<", ">"


def _edge(write: Writer, place: Program, hint: str) -> Edge:
    """Return a place; occurrences are checked to be there, lengths are not."""
    if isinstance(place, Constant):
        if place.value < 0:
            raise Unsupported("a place before the start of a text is in no cell")
        return START, place.value
    if not isinstance(place, Apply) or place.operator.name not in PLACES:
        raise Unsupported("no Python for this kind of place yet")
    return PLACES[place.operator.name](write, hint, *place.args)


def _at(write: Writer, hint: str, text: Program, k: Program) -> Edge:
    n = fixed_value(k, int)
    return (START, n) if n >= 0 else (END, -1 - n)


def beside(side: int) -> Callable[[Writer, str, Program, Program, Program], Edge]:
    """Return what writes the place before (side 0) or after (side 1) an occurrence."""

    def edge(write: Writer, hint: str, text: Program, token: Program, k: Program) -> Edge:
        v, what, count = write.variable(text), fixed_token(token), fixed_count(k)
        if what == "":
            raise Never
        if isinstance(what, str) and (count == 1 or (count == -1 and not overlaps_itself(what))):
            place = write.assign(hint, f"{v}.{'find' if count == 1 else 'rfind'}({quoted(what)})")
            write.undefined_if(f"{place} < 0")
            return place, len(what) * side
        if isinstance(what, str):
            matches = f"re.finditer(re.escape({quoted(what)}), {v})"
        elif what.name in BY_REGEX:
            matches = f're.finditer(r"{BY_REGEX[what.name]}", {v})'
        else:
            matches = f"re.finditer({quoted(what.pattern)}, {write.helper('_kinds')}({v}))"
        runs = write.assign("matches", f"list({matches})")
        at_least(write, runs, count)
        return f"{runs}[{index_of(count)}].{'end' if side else 'start'}()", 0

    return edge


PLACES: dict[str, Callable[..., Edge]] = {"at": _at, "before": beside(0), "after": beside(1)}
"""The operators that give a place, each with what writes it."""


def _number(edge: Edge, text: str) -> str:
    kind, n = edge
    if kind == START:
        return str(n)
    if kind == END:
        return f"len({text}) - {n}" if n else f"len({text})"
    return f"{kind} + {n}" if n else kind


def slice_row(write: Writer, text: Program, start: Program, end: Program) -> str:
    """Return the expression of the part of a text between two places."""
    v = write.variable(text)
    edges = [_edge_in(write, v, text, start, "start"), _edge_in(write, v, text, end, "end")]
    (first, a), (last, b) = edges
    needed = {(START, START): b, (END, END): a, (START, END): a + b}.get((first, last))
    if needed is not None:
        if first == last and (a > b if first == START else a < b):
            raise Never
        if needed:
            write.undefined_if(f"len({v}) < {needed}")
    else:
        for kind, n, side in ((first, a, END), (last, b, START)):
            if kind == side and n:
                write.undefined_if(f"len({v}) < {n}")
        if edges[0] != (START, 0) and edges[1] != (END, 0):
            write.undefined_if(f"{_number(edges[0], v)} > {_number(edges[1], v)}")
    left = "" if edges[0] == (START, 0) else f"-{a}" if first == END and a else _number(edges[0], v)
    right = "" if edges[1] == (END, 0) else f"-{b}" if last == END else _number(edges[1], v)
    spaced = not re.fullmatch(r"-?\w*:-?\w*", f"{left}:{right}")
    return f"{v}[{f'{left} : {right}'.strip() if spaced else f'{left}:{right}'}]"


def _edge_in(write: Writer, v: str, text: Program, place: Program, hint: str) -> Edge:
    """Return a place as one in the text that v names, wherever it was found."""
    edge = _edge(write, place, hint)
    if not isinstance(place, Apply) or place.args[0] == text:
        return edge
    own = write.variable(place.args[0])
    if edge[0] in (START, END) and edge[1]:
        write.undefined_if(f"len({own}) < {edge[1]}")
    if edge[0] == START:
        return edge
    number = write.assign(hint, _number(edge, own))
    write.undefined_if(f"{number} > len({v})")
    return number, 0
