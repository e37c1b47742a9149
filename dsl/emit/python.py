"""Writes a program as a Python module: one function, only the helpers it needs, the standard library only.

The function takes the cells as texts (None for a blank cell) and returns what the interpreter returns, for all of
Unicode. Constants enter the source through `repr` alone, so nothing in them can run.
"""

from __future__ import annotations

import builtins
import keyword
import re
import textwrap
import unicodedata
from collections.abc import Callable, Collection, Sequence
from typing import Any

from dsl.emit import (
    Unsupported,
    concat_parts,
    dates,
    decision_list,
    guarded_column,
    known_filled,
    overlaps_itself,
    python_numbers,
)
from dsl.program import Apply, Constant, Input, Program
from dsl.program import columns as columns_of
from dsl.strings.tables import folded
from dsl.strings.text import BLANKS
from dsl.strings.tokens import TokenClass


def python(program: Program, name: str = "transform", columns: Sequence[str] | None = None) -> str:
    """Return the source of a module with a function of that name, one parameter per column.

    `columns` are the headers, for the parameters' names; without them the parameters are x1, x2, … up to the last
    column that the program reads. Raises Unsupported for a program that Python cannot say exactly, ValueError when
    the name is no identifier or a column has no header.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{name!r} cannot be the name of a Python function")
    read = columns_of(program)
    width = len(columns) if columns is not None else max(read, default=-1) + 1
    if read and read[-1] >= width:
        raise ValueError(f"the program reads column {read[-1] + 1}, but there are only {width} columns")
    writer = _Writer(name, columns if columns is not None else [f"x{i + 1}" for i in range(width)])
    return writer.module(_body(writer, program))


def _body(writer: _Writer, program: Program) -> list[str]:
    """Return the statements of the function: checks that hold for all cases, the cases, all other rows."""
    cases, otherwise = decision_list(program)
    needed = [i for i in columns_of(program) if _undefined_without(i, cases, otherwise)]
    filled, lines = frozenset(needed), writer.unless_filled(needed)
    never = True
    for guard, branch in cases:
        try:
            test = writer.guard(guard, filled)
        except _Never:
            continue
        block = writer.block(branch, filled | known_filled(guard, True))
        lines += [f"if {test}:", *("    " + line for line in block)]
        filled |= known_filled(guard, False)
        never = never and block == _NOTHING
    block = writer.block(otherwise, filled)
    return _NOTHING if never and block == _NOTHING else lines + block


def _undefined_without(column: int, cases: Sequence[tuple[Apply, Program]], otherwise: Program) -> bool:
    """Return whether the program has no value wherever the column's cell is None."""
    for guard, branch in cases:
        on_it = guarded_column(guard) == column
        if on_it and guard.operator.name != "is_blank":
            continue
        if column not in columns_of(branch):
            return False
        if on_it:
            return True
    return column in columns_of(otherwise)


class _Never(Exception):
    """The program has no value on any row; the guard holds on none."""


_NOTHING = ["return None"]


# ---------------------------------------------------------------- helpers of the emitted module

