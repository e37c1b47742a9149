"""SMT-LIB's functions on integers (theory Ints): meaning, inverse, facts.

Division by zero may be anything in SMT-LIB; here it is undefined (None), so nothing is concluded from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from dsl.operator import Domains, Facts, operator
from dsl.sygus.texts import MOST_DIGITS
from dsl.types import BOOLEAN, INTEGER, Value


def _truth(out: Facts) -> list[bool]:
    return [out.value >= 0, out.value <= 1]


def _add_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    return ((first, output - first) for first in domains[0] if output - first in domains[1])


@operator("+", (INTEGER, INTEGER), INTEGER, witness=_add_witness, abstraction=lambda out, *terms: [
    out.value == sum(term.value for term in terms),
])  # fmt: skip
def add(first: int, second: int) -> int:
    """The sum."""
    return first + second


def _subtract_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    return ((first, first - output) for first in domains[0] if first - output in domains[1])


@operator("-", (INTEGER, INTEGER), INTEGER, witness=_subtract_witness, abstraction=lambda out, first, *rest: [
    out.value + sum(term.value for term in rest) == first.value,
])  # fmt: skip
def subtract(first: int, second: int) -> int:
    """The difference."""
    return first - second


def _negate_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    if -output in domains[0]:
        yield (-output,)


@operator("-/1", (INTEGER,), INTEGER, witness=_negate_witness, abstraction=lambda out, term: [
    out.value + term.value == 0,
])  # fmt: skip
def negate(term: int) -> int:
    """The number with the opposite sign."""
    return -term


def _multiply_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    for first in domains[0]:
        if first == 0:
            yield from ((0, second) for second in domains[1] if output == 0)
        elif output % first == 0 and output // first in domains[1]:
            yield first, output // first


@operator("*", (INTEGER, INTEGER), INTEGER, witness=_multiply_witness, abstraction=lambda out, *factors: [
    out.value == prod(factor.value for factor in factors),
])  # fmt: skip
def multiply(first: int, second: int) -> int | None:
    """The product."""
    product = first * second
    return product if product.bit_length() <= 3 * MOST_DIGITS else None


@operator("div", (INTEGER, INTEGER), INTEGER, abstraction=lambda out, dividend, *divisors: [
    (out.value <= dividend.value) | (out.value + dividend.value <= 0),
    (dividend.value <= out.value) | (out.value + dividend.value >= 0),
    *[divisor.value * out.value <= dividend.value for divisor in divisors[:1] if len(divisors) == 1],
])  # fmt: skip
def divide(dividend: int, divisor: int) -> int | None:
    """The quotient whose remainder is not negative; undefined for the divisor 0."""
    if divisor > 0:
        return dividend // divisor
    return -(dividend // -divisor) if divisor else None


@operator("mod", (INTEGER, INTEGER), INTEGER, abstraction=lambda out, dividend, divisor: [
    out.value >= 0, (out.value + 1 <= divisor.value) | (out.value + divisor.value + 1 <= 0),
])  # fmt: skip
def modulo(dividend: int, divisor: int) -> int | None:
    """The remainder, from 0 up to but without the size of the divisor; undefined for the divisor 0."""
    return dividend % abs(divisor) if divisor else None


def _abs_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    return ((term,) for term in dict.fromkeys((output, -output)) if output >= 0 and term in domains[0])


@operator("abs", (INTEGER,), INTEGER, witness=_abs_witness, abstraction=lambda out, term: [
    out.value >= 0, (out.value == term.value) | (out.value + term.value == 0),
])  # fmt: skip
def absolute(term: int) -> int:
    """The size of a number, without its sign."""
    return abs(term)


@operator("<", (INTEGER, INTEGER), BOOLEAN, abstraction=lambda out, first, second: [
    *_truth(out),
    (out.value == 0) | (first.value + 1 <= second.value), (out.value == 1) | (second.value <= first.value),
])  # fmt: skip
def less(first: int, second: int) -> bool:
    """Whether the first number is smaller."""
    return first < second


@operator("<=", (INTEGER, INTEGER), BOOLEAN, abstraction=lambda out, first, second: [
    *_truth(out),
    (out.value == 0) | (first.value <= second.value), (out.value == 1) | (second.value + 1 <= first.value),
])  # fmt: skip
def at_most(first: int, second: int) -> bool:
    """Whether the first number is smaller or the same."""
    return first <= second


@operator(">", (INTEGER, INTEGER), BOOLEAN, abstraction=lambda out, first, second: [
    *_truth(out),
    (out.value == 0) | (second.value + 1 <= first.value), (out.value == 1) | (first.value <= second.value),
])  # fmt: skip
def greater(first: int, second: int) -> bool:
    """Whether the first number is larger."""
    return first > second


@operator(">=", (INTEGER, INTEGER), BOOLEAN, abstraction=lambda out, first, second: [
    *_truth(out),
    (out.value == 0) | (second.value <= first.value), (out.value == 1) | (first.value + 1 <= second.value),
])  # fmt: skip
def at_least(first: int, second: int) -> bool:
    """Whether the first number is larger or the same."""
    return first >= second


OPERATORS = (add, subtract, negate, multiply, divide, modulo, absolute, less, at_most, greater, at_least)
