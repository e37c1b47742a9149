"""Answers to SyGuS tasks: programs of the task's own grammar, checked by z3 against the whole specification."""

from __future__ import annotations

import math
import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, product

from dsl.grammar import Grammar, Head, Rule
from dsl.program import Apply, Constant, Input, Program, subprograms
from dsl.sygus import SygusTask
from dsl.task import Row
from dsl.types import BOOLEAN, INTEGER, TEXT, Type, Value
from pbe.budget import Budget, BudgetSpent, Meter, StopReason
from pbe.goals import HOLDS, Examples, Finding, Verdict
from pbe.growing import Grown, Scored, growth
from pbe.portfolio import GUIDED, Member, first_found, looked_at
from pbe.specification import Check, breaks
from pbe.verification import SECONDS, Verifier
from pbe.weighing import Weighing

MOST_TEXTS = 24
"""Texts taken from the examples where a grammar may use any."""
LEAST_SECONDS = 0.1
"""What z3 gets for one answer even where the budget ends, and for each after the first."""
TRIED = 300
"""Values tried for the variables where z3 cannot decide."""
ABSENT = 1 / 16
"""How probable a text is that stands in no example, compared with one that stands in all."""
NEARER, FURTHEST = 1.035, 20
"""How much more probable a number is than one further from 0 by 1; further than FURTHEST all are as improbable."""
LOG_ODDS = (2.4, -1.66, 0.18)
"""Log odds that an answer is right on one more example: for any answer, for each condition in it, and for each example
it was learnt from. `pbe bench sygus DIR --generalise` fits them."""


@dataclass(frozen=True, slots=True)
class Solution:
    """The answer to a task.

    `verdict` is HOLDS where z3 verified the program. It is UNKNOWN, with z3's reason, for a program that is right
    wherever it was run, and None where `program` is: then `stop` says why. `first_seconds` and `first_candidates` say
    when the first was verified, `seconds` when the search returned; both count from the start of the search, z3's time
    included.
    `confidence` is the probability that the program is right on one more example: 1 where constraints say all there is.
    `alike` are two examples, by their numbers from 0, that no program of the grammar tells apart, if that is why.
    """

    program: Program | None
    verdict: Verdict | None
    first_seconds: float
    seconds: float
    candidates: int
    stop: StopReason
    confidence: float = 0.0
    first_candidates: int = 0
    alike: tuple[int, int] | None = None

    @property
    def verified(self) -> bool:
        """Return whether there is a program that z3 verified."""
        return self.verdict is not None and self.verdict.holds


def solve(task: SygusTask, budget: Budget | None = None, *, guide: Grammar | None = None) -> Solution:
    """Return the most probable program found that solves a task; where that is to fit examples, as `Weighing` has it.

    `guide` is the task's grammar in other weights, such as a language model's; a search in these has its share of the
    candidates (`pbe.portfolio`), and where it is first, its weights say what is most probable.
    """
    budget = budget or Budget()
    meter = budget.start()
    if alike := _alike(task):
        return Solution(None, None, 0.0, meter.seconds, 0, StopReason.EXHAUSTED, alike=alike)
    if guide is None or guide is task.grammar:  # then it says nothing of its own
        grammars = [(likely_grammar(task), 1.0)]
    else:
        grammars = [(likely_grammar(task), 1 - GUIDED), (guide.closed(constants(task)), GUIDED)]
    goals: list[Demands] = []
    members: list[Member] = []
    for grammar, share in grammars:
        own = meter if not members else budget.start()
        goals.append(Demands(task, own))
        members.append(Member(growth(grammar, goals[-1], (), own), own, share))
    goal = goals[0]
    found: list[Scored] = []
    first, first_candidates, stop = 0.0, 0, StopReason.EXHAUSTED
    try:
        if winner := first_found(members):
            search, scored = winner
            goal = goals[members.index(search)]
            first, first_candidates = meter.seconds, looked_at(members)
            grown = Grown.of(chain([scored], search.steps), search.meter)
            found, stop = grown.programs, grown.stop
    except BudgetSpent as spent:
        stop = spent.reason
    if goal is goals[0] and not task.constraints:
        weighing = Weighing(grammars[0][0], [example.inputs for example in task.task.examples])
        found = [(weighing.log_prob(likely), likely) for _, likely in found]
    program, verdict = next((one.undecided for one in (goal, *goals) if one.undecided[0]), (None, None))
    for _, likely in sorted(found, key=lambda scored: -scored[0]):
        if goal.prove(likely) == HOLDS:
            program, verdict = likely, HOLDS
            break
    sure = 0.0 if program is None else confidence(program, len(goal.examples.examples))
    candidates = looked_at(members)
    return Solution(program, verdict, first, meter.seconds, candidates, stop, sure, first_candidates)


