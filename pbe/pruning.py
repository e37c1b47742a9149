"""SMT pruning: sketches that no constants can complete are told by the operators' facts alone.

First each example by itself: intervals of lengths and values, carried up the sketch. What passes and has many
completions goes to z3, all examples at once: a hole is one variable for all of them, since one constant must serve
them all. Facts are assumption literals of one solver per shape of sketch; the facts of an unsatisfiable core are a
lemma that refutes every sketch of that shape with the same facts (Feng et al. 2018), and the lengths of a satisfiable
one are a witness that acquits every sketch whose facts hold of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, reduce
from itertools import islice, product, starmap
from operator import add
from typing import Any, TypeAlias

import z3

from dsl.grammar import Grammar
from dsl.interpreter import evaluate
from dsl.operator import Operator
from dsl.program import Program
from dsl.task import Example
from dsl.types import INTEGER, Type, Value
from pbe.budget import Meter
from pbe.intervals import FAR, MEASURED, UNBOUNDED, Fact, Interval, Polynomial, Relation, exactly, facts_of, measure, result
from pbe.sketches import Completer, Given, Hole, Node, Sketch, Sketches, function_on

GATE = 20_000
"""z3 is asked about sketches with at least so many completions: fewer are tried faster than refuted."""
MOST_LISTED = 1000
MOST_VECTORS = 64
CHECKED = 4
"""Examples that z3 is asked about at once."""


class Pruning(StrEnum):
    """What refutes sketches before their completions are tried."""

    OFF = "off"
    INTERVALS = "intervals"
    GATED = "intervals + z3"
    """Intervals, then z3 on what has at least GATE completions."""
    Z3 = "z3"
    """z3 on every sketch."""


@dataclass(slots=True)
class Counts:
    """What a search did: sketches seen and refuted, and completions tried and spared."""

    sketches: int = 0
    by_intervals: int = 0
    by_z3: int = 0
    lemma_hits: int = 0
    witness_hits: int = 0
    repeated: int = 0
    """Verdicts known from a sketch with the same facts."""
    z3_calls: int = 0
    z3_seconds: float = 0.0
    completions: int = 0
    spared: int = 0


def search_sketches(
    grammar: Grammar, examples: Sequence[Example], meter: Meter, pruning: Pruning, counts: Counts | None = None, most: int | None = None
) -> Program | None:
    """Return the first program, in order of its sketch's cost, that gives every example's output; None if none does.

    `counts` is filled in as the search goes on. What pruning refutes holds no solution, so all its settings find the
    same program. Raises BudgetSpent.
    """
    counts = Counts() if counts is None else counts
    pruner = Pruner(examples, pruning, counts)
    driver = max(range(len(examples)), key=lambda i: (measure(examples[i].output), -i))
    completer = Completer(driver, examples[driver].output, meter)
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
    """Refutes sketches that give the outputs of some examples for no constants."""

    def __init__(self, examples: Sequence[Example], pruning: Pruning, counts: Counts) -> None:
        self.pruning, self.counts = pruning, counts
        self.goals = [measure(example.output) for example in examples]
        self.states: dict[Sketch, State] = {}
        self.listed: dict[Sketch, Listed] = {}
        self._results: dict[tuple[Operator, tuple[Interval | None, ...]], Interval | None] = {}
        self.solver: _Solver | None = None
        self.chosen = _spread(self.goals, CHECKED)

    def refuted(self, sketch: Sketch) -> bool:
        """Return whether no completion gives all outputs."""
        if self.pruning is Pruning.OFF:
            return False
        if self.pruning is not Pruning.Z3:
            for state, goal in zip(self.state(sketch), self.goals, strict=True):
                if state is None or not state[0] <= goal <= state[1]:
                    self.counts.by_intervals += 1
                    return True
            if self.pruning is Pruning.INTERVALS or sketch.completions < GATE:
                return False
        if not isinstance(sketch, Node):
            return False
        if self._unsatisfiable(sketch):
            self.counts.by_z3 += 1
            return True
        return False

    # ------------------------------------------------------------ each example by itself

    def state(self, sketch: Sketch) -> State:
        """Return where the sketch's value on each example lies."""
        if sketch not in self.states:
            self.states[sketch] = self._state(sketch)
        return self.states[sketch]

    def _state(self, sketch: Sketch) -> State:
        if isinstance(sketch, Given):
            return tuple([None if v is None else _interval([v], sketch.type) for v in sketch.values])
        if isinstance(sketch, Hole):
            return (_interval(sketch.values, sketch.type),) * len(self.goals)
        if self._listable(sketch):
            columns = [self._column(sketch, i) for i in range(len(self.goals))]
            vectors = {v for v in zip(*[columns[i] for i in self.chosen], strict=True) if None not in v}
            if len(vectors) <= MOST_VECTORS:
                self.listed[sketch] = Listed(tuple(sorted(vectors)))
            known = [[v for v in column if v is not None] for column in columns]
            return tuple([_interval(column, INTEGER) if column else None for column in known])
        states = zip(*[self.state(child) for child in sketch.children], strict=True)
        return tuple([self._result(sketch.operator, column) for column in states])

    def _listable(self, sketch: Node) -> bool:
        return sketch.completions <= MOST_LISTED and sketch.type in MEASURED and all([isinstance(child, Given | Hole) for child in sketch.children])

    def _column(self, sketch: Node, example: int) -> list[int | None]:
        """Return the measures of all completions of an operator on leaves, on one example."""
        columns = [[c.values[example]] if isinstance(c, Given) else list(c.values) for c in sketch.children if isinstance(c, Given | Hole)]
        found = starmap(function_on(sketch.operator, columns), product(*columns))
        return [None if value is None else measure(value) for value in found]

    def _result(self, operator: Operator, arguments: tuple[Interval | None, ...]) -> Interval | None:
        key = operator, arguments
        if key not in self._results:
            if None not in arguments:
                self._results[key] = result(operator, arguments)
            elif operator.strict:
                self._results[key] = None
            else:
                anything = (-UNBOUNDED, UNBOUNDED)
                self._results[key] = result(operator, [a or anything for a in arguments])
        return self._results[key]

    # ------------------------------------------------------------ all examples at once

    def _unsatisfiable(self, sketch: Node) -> bool:
        began = time.perf_counter()
        self.state(sketch)
        if self.solver is None:
            self.solver = _Solver([self.goals[i] for i in self.chosen], self.counts)
        mask = self._describe(sketch, ())
        verdict = self.solver.unsatisfiable(mask, sketch.completions if self.pruning is Pruning.GATED else 0)
        self.counts.z3_seconds += time.perf_counter() - began
        return verdict

    def _describe(self, sketch: Sketch, path: Path) -> int:
        """Return the mask of what holds at each place of a sketch."""
        assert self.solver is not None
        if isinstance(sketch, Hole):
            return self.solver.bit(path, _domain(sketch))
        if isinstance(sketch, Given):
            return self.solver.bit(path, self._within(sketch))
        if sketch in self.listed:
            return self.solver.bit(path, self.listed[sketch])
        mask = 0
        for place, child in enumerate(sketch.children):
            if sketch.operator.strict or isinstance(child, Given | Hole):
                mask |= self._describe(child, (*path, place))
            else:
                mask |= self.solver.bit((*path, place), self._within(child))
        holes = tuple([isinstance(child, Hole) for child in sketch.children])
        for fact in _linear(sketch.operator):
            mask |= self.solver.bit(path, Applied(fact, holes))
        return mask

    def _within(self, sketch: Sketch) -> Within:
        anything = (-UNBOUNDED, UNBOUNDED)
        return Within(tuple([self.state(sketch)[i] or anything for i in self.chosen]))