_HELPERS = {
    "_kinds": '''
def _kinds(text: str) -> str:
    """Say what each character is: U capital, l small, o other letter, d digit, s blank, m mark, c point or comma."""

    def kind(char: str) -> str:
        if char.isupper():
            return "U"
        if char.islower():
            return "l"
        if char.isalpha():
            return "o"
        if char.isdecimal():
            return "d"
        if char.isspace():
            return "s"
        if unicodedata.category(char).startswith("M"):
            return "m"
        return "c" if char in ".," else "p"

    return "".join(map(kind, text))
''',
    "_runs": '''
def _runs(pattern: str, text: str) -> list[str]:
    """Return the parts of a text whose characters are of such kinds."""
    return [text[run.start() : run.end()] for run in re.finditer(pattern, _kinds(text))]
''',
    "_without": '''
def _without(pattern: str, text: str) -> str:
    """Return a text without the parts whose characters are of such kinds."""
    kept, last = "", 0
    for run in re.finditer(pattern, _kinds(text)):
        kept += text[last : run.start()]
        last = run.end()
    return kept + text[last:]
''',
    "_shape": '''
def _shape(text: str) -> str:
    """Say which kinds of characters follow each other in a text; W is a capitalized word."""
    return re.sub(r"(.)\\1+", r"\\1", re.sub("Ul+", "W", _kinds(text)))
''',
    "_proper": '''
def _proper(text: str) -> str:
    """Return a text with every run of letters capitalized."""
    done, last = "", 0
    for run in re.finditer("[Ulom]+", _kinds(text)):
        start, end = run.span()
        done += text[last:start] + text[start].upper() + text[start + 1 : end].lower()
        last = end
    return done + text[last:]
''',
}
_USES = dict.fromkeys(("_runs", "_without", "_shape", "_proper"), ("_kinds",))

_BY_REGEX = {"digits": r"\d+", "number": r"\d+(?:[.,]\d+)*", "blank": r"\s+", "nonblank": r"\S+"}
"""The classes that Python's own regular expressions know in exactly the same way, for every character."""

# ---------------------------------------------------------------- the source


def _quoted(text: str) -> str:
    """Return a literal of the text, in double quotes where that needs no escapes."""
    plain = repr(text)
    return f'"{plain[1:-1]}"' if '"' not in text and "'" not in text else plain


def _parameters(headers: Sequence[str], taken: set[str]) -> list[str]:
    names = []
    for index, header in enumerate(headers):
        words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", header).lower())
        name = "_".join(words)
        if not name.isidentifier():
            name = f"x{index + 1}"
        names.append(_free(name, taken))
    return names


def _free(name: str, taken: set[str]) -> str:
    """Return the name, or the first of name_2, name_3, … that is free, and take it."""
    chosen, number = name, 1
    while chosen in taken:
        number += 1
        chosen = f"{name}_{number}"
    taken.add(chosen)
    return chosen


