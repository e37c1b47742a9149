"""S-expressions as SyGuS-IF writes them, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

DEEPEST = 150
"""Levels of parentheses that are read; programs are walked recursively."""

_LEXEME = re.compile(
    r"""
      [\s]+ | ;[^\n]*                 # blanks and comments
    | (\() | (\))
    | "((?:[^"]|"")*)"
    | \|([^|\\]*)\|
    | (-?[0-9]+)(?=[\s();"|]|$)
    | ([^\s();"|]+)
    | (.)                             # a quote or a bar that is never closed
    """,
    re.VERBOSE | re.DOTALL,
)
_SIMPLE = re.compile(r"[^\s();\"|0-9-][^\s();\"|]*|-(?:[^\s();\"|0-9][^\s();\"|]*)?")
_OPEN, _CLOSE, _TEXT, _QUOTED, _NUMERAL, _SYMBOL, _STRAY = range(1, 8)


class Kind(Enum):
    """What an atom is."""

    SYMBOL = "symbol"
    NUMERAL = "numeral"
    TEXT = "text"


@dataclass(slots=True)
class Atom:
    """A symbol, a numeral as it is written, or a text literal with its doubled quotes undone; `at` is its place."""

    kind: Kind
    text: str
    at: int


@dataclass(slots=True)
class Form:
    """A parenthesised list; `at` is the place of its opening parenthesis."""

    items: list[Expression]
    at: int


Expression: TypeAlias = Atom | Form


class SygusError(ValueError):
    """A text is not a task or program of SyGuS-IF as it is read here; the message says where and why."""


class Fault(Exception):
    """What is wrong with a text, and at which character."""

    def __init__(self, at: int, what: str) -> None:
        super().__init__(what)
        self.at, self.what = at, what

    def located(self, text: str) -> SygusError:
        """Return the error that names line and column of the text."""
        line = text.count("\n", 0, self.at) + 1
        column = self.at - text.rfind("\n", 0, self.at)
        what = "".join([char if char.isprintable() else " " for char in self.what])
        return SygusError(f"line {line}, column {column}: {what}")


def expressions(text: str) -> list[Expression]:
    """Return the s-expressions that a text consists of. Raises Fault where parentheses or quotes do not match."""
    top: list[Expression] = []
    items, open_ = top, list[Form]()
    for match in _LEXEME.finditer(text):
        kind = match.lastindex
        if kind is None:
            continue
        if kind == _OPEN:
            form = Form([], match.start())
            items.append(form)
            open_.append(form)
            if len(open_) > DEEPEST:
                raise Fault(form.at, f"more than {DEEPEST} levels of parentheses")
            items = form.items
        elif kind == _CLOSE:
            if not open_:
                raise Fault(match.start(), "this parenthesis closes nothing; take it away")
            open_.pop()
            items = open_[-1].items if open_ else top
        elif kind == _STRAY:
            raise Fault(match.start(), f"this {match[_STRAY]} is never closed")
        else:
            items.append(_atom(kind, match[kind], match.start()))
    if open_:
        raise Fault(open_[-1].at, "this parenthesis is never closed")
    return top


def _atom(kind: int, text: str, at: int) -> Atom:
    if kind == _TEXT:
        return Atom(Kind.TEXT, text.replace('""', '"') if '"' in text else text, at)
    return Atom(Kind.NUMERAL if kind == _NUMERAL else Kind.SYMBOL, text, at)


def is_symbol(expression: Expression, *names: str) -> bool:
    """Return whether an expression is a symbol, and one of these names if any are given."""
    return isinstance(expression, Atom) and expression.kind is Kind.SYMBOL and (not names or expression.text in names)


def is_negative(form: Form) -> bool:
    """Return whether a form is (- n) for a numeral n, which is how SMT-LIB writes negative numbers."""
    return (
        len(form.items) == 2
        and is_symbol(form.items[0], "-")
        and isinstance(form.items[1], Atom)
        and form.items[1].kind is Kind.NUMERAL
    )


def written(expression: Expression) -> str:
    """Return an expression as the file writes it, apart from blanks and comments."""
    if isinstance(expression, Form):
        return f"({' '.join(map(written, expression.items))})"
    if expression.kind is Kind.TEXT:
        return '"' + expression.text.replace('"', '""') + '"'
    return expression.text if expression.kind is Kind.NUMERAL else symbol(expression.text)


def shown(expression: Expression) -> str:
    """Return an expression as it is written, shortened for messages."""
    text = written(expression)
    return text if len(text) <= 60 else text[:57] + "…"


def symbol(name: str) -> str:
    """Return a name as SMT-LIB writes it, between bars where it has to be."""
    return name if _SIMPLE.fullmatch(name) else f"|{name}|"
