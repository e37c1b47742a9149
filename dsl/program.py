"""Programs: trees of operators over inputs and constants. `str(program)` is parsed back by `dsl.parser`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from dsl.operator import Operator
from dsl.types import TABLE, TEXT, Type, Value


@dataclass(frozen=True, slots=True)
class Input:
    """The cell of the row's column `index`, counted from 0; printed as x1, x2, …"""

    index: int
    type: Type = TEXT

    def __str__(self) -> str:
        return f"x{self.index + 1}"


@dataclass(frozen=True, slots=True)
class Constant:
    """A fixed value."""

    value: Value
    type: Type

    def __str__(self) -> str:
        if isinstance(self.value, str) and self.type is not TABLE:
            return json.dumps(self.value, ensure_ascii=False)
        return format(self.value, "f") if isinstance(self.value, Decimal) else str(self.value)


@dataclass(frozen=True, slots=True)
class Apply:
    """An operator applied to one argument per parameter."""

    operator: Operator
    args: tuple[Program, ...]

    @property
    def type(self) -> Type:
        return self.operator.returns

    def __str__(self) -> str:
        return f"{self.operator.name}({', '.join(map(str, self.args))})"


Program: TypeAlias = Input | Constant | Apply


def subprograms(program: Program) -> Iterator[Program]:
    """Yield the program and all programs inside it, outermost first."""
    yield program
    if isinstance(program, Apply):
        for arg in program.args:
            yield from subprograms(arg)


def size(program: Program) -> int:
    """Return the number of nodes."""
    return sum(1 for _ in subprograms(program))


def columns(program: Program) -> tuple[int, ...]:
    """Return the input columns that the program reads, ascending, counted from 0."""
    return tuple(sorted({node.index for node in subprograms(program) if isinstance(node, Input)}))


def renumbered(program: Program, inputs: tuple[int, ...]) -> Program:
    """Return the program with column `inputs[k]` read as column k."""
    if isinstance(program, Input):
        return Input(inputs.index(program.index), program.type)
    if isinstance(program, Apply):
        return Apply(program.operator, tuple(renumbered(arg, inputs) for arg in program.args))
    return program