def _alike(task: SygusTask) -> tuple[int, int] | None:
    """Return two examples that differ in their outputs and only in inputs that the grammar has no rule for."""
    read = sorted({rule.head.index for rule in task.grammar.rules if isinstance(rule.head, Input)})
    first: dict[Row, int] = {}
    for index, example in enumerate(task.task.examples):
        known = first.setdefault(tuple([example.inputs[place] for place in read]), index)
        if task.task.examples[known].output != example.output:
            return known, index
    return None


def likely_grammar(task: SygusTask) -> Grammar:
    """Return the task's grammar with constants in the open classes, as probable as the examples suggest.

    A text's weight grows with the share of the examples in whose cells it stands; a number's falls a little the further
    it is from 0, so that of programs alike otherwise one that begins at 0 comes first.
    """
    grammar = task.grammar.closed(constants(task))
    cells = [[cell for cell in (*e.inputs, e.output) if isinstance(cell, str)] for e in task.task.examples]

    def weight(head: Head) -> float:
        if not isinstance(head, Constant):
            return 1.0
        if type(head.value) is int:
            return NEARER**-min(abs(head.value), FURTHEST)
        if not isinstance(head.value, str) or not any(cells):
            return 1.0
        share = sum(any(head.value in cell for cell in row) for row in cells) / len(cells)
        return (1 + share) / 2 if share else ABSENT

    def distance(rule: Rule) -> int:
        return abs(rule.head.value) if isinstance(rule.head, Constant) and type(rule.head.value) is int else 0

    weights = sorted(zip(grammar.rules, grammar.log_weights, strict=True), key=lambda pair: distance(pair[0]))
    return Grammar.weighted(grammar.start, {rule: math.exp(log) * weight(rule.head) for rule, log in weights})


def evidence(program: Program, examples: int) -> tuple[float, float, float]:
    """Return what the confidence hangs on: 1, the number of conditions in a program, and the number of examples."""
    conditions = sum(isinstance(part, Apply) and not part.operator.strict for part in subprograms(program))
    return 1.0, float(conditions), float(examples)


def confidence(program: Program, examples: int) -> float:
    """Return the probability that a program learnt from so many examples is right on one more; 1 if from none."""
    log_odds = sum(weight * count for weight, count in zip(LOG_ODDS, evidence(program, examples), strict=True))
    return 1 / (1 + math.exp(-log_odds)) if examples else 1.0


