"""Search without deduction: programs with holes in order of cost, each completed in every way its constants allow.

A sketch is a program in which a hole stands for all constants of a grammar symbol. Where no operator has a
useful inverse, all that can be done is to put every constant in; `pbe.pruning` tells for which sketches that is in vain
(Feng et al. 2017).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product, starmap
from typing import TypeAlias

from dsl.grammar import Grammar, Head, Literals, Numerals, Rule, Symbol
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.task import Example
from dsl.types import Type, Value
from pbe.budget import Meter
from pbe.enumeration import leaf_vector, rule_cost, splits

CLOSED_COST = 4
"""What it costs more to apply an operator to constants only."""
MOST_COMPUTED = 4096
"""Applications of an operator to constants that are computed, to find further constants."""
REMEMBERED = 4096
"""Values of a part's completions that are kept for the next sketch with the same part."""
BATCH = 8192
LONGEST_LITERAL, MOST_LITERALS = 12, 40
"""Of an open class of texts, those that stand in all outputs are tried, short ones first."""
NUMERALS = range(-1, 11)
"""Of an open class of integers, these are tried."""


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """A leaf whose values are known: an input. One value per row."""

    program: Input
    values: tuple[Value, ...]
    completions: int = 1

    @property
    def type(self) -> Type:
        """Return the type of its values."""
        return self.program.type

    def column(self, row: int) -> tuple[Value, ...]:
        """Return the values of all completions on a row."""
        return (self.values[row],)


@dataclass(frozen=True, slots=True, eq=False)
class Hole:
    """A leaf for any of some programs without inputs, each of another value, which is the same on every row."""

    type: Type
    programs: tuple[Program, ...]
    values: tuple[Value, ...]

    @property
    def completions(self) -> int:
        """Return how many values, and so programs, the hole stands for."""
        return len(self.values)

    def column(self, row: int) -> tuple[Value, ...]:
        """Return the values of all completions on a row."""
        return self.values


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """An operator applied to sketches; `completions` counts the ways to fill all holes below."""

    operator: Operator
    children: tuple[Sketch, ...]
    completions: int

    @property
    def type(self) -> Type:
        """Return the type of its values."""
        return self.operator.returns


Sketch: TypeAlias = Given | Hole | Node


class Sketches:
    """The sketches of a grammar over the rows of some examples, in order of cost.

    Each is built of earlier ones, which it shares. A hole costs as much as its cheapest constant. What an operator
    makes of holes only is a hole again, for the values that are new to its symbol.
    """

    def __init__(self, grammar: Grammar, examples: Sequence[Example], meter: Meter) -> None:
        self.grammar, self.meter = grammar, meter
        self.symbols = list(grammar.topological())
        self.levels: dict[Symbol, dict[int, list[Sketch]]] = {symbol: {} for symbol in self.symbols}
        self._known: dict[Symbol, set[Sketch]] = {symbol: set() for symbol in self.symbols}
        self._constants: dict[Symbol, set[Value]] = {symbol: set() for symbol in self.symbols}
        self._nodes: defaultdict[str, dict[tuple[Sketch, ...], Node]] = defaultdict(dict)
        self._leaves: dict[Symbol, list[tuple[int, Sketch]]] = {}
        self._rules: dict[Symbol, list[tuple[Rule, int]]] = {}
        rows = [example.inputs for example in examples]
        inputs: dict[Input, Given] = {}
        for symbol in self.symbols:
            constants: dict[Constant, int] = {}
            leaves = self._leaves[symbol] = []
            rules = self._rules[symbol] = []
            for rule, weight in grammar.by_lhs[symbol]:
                price = rule_cost(weight)
                if isinstance(rule.head, Input):
                    leaf = inputs.setdefault(rule.head, Given(rule.head, leaf_vector(rule.head, rows)))
                    leaves.append((price, leaf))
                elif rule.rhs:
                    rules.append((rule, price))
                else:
                    constants.update([(c, price) for c in _constants(rule.head, examples)])
            if constants:
                values = tuple([constant.value for constant in constants])
                leaves.append((min(constants.values()), Hole(grammar.type_of(symbol), tuple(constants), values)))

    def run(self) -> Iterator[Sketch]:
        """Yield the sketches of the start symbol; raise BudgetSpent when the meter does."""
        cost = 0
        while cost <= self._dearest():
            cost += 1
            for symbol in self.symbols:
                for price, leaf in self._leaves[symbol]:
                    if price == cost:
                        self._add(symbol, leaf, cost)
                for rule, price in self._rules[symbol]:
                    for levels in splits(cost - price, [self.levels[part] for part in rule.rhs]):
                        for children in product(*levels):
                            self._combine(symbol, rule, children, cost)
            yield from self.levels[self.grammar.start].get(cost, ())

    def _dearest(self) -> int:
        """Return a cost that no sketch exceeds which is built of those known so far."""
        levels = {symbol: max(costs, default=0) for symbol, costs in self.levels.items()}
        prices = [price for leaves in self._leaves.values() for price, _ in leaves]
        for rules in self._rules.values():
            prices += [price + sum([levels[part] for part in rule.rhs]) for rule, price in rules]
        return max(prices, default=0)

    def _combine(self, symbol: Symbol, rule: Rule, children: tuple[Sketch, ...], cost: int) -> None:
        """Add what a rule makes of sketches."""
        self.meter.spend()
        operator = rule.head
        if not isinstance(operator, Operator):
            self._add(symbol, children[0], cost)
            return
        if isinstance(children[0], Hole):
            if all(isinstance(child, Hole) for child in children):
                hole = self._computed(symbol, operator, children)
                if hole is not None:
                    self._add(symbol, hole, cost + CLOSED_COST)
                return
            if not operator.strict:  # a guard without inputs chooses nothing
                return
        nodes = self._nodes[operator.name]
        node = nodes.get(children)
        if node is None:
            node = nodes[children] = Node(operator, children, math.prod([child.completions for child in children]))
        self._add(symbol, node, cost)

    def _computed(self, symbol: Symbol, operator: Operator, holes: tuple[Sketch, ...]) -> Hole | None:
        """Return the hole for what an operator makes of holes, None if that is nothing new or too much to list."""
        completions = math.prod([hole.completions for hole in holes])
        if completions > MOST_COMPUTED:
            return None
        self.meter.spend(completions)
        found: dict[Value, Program] = {}
        columns = [list(zip(hole.values, hole.programs, strict=True)) for hole in holes if isinstance(hole, Hole)]
        for chosen in product(*columns):
            value = operator.apply(*[value for value, _ in chosen])
            if value is not None and value not in self._constants[symbol]:
                self._constants[symbol].add(value)
                found[value] = Apply(operator, tuple([program for _, program in chosen]))
        return Hole(operator.returns, tuple(found.values()), tuple(found)) if found else None

    def _add(self, symbol: Symbol, sketch: Sketch, cost: int) -> None:
        """Add a sketch to a symbol's unless it is there."""
        if sketch not in self._known[symbol]:
            self._known[symbol].add(sketch)
            self.levels[symbol].setdefault(cost, []).append(sketch)
            if isinstance(sketch, Hole):
                self._constants[symbol].update(sketch.values)