Path: TypeAlias = tuple[int, ...]
"""A place in a sketch: which child, of which child, … of the root."""


@dataclass(frozen=True, slots=True)
class Within:
    """A value lies in one interval per example."""

    intervals: tuple[Interval, ...]


@dataclass(frozen=True, slots=True)
class Among:
    """A value is one of these on every example, the same on all."""

    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """The values on all examples together are one of these vectors."""

    vectors: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """A fact holds of a value and its operator's arguments; which of these are holes."""

    fact: Fact
    holes: tuple[bool, ...]


Constraint: TypeAlias = Applied | Within | Among | Listed


@lru_cache(maxsize=1 << 10)
def _linear(operator: Operator) -> tuple[Fact, ...]:
    """Return the facts that z3 gets, without products, and where the result can lie at all."""
    low, high = MEASURED.get(operator.returns, (-UNBOUNDED, UNBOUNDED))
    result = Polynomial({(0,): 1})
    bounds = [fact for fact, given in ((result >= low, low > -FAR), (result <= high, high < FAR)) if given]
    return (*bounds, *[fact for fact in facts_of(operator) if fact.linear])


def _domain(hole: Hole) -> Constraint:
    return Among(tuple(sorted(set(map(measure, hole.values)))) if hole.type in MEASURED else ())


