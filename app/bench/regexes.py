"""The regex study beside its published figures: replays of people's sentences, simulated speakers, time.

Source: Pu et al., Amortizing pragmatic program synthesis with rankings, 2023; the figures were measured with its
published code and data.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

import rsa
from app.bench.figures import Figure
from app.bench.humans import RegexStudy
from app.bench.listening import time_listening
from app.bench.teaching import carried, first, replayed, taught_by_best

PROTOCOL = (
    "The rows of robot g are replayed with the sentences that the table knows and that are true of the target; a "
    "shorter sequence carries its last value. Sentences may be repeated. L1 top-1 breaks ties at random; a first "
    "success is one without a tie. S1 says the likeliest sentence, the first of equals."
)
MOST = 20
"""Sentences after which a simulated speaker gives up."""
REPLAYED = {
    "E L0": (0.0181, 0.0350, 0.0478, 0.0520, 0.0579, 0.0669),
    "L1 top-1": (0.0667, 0.4500, 0.5833, 0.6333, 0.6833, 0.7500),
    "published ranking": (0.0500, 0.4000, 0.5167, 0.5667, 0.6167, 0.6833),
}
"""Published means over the rows at k = 1 to 6."""

Section = tuple[str, list[Figure]]


def sections(study: RegexStudy, lexicon: rsa.Lexicon, tick: Callable[[int, int], None]) -> list[Section]:
    """Return all published figures beside ours."""
    start = lexicon.conversation(repeatable=True)
    replays = [replayed(start, one.target, one.said) for one in study.rounds]
    ranked = [
        [_first_of(study.ranking, start.say(*one.said[:k]).meanings) == one.target for k in range(1, len(one.said) + 1)]
        for one in study.rounds
    ]
    values: dict[str, list[list[float]]] = {
        "E L0": [[step.literal for step in line] for line in replays],
        "L1 top-1": [[step.top for step in line] for line in replays],
        "published ranking": [[float(right) for right in line] for line in ranked],
    }
    taught = taught_by_best(start, range(len(study.regexes)), MOST, tick)
    return [
        ("The table", table(study)),
        *[(f"Replay of the rows, {measure}", _replay(measure, values[measure])) for measure in REPLAYED],
        (
            "First sentence at which the target is named",
            [
                *_first_success("L1 strict", 45, 2.778, [[step.strict for step in line] for line in replays]),
                *_first_success("published ranking", 41, 2.854, ranked),
            ],
        ),
        (
            "Simulated speaker: sentences until the guess is right",
            [
                Figure("S1 – L1 strict, regexes reached", 350, int(np.count_nonzero(taught.strict))),
                Figure("S1 – L1 strict, reached at, mean", 1.920, float(taught.strict[taught.strict > 0].mean()), 3),
            ],
        ),
    ]


def table(study: RegexStudy) -> list[Figure]:
    """Return what is published about the study's table."""
    matches = [[bool(re.match(regex, sentence)) for regex in study.regexes] for sentence in study.sentences]
    return [
        Figure("sentences", 2000, study.truth.shape[0]),
        Figure("regexes", 350, study.truth.shape[1]),
        Figure("entries equal to re.match", 700_000, int(np.count_nonzero(study.truth == np.array(matches)))),
        Figure("regexes ranked", 349, len(study.ranking)),
        Figure("rows of robot g", 60, len(study.rounds)),
    ]


def distilled(study: RegexStudy, lexicon: rsa.Lexicon) -> dict[str, dict[str, float]]:
    """Return the replay of the rows by a listener that answers what fits first in the order distilled from L1."""
    ranking = rsa.distilled_ranking(lexicon)
    lines = [
        [float(ranking.listener(lexicon, one.said[:k]) == one.target) for k in range(1, len(one.said) + 1)]
        for one in study.rounds
    ]
    replay = {f"k = {k}": float(np.mean([carried(line, k) for line in lines])) for k in range(1, 7)}
    return {"replay of the rows, the order distilled from L1": replay}


def times(study: RegexStudy, lexicon: rsa.Lexicon, tick: Callable[[int, int], None]) -> dict[str, dict[str, float]]:
    """Return how long listening takes on the rows."""
    prefixes = [one.said[:k] for one in study.rounds for k in range(1, len(one.said) + 1)]
    listening = time_listening(lexicon, prefixes, repeatable=True, tick=tick)
    return {"one exact L1 over what people had said": listening}


def _first_of(ranking: Sequence[int], left: NDArray[np.intp]) -> int:
    """Return the best ranked of what is left; 0, which is not ranked, where none is."""
    kept = set(left.tolist())
    return next((w for w in ranking if w in kept), 0)


def _replay(measure: str, lines: Sequence[Sequence[float]]) -> list[Figure]:
    return [
        Figure(f"{measure}, k = {k}", reference, float(np.mean([carried(line, k) for line in lines])), 4)
        for k, reference in enumerate(REPLAYED[measure], 1)
    ]


def _first_success(name: str, rows: int, mean: float, lines: Sequence[Sequence[bool]]) -> list[Figure]:
    found = [k for line in lines if (k := first(line)) is not None]
    return [
        Figure(f"{name}, reached in, of {len(lines)}", rows, len(found)),
        Figure(f"{name}, reached at, mean", mean, float(np.mean(found)), 3),
    ]
