"""SMT pruning: sketches that no constants can complete are told by their operators' facts alone.

First each example by itself: intervals of lengths and values, carried up the sketch. What passes and has many
completions goes to z3, all examples at once: one constant must serve them all, and so must one choice of constants in a
part that is small enough to be listed. Intervals cannot say that. What z3 may cost is a share of what was tried so far
and what it has spared, so that a search in which it refutes nothing is hardly slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice, product, starmap
from typing import TypeAlias

from dsl.grammar import Grammar
from dsl.interpreter import evaluate
from dsl.operator import Operator
from dsl.program import Program
from dsl.task import Example
from dsl.types import Value
from pbe.budget import Meter
from pbe.intervals import (
    FAR,
    MEASURED,
    UNBOUNDED,
    Fact,
    Interval,
    Polynomial,
    facts_of,
    hull,
    measure,
    range_of,
    result,
)
from pbe.lemmas import SHARE, START, Among, Applied, Asked, Constraint, Lemmas, Listed, Path, Within
from pbe.sketches import Completer, Given, Hole, Node, Sketch, Sketches, function_on

GATE = 10_000
"""z3 is asked about sketches with at least so many completions; fewer are tried before it can answer."""
MOST_LISTED, MOST_VECTORS = 1000, 64
"""An operator on leaves with at most MOST_LISTED completions is run on all of them, so that its interval is exact; z3
gets their measures on all examples together if there are at most MOST_VECTORS different ones."""
CHECKED = 4
"""Examples that z3 is asked about at once."""


class Pruning(StrEnum):
    """What refutes sketches before their completions are tried."""

    OFF = "off"
    INTERVALS = "intervals"
    GATED = "intervals + z3"
    """Intervals; then z3, where it can be expected to spare more completions than it costs."""
    Z3 = "z3"
    """z3 on every sketch, without limits."""


@dataclass(slots=True)
class Counts:
    """What a search did: sketches seen and refuted, completions tried and spared, and what z3 was asked."""

    sketches: int = 0
    by_intervals: int = 0
    by_z3: int = 0
    completions: int = 0
    spared: int = 0
    asked: Asked = field(default_factory=Asked)


def search_sketches(
    grammar: Grammar,
    examples: Sequence[Example],
    meter: Meter,
    *,
    pruning: Pruning = Pruning.GATED,
    counts: Counts | None = None,
    most: int | None = None,
) -> Program | None:
    """Return the first program, in order of its sketch's cost, that gives every example's output; None if none does.

    There must be an example. At most `most` sketches are looked at; `counts` is filled in as the search goes on. What
    is pruned holds no solution, so every setting of `pruning` finds the same program. Raises BudgetSpent.
    """
    counts = Counts() if counts is None else counts
    pruner = Pruner(examples, pruning, counts)
    completer = Completer(examples, meter)
    for sketch in islice(Sketches(grammar, examples, meter).run(), most):
        counts.sketches += 1
        if pruner.refuted(sketch):
            counts.spared += sketch.completions
            continue
        counts.completions += sketch.completions
        for program in completer.hits(sketch):
            if all(evaluate(program, example.inputs) == example.output for example in examples):
                return program
    return None


State: TypeAlias = tuple[Interval | None, ...]
"""Where a sketch's value on each example lies; None where it is undefined."""


