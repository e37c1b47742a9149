"""The operators that give a text or a number, each with what writes it."""

from __future__ import annotations

import re
from collections.abc import Callable

from dsl.emit import dates
from dsl.emit.python import numbers
from dsl.emit.python.places import beside, slice_row
from dsl.emit.python.writer import (
    BY_REGEX,
    Never,
    Writer,
    at_least,
    fixed_count,
    fixed_literal,
    fixed_size,
    fixed_token,
    fixed_value,
    found_matches,
    index_of,
    quoted,
)
from dsl.program import Constant, Program
from dsl.strings.tables import folded
from dsl.strings.text import BLANKS
from dsl.strings.tokens import TokenClass


def _method(call: str) -> Callable[[Writer, Program], str]:
    return lambda write, text: f"{write.atom(text)}.{call}"


def _token_row(write: Writer, text: Program, token: Program, k: Program) -> str:
    what, count = fixed_token(token), fixed_count(k)
    if isinstance(what, TokenClass):
        found = found_matches(write, text, what)
        at_least(write, found, count)
        return f"{found}[{index_of(count)}]"
    if not what:
        raise Never
    v = write.variable(text)
    absent = f"{quoted(what)} not in {v}" if abs(count) == 1 else f"{v}.count({quoted(what)}) < {abs(count)}"
    write.undefined_if(absent)
    return quoted(what)


def _field(write: Writer, text: Program, delimiter: Program, k: Program) -> str:
    count = fixed_count(k)
    parts = f"{write.atom(text)}.split({quoted(fixed_literal(delimiter))})"
    if abs(count) > 1:
        parts = write.assign("parts", parts)
        at_least(write, parts, count)
    return f"{parts}[{index_of(count)}]"


def _between(write: Writer, text: Program, left: Program, right: Program, k: Program) -> str:
    v = write.variable(text)
    place, ahead = beside(1)(write, "start", text, left, k)
    start = write.assign("start", f"{place} + {ahead}" if ahead else place)
    end = write.assign("end", f"{v}.find({quoted(fixed_literal(right, empty=True))}, {start})")
    write.undefined_if(f"{end} < 0")
    return f"{v}[{start}:{end}]"


def _left(write: Writer, text: Program, n: Program) -> str:
    return f"{write.atom(text)}[:{fixed_size(n)}]"


def _right(write: Writer, text: Program, n: Program) -> str:
    return f"{write.atom(text)}[-{fixed_size(n)}:]"


def _proper(write: Writer, text: Program) -> str:
    return f"{write.helper('_proper')}({write.text(text)})"


def _sentence(write: Writer, text: Program) -> str:
    v = write.variable(text)
    return f"({v}[:1].upper() + {v}[1:].lower())"


def _initials(write: Writer, text: Program) -> str:
    words = write.assign("words", f'{write.helper("_runs")}("[Ulomd]+", {write.text(text)})')
    write.undefined_if(f"not {words}")
    return f'"".join(word[0] for word in {words})'


def _collapse(write: Writer, text: Program) -> str:
    return f're.sub({quoted(f"[{BLANKS}]+")}, " ", {write.atom(text)}.strip({quoted(BLANKS)}))'


def _remove(write: Writer, text: Program, literal: Program) -> str:
    return f'{write.atom(text)}.replace({quoted(fixed_literal(literal, empty=True))}, "")'


def _replace(write: Writer, text: Program, old: Program, new: Program) -> str:
    return f"{write.atom(text)}.replace({quoted(fixed_literal(old, empty=True))}, {write.text(new)})"


def _drop(write: Writer, text: Program, token: Program) -> str:
    what = fixed_token(token)
    if isinstance(what, str):
        return f'{write.atom(text)}.replace({quoted(what)}, "")' if what else write.text(text)
    if what.name in BY_REGEX:
        return f're.sub(r"{BY_REGEX[what.name]}", "", {write.text(text)})'
    return f"{write.helper('_without')}({quoted(what.pattern)}, {write.text(text)})"


def _keep(write: Writer, text: Program, token: Program) -> str:
    what = fixed_token(token)
    if isinstance(what, TokenClass):
        found = found_matches(write, text, what)
        write.undefined_if(f"not {found}")
        return f'"".join({found})'
    if not what:
        raise Never
    times = write.assign("times", f"{write.atom(text)}.count({quoted(what)})")
    write.undefined_if(f"not {times}")
    return f"({quoted(what)} * {times})"


def _pad(method: str) -> Callable[[Writer, Program, Program, Program], str]:
    def row(write: Writer, text: Program, n: Program, fill: Program) -> str:
        length = fixed_size(n)
        if isinstance(fill, Constant):
            if len(fill.value) != 1:
                raise Never
            return f"{write.atom(text)}.{method}({length}, {quoted(fill.value)})"
        char = write.variable(fill, "fill")
        write.undefined_if(f"len({char}) != 1")
        return f"{write.atom(text)}.{method}({length}, {char})"

    return row


def _lookup(write: Writer, text: Program, table: Program) -> str:
    name = fixed_value(table, str)
    constant = "_" + re.sub(r"\W", "_", name).upper()
    pairs = "".join(f"    {quoted(key)}: {quoted(value)},\n" for key, value in folded(name).items())
    write.tables[name] = f"{constant} = {{\n{pairs}}}\n"
    key = f"{write.atom(text)}.strip({quoted(BLANKS)}).casefold()"
    value = write.assign("value", f"{constant}.get({key})")
    write.undefined_if(f"{value} is None")
    return value


TABLE: dict[str, Callable[..., str]] = {
    "concat": lambda write, first, second: f"({write.text(first)} + {write.text(second)})",
    "slice": slice_row,
    "token": _token_row,
    "field": _field,
    "between": _between,
    "left": _left,
    "right": _right,
    "upper": _method("upper()"),
    "lower": _method("lower()"),
    "proper": _proper,
    "sentence": _sentence,
    "initials": _initials,
    "trim": _method(f"strip({quoted(BLANKS)})"),
    "collapse": _collapse,
    "remove": _remove,
    "replace": _replace,
    "drop": _drop,
    "keep": _keep,
    "pad_left": _pad("rjust"),
    "pad_right": _pad("ljust"),
    "lookup": _lookup,
    **numbers.ROWS,
    **dates.PYTHON,
}
"""The operators that give a text or a number, each with what writes it."""
