"""How much work a search may do, and why it stopped."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class StopReason(StrEnum):
    """Why a search ended: with a program (solved), or without one and for which reason."""

    SOLVED = "solved"
    EXHAUSTED = "exhausted"
    """Everything in the language was looked at; no program fits all examples."""
    OUT_OF_CANDIDATES = "out_of_candidates"
    OUT_OF_TIME = "out_of_time"
    CANCELLED = "cancelled"
    NO_EXAMPLE = "no_example"


@dataclass(frozen=True, slots=True)
class Budget:
    """Limits of one search: wall-clock seconds, candidates looked at, and a way to cancel.

    Effort is counted in candidates, so the same input gives the same answer unless time runs out first.
    """

    seconds: float = 4.0
    candidates: int = 2_000_000
    cancelled: Callable[[], bool] | None = None

    def __post_init__(self) -> None:
        if not self.seconds > 0 or self.candidates < 1:
            raise ValueError("a budget needs more than 0 seconds and at least 1 candidate")

    def start(self) -> Meter:
        """Return a running meter for this budget."""
        return Meter(self)


class BudgetSpent(Exception):
    """The budget ran out; `reason` says which part of it."""

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason


class Meter:
    """Counts candidates and watches the clock."""

    __slots__ = ("_next_look", "budget", "candidates", "deadline", "started")

    LOOK_EVERY = 256

    def __init__(self, budget: Budget) -> None:
        self.budget = budget
        self.candidates = 0
        self.started = time.perf_counter()
        self.deadline = self.started + budget.seconds
        self._next_look = self.LOOK_EVERY

    def spend(self, candidates: int = 1) -> None:
        """Count candidates; raise BudgetSpent when candidates or time are used up or the search is cancelled."""
        self.candidates += candidates
        if self.candidates >= self._next_look:
            self._next_look = self.candidates + self.LOOK_EVERY
            if self.candidates > self.budget.candidates:
                raise BudgetSpent(StopReason.OUT_OF_CANDIDATES)
            if time.perf_counter() > self.deadline:
                raise BudgetSpent(StopReason.OUT_OF_TIME)
            if self.budget.cancelled is not None and self.budget.cancelled():
                raise BudgetSpent(StopReason.CANCELLED)

    @property
    def seconds(self) -> float:
        """Return the seconds since the start."""
        return time.perf_counter() - self.started