class _Writer:
    """Writes blocks of statements, each of which returns; what a block has stated already it does not state again."""

    def __init__(self, name: str, headers: Sequence[str]) -> None:
        self.name = name
        self.taken = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, *_HELPERS, "re", "unicodedata", name}
        self.taken |= {*python_numbers.HELPERS, "decimal", "functools"}
        self.parameters = _parameters(headers, self.taken)
        self.reserved = frozenset(self.taken)
        self.lines: list[str] = []
        self.known: dict[str, str] = {}
        self.checked: set[str] = set()
        self.helpers: set[str] = set()
        self.tables: dict[str, str] = {}

    def block(self, program: Program, filled: Collection[int]) -> list[str]:
        """Return statements that return the program's value, or None; the columns in `filled` are known to be there."""
        self.taken, self.known, self.checked = set(self.reserved), {}, set()
        self.lines = self.unless_filled([i for i in columns_of(program) if i not in filled])
        try:
            value = self.text(program)  # adds statements of its own
            return [*self.lines, f"return {value}"]
        except _Never:
            return _NOTHING

    def unless_filled(self, columns: Sequence[int]) -> list[str]:
        """Return the statements that leave where one of the columns is blank."""
        test = " or ".join(f"{self.parameters[i]} is None" for i in columns)
        return [f"if {test}:", "    return None"] if test else []

    def guard(self, guard: Apply, filled: Collection[int]) -> str:
        """Return a condition that is false on a blank cell, as the guard is, or true if that is what it asks for."""
        name, column = guard.operator.name, guarded_column(guard)
        if name not in GUARDS:
            raise Unsupported(f"no Python for {name!r} yet")
        cell = self.parameters[column]
        test = GUARDS[name](self, cell, *guard.args[1:])
        if column in filled or name == "equals":
            return test
        return f"{cell} is None or {test}" if name == "is_blank" else f"{cell} is not None and {test}"

    def text(self, program: Program) -> str:
        """Return an expression of the program's value, which is defined once the statements before it have run."""
        if isinstance(program, Input):
            return self.parameters[program.index]
        if isinstance(program, Constant):
            return _quoted(program.value)
        parts = concat_parts(program)
        if len(parts) > 1:
            return " + ".join(map(self.text, parts))
        if parts != [program]:  # constants only
            return self.text(parts[0])
        row = TABLE.get(program.operator.name)
        if row is None:
            raise Unsupported(f"no Python for {program.operator.name!r} yet")
        return row(self, *program.args)

    def atom(self, program: Program) -> str:
        """Return an expression that a method call or an index may follow."""
        joined = len(concat_parts(program)) > 1
        return f"({self.text(program)})" if joined else self.text(program)

    def variable(self, program: Program, hint: str = "part") -> str:
        """Return a name for the program's value."""
        if isinstance(program, Input):
            return self.text(program)
        return self.assign(hint, self.text(program))

    def assign(self, hint: str, expression: str) -> str:
        if expression not in self.known:
            self.known[expression] = _free(hint, self.taken)
            self.lines.append(f"{self.known[expression]} = {expression}")
        return self.known[expression]

    def undefined_if(self, test: str) -> None:
        if test not in self.checked:
            self.checked.add(test)
            self.lines += [f"if {test}:", "    return None"]

    def helper(self, name: str) -> str:
        self.helpers |= {name, *(_USES | python_numbers.HELPERS).get(name, ())}
        return name

    def module(self, lines: Sequence[str]) -> str:
        body = "\n".join(lines)
        helpers = [_HELPERS[name] for name in _HELPERS if name in self.helpers]
        helpers += [python_numbers.source(name) for name in python_numbers.HELPERS if name in self.helpers]
        modules = ("decimal", "functools", "re", "unicodedata")
        imports = [m for m in modules if any(f"{m}." in text for text in (body, *helpers))]
        parameters = ", ".join(f"{name}: str | None" for name in self.parameters)
        function = f"def {self.name}({parameters}) -> str | None:\n{textwrap.indent(body, '    ')}\n"
        parts = ["".join(f"import {module}\n" for module in imports)] if imports else []
        parts += self.tables.values()
        parts += [text.lstrip("\n") for text in helpers]
        return "\n\n".join([*parts, function])


# ---------------------------------------------------------------- arguments


def _value(program: Program, kind: type | tuple[type, ...]) -> Any:
    if isinstance(program, Constant) and isinstance(program.value, kind):
        return program.value
    raise Unsupported("Python is written for fixed counts, tokens and tables only")


def _count(program: Program) -> int:
    k: int = _value(program, int)
    if k == 0:
        raise _Never
    return k


def _size(program: Program) -> int:
    n: int = _value(program, int)
    if n <= 0:
        raise _Never
    return n


def _literal(program: Program, *, empty: bool = False) -> str:
    literal: str = _value(program, str)
    if not literal and not empty:
        raise Unsupported("no Python searches for an empty text")
    return literal


def _token(program: Program) -> TokenClass | str:
    token: TokenClass | str = _value(program, (str, TokenClass))
    return token


def _at_least(write: _Writer, counted: str, k: int) -> None:
    """Leave unless there are as many as |k|."""
    write.undefined_if(f"not {counted}" if abs(k) == 1 else f"len({counted}) < {abs(k)}")


def _index(k: int) -> str:
    return str(k - 1 if k > 0 else k)


def _found(write: _Writer, text: Program, token: TokenClass) -> str:
    """Return a name for the list of matches, as texts."""
    v = write.text(text)
    if token.name in _BY_REGEX:
        return write.assign("found", f're.findall(r"{_BY_REGEX[token.name]}", {v})')
    return write.assign("found", f"{write.helper('_runs')}({_quoted(token.pattern)}, {v})")


# ---------------------------------------------------------------- places


_Edge = tuple[str, int]
"""(_START, n): after n characters; (_END, n): before the last n; (expression, n): n after that."""

