"""The guards of conditions, each with what writes it of a cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dsl.emit import Unsupported, guarded_column
from dsl.emit.excel.formula import SPOKEN, literal_text
from dsl.emit.excel.patterns import BLANK, PATTERNS, pattern_of
from dsl.emit.excel.writer import fixed_delimiter, fixed_integer, fixed_token
from dsl.program import Apply, Program
from dsl.strings.tokens import shape


def guard_formula(guard: Apply, references: Sequence[str]) -> str:
    """Return the formula of a guard: TRUE or FALSE; raises Unsupported where there is none."""
    name, cell = guard.operator.name, references[guarded_column(guard)]
    if name not in GUARDS:
        raise Unsupported(f"no Excel formula for {name!r} yet")
    return GUARDS[name](cell, *guard.args[1:])


def _contains(cell: str, literal: Program) -> str:
    return f"ISNUMBER(FIND({literal_text(fixed_delimiter(literal))},{cell}))"


def _at_end(function: str) -> Callable[[str, Program], str]:
    def row(cell: str, literal: Program) -> str:
        text = fixed_delimiter(literal)
        return f"EXACT({function}({cell},{len(text)}),{literal_text(text)})"

    return row


def _matching(start: str, literally: Callable[[str, Program], str]) -> Callable[[str, Program], str]:
    """Return what writes whether there is a match, or one at the start: one character of a run is enough."""

    def row(cell: str, token: Program) -> str:
        what = fixed_token(token)
        if isinstance(what, str):
            return literally(cell, token)
        pattern = r"\d" if what.name == "number" else pattern_of(what).removesuffix("+")
        return f'REGEXTEST({cell},"{start}{pattern}")'

    return row


_KINDS = {
    "W": r"(?:\p{Lu}\p{Ll}+)+",
    "U": r"\p{Lu}+",
    "l": r"\p{Ll}+",
    "o": r"[\p{Lo}\p{Lm}]+",
    "d": r"\d+",
    "s": r"[\s\p{Z}]+",
    "c": "[.,]+",
    "p": r"[^\p{L}\p{M}\d\s\p{Z}.,]+",
}
"""What a letter of a text's shape stands for, on safe cells, which hold no marks."""


def _looks_like(cell: str, sample: Program) -> str:
    letters = shape(fixed_delimiter(sample))
    if "m" in letters:
        raise Unsupported("no Excel formula compares the look of texts with combining marks")
    return f'REGEXTEST({cell},"^{"".join(_KINDS[letter] for letter in letters)}\\z")'


def _longer(cell: str, n: Program) -> str:
    if fixed_integer(n) < 0:
        raise Unsupported("a condition that asks for a length below 0 never holds")
    return f"LEN({cell})>{fixed_integer(n)}"


GUARDS: dict[str, Callable[..., str]] = {
    "is_blank": lambda cell: f'TRIM(CLEAN(SUBSTITUTE({cell},{SPOKEN[chr(160)]},"")))=""',
    "contains": _contains,
    "starts_with": _at_end("LEFT"),
    "ends_with": _at_end("RIGHT"),
    "equals": lambda cell, literal: f"EXACT({cell},{literal_text(fixed_delimiter(literal))})",
    "has": _matching("", _contains),
    "begins": _matching("^", _at_end("LEFT")),
    "is_number": lambda cell: f'REGEXTEST({cell},"^{BLANK}*[-+−]?{PATTERNS["number"]}{BLANK}*\\z")',
    "looks_like": _looks_like,
    "longer": _longer,
}
"""The guards, each with what writes it of a cell; on a blank cell all but the first are FALSE, and none is an error."""
