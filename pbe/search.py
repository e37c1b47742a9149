"""From a task to behaviours: what the programs that fit all examples do on the sampled rows, and their prior mass."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dsl.grammar import Grammar, Symbol, log_sum
from dsl.interpreter import Runner, cells
from dsl.interpreter import outputs as run
from dsl.program import Constant, Program
from dsl.task import Row, RowKey, Task, row_key
from dsl.types import TEXT
from pbe.budget import BudgetSpent, Meter, StopReason
from pbe.conditions import Choice, conditional_behaviours
from pbe.deduction import Deduction, Targets, cut_places, deducible, outermost
from pbe.enumeration import Bank, enumerate_bank
from pbe.goals import Examples
from pbe.growing import grow
from pbe.meaning import Behaviour, Outputs
from pbe.prior import log_none
from pbe.sample import sample_rows
from pbe.version_space import VersionSpace, best_by_mass

POOLED = 4000
"""Symbols with at most this many programs are enumerated bottom-up, larger ones reached by deduction."""
FINE_CUTS, COARSE_CUTS = 41, 6
"""An output with more than FINE_CUTS places to cut it is first cut at COARSE_CUTS only, so that there is an answer if
the budget ends the full search."""
EXAMPLES = 6
"""Examples searched on at first; further ones join when the best behaviour fails them."""
CONDITION_BITS = 30.0
"""Conditions are looked for when unconditional programs that fit are together less probable than 2 ** -this …"""
NEGLIGIBLE_BITS = 8.0
"""… and those that choose can be expected to weigh at least 2 ** -this of them."""
SEEDED = 0.5
"""The most that seeds can be worth together, beside all that was found and may not have been."""
Seeds = Iterable[Program] | Mapping[Program, float]
"""Programs from outside, or how many times each was proposed."""


@dataclass(frozen=True, slots=True)
class Effort:
    """Classes of programs listed in order of mass to find behaviours, and behaviours whose mass is summed exactly."""

    listed: int
    behaviours: int


FULL = Effort(400, 32)
PART = Effort(60, 6)
"""For one branch of a conditional program."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: behaviours on `rows` that fit every example, for the part of the task it searched on.

    `log_total` is the log mass (nats) of all programs found, listed or not, `count` their number (of those that fit the
    examples searched on; conditional ones count once per behaviour). `stop` is SOLVED, or what cut the search short.
    """

    task: Task
    rows: Sequence[Row]
    bank: Bank
    behaviours: list[Behaviour]
    log_total: float
    count: int
    stop: StopReason


def search(task: Task, grammar: Grammar, seeds: Seeds, meter: Meter) -> Found:
    """Return the behaviours that fit all examples, those of seeds that fit among them. Raises BudgetSpent."""
    counts = seeds if isinstance(seeds, Mapping) else Counter(seeds)
    fitting = {seed: count for seed, count in counts.items() if next(_failures(task, seed), None) is None}
    try:
        found = _searched(task, grammar, meter)
    except BudgetSpent as spent:
        if not fitting:
            raise
        found = Found(task, sample_rows(task), Bank({}, 0), [], -math.inf, 0, spent.reason)
    return _seeded(found, fitting) if fitting else found


def _searched(task: Task, grammar: Grammar, meter: Meter) -> Found:
    """Return the behaviours that fit all examples, from a search on as few of them as it takes.

    The first EXAMPLES examples are searched on; the others verify, and the first that the best behaviour fails joins
    (counterexample-guided, Solar-Lezama 2008), so that many examples cost little more than a few. Raises BudgetSpent.
    """
    if grammar.sizes[grammar.start] <= POOLED:
        return _whole(task, grammar, meter)
    if not deducible(grammar):
        return _grown(task, grammar, meter)
    first: dict[RowKey, int] = {}
    for index, example in enumerate(task.examples):
        first.setdefault(row_key(example.inputs), index)
    task = task.only(first.values())
    searched = list(range(min(EXAMPLES, len(task.examples))))
    while True:
        part = task.only(searched)
        found = _Search(part, grammar, meter).run()
        behaviours = found.behaviours
        if not behaviours:
            return found
        fitting = [b for b in behaviours if next(_failures(task, b.program), None) is None]
        if fitting:
            log_share = log_sum(b.log_mass for b in fitting) - log_sum(b.log_mass for b in behaviours)
            return replace(found, behaviours=fitting, log_total=found.log_total + log_share)
        likeliest = max(behaviours, key=lambda behaviour: behaviour.log_mass)
        searched = sorted({*searched, next(_failures(task, likeliest.program))})


def pooled(grammar: Grammar) -> list[Symbol]:
    """Return the symbols to enumerate: those with at most POOLED programs, without what only guards use."""
    choice = Choice.of(grammar)
    wanted = grammar.reachable(grammar.start, without=choice.guard if choice else None)
    return [symbol for symbol in grammar.by_lhs if symbol in wanted and grammar.sizes[symbol] <= POOLED]


def _whole(task: Task, grammar: Grammar, meter: Meter) -> Found:
    """Return the behaviours of a language that is small enough to enumerate as a whole."""
    rows = sample_rows(task)
    bank = enumerate_bank(grammar, grammar.reachable(grammar.start), rows, meter)
    place = {row_key(row): index for index, row in enumerate(rows)}
    targets = [(place[row_key(example.inputs)], example.target) for example in task.examples]
    behaviours, count = [], 0
    for entry in bank.entries[grammar.start]:
        outputs = cells(entry.values)
        if all(outputs[row] == target for row, target in targets):
            behaviours.append(Behaviour(entry.best[1], outputs, entry.log_mass))
            count += entry.count
    log_total = log_sum(b.log_mass for b in behaviours)
    return Found(task, rows, bank, behaviours, log_total, count, StopReason.SOLVED)


def _grown(task: Task, grammar: Grammar, meter: Meter) -> Found:
    """Return the behaviours of programs found in a grammar whose rules recur."""
    examples = {row_key(example.inputs): example for example in task.examples}
    rows = sample_rows(task)
    open_rows = [row for row in rows if row_key(row) not in examples]
    grown = grow(grammar, Examples(tuple(examples.values())), open_rows, meter)
    merged: dict[Outputs, Behaviour] = {}
    for log_prob, program in grown.programs:
        outputs = run(program, rows)
        known = merged.get(outputs)
        if known is None:
            merged[outputs] = Behaviour(program, outputs, log_prob)
        else:
            best = program if log_prob > known.log_mass else known.program
            merged[outputs] = Behaviour(best, outputs, log_sum((known.log_mass, log_prob)))
    behaviours = list(merged.values())
    log_total = log_sum(b.log_mass for b in behaviours)
    return Found(task, rows, Bank({}, 0), behaviours, log_total, len(grown.programs), grown.stop)


class _Search:
    """One search on a task's examples, all at once."""

    def __init__(self, task: Task, grammar: Grammar, meter: Meter) -> None:
        self.task, self.grammar, self.meter = task, grammar, meter
        self.stop = StopReason.SOLVED
        self.rows = sample_rows(task)
        self.bank = enumerate_bank(grammar, pooled(grammar), self.rows, meter)
        place = {row_key(row): index for index, row in enumerate(self.rows)}
        self.targets = {place[row_key(example.inputs)]: example.target for example in task.examples}

    def run(self) -> Found:
        behaviours, log_total, count = self.plain(self.targets, FULL)
        choice = Choice.of(self.grammar)
        if choice and len(self.targets) > 1 and self.worth_choosing(choice, log_total):
            try:
                choices = self.choices(choice)
            except BudgetSpent as spent:
                if not behaviours:
                    raise
                self.stop = spent.reason
                choices = []
            known = {b.outputs: b for b in behaviours}
            for b in choices[: FULL.behaviours]:
                old = known.get(b.outputs)
                known[b.outputs] = b if old is None else replace(old, log_mass=log_sum((old.log_mass, b.log_mass)))
            behaviours = list(known.values())
            log_total = log_sum((log_total, *(b.log_mass for b in choices)))
            count += len(choices)
        return Found(self.task, self.rows, self.bank, behaviours, log_total, count, self.stop)

    def worth_choosing(self, choice: Choice, log_total: float) -> bool:
        """Return whether conditional programs may weigh something beside the unconditional ones found.

        They cannot when even the shortest output alone is so improbable that two such branches weigh next to nothing.
        """
        if log_total > -CONDITION_BITS * math.log(2):
            return False
        if log_total == -math.inf:
            return True
        shortest = min(self.targets, key=lambda row: (len(self.targets[row] or ""), row))
        branch = self.plain({shortest: self.targets[shortest]}, PART, choice.branch)[1]
        return choice.log_choose + 2 * branch > log_total - NEGLIGIBLE_BITS * math.log(2)

    def choices(self, choice: Choice) -> list[Behaviour]:
        """Return the behaviours of conditional programs."""
        guards = enumerate_bank(self.grammar, self.grammar.reachable(choice.guard), self.rows, self.meter)

        def learn(cluster: frozenset[int]) -> list[Behaviour]:
            targets = {row: text for row, text in self.targets.items() if row in cluster}
            return self.plain(targets, PART, choice.branch)[0]

        return conditional_behaviours(choice, guards.entries[choice.guard], tuple(self.targets), learn)

    def plain(
        self, targets: Targets, effort: Effort, start: Symbol | None = None
    ) -> tuple[list[Behaviour], float, int]:
        """Return the likeliest unconditional behaviours, the log mass of all fitting programs, and their number."""
        written = [row for row, target in targets.items() if target]
        if not written:
            blank = Behaviour(Constant("", TEXT), (None,) * len(self.rows), math.log(0.5))
            return [blank], blank.log_mass, 1
        driver = max(written, key=lambda row: (len(targets[row] or ""), -row))
        cuts = cut_places(targets[driver] or "")
        passes = [cuts] if len(cuts) <= FINE_CUTS else [outermost(cuts, COARSE_CUTS), cuts]
        found: tuple[list[Behaviour], float, int] = ([], -math.inf, 0)
        for places in passes:
            try:
                deduction = Deduction(
                    self.grammar, self.bank, self.rows, targets, self.meter, driver, cuts=places, start=start
                )
                found = self.most_probable(deduction, effort)
            except BudgetSpent as spent:
                if not found[0]:
                    raise
                self.stop = spent.reason
        return found

    def most_probable(self, deduction: Deduction, effort: Effort) -> tuple[list[Behaviour], float, int]:
        """Return the behaviours of the likeliest classes of programs, each with its exact mass."""
        space = deduction.solve(classes=True)
        listed = listed_behaviours(space, self.rows, effort.listed, self.meter)
        likely = sorted(listed.items(), key=lambda item: -item[1][1])[: effort.behaviours]
        found = []
        for outputs, (program, log_mass) in likely:
            exact = deduction.mass(dict(enumerate(outputs)), log_mass)
            found.append(Behaviour(program, outputs, max(exact, log_mass)))
        return found, space.log_mass, space.count


