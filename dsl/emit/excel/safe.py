"""Which cells formulas read as the interpreter does."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from dsl.emit.excel import numbers
from dsl.program import Apply, Constant, Program, subprograms
from dsl.strings.tokens import TokenClass
from dsl.types import Cell


def safe_for_excel(cell: Cell, program: Program | None = None, column: int | None = None) -> bool:
    """Return whether formulas agree with the interpreter on this cell; with a program, whether its formula does.

    With `column` the cell stands in that column of the program's inputs; where it reads numbers, they must be plain.

    Texts: no character beyond the basic plane (Excel counts two), none whose casing is not one to one or whose
    Unicode category and casing disagree (ß, İ, Σ, ª, Ⅳ, ǅ), no combining mark, no digit beyond 0 to 9, no invisible
    or control character but tab and line ends. Numbers: those that Excel writes out as the interpreter does.
    Dates and times are numbers to Excel, so never. A program that neither changes nor looks at casing or classes of
    characters takes any letter of the basic plane.
    """
    if program is not None and not numbers.plain_cell(cell, program, column):
        return False
    if cell is None or isinstance(cell, bool):
        return True
    if isinstance(cell, str):
        letters = program is not None and not any(map(_looks_at_characters, subprograms(program)))
        return len(cell) <= 32767 and all(
            _safe_character(char) or (letters and char <= "\uffff" and unicodedata.category(char)[0] == "L")
            for char in cell
        )
    if isinstance(cell, int | float):
        return cell == 0 or 1e-4 <= abs(cell) < 1e15
    return False


_BY_CHARACTER = {"upper", "lower", "proper", "sentence", "initials", "trim", "collapse", "lookup", "looks_like"}


def _looks_at_characters(program: Program) -> bool:
    if isinstance(program, Apply):
        return program.operator.name in _BY_CHARACTER
    return isinstance(program, Constant) and isinstance(program.value, TokenClass)


@lru_cache(maxsize=1 << 16)
def _safe_character(char: str) -> bool:
    category = unicodedata.category(char)
    if char < "\x80":
        return category != "Cc" or char in "\t\n\r"
    upper, lower = char.upper(), char.lower()
    return (
        char <= "\uffff"
        and category not in ("Cc", "Cf", "Cs", "Cn", "Co", "Nd", "Mn", "Mc", "Me")
        and len(upper) == len(lower) == 1
        and char.title() == upper
        and char in (upper.lower(), lower.upper())
        and char.isupper() == (category == "Lu")
        and char.islower() == (category == "Ll")
        and (char.isupper() or char.islower() or upper == char == lower)
        and char.isspace() == (category in ("Zs", "Zl", "Zp"))
        and char not in "Σσ"  # small sigma has two forms, and engines choose differently
        and min(upper, lower, char.casefold()) >= "\x80"
    )