def _interval(values: Sequence[Value], kind: Type) -> Interval:
    """Return the least interval around some values; everything for a type without a measure."""
    if kind not in MEASURED:
        return -UNBOUNDED, UNBOUNDED
    found = [measure(value) for value in values]
    return exactly(min(found))[0], exactly(max(found))[1]


class _Solver:
    """One persistent solver: what it was told, and the verdicts, lemmas and witnesses that it gave."""

    def __init__(self, goals: Sequence[int], counts: Counts) -> None:
        self.goals, self.counts = goals, counts
        self.context = z3.Context()
        self.solver = z3.SimpleSolver(ctx=self.context)
        self.solver.set("arith.solver", 2)
        self.variables: dict[tuple[Path, bool], list[Any]] = {}
        self.constraints: list[tuple[Path, Constraint]] = []
        self.literals: list[Any] = []
        self.bits: dict[tuple[Path, Constraint], int] = {}
        self.lemmas: list[int] = []
        self.witnesses: list[dict[tuple[Path, bool], list[int]]] = []
        self.satisfied: list[tuple[int, int]] = []
        """Per constraint: how many witnesses were looked at, and the mask of those that satisfy it."""
        self.verdicts: dict[int, bool] = {}
        self.refuted = 0
        self.solver.add(*[v == goal for v, goal in zip(self.at((), False), goals, strict=True)])

    def at(self, path: Path, hole: bool) -> list[Any]:
        """Return the variables of a place, one per example; a hole's is the same for all."""
        key = path, hole
        if key not in self.variables:
            name = ".".join(map(str, path))
            if hole:
                self.variables[key] = [z3.Int(f"{name}?", self.context)] * len(self.goals)
            else:
                self.variables[key] = [z3.Int(f"{name}@{i}", self.context) for i in range(len(self.goals))]
        return self.variables[key]

    def bit(self, path: Path, constraint: Constraint) -> int:
        """Return the bit of a constraint at a place; the solver learns it when it is new."""
        key = path, constraint
        if key not in self.bits:
            index = len(self.literals)
            self.bits[key] = 1 << index
            literal = z3.Bool(f"#{index}", self.context)
            for term in self._terms(path, constraint):
                self.solver.add(z3.Implies(literal, term))
            self.literals.append(literal)
            self.constraints.append(key)
            self.satisfied.append((0, 0))
        return self.bits[key]

    def _terms(self, path: Path, constraint: Constraint) -> Iterator[Any]:
        if isinstance(constraint, Among):
            variable = self.at(path, True)[0]
            values = constraint.values
            if values:
                yield variable >= values[0]
                yield variable <= values[-1]
                if values[-1] - values[0] >= len(values):
                    yield z3.Or([variable == value for value in values])
        elif isinstance(constraint, Within):
            for variable, (low, high) in zip(self.at(path, False), constraint.intervals, strict=True):
                if low == high:
                    yield variable == low
                    continue
                if low > -FAR:
                    yield variable >= low
                if high < FAR:
                    yield variable <= high
        elif isinstance(constraint, Listed):
            here = self.at(path, False)
            rows = [z3.And([v == value for v, value in zip(here, vector, strict=True)]) for vector in constraint.vectors]
            yield z3.Or(rows) if rows else z3.BoolVal(False, self.context)
        else:
            places = [self.at(*place) for place in _places(path, constraint)]
            for values in zip(*places, strict=True):
                options = [_relation(r, values) for r in constraint.fact.options]
                yield z3.Or(options) if len(options) > 1 else options[0]

    def unsatisfiable(self, mask: int, completions: int) -> bool:
        """Return whether constraints contradict each other or the goals.

        With `completions`, z3 is asked only where it can be expected to spare more of them than it costs.
        """
        counts = self.counts
        if mask in self.verdicts:
            counts.repeated += 1
            return self.verdicts[mask]
        if any([not lemma & ~mask for lemma in self.lemmas]):
            counts.lemma_hits += 1
            self.verdicts[mask] = True
        elif self._witnessed(mask):
            counts.witness_hits += 1
            self.verdicts[mask] = False
        elif not completions:
            self.verdicts[mask] = self._ask(mask)
        else:
            expected = completions * (2 + self.refuted) // (2 + counts.z3_calls)
            if expected < GATE:
                return False
            self.solver.set("rlimit", expected)
            self.verdicts[mask] = self._ask(mask)
        return self.verdicts[mask]

    def _ask(self, mask: int) -> bool:
        self.counts.z3_calls += 1
        verdict = self.solver.check(*[literal for index, literal in enumerate(self.literals) if mask >> index & 1])
        if verdict == z3.unsat:
            self.refuted += 1
            self.lemmas.append(sum([1 << int(str(literal)[1:]) for literal in self.solver.unsat_core()]))
            return True
        if verdict == z3.sat:
            model = self.solver.model()
            told = [key for index, key in enumerate(self.constraints) if mask >> index & 1]
            places = dict.fromkeys([place for key in told for place in _places(*key) if place in self.variables])
            self.witnesses.append({p: [_number(model, v) for v in self.variables[p]] for p in places})
        return False

    def _witnessed(self, mask: int) -> bool:
        """Return whether some witness satisfies all constraints."""
        common = (1 << len(self.witnesses)) - 1
        while mask and common:
            low = mask & -mask
            common &= self._satisfying(low.bit_length() - 1)
            mask ^= low
        return bool(common)

    def _satisfying(self, index: int) -> int:
        seen, found = self.satisfied[index]
        path, constraint = self.constraints[index]
        for number in range(seen, len(self.witnesses)):
            if _holds(constraint, path, self.witnesses[number]):
                found |= 1 << number
        self.satisfied[index] = len(self.witnesses), found
        return found