def listed_behaviours(
    space: VersionSpace, rows: Sequence[Row], most: int, meter: Meter
) -> dict[Outputs, tuple[Program, float]]:
    """Return what the likeliest classes of programs, at most `most`, write on the rows, with a program and a mass."""
    listed: dict[Outputs, tuple[Program, float]] = {}
    runner = Runner(rows)
    for log_mass, program in best_by_mass(space, most):
        meter.spend()
        outputs = runner.outputs(program)
        known = listed.get(outputs)
        listed[outputs] = (program, log_mass) if known is None else (known[0], log_sum((known[1], log_mass)))
    return listed


def _failures(task: Task, program: Program) -> Iterator[int]:
    """Yield the examples that a program gets wrong."""
    for index, example in enumerate(task.examples):
        if run(program, [example.inputs])[0] != example.target:
            yield index


def _seeded(found: Found, seeds: Mapping[Program, float]) -> Found:
    """Return what was found with the behaviours of fitting seeds.

    Of everything that might be meant, they take SEEDED · n / (n + 1), n being their counts together, each by its count.
    So they weigh after the examples as much as they should, whatever they were worth before any.
    """
    total = sum(seeds.values())
    share = SEEDED * total / (total + 1)
    log_all = log_sum((found.log_total if found.behaviours else -math.inf, log_none(found.task)))
    log_each = math.log(share / (1 - share) / total) + log_all
    behaviours = {behaviour.outputs: behaviour for behaviour in found.behaviours}
    for seed, count in seeds.items():
        outputs, log_mass = run(seed, found.rows), log_each + math.log(count)
        known = behaviours.get(outputs)
        if known is None:
            behaviours[outputs] = Behaviour(seed, outputs, log_mass)
        else:
            behaviours[outputs] = replace(known, log_mass=log_sum((known.log_mass, log_mass)))
    log_total = log_sum((found.log_total if found.behaviours else -math.inf, log_each + math.log(total)))
    return replace(found, behaviours=list(behaviours.values()), log_total=log_total)