def _constants(head: Head, examples: Sequence[Example]) -> Iterator[Constant]:
    """Yield the constants that a rule without arguments stands for."""
    if isinstance(head, Constant):
        yield head
    elif isinstance(head, Numerals):
        yield from [Constant(n, head.type) for n in NUMERALS]
    elif isinstance(head, Literals):
        first, *others = [str(example.output) for example in examples]
        parts = dict.fromkeys(
            first[start : start + length]
            for length in range(1, LONGEST_LITERAL + 1)
            for start in range(len(first) - length + 1)
        )
        shared = [part for part in parts if all(part in other for other in others)]
        yield from [Constant(part, head.type) for part in shared[:MOST_LITERALS]]


class Completer:
    """Fills the holes of sketches in all ways; finds those with the right output on one of the examples.

    It is the one with the longest output, and then the longest inputs, which the fewest give by chance.
    """

    def __init__(self, examples: Sequence[Example], meter: Meter) -> None:
        lengths = [(len(str(example.output)), len(str(example.inputs))) for example in examples]
        self.row = lengths.index(max(lengths))
        self.output, self.meter = examples[self.row].output, meter
        self._columns: dict[Node, list[Value]] = {}

    def hits(self, sketch: Sketch) -> Iterator[Program]:
        """Yield the completions that are right on that example."""
        output, start = self.output, 0
        values = self._values(sketch)
        while batch := list(islice(values, BATCH)):
            self.meter.spend(len(batch))
            if output in batch:
                for index, value in enumerate(batch, start):
                    if value == output:
                        yield filled(sketch, index)
            start += len(batch)

    def _values(self, sketch: Sketch) -> Iterator[Value]:
        """Yield the values of all completions on the row, in the order of `filled`."""
        if not isinstance(sketch, Node):
            return iter(sketch.column(self.row))
        columns = [self._column(child) for child in sketch.children]
        return starmap(function_on(sketch.operator, columns), product(*columns))

    def _column(self, sketch: Sketch) -> Sequence[Value]:
        """Return the same as a list, kept for the next sketch with this part if it is short."""
        if not isinstance(sketch, Node):
            return sketch.column(self.row)
        if sketch in self._columns:
            return self._columns[sketch]
        values = list(self._values(sketch))
        if len(values) <= REMEMBERED:
            self._columns[sketch] = values
        return values


def function_on(operator: Operator, columns: Sequence[Sequence[Value]]) -> Callable[..., Value]:
    """Return what the operator gives for arguments in these columns, also where some are undefined."""
    function = operator.apply
    if operator.strict and any(None in column for column in columns):
        return lambda *args: None if None in args else function(*args)
    return function


def filled(sketch: Sketch, index: int) -> Program:
    """Return a sketch's completion, by its number: the rightmost hole's constants follow each other."""
    if isinstance(sketch, Given):
        return sketch.program
    if isinstance(sketch, Hole):
        return sketch.programs[index]
    args: list[Program] = []
    for child in reversed(sketch.children):
        index, place = divmod(index, child.completions)
        args.append(filled(child, place))
    return Apply(sketch.operator, tuple(reversed(args)))

