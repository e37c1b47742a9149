"""Weighted grammars: which programs there are, and how probable each is before any example."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program, subprograms
from dsl.strings.tokens import kinds
from dsl.types import INTEGER, TEXT, Type

Symbol: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Literals:
    """Every text constant: an open class of terminals, cheaper the shorter and the more like a separator.

    The weight of a text is 2 ** -(bits + the sum over its characters of `mark` or `letter` or `digit` bits). These are
    not a distribution: over all texts they add up to more than 1, since short separators are cheap on purpose. A
    letter or digit among the `shared` ones, which stand in the examples' inputs, costs `recurring` bits more: it was
    more likely taken from there.
    """

    bits: float = 0.0
    mark: float = 4.0
    letter: float = 6.0
    digit: float = 6.0
    recurring: float = 0.0
    shared: frozenset[str] = frozenset()

    @property
    def type(self) -> Type:
        return TEXT

    def log_prob(self, text: str) -> float:
        """Return the log weight (nats) of this text."""
        total = self.bits
        for char, kind in zip(text, kinds(text), strict=True):
            if kind in "Ulod":
                total += self.digit if kind == "d" else self.letter
                total += self.recurring if char in self.shared else 0.0
            else:
                total += self.mark
        return -total * math.log(2)


@dataclass(frozen=True, slots=True)
class Numerals:
    """Every integer constant: an open class of terminals, cheaper the nearer to 0.

    The weight of n is 2 ** -(bits + `digit` bits for each of its decimal digits, and `sign` bits for a minus).
    """

    bits: float = 0.0
    digit: float = 4.0
    sign: float = 2.0

    @property
    def type(self) -> Type:
        return INTEGER

    def log_prob(self, number: int) -> float:
        """Return the log weight (nats) of this number."""
        return -(self.bits + self.digit * len(str(abs(number))) + self.sign * (number < 0)) * math.log(2)


Head: TypeAlias = Operator | Constant | Input | Literals | Numerals | None


@dataclass(frozen=True, slots=True)
class Rule:
    """`lhs → head(rhs…)`; a head of None is a chain rule, which adds nothing to the program."""

    lhs: Symbol
    head: Head
    rhs: tuple[Symbol, ...] = ()

    def __str__(self) -> str:
        if self.head is None:
            return f"{self.lhs} → {self.rhs[0]}"
        arguments = f"({', '.join(self.rhs)})" if self.rhs else ""
        return f"{self.lhs} → {self.head}{arguments}"


@dataclass(frozen=True, slots=True)
class Fragment:
    """A program that `lhs` derives by its rules, and also outright, with a log weight (nats) of its own."""

    lhs: Symbol
    program: Program
    log_weight: float


@dataclass(frozen=True)
class Grammar:
    """Rules with log weights (nats); as `weighted` makes them, they sum to probability 1 for every left-hand side.

    `start` derives whole programs. Programs that several derivations spell have the sum of their probabilities.
    `fragments` are programs probable beyond what their rules say (fragment grammars, O'Donnell 2015); with them, a
    symbol's rules and fragments together sum to 1. They change what is probable, not what is derived.
    """

    start: Symbol
    rules: tuple[Rule, ...]
    log_weights: tuple[float, ...]
    fragments: tuple[Fragment, ...] = ()

    def __post_init__(self) -> None:
        if len(self.rules) != len(self.log_weights):
            raise ValueError(f"{len(self.rules)} rules need as many weights, found {len(self.log_weights)}")
        defined = {rule.lhs for rule in self.rules}
        for symbol in (self.start, *(s for rule in self.rules for s in rule.rhs)):
            if symbol not in defined:
                raise ValueError(f"no rule of the grammar defines {symbol}")

    @classmethod
    def weighted(
        cls,
        start: Symbol,
        weights: Mapping[Rule, float] | Iterable[tuple[Rule, float]],
        fragments: Iterable[Fragment] = (),
    ) -> Grammar:
        """Return the grammar whose rules' and fragments' probabilities are proportional to positive weights."""
        kept = tuple(fragments)
        merged: dict[Rule, float] = {}
        for rule, weight in weights.items() if isinstance(weights, Mapping) else weights:
            if weight > 0:
                merged[rule] = merged.get(rule, 0.0) + weight
        totals: dict[Symbol, float] = {}
        for rule, weight in merged.items():
            totals[rule.lhs] = totals.get(rule.lhs, 0.0) + weight
        for fragment in kept:
            totals[fragment.lhs] += math.exp(fragment.log_weight)
        return cls(
            start,
            tuple(merged),
            tuple(math.log(w / totals[r.lhs]) for r, w in merged.items()),
            tuple(replace(f, log_weight=f.log_weight - math.log(totals[f.lhs])) for f in kept),
        )

    def reweighted(self, counts: Mapping[Rule, float], smoothing: float = 1.0) -> Grammar:
        """Return the grammar with probabilities ∝ count + smoothing · present probability."""
        return Grammar.weighted(
            self.start,
            {
                rule: counts.get(rule, 0.0) + smoothing * math.exp(weight)
                for rule, weight in zip(self.rules, self.log_weights, strict=True)
            },
            self.fragments,
        )

    def unweighted(self) -> Grammar:
        """Return the grammar, without its fragments, in which all rules of a symbol are equally probable."""
        return Grammar.weighted(self.start, dict.fromkeys(self.rules, 1.0))

    def closed(self, constants: Iterable[Constant]) -> Grammar:
        """Return the grammar whose open classes of terminals hold just these constants, at least one of each type.

        Those of the fragments are among them. They share a class's probability in proportion to their weights.
        """
        parts = [part for fragment in self.fragments for part in subprograms(fragment.program)]
        known = dict.fromkeys([*constants, *[part for part in parts if isinstance(part, Constant)]])
        weights: list[tuple[Rule, float]] = []
        for rule, log_weight in zip(self.rules, self.log_weights, strict=True):
            head = rule.head
            if isinstance(head, Literals | Numerals):
                logs = {constant: head.log_prob(constant.value) for constant in known if constant.type is head.type}
                total = log_sum(logs.values())
                weights += [(Rule(rule.lhs, c), math.exp(log_weight + log - total)) for c, log in logs.items()]
            else:
                weights.append((rule, math.exp(log_weight)))
        return Grammar.weighted(self.start, weights, self.fragments)

    @cached_property
    def by_lhs(self) -> dict[Symbol, tuple[tuple[Rule, float], ...]]:
        """Return each symbol's rules with their log weights."""
        table: dict[Symbol, list[tuple[Rule, float]]] = {}
        for rule, weight in zip(self.rules, self.log_weights, strict=True):
            table.setdefault(rule.lhs, []).append((rule, weight))
        return {symbol: tuple(rules) for symbol, rules in table.items()}

    @cached_property
    def _outright(self) -> dict[tuple[Symbol, Program], float]:
        return {(fragment.lhs, fragment.program): fragment.log_weight for fragment in self.fragments}

    @cached_property
    def sizes(self) -> dict[Symbol, float]:
        """Return how many derivations each symbol has; infinite where rules recur or literals are open."""
        sizes: dict[Symbol, float] = {}
        open_: set[Symbol] = set()

        def visit(symbol: Symbol) -> float:
            if symbol in open_:
                return math.inf
            if symbol not in sizes:
                open_.add(symbol)
                sizes[symbol] = sum(
                    math.inf if isinstance(rule.head, Literals | Numerals) else math.prod(map(visit, rule.rhs))
                    for rule, _ in self.by_lhs[symbol]
                )
                open_.discard(symbol)
            return sizes[symbol]

        for symbol in self.by_lhs:
            visit(symbol)
        return sizes

    @cached_property
    def recurring(self) -> frozenset[Symbol]:
        """Return the symbols that derive programs with parts which they derive themselves."""
        parts = {s: {part for rule, _ in rules for part in rule.rhs} for s, rules in self.by_lhs.items()}
        return frozenset(s for s in self.by_lhs if any(s in self.reachable(part) for part in parts[s]))

    def topological(self) -> Iterator[Symbol]:
        """Yield the symbols so that each comes after those in its rules (where rules do not recur)."""
        done: set[Symbol] = set()

        def visit(symbol: Symbol) -> Iterator[Symbol]:
            if symbol not in done:
                done.add(symbol)
                for rule, _ in self.by_lhs[symbol]:
                    for part in rule.rhs:
                        yield from visit(part)
                yield symbol

        for symbol in self.by_lhs:
            yield from visit(symbol)

    def reachable(self, symbol: Symbol, without: Symbol | None = None) -> frozenset[Symbol]:
        """Return the symbol and all symbols that its programs use, not looking below `without`."""
        found: set[Symbol] = set()
        waiting = [symbol]
        while waiting:
            next_one = waiting.pop()
            if next_one not in found and next_one != without:
                found.add(next_one)
                waiting += [part for rule, _ in self.by_lhs[next_one] for part in rule.rhs]
        return frozenset(found)

    def chained(self, symbol: Symbol) -> list[Symbol]:
        """Return the symbol and those that its chain rules lead to, nearest first."""
        found = [symbol]
        for known in found:
            heads = [rule.rhs[0] for rule, _ in self.by_lhs[known] if rule.head is None]
            found += [part for part in dict.fromkeys(heads) if part not in found]
        return found

    def joins(self, symbol: Symbol) -> bool:
        """Return whether a symbol's programs may join texts, at their root."""
        return any(
            isinstance(rule.head, Operator) and rule.head.joins
            for chained in self.chained(symbol)
            for rule, _ in self.by_lhs[chained]
        )

    def log_prob(self, program: Program, symbol: Symbol | None = None) -> float:
        """Return the log probability (nats) that `symbol` (the start) derives the program; -inf if it cannot."""
        known: dict[tuple[Symbol, Program], float] = {}

        def inside(symbol: Symbol, program: Program) -> float:
            key = symbol, program
            if key not in known:
                known[key] = -math.inf
                terms = [weight + match(rule, program) for rule, weight in self.by_lhs[symbol]]
                if self.fragments:
                    terms.append(self._outright.get(key, -math.inf))
                known[key] = log_sum(terms)
            return known[key]

        def match(rule: Rule, program: Program) -> float:
            if rule.head is None:
                return inside(rule.rhs[0], program)
            if isinstance(rule.head, Literals | Numerals):
                fits = isinstance(program, Constant) and program.type is rule.head.type
                return rule.head.log_prob(program.value) if fits else -math.inf  # type: ignore[union-attr]
            if isinstance(rule.head, Operator):
                if not isinstance(program, Apply) or program.operator != rule.head:
                    return -math.inf
                return sum(inside(part, arg) for part, arg in zip(rule.rhs, program.args, strict=True))
            return 0.0 if program == rule.head else -math.inf

        return inside(symbol or self.start, program)

    @cached_property
    def unchained(self) -> dict[Symbol, tuple[Rule, ...]]:
        """Return for each symbol the rules that begin its programs, found through any number of chain rules."""
        table: dict[Symbol, tuple[Rule, ...]] = {}
        for symbol in self.by_lhs:
            found, waiting = {symbol}, [symbol]
            rules: list[Rule] = []
            while waiting:
                for rule, _ in self.by_lhs[waiting.pop()]:
                    if rule.head is not None:
                        rules.append(rule)
                    elif rule.rhs[0] not in found:
                        found.add(rule.rhs[0])
                        waiting.append(rule.rhs[0])
            table[symbol] = tuple(rules)
        return table

    def derives(self, program: Program, symbol: Symbol | None = None) -> bool:
        """Return whether `symbol` (the start) derives the program, also where chain rules run in circles."""
        known: dict[tuple[Symbol, Program], bool] = {}

        def inside(symbol: Symbol, program: Program) -> bool:
            key = symbol, program
            if key not in known:
                known[key] = any(match(rule, program) for rule in self.unchained[symbol])
            return known[key]

        def match(rule: Rule, program: Program) -> bool:
            if isinstance(rule.head, Operator):
                return (
                    isinstance(program, Apply)
                    and program.operator == rule.head
                    and all(inside(part, arg) for part, arg in zip(rule.rhs, program.args, strict=True))
                )
            if isinstance(rule.head, Literals | Numerals):
                return isinstance(program, Constant) and program.type is rule.head.type
            return program == rule.head

        return inside(symbol or self.start, program)

    def type_of(self, symbol: Symbol) -> Type:
        """Return the type of the programs that a symbol derives."""
        rule, _ = self.by_lhs[symbol][0]
        if rule.head is None:
            return self.type_of(rule.rhs[0])
        return rule.head.returns if isinstance(rule.head, Operator) else rule.head.type


def log_sum(logs: Iterable[float]) -> float:
    """Return log Σ exp(x), -inf for nothing."""
    values = [x for x in logs if x > -math.inf]
    if not values:
        return -math.inf
    top = max(values)
    return top + math.log(math.fsum(math.exp(x - top) for x in values))
