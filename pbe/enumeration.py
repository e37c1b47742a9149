"""Bottom-up enumeration: programs in order of cost, those that agree on all rows merged into one entry.

The result is a `Bank`: per grammar symbol, the observationally distinct programs (Udupa et al. 2013; Albarghouthi
et al. 2013) with every way to build each, so that an entry knows how many programs it stands for and what their
summed probability is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from itertools import product
from typing import TypeAlias, TypeVar

from dsl.derivation import Derivation, Derivations
from dsl.grammar import Grammar, Literals, Numerals, Rule, Symbol, log_sum
from dsl.interpreter import apply_all, evaluate
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program, subprograms
from dsl.task import Row
from dsl.types import BOOLEAN, TEXT, Value, as_text
from pbe.budget import Meter
from pbe.version_space import Join, Leaf, Union, VersionSpace

T = TypeVar("T")
Vector = tuple[Value, ...]
"""One value per row; None where a program is undefined."""
Levels: TypeAlias = "dict[Symbol, dict[int, list[Entry]]]"
"""Each symbol's entries by what their cheapest program costs."""

BITS_PER_COST = 1.0
"""Costs are log2(1 / probability), rounded to whole steps of this many bits, at least one step per rule."""


class Option:
    """One way to build an entry: a rule applied to entries."""

    __slots__ = ("children", "log_weight", "rule")

    def __init__(self, rule: Rule, log_weight: float, children: tuple[Entry, ...] = ()) -> None:
        self.rule, self.log_weight, self.children = rule, log_weight, children


class Entry:
    """The programs of one symbol that have the same values on all rows."""

    __slots__ = ("_best", "_count", "_mass", "_space", "defined", "options", "order", "values")

    def __init__(self, values: Vector, order: int = 0) -> None:
        self.values = values
        self.order = order
        self.defined = None not in values
        self.options: list[Option] = []
        self._mass: float | None = None
        self._count: int | None = None
        self._best: tuple[float, Program] | None = None
        self._space: VersionSpace | None = None

    @property
    def log_mass(self) -> float:
        """Return the log of the programs' summed probability (nats)."""
        if self._mass is None:
            self._mass = -math.inf  # an option that contains its own entry adds nothing
            options = self.options
            if len(options) == 1:
                self._mass = options[0].log_weight + sum([child.log_mass for child in options[0].children])
            else:
                self._mass = log_sum([o.log_weight + sum([c.log_mass for c in o.children]) for o in options])
        return self._mass

    @property
    def count(self) -> int:
        """Return how many derivations the entry stands for."""
        if self._count is None:
            self._count = 0
            self._count = sum(math.prod([child.count for child in option.children]) for option in self.options)
        return self._count

    @property
    def best(self) -> tuple[float, Program]:
        """Return the most probable program with its log probability (nats)."""
        if self._best is None:
            self._best = (-math.inf, Constant(None, TEXT))
            top, chosen = -math.inf, self.options[0]
            for option in self.options:
                score = option.log_weight + sum([child.best[0] for child in option.children])
                if score > top:
                    top, chosen = score, option
            self._best = top, _build(chosen)
        return self._best

    @property
    def space(self) -> VersionSpace:
        """Return the version space of all the programs."""
        if self._space is None:
            self._space = Union.of(())
            self._space = Union.of(tuple([_option_space(option) for option in self.options]))
        return self._space

    @property
    def leaf(self) -> Leaf:
        """Return the class leaf of this entry: one node for all its programs."""
        score, program = self.best
        return Leaf(program, self.log_mass, score, self.count)


def _build(option: Option) -> Program:
    head = option.rule.head
    if isinstance(head, Operator):
        return Apply(head, tuple([child.best[1] for child in option.children]))
    if head is None:
        return option.children[0].best[1]
    if isinstance(head, Literals | Numerals):
        raise ValueError("a literal's option must carry its constant as the rule's head")
    return head


def _option_space(option: Option) -> VersionSpace:
    head = option.rule.head
    if isinstance(head, Operator):
        return Join.of(head, tuple([child.space for child in option.children]), option.log_weight)
    if head is None:
        return Union.of((option.children[0].space,), option.log_weight)
    return Leaf.of(_build(option), option.log_weight)


class Bank:
    """The entries of the enumerated symbols, indexed by value on any one row."""

    def __init__(self, entries: dict[Symbol, list[Entry]], programs: int) -> None:
        self.entries = entries
        self.programs = programs
        self._indexes: dict[tuple[Symbol, int], dict[Value, list[Entry]]] = {}

    def __contains__(self, symbol: object) -> bool:
        return symbol in self.entries

    def index(self, symbol: Symbol, row: int) -> dict[Value, list[Entry]]:
        """Return the symbol's entries by their value on one row; those undefined there are left out."""
        key = symbol, row
        if key not in self._indexes:
            table: dict[Value, list[Entry]] = {}
            for entry in self.entries[symbol]:
                value = entry.values[row]
                if value is not None:
                    table.setdefault(value, []).append(entry)
            self._indexes[key] = table
        return self._indexes[key]


