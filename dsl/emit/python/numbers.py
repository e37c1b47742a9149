"""The number operators in Python: calls of the functions that the interpreter runs, whose source goes along."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dsl.emit import Unsupported
from dsl.program import Constant, Program
from dsl.strings import arithmetic

if TYPE_CHECKING:
    from dsl.emit.python.writer import Writer

HELPERS: dict[str, tuple[str, ...]] = {
    "read_number": (),
    "find_numbers": (),
    "plain_number": (),
    "round_number": (),
    "round_figures": (),
    "format_parts": (),
    "write_number": ("format_parts",),
    "write_ordinal": (),
    "spell_number": (),
}
"""The functions, each with those that it calls."""


def source(name: str) -> str:
    """Return the source of a helper."""
    return inspect.getsource(getattr(arithmetic, name))


def _constant(program: Program, kind: type) -> Any:
    if isinstance(program, Constant) and isinstance(program.value, kind):
        return program.value
    raise Unsupported("Python is written for fixed formats, marks and counts only")


def _number(write: Writer, program: Program) -> str:
    if isinstance(program, Constant):
        return f'decimal.Decimal("{_constant(program, Decimal):f}")'
    return write.text(program)


def _checked(write: Writer, hint: str, expression: str) -> str:
    name = write.assign(hint, expression)
    write.undefined_if(f"{name} is None")
    return name


def _style(program: Program) -> str:
    return repr(_constant(program, object).point).replace("'", '"')


def _read(write: Writer, text: Program, style: Program) -> str:
    return _checked(write, "number", f"{write.helper('read_number')}({write.text(text)}, {_style(style)})")


def _read_inside(write: Writer, text: Program, style: Program, k: Program) -> str:
    count: int = _constant(k, int)
    found = write.assign("numbers", f"{write.helper('find_numbers')}({write.text(text)}, {_style(style)})")
    write.undefined_if(f"len({found}) < {abs(count)}" if count else "True")
    return f"{found}[{count - 1 if count > 0 else count}]"


def _computed(method: str, digits: int) -> Callable[[Writer, Program, Program], str]:
    def row(write: Writer, number: Program, other: Program) -> str:
        first, second = _number(write, number), _number(write, other)
        if method == "divide":
            second = write.assign("divisor", second)
            write.undefined_if(f"not {second}")
        return f"decimal.Context(prec={digits}).{method}({first}, {second})"

    return row


def _rounded(how: str) -> Callable[[Writer, Program, Program], str]:
    def row(write: Writer, number: Program, step: Program) -> str:
        call = f'{write.helper("round_number")}({_number(write, number)}, {_number(write, step)}, "{how}")'
        return _checked(write, "rounded", call)

    return row


def _significant(write: Writer, number: Program, figures: Program) -> str:
    call = f"{write.helper('round_figures')}({_number(write, number)}, {_constant(figures, int)})"
    return _checked(write, "rounded", call)


def _code(program: Program) -> str:
    return repr(str(_constant(program, object).code))


def _text(write: Writer, number: Program, format: Program) -> str:
    return _checked(write, "text", f"{write.helper('write_number')}({_number(write, number)}, {_code(format)})")


def _range(
    write: Writer, number: Program, step: Program, start: Program, width: Program, separator: Program, format: Program
) -> str:
    exact, begin = "decimal.Context(prec=60)", write.assign("start", _number(write, start))
    offset = f"{exact}.subtract({_number(write, number)}, {begin})"
    below = _checked(write, "below", f'{write.helper("round_number")}({offset}, {_number(write, step)}, "down")')
    low = write.assign("low", f"{exact}.add({below}, {begin})")
    high = f"{exact}.add({low}, {_number(write, width)})"
    helper = write.helper("write_number")
    first = _checked(write, "first", f"{helper}({low}, {_code(format)})")
    last = _checked(write, "last", f"{helper}({high}, {_code(format)})")
    return f"({first} + {write.text(separator)} + {last})"


def _plain(write: Writer, text: Program, style: Program, shift: Program) -> str:
    number = _read(write, text, style)
    return _checked(write, "text", f"{write.helper('plain_number')}({number}, {_constant(shift, int)})")


def _called(name: str) -> Callable[[Writer, Program], str]:
    def row(write: Writer, number: Program) -> str:
        return _checked(write, "text", f"{write.helper(name)}({_number(write, number)})")

    return row


ROWS: dict[str, Callable[..., str]] = {
    "number": _read,
    "number_in": _read_inside,
    "add": _computed("add", 60),
    "multiply": _computed("multiply", 60),
    "divide": _computed("divide", 28),
    "absolute": lambda write, number: f"{_number(write, number)}.copy_abs()",
    "round_nearest": _rounded("nearest"),
    "round_down": _rounded("down"),
    "round_up": _rounded("up"),
    "truncate": _rounded("inward"),
    "significant": _significant,
    "number_text": _text,
    "number_range": _range,
    "plain": _plain,
    "ordinal": _called("write_ordinal"),
    "spelled": _called("spell_number"),
}
