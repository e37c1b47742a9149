"""Bottom-up enumeration: programs in order of cost, those that agree on all rows merged into one entry.

The result is a `Bank`: per grammar symbol, the observationally distinct programs (Udupa et al. 2013; Albarghouthi
et al. 2013) with every way to build each, so that an entry knows how many programs it stands for and what their
summed probability is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from dsl.grammar import Grammar, Literals, Numerals, Rule, Symbol, log_sum
from dsl.interpreter import apply_all
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.task import Row
from dsl.types import TEXT, Value, as_text
from pbe.budget import Meter
from pbe.version_space import Join, Leaf, Union, VersionSpace

Vector = tuple[Value, ...]
"""One value per row; None where a program is undefined."""

BITS_PER_COST = 1.0
"""Costs are log2(1 / probability), rounded to whole steps of this many bits, at least one step per rule."""


class Option:
    """One way to build an entry: a rule applied to entries."""

    __slots__ = ("children", "log_weight", "rule")

    def __init__(self, rule: Rule, log_weight: float, children: tuple[Entry, ...] = ()) -> None:
        self.rule, self.log_weight, self.children = rule, log_weight, children


class Entry:
    """The programs of one symbol that have the same values on all rows."""

    __slots__ = ("_best", "_count", "_mass", "_space", "options", "values")

    def __init__(self, values: Vector) -> None:
        self.values = values
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
    """The entries of the enumerated symbols, found by `enumerate_bank`; indexed by value on any one row."""

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


def enumerate_bank(
    grammar: Grammar, symbols: Iterable[Symbol], rows: Sequence[Row], meter: Meter, *, limit: int | None = None
) -> Bank:
    """Return the bank of `symbols` (closed under the grammar's rules), cheapest programs first.

    Stops when every program was looked at or after `limit` candidates (observationally distinct combinations).
    Raises BudgetSpent when the meter runs out.
    """
    wanted = [symbol for symbol in grammar.topological() if symbol in set(symbols)]
    rules = {
        symbol: [(rule, weight, rule_cost(weight)) for rule, weight in grammar.by_lhs[symbol]] for symbol in wanted
    }
    levels: dict[Symbol, dict[int, list[Entry]]] = {symbol: {} for symbol in wanted}
    found: dict[Symbol, dict[Vector, Entry]] = {symbol: {} for symbol in wanted}
    last = _last_costs(grammar, wanted)
    candidates = 0
    for cost in range(1, max(last.values(), default=0) + 1):
        for symbol in wanted:
            if cost > last[symbol]:
                continue
            known = found[symbol]
            for rule, weight, price in rules[symbol]:
                for values, children in _applications(rule, cost - price, levels, rows):
                    candidates += 1
                    meter.spend()
                    entry = known.get(values)
                    if entry is None:
                        entry = known[values] = Entry(values)
                        levels[symbol].setdefault(cost, []).append(entry)
                    entry.options.append(Option(rule, weight, children))
        if limit is not None and candidates >= limit:
            break
    nothing = (None,) * len(rows)
    entries = {symbol: [e for e in found[symbol].values() if e.values != nothing] for symbol in wanted}
    return Bank(entries, candidates)


def _last_costs(grammar: Grammar, symbols: Sequence[Symbol]) -> dict[Symbol, int]:
    """Return the cost of each symbol's most expensive program; a large number where there is none."""
    last: dict[Symbol, int] = {}
    for symbol in symbols:
        last[symbol] = max(
            rule_cost(weight) + sum(last.get(part, 64) for part in rule.rhs)
            for rule, weight in grammar.by_lhs[symbol]
        )
    return last


def _applications(
    rule: Rule, cost: int, levels: dict[Symbol, dict[int, list[Entry]]], rows: Sequence[Row]
) -> Iterator[tuple[Vector, tuple[Entry, ...]]]:
    """Yield the values and arguments of every application of a rule whose arguments cost exactly `cost` together."""
    if not rule.rhs:
        if cost == 0:
            yield leaf_vector(rule.head, rows), ()
        return
    for parts in _splits(cost, [levels[symbol] for symbol in rule.rhs]):
        if rule.head is None:
            for entry in parts[0]:
                yield entry.values, (entry,)
        else:
            assert isinstance(rule.head, Operator)
            function = Apply(rule.head, ())
            for children in product(*parts):
                yield apply_all(function, [child.values for child in children]), children


def _splits(cost: int, levels: Sequence[dict[int, list[Entry]]]) -> Iterator[tuple[list[Entry], ...]]:
    """Yield every choice of one cost level per argument that adds up to `cost`."""
    first, *rest = levels
    if not rest:
        if cost in first:
            yield (first[cost],)
        return
    for price in list(first):
        if price < cost:
            for tail in _splits(cost - price, rest):
                yield (first[price], *tail)
