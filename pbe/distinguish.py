"""What to ask: the row whose output would settle most."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dsl.task import Row
from pbe.answer import Question
from pbe.enumeration import Bank

MOST_OPTIONS = 4


def entropy(distribution: Mapping[str | None, float]) -> float:
    """Return the entropy (bits) of a distribution, normalised first."""
    total = sum(distribution.values())
    return -sum(p / total * math.log2(p / total) for p in distribution.values() if p > 0) if total > 0 else 0.0


def best_question(
    rows: Sequence[Row], distributions: Sequence[Mapping[str | None, float]], given: set[int], index: Sequence[int]
) -> Question | None:
    """Return the question on the row with the most uncertain output; None where every row is settled.

    Behaviours determine outputs, so the expected information gain of asking a row is the entropy of its output.
    `index` maps the rows looked at to the rows of the task.
    """
    gains = [0.0 if row in given else entropy(dist) for row, dist in enumerate(distributions)]
    row = max(range(len(gains)), key=lambda r: (gains[r], -index[r]), default=-1)
    if row < 0 or gains[row] < 1e-3:
        return None
    options = sorted(distributions[row].items(), key=lambda item: (-item[1], item[0] is None, item[0] or ""))
    return Question(index[row], rows[row], tuple(options[:MOST_OPTIONS]))


def most_ambiguous_row(rows: Sequence[Row], bank: Bank, symbol: str) -> int | None:
    """Return the row on which the programs of a symbol disagree most under the prior; None without rows."""

    def spread(row: int) -> float:
        masses = {
            value: math.fsum(math.exp(entry.log_mass) for entry in entries)
            for value, entries in bank.index(symbol, row).items()
        }
        return entropy(masses)

    return max(range(len(rows)), key=lambda row: (spread(row), -row), default=None)