_START, _END = "<", ">"


def _edge(write: _Writer, place: Program, hint: str) -> _Edge:
    """Return a place; occurrences are checked to be there, lengths are not."""
    if isinstance(place, Constant):
        if place.value < 0:
            raise Unsupported("a place before the start of a text is in no cell")
        return _START, place.value
    if not isinstance(place, Apply) or place.operator.name not in PLACES:
        raise Unsupported("no Python for this kind of place yet")
    return PLACES[place.operator.name](write, hint, *place.args)


def _at(write: _Writer, hint: str, text: Program, k: Program) -> _Edge:
    n = _value(k, int)
    return (_START, n) if n >= 0 else (_END, -1 - n)


def _beside(side: int) -> Callable[[_Writer, str, Program, Program, Program], _Edge]:
    def edge(write: _Writer, hint: str, text: Program, token: Program, k: Program) -> _Edge:
        v, what, count = write.variable(text), _token(token), _count(k)
        if what == "":
            raise _Never
        if isinstance(what, str) and (count == 1 or (count == -1 and not overlaps_itself(what))):
            place = write.assign(hint, f"{v}.{'find' if count == 1 else 'rfind'}({_quoted(what)})")
            write.undefined_if(f"{place} < 0")
            return place, len(what) * side
        if isinstance(what, str):
            matches = f"re.finditer(re.escape({_quoted(what)}), {v})"
        elif what.name in _BY_REGEX:
            matches = f're.finditer(r"{_BY_REGEX[what.name]}", {v})'
        else:
            matches = f"re.finditer({_quoted(what.pattern)}, {write.helper('_kinds')}({v}))"
        runs = write.assign("matches", f"list({matches})")
        _at_least(write, runs, count)
        return f"{runs}[{_index(count)}].{'end' if side else 'start'}()", 0

    return edge


PLACES: dict[str, Callable[..., _Edge]] = {"at": _at, "before": _beside(0), "after": _beside(1)}
"""The operators that give a place, each with what writes it."""


def _number(edge: _Edge, text: str) -> str:
    kind, n = edge
    if kind == _START:
        return str(n)
    if kind == _END:
        return f"len({text}) - {n}" if n else f"len({text})"
    return f"{kind} + {n}" if n else kind


def _slice(write: _Writer, text: Program, start: Program, end: Program) -> str:
    v = write.variable(text)
    edges = [_edge_in(write, v, text, start, "start"), _edge_in(write, v, text, end, "end")]
    (first, a), (last, b) = edges
    needed = {(_START, _START): b, (_END, _END): a, (_START, _END): a + b}.get((first, last))
    if needed is not None:
        if first == last and (a > b if first == _START else a < b):
            raise _Never
        if needed:
            write.undefined_if(f"len({v}) < {needed}")
    else:
        for kind, n, side in ((first, a, _END), (last, b, _START)):
            if kind == side and n:
                write.undefined_if(f"len({v}) < {n}")
        if edges[0] != (_START, 0) and edges[1] != (_END, 0):
            write.undefined_if(f"{_number(edges[0], v)} > {_number(edges[1], v)}")
    left = "" if edges[0] == (_START, 0) else f"-{a}" if first == _END and a else _number(edges[0], v)
    right = "" if edges[1] == (_END, 0) else f"-{b}" if last == _END else _number(edges[1], v)
    spaced = not re.fullmatch(r"-?\w*:-?\w*", f"{left}:{right}")
    return f"{v}[{f'{left} : {right}'.strip() if spaced else f'{left}:{right}'}]"


def _edge_in(write: _Writer, v: str, text: Program, place: Program, hint: str) -> _Edge:
    """Return a place as one in the text that v names, wherever it was found."""
    edge = _edge(write, place, hint)
    if not isinstance(place, Apply) or place.args[0] == text:
        return edge
    own = write.variable(place.args[0])
    if edge[0] in (_START, _END) and edge[1]:
        write.undefined_if(f"len({own}) < {edge[1]}")
    if edge[0] == _START:
        return edge
    number = write.assign(hint, _number(edge, own))
    write.undefined_if(f"{number} > len({v})")
    return number, 0