def _places(path: Path, constraint: Constraint) -> list[tuple[Path, bool]]:
    """Return the places that a constraint speaks about, its own first."""
    if isinstance(constraint, Applied):
        return [(path, False), *[((*path, i), hole) for i, hole in enumerate(constraint.holes)]]
    return [(path, isinstance(constraint, Among))]


def _relation(relation: Relation, values: Sequence[Any]) -> Any:
    """Return the relation in z3, what is subtracted on the other side."""
    sides: dict[bool, list[Any]] = {True: [], False: []}
    for monomial, factor in relation.terms:
        term, size = values[monomial[0]] if monomial else 1, abs(factor)
        sides[factor > 0].append(term if size == 1 else size * term)
    left, right = (reduce(add, side) if side else 0 for side in (sides[True], sides[False]))
    return left == right if relation.equal else left <= right


def _number(model: Any, variable: Any) -> int:
    value = model[variable]
    return value.as_long() if value is not None else 0


def _holds(constraint: Constraint, path: Path, values: dict[tuple[Path, bool], list[int]]) -> bool:
    columns = [values.get(place) for place in _places(path, constraint)]
    if columns[0] is None:
        return False
    if isinstance(constraint, Among):
        return not constraint.values or columns[0][0] in constraint.values
    if isinstance(constraint, Within):
        return all([low <= value <= high for value, (low, high) in zip(columns[0], constraint.intervals, strict=True)])
    if isinstance(constraint, Listed):
        return tuple(columns[0]) in constraint.vectors
    if None in columns:
        return False
    return all([constraint.fact.holds(row) for row in zip(*columns, strict=True)])


def _spread(goals: Sequence[int], most: int) -> list[int]:
    """Return some of the examples, at most so many: with the least and the greatest measures, others in order."""
    order = sorted(range(len(goals)), key=lambda i: (goals[i], i))
    if len(order) <= most:
        return sorted(order)
    step = (len(order) - 1) / (most - 1)
    return sorted({order[round(step * i)] for i in range(most)})
