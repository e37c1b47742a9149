"""Derivations: by which rules a grammar spells a program."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from dsl.grammar import Grammar, Literals, Numerals, Rule, Symbol
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.types import Type

Step = tuple[Rule, float]
"""A rule with its log weight (nats)."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """How a symbol derives `program`: the first rule, and how the rule's symbols derive their parts.

    `log_weight` (nats) is that of `rule` alone; the weight of a constant of an open class is part of it. `log_prob`
    (nats) is that of the whole derivation.
    """

    rule: Rule
    log_weight: float
    program: Program
    parts: tuple[Derivation, ...]
    log_prob: float

    @classmethod
    def of(cls, rule: Rule, log_weight: float, program: Program, parts: tuple[Derivation, ...] = ()) -> Derivation:
        """Return the derivation that begins with a rule and goes on with these parts."""
        return cls(rule, log_weight, program, parts, log_weight + sum([part.log_prob for part in parts]))

    def all(self) -> Iterator[Derivation]:
        """Yield this derivation and all inside it, outermost first."""
        yield self
        for part in self.parts:
            yield from part.all()


class Derivations:
    """The most probable derivations by a grammar's rules, its fragments aside."""

    def __init__(self, grammar: Grammar) -> None:
        self.grammar = grammar
        self._ways = {symbol: _ways(grammar, symbol) for symbol in grammar.by_lhs}
        self._beginning: dict[Kind, list[Symbol]] = {}
        for rule in grammar.rules:
            if rule.head is not None:
                self._beginning.setdefault(_kind(rule.head), []).append(rule.lhs)
        self._asked: list[Program] = []  # kept alive, since what is known goes by identity: hashing is recursive
        self._known: dict[tuple[Symbol, int], Derivation | None] = {}

    def best(self, program: Program, symbol: Symbol | None = None) -> Derivation | None:
        """Return the most probable way in which `symbol` (the start) derives a program, None if it does not."""
        self._asked.append(program)
        return self._best(program, symbol or self.grammar.start)

    def beginning(self, program: Program) -> list[Derivation]:
        """Return the most probable derivations by the symbols that have a rule (no chain rule) for a program's root."""
        self._asked.append(program)
        symbols = dict.fromkeys(symbol for kind in _kinds(program) for symbol in self._beginning.get(kind, ()))
        ways = [self._best(program, symbol) for symbol in symbols]
        return [way for way in ways if way is not None and way.rule.head is not None]

    def _best(self, program: Program, symbol: Symbol) -> Derivation | None:
        key = symbol, id(program)
        if key not in self._known:
            ways = [self._by(*way, program) for kind in _kinds(program) for way in self._ways[symbol].get(kind, ())]
            found = [way for way in ways if way is not None]
            self._known[key] = max(found, key=lambda way: way.log_prob, default=None)
        return self._known[key]

    def _by(self, chain: tuple[Step, ...], rule: Rule, weight: float, program: Program) -> Derivation | None:
        """Return the derivation that begins with a rule, behind chain rules."""
        parts = []
        if isinstance(rule.head, Literals | Numerals):
            weight += rule.head.log_prob(program.value)  # type: ignore[union-attr]
        elif isinstance(program, Apply):
            for arg, symbol in zip(program.args, rule.rhs, strict=True):
                part = self._best(arg, symbol)
                if part is None:
                    return None
                parts.append(part)
        way = Derivation.of(rule, weight, program, tuple(parts))
        for link, link_weight in reversed(chain):
            way = Derivation.of(link, link_weight, program, (way,))
        return way


Kind = Operator | Constant | Input | Type
"""What a rule can begin a program with; a type for an open class of constants."""


def _kind(head: Operator | Constant | Input | Literals | Numerals) -> Kind:
    return head.type if isinstance(head, Literals | Numerals) else head


def _kinds(program: Program) -> tuple[Kind, ...]:
    if isinstance(program, Apply):
        return (program.operator,)
    return (program, program.type) if isinstance(program, Constant) else (program,)


def _ways(grammar: Grammar, symbol: Symbol) -> dict[Kind, list[tuple[tuple[Step, ...], Rule, float]]]:
    """Return the rules that begin a symbol's programs, each behind the most probable chain rules that lead to it."""
    chains: dict[Symbol, tuple[float, tuple[Step, ...]]] = {symbol: (0.0, ())}
    waiting = [symbol]
    for known in waiting:
        log, chain = chains[known]
        for rule, weight in grammar.by_lhs[known]:
            if rule.head is None and log + weight > chains.get(rule.rhs[0], (-math.inf, ()))[0]:
                chains[rule.rhs[0]] = log + weight, (*chain, (rule, weight))
                waiting.append(rule.rhs[0])
    found: dict[Kind, list[tuple[tuple[Step, ...], Rule, float]]] = {}
    for known, (_, chain) in chains.items():
        for rule, weight in grammar.by_lhs[known]:
            if rule.head is not None:
                found.setdefault(_kind(rule.head), []).append((chain, rule, weight))
    return found
