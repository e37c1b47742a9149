"""Search in a grammar whose rules recur, such as a SyGuS task's: the bank grows until deduction or conditions meet it.

Programs are enumerated in order of cost. Each time the bank has grown a few times larger, the goal is deduced towards
it (Lee 2021: bottom-up and top-down in turn), and conditions are learnt over it (Alur, Radhakrishna & Udupa 2017).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from dsl.grammar import Grammar, Symbol
from dsl.interpreter import evaluate
from dsl.program import Program
from dsl.task import Row
from pbe.budget import BudgetSpent, Meter, StopReason
from pbe.choosing import Part, Switch, choose
from pbe.covering import Covering
from pbe.enumeration import Bank, Enumeration, Vector
from pbe.goals import HOLDS, Goal
from pbe.guards import distinct_guards
from pbe.mutations import crossed_rows

FIRST_ROUND = 60
ROUND_FACTOR = 2
"""Deduction and conditions are tried at FIRST_ROUND candidates, and each time there are ROUND_FACTOR times more."""
AFTER_FIRST = 6000
"""Candidates looked at after the first solution, for a better one."""
TREES = 16
"""Decision trees looked at in each round after the first solution."""
CLOSED_BITS = 4
"""What it costs to apply an operator to constants only: made-up constants seldom are what is meant."""
LONGEST = 2
"""Texts in the bank are at most this many times as long as the longest in the task."""


Scored = tuple[float, Program]
"""A program with its log probability (nats)."""


@dataclass(frozen=True, slots=True)
class Grown:
    """Programs that fit all examples, with their log probability (nats), the first found first.

    `first_seconds` is when the first program was found and checked; `stop` is SOLVED, EXHAUSTED, or what cut the search
    short.
    """

    programs: list[Scored]
    first_seconds: float
    stop: StopReason

    @classmethod
    def of(cls, search: Iterable[Scored | None], meter: Meter) -> Grown:
        """Return all that a search finds. Raises BudgetSpent when the budget ends before a program was found."""
        found: list[Scored] = []
        first, stop = 0.0, StopReason.SOLVED
        try:
            for scored in search:
                if scored is not None:
                    first = first if found else meter.seconds
                    found.append(scored)
        except BudgetSpent as spent:
            if not found:
                raise
            stop = spent.reason
        return cls(found, first, stop if found else StopReason.EXHAUSTED)


def grow(grammar: Grammar, goal: Goal, rows: Sequence[Row], meter: Meter) -> Grown:
    """Return programs of the grammar that meet a goal, the search told apart by what they do on `rows` too.

    Raises BudgetSpent when the budget ends before a program was found.
    """
    return Grown.of(growth(grammar, goal, rows, meter), meter)


def growth(
    grammar: Grammar, goal: Goal, rows: Sequence[Row], meter: Meter, *, deduce: bool = True
) -> Iterator[Scored | None]:
    """Yield programs of the grammar that meet a goal, with their log probability (nats), and None between batches.

    Each time a program only seemed to meet the goal, the search begins anew with what refuted it (counterexamples
    guide it, Solar-Lezama et al. 2006). Without `deduce`, programs are enumerated only. Raises BudgetSpent.
    """
    learnt = True
    while learnt:
        learnt = found = False
        growing = Growing(grammar, goal, rows, meter, deduce)
        for scored in growing.run():
            if scored is not None:
                verdict = goal.verdict(scored[1])
                if verdict != HOLDS:
                    if not found and (learnt := goal.learn(scored[1], verdict)):
                        break
                    continue
                if not found:
                    found = True
                    growing.finish_after(AFTER_FIRST)
            yield scored


class Growing:
    """One search: programs that seem to meet a goal, judged by the first of `rows`, which are the goal's."""

    def __init__(
        self, grammar: Grammar, goal: Goal, rows: Sequence[Row], meter: Meter, deduce: bool = True
    ) -> None:
        self.grammar, self.goal, self.meter, self.deduce = grammar, goal, meter, deduce
        self.rows, self.judged = [*goal.rows, *rows], len(goal.rows)
        self.outputs = goal.outputs
        texts = [v for vector in (*self.rows, self.outputs or ()) for v in vector if isinstance(v, str)]
        self.longest = LONGEST * max(map(len, texts), default=0) + 8
        symbols = grammar.reachable(grammar.start)
        self.enumeration = Enumeration(
            grammar, symbols, self.rows, meter, every_option=False, closed_bits=CLOSED_BITS, keep=self.keep
        )
        self.switch = Switch.of(grammar)
        self.last = math.inf
        self.looked = (0, 0)
        self.yielded: set[Program] = set()

    def keep(self, symbol: Symbol, values: Vector) -> bool:
        """Return whether values are worth building on: not undefined everywhere, no text far too long."""
        return all(not isinstance(v, str) or len(v) <= self.longest for v in values)

    def finish_after(self, candidates: int) -> None:
        """Let the search end after so many further candidates."""
        self.last = self.enumeration.candidates + candidates

    def run(self) -> Iterator[Scored | None]:
        """Yield programs that seem to meet the goal, with their log probability (nats), and None after each batch."""
        due = FIRST_ROUND
        for _ in self.enumeration.run():
            yield from self.hits()
            if self.deduce and self.enumeration.candidates >= due:
                due = ROUND_FACTOR * self.enumeration.candidates
                yield from self.round()
            if self.enumeration.candidates > self.last:
                return
            yield None
        if self.deduce:
            yield from self.round()

    def hits(self) -> Iterator[Scored]:
        """Yield the programs enumerated since the last call that seem to meet the goal."""
        level = self.enumeration.levels[self.grammar.start]
        entries = level.get(self.enumeration.cost, [])
        if self.looked[0] != self.enumeration.cost:  # entries of this cost made earlier, at a surcharge, come along
            self.looked = self.enumeration.cost, 0
        for entry in entries[self.looked[1] :]:
            if self.goal.accepts(entry.values[: self.judged]):
                yield from self.new(entry.best)
        self.looked = self.looked[0], len(entries)

    def round(self) -> Iterator[Scored]:
        """Yield what deduction and conditions make of the bank as it stands."""
        bank = self.enumeration.bank()
        covering = None
        if self.outputs and self.grammar.joins(self.grammar.start) and all(isinstance(v, str) for v in self.outputs):
            covering = Covering(self.grammar, bank, self.outputs, self.meter)
        joined = self.joined(covering)
        if joined is not None:
            yield from self.new(joined)
        for tree in self.chosen(bank, covering):
            yield from self.new(tree)

    def new(self, found: Scored) -> Iterator[Scored]:
        """Yield a program unless it was before."""
        if found[1] not in self.yielded:
            self.yielded.add(found[1])
            yield found

    def joined(self, covering: Covering | None) -> Scored | None:
        """Return the most probable join of the bank's texts that writes the goal's outputs."""
        if covering is None:
            return None
        driver = max(range(self.judged), key=lambda row: (len(covering.outputs[row]), -row))
        others = [row for row in range(self.judged) if row != driver]
        return covering.best(self.grammar.start, (driver, *others))

    def chosen(self, bank: Bank, covering: Covering | None) -> Iterator[Scored]:
        """Yield decision trees over the bank, if the grammar can choose and the examples ask for it.

        The best one until a program was found; then, where examples are all there is, also others for comparison.
        """
        switch = self.switch
        if switch is None or self.judged < 2:
            return
        compare = self.last < math.inf and self.outputs is not None
        if compare:
            guards = distinct_guards(self.grammar, switch.guard, bank, self.compared, self.judged)
        else:
            guards = [
                Part(entry.best[1], entry.best[0], _mask(map(bool, entry.values[: self.judged])))
                for entry in bank.entries[switch.guard]
            ]
        branches = self.branches(bank, switch, covering)
        for tree in choose(switch, branches, guards, self.judged, self.meter, TREES if compare else 1):
            if self.goal.accepts(self.judged_values(tree.program)):
                yield tree.log_prob, tree.program

    @cached_property
    def compared(self) -> list[Row]:
        """Return the rows judged on, then rows put together of these."""
        judged = self.rows[: self.judged]
        return [*judged, *crossed_rows(judged)]

    def judged_values(self, program: Program) -> Vector:
        """Return what a program gives on the goal's rows."""
        return tuple([evaluate(program, row) for row in self.rows[: self.judged]])

    def branches(self, bank: Bank, switch: Switch, covering: Covering | None) -> Iterator[Part]:
        """Yield branches: entries of the bank that are right somewhere, and joins for clusters of examples."""
        for entry in bank.entries[switch.symbol]:
            mask = self.right(entry.values[: self.judged])
            if mask:
                log_prob, program = entry.best
                yield Part(program, log_prob, mask)
        if covering is None:
            return
        clustered: set[int] = set()
        for first in range(self.judged):
            if first in clustered or not (found := covering.best(switch.symbol, (first,))):
                continue
            cluster, mask = [first], self.right(self.judged_values(found[1]))
            for other in range(self.judged):
                if other == first:
                    continue
                if not mask >> other & 1:  # else the best for the cluster is the best with this one, too
                    more = covering.best(switch.symbol, (*cluster, other))
                    if more is None:
                        continue
                    found, mask = more, self.right(self.judged_values(more[1]))
                cluster.append(other)
            clustered.update(cluster)
            log_prob, program = found
            yield Part(program, log_prob, mask)

    def right(self, values: Vector) -> int:
        """Return the mask of the goal's rows on which these values are right."""
        return _mask(self.goal.right(values))


def _mask(bits: Iterable[bool]) -> int:
    """Return the number whose i-th bit is the i-th truth value."""
    return sum([1 << i for i, bit in enumerate(bits) if bit])
