"""The guards of conditions, each with what writes it of a parameter that is not None."""

from __future__ import annotations

from collections.abc import Callable

from dsl.emit.python.writer import BY_REGEX, Never, Writer, fixed_literal, fixed_token, fixed_value, quoted
from dsl.program import Program
from dsl.strings.text import BLANKS


def _comparing(comparison: str) -> Callable[[Writer, str, Program], str]:
    return lambda write, cell, literal: comparison.format(cell=cell, literal=quoted(fixed_literal(literal)))


_contains, _starts_with = _comparing("{literal} in {cell}"), _comparing("{cell}.startswith({literal})")


def _matching(function: str, literally: Callable[[Writer, str, Program], str]) -> Callable[..., str]:
    """Return what writes whether there is a match, or one at the start: one character of a run is enough."""

    def row(write: Writer, cell: str, token: Program) -> str:
        what = fixed_token(token)
        if isinstance(what, str):
            return literally(write, cell, token)
        name = "digits" if what.name == "number" else what.name
        if name in BY_REGEX:
            return f're.{function}(r"{BY_REGEX[name].removesuffix("+")}", {cell})'
        return f"re.{function}({quoted(what.pattern.removesuffix('+'))}, {write.helper('_kinds')}({cell}))"

    return row


def _looks_like(write: Writer, cell: str, sample: Program) -> str:
    shape = write.helper("_shape")
    return f"{shape}({cell}) == {shape}({quoted(fixed_literal(sample))})"


def _longer(write: Writer, cell: str, n: Program) -> str:
    length: int = fixed_value(n, int)
    if length < 0:
        raise Never
    return f"len({cell}) > {length}"


GUARDS: dict[str, Callable[..., str]] = {
    "is_blank": lambda write, cell: f"not {cell}.strip({quoted(BLANKS)})",
    "contains": _contains,
    "starts_with": _starts_with,
    "ends_with": _comparing("{cell}.endswith({literal})"),
    "equals": _comparing("{cell} == {literal}"),
    "has": _matching("search", _contains),
    "begins": _matching("match", _starts_with),
    "is_number": lambda write, cell: f're.fullmatch(r"[-+−]?\\d+(?:[.,]\\d+)*", {cell}.strip({quoted(BLANKS)}))',
    "looks_like": _looks_like,
    "longer": _longer,
}
"""The guards, each with what writes it of a parameter that is not None."""
