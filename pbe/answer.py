"""What a search returns: programs by behaviour, a prediction and a probability per row, and what to ask next."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.program import Program
from dsl.task import Row
from pbe.budget import StopReason

DOUBTFUL = 0.9
"""Cells whose confidence is below this are marked."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One behaviour: its best program, its posterior probability, and its output on every row (None is blank)."""

    program: Program
    probability: float
    outputs: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """What would settle most: the right output of one row. `row` is None when the inputs are made up.

    `options` are the outputs in question with their probabilities, most probable first; before any example it is
    empty.
    """

    row: int | None
    inputs: Row
    options: tuple[tuple[str | None, float], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of learning from examples.

    `program` is None when nothing fits, and `stop` says why. `outputs` and `confidence` have one entry per row of the
    task: the prediction (None is blank) and its calibrated posterior probability in [0, 1]; rows given as examples have
    their own output and 1. `count` is the number of programs found that fit, `found` the posterior probability that one
    of them is meant (the rest is for "none of my programs"), `seconds` the time spent.
    """

    program: Program | None
    outputs: tuple[str | None, ...]
    confidence: tuple[float, ...]
    candidates: tuple[Candidate, ...]
    question: Question | None
    stop: StopReason
    count: int = 0
    found: float = 0.0
    seconds: float = 0.0

    @property
    def doubtful(self) -> tuple[int, ...]:
        """Return the rows whose confidence is below DOUBTFUL."""
        return tuple(i for i, confidence in enumerate(self.confidence) if confidence < DOUBTFUL)
