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
from itertools import chain
from typing import Any, TypeAlias

import z3

from pbe.intervals import FAR, Fact, Interval, Relation

Path: TypeAlias = tuple[int, ...]
"""A place in a sketch: which child, of which child, … of the root."""
Place: TypeAlias = tuple[Path, bool, bool]
"""A path; whether a hole stands there, whose value serves all examples, while others have one per example; and whether
the place is for the weight of the text there, and not for its length or for the value of a number."""

START, CALL, UNIT = 150_000, 20_000, 3
"""What it costs to start a solver, to ask it about a sketch, and to let it make a unit of its own count of effort, each
in the time of completions tried: all effort is counted in these, so the same search repeats itself."""
WORTH, LEAST, MOST = 2, 30_000, 300_000
"""A call may cost a WORTH-th of what it can spare, and MOST; it is not made for less than that or LEAST."""
SHARE = 10
"""z3 may cost a SHARE-th of the completions tried so far, and as much as it has spared."""


@dataclass(frozen=True, slots=True, eq=False)
class Listed:
    """The numbers at a path are one of some vectors: those of the first example, of the second, …; a hole has one.

    For a text the numbers are its length and its weight.
    """

    vectors: tuple[tuple[int, ...], ...]
    hole: bool
    text: bool

    def places(self, path: Path) -> list[Place]:
        """Return the places that the constraint speaks about."""
        return _places_of(path, self.hole, self.text)

    def holds(self, rows: Sequence[tuple[int, ...]]) -> bool:
        """Return whether it holds of these numbers: per example, one for each place."""
        return tuple(chain.from_iterable(rows[:1] if self.hole else rows)) in self.vectors

    def terms(self, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
        """Yield it in SMT-LIB, with the names of variables in the place of numbers."""
        names = list(chain.from_iterable(rows[:1] if self.hole else rows))
        for name, column in zip(names, zip(*self.vectors, strict=True), strict=False):
            yield f"(<= {_numeral(min(column))} {name} {_numeral(max(column))})"
        options = [
            " ".join([f"(= {name} {_numeral(number)})" for name, number in zip(names, vector, strict=True)])
            for vector in self.vectors
        ]
        yield f"(or false {' '.join([f'(and {option})' for option in options])})"


@dataclass(frozen=True, slots=True)
class Within:
    """The numbers at a path lie in intervals, in the order of `Listed`."""

    intervals: tuple[Interval, ...]
    text: bool

    def places(self, path: Path) -> list[Place]:
        """Return the places that it speaks about."""
        return _places_of(path, False, self.text)

    def holds(self, rows: Sequence[tuple[int, ...]]) -> bool:
        """Return whether each number lies in its interval."""
        pairs = zip(chain.from_iterable(rows), self.intervals, strict=True)
        return all(low <= number <= high for number, (low, high) in pairs)

    def terms(self, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
        """Yield the finite bounds in SMT-LIB."""
        for name, (low, high) in zip(chain.from_iterable(rows), self.intervals, strict=True):
            if low > -FAR:
                yield f"(<= {_numeral(low)} {name})"
            if high < FAR:
                yield f"(<= {name} {_numeral(high)})"


@dataclass(frozen=True, slots=True)
class Applied:
    """A linear fact holds of a value and its operator's arguments, on every example; `holes`: which are holes."""

    fact: Fact
    holes: tuple[bool, ...]

    def places(self, path: Path) -> list[Place]:
        """Return the places of the fact's variables, in their order."""
        count = len(self.holes) + 1
        found: list[Place] = []
        for variable in sorted(self.fact.variables):
            weighed, index = divmod(variable, count)
            hole = index > 0 and self.holes[index - 1]
            found.append(((*path, index - 1) if index else path, hole, bool(weighed)))
        return found

    def holds(self, rows: Sequence[tuple[int, ...]]) -> bool:
        """Return whether the fact holds of each example's numbers."""
        variables = sorted(self.fact.variables)
        return all(self.fact.holds(dict(zip(variables, row, strict=True))) for row in rows)

    def terms(self, rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
        """Yield the fact in SMT-LIB for each example; once where all its places are holes'."""
        variables = sorted(self.fact.variables)
        for row in dict.fromkeys(rows):
            names = dict(zip(variables, row, strict=True))
            yield f"(or {' '.join([_term(relation, names) for relation in self.fact.options])})"


Constraint: TypeAlias = Listed | Within | Applied


def _places_of(path: Path, hole: bool, text: bool) -> list[Place]:
    """Return the places of the numbers at a path: two for a text, its length and its weight."""
    return [(path, hole, weighed) for weighed in ((False, True) if text else (False,))]


def _term(relation: Relation, names: Mapping[int, str]) -> str:
    """Return a linear relation in SMT-LIB."""
    terms = [f"(* {_numeral(factor)} {names[m[0]] if m else 1})" for m, factor in relation.terms]
    return f"({'=' if relation.equal else '<='} (+ 0 {' '.join(terms)}) 0)"


def _numeral(number: int) -> str:
    """Return an integer in SMT-LIB."""
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
    """A persistent solver for sketches with a `goal` at the root, over some examples."""

    def __init__(self, goal: Listed, examples: int, asked: Asked) -> None:
        self.examples, self.asked = examples, asked
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
        self._tell(list(goal.terms(self._rows(goal.places(())))))

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
        afforded = (tried + completions) // SHARE + self.spared - self.spent - CALL
        most = min(completions // WORTH, MOST, afforded)
        calls = self.asked.calls + 2
        expected = completions * (self.asked.refuted + 2) // calls
        cost = CALL + (self.spent - START + most) // calls
        return most if most >= min(completions // WORTH, LEAST) and expected >= cost else 0

    def _verdict(self, mask: int, most: int | None) -> bool:
        """Return what is known of a mask of constraints, or what z3 says of it."""
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
                self.solver.set("rlimit", most // UNIT)
            verdict = self._ask(mask)
        self._verdicts[mask] = verdict
        return verdict

    def _ask(self, mask: int) -> bool:
        """Ask z3, and keep the core of a conflict as a lemma, or the numbers of a model as a witness."""
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
        return UNIT * int(self._total - before)

    # ------------------------------------------------------------ what the solver is told

    def _bit(self, path: Path, constraint: Constraint) -> int:
        """Return the bit of a constraint at a place; the solver learns it when it is new."""
        key = path, constraint
        if key not in self._bits:
            index = len(self._literals)
            self._bits[key] = 1 << index
            rows = self._rows(constraint.places(path))
            self.solver.from_string(f"(declare-const c{index} Bool)")
            self._tell([f"(=> c{index} {term})" for term in constraint.terms(rows)])
            self._literals.append(z3.Bool(f"c{index}", self.context))
            self._constraints.append(key)
            self._satisfied.append((0, 0))
        return self._bits[key]

    def _tell(self, terms: Sequence[str]) -> None:
        """Assert terms; as text, which takes a tenth of the time that building them one by one takes."""
        self.solver.from_string("".join([f"(assert {term})" for term in terms]))

    def _rows(self, places: Sequence[Place]) -> list[tuple[str, ...]]:
        """Return the names of the variables of some places, per example."""
        return list(zip(*map(self._at, places), strict=True))

    def _at(self, place: Place) -> list[str]:
        """Return the names of a place's variables, one per example; a hole's is the same for all."""
        if place not in self._names:
            path, hole, weighed = place
            name = ".".join(["weight" if weighed else "measure", *map(str, path)])
            new = [f"{name}?"] if hole else [f"{name}@{i}" for i in range(self.examples)]
            self.solver.from_string("".join([f"(declare-const {name} Int)" for name in new]))
            self._names[place] = new * self.examples if hole else new
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
    """Return the places that a constraint at a path speaks about."""
    path, constraint = key
    return constraint.places(path)
