"""The number operators in Excel, for cells that hold plain numbers and with English marks.

Excel computes in binary and rounds what it shows to 15 digits. Formulas are written only where that comes out as the
exact decimals do, for the cells that `plain_cell` lets through: up to eight digits before the point and four behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dsl.emit import Unsupported
from dsl.program import Apply, Constant, Input, Program, subprograms
from dsl.strings.arithmetic import format_parts
from dsl.types import Cell, as_text

if TYPE_CHECKING:
    from dsl.emit.excel.writer import Writer

_PLAIN = {
    point: re.compile(
        rf"(?:-(?=.*[1-9]))?(?:[0-9]{{1,8}}|[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+)(?:{point}[0-9]{{1,4}})?"
        r"|[A-Za-z]+(?: [A-Za-z]+)*"
    )
    for point, mark in ((r"\.", ","), (",", r"\."))
}


def plain_cell(cell: Cell, program: Program, column: int | None) -> bool:
    """Return whether formulas read the numbers of a cell as the program does; any column's when `column` is None."""
    for node in subprograms(program):
        if isinstance(node, Apply) and node.operator.name == "number" and isinstance(node.args[0], Input):
            text = as_text(cell)
            if (column is None or node.args[0].index == column) and text and not isinstance(cell, bool):
                point = _fixed(node.args[1]).point
                if len(text) > 14 or not _PLAIN[re.escape(point)].fullmatch(text):
                    return False
            elif isinstance(cell, bool):
                return False
    return True


def _fixed(program: Program) -> Any:
    if isinstance(program, Constant):
        return program.value
    raise Unsupported("Excel formulas are written for fixed numbers and formats only")


def _constant(program: Program) -> Decimal:
    value = _fixed(program)
    if not isinstance(value, Decimal) or len(value.normalize().as_tuple().digits) > 6 or abs(value) >= 10**7:
        raise Unsupported("Excel computes with this constant less exactly than the program does")
    return value


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


def _number(write: Writer, program: Program) -> str:
    row = NUMBERS.get(program.operator.name) if isinstance(program, Apply) else None
    if row is None or not isinstance(program, Apply):
        raise Unsupported("no Excel formula computes this number as the program does")
    return row(write, *program.args)


def _clean(write: Writer, program: Program) -> str:
    """Return the number's formula without the noise that binary arithmetic leaves behind."""
    formula = _number(write, program)
    computed = isinstance(program, Apply) and program.operator.name in ("add", "multiply", "divide")
    return f"ROUND({formula},9)" if computed else formula


def _read(write: Writer, text: Program, style: Program) -> str:
    if not isinstance(text, Input):
        raise Unsupported("Excel formulas read numbers from whole cells only")
    marks = '".",","' if _fixed(style).point == "." else '",","."'
    return write.failing(f"NUMBERVALUE({write.text(text)},{marks})")


def _computed(sign: str) -> Callable[[Writer, Program, Program], str]:
    def row(write: Writer, number: Program, other: Program) -> str:
        value = _constant(other)
        if sign == "/" and not value:
            raise Unsupported("a program that divides by zero never gives a value")
        nested = isinstance(number, Apply) and number.operator.name == "add" and sign != "+"
        first = f"({_number(write, number)})" if nested else _number(write, number)
        if sign == "+":
            return f"{first}{value:+f}"
        return f"{first}{sign}{value:f}" if value >= 0 else f"{first}{sign}({value:f})"

    return row


def _multiple(step: Decimal, counted: Callable[[str], str], number: str) -> str:
    """Return the formula of a number counted in steps, which come in whole numbers or whole parts of one."""
    if step <= 0:
        raise Unsupported("a program that rounds to multiples of zero never gives a value")
    number = f"({number})" if re.search(r"[-+]", re.sub(r"\(.*\)", "", number)) else number
    if step == 1:
        return counted(number)
    if step % 1 == 0:
        return f"{counted(f'{number}/{step:f}')}*{step:f}"
    parts = 1 / step
    if parts % 1 or parts > 100:
        raise Unsupported(f"no Excel formula rounds to multiples of {step:f} exactly")
    return f"{counted(f'ROUND({number}*{parts:f},5)')}/{parts:f}"


_COUNTED: dict[str, Callable[[str], str]] = {
    "round_nearest": lambda quotient: f"ROUND({quotient},0)",
    "round_down": lambda quotient: f"INT({quotient})",
    "round_up": lambda quotient: f"-INT(-{quotient})",
    "truncate": lambda quotient: f"TRUNC({quotient})",
}


def _rounded(name: str) -> Callable[[Writer, Program, Program], str]:
    def row(write: Writer, number: Program, step: Program) -> str:
        value, inner = _constant(step), _clean(write, number)
        if name == "round_nearest" and value > 0 and value.normalize().as_tuple().digits == (1,):
            return f"ROUND({inner},{_places(value)})"
        return _multiple(value, _COUNTED[name], inner)

    return row


