"""Terms: read from s-expressions into programs, and written back as the file they belong to writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.sygus.functions import NAMES_1_0, Definition, resolve, signatures, sort_of, symbol_of
from dsl.sygus.sexpr import DEEPEST, Atom, Expression, Fault, Form, Kind, is_negative, is_symbol, shown, symbol
from dsl.sygus.texts import LAST_CODE, MOST_DIGITS
from dsl.types import BOOLEAN, INTEGER, TEXT, Type, Value

LARGEST = 50_000
"""Nodes of a term once every `let` and every defined function in it is written out."""

_ESCAPE = re.compile(r"\\u(?:\{([0-9a-fA-F]{1,5})\}|([0-9a-fA-F]{4}))")


class Dialect(StrEnum):
    """The versions of SyGuS-IF that differ in grammars, negative numbers, text literals and names of functions."""

    V1 = "1.0"
    V2 = "2.1"


@dataclass(frozen=True, slots=True)
class Scope:
    """What the names in a term mean; `negative` tells whether `(- n)` is a constant rather than a unary minus."""

    dialect: Dialect
    names: Mapping[str, Program]
    functions: Mapping[str, Operator]
    negative: Callable[[int], bool] = lambda number: True

    def within(self, names: Mapping[str, Program]) -> Scope:
        """Return the scope with further names, which hide those of before."""
        return replace(self, names={**self.names, **names})


# ---------------------------------------------------------------- reading


def read_term(expression: Expression, scope: Scope) -> Program:
    """Return the program that an expression spells. Raises Fault for unknown names and wrong types."""
    if isinstance(expression, Atom):
        return _atom(expression, scope)
    if not expression.items:
        raise Fault(expression.at, "a term is missing between these parentheses")
    head, *rest = expression.items
    if not is_symbol(head):
        raise Fault(head.at, f"{shown(head)} where the name of a function was expected")
    assert isinstance(head, Atom)
    if head.text == "let":
        return _let(expression, scope)
    args = [read_term(part, scope) for part in rest]
    if is_negative(expression) and isinstance(args[0], Constant) and scope.negative(-args[0].value):
        return Constant(-args[0].value, INTEGER)
    return Apply(function_of(head, [arg.type for arg in args], scope), tuple(args))


def function_of(head: Atom, kinds: list[Type], scope: Scope) -> Operator:
    """Return the operator that a name stands for among arguments of these types. Raises Fault if there is none."""
    known = scope.functions.get(head.text)
    if known is not None:
        if known.params == tuple(kinds):
            return known
        takes: str | None = f"({' '.join(map(sort_of, known.params))})"
    else:
        found = resolve(head.text, kinds)
        if found is not None:
            return found
        takes = signatures(head.text)
    if takes is None:
        raise Fault(head.at, f"unknown function {shown(head)}; define it with define-fun, or use one of SMT-LIB's")
    raise Fault(head.at, f"{shown(head)} takes {takes}, but is given ({' '.join(map(sort_of, kinds))})")


def _atom(atom: Atom, scope: Scope) -> Program:
    if atom.kind is Kind.NUMERAL:
        return Constant(_number(atom), INTEGER)
    if atom.kind is Kind.TEXT:
        return Constant(_text(atom, scope.dialect), TEXT)
    if atom.text in scope.names:
        return scope.names[atom.text]
    if atom.text in scope.functions and not scope.functions[atom.text].params:
        return Apply(scope.functions[atom.text], ())
    if atom.text in ("true", "false"):
        return Constant(atom.text == "true", BOOLEAN)
    if atom.text.startswith(("#", ":", *"0123456789")):
        raise Fault(atom.at, f"{atom.text[:60]} is no constant of these logics: a whole number, a text, true or false")
    raise Fault(atom.at, f"unknown name {shown(atom)}")


def _number(atom: Atom) -> int:
    if len(atom.text) > MOST_DIGITS:
        raise Fault(atom.at, f"a number of more than {MOST_DIGITS} digits")
    return int(atom.text)


def _text(atom: Atom, dialect: Dialect) -> str:
    text = atom.text if dialect is Dialect.V1 or "\\" not in atom.text else _ESCAPE.sub(_unescaped, atom.text)
    if not text.isascii() and ord(max(text)) > LAST_CODE:
        raise Fault(atom.at, f"the character {max(text)!r} is beyond those of SMT-LIB")
    return text


def _unescaped(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= LAST_CODE else match[0]


def _let(form: Form, scope: Scope) -> Program:
    if len(form.items) != 3 or not isinstance(form.items[1], Form):
        raise Fault(form.at, "let is written (let ((name term) …) term)")
    bound: dict[str, Program] = {}
    for binding in form.items[1].items:
        parts = binding.items if isinstance(binding, Form) else []
        if len(parts) == 3:  # SyGuS-IF 1.0 writes the sort between name and term
            del parts[1]
        if len(parts) != 2 or not is_symbol(parts[0]):
            raise Fault(binding.at, "let binds with (name term)")
        assert isinstance(parts[0], Atom)
        bound[parts[0].text] = read_term(parts[1], scope)
        check_size(bound[parts[0].text], binding.at)
    term = read_term(form.items[2], scope.within(bound))
    check_size(term, form.at)
    return term


def check_size(term: Program, at: int) -> None:
    """Raise Fault if a term is too large or too deep once every `let` and defined function is written out."""
    known: dict[int, tuple[int, int]] = {}

    def measure(part: Program) -> tuple[int, int]:
        if not isinstance(part, Apply):
            return 1, 1
        if id(part) not in known:
            inside = [measure(arg) for arg in part.args]
            function = part.operator.apply
            if isinstance(function, Definition):
                inside.append(measure(function.body))
            known[id(part)] = 1 + sum(n for n, _ in inside), 1 + max((depth for _, depth in inside), default=0)
        return known[id(part)]

    size, depth = measure(term)
    if size > LARGEST or depth > DEEPEST:
        raise Fault(at, "this term is too large once every let and every defined function is written out")


# ---------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True)
class Notation:
    """How a file writes terms: `spelled` holds what its grammar writes for operators and constants."""

    dialect: Dialect
    parameters: tuple[str, ...]
    spelled: Mapping[Operator | Constant, str]

    def term(self, program: Program) -> str:
        """Return the program as an s-expression."""
        if isinstance(program, Input):
            return symbol(self.parameters[program.index])
        if program in self.spelled and isinstance(program, Constant):
            return self.spelled[program]
        if isinstance(program, Constant):
            return self.constant(program.value)
        name = self.spelled.get(program.operator) or self._name(program.operator)
        return f"({' '.join([name, *map(self.term, program.args)])})" if program.args else name

    def _name(self, operator: Operator) -> str:
        name = symbol_of(operator)
        return NAMES_1_0.get(name, name) if self.dialect is Dialect.V1 else name

    def constant(self, value: Value) -> str:
        """Return a literal."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return f"(- {-value})" if value < 0 and self.dialect is Dialect.V2 else str(value)
        text = value.replace('"', '""')
        if self.dialect is Dialect.V2:
            text = "".join([c if " " <= c <= "~" and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text])
        return f'"{text}"'
