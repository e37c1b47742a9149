"""A synthesis task of SyGuS-IF: the function that is wanted, the grammar it must come from, what must hold of it."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.grammar import Grammar
from dsl.operator import Operator
from dsl.program import Apply, Program, subprograms
from dsl.sygus.declarations import Definitions, Variable
from dsl.sygus.functions import sort_of
from dsl.sygus.sexpr import symbol
from dsl.sygus.terms import Notation
from dsl.task import Task
from dsl.types import Type, Value


def unknown_function(name: str, params: tuple[Type, ...], returns: Type) -> Operator:
    """Return the operator that stands in constraints for the function to be found; it cannot be applied."""

    def apply(*args: Value) -> Value:
        """The function to be found."""
        raise LookupError(f"{name} is still to be found; put a program in its place")

    return Operator(name, params, returns, apply, lambda out, *args: ())


@dataclass(frozen=True, slots=True)
class SygusTask:
    """What a SyGuS-IF file asks for.

    `task` holds the constraints that are input/output pairs, as examples; `constraints` all others, as programs over
    the `variables` (their inputs, in this order) that apply `function`, the function to be found. A program over the
    `parameters` solves the task if `grammar` derives it, it gives every example's output, and every constraint holds
    for all values of the variables.
    """

    function: Operator
    parameters: tuple[Variable, ...]
    grammar: Grammar
    task: Task
    variables: tuple[Variable, ...]
    constraints: tuple[Program, ...]
    notation: Notation
    definitions: Definitions

    def define(self, program: Program) -> str:
        """Return the answer `(define-fun …)` that makes this program the function, in the file's own notation."""
        name, returns = symbol(self.function.name), sort_of(self.function.returns)
        parameters = " ".join([f"({symbol(p.name)} {sort_of(p.type)})" for p in self.parameters])
        return f"(define-fun {name} ({parameters}) {returns} {self.notation.term(program)})"

    def calls(self, *constraints: Program) -> tuple[Apply, ...]:
        """Return the distinct applications of the function in the constraints (all unless named), outermost first."""
        found = dict.fromkeys(
            part
            for constraint in constraints or self.constraints
            for part in subprograms(constraint)
            if isinstance(part, Apply) and part.operator == self.function
        )
        return tuple(found)