def _absolute(write: Writer, number: Program) -> str:
    return f"ABS({_number(write, number)})"


def _formatted(formula: str, code: str, most: int | None) -> str:
    """Return the formula of a number's text; `most` bounds the decimals that the number can have, if anything does."""
    parts = format_parts(code)
    assert parts is not None
    least, more = len(parts["least"] or ""), len(parts["more"] or "")
    odd = [part for part in ("plus", "prefix", "blanks", "padded", "short", "parentheses") if parts[part]]
    grouped, zeros = parts["group"] == ",", parts["zeros"] or ""
    if (
        odd
        or parts["suffix"] not in ("", "%")
        or parts["point"] == ","
        or parts["indian"]
        or (parts["group"] and not grouped)
    ):
        raise Unsupported(f"no Excel formula writes numbers as {code!r} exactly")
    if parts["suffix"]:
        number = f"({formula})*100" if re.search(r"[-+]", re.sub(r"\(.*\)", "", formula)) else f"{formula}*100"
        return f'{_formatted(number, code.removesuffix("%"), most)}&"%"'
    if least == more == 0 and len(zeros) > 1 and not parts["all"]:
        return f'TEXT(ROUND({formula},0),"{zeros}")'
    if len(zeros) > 1 or (least and (more or parts["all"])) or (grouped and (more or parts["all"])):
        raise Unsupported(f"no Excel formula writes numbers as {code!r} exactly")
    if parts["all"]:
        if most is None:
            raise Unsupported("Excel shows fewer decimals of such a number than the program writes")
        return f'ROUND({formula},9)&""' if most > 4 else f'{formula}&""'
    if more > 4:
        raise Unsupported("Excel writes very small numbers with an exponent")
    if least or grouped:
        return f"FIXED(ROUND({formula},{least}),{least}{'' if grouped else ',TRUE'})"
    return f'ROUND({formula},{more})&""'


def _decimals(program: Program) -> int | None:
    """Return how many decimals, at most, a number has that stays above a ten-thousandth; None if that is open."""
    if not isinstance(program, Apply):
        return None
    name, args = program.operator.name, program.args
    if name == "number":
        return 4
    if name in ("round_nearest", "round_down", "round_up", "truncate"):
        return 4 if _places(_constant(args[1])) <= 4 else None
    inner = _decimals(args[0])
    if inner is None or name == "divide":
        return None
    if name == "multiply":
        return 5 if abs(_constant(args[1])) >= 1 and inner + _places(_constant(args[1])) <= 9 else None
    if name == "add":
        return 5 if inner == 4 and _places(_constant(args[1])) <= 4 else None
    return inner


def _text(write: Writer, number: Program, format: Program) -> str:
    return _formatted(_number(write, number), _fixed(format).code, _decimals(number))


def _range(
    write: Writer, number: Program, step: Program, start: Program, width: Program, separator: Program, format: Program
) -> str:
    first, wide = _constant(start), _constant(width)
    offset = f"{_clean(write, number)}{-first:+f}" if first else _clean(write, number)
    below = _multiple(_constant(step), _COUNTED["round_down"], offset)
    if any(_places(value) > 4 for value in (first, wide, _constant(step))):
        raise Unsupported("Excel computes with these constants less exactly than the program does")
    low = f"({below}{first:+f})" if first else f"({below})"
    high = f"({below}{first + wide:+f})"
    code = _fixed(format).code
    return "&".join([_formatted(low, code, 5), write.text(separator), _formatted(high, code, 5)])


def _refused(why: str) -> Callable[..., str]:
    def row(write: Writer, *args: Program) -> str:
        raise Unsupported(why)

    return row


NUMBERS: dict[str, Callable[..., str]] = {
    "number": _read,
    "number_in": _refused("no Excel formula finds a number inside a text as the program does yet"),
    "add": _computed("+"),
    "multiply": _computed("*"),
    "divide": _computed("/"),
    "absolute": _absolute,
    **{name: _rounded(name) for name in _COUNTED},
    "significant": _refused("no Excel formula rounds to significant digits yet"),
}
"""The operators that give a number."""

TABLE: dict[str, Callable[..., str]] = {
    "number_text": _text,
    "number_range": _range,
    "plain": _refused("no Excel formula keeps the decimals of a number as they were typed"),
    "number_in": _refused("no Excel formula finds a number inside a longer text yet"),
    "significant": _refused("no Excel formula rounds to significant digits yet"),
    "ordinal": _refused("no Excel formula writes ordinals such as 1st yet"),
    "spelled": _refused("no Excel formula writes numbers in words"),
}
"""The operators that give a text."""