# ---------------------------------------------------------------- operators


def _method(call: str) -> Callable[[_Writer, Program], str]:
    return lambda write, text: f"{write.atom(text)}.{call}"


def _token_row(write: _Writer, text: Program, token: Program, k: Program) -> str:
    what, count = _token(token), _count(k)
    if isinstance(what, TokenClass):
        found = _found(write, text, what)
        _at_least(write, found, count)
        return f"{found}[{_index(count)}]"
    if not what:
        raise _Never
    v = write.variable(text)
    absent = f"{_quoted(what)} not in {v}" if abs(count) == 1 else f"{v}.count({_quoted(what)}) < {abs(count)}"
    write.undefined_if(absent)
    return _quoted(what)


def _field(write: _Writer, text: Program, delimiter: Program, k: Program) -> str:
    count = _count(k)
    parts = f"{write.atom(text)}.split({_quoted(_literal(delimiter))})"
    if abs(count) > 1:
        parts = write.assign("parts", parts)
        _at_least(write, parts, count)
    return f"{parts}[{_index(count)}]"


def _between(write: _Writer, text: Program, left: Program, right: Program, k: Program) -> str:
    v = write.variable(text)
    place, ahead = _beside(1)(write, "start", text, left, k)
    start = write.assign("start", f"{place} + {ahead}" if ahead else place)
    end = write.assign("end", f"{v}.find({_quoted(_literal(right, empty=True))}, {start})")
    write.undefined_if(f"{end} < 0")
    return f"{v}[{start}:{end}]"


def _left(write: _Writer, text: Program, n: Program) -> str:
    return f"{write.atom(text)}[:{_size(n)}]"


def _right(write: _Writer, text: Program, n: Program) -> str:
    return f"{write.atom(text)}[-{_size(n)}:]"


def _proper(write: _Writer, text: Program) -> str:
    return f"{write.helper('_proper')}({write.text(text)})"


def _sentence(write: _Writer, text: Program) -> str:
    v = write.variable(text)
    return f"({v}[:1].upper() + {v}[1:].lower())"


def _initials(write: _Writer, text: Program) -> str:
    words = write.assign("words", f'{write.helper("_runs")}("[Ulomd]+", {write.text(text)})')
    write.undefined_if(f"not {words}")
    return f'"".join(word[0] for word in {words})'


def _collapse(write: _Writer, text: Program) -> str:
    return f're.sub({_quoted(f"[{BLANKS}]+")}, " ", {write.atom(text)}.strip({_quoted(BLANKS)}))'


def _remove(write: _Writer, text: Program, literal: Program) -> str:
    return f'{write.atom(text)}.replace({_quoted(_literal(literal, empty=True))}, "")'


def _replace(write: _Writer, text: Program, old: Program, new: Program) -> str:
    return f"{write.atom(text)}.replace({_quoted(_literal(old, empty=True))}, {write.text(new)})"


def _drop(write: _Writer, text: Program, token: Program) -> str:
    what = _token(token)
    if isinstance(what, str):
        return f'{write.atom(text)}.replace({_quoted(what)}, "")' if what else write.text(text)
    if what.name in _BY_REGEX:
        return f're.sub(r"{_BY_REGEX[what.name]}", "", {write.text(text)})'
    return f"{write.helper('_without')}({_quoted(what.pattern)}, {write.text(text)})"


def _keep(write: _Writer, text: Program, token: Program) -> str:
    what = _token(token)
    if isinstance(what, TokenClass):
        found = _found(write, text, what)
        write.undefined_if(f"not {found}")
        return f'"".join({found})'
    if not what:
        raise _Never
    times = write.assign("times", f"{write.atom(text)}.count({_quoted(what)})")
    write.undefined_if(f"not {times}")
    return f"({_quoted(what)} * {times})"


