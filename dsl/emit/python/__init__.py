"""Writes a program as a Python module: one function, only the helpers it needs, the standard library only.

The function takes the cells as texts (None for a blank cell) and returns what the interpreter returns, for all of
Unicode. Constants enter the source through `repr` alone, so nothing in them can run.
"""

from __future__ import annotations

import keyword
from collections.abc import Sequence

from dsl.emit import decision_list, guarded_column, known_filled
from dsl.emit.python.guards import GUARDS
from dsl.emit.python.operators import TABLE
from dsl.emit.python.places import PLACES
from dsl.emit.python.writer import NOTHING, Never, Writer
from dsl.program import Apply, Program
from dsl.program import columns as columns_of

__all__ = ["GUARDS", "PLACES", "TABLE", "python"]


def python(program: Program, name: str = "transform", columns: Sequence[str] | None = None) -> str:
    """Return the source of a module with a function of that name, one parameter per column.

    `columns` are the headers, for the parameters' names; without them the parameters are x1, x2, … up to the last
    column that the program reads. Raises Unsupported for a program that Python cannot say exactly, ValueError when
    the name is no identifier or a column has no header.
    """
    if not name.isidentifier() or keyword.iskeyword(name):
        raise ValueError(f"{name!r} cannot be the name of a Python function")
    read = columns_of(program)
    width = len(columns) if columns is not None else max(read, default=-1) + 1
    if read and read[-1] >= width:
        raise ValueError(f"the program reads column {read[-1] + 1}, but there are only {width} columns")
    writer = Writer(name, columns if columns is not None else [f"x{i + 1}" for i in range(width)], TABLE, GUARDS)
    return writer.module(_body(writer, program))


def _body(writer: Writer, program: Program) -> list[str]:
    """Return the statements of the function: checks that hold for all cases, the cases, all other rows."""
    cases, otherwise = decision_list(program)
    needed = [i for i in columns_of(program) if _undefined_without(i, cases, otherwise)]
    filled, lines = frozenset(needed), writer.unless_filled(needed)
    never = True
    for guard, branch in cases:
        try:
            test = writer.guard(guard, filled)
        except Never:
            continue
        block = writer.block(branch, filled | known_filled(guard, True))
        lines += [f"if {test}:", *("    " + line for line in block)]
        filled |= known_filled(guard, False)
        never = never and block == NOTHING
    block = writer.block(otherwise, filled)
    return NOTHING if never and block == NOTHING else lines + block


def _undefined_without(column: int, cases: Sequence[tuple[Apply, Program]], otherwise: Program) -> bool:
    """Return whether the program has no value wherever the column's cell is None."""
    for guard, branch in cases:
        on_it = guarded_column(guard) == column
        if on_it and guard.operator.name != "is_blank":
            continue
        if column not in columns_of(branch):
            return False
        if on_it:
            return True
    return column in columns_of(otherwise)
