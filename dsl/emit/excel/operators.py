"""The operators that give a text, each with what writes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dsl.emit import Unsupported, dates, overlaps_itself
from dsl.emit.excel import numbers
from dsl.emit.excel.formula import basic, literal_text
from dsl.emit.excel.patterns import BLANK, PATTERNS, SETS, none_of, pattern_of
from dsl.emit.excel.places import Place, class_place, led, literal_place
from dsl.emit.excel.writer import Writer, fixed_count, fixed_delimiter, fixed_integer, fixed_size, fixed_token
from dsl.program import Apply, Constant, Input, Program
from dsl.strings.tables import TABLES
from dsl.strings.text import BLANKS
from dsl.strings.tokens import CLASSES, TokenClass


def _function(name: str) -> Callable[..., str]:
    def row(write: Writer, text: Program) -> str:
        return f"{name}({write.text(text)})"

    return row


def _concat(write: Writer, first: Program, second: Program) -> str:
    return "&".join([write.text(first), write.text(second)])


def _slice(write: Writer, text: Program, start: Program, end: Program) -> str:
    outermost = write.outermost
    first, last = _edge(text, start), _edge(text, end)
    if first == ("at", 0) and last[0] == "before" and (outermost or last[2] > 0):
        found = _split_by_literal("TEXTBEFORE", write, text, last[1], last[2])
        if found:
            return found
    if last == ("at", -1) and first[0] == "after":
        found = _split_by_literal("TEXTAFTER", write, text, first[1], first[2])
        if found:
            return found
    if first == ("at", 0) and last == ("at", -1):
        return write.text(text) + '&""'

    def body(v: str) -> str:
        def unless_shorter(n: int, formula: str) -> str:
            return write.unless(f"LEN({v})<{n}", text, formula)

        if first[0] == "at" and last == ("at", -1):
            k = first[1]
            if k < 0:
                return unless_shorter(-k - 1, f"RIGHT({v},{-k - 1})")
            rest = f"MID({v},{k + 1},LEN({v}))"
            return rest if outermost else unless_shorter(k, rest)
        a, b = _place(v, *first), _place(v, *last)
        if last == ("at", -1):
            return write.failing(f"MID({v},{a + 1},LEN({v}))")
        formula = f"LEFT({v},{b})" if first == ("at", 0) else f"MID({v},{a + 1},{b.less(a)})"
        fixed_end = last[0] == "at" and last[1] > 0
        if not (fixed_end and first[0] == "at" and first[1] >= 0):
            write.fails = True
        elif first[1] > last[1]:
            raise Unsupported("a program whose part ends before it starts never gives a value")
        return unless_shorter(last[1], formula) if fixed_end else formula

    return write.shared(text, body)


def _split_by_literal(name: str, write: Writer, text: Program, literal: str | TokenClass, k: int) -> str | None:
    if isinstance(literal, TokenClass) or (k != 1 and overlaps_itself(literal)):
        return None
    if k == 1 and isinstance(text, Input):
        return None  # LEFT, MID and FIND say it in every Excel
    formula = write.text(text) if name == "TEXTBEFORE" else led(write.text(text), literal, k)
    return write.failing(f"{name}({formula},{literal_text(literal)}{'' if k == 1 else f',{k}'})")


def _edge(text: Program, place: Program) -> tuple[Any, ...]:
    if isinstance(place, Constant):
        if place.value < 0:
            raise Unsupported("a place before the start of a text is in no cell")
        return "at", place.value
    if not isinstance(place, Apply) or place.operator.name not in ("at", "before", "after"):
        raise Unsupported("no Excel formula for this kind of place yet")
    if place.args[0] != text:
        raise Unsupported("no Excel formula for a place that was found in another text")
    if place.operator.name == "at":
        return "at", fixed_integer(place.args[1])
    return place.operator.name, fixed_token(place.args[1]), fixed_count(place.args[2])


def _place(text: str, kind: str, what: Any, k: int = 0) -> Place:
    if kind == "at":
        return Place((), (), what) if what >= 0 else Place((f"LEN({text})",), (), what + 1)
    find = literal_place if isinstance(what, str) else class_place
    return find(text, what, k, int(kind == "after"))


def _token_row(write: Writer, text: Program, token: Program, k: Program) -> str:
    what, count = fixed_token(token), fixed_count(k)
    if isinstance(what, str):
        if count != 1:
            raise Unsupported("no Excel formula counts whether a fixed text occurs that often yet")
        return write.failing(f"MID({literal_text(what)},1+0*FIND({literal_text(what)},{write.text(text)}),{len(what)})")
    return write.failing(_match(write.text(text), pattern_of(what), count))


def _match(text: str, pattern: str, k: int) -> str:
    if k == 1:
        return f'REGEXEXTRACT({text},"{pattern}")'
    found = f'REGEXEXTRACT({text},"{pattern}",1)'
    return f"INDEX({found},{k})" if k > 0 else f"CHOOSEROWS(TOCOL({found}),{k})"


def _field(write: Writer, text: Program, delimiter: Program, k: Program) -> str:
    between, count = fixed_delimiter(delimiter), fixed_count(k)
    mark = literal_text(between)
    if not overlaps_itself(between):
        if count == 1 and isinstance(text, Input):
            x = write.text(text)
            return f"LEFT({x},FIND({mark},{x}&{mark})-1)"
        if count == 1:
            return f"TEXTBEFORE({write.text(text)}&{mark},{mark})"
    write.fails = True
    parts = f"TEXTSPLIT({write.text(text)},{mark})"
    return f"INDEX({parts},{count})" if count > 0 else f"CHOOSECOLS({parts},{count})"


def _between(write: Writer, text: Program, left: Program, right: Program, k: Program) -> str:
    opening, closing, count = fixed_delimiter(left), fixed_delimiter(right), fixed_count(k)
    if count != 1 and overlaps_itself(opening):
        raise Unsupported(f"no Excel formula counts occurrences of {opening!r} exactly, because they can overlap")
    instance = "" if count == 1 else f",{count}"
    after = f"TEXTAFTER({led(write.text(text), opening, count)},{literal_text(opening)}{instance})"
    return write.failing(f"TEXTBEFORE({after},{literal_text(closing)})")


def _left(write: Writer, text: Program, n: Program) -> str:
    return f"LEFT({write.text(text)},{fixed_size(n)})"


def _right(write: Writer, text: Program, n: Program) -> str:
    return f"RIGHT({write.text(text)},{fixed_size(n)})"


def _sentence(write: Writer, text: Program) -> str:
    return write.shared(text, lambda v: f"UPPER(LEFT({v},1))&LOWER(MID({v},2,LEN({v})))")


def _over_matches(text: str, pattern: str, each: str) -> str:
    lambda_ = f"LAMBDA(_xlpm.all,_xlpm.one,_xlpm.all&{each})"
    return f'REDUCE("",REGEXEXTRACT({text},"{pattern}",1),{lambda_})'


def _initials(write: Writer, text: Program) -> str:
    return write.failing(_over_matches(write.text(text), pattern_of(CLASSES["word"]), "LEFT(_xlpm.one,1)"))


def _trim(write: Writer, text: Program) -> str:
    if _free_of_blanks(text):
        return write.text(text)
    return f'REGEXREPLACE({write.text(text)},"^{BLANK}+|{BLANK}+$","")'


def _collapse(write: Writer, text: Program) -> str:
    return f'TRIM(REGEXREPLACE({write.text(text)},"{BLANK.replace(" ", "")}"," "))'


def _free_of_blanks(program: Program) -> bool:
    """Return whether no value of the program holds a blank, so that trimming it changes nothing."""
    if not isinstance(program, Apply):
        return isinstance(program, Constant) and not any(char in BLANKS for char in program.value)
    if program.operator.name in ("upper", "lower", "proper", "sentence", "left", "right", "slice"):
        return _free_of_blanks(program.args[0])
    if program.operator.name == "initials":
        return True
    if program.operator.name not in ("token", "keep"):
        return False
    token = fixed_token(program.args[1])
    return isinstance(token, TokenClass) and token.name in {*SETS, *PATTERNS} - {"blank"}


def _remove(write: Writer, text: Program, literal: Program) -> str:
    return f'SUBSTITUTE({write.text(text)},{literal_text(fixed_delimiter(literal))},"")'


def _replace(write: Writer, text: Program, old: Program, new: Program) -> str:
    return f"SUBSTITUTE({write.text(text)},{literal_text(fixed_delimiter(old))},{write.text(new)})"


def _drop(write: Writer, text: Program, token: Program) -> str:
    what = fixed_token(token)
    if isinstance(what, str):
        return f'SUBSTITUTE({write.text(text)},{literal_text(what)},"")'
    return f'REGEXREPLACE({write.text(text)},"{pattern_of(what)}","")'


def _keep(write: Writer, text: Program, token: Program) -> str:
    outermost = write.outermost
    what = fixed_token(token)
    if isinstance(what, str):
        raise Unsupported("no Excel formula keeps only a fixed text yet")
    if what.name == "capital":
        what = CLASSES["uppercase"]
    if what.name not in SETS:
        return write.failing(_over_matches(write.text(text), pattern_of(what), "_xlpm.one"))
    kept = f'REGEXREPLACE({write.text(text)},"{none_of(SETS[what.name])}+","")'
    return kept if outermost else write.failing(f'REGEXEXTRACT({kept},"{pattern_of(what)}")')


def _pad(name: str) -> Callable[..., str]:
    def row(write: Writer, text: Program, n: Program, fill: Program) -> str:
        length = fixed_size(n)
        if not isinstance(fill, Constant) or len(fill.value) != 1:
            raise Unsupported("Excel formulas fill up with one fixed character only")
        char = basic(fill.value)
        padding = literal_text(char * length) if length <= 10 else f"REPT({literal_text(char)},{length})"

        def body(v: str) -> str:
            filled = f"{padding}&{v}" if name == "RIGHT" else f"{v}&{padding}"
            return f"{name}({filled},MAX({length},LEN({v})))"

        return write.shared(text, body)

    return row


def _lookup(write: Writer, text: Program, table: Program) -> str:
    name = str(table.value) if isinstance(table, Constant) else ""
    if name not in TABLES:
        raise Unsupported(f"there is no table {name!r} to look up in")
    pairs = ",".join(f"{literal_text(key)},{literal_text(value)}" for key, value in TABLES[name].items())
    return write.failing(f"SWITCH({_trim(write, text)},{pairs})")


TABLE: dict[str, Callable[..., str]] = {
    "concat": _concat,
    "slice": _slice,
    "token": _token_row,
    "field": _field,
    "between": _between,
    "left": _left,
    "right": _right,
    "upper": _function("UPPER"),
    "lower": _function("LOWER"),
    "proper": _function("PROPER"),
    "sentence": _sentence,
    "initials": _initials,
    "trim": _trim,
    "collapse": _collapse,
    "remove": _remove,
    "replace": _replace,
    "drop": _drop,
    "keep": _keep,
    "pad_left": _pad("RIGHT"),
    "pad_right": _pad("LEFT"),
    "lookup": _lookup,
    **numbers.TABLE,
    **dates.EXCEL,
}
"""The operators that give a text, each with what writes it."""

PLACES = ("at", "before", "after")
"""The operators that give a place; `slice` writes them."""
