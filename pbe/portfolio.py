"""Searches in several weightings of a grammar at once, each with its share of the candidates.

A search with a share s finds its program when all together have looked at 1 / s times as many candidates as it would
have alone, whatever the others do: so weights that nobody vouches for cost little when they mislead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pbe.budget import BudgetSpent, Meter, StopReason
from pbe.growing import Scored

GUIDED = 0.2
"""The share of a search in weights from outside: the search in the grammar's own takes 1.25 times as many candidates
as it would alone, at most, but for the batch that is being looked at."""


@dataclass(frozen=True, slots=True)
class Member:
    """One search, which counts on a meter of its own: `steps` yields what it finds, and None in between."""

    steps: Iterator[Scored | None]
    meter: Meter
    share: float


def first_found(members: Sequence[Member]) -> tuple[Member, Scored] | None:
    """Return the search that first finds a program, with the program; None when all end without any.

    Raises BudgetSpent when time is up, or all have together looked at as many candidates as one may.
    """
    running = list(members)
    while running:
        turn = min(running, key=lambda member: member.meter.candidates / member.share)
        try:
            scored = next(turn.steps)
        except StopIteration:
            running.remove(turn)
            continue
        if scored is not None:
            return turn, scored
        if looked_at(members) > turn.meter.budget.candidates:
            raise BudgetSpent(StopReason.OUT_OF_CANDIDATES)
    return None


def looked_at(members: Sequence[Member]) -> int:
    """Return the candidates of all searches."""
    return sum([member.meter.candidates for member in members])
