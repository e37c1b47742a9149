"""An input on which two programs give different outputs: a known row, such a row changed a little, or one z3 finds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import z3

from dsl.interpreter import evaluate
from dsl.program import Program
from dsl.task import Row
from dsl.types import BOOLEAN, INTEGER, TEXT, Type
from pbe.goals import HOLDS, Finding, Verdict
from pbe.mutations import made_up_rows
from pbe.smt import Term, literal, term, value, variable

EFFORT = 1_000_000
"""What z3 may spend on one question, in its own units (about a million a second), so that it answers the same again."""
SECONDS = 5.0
"""When z3 is stopped whatever it has spent: a few of its steps count for little."""
LONGEST, LARGEST = 16, 100
"""What can be read at a glance, and is asked for first: printable texts of so many characters, numbers of this size."""
TRIES = 8
"""Inputs of z3's that turn out to be none, since a program is undefined there, before it is given up."""
_PYTHON = {TEXT: str, INTEGER: int, BOOLEAN: bool}


def separate(
    first: Program, second: Program, kinds: Sequence[Type], rows: Sequence[Row] = (), effort: int = EFFORT
) -> Verdict:
    """Return whether two programs of SyGuS tasks are one function: REFUTED with an input on which they differ.

    `kinds` are the types of the inputs. The known inputs `rows` are tried first, then such rows changed a little; then
    z3 is asked, with this effort for an input that can be read and again for any. Only inputs count where both programs
    are defined. HOLDS says that there is none; UNKNOWN that z3 could not tell. Where z3 is needed, raises KeyError for
    an operator that is none of SMT-LIB's.
    """
    near = [*rows, *made_up_inputs(rows, kinds)]
    found = next((row for row in near if differ(first, second, row)), None)
    if found is not None:
        return Verdict(Finding.REFUTED, counterexample=found)
    question = _Question(first, second, kinds, effort)
    verdict = question.ask(*question.readable())
    return verdict if verdict.finding is Finding.REFUTED else question.ask()


def differ(first: Program, second: Program, row: Row) -> bool:
    """Return whether two programs have different values on a row, both defined."""
    values = evaluate(first, row), evaluate(second, row)
    return None not in values and values[0] != values[1]


def made_up_inputs(rows: Sequence[Row], kinds: Sequence[Type]) -> list[Row]:
    """Return inputs of these types unlike the given ones, each a given one with one cell changed a little."""
    return [
        row
        for row in made_up_rows(rows)
        if all(type(cell) is _PYTHON[kind] for cell, kind in zip(row, kinds, strict=True))
    ]


class _Question:
    """Asks z3 for an input on which two programs differ, in a context of its own, so that its answers repeat."""

    def __init__(self, first: Program, second: Program, kinds: Sequence[Type], effort: int) -> None:
        self.first, self.second, self.kinds, self.effort = first, second, kinds, effort
        self.context = z3.Context()
        self.inputs = [variable(f"x{index}", kind, self.context) for index, kind in enumerate(kinds)]
        self.apart = term(first, self.inputs, self.context) != term(second, self.inputs, self.context)

    def ask(self, *bounds: Term) -> Verdict:
        """Return REFUTED with an input within bounds, HOLDS where there is none there, else UNKNOWN."""
        solver = z3.SimpleSolver(ctx=self.context)  # z3.Solver's models of products hang on earlier contexts, too
        solver.set("rlimit", self.effort)
        solver.set("timeout", round(1000 * SECONDS))
        solver.add(self.apart, *bounds)
        for _ in range(TRIES):
            found = solver.check()
            if found == z3.unsat:
                return HOLDS
            if found == z3.unknown:
                return Verdict(Finding.UNKNOWN, reason=solver.reason_unknown())
            row = tuple([value(solver.model().eval(x, model_completion=True)) for x in self.inputs])
            if None in row:
                break
            if differ(self.first, self.second, row):
                return Verdict(Finding.REFUTED, counterexample=row)
            others = [x != literal(cell, self.context) for x, cell in zip(self.inputs, row, strict=True)]
            solver.add(z3.Or(*others, z3.BoolVal(False, self.context)))
        return Verdict(Finding.UNKNOWN, reason="z3 found inputs only where a program is undefined")

    def readable(self) -> Iterator[Term]:
        """Yield what makes inputs short and printable."""
        for x, kind in zip(self.inputs, self.kinds, strict=True):
            if kind is TEXT:
                printable = z3.Range(z3.StringVal(" ", self.context), z3.StringVal("~", self.context))
                yield z3.InRe(x, z3.Loop(printable, 0, LONGEST))
            elif kind is INTEGER:
                yield z3.And(x >= -LARGEST, x <= LARGEST)