def _pad(method: str) -> Callable[[_Writer, Program, Program, Program], str]:
    def row(write: _Writer, text: Program, n: Program, fill: Program) -> str:
        length = _size(n)
        if isinstance(fill, Constant):
            if len(fill.value) != 1:
                raise _Never
            return f"{write.atom(text)}.{method}({length}, {_quoted(fill.value)})"
        char = write.variable(fill, "fill")
        write.undefined_if(f"len({char}) != 1")
        return f"{write.atom(text)}.{method}({length}, {char})"

    return row


def _lookup(write: _Writer, text: Program, table: Program) -> str:
    name = _value(table, str)
    constant = "_" + re.sub(r"\W", "_", name).upper()
    pairs = "".join(f"    {_quoted(key)}: {_quoted(value)},\n" for key, value in folded(name).items())
    write.tables[name] = f"{constant} = {{\n{pairs}}}\n"
    key = f"{write.atom(text)}.strip({_quoted(BLANKS)}).casefold()"
    value = write.assign("value", f"{constant}.get({key})")
    write.undefined_if(f"{value} is None")
    return value


TABLE: dict[str, Callable[..., str]] = {
    "concat": lambda write, first, second: f"({write.text(first)} + {write.text(second)})",
    "slice": _slice,
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
    "trim": _method(f"strip({_quoted(BLANKS)})"),
    "collapse": _collapse,
    "remove": _remove,
    "replace": _replace,
    "drop": _drop,
    "keep": _keep,
    "pad_left": _pad("rjust"),
    "pad_right": _pad("ljust"),
    "lookup": _lookup,
    **python_numbers.ROWS,
    **dates.PYTHON,
}
"""The operators that give a text or a number, each with what writes it."""


# ---------------------------------------------------------------- conditions


def _comparing(comparison: str) -> Callable[[_Writer, str, Program], str]:
    return lambda write, cell, literal: comparison.format(cell=cell, literal=_quoted(_literal(literal)))


_contains, _starts_with = _comparing("{literal} in {cell}"), _comparing("{cell}.startswith({literal})")


def _matching(function: str, literally: Callable[[_Writer, str, Program], str]) -> Callable[..., str]:
    """Return what writes whether there is a match, or one at the start: one character of a run is enough."""

    def row(write: _Writer, cell: str, token: Program) -> str:
        what = _token(token)
        if isinstance(what, str):
            return literally(write, cell, token)
        name = "digits" if what.name == "number" else what.name
        if name in _BY_REGEX:
            return f're.{function}(r"{_BY_REGEX[name].removesuffix("+")}", {cell})'
        return f"re.{function}({_quoted(what.pattern.removesuffix('+'))}, {write.helper('_kinds')}({cell}))"

    return row


def _looks_like(write: _Writer, cell: str, sample: Program) -> str:
    shape = write.helper("_shape")
    return f"{shape}({cell}) == {shape}({_quoted(_literal(sample))})"


def _longer(write: _Writer, cell: str, n: Program) -> str:
    length: int = _value(n, int)
    if length < 0:
        raise _Never
    return f"len({cell}) > {length}"


GUARDS: dict[str, Callable[..., str]] = {
    "is_blank": lambda write, cell: f"not {cell}.strip({_quoted(BLANKS)})",
    "contains": _contains,
    "starts_with": _starts_with,
    "ends_with": _comparing("{cell}.endswith({literal})"),
    "equals": _comparing("{cell} == {literal}"),
    "has": _matching("search", _contains),
    "begins": _matching("match", _starts_with),
    "is_number": lambda write, cell: f're.fullmatch(r"[-+−]?\\d+(?:[.,]\\d+)*", {cell}.strip({_quoted(BLANKS)}))',
    "looks_like": _looks_like,
    "longer": _longer,
}
"""The guards, each with what writes it of a parameter that is not None."""
