"""Operators' facts read once as inequalities, and what they say of a result when its arguments lie in intervals.

An abstraction is run on polynomials over its attributes, so each fact becomes data: `p <= 0`, `p == 0`, or one of
several of these. The same data are evaluated on integers, turned into bounds here, and given to z3 in `pbe.lemmas`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dsl.operator import Facts, Operator
from dsl.types import BOOLEAN, INTEGER, LITERAL, POSITION, TEXT, Type, Value

Interval: TypeAlias = tuple[int, int]
"""Least and greatest value, both included; beyond ±FAR it is unbounded."""

FAR = 10**30
UNBOUNDED = FAR**5
"""Far enough that a few products of numbers within ±FAR do not bring an unbounded sum back."""

LENGTHS = (TEXT, LITERAL)
MEASURED: dict[Type, Interval] = {
    TEXT: (0, UNBOUNDED), LITERAL: (0, UNBOUNDED), POSITION: (0, UNBOUNDED),
    INTEGER: (-UNBOUNDED, UNBOUNDED), BOOLEAN: (0, 1),
}  # fmt: skip
"""The types whose values have a measure, a text its length and a number its value, and where it can lie."""


def measure(value: Value) -> int:
    """Return the length of a text, the value of a number or a truth value."""
    return len(value) if isinstance(value, str) else int(value)


# ---------------------------------------------------------------- facts as data

Monomial: TypeAlias = tuple[int, ...]


class Polynomial:
    """An integer polynomial over numbered variables; comparing two gives a `Relation`."""

    __slots__ = ("terms",)
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, terms: Mapping[Monomial, int]) -> None:
        self.terms = {monomial: factor for monomial, factor in terms.items() if factor}

    @classmethod
    def of(cls, value: Polynomial | int) -> Polynomial:
        """Return a number as a polynomial; a polynomial stays itself."""
        return value if isinstance(value, Polynomial) else cls({(): int(value)})

    def __add__(self, other: Polynomial | int) -> Polynomial:
        total = dict(self.terms)
        for monomial, factor in Polynomial.of(other).terms.items():
            total[monomial] = total.get(monomial, 0) + factor
        return Polynomial(total)

    def __mul__(self, other: Polynomial | int) -> Polynomial:
        total: dict[Monomial, int] = {}
        for a, x in self.terms.items():
            for b, y in Polynomial.of(other).terms.items():
                monomial = tuple(sorted(a + b))
                total[monomial] = total.get(monomial, 0) + x * y
        return Polynomial(total)

    __radd__, __rmul__ = __add__, __mul__

    def __sub__(self, other: Polynomial | int) -> Polynomial:
        return self + Polynomial.of(other) * -1

    def __rsub__(self, other: int) -> Polynomial:
        return self * -1 + other

    def __le__(self, other: Polynomial | int) -> Fact:
        return _fact(self - other, False)

    def __ge__(self, other: Polynomial | int) -> Fact:
        return _fact(Polynomial.of(other) - self, False)

    def __eq__(self, other: object) -> Fact:  # type: ignore[override]
        assert isinstance(other, Polynomial | int)
        return _fact(self - other, True)


@dataclass(frozen=True, slots=True)
class Relation:
    """`p <= 0`, or `p == 0`, for the polynomial of these terms."""

    terms: tuple[tuple[Monomial, int], ...]
    equal: bool

    def __or__(self, other: Fact) -> Fact:
        return Fact((self,)) | other

    def holds(self, values: Sequence[int] | Mapping[int, int]) -> bool:
        """Return whether it holds when variable i has the i-th value."""
        total = 0
        for monomial, factor in self.terms:
            for variable in monomial:
                factor *= values[variable]
            total += factor
        return total == 0 if self.equal else total <= 0

    def bound(self, box: Sequence[Interval], variable: int = 0) -> Interval | None:
        """Return where a variable can lie if all lie in their intervals; None if nowhere."""
        low = high = 0  # of all terms without the variable
        times_low = times_high = 0  # of what the variable is multiplied by
        for monomial, factor in self.terms:
            if variable not in monomial:
                a, b = _product(monomial, factor, box)
                low, high = low + a, high + b
            elif monomial.count(variable) == 1:
                a, b = _product(tuple([v for v in monomial if v != variable]), factor, box)
                times_low, times_high = times_low + a, times_high + b
            else:
                return box[variable]
        return _solved(box[variable], (low, high), (times_low, times_high), self.equal)


@dataclass(frozen=True, slots=True)
class Fact:
    """At least one of some relations holds."""

    options: tuple[Relation, ...]

    def __or__(self, other: Fact | bool) -> Fact:
        if isinstance(other, bool):
            return ALWAYS if other else self
        return ALWAYS if ALWAYS in (self, other) else Fact(self.options + other.options)

    __ror__ = __or__

    @property
    def linear(self) -> bool:
        """Return whether no two variables are multiplied."""
        return all(len(monomial) <= 1 for option in self.options for monomial, _ in option.terms)

    @property
    def variables(self) -> frozenset[int]:
        """Return the variables that it speaks about."""
        return frozenset([v for option in self.options for monomial, _ in option.terms for v in monomial])

    def holds(self, values: Sequence[int] | Mapping[int, int]) -> bool:
        """Return whether it holds when variable i has the i-th value."""
        return any(option.holds(values) for option in self.options)

    def bound(self, box: Sequence[Interval], variable: int = 0) -> Interval | None:
        """Return where a variable can lie if all lie in their intervals; None if nowhere."""
        found: Interval | None = None
        for option in self.options:
            part = option.bound(box, variable)
            if part is not None:
                found = part if found is None else (min(found[0], part[0]), max(found[1], part[1]))
        return found


ALWAYS = Fact((Relation((), True),))


def _fact(polynomial: Polynomial, equal: bool) -> Fact:
    """Return the fact that a polynomial is at most 0, or 0."""
    return Fact((Relation(tuple(sorted(polynomial.terms.items())), equal),))


def _product(monomial: Monomial, factor: int, box: Sequence[Interval]) -> Interval:
    """Return where a factor times some variables lies."""
    if len(monomial) == 1:
        low, high = box[monomial[0]]
        return (factor * low, factor * high) if factor > 0 else (factor * high, factor * low)
    low = high = factor
    for variable in monomial:
        a, b = box[variable]
        corners = low * a, low * b, high * a, high * b
        low, high = min(corners), max(corners)
    return low, high


def _solved(known: Interval, rest: Interval, times: Interval, equal: bool) -> Interval | None:
    """Return where in `known` some v has times · v + rest <= 0, or == 0, for some values in these intervals."""
    low, high = known
    if times == (0, 0):
        return None if rest[0] > 0 or (equal and rest[1] < 0) else known
    if times[0] != times[1]:
        return known
    factor = times[0]
    # factor * v <= -rest[0], and if equal also factor * v >= -rest[1]
    if rest[0] > -FAR:
        if factor > 0:
            high = min(high, -rest[0] // factor)
        else:
            low = max(low, -(-rest[0] // -factor))
    if equal and rest[1] < FAR:
        if factor > 0:
            low = max(low, -(rest[1] // factor))
        else:
            high = min(high, rest[1] // -factor)
    return (low, high) if low <= high else None


def facts_of(operator: Operator) -> tuple[Fact, ...]:
    """Return the facts about the measures of an operator's result (variable 0) and arguments (variables 1, 2, …).

    Those that speak of what has no integer measure are left out.
    """
    places = set(range(len(operator.params) + 1))
    return tuple([fact for fact in weighed_facts_of(operator) if fact.variables <= places])


def weighed_facts_of(operator: Operator) -> tuple[Fact, ...]:
    """Return the facts about measures and weights; the weights of the result and n arguments are variables n + 1, ….

    Those that speak of what has no integer measure are left out.
    """
    kinds = (operator.returns, *operator.params)
    measures = [Polynomial({(i,): 1}) for i in range(len(kinds))]
    weights = [Polynomial({(i + len(kinds),): 1}) for i in range(len(kinds))]
    places = [
        Facts(length=a, weight=b) if kind in LENGTHS else Facts(value=a)
        for kind, a, b in zip(kinds, measures, weights, strict=True)
    ]
    found = [fact for fact in operator.abstraction(*places) if isinstance(fact, Fact) and fact is not ALWAYS]
    measured = {i for i, kind in enumerate(kinds) if kind in MEASURED}
    measured |= {i + len(kinds) for i, kind in enumerate(kinds) if kind in LENGTHS}
    return tuple([fact for fact in dict.fromkeys(found) if fact.variables <= measured])


def range_of(kind: Type) -> Interval:
    """Return where the measures of a type's values can lie."""
    return MEASURED.get(kind, (-UNBOUNDED, UNBOUNDED))


def hull(values: Sequence[Value], kind: Type) -> Interval:
    """Return the least interval around the measures of some values, everything for a type without a measure."""
    if kind not in MEASURED:
        return range_of(kind)
    found = [measure(value) for value in values]
    return _widened(min(found), max(found))


def result(facts: Sequence[Fact], kind: Type, arguments: Sequence[Interval]) -> Interval | None:
    """Return where a result of this type lies when the arguments lie in these intervals; None if it is undefined."""
    box = [range_of(kind), *arguments]
    for fact in facts:
        bound = fact.bound(box)
        if bound is None:
            return None
        box[0] = bound
    return _widened(*box[0])


def narrowed(facts: Sequence[Fact], box: Sequence[Interval]) -> list[Interval] | None:
    """Return where the facts' variables can lie if they lie in these intervals; None if nowhere."""
    found = list(box)
    for fact in facts:
        for variable in fact.variables:
            bound = fact.bound(found, variable)
            if bound is None:
                return None
            found[variable] = _widened(*bound)
    return found


def _widened(low: int, high: int) -> Interval:
    """Return an interval whose ends beyond ±FAR are at the end of all numbers."""
    return (low if low > -FAR else -UNBOUNDED, high if high < FAR else UNBOUNDED)
