"""What a file declares: names, sorts, parameters and variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from dsl.operator import Operator
from dsl.program import Constant, Input, Program
from dsl.sygus.booleans import SORTS
from dsl.sygus.sexpr import Atom, Expression, Fault, Form, is_symbol, shown
from dsl.sygus.terms import Dialect, Scope
from dsl.types import Type

Definitions = Mapping[str, Operator | Constant]
"""What `define-fun` defined: functions, and constants by their names."""


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable, or a parameter of the function."""

    name: str
    type: Type


def read_name(expression: Expression) -> str:
    """Return the name that a symbol is. Raises Fault for anything else."""
    if isinstance(expression, Atom) and is_symbol(expression):
        return expression.text
    raise Fault(expression.at, f"{shown(expression)} where a name was expected")


def read_sort(expression: Expression) -> Type:
    """Return the type of a sort. Raises Fault for sorts other than String, Int and Bool."""
    if is_symbol(expression, *SORTS):
        assert isinstance(expression, Atom)
        return SORTS[expression.text]
    raise Fault(expression.at, f"unknown sort {shown(expression)}; use String, Int or Bool")


def read_variables(expression: Expression) -> tuple[Variable, ...]:
    """Return what a list ((name sort) …) declares. Raises Fault for anything else."""
    if not isinstance(expression, Form):
        raise Fault(expression.at, f"a list ((name sort) …) was expected, not {shown(expression)}")
    found: dict[str, Variable] = {}
    for item in expression.items:
        if not isinstance(item, Form) or len(item.items) != 2:
            raise Fault(item.at, f"(name sort) was expected, not {shown(item)}")
        name = read_name(item.items[0])
        if name in found:
            raise Fault(item.at, f"{name} is declared twice")
        found[name] = Variable(name, read_sort(item.items[1]))
    return tuple(found.values())


def scope_of(
    dialect: Dialect, definitions: Definitions, variables: Iterable[Variable], function: Operator | None = None
) -> Scope:
    """Return what names mean among these variables, which are the inputs in their order."""
    names: dict[str, Program] = {name: known for name, known in definitions.items() if isinstance(known, Constant)}
    names |= {variable.name: Input(index, variable.type) for index, variable in enumerate(variables)}
    functions = {name: known for name, known in definitions.items() if isinstance(known, Operator)}
    if function is not None:
        functions[function.name] = function
    return Scope(dialect, names, functions)
