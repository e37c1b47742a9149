"""What to ask: the row whose output would settle most."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dsl.task import Row
from dsl.types import Value
from pbe.answer import DOUBTFUL, Candidate, Question
from pbe.enumeration import Bank

MOST_OPTIONS = 4
SETTLED = 1e-3
"""Bits of entropy below which an output counts as settled."""


def entropy(distribution: Mapping[Any, float]) -> float:
    """Return the entropy (bits) of a distribution, normalised first."""
    total = sum(distribution.values())
    return -sum(p / total * math.log2(p / total) for p in distribution.values() if p > 0) if total > 0 else 0.0


def best_question(
    rows: Sequence[Row],
    distributions: Sequence[Mapping[str | None, float]],
    confidence: Sequence[float],
    given: set[int],
    index: Sequence[int],
) -> Question | None:
    """Return the question on the row with the most uncertain output; None where every row is settled.

    Behaviours determine outputs, so the expected information gain of asking a row is the entropy of its output. Where
    all behaviours agree, what is open is whether any of them is meant: then the least sure row is asked for, if it is
    doubtful. `index` maps the rows looked at to the rows of the task.
    """
    gains = [0.0 if row in given else entropy(dist) for row, dist in enumerate(distributions)]
    row = max(range(len(gains)), key=lambda r: (gains[r], -index[r]), default=-1)
    if row < 0:
        return None
    if gains[row] < SETTLED:
        row = min(range(len(gains)), key=lambda r: (confidence[r], index[r]))
        if confidence[row] >= DOUBTFUL:
            return None
    return Question(index[row], rows[row], _options(distributions[row]))


def made_up_question(candidates: Sequence[Candidate], made_up: Sequence[Row], places: Sequence[int]) -> Question | None:
    """Return the question on the made-up row on which candidates differ most; None where they agree on all.

    `places` are the made-up rows' places among the candidates' outputs. Only outputs that are written count: whoever is
    asked about a row that does not exist should have something to choose between.
    """
    best: tuple[float, Question] | None = None
    for row, place in zip(made_up, places, strict=True):
        chances: dict[str | None, float] = {}
        for candidate in candidates:
            output = candidate.outputs[place]
            if output is not None:
                chances[output] = chances.get(output, 0.0) + candidate.probability
        gain = entropy(chances)
        if gain >= SETTLED and (best is None or gain > best[0]):
            best = gain, Question(None, row, _options(chances))
    return None if best is None else best[1]


def _options(chances: Mapping[str | None, float]) -> tuple[tuple[str | None, float], ...]:
    options = sorted(chances.items(), key=lambda item: (-item[1], item[0] is None, item[0] or ""))
    return tuple(options[:MOST_OPTIONS])


def most_ambiguous_row(rows: Sequence[Row], bank: Bank) -> int | None:
    """Return the row on which the parts of programs differ most under the prior; None without rows.

    Every symbol that was enumerated adds the entropy of its programs' values on the row: where fields, tokens, places
    and dates read one way or another come out alike, the output of whole programs does too and tells little.
    """

    def spread(row: int) -> float:
        return sum(entropy(_masses(bank, symbol, row)) for symbol in bank.entries)

    return max(range(len(rows)), key=lambda row: (spread(row), -row), default=None)


def _masses(bank: Bank, symbol: str, row: int) -> dict[Value, float]:
    """Return the mass of each value that a symbol's programs have on a row."""
    return {
        value: math.fsum(math.exp(entry.log_mass) for entry in entries)
        for value, entries in bank.index(symbol, row).items()
    }
