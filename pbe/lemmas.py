"""What z3 says of sketches' lengths and values, asked once and remembered.

A sketch is a set of constraints, each at a place of it (a path from the root): an operator's fact, a hole's values, the
known lengths of an input. The constraints are assumption literals of one persistent solver and bits of a mask. The
constraints of an unsatisfiable core are a lemma, which refutes every sketch that has them all (conflict-driven
synthesis, Feng et al. 2018); the numbers of a model are a witness, which acquits every sketch whose constraints they
satisfy.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import z3

from pbe.intervals import FAR, Fact, Interval, Relation

Path: TypeAlias = tuple[int, ...]
"""A place in a sketch: which child, of which child, … of the root."""
Place: TypeAlias = tuple[Path, bool]
"""A path, and whether a hole stands there: its one number serves all examples, others have one per example."""

START, CALL = 100_000, 15_000
"""What it costs to start a solver and to tell it a sketch, in the time of completions tried; a unit of z3's own count
of effort takes about as long as one of them, so all effort is counted in these, and the same search repeats itself."""
LEAST = 10_000
"""Less effort than this seldom brings an answer."""
SHARE = 12
"""z3 may cost a SHARE-th of the completions tried so far, and as much as it has spared."""


@dataclass(frozen=True, slots=True)
class Among:
    """A hole has one of these numbers, the same on all examples."""

    values: tuple[int, ...]

    def places(self, path: Path) -> list[Place]:
        """Return the places that the constraint speaks about."""
        return [(path, True)]

    def holds(self, rows: Sequence[tuple[int, ...]]) -> bool:
        """Return whether it holds of these numbers: per example, one for each place."""
        return rows[0][0] in self.values

    def terms(self, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
        """Yield it in SMT-LIB, with the names of variables in the place of numbers."""
        variable, values = rows[0][0], self.values
        yield f"(<= {_numeral(values[0])} {variable} {_numeral(values[-1])})"
        if values[-1] - values[0] >= len(values):
            yield f"(or {' '.join([f'(= {variable} {_numeral(value)})' for value in values])})"


@dataclass(frozen=True, slots=True)
class Within:
    """A value lies in one interval per example."""

    intervals: tuple[Interval, ...]

    def places(self, path: Path) -> list[Place]:
        return [(path, False)]

    def holds(self, rows: Sequence[tuple[int, ...]]) -> bool:
        return all(low <= value <= high for (value,), (low, high) in zip(rows, self.intervals, strict=True))

    def terms(self, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
        for (variable,), (low, high) in zip(rows, self.intervals, strict=True):
            if low > -FAR:
                yield f"(<= {_numeral(low)} {variable})"
            if high < FAR:
                yield f"(<= {variable} {_numeral(high)})"


@dataclass(frozen=True, slots=True)
class Listed:
    """The values on all examples together are one of these vectors."""

    vectors: tuple[tuple[int, ...], ...]

    def places(self, path: Path) -> list[Place]:
        return [(path, False)]

    def holds(self, rows: Sequence[tuple[int, ...]]) -> bool:
        return tuple([value for (value,) in rows]) in self.vectors

    def terms(self, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
        variables = [variable for (variable,) in rows]
        options = [
            " ".join([f"(= {v} {_numeral(value)})" for v, value in zip(variables, vector, strict=True)])
            for vector in self.vectors
        ]
        yield f"(or false {' '.join([f'(and {option})' for option in options])})"


@dataclass(frozen=True, slots=True)
class Applied:
    """A linear fact holds of a value and its operator's arguments, on every example; `holes`: which are holes."""

    fact: Fact
    holes: tuple[bool, ...]

    def places(self, path: Path) -> list[Place]:
        return [(path, False), *[((*path, i), hole) for i, hole in enumerate(self.holes)]]

    def holds(self, rows: Sequence[tuple[int, ...]]) -> bool:
        return all(map(self.fact.holds, rows))

    def terms(self, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
        for row in rows:
            yield f"(or {' '.join([_term(relation, row) for relation in self.fact.options])})"


Constraint: TypeAlias = Among | Within | Listed | Applied


def _term(relation: Relation, variables: Sequence[str]) -> str:
    """Return a linear relation in SMT-LIB."""
    terms = [f"(* {_numeral(factor)} {variables[m[0]] if m else 1})" for m, factor in relation.terms]
    return f"({'=' if relation.equal else '<='} (+ 0 {' '.join(terms)}) 0)"


def _numeral(number: int) -> str:
    return str(number) if number >= 0 else f"(- {-number})"


@dataclass(slots=True)
class Asked:
    """How verdicts were reached; `seconds` (wall clock) includes telling z3 the constraints."""

    calls: int = 0
    refuted: int = 0
    """Calls that z3 answered with a conflict."""
    lemma_hits: int = 0
    witness_hits: int = 0
    repeated: int = 0
    """Verdicts known from a sketch with the same constraints."""
    seconds: float = 0.0


class Lemmas:
    """A persistent solver for sketches whose root has the `goals`, one number per example."""

    def __init__(self, goals: Sequence[int], asked: Asked) -> None:
        self.goals, self.asked = goals, asked
        self.spent, self.spared = START, 0
        self.context = z3.Context()
        self.solver = z3.SimpleSolver(ctx=self.context)
        self.solver.set("arith.solver", 2)
        self._total = 0
        self._names: dict[Place, list[str]] = {}
        self._bits: dict[tuple[Path, Constraint], int] = {}
        self._constraints: list[tuple[Path, Constraint]] = []
        self._literals: list[Any] = []
        self._verdicts: dict[int, bool] = {}
        self._lemmas: list[int] = []
        self._witnesses: list[Mapping[Place, list[int]]] = []
        self._satisfied: list[tuple[int, int]] = []
        """Per constraint: how many witnesses were looked at, and the mask of those that satisfy it."""
        self._tell([f"(= {v} {_numeral(goal)})" for v, goal in zip(self._at(((), False)), goals, strict=True)])

    def refutes(self, constraints: Iterable[tuple[Path, Constraint]], most: int | None = None) -> bool:
        """Return whether the constraints contradict each other or the goals.

        With `most`, z3 spends at most so much effort; False may then mean that nothing is known.
        """
        began = time.perf_counter()
        mask = 0
        for path, constraint in constraints:
            mask |= self._bit(path, constraint)
        verdict = self._verdict(mask, most)
        self.asked.seconds += time.perf_counter() - began
        return verdict

    def allowance(self, tried: int, completions: int) -> int:
        """Return the effort that a sketch with so many completions is worth, 0 for none.

        It is what z3 can be expected to spare, judged by how often it refuted before, as far as what was `tried` so
        far and what it has spared pay for it.
        """
        expected = completions * (self.asked.refuted + 2) // (self.asked.calls + 2)
        most = min(expected, tried // SHARE + self.spared - self.spent) - CALL
        return most if most >= LEAST else 0

    def _verdict(self, mask: int, most: int | None) -> bool:
        if mask in self._verdicts:
            self.asked.repeated += 1
            return self._verdicts[mask]
        if any(not lemma & ~mask for lemma in self._lemmas):
            self.asked.lemma_hits += 1
            verdict = True
        elif self._witnessed(mask):
            self.asked.witness_hits += 1
            verdict = False
        else:
            if most is not None:
                self.solver.set("rlimit", most)
            verdict = self._ask(mask)
        self._verdicts[mask] = verdict
        return verdict

    def _ask(self, mask: int) -> bool:
        self.asked.calls += 1
        chosen = [index for index in range(len(self._literals)) if mask >> index & 1]
        verdict = self.solver.check(*[self._literals[index] for index in chosen])
        self.spent += CALL + self._effort()
        if verdict == z3.unsat:
            self.asked.refuted += 1
            self._lemmas.append(sum([1 << int(index) for index in _LITERAL.findall(self.solver.unsat_core().sexpr())]))
        elif verdict == z3.sat:
            found = _NUMBER.findall(self.solver.model().sexpr())
            model = {name: int(f"{sign}{digits}") for name, sign, digits in found}
            places = dict.fromkeys([place for i in chosen for place in _places(self._constraints[i])])
            self._witnesses.append({place: [model.get(name, 0) for name in self._at(place)] for place in places})
        return bool(verdict == z3.unsat)

    def _effort(self) -> int:
        """Return the effort of the last call, by z3's own count."""
        before, self._total = self._total, self.solver.statistics().get_key_value("rlimit count")
        return int(self._total - before)

    # ------------------------------------------------------------ what the solver is told

    def _bit(self, path: Path, constraint: Constraint) -> int:
        """Return the bit of a constraint at a place; the solver learns it when it is new."""
        key = path, constraint
        if key not in self._bits:
            index = len(self._literals)
            self._bits[key] = 1 << index
            columns = [self._at(place) for place in constraint.places(path)]
            self.solver.from_string(f"(declare-const c{index} Bool)")
            self._tell([f"(=> c{index} {term})" for term in constraint.terms(list(zip(*columns, strict=True)))])
            self._literals.append(z3.Bool(f"c{index}", self.context))
            self._constraints.append(key)
            self._satisfied.append((0, 0))
        return self._bits[key]

    def _tell(self, terms: Sequence[str]) -> None:
        """Assert terms; as text, which takes a tenth of the time that building them one by one takes."""
        self.solver.from_string("".join([f"(assert {term})" for term in terms]))

    def _at(self, place: Place) -> list[str]:
        """Return the names of a place's variables, one per example; a hole's is the same for all."""
        if place not in self._names:
            path, hole = place
            name = ".".join(["root", *map(str, path)])
            new = [f"{name}?"] if hole else [f"{name}@{i}" for i in range(len(self.goals))]
            self.solver.from_string("".join([f"(declare-const {name} Int)" for name in new]))
            self._names[place] = new * len(self.goals) if hole else new
        return self._names[place]

    # ------------------------------------------------------------ what earlier answers tell

    def _witnessed(self, mask: int) -> bool:
        """Return whether some witness satisfies all constraints."""
        common = (1 << len(self._witnesses)) - 1
        while mask and common:
            low = mask & -mask
            common &= self._satisfying(low.bit_length() - 1)
            mask ^= low
        return bool(common)

    def _satisfying(self, index: int) -> int:
        """Return the mask of the witnesses that satisfy a constraint."""
        seen, found = self._satisfied[index]
        for number in range(seen, len(self._witnesses)):
            columns = [self._witnesses[number].get(place) for place in _places(self._constraints[index])]
            known = [column for column in columns if column is not None]
            if len(known) == len(columns) and self._constraints[index][1].holds(list(zip(*known, strict=True))):
                found |= 1 << number
        self._satisfied[index] = len(self._witnesses), found
        return found


_LITERAL = re.compile(r"\bc(\d+)\b")
"""A literal's number in the text of a core."""
_NUMBER = re.compile(r"\(define-fun (\S+) \(\) Int\s+(?:\((-) )?(\d+)")
"""A variable's value in the text of a model."""


def _places(key: tuple[Path, Constraint]) -> list[Place]:
    path, constraint = key
    return constraint.places(path)
