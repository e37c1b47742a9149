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
"""What z3 may spend on one pair, in its own units (about a million a second), so that it answers the same each time."""
SECONDS = 5.0
"""When z3 is stopped whatever it has spent: a few of its steps count for little."""
LONGEST, LARGEST = 16, 100
"""Inputs that a person can read: printable texts of so many characters, numbers of this size; looked for first."""
_PYTHON = {TEXT: str, INTEGER: int, BOOLEAN: bool}
TRIES = 8
"""Inputs of z3's that may turn out to be none, where SMT-LIB leaves a function open, before it is given up."""


def separate(
    first: Program, second: Program, kinds: Sequence[Type], rows: Sequence[Row] = (), effort: int = EFFORT
) -> Verdict:
    """Return whether two programs of SyGuS tasks are one function: REFUTED with an input on which they differ.

    `kinds` are the types of the inputs, `rows` inputs that are known: these are tried, then others like them, and
    z3 is asked last, first for an input that can be read. An input counts where both programs are defined. HOLDS says
    that there is none; UNKNOWN that z3 could not tell within `effort`.
    """
    near = [*rows, *made_up_inputs(rows, kinds)]
    found = next((row for row in near if differ(first, second, row)), None)
    return _asked(first, second, kinds, effort) if found is None else Verdict(Finding.REFUTED, counterexample=found)


def made_up_inputs(rows: Sequence[Row], kinds: Sequence[Type]) -> list[Row]:
    """Return inputs of these types unlike the given ones, each a given one with one cell changed a little."""
    return [
        row
        for row in made_up_rows(rows)
        if all(type(cell) is _PYTHON[kind] for cell, kind in zip(row, kinds, strict=True))
    ]


def differ(first: Program, second: Program, row: Row) -> bool:
    """Return whether two programs have different values on a row, both defined."""
    values = evaluate(first, row), evaluate(second, row)
    return None not in values and values[0] != values[1]


def _asked(first: Program, second: Program, kinds: Sequence[Type], effort: int) -> Verdict:
    context = z3.Context()  # of its own, so that what z3 answers does not hang on what it was asked before
    inputs = [variable(f"x{index}", kind, context) for index, kind in enumerate(kinds)]
    apart = term(first, inputs, context) != term(second, inputs, context)
    verdict = HOLDS
    for bounds in (list(_readable(inputs, kinds)), []):
        solver = z3.SimpleSolver(ctx=context)  # z3.Solver's models of products hang on earlier contexts, too
        solver.set("rlimit", effort)
        solver.set("timeout", round(1000 * SECONDS))
        solver.add(apart, *bounds)
        verdict = _model(solver, inputs, first, second, context)
        if verdict.finding is Finding.REFUTED:
            break
    return verdict


def _model(solver: z3.Solver, inputs: Sequence[Term], first: Program, second: Program, context: z3.Context) -> Verdict:
    """Return what the solver finds out, an input that is none when programs are run on it ruled out."""
    for _ in range(TRIES):
        found = solver.check()
        if found == z3.unsat:
            return HOLDS
        if found == z3.unknown:
            return Verdict(Finding.UNKNOWN, reason=solver.reason_unknown())
        model = solver.model()
        row = tuple([value(model.eval(x, model_completion=True)) for x in inputs])
        if None in row:
            break
        if differ(first, second, row):
            return Verdict(Finding.REFUTED, counterexample=row)
        solver.add(z3.Or([x != literal(cell, context) for x, cell in zip(inputs, row, strict=True)], context))
    return Verdict(Finding.UNKNOWN, reason="on the inputs that z3 found one of the programs is undefined")


def _readable(inputs: Sequence[Term], kinds: Sequence[Type]) -> Iterator[Term]:
    for x, kind in zip(inputs, kinds, strict=True):
        if kind is TEXT:
            yield z3.InRe(x, z3.Loop(z3.Range(z3.StringVal(" ", x.ctx), z3.StringVal("~", x.ctx)), 0, LONGEST))
        elif kind is INTEGER:
            yield z3.And(x >= -LARGEST, x <= LARGEST)
