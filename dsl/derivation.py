"""Derivations: by which rules a grammar spells a program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dsl.grammar import Grammar, Literals, Numerals, Rule, Symbol
from dsl.operator import Operator
from dsl.program import Apply, Constant, Program

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
        self._known: dict[tuple[Symbol, Program], Derivation | None] = {}

    def best(self, program: Program, symbol: Symbol | None = None) -> Derivation | None:
        """Return the most probable way in which `symbol` (the start) derives a program, None if it does not."""
        symbol = symbol or self.grammar.start
        key = symbol, program
        if key not in self._known:
            found: Derivation | None = None
            for chain, rule, weight in self._ways[symbol]:
                way = self._by(rule, weight, program)
                if way is not None:
                    for link, link_weight in reversed(chain):
                        way = Derivation.of(link, link_weight, program, (way,))
                    found = way if found is None or way.log_prob > found.log_prob else found
            self._known[key] = found
        return self._known[key]

    def _by(self, rule: Rule, weight: float, program: Program) -> Derivation | None:
        head = rule.head
        if isinstance(head, Literals | Numerals):
            if isinstance(program, Constant) and program.type is head.type:
                return Derivation.of(rule, weight + head.log_prob(program.value), program)
            return None
        if not isinstance(head, Operator):
            return Derivation.of(rule, weight, program) if program == head else None
        if not isinstance(program, Apply) or program.operator != head:
            return None
        parts = []
        for arg, symbol in zip(program.args, rule.rhs, strict=True):
            part = self.best(arg, symbol)
            if part is None:
                return None
            parts.append(part)
        return Derivation.of(rule, weight, program, tuple(parts))


def _ways(grammar: Grammar, symbol: Symbol) -> list[tuple[tuple[Step, ...], Rule, float]]:
    """Return the rules that begin a symbol's programs, each behind the most probable chain rules that lead to it."""
    chains: dict[Symbol, tuple[float, tuple[Step, ...]]] = {symbol: (0.0, ())}
    waiting = [symbol]
    for known in waiting:
        log, chain = chains[known]
        for rule, weight in grammar.by_lhs[known]:
            if rule.head is None and log + weight > chains.get(rule.rhs[0], (float("-inf"), ()))[0]:
                chains[rule.rhs[0]] = log + weight, (*chain, (rule, weight))
                waiting.append(rule.rhs[0])
    return [
        (chain, rule, weight)
        for known, (_, chain) in chains.items()
        for rule, weight in grammar.by_lhs[known]
        if rule.head is not None
    ]
