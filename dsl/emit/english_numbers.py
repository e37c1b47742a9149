"""The number operators in English."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from dsl.program import Constant, Program

if TYPE_CHECKING:
    from dsl.emit.english import _Writer

_ORDINALS = ("zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _said(write: _Writer, program: Program) -> str:
    if isinstance(program, Constant) and isinstance(program.value, Decimal):
        return f"{program.value:f}"
    return write.phrase(program)


def _value(program: Program) -> str:
    return str(program.value) if isinstance(program, Constant) else str(program)


def _style(program: Program) -> str:
    return " (decimal comma)" if _value(program) == "comma" else ""


def _number(write: _Writer, text: Program, style: Program) -> str:
    return f"the number{_style(style)} {write.phrase(text)}"


def _number_in(write: _Writer, text: Program, style: Program, k: Program) -> str:
    n = int(_value(k))
    place = _ORDINALS[abs(n)] if abs(n) < len(_ORDINALS) else f"{abs(n)}th"
    which = "last" if n == -1 else f"{place} to last" if n < 0 else place
    return f"the {which} number{_style(style)} in {write.phrase(text)}"


def _plain(write: _Writer, text: Program, style: Program, shift: Program) -> str:
    n = int(_value(shift))
    places = f"{abs(n)} place{'s' if abs(n) != 1 else ''} to the {'right' if n > 0 else 'left'}"
    moved = f", its decimal point moved {places}," if n else ""
    return f"the plain digits{moved} of {_number(write, text, style)}"


def _range(
    write: _Writer, number: Program, step: Program, start: Program, width: Program, separator: Program, format: Program
) -> str:
    wide = f"{_said(write, width)} wide, one every {_said(write, step)} from {_said(write, start)}"
    how = f"written with {write.phrase(separator)} between and each end as {_code(format)}"
    return f"the range ({wide}) around {_said(write, number)}, {how}"


def _code(program: Program) -> str:
    value = program.value if isinstance(program, Constant) else None
    return f"“{getattr(value, 'code', program)}”"


TABLE: dict[str, Callable[..., str]] = {
    "number": _number,
    "number_in": _number_in,
    "absolute": lambda write, number: f"the size, without sign, of {_said(write, number)}",
    "number_range": _range,
    "plain": _plain,
    "ordinal": lambda write, number: f"the ordinal, such as 1st or 2nd, of {_said(write, number)}",
    "spelled": lambda write, number: f"the English words for {_said(write, number)}",
}
"""The operators said before their number."""

CHANGES: dict[str, Callable[..., str]] = {
    "add": lambda write, amount: f"plus {_said(write, amount)}",
    "multiply": lambda write, factor: f"times {_said(write, factor)}",
    "divide": lambda write, divisor: f"divided by {_said(write, divisor)}",
    "round_nearest": lambda write, step: f"rounded to the nearest multiple of {_said(write, step)}",
    "round_down": lambda write, step: f"rounded down to a multiple of {_said(write, step)}",
    "round_up": lambda write, step: f"rounded up to a multiple of {_said(write, step)}",
    "truncate": lambda write, step: f"cut towards zero to a multiple of {_said(write, step)}",
    "significant": lambda write, figures: f"rounded to {_value(figures)} significant digits",
    "number_text": lambda write, format: f"written as {_code(format)}",
}
"""The operators said after their number: what has been done to it."""
