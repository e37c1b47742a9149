"""Programs read in the language of a task, as people and language models write them."""

from __future__ import annotations

from dataclasses import replace

from dsl.grammar import Numerals
from dsl.operator import Operator
from dsl.program import Constant, Program
from dsl.sygus.declarations import read_variables, scope_of
from dsl.sygus.functions import paired
from dsl.sygus.integers import negate
from dsl.sygus.sexpr import Expression, Fault, Form, expressions, is_symbol, shown
from dsl.sygus.task import SygusTask
from dsl.sygus.terms import Dialect, read_term
from dsl.types import INTEGER


def read_program(text: str, task: SygusTask) -> Program:
    """Return the program that a text spells in the language of a task: a term, or a `define-fun` of the function.

    The names of functions may be those of any version, and sums and the like may have more terms than the grammar's,
    which are read as (+ (+ a b) c). Whether the task's grammar derives the program is not asked.
    Raises SygusError for anything else, a program of another type included.
    """
    try:
        expression = _only(text)
        program = _program(expression, task)
        if program.type is not task.function.returns:
            raise Fault(
                expression.at, f"{shown(expression)} is not of the sort that {task.function.name} returns"
            )
        return program
    except Fault as fault:
        raise fault.located(text) from None


def read_part(text: str, task: SygusTask) -> Program:
    """Return the program of any type that a text spells, as `read_program` does for those of the function's type."""
    try:
        return _program(_only(text), task)
    except Fault as fault:
        raise fault.located(text) from None


def _only(text: str) -> Expression:
    found = expressions(text)
    if len(found) != 1:
        at = found[1].at if found else 0
        raise Fault(at, f"one program was expected, found {len(found)}")
    return found[0]


def _program(expression: Expression, task: SygusTask) -> Program:
    parameters = task.parameters
    if isinstance(expression, Form) and expression.items and is_symbol(expression.items[0], "define-fun"):
        if len(expression.items) != 5:
            raise Fault(expression.at, "define-fun is written (define-fun name ((parameter sort) …) sort term)")
        _, _, declared, _, expression = expression.items
        parameters = read_variables(declared)
        if [p.type for p in parameters] != [p.type for p in task.parameters]:
            raise Fault(declared.at, f"these are not the parameters of {task.function.name}")
    scope = scope_of(task.notation.dialect, task.definitions, parameters)
    program = read_term(expression, replace(scope, negative=lambda number: _is_constant(number, task)))
    return paired(program, {rule.head for rule in task.grammar.rules if isinstance(rule.head, Operator)})


def _is_constant(number: int, task: SygusTask) -> bool:
    """Return whether a task means a constant by `(- n)`, where its grammar may have a unary minus too."""
    heads = {rule.head for rule in task.grammar.rules}
    if Constant(number, INTEGER) in heads and task.notation.spelled.get(Constant(number, INTEGER)) == f"(- {-number})":
        return True
    if any(isinstance(head, Numerals) for head in heads) and task.notation.dialect is Dialect.V2 and number:
        return True
    return negate not in heads