def leaf_vector(head: object, rows: Sequence[Row]) -> Vector:
    """Return the values of a constant or an input on all rows."""
    if isinstance(head, Constant):
        return (head.value,) * len(rows)
    if isinstance(head, Input):
        cells = [row[head.index] for row in rows]
        return tuple(map(as_text, cells)) if head.type is TEXT else tuple(cells)
    raise TypeError(f"{head!r} is neither a constant nor an input")


def rule_cost(log_weight: float) -> int:
    """Return the cost of using a rule once, in whole steps."""
    return max(1, round(-log_weight / math.log(2) / BITS_PER_COST))


class Enumeration:
    """Programs of some symbols (closed under the grammar's rules) in order of cost, fragments in theirs.

    With `every_option`, an entry keeps each way to build it, so that it knows its count and mass (of a symbol whose
    rules recur: each way from entries found before it, lest it be built of itself); without, only the cheapest. Entries
    for which `keep(symbol, values)` is false are left out, and all that would be built of them. An operator applied to
    nothing but constants makes another constant: that costs `closed_bits` more, and is put off until then.
    """

    def __init__(
        self,
        grammar: Grammar,
        symbols: Iterable[Symbol],
        rows: Sequence[Row],
        meter: Meter,
        *,
        every_option: bool = True,
        closed_bits: int = 0,
        keep: Callable[[Symbol, Vector], bool] | None = None,
    ) -> None:
        wanted = set(symbols)
        self.symbols = [symbol for symbol in grammar.topological() if symbol in wanted]
        self.rows, self.meter, self.every_option, self.keep = rows, meter, every_option, keep
        self.closed_bits = closed_bits
        self.cost = 0
        self.candidates = 0
        self.entries = 0
        self._recurring = grammar.recurring
        self.found: dict[Symbol, dict[Vector, Entry]] = {symbol: {} for symbol in self.symbols}
        self.levels: Levels = {symbol: {} for symbol in self.symbols}
        self._closed: Levels = {symbol: {} for symbol in self.symbols}
        self._open: Levels = {symbol: {} for symbol in self.symbols}
        self._truths = {symbol for symbol in self.symbols if grammar.type_of(symbol) is BOOLEAN}
        self._rules = {
            symbol: [(rule, weight, rule_cost(weight)) for rule, weight in grammar.by_lhs[symbol]]
            for symbol in self.symbols
        }
        self._fragments = _by_cost(grammar, wanted) if grammar.fragments else {}

    @property
    def exhausted(self) -> bool:
        """Return whether every program has been looked at, or does what a cheaper one does."""
        return self.cost >= max(
            max(self._fragments, default=0),
            *(
                price + self.closed_bits + sum([max(self.levels[part]) for part in rule.rhs])
                for rules in self._rules.values()
                for rule, _, price in rules
                if all(self.levels[part] for part in rule.rhs)
            ),
            0,
        )

    def run(self) -> Iterator[None]:
        """Look at all programs in order of cost, pausing after every batch; raise BudgetSpent when the meter does."""
        while not self.exhausted:
            self.cost += 1
            for derivation, log_weight in self._fragments.get(self.cost, ()):
                self._record_fragment(derivation, log_weight)
                yield
            for symbol in self.symbols:
                if self._full(symbol):
                    continue
                for rule, weight, price in self._rules[symbol]:
                    yield from self._apply(symbol, rule, weight, self.cost - price)

    def _full(self, symbol: Symbol) -> bool:
        """Return whether all truth values on the rows were found, so that nothing is left to find."""
        truths = symbol in self._truths and not self.every_option
        return truths and len(self.found[symbol]) == 2 ** len(self.rows)

    def bank(self) -> Bank:
        """Return the bank of what was found so far, without what is undefined on all rows."""
        nothing = (None,) * len(self.rows)
        entries = {s: [e for e in self.found[s].values() if e.values != nothing] for s in self.symbols}
        return Bank(entries, self.candidates)

    def _apply(self, symbol: Symbol, rule: Rule, weight: float, cost: int) -> Iterator[None]:
        """Record every application of a rule whose arguments cost exactly `cost` together."""
        if not rule.rhs:
            if cost == 0:
                closed = not isinstance(rule.head, Input)
                self._record(symbol, rule, weight, (), [leaf_vector(rule.head, self.rows)], [None], closed)
                yield
            return
        for (*parts, last), closed in self._arguments(rule, cost):
            surcharge = self.closed_bits * math.log(2) if closed and rule.head is not None else 0.0
            for first in product(*parts):
                if rule.head is None:
                    vectors = [entry.values for entry in last]
                else:
                    assert isinstance(rule.head, Operator)
                    vectors = _vectors(rule.head, [entry.values for entry in first], last, closed)
                self._record(symbol, rule, weight - surcharge, first, vectors, last, closed)
                yield

    def _record_fragment(self, derivation: Derivation, log_weight: float) -> None:
        """Record a fragment, which has its parts to itself: what is cheap in it need not be cheap elsewhere."""
        entry = self._entry(derivation)
        children = entry.options[0].children
        weight = log_weight - sum([child.best[0] for child in children])
        last = children[-1] if children else None
        closed = not any(isinstance(part, Input) for part in subprograms(derivation.program))
        self._record(derivation.rule.lhs, derivation.rule, weight, children[:-1], [entry.values], [last], closed)

    def _entry(self, derivation: Derivation) -> Entry:
        """Return an entry outside the bank that holds one derivation."""
        entry = Entry(tuple([evaluate(derivation.program, row) for row in self.rows]))
        parts = tuple([self._entry(part) for part in derivation.parts])
        entry.options.append(Option(derivation.rule, derivation.log_weight, parts))
        return entry

    def _arguments(self, rule: Rule, cost: int) -> Iterator[tuple[tuple[list[Entry], ...], bool]]:
        """Yield lists of arguments for a rule, one list per part, and whether all are closed: without inputs."""
        closed = [self._closed[part] for part in rule.rhs]
        for index, part in enumerate(rule.rhs):  # the first part that is not closed
            levels = [*closed[:index], self._open[part], *[self.levels[later] for later in rule.rhs[index + 1 :]]]
            yield from [(lists, False) for lists in splits(cost, levels)]
        surcharge = self.closed_bits if rule.head is not None else 0
        yield from [(lists, True) for lists in splits(cost - surcharge, closed)]

    def _record(
        self,
        symbol: Symbol,
        rule: Rule,
        weight: float,
        first: tuple[Entry, ...],
        vectors: Sequence[Vector],
        last: Sequence[Entry | None],
        closed: bool,
    ) -> None:
        """Record programs of the present cost: a rule applied to `first` and each of `last`, with these values."""
        known = self.found[symbol]
        self.meter.spend(len(vectors))
        self.candidates += len(vectors)
        for values, final in zip(vectors, last, strict=True):
            entry = known.get(values)
            if entry is None:
                if self.keep is not None and not self.keep(symbol, values):
                    continue
                self.entries += 1
                entry = known[values] = Entry(values, self.entries)
                self.levels[symbol].setdefault(self.cost, []).append(entry)
                (self._closed if closed else self._open)[symbol].setdefault(self.cost, []).append(entry)
                entry.options.append(Option(rule, weight, first if final is None else (*first, final)))
            elif self.every_option:
                children = first if final is None else (*first, final)
                if symbol not in self._recurring or all(child.order < entry.order for child in children):
                    entry.options.append(Option(rule, weight, children))


