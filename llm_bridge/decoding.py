"""A grammar as the texts that constrain what a model may write: GBNF (llama.cpp) and llguidance's dialect of Lark.

Both derive the programs of the grammar exactly as `str` prints them. Weights are left out: a model brings its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from dsl.grammar import Grammar, Literals, Numerals, Rule, Symbol
from dsl.operator import Operator


@dataclass(frozen=True, slots=True)
class _Notation:
    """How a rule is written: the start's name, what stands after a name and joins its words, the open classes."""

    start: str
    defines: str
    joint: str
    quoted: tuple[str, str]
    integer: tuple[str, str]


_GBNF = _Notation(
    start="root",
    defines=" ::=",
    joint="-",
    quoted=("quoted", r'"\"" ([^"\\\x00-\x1F] | "\\" ["\\bfnrt] | "\\u00" [01] [0-9a-f])* "\""'),
    integer=("integer", '"0" | "-"? [1-9] [0-9]*'),
)
_LARK = _Notation(
    start="start",
    defines=":",
    joint="_",
    quoted=("QUOTED", r'/"([^"\\\x00-\x1F]|\\["\\bfnrt]|\\u00[01][0-9a-f])*"/'),
    integer=("INTEGER", "/0|-?[1-9][0-9]*/"),
)


def gbnf(grammar: Grammar) -> str:
    """Return the grammar in llama.cpp's GBNF; `root` derives whole programs."""
    return _written(grammar, _GBNF)


def lark(grammar: Grammar) -> str:
    """Return the grammar in llguidance's Lark; `start` derives whole programs."""
    return _written(grammar, _LARK)


def _written(grammar: Grammar, notation: _Notation) -> str:
    """Return one line per symbol in use; chain rules are followed to other rules, so that none is left-recursive."""
    symbols = [grammar.start]
    for symbol in symbols:
        parts = dict.fromkeys(part for rule in grammar.unchained[symbol] for part in rule.rhs)
        symbols += [part for part in parts if part not in symbols]
    names = _names(symbols, notation)
    rules = {notation.start: [names[grammar.start]]}
    rules |= {names[symbol]: [_body(rule, names, notation) for rule in grammar.unchained[symbol]] for symbol in symbols}
    used = {body for bodies in rules.values() for body in bodies}
    rules |= {name: [body] for name, body in (notation.quoted, notation.integer) if name in used}
    return "".join(f"{name}{notation.defines} {' | '.join(dict.fromkeys(bodies))}\n" for name, bodies in rules.items())


def _body(rule: Rule, names: Mapping[Symbol, str], notation: _Notation) -> str:
    if isinstance(rule.head, Literals):
        return notation.quoted[0]
    if isinstance(rule.head, Numerals):
        return notation.integer[0]
    if not isinstance(rule.head, Operator):
        return _terminal(str(rule.head))
    arguments = f" {_terminal(', ')} ".join(names[part] for part in rule.rhs)
    return f"{_terminal(f'{rule.head.name}(')} {arguments} {_terminal(')')}"


def _terminal(text: str) -> str:
    """Return a text in quotation marks, characters that do not print escaped as both notations read them."""
    shown = json.dumps(text, ensure_ascii=False)
    return "".join(char if char.isprintable() or ord(char) > 0xFFFF else f"\\u{ord(char):04x}" for char in shown)


def _names(symbols: list[Symbol], notation: _Notation) -> dict[Symbol, str]:
    """Return a name of small letters and digits for each symbol, all different."""
    names: dict[Symbol, str] = {}
    taken = {notation.start, notation.quoted[0], notation.integer[0]}
    for symbol in symbols:
        words = re.findall("[a-z0-9]+", symbol.lower())
        plain = name = notation.joint.join(["the", *words] if not words or words[0][0].isdigit() else words)
        number = 2
        while name in taken:
            name = f"{plain}{notation.joint}{number}"
            number += 1
        taken.add(name)
        names[symbol] = name
    return names
