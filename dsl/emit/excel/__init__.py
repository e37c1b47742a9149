"""Writes a program as one Excel formula that gives, on every row, what the interpreter gives.

A formula is written only where agreement holds for every row of `safe_for_excel` cells; everything else raises
`Unsupported`. Rows on which the program is undefined or empty get "", and so do rows with a blank cell among the
inputs of the branch that is taken (to Excel, "" and a blank cell are the same).

Excel counts UTF-16 units where the interpreter counts characters, and it has its own opinion on a few letters:
ask `safe_for_excel` of every cell before offering a formula for it. No formula relies on a function being lifted
over an array, so none needs an array mark in the file. An Excel older than `needs` says gives #NAME?, which IFERROR
turns into "": ask before writing the formula into somebody's workbook.

No formula is written for dates that stand in texts (moment, nth_moment, round_moment, shift_moment, moment_text,
range_text: Excel reads them by the user's locale and holds none before 1900), nor for number_in, significant, plain,
ordinal and spelled.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dsl.emit import decision_list, known_filled
from dsl.emit.excel.blanks import ANY, when_blank
from dsl.emit.excel.formula import SINCE, checked, needs, readable, with_prefixes
from dsl.emit.excel.guards import GUARDS, guard_formula
from dsl.emit.excel.operators import PLACES, TABLE
from dsl.emit.excel.safe import safe_for_excel
from dsl.emit.excel.writer import Writer
from dsl.program import Program, columns

__all__ = ["GUARDS", "PLACES", "SINCE", "TABLE", "excel", "needs", "readable", "safe_for_excel"]


def excel(program: Program, references: Sequence[str]) -> str:
    """Return the formula, without the leading "=", as a workbook file stores it (with `_xlfn.` and `_xlpm.`).

    `references` holds the cell reference of each input column, such as ["A2", "C2"]. Raises Unsupported when Excel
    has no exact formula for the program, ValueError when a column has no reference.
    """
    read = columns(program)
    if read and read[-1] >= len(references):
        raise ValueError(f"the program reads column {read[-1] + 1}, but there are only {len(references)} references")
    cases, otherwise = decision_list(program)
    filled: frozenset[int] = frozenset()
    formula = ""
    for guard, branch in cases:
        case = _branch(branch, references, filled | known_filled(guard, True))
        formula += f"IF({guard_formula(guard, references)},{case},"
        filled |= known_filled(guard, False)
    formula += _branch(otherwise, references, filled) + ")" * len(cases)
    return checked(with_prefixes(formula))


def _branch(program: Program, references: Sequence[str], filled: Collection[int]) -> str:
    """Return the formula of a program without conditions; the columns in `filled` are known not to be blank."""
    writer = Writer(references, TABLE)
    formula = writer.root(program)
    read = [i for i in columns(program) if i not in filled]
    blank = [f'{references[i]}=""' for i in read if when_blank(program, i) == ANY]
    undefined = list(dict.fromkeys(blank + writer.undefined))
    if undefined:
        test = undefined[0] if len(undefined) == 1 else f"OR({','.join(undefined)})"
        formula = f'IF({test},"",{formula})'
    if writer.fails:
        formula = f'IFERROR({formula},"")'
    return formula