def _by_cost(grammar: Grammar, symbols: Container[Symbol]) -> dict[int, list[tuple[Derivation, float]]]:
    """Return the derivations of the symbols' fragments, with the fragments' log weights (nats), by their costs."""
    derivations = Derivations(grammar)
    found: dict[int, list[tuple[Derivation, float]]] = {}
    for fragment in grammar.fragments:
        if fragment.lhs in symbols and (derivation := derivations.best(fragment.program, fragment.lhs)):
            pair = derivation, fragment.log_weight
            found.setdefault(rule_cost(fragment.log_weight), []).append(pair)
    return found


def enumerate_bank(
    grammar: Grammar, symbols: Iterable[Symbol], rows: Sequence[Row], meter: Meter, *, limit: int | None = None
) -> Bank:
    """Return the bank of `symbols` (closed under the grammar's rules), cheapest programs first.

    Stops when every program was looked at or after `limit` candidates (observationally distinct combinations).
    Raises BudgetSpent when the meter runs out.
    """
    enumeration = Enumeration(grammar, symbols, rows, meter)
    for _ in enumeration.run():
        if limit is not None and enumeration.candidates >= limit:
            break
    return enumeration.bank()


def _vectors(operator: Operator, first: Sequence[Vector], last: Sequence[Entry], closed: bool) -> list[Vector]:
    """Return the operator's values for the same first arguments and each of the last ones; one value each if closed."""
    function = operator.apply
    if closed and last[0].values:
        rows = len(last[0].values)
        values = [apply_all(Apply(operator, ()), [v[:1] for v in (*first, entry.values)]) for entry in last]
        return [value * rows for value in values]
    if operator.strict and not all([entry.defined for entry in last] + [None not in values for values in first]):
        return [apply_all(Apply(operator, ()), [*first, entry.values]) for entry in last]
    return [tuple(map(function, *first, entry.values)) for entry in last]


def splits(cost: int, levels: Sequence[dict[int, list[T]]]) -> Iterator[tuple[list[T], ...]]:
    """Yield every choice of one cost level per argument that adds up to `cost`."""
    first, *rest = levels
    if not rest:
        if cost in first:
            yield (first[cost],)
        return
    for price in list(first):
        if price < cost:
            for tail in splits(cost - price, rest):
                yield (first[price], *tail)
