"""SMT pruning: sketches that no constants can complete are told by their operators' facts alone.

First each example by itself: intervals of lengths and values, carried up the sketch. What passes and has many
completions goes to z3, a few examples at once (`pbe.joint`): one constant must serve them all, and the characters of
its parts must make up the output. Intervals cannot say that. What z3 may cost is a share of what was tried so far and
what it has spared, so that a search in which it refutes nothing is hardly slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice, product, starmap
from typing import Any, TypeAlias

from dsl.grammar import Grammar
from dsl.interpreter import evaluate
from dsl.operator import Operator
from dsl.program import Program
from dsl.task import Example
from dsl.types import Value
from pbe.budget import Meter
from pbe.intervals import (
    MEASURED,
    UNBOUNDED,
    Fact,
    Interval,
    facts_of,
    hull,
    measure,
    result,
)
from pbe.joint import Joint
from pbe.lemmas import SHARE, START, Asked, Lemmas
from pbe.sketches import Completer, Given, Hole, Node, Sketch, Sketches, function_on

GATE = 50_000
"""z3 is asked about sketches with at least so many completions; fewer are tried before it can answer."""
MOST_RUN = 1000
"""An operator on leaves with at most so many completions is run on all of them, so that its interval is exact."""
LOOKED_AT, CHECKED = 16, 3
"""Examples that intervals are worked out for, and that z3 is asked about at once."""


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
        self.examples = examples
        goals = [measure(example.output) for example in examples] if measured else []
        self.rows, self.few = _spread(goals, LOOKED_AT), _spread(goals, CHECKED)
        self.goals = [min(max(goals[row], -UNBOUNDED), UNBOUNDED) for row in self.rows]
        self._states: dict[Sketch, int] = {}
        self._numbers: dict[State, int] = {}
        self._known: list[State] = []
        self._reached: list[bool] = []
        """Of each state, whether all goals lie in it."""
        self._applied: dict[tuple[Any, ...], int] = {}
        """The state of an operator's result, by its name and the arguments' states."""
        self._results: dict[tuple[str, State], Interval | None] = {}
        self._facts: dict[Operator, tuple[Fact, ...]] = {}
        self._joint: Joint | None = None
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
        """Return whether some example's output lies outside what the sketch can give there."""
        return not self._reached[self._state(sketch)]

    def _state(self, sketch: Sketch) -> int:
        """Return the number of a sketch's state."""
        known = self._states.get(sketch)
        if known is None:
            known = self._states[sketch] = self._judged(sketch)
        return known

    def _judged(self, sketch: Sketch) -> int:
        """Return the number of a sketch's state, worked out from its parts' states or by running it."""
        if isinstance(sketch, Given):
            values = [sketch.values[row] for row in self.rows]
            return self._number([None if value is None else hull([value], sketch.type) for value in values])
        if isinstance(sketch, Hole):
            return self._number([hull(sketch.values, sketch.type)] * len(self.goals))
        leaves = [child for child in sketch.children if not isinstance(child, Node)]
        if len(leaves) == len(sketch.children) and sketch.completions <= MOST_RUN and sketch.type in MEASURED:
            columns = [_defined(sketch.operator, [leaf.column(row) for leaf in leaves]) for row in self.rows]
            return self._number([hull(column, sketch.type) if column else None for column in columns])
        numbers = [self._state(child) for child in sketch.children]
        key = sketch.operator.name, *numbers
        if key not in self._applied:
            arguments = zip(*[self._known[number] for number in numbers], strict=True)
            self._applied[key] = self._number([self._result(sketch.operator, row) for row in arguments])
        return self._applied[key]

    def _number(self, intervals: Sequence[Interval | None]) -> int:
        """Return the number of a state; equal ones have the same."""
        state = tuple(intervals)
        if state not in self._numbers:
            self._numbers[state] = len(self._known)
            self._known.append(state)
            pairs = zip(state, self.goals, strict=True)
            self._reached.append(all(interval and interval[0] <= goal <= interval[1] for interval, goal in pairs))
        return self._numbers[state]

    def _result(self, operator: Operator, arguments: State) -> Interval | None:
        """Return where a result lies on an example when the arguments lie in these intervals."""
        if operator.strict and None in arguments:
            return None
        key = operator.name, arguments
        if key not in self._results:
            if operator not in self._facts:
                self._facts[operator] = facts_of(operator)
            known = [interval or (-UNBOUNDED, UNBOUNDED) for interval in arguments]
            self._results[key] = result(self._facts[operator], operator.returns, known)
        return self._results[key]

    # ------------------------------------------------------------ all examples at once

    def _contradictory(self, sketch: Node) -> bool:
        """Return whether z3 refutes a sketch, where the pruning asks it at all."""
        gated, tried = self.pruning is Pruning.GATED, self.counts.completions
        if self.pruning is not Pruning.Z3 and (
            not gated or sketch.completions < GATE or tried + sketch.completions < START * SHARE
        ):
            return False
        if self._joint is None or self._lemmas is None:
            self._joint = Joint(self.examples, self.few)
            self._lemmas = Lemmas(self._joint.goal, len(self.few), self.counts.asked)
        most = self._lemmas.allowance(tried, sketch.completions) if gated else None
        if most == 0:
            return False
        before = self._joint.effort
        constraints = self._joint.constraints(sketch)
        self._lemmas.spent += self._joint.effort - before
        if not self._lemmas.refutes(constraints, most):
            return False
        self._lemmas.spared += sketch.completions
        return True


def _defined(operator: Operator, columns: Sequence[Sequence[Value]]) -> list[Value]:
    """Return an operator's results for all arguments in these columns, where it has one."""
    values = starmap(function_on(operator, columns), product(*columns))
    return [value for value in values if value is not None]


def _spread(goals: Sequence[int], most: int) -> list[int]:
    """Return some of the examples, at most so many: those with the least and the greatest goal, others between."""
    order = sorted(range(len(goals)), key=lambda i: (goals[i], i))
    if len(order) > most:
        order = [order[round(i * (len(order) - 1) / (most - 1))] for i in range(most)]
    return sorted(order)
