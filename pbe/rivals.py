"""What the examples of a SyGuS task leave open: other functions of its grammar that fit them, and where they differ.

Programs are enumerated on the examples' inputs and on inputs made up like them. Two that agree on the first and not on
the second can stand for each other as far as the examples tell; put in the place of a part of an answer, one makes a
rival of it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from dsl.interpreter import evaluate
from dsl.program import Apply, Program
from dsl.sygus import SygusTask
from dsl.task import Row
from dsl.types import Type, Value
from pbe.budget import Budget, BudgetSpent
from pbe.enumeration import Entry, Enumeration, Vector
from pbe.goals import Finding
from pbe.growing import Scored
from pbe.separation import differ, made_up_inputs, separate
from pbe.sygus import constants

CANDIDATES = 4_000
"""Programs enumerated for parts of rivals."""
PER_PART = 8
"""Programs tried in the place of one part of an answer."""
ASKED = 3
"""Rivals for which z3 is asked where no input at hand tells any from the answer."""


@dataclass(frozen=True, slots=True)
class Rival:
    """Another function that fits the examples: `inputs` is where it differs, `outputs` are the answer's and its own."""

    program: Program
    inputs: Row
    outputs: tuple[Value, Value]


def rival(task: SygusTask, program: Program, budget: Budget | None = None) -> Rival | None:
    """Return the most probable function found that fits a task's examples as `program` does, and differs from it.

    None where none was found, or the task has other constraints than examples: these say all that is wanted.
    """
    if task.constraints:
        return None
    kinds = [parameter.type for parameter in task.parameters]
    known = example_inputs(task)
    near = made_up_inputs(known, kinds)
    others = [other for _, other in rivals(task, program, near, budget)]
    for other in others:
        for row in near:
            if differ(program, other, row):
                return _rival(program, other, row)
    for other in others[:ASKED]:
        verdict = separate(program, other, kinds)
        if verdict.finding is Finding.REFUTED and verdict.counterexample is not None:
            return _rival(program, other, verdict.counterexample)
    return None


def rivals(task: SygusTask, program: Program, near: Sequence[Row], budget: Budget | None = None) -> list[Scored]:
    """Return programs of the task's grammar that fit its examples, the most probable first, with their log probability.

    Each is `program` with one part replaced by a program that has the part's values on the examples and others on some
    row of `near`.
    """
    known = example_inputs(task)
    grammar = task.grammar.closed(constants(task))
    meter = (budget or Budget()).start()
    enumeration = Enumeration(grammar, grammar.reachable(grammar.start), [*known, *near], meter, every_option=False)
    try:
        for _ in enumeration.run():
            if enumeration.candidates >= CANDIDATES:
                break
    except BudgetSpent:
        pass
    alike: dict[tuple[Type, Vector], list[Entry]] = defaultdict(list)
    for symbol, entries in enumeration.bank().entries.items():
        for entry in entries:
            alike[grammar.type_of(symbol), entry.values[: len(known)]].append(entry)

    def instead(part: Program) -> Iterable[Program]:
        values = tuple([evaluate(part, row) for row in (*known, *near)])
        fitting = [e for e in alike.get((part.type, values[: len(known)]), ()) if e.values != values]
        return [entry.best[1] for entry in sorted(fitting, key=lambda entry: -entry.best[0])[:PER_PART]]

    scored = [(grammar.log_prob(other), other) for other in dict.fromkeys(_replaced(program, instead))]
    return sorted([one for one in scored if one[0] > -math.inf], key=lambda one: -one[0])


def example_inputs(task: SygusTask) -> list[Row]:
    """Return the inputs of a task's examples, each once."""
    return list(dict.fromkeys(example.inputs for example in task.task.examples))


def _replaced(program: Program, instead: Callable[[Program], Iterable[Program]]) -> Iterator[Program]:
    """Yield the program with one part replaced by each of what may stand there instead."""
    yield from instead(program)
    if isinstance(program, Apply):
        for index, arg in enumerate(program.args):
            for other in _replaced(arg, instead):
                yield Apply(program.operator, (*program.args[:index], other, *program.args[index + 1 :]))


def _rival(program: Program, other: Program, row: Row) -> Rival:
    return Rival(other, row, (evaluate(program, row), evaluate(other, row)))
