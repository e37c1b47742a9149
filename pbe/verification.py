"""Whether an answer is right for all inputs, not only for those looked at: asked of z3."""

from __future__ import annotations

import z3

from dsl.program import Program
from dsl.sygus import SygusTask, Variable
from dsl.task import Example, RowKey, row_key
from pbe.goals import HOLDS, Finding, Verdict
from pbe.smt import Term, literal, term, value, variable
from pbe.specification import breaks

SECONDS = 5.0
"""Time that z3 gets for one answer."""


class Verifier:
    """Asks z3 whether programs solve one task.

    Examples are ground terms, which z3 computes; they share one context. Logical constraints get a context of their
    own, so that what z3 answers does not hang on the tasks before.
    """

    def __init__(self, task: SygusTask, seconds: float = SECONDS) -> None:
        self.task, self.seconds = task, seconds
        self.context = z3.Context() if task.constraints else z3.main_ctx()
        self.parameters = self._variables(task.parameters)
        self.variables = self._variables(task.variables)
        first: dict[RowKey, int] = {}
        for index, example in enumerate(task.task.examples):
            first.setdefault(row_key(example.inputs), index)
        self.examples = [(index, *self._ground(task.task.examples[index])) for index in first.values()]

    def verify(self, program: Program) -> Verdict:
        """Return whether a program gives every example's output and keeps every constraint for all values."""
        verdict = self._examples(program)
        return self._constraints(program) if verdict == HOLDS and self.task.constraints else verdict

    def _examples(self, program: Program) -> Verdict:
        body = term(program, self.parameters, self.context)
        for index, inputs, output in self.examples:
            given = z3.simplify(z3.substitute(body, *inputs) == output)
            if z3.is_true(given):
                continue
            solver = self._solver()
            solver.add(z3.Not(given))
            found = solver.check()
            if found == z3.sat:
                return Verdict(Finding.REFUTED, example=index)
            if found == z3.unknown:
                return Verdict(Finding.UNKNOWN, reason=solver.reason_unknown())
        return HOLDS

    def _constraints(self, program: Program) -> Verdict:
        solver = self._solver()
        functions = {self.task.function: program}
        demands = [term(one, self.variables, self.context, functions) for one in self.task.constraints]
        solver.add(z3.Not(z3.And(*demands)))
        found = solver.check()
        if found == z3.unsat:
            return HOLDS
        if found == z3.unknown:
            return Verdict(Finding.UNKNOWN, reason=solver.reason_unknown())
        model = solver.model()
        point = tuple([value(model.eval(v, model_completion=True)) for v in self.variables])
        if None not in point and breaks(program, point, self.task):
            return Verdict(Finding.REFUTED, counterexample=point)
        return Verdict(Finding.UNKNOWN, reason=f"z3's counterexample {point!r} is none when it is computed")

    def _ground(self, example: Example) -> tuple[list[tuple[Term, Term]], Term]:
        """Return what to put for each parameter, and the output."""
        inputs = [literal(cell, self.context) for cell in example.inputs]
        return list(zip(self.parameters, inputs, strict=True)), literal(example.output, self.context)

    def _solver(self) -> z3.Solver:
        solver = z3.SimpleSolver(ctx=self.context)  # z3.Solver's models of products hang on earlier contexts, too
        solver.set("timeout", max(1, round(1000 * self.seconds)))
        return solver

    def _variables(self, declared: tuple[Variable, ...]) -> list[Term]:
        return [variable(v.name, v.type, self.context) for v in declared]
