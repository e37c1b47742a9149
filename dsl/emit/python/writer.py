"""What writes one function, and the fixed arguments that operators take from it."""

from __future__ import annotations

import builtins
import keyword
import re
import textwrap
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from dsl.emit import Unsupported, concat_parts, guarded_column
from dsl.emit.python import numbers
from dsl.emit.python.helpers import HELPERS, USES
from dsl.program import Apply, Constant, Input, Program
from dsl.program import columns as columns_of
from dsl.strings.tokens import TokenClass

Rows = Mapping[str, Callable[..., str]]

BY_REGEX = {"digits": r"\d+", "number": r"\d+(?:[.,]\d+)*", "blank": r"\s+", "nonblank": r"\S+"}
"""The classes that Python's own regular expressions know in exactly the same way, for every character."""


class Never(Exception):
    """The program has no value on any row; the guard holds on none."""


NOTHING = ["return None"]


def quoted(text: str) -> str:
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


class Writer:
    """Writes blocks of statements, each of which returns; what a block has stated already it does not state again."""

    def __init__(self, name: str, headers: Sequence[str], table: Rows, guards: Rows) -> None:
        self.name = name
        self.table, self.guards = table, guards
        self.taken = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, *HELPERS, "re", "unicodedata", name}
        self.taken |= {*numbers.HELPERS, "decimal", "functools"}
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
        except Never:
            return NOTHING

    def unless_filled(self, columns: Sequence[int]) -> list[str]:
        """Return the statements that leave where one of the columns is blank."""
        test = " or ".join(f"{self.parameters[i]} is None" for i in columns)
        return [f"if {test}:", "    return None"] if test else []

    def guard(self, guard: Apply, filled: Collection[int]) -> str:
        """Return a condition that is false on a blank cell, as the guard is, or true if that is what it asks for."""
        name, column = guard.operator.name, guarded_column(guard)
        if name not in self.guards:
            raise Unsupported(f"no Python for {name!r} yet")
        cell = self.parameters[column]
        test = self.guards[name](self, cell, *guard.args[1:])
        if column in filled or name == "equals":
            return test
        return f"{cell} is None or {test}" if name == "is_blank" else f"{cell} is not None and {test}"

    def text(self, program: Program) -> str:
        """Return an expression of the program's value, which is defined once the statements before it have run."""
        if isinstance(program, Input):
            return self.parameters[program.index]
        if isinstance(program, Constant):
            return quoted(program.value)
        parts = concat_parts(program)
        if len(parts) > 1:
            return " + ".join(map(self.text, parts))
        if parts != [program]:  # constants only
            return self.text(parts[0])
        row = self.table.get(program.operator.name)
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
        """Return the name of a variable that holds an expression, stated once."""
        if expression not in self.known:
            self.known[expression] = _free(hint, self.taken)
            self.lines.append(f"{self.known[expression]} = {expression}")
        return self.known[expression]

    def undefined_if(self, test: str) -> None:
        """Leave where a condition holds."""
        if test not in self.checked:
            self.checked.add(test)
            self.lines += [f"if {test}:", "    return None"]

    def helper(self, name: str) -> str:
        """Return the name of a helper, which goes along with the module."""
        self.helpers |= {name, *(USES | numbers.HELPERS).get(name, ())}
        return name

    def module(self, lines: Sequence[str]) -> str:
        """Return the module's source: imports, tables, helpers, the function."""
        body = "\n".join(lines)
        helpers = [HELPERS[name] for name in HELPERS if name in self.helpers]
        helpers += [numbers.source(name) for name in numbers.HELPERS if name in self.helpers]
        modules = ("decimal", "functools", "re", "unicodedata")
        imports = [m for m in modules if any(f"{m}." in text for text in (body, *helpers))]
        parameters = ", ".join(f"{name}: str | None" for name in self.parameters)
        function = f"def {self.name}({parameters}) -> str | None:\n{textwrap.indent(body, '    ')}\n"
        parts = ["".join(f"import {module}\n" for module in imports)] if imports else []
        parts += self.tables.values()
        parts += [text.lstrip("\n") for text in helpers]
        return "\n\n".join([*parts, function])


def fixed_value(program: Program, kind: type | tuple[type, ...]) -> Any:
    """Return the value of a constant of a kind; raises Unsupported for anything else."""
    if isinstance(program, Constant) and isinstance(program.value, kind):
        return program.value
    raise Unsupported("Python is written for fixed counts, tokens and tables only")


def fixed_count(program: Program) -> int:
    """Return the number of an occurrence; raises Never where there is none."""
    k: int = fixed_value(program, int)
    if k == 0:
        raise Never
    return k


def fixed_size(program: Program) -> int:
    """Return a number of characters; raises Never where it is not positive."""
    n: int = fixed_value(program, int)
    if n <= 0:
        raise Never
    return n


def fixed_literal(program: Program, *, empty: bool = False) -> str:
    """Return a constant text; raises Unsupported for anything else, and for none unless it may be empty."""
    literal: str = fixed_value(program, str)
    if not literal and not empty:
        raise Unsupported("no Python searches for an empty text")
    return literal


def fixed_token(program: Program) -> TokenClass | str:
    """Return a constant token; raises Unsupported for anything else."""
    token: TokenClass | str = fixed_value(program, (str, TokenClass))
    return token


def at_least(write: Writer, counted: str, k: int) -> None:
    """Leave unless there are as many as |k|."""
    write.undefined_if(f"not {counted}" if abs(k) == 1 else f"len({counted}) < {abs(k)}")


def index_of(k: int) -> str:
    """Return the index of the k-th of a list, from its end where k is negative."""
    return str(k - 1 if k > 0 else k)


def found_matches(write: Writer, text: Program, token: TokenClass) -> str:
    """Return a name for the list of matches, as texts."""
    v = write.text(text)
    if token.name in BY_REGEX:
        return write.assign("found", f're.findall(r"{BY_REGEX[token.name]}", {v})')
    return write.assign("found", f"{write.helper('_runs')}({quoted(token.pattern)}, {v})")