class Pruner:
    """Refutes sketches that give the examples' outputs for no constants."""

    def __init__(self, examples: Sequence[Example], pruning: Pruning, counts: Counts) -> None:
        measured = all(isinstance(example.output, str | int) for example in examples)
        self.pruning, self.counts = pruning if measured else Pruning.OFF, counts
        self.goals = [measure(example.output) for example in examples] if measured else []
        self.chosen = _spread(self.goals, CHECKED)
        self._states: dict[Sketch, State] = {}
        self._results: dict[tuple[str, State], Interval | None] = {}
        self._columns: dict[Sketch, list[list[int | None]] | None] = {}
        self._listings: dict[Sketch, Listed | None] = {}
        self._facts: dict[Operator, tuple[Fact, ...]] = {}
        self._linear: dict[Operator, tuple[Fact, ...]] = {}
        self._lemmas: Lemmas | None = None

    def refuted(self, sketch: Sketch) -> bool:
        """Return whether no completion gives all outputs; False if that is not known."""
        if self.pruning in (Pruning.INTERVALS, Pruning.GATED) and self._out_of_reach(sketch):
            self.counts.by_intervals += 1
            return True
        if isinstance(sketch, Node) and self._contradictory(sketch):
            self.counts.by_z3 += 1
            return True
        return False

    # ------------------------------------------------------------ each example by itself

    def _out_of_reach(self, sketch: Sketch) -> bool:
        for state, goal in zip(self.state(sketch), self.goals, strict=True):
            if state is None or not state[0] <= min(max(goal, -UNBOUNDED), UNBOUNDED) <= state[1]:
                return True
        return False

    def state(self, sketch: Sketch) -> State:
        """Return where the sketch's value on each example lies."""
        if sketch not in self._states:
            self._states[sketch] = self._state(sketch)
        return self._states[sketch]

    def _state(self, sketch: Sketch) -> State:
        if isinstance(sketch, Given):
            return tuple([None if value is None else hull([value], sketch.type) for value in sketch.values])
        if isinstance(sketch, Hole):
            return (hull(sketch.values, sketch.type),) * len(self.goals)
        columns = self._run(sketch)
        if columns is not None:
            defined = [[value for value in column if value is not None] for column in columns]
            return tuple([hull(column, sketch.type) if column else None for column in defined])
        arguments = zip(*[self.state(child) for child in sketch.children], strict=True)
        return tuple([self._result(sketch.operator, states) for states in arguments])

    def _result(self, operator: Operator, states: tuple[Interval | None, ...]) -> Interval | None:
        key = operator.name, states
        if key not in self._results:
            if operator not in self._facts:
                self._facts[operator] = facts_of(operator)
            if operator.strict and None in states:
                self._results[key] = None
            else:
                intervals = [state or (-UNBOUNDED, UNBOUNDED) for state in states]
                self._results[key] = result(self._facts[operator], operator.returns, intervals)
        return self._results[key]

    def _run(self, node: Node) -> list[list[int | None]] | None:
        """Return the measures of all completions of an operator on leaves, per example; None if it is not listed."""
        if node not in self._columns:
            leaves = [child for child in node.children if not isinstance(child, Node)]
            self._columns[node] = None
            if len(leaves) == len(node.children) and node.completions <= MOST_LISTED and node.type in MEASURED:
                self._columns[node] = [
                    _measured(node.operator, [leaf.column(i) for leaf in leaves]) for i in range(len(self.goals))
                ]
        return self._columns[node]

    # ------------------------------------------------------------ all examples at once

    def _contradictory(self, sketch: Node) -> bool:
        """Return whether z3 refutes a sketch, where the pruning asks it at all."""
        gated, tried = self.pruning is Pruning.GATED, self.counts.completions
        if self.pruning is not Pruning.Z3 and (not gated or sketch.completions < GATE or tried < START * SHARE):
            return False
        if self._lemmas is None:
            self._lemmas = Lemmas([self.goals[i] for i in self.chosen], self.counts.asked)
        most = self._lemmas.allowance(tried, sketch.completions) if gated else None
        if most == 0 or not self._lemmas.refutes(self.constraints(sketch), most):
            return False
        self._lemmas.spared += sketch.completions
        return True

    def constraints(self, sketch: Sketch, path: Path = ()) -> list[tuple[Path, Constraint]]:
        """Return what holds at each place of a sketch, by path."""
        if isinstance(sketch, Hole):
            values = tuple(sorted(set(map(measure, sketch.values)))) if sketch.type in MEASURED else ()
            return [(path, Among(values))] if values else []
        listing = self._listing(sketch) if isinstance(sketch, Node) else None
        if listing is not None:
            return [(path, listing)]
        if isinstance(sketch, Given):
            return [(path, self._within(sketch))]
        found: list[tuple[Path, Constraint]] = []
        for index, child in enumerate(sketch.children):
            place = (*path, index)
            if isinstance(child, Node) and not sketch.operator.strict:  # what is not chosen may be undefined
                found.append((place, self._within(child)))
            else:
                found += self.constraints(child, place)
        holes = tuple([isinstance(child, Hole) for child in sketch.children])
        return [*found, *[(path, Applied(fact, holes)) for fact in self._told(sketch.operator)]]

    def _listing(self, node: Node) -> Listed | None:
        if node not in self._listings:
            self._listings[node] = None
            columns = self._run(node)
            if columns is not None:
                chosen = zip(*[columns[i] for i in self.chosen], strict=True)
                vectors = {tuple([v for v in vector if v is not None]) for vector in chosen if None not in vector}
                if len(vectors) <= MOST_VECTORS:
                    self._listings[node] = Listed(tuple(sorted(vectors)))
        return self._listings[node]

    def _within(self, sketch: Sketch) -> Within:
        states = self.state(sketch)
        return Within(tuple([states[i] or (-UNBOUNDED, UNBOUNDED) for i in self.chosen]))

    def _told(self, operator: Operator) -> tuple[Fact, ...]:
        """Return the facts that z3 gets: those without products, and where the result can lie at all."""
        if operator not in self._linear:
            (low, high), out = range_of(operator.returns), Polynomial({(0,): 1})
            bounds = [fact for fact, finite in ((out >= low, low > -FAR), (out <= high, high < FAR)) if finite]
            self._linear[operator] = (*bounds, *[fact for fact in facts_of(operator) if fact.linear])
        return self._linear[operator]


def _measured(operator: Operator, columns: Sequence[Sequence[Value]]) -> list[int | None]:
    values = starmap(function_on(operator, columns), product(*columns))
    return [None if value is None else measure(value) for value in values]


def _spread(goals: Sequence[int], most: int) -> list[int]:
    """Return some of the examples, at most so many: those with the least and the greatest goal, others between."""
    order = sorted(range(len(goals)), key=lambda i: (goals[i], i))
    if len(order) > most:
        order = [order[round(i * (len(order) - 1) / (most - 1))] for i in range(most)]
    return sorted(order)
