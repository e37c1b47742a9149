"""The meaning of programs: what they compute from a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat

from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.task import Row, RowKey, row_key
from dsl.types import TEXT, Value, as_text


def evaluate(program: Program, row: Row) -> Value:
    """Return the program's value on a row; None where it is undefined.

    Raises IndexError when the program reads a column that the row lacks.
    """
    if isinstance(program, Input):
        cell = row[program.index]
        return as_text(cell) if program.type is TEXT else cell
    if isinstance(program, Constant):
        return program.value
    values = []
    for arg in program.args:
        value = evaluate(arg, row)
        if value is None and program.operator.strict:
            return None
        values.append(value)
    return program.operator.apply(*values)


def apply_all(program: Apply, vectors: Sequence[Sequence[Value]]) -> tuple[Value, ...]:
    """Return the operator's values row by row, given one vector of argument values per parameter."""
    return tuple(_applied(program.operator, vectors))


def cell(value: Value) -> str | None:
    """Return a value as a cell shows it: a text, with undefined and empty both None, a blank cell."""
    return as_text(value) or None


def cells(values: Iterable[Value]) -> tuple[str | None, ...]:
    """Return values as cells show them."""
    return tuple(map(cell, values))


def outputs(program: Program, rows: Iterable[Row]) -> tuple[str | None, ...]:
    """Return the cells that a program writes, one per row."""
    known: dict[RowKey, str | None] = {}
    found = []
    for row in rows:
        key = row_key(row)
        if key not in known:
            known[key] = cell(evaluate(program, row))
        found.append(known[key])
    return tuple(found)


class Runner:
    """Runs many programs on the same rows; a part that several of them share runs once."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self._known: dict[Program, Sequence[Value]] = {}

    def outputs(self, program: Program) -> tuple[str | None, ...]:
        """Return the cells that a program writes, one per row, as the function `outputs` does."""
        return cells(self._values(program))

    def _values(self, program: Program) -> Iterable[Value]:
        if isinstance(program, Constant):
            return repeat(program.value, len(self.rows))
        values = self._known.get(program)
        if values is None:
            if isinstance(program, Input):
                values = [evaluate(program, row) for row in self.rows]
            else:
                values = _applied(program.operator, [self._values(arg) for arg in program.args])
            self._known[program] = values
        return values


def _applied(operator: Operator, vectors: Sequence[Iterable[Value]]) -> list[Value]:
    function = operator.apply
    if operator.strict:
        return [None if None in args else function(*args) for args in zip(*vectors, strict=True)]
    return [function(*args) for args in zip(*vectors, strict=True)]