class Demands:
    """The goal of solving a task, judged on its first examples and on all that refuted a program."""

    def __init__(self, task: SygusTask, meter: Meter) -> None:
        self.task, self.meter = task, meter
        self.examples, self.check = Examples(task.task.examples), Check(task)
        self.verifier = Verifier(task)
        self.verdicts: dict[Program, Verdict] = {}

    @property
    def rows(self) -> list[Row]:
        """Return the inputs of the examples judged on, then what the constraints apply the function to."""
        return [*self.examples.rows, *self.check.rows]

    @property
    def outputs(self) -> Sequence[Value] | None:
        """Return the outputs of the examples, if there is nothing else that is wanted."""
        return None if self.task.constraints else self.examples.outputs

    def right(self, values: Sequence[Value]) -> Sequence[bool]:
        """Return for each of the rows whether a value there is right, as far as one row can tell; undefined is not."""
        if not self.task.constraints:
            return self.examples.right(values)
        split = len(self.examples.rows)
        right = [*self.examples.right(values[:split]), *self.check.right(values[split:])]
        return [kept and value is not None for kept, value in zip(right, values, strict=True)]

    def accepts(self, values: Sequence[Value]) -> bool:
        """Return whether a program's values on the rows are all defined and break nothing."""
        if not self.task.constraints:
            return self.examples.accepts(values)
        split = len(self.examples.rows)
        return (
            None not in values and self.examples.accepts(values[:split]) and self.check.accepts(values[split:])
        )

    def verdict(self, program: Program) -> Verdict:
        """Return what is found out by running the program, then asking z3: for examples alone only the first time."""
        verdict = self.examples.verdict(program)
        if verdict != HOLDS or (not self.task.constraints and HOLDS in self.verdicts.values()):
            return verdict
        broken = self.check.broken(program)
        return self.prove(program) if broken is None else Verdict(Finding.REFUTED, counterexample=broken)

    def learn(self, program: Program, verdict: Verdict) -> bool:
        """Judge by what refuted a program from now on; return whether that changes anything."""
        if verdict.counterexample is not None:
            return self.check.add(verdict.counterexample, program)
        return verdict.finding is Finding.REFUTED and self.examples.learn(program, verdict)

    def prove(self, program: Program) -> Verdict:
        """Return what z3 finds out about a program, in what is left of the time; in little time once one is proved.

        Where it cannot decide, a few values are tried.
        """
        if program not in self.verdicts:
            left = 0.0 if HOLDS in self.verdicts.values() else self.meter.budget.seconds - self.meter.seconds
            self.verifier.seconds = max(LEAST_SECONDS, min(SECONDS, left))
            verdict = self.verifier.verify(program)
            if verdict.finding is Finding.UNKNOWN:
                broken = next((point for point in self.tried if breaks(program, point, self.task)), None)
                verdict = verdict if broken is None else Verdict(Finding.REFUTED, counterexample=broken)
            self.verdicts[program] = verdict
        return self.verdicts[program]

    @cached_property
    def tried(self) -> list[Row]:
        """Return a few values for each variable, drawn from the task's constants and what can be joined of them."""
        known = constants(self.task)
        values: dict[Type, list[Value]] = {
            kind: [constant.value for constant in known if constant.type is kind] for kind in (INTEGER, TEXT)
        }
        values[TEXT] = [first + second for first, second in product(values[TEXT], repeat=2)]
        values[BOOLEAN] = [False, True]
        draw = random.Random(0)
        points = [tuple([draw.choice(values[v.type]) for v in self.task.variables]) for _ in range(TRIED)]
        return list(dict.fromkeys(points))

    @property
    def undecided(self) -> tuple[Program, Verdict] | tuple[None, None]:
        """Return the first program that z3 could not decide about."""
        unknown = [known for known in self.verdicts.items() if known[1].finding is Finding.UNKNOWN]
        return unknown[0] if unknown else (None, None)


def constants(task: SygusTask) -> list[Constant]:
    """Return the constants to try where a grammar may use any: a few small ones, and those that the task mentions."""
    numbers = dict.fromkeys([0, 1, -1, 2])
    texts = dict.fromkeys(["", " "])
    mentioned = [part.value for c in task.constraints for part in subprograms(c) if isinstance(part, Constant)]
    mentioned += [example.output for example in task.task.examples if type(example.output) is int]
    for value in mentioned:
        if isinstance(value, str):
            texts[value] = None
        elif type(value) is int:
            numbers.update(dict.fromkeys([value, value - 1, value + 1]))
    made = Counter(part for example in task.task.examples for part in _made(example.output, example.inputs))
    texts.update(dict.fromkeys([text for text, _ in made.most_common(MOST_TEXTS)]))
    return [Constant(n, INTEGER) for n in numbers] + [Constant(text, TEXT) for text in texts]


def _made(output: Value, inputs: Row) -> Iterator[str]:
    """Yield the words of an output that its inputs lack, and the marks in all of them, each once and in order."""
    given = [cell for cell in inputs if isinstance(cell, str)]
    if isinstance(output, str):
        yield from dict.fromkeys([word for word in _WORD.findall(output) if not any(word in cell for cell in given)])
        yield from dict.fromkeys([mark for text in (output, *given) for mark in _MARK.findall(text)])


_WORD = re.compile(r"[^\W_]+")
_MARK = re.compile(r"[\W_]")
