"""How long a listener takes: over what people said, against a plain loop over candidates, and on a large lexicon."""

from __future__ import annotations

import math
import statistics
import time
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

import rsa
from app.robots import Game, World

LARGE = (100, 200_000)
TIMES = 3
SAMPLED = 60
CANDIDATES = 3


def plain_log_speaker(truth: NDArray[np.bool_], said: Sequence[int], meaning: int, repeatable: bool) -> float:
    """Return log S1(u_1 … u_t | w) for one candidate as the equations say it, sharing nothing with other candidates."""
    left = np.arange(truth.shape[1])
    log_p = 0.0
    for step, utterance in enumerate(said):
        true_ones = [u for u in np.flatnonzero(truth[:, meaning]) if repeatable or u not in said[:step]]
        shares = [1 / np.count_nonzero(truth[u, left]) for u in true_ones]
        log_p += math.log(1 / np.count_nonzero(truth[utterance, left]) / sum(shares))
        left = left[truth[utterance, left]]
    return log_p


def time_listening(
    lexicon: rsa.Lexicon,
    heard: Sequence[Sequence[int]],
    *,
    repeatable: bool,
    tick: Callable[[int, int], None] = lambda *_: None,
) -> dict[str, float]:
    """Return how long exact L1 takes, started anew for each thing heard, and how long a plain loop would.

    Times are by the clock, the best of three, since other work on the machine is no part of them.
    The plain loop goes over the candidates one by one; it is timed on a few candidates of a sample of the inferences,
    scaled to all candidates, and compared with ours on the same inferences.
    """
    ours = []
    for done, said in enumerate(heard):
        tick(done, len(heard))
        ours.append(_best_of(partial(lexicon.pragmatic_listener, said, repeatable=repeatable))[0])
    truth = _truth(lexicon)
    random = np.random.default_rng(0)
    sample = range(0, len(heard), max(1, len(heard) // SAMPLED))
    plain, deviations = [], [0.0]
    for place in sample:
        talk = lexicon.conversation(repeatable=repeatable).say(*heard[place])
        log_speaker = talk.log_speaker()
        some = [int(meaning) for meaning in random.permutation(talk.meanings)[:CANDIDATES]]
        found = [_best_of(partial(plain_log_speaker, truth, heard[place], one, repeatable)) for one in some]
        plain.append(statistics.fmean(seconds for seconds, _ in found) * len(talk.meanings))
        deviations += [abs(log_p - log_speaker[one]) for (_, log_p), one in zip(found, some, strict=True)]
    same = [ours[place] for place in sample]
    return {
        "inferences": len(heard),
        "mean ms": 1000 * statistics.fmean(ours),
        "worst ms": 1000 * max(ours),
        "inferences of the plain loop": len(plain),
        "mean ms of the plain loop": 1000 * statistics.fmean(plain),
        "mean ms of ours on the same": 1000 * statistics.fmean(same),
        "times faster": statistics.fmean(plain) / statistics.fmean(same),
        "largest difference of log S1": max(deviations),
    }


def time_robots(
    world: World, rounds: Sequence[tuple[int, Sequence[int]]], tick: Callable[[int, int], None] = lambda *_: None
) -> dict[str, float]:
    """Return how long the robots of the page take, together, to answer each further cell of (target, cells) rounds."""
    seconds = []
    for done, (target, cells) in enumerate(rounds):
        tick(done, len(rounds))
        game = Game.begun(world, target, seed=done)
        for shown in range(1, len(cells) + 1):
            elapsed, game = _best_of(partial(game.showing, cells[:shown]))
            seconds.append(elapsed)
    return {
        "answers": len(seconds),
        "mean ms": 1000 * statistics.fmean(seconds),
        "95th percentile ms": 1000 * float(np.quantile(seconds, 0.95)),
        "worst ms": 1000 * max(seconds),
    }


def _best_of(call: Callable[[], Any]) -> tuple[float, Any]:
    """Return the shortest time, in seconds, that a call took, and what it returned."""
    seconds = math.inf
    for _ in range(TIMES):
        started = time.perf_counter()
        returned = call()
        seconds = min(seconds, time.perf_counter() - started)
    return seconds, returned


def _truth(lexicon: rsa.Lexicon) -> NDArray[np.bool_]:
    """Return the table of truth (utterances, meanings) of a lexicon."""
    table = np.zeros((lexicon.utterances + 1, len(lexicon.true_of)), dtype=bool)
    table[lexicon.true_of.T, np.arange(len(lexicon.true_of))] = True
    return table[:-1]


def time_large() -> dict[str, float]:
    """Return how long a made-up lexicon of 200,000 behaviours over 100 rows takes to prepare and to hear three rows.

    The megabytes are the most that was held at once, the table of codes included.
    """
    codes = np.random.default_rng(0).geometric(0.2, LARGE).astype(np.int32) - 1
    started = time.perf_counter()
    prepared = _hear_three_rows(codes)
    done = time.perf_counter()
    tracemalloc.start()
    try:
        _hear_three_rows(codes)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    return {
        "rows": codes.shape[0],
        "behaviours": codes.shape[1],
        "seconds to prepare": prepared - started,
        "seconds of one L1": done - prepared,
        "megabytes at most": (peak + codes.nbytes) / 1e6,
    }


def _hear_three_rows(codes: NDArray[np.int32]) -> float:
    """Prepare a lexicon, let it hear three rows, and return the moment between the two."""
    lexicon = rsa.Lexicon.of_codes(codes)
    prepared = time.perf_counter()
    rows, behaviours = codes.shape
    said = [lexicon.utterance(row, int(codes[row, behaviours // 2])) for row in (0, rows // 2, rows - 1)]
    lexicon.pragmatic_listener(said)
    return prepared
