"""SMT-LIB's core functions: logic, equality and choice, the last two once for each sort."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from dsl.operator import Abstraction, Domains, Facts, Operator, operator
from dsl.types import BOOLEAN, INTEGER, TEXT, Type, Value

SORTS = {"String": TEXT, "Int": INTEGER, "Bool": BOOLEAN}
"""SMT-LIB's sorts and the types they are read as."""

T = TypeVar("T")


def _truth(out: Facts) -> list[bool]:
    return [out.value >= 0, out.value <= 1]


def _not_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    if (not output) in domains[0]:
        yield (not output,)


@operator("not", (BOOLEAN,), BOOLEAN, witness=_not_witness, abstraction=lambda out, a: [
    *_truth(out), out.value + a.value == 1,
])  # fmt: skip
def negation(a: bool) -> bool:
    """Whether something does not hold."""
    return not a


@operator("and", (BOOLEAN, BOOLEAN), BOOLEAN, abstraction=lambda out, *parts: [
    *_truth(out),
    *[out.value <= part.value for part in parts],
    sum(part.value for part in parts) <= out.value + (len(parts) - 1),
])  # fmt: skip
def conjunction(a: bool, b: bool) -> bool:
    """Whether both hold."""
    return a and b


@operator("or", (BOOLEAN, BOOLEAN), BOOLEAN, abstraction=lambda out, *parts: [
    *_truth(out), *[part.value <= out.value for part in parts], out.value <= sum(part.value for part in parts),
])  # fmt: skip
def disjunction(a: bool, b: bool) -> bool:
    """Whether at least one holds."""
    return a or b


@operator("xor", (BOOLEAN, BOOLEAN), BOOLEAN, abstraction=lambda out, *parts: [
    *_truth(out), out.value <= sum(part.value for part in parts),
])  # fmt: skip
def exclusive(a: bool, b: bool) -> bool:
    """Whether just one holds."""
    return a is not b


@operator("=>", (BOOLEAN, BOOLEAN), BOOLEAN, abstraction=lambda out, a, b: [
    *_truth(out), b.value <= out.value, out.value + a.value >= 1, out.value + a.value <= b.value + 1,
])  # fmt: skip
def implication(a: bool, b: bool) -> bool:
    """Whether the second holds in case the first does."""
    return b if a else True


# ---------------------------------------------------------------- equality and choice


def _same(a: object, b: object) -> bool:
    """Whether both are the same."""
    return a == b


def _different(a: object, b: object) -> bool:
    """Whether they differ."""
    return a != b


def _chosen(condition: bool | None, then: T, other: T) -> T | None:
    """One value where a condition holds, another where it does not."""
    return then if condition else None if condition is None else other


def _same_text(out: Facts, a: Facts, b: Facts) -> list[bool]:
    return [*_truth(out), (out.value == 0) | (a.length == b.length), (out.value == 0) | (a.weight == b.weight)]


def _same_value(out: Facts, a: Facts, b: Facts) -> list[bool]:
    return [*_truth(out), (out.value == 0) | (a.value == b.value)]


def _other_text(out: Facts, a: Facts, b: Facts) -> list[bool]:
    return [*_truth(out), (out.value == 1) | (a.length == b.length), (out.value == 1) | (a.weight == b.weight)]


def _other_value(out: Facts, a: Facts, b: Facts) -> list[bool]:
    return [*_truth(out), (out.value == 1) | (a.value == b.value)]


def _chosen_text(out: Facts, condition: Facts, then: Facts, other: Facts) -> list[bool]:
    return [
        (condition.value == 0) | (out.length == then.length), (condition.value == 1) | (out.length == other.length),
        (condition.value == 0) | (out.weight == then.weight), (condition.value == 1) | (out.weight == other.weight),
    ]


def _chosen_value(out: Facts, condition: Facts, then: Facts, other: Facts) -> list[bool]:
    return [
        (condition.value == 0) | (out.value == then.value), (condition.value == 1) | (out.value == other.value),
    ]


def _relation(name: str, apply: object, text: Abstraction, value: Abstraction) -> dict[Type, Operator]:
    return {
        kind: operator(f"{name}:{sort}", (kind, kind), BOOLEAN, abstraction=text if kind is TEXT else value)(apply)  # type: ignore[arg-type]
        for sort, kind in SORTS.items()
    }


EQUAL = _relation("=", _same, _same_text, _same_value)
DISTINCT = _relation("distinct", _different, _other_text, _other_value)
CHOICE = {
    kind: operator(
        f"ite:{sort}", (BOOLEAN, kind, kind), kind, strict=False,
        abstraction=_chosen_text if kind is TEXT else _chosen_value,
    )(_chosen)
    for sort, kind in SORTS.items()
}  # fmt: skip

OPERATORS = (
    negation, conjunction, disjunction, exclusive, implication,
    *EQUAL.values(), *DISTINCT.values(), *CHOICE.values(),
)  # fmt: skip
