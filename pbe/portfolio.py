"""Bottom-up search without deduction in several weightings of a grammar at once, each with its share of the effort.

A search with a share s of the candidates finds its program after 1 / s times as many as it would need alone, whatever
the others do: so a weighting that nobody vouches for costs little when it is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dsl.grammar import Grammar
from dsl.program import Program
from pbe.budget import Budget, BudgetSpent, Meter, StopReason
from pbe.goals import HOLDS, Goal
from pbe.growing import Growing


@dataclass(frozen=True, slots=True)
class Outcome:
    """The first program that met the goal, or None and why there is none.

    `candidates` were looked at by all searches together, `winner` is the number of the search that found the program.
    """

    program: Program | None
    winner: int | None
    candidates: int
    seconds: float
    stop: StopReason


def search_in_turn(
    members: Sequence[tuple[Grammar, float]], goal: Callable[[], Goal], budget: Budget
) -> Outcome:
    """Return the first program found by searches in several grammars, of which each has its share of the candidates.

    `members` are the grammars with their shares; `goal` makes each search a goal of its own, since it learns from the
    programs that only seemed to meet it.
    """
    meters = [budget.start() for _ in members]
    searches = [bottom_up(grammar, goal(), meter) for (grammar, _), meter in zip(members, meters, strict=True)]
    running = list(range(len(members)))

    def outcome(stop: StopReason, program: Program | None = None, winner: int | None = None) -> Outcome:
        return Outcome(program, winner, sum(m.candidates for m in meters), meters[0].seconds, stop)

    try:
        while running:
            turn = min(running, key=lambda index: meters[index].candidates / members[index][1])
            try:
                program = next(searches[turn])
            except StopIteration:
                running.remove(turn)
                continue
            if program is not None:
                return outcome(StopReason.SOLVED, program, turn)
            if sum(meter.candidates for meter in meters) > budget.candidates:
                return outcome(StopReason.OUT_OF_CANDIDATES)
    except BudgetSpent as spent:
        return outcome(spent.reason)
    return outcome(StopReason.EXHAUSTED)


def bottom_up(grammar: Grammar, goal: Goal, meter: Meter) -> Iterator[Program | None]:
    """Yield the programs that meet a goal, cheapest first, and None after each batch of candidates.

    Programs that agree on the goal's rows are one (observational equivalence). Raises BudgetSpent.
    """
    learnt = True
    while learnt:
        learnt = False
        growing = Growing(grammar, goal, (), meter)
        for _ in growing.enumeration.run():
            for _, program in growing.hits():
                verdict = goal.verdict(program)
                if verdict == HOLDS:
                    yield program
                elif goal.learn(program, verdict):
                    learnt = True
                    break
            if learnt:
                break
            yield None
