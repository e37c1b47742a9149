"""The number operators: reading numbers out of text, computing, rounding, and writing them in a format.

Numbers are exact decimals. Rounding takes halves away from zero, as spreadsheets and people do. Which mark is the
decimal point is a constant of the program, the same for a whole column. None of these operators has a witness: what
numbers a cell can give is a short list, so search tabulates what can be written of them.
"""

from __future__ import annotations

import decimal
import json
from dataclasses import dataclass
from decimal import Decimal

from dsl.operator import Abstraction, Facts, Operator, operator
from dsl.strings.arithmetic import (
    find_numbers,
    format_parts,
    plain_number,
    read_number,
    round_figures,
    round_number,
    spell_number,
    write_number,
    write_ordinal,
)
from dsl.types import INTEGER, TEXT, Type

NUMBER = Type("number")
"""An exact decimal number."""
NUMBER_STYLE = Type("number style")
"""Which mark is the decimal point in a column."""
NUMBER_FORMAT = Type("number format")
"""How a number is written, as a format code."""


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """A way to read numbers: `point` is the decimal mark; the other of "." and "," marks thousands."""

    name: str
    point: str

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return self.name


POINT = NumberStyle("point", ".")
COMMA = NumberStyle("comma", ",")
STYLES: dict[str, NumberStyle] = {style.name: style for style in (POINT, COMMA)}

_CONTEXT = decimal.Context(prec=60)
_QUOTIENT = decimal.Context(prec=28)


def _nothing(*_: Facts) -> list[bool]:
    return []


def _written(out: Facts, *_: Facts) -> list[bool]:
    return [out.length >= 1]


# ---------------------------------------------------------------- reading


@operator("number", (TEXT, NUMBER_STYLE), NUMBER, abstraction=lambda out, text, style: [text.length >= 1])
def number(text: str, style: NumberStyle) -> Decimal | None:
    """The number that the text consists of."""
    return read_number(text, style.point)


@operator(
    "number_in", (TEXT, NUMBER_STYLE, INTEGER), NUMBER, abstraction=lambda out, text, style, k: [text.length >= 1]
)
def number_in(text: str, style: NumberStyle, k: int) -> Decimal | None:
    """The k-th number that stands in the text."""
    found = find_numbers(text, style.point)
    return found[k - 1 if k > 0 else k] if k and -len(found) <= k <= len(found) else None


# ---------------------------------------------------------------- computing


@operator(
    "add", (NUMBER, NUMBER), NUMBER, abstraction=lambda out, number, amount: [out.value == number.value + amount.value]
)
def add(number: Decimal, amount: Decimal) -> Decimal:
    """The sum of a number and an amount."""
    return _CONTEXT.add(number, amount)


@operator(
    "multiply", (NUMBER, NUMBER), NUMBER,
    abstraction=lambda out, number, factor: [out.value == number.value * factor.value],
)  # fmt: skip
def multiply(number: Decimal, factor: Decimal) -> Decimal:
    """A number times a factor."""
    return _CONTEXT.multiply(number, factor)


@operator("divide", (NUMBER, NUMBER), NUMBER, abstraction=_nothing)
def divide(number: Decimal, divisor: Decimal) -> Decimal | None:
    """A number divided by another, to 28 digits."""
    return _QUOTIENT.divide(number, divisor) if divisor else None


@operator("absolute", (NUMBER,), NUMBER, abstraction=lambda out, number: [out.value >= 0, out.value >= number.value])
def absolute(number: Decimal) -> Decimal:
    """The number without its sign."""
    return number.copy_abs()


def _rounding(name: str, how: str, doc: str, abstraction: Abstraction) -> Operator:
    def apply(number: Decimal, step: Decimal) -> Decimal | None:
        return round_number(number, step, how)

    apply.__doc__ = doc
    return operator(name, (NUMBER, NUMBER), NUMBER, abstraction=abstraction)(apply)


def _near(out: Facts, number: Facts, step: Facts) -> list[bool]:
    return [2 * out.value <= 2 * number.value + step.value, 2 * number.value <= 2 * out.value + step.value]


def _below(out: Facts, number: Facts, step: Facts) -> list[bool]:
    return [out.value <= number.value, number.value <= out.value + step.value]


def _above(out: Facts, number: Facts, step: Facts) -> list[bool]:
    return [number.value <= out.value, out.value <= number.value + step.value]


round_nearest = _rounding("round_nearest", "nearest", "The nearest multiple of a step, halves away from zero.", _near)
round_down = _rounding("round_down", "down", "The greatest multiple of a step that is not above the number.", _below)
round_up = _rounding("round_up", "up", "The least multiple of a step that is not below the number.", _above)
truncate = _rounding("truncate", "inward", "The next multiple of a step towards zero.", _nothing)

ROUNDINGS: dict[str, Operator] = {o.name: o for o in (round_nearest, round_down, round_up, truncate)}


@operator("significant", (NUMBER, INTEGER), NUMBER, abstraction=_nothing)
def significant(number: Decimal, figures: int) -> Decimal | None:
    """The number rounded to some significant digits, halves away from zero."""
    return round_figures(number, figures)


# ---------------------------------------------------------------- writing


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A number format, known by its code (`dsl.strings.arithmetic.format_parts` says what stands in one)."""

    code: str

    def __post_init__(self) -> None:
        if format_parts(self.code) is None:
            raise ValueError(f"{self.code!r} is no number format")

    def __str__(self) -> str:
        return json.dumps(self.code, ensure_ascii=False)


@operator("number_text", (NUMBER, NUMBER_FORMAT), TEXT, abstraction=_written)
def number_text(number: Decimal, format: NumberFormat) -> str | None:
    """The number written in a format."""
    return write_number(number, format.code)


@operator("number_range", (NUMBER, NUMBER, NUMBER, NUMBER, TEXT, NUMBER_FORMAT), TEXT, abstraction=_written)
def number_range(
    number: Decimal, step: Decimal, start: Decimal, width: Decimal, separator: str, format: NumberFormat
) -> str | None:
    """The range that the number falls in, among ranges that begin every step from a start and are that wide."""
    below = round_number(_CONTEXT.subtract(number, start), step, "down")
    if below is None:
        return None
    first = _CONTEXT.add(below, start)
    low, high = write_number(first, format.code), write_number(_CONTEXT.add(first, width), format.code)
    return None if low is None or high is None else low + separator + high


@operator("plain", (TEXT, NUMBER_STYLE, INTEGER), TEXT, abstraction=_written)
def plain(text: str, style: NumberStyle, shift: int) -> str | None:
    """The number that the text consists of in plain digits, all its decimals kept, the point some places further."""
    found = read_number(text, style.point)
    return None if found is None else plain_number(found, shift)


@operator("ordinal", (NUMBER,), TEXT, abstraction=lambda out, number: [out.length >= 3])
def ordinal(number: Decimal) -> str | None:
    """The whole number with its ending: 1st, 2nd, 3rd."""
    return write_ordinal(number)


@operator("spelled", (NUMBER,), TEXT, abstraction=lambda out, number: [out.length >= 3])
def spelled(number: Decimal) -> str | None:
    """The whole number up to a hundred in English words."""
    return spell_number(number)


NUMBER_OPERATORS = (
    number, number_in, add, multiply, divide, absolute, round_nearest, round_down, round_up, truncate,
    significant,
    number_text, number_range, plain, ordinal, spelled,
)  # fmt: skip
