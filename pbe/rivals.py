"""What the examples of a SyGuS task leave open: other functions of its grammar that fit them, and where they differ.

Programs are enumerated on the examples' inputs and on inputs made up like them. Where two agree on the first, either
can stand for the other as far as the examples tell; put in the place of a part of an answer, one makes a rival of it.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product

from dsl.interpreter import evaluate
from dsl.program import Apply, Program
from dsl.strings.tokens import shape
from dsl.sygus import SygusTask
from dsl.task import Row
from dsl.types import Type, Value, as_text
from pbe.budget import Budget, BudgetSpent
from pbe.enumeration import Entry, Vector, enumerate_bank
from pbe.growing import Scored
from pbe.language import Language
from pbe.separation import differ, made_up_inputs, separate
from pbe.sygus import Solution, confidence, likely_grammar
from pbe.verification import Verifier
from pbe.version_space import best

CANDIDATES = 4_000
"""Programs enumerated for parts of rivals."""
PER_PART = 8
"""Programs tried in the place of one part of an answer."""
ASKED, EFFORT = 4, 300_000
"""Rivals for which z3 is asked where no input at hand tells any from the answer, and what it may spend on each."""


@dataclass(frozen=True, slots=True)
class Rival:
    """Another function that fits the examples: `inputs` is where it differs, `outputs` are the answer's and its own."""

    program: Program
    inputs: Row
    outputs: tuple[Value, Value]


def find_rival(task: SygusTask, program: Program, budget: Budget | None = None) -> Rival | None:
    """Return the most probable function found that fits a task's examples as `program` does, and differs from it.

    Where it differs is an input that looks like an example's, if one of those made up does, else any made up, else one
    that z3 finds. None where no such function was found within the budget, or the task has other constraints than
    examples: these say all that is wanted.
    """
    if task.constraints:
        return None
    others = [other for _, other in rivals(task, program, budget)]
    looks = {_look(row) for row in example_inputs(task)}
    near = sorted(near_inputs(task), key=lambda row: _look(row) not in looks)
    for other, row in product(others, near):
        if differ(program, other, row):
            return _rival(program, other, row)
    for other in others[:ASKED]:
        found = separate(program, other, _kinds(task), effort=EFFORT).counterexample
        if found is not None:
            return _rival(program, other, found)
    return None


def rivals(task: SygusTask, program: Program, budget: Budget | None = None) -> list[Scored]:
    """Return programs of a task's grammar that fit its examples as `program` does, with their log probability (nats).

    The most probable comes first. Each is `program` with one part replaced by another program with the part's values on
    the examples; some may be the same function. None are returned where the budget ends first.
    """
    known = example_inputs(task)
    rows = [*known, *near_inputs(task)]
    grammar = likely_grammar(task)
    try:
        meter = (budget or Budget()).start()
        bank = enumerate_bank(grammar, grammar.reachable(grammar.start), rows, meter, limit=CANDIDATES)
    except BudgetSpent:
        return []
    alike: dict[tuple[Type, Vector], list[Entry]] = defaultdict(list)
    for symbol, entries in bank.entries.items():
        for entry in entries:
            alike[grammar.type_of(symbol), entry.values[: len(known)]].append(entry)

    def instead(part: Program) -> list[Program]:
        values = tuple([evaluate(part, row) for row in rows])
        found: list[Scored] = []
        for entry in alike.get((part.type, values[: len(known)]), ()):
            found += best(entry.space, PER_PART) if entry.values == values else [entry.best]
        return [other for _, other in sorted(found, key=lambda one: -one[0])[:PER_PART]]

    others = [other for other in dict.fromkeys(_replaced(program, instead)) if other != program]
    scored = [(grammar.log_prob(other), other) for other in others]
    return sorted([one for one in scored if one[0] > -math.inf], key=lambda one: -one[0])


def listen(task: SygusTask, program: Program, budget: Budget | None = None) -> list[tuple[Program, float]]:
    """Return the functions found that fit a task's examples, with their probability under L1, most probable first.

    The examples are heard as chosen, in their order, among all inputs at hand, by somebody who means one function of
    the grammar (`pbe.Language`, its prior the grammar's weights). `program`, which fits, is always among them; the
    probabilities sum to 1. Examples with the empty text as output count as nothing said.
    """
    grammar = likely_grammar(task)
    found = [program, *[other for _, other in rivals(task, program, budget)]]
    rows = [*example_inputs(task), *near_inputs(task)]
    try:
        language = Language.of(grammar, rows, candidates=CANDIDATES, seeds=found, weighted=True, budget=budget)
    except BudgetSpent:
        return [(program, 1.0)]
    outputs = {example.inputs: example.output for example in task.task.examples}
    heard = language.heard([(inputs, output) for inputs, output in outputs.items() if output != ""])
    fitting = [(one, p) for one, p in heard if all(evaluate(one, row) == output for row, output in outputs.items())]
    total = math.fsum(p for _, p in fitting)
    return [(one, p / total) for one, p in fitting] if fitting else [(program, 1.0)]


def reheard(task: SygusTask, solution: Solution, budget: Budget | None = None) -> Solution:
    """Return a solution with the function that L1 finds most probable in its program's place (see `listen`).

    A solution without a verified program, or of a task with other constraints than examples, is returned as it is.
    """
    if not solution.verified or solution.program is None or task.constraints:
        return solution
    likely, _ = listen(task, solution.program, budget)[0]
    sure = confidence(likely, len(example_inputs(task)))
    return replace(solution, program=likely, verdict=Verifier(task).verify(likely), confidence=sure)


def example_inputs(task: SygusTask) -> list[Row]:
    """Return the inputs of a task's examples, each once."""
    return list(dict.fromkeys(example.inputs for example in task.task.examples))


def near_inputs(task: SygusTask) -> list[Row]:
    """Return inputs made up like those of a task's examples."""
    return made_up_inputs(example_inputs(task), _kinds(task))


def _look(row: Row) -> tuple[str, ...]:
    return tuple([shape(as_text(cell) or "") for cell in row])


def _kinds(task: SygusTask) -> list[Type]:
    return [parameter.type for parameter in task.parameters]


def _replaced(program: Program, instead: Callable[[Program], Iterable[Program]]) -> Iterator[Program]:
    """Yield the program with one part replaced by each of what may stand there instead."""
    yield from instead(program)
    if isinstance(program, Apply):
        for index, arg in enumerate(program.args):
            for other in _replaced(arg, instead):
                yield Apply(program.operator, (*program.args[:index], other, *program.args[index + 1 :]))


def _rival(program: Program, other: Program, row: Row) -> Rival:
    return Rival(other, row, (evaluate(program, row), evaluate(other, row)))
