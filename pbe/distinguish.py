"""What to ask: the row whose output would settle most."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dsl.task import Row
from pbe.answer import DOUBTFUL, Candidate, Question
from pbe.meaning import Outputs

MOST_OPTIONS = 4
BY_CHANCE = 0.05
"""Bits of entropy between rows that 2,000 draws do not tell from none."""
SETTLED = 1e-3
"""Bits of entropy below which an output counts as settled."""


def entropy(distribution: Mapping[str | None, float]) -> float:
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
    unsaid = [row for row in range(len(rows)) if row not in given]
    if not unsaid:
        return None
    gains = {row: entropy(distributions[row]) for row in unsaid}
    row = max(unsaid, key=lambda r: (gains[r], -index[r]))
    if gains[row] < SETTLED:
        row = min(unsaid, key=lambda r: (confidence[r], index[r]))
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


def most_ambiguous_row(rows: Sequence[Row], behaviours: Mapping[Outputs, int]) -> int:
    """Return the row with the most uncertain output where behaviours are as likely as counted; there must be rows.

    The first row stands where it is about as uncertain: the counts are of programs drawn at random.
    """
    counts: list[dict[str | None, float]] = [{} for _ in rows]
    for outputs, times in behaviours.items():
        for count, output in zip(counts, outputs, strict=True):
            count[output] = count.get(output, 0.0) + times
    gains = [entropy(count) for count in counts]
    best = max(range(len(rows)), key=lambda row: (round(gains[row], 9), -row))
    return best if gains[best] - gains[0] > BY_CHANCE else 0
