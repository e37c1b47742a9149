"""How soon listeners guess what is taught: replays of what people said, and simulated speakers.

L0 answers the consistent meaning that comes first in one random order per trial, so that it has guessed right by step k
with probability 1 / |V_k|. L1 answers a meaning of largest posterior; among equals it picks one at random, or (strict)
counts only where there is a single one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import rsa

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Step:
    """What the listeners make of the target after one more utterance.

    `left` is |V|, `literal` the probability that L0 answers the target; `top` is the probability that L1 does, breaking
    ties at random, `strict` whether it does without a tie; `posterior` is L1 of the target and `rank` one more than the
    number of meanings above it.
    """

    left: int
    literal: float
    top: float
    strict: bool
    posterior: float
    rank: int


@dataclass(frozen=True, slots=True)
class Taught:
    """Simulated teaching by the likeliest utterances, one entry per target.

    `strict` is the number of utterances after which L1 names the target without a tie, 0 if it never does;
    `literal` is the expected number after which L0 names it.
    """

    strict: Ints
    literal: Floats


def heard(talk: rsa.Conversation, target: int) -> Step:
    """Return what the listeners make of a target at this point of a conversation."""
    log_posterior = talk.pragmatic_listener()
    best = rsa.argmax_set(log_posterior)
    fits = bool(np.isin(target, talk.meanings))
    share = 1 / len(best) if target in best else 0.0
    above = np.count_nonzero(log_posterior > log_posterior[target] + 1e-9)
    return Step(
        left=len(talk.meanings),
        literal=1 / len(talk.meanings) if fits else 0.0,
        top=share,
        strict=share == 1.0,
        posterior=float(np.exp(log_posterior[target])),
        rank=int(above) + 1,
    )


def replayed(talk: rsa.Conversation, target: int, said: Sequence[int]) -> list[Step]:
    """Return the steps of a conversation that continues `talk` with what was said."""
    steps = []
    for utterance in said:
        talk = talk.say(utterance)
        steps.append(heard(talk, target))
    return steps


def carried(values: Sequence[float], k: int) -> float:
    """Return the value at step k, counted from 1; a shorter sequence carries its last, an empty one is 0."""
    return values[min(k, len(values)) - 1] if values else 0.0


def first(successes: Sequence[bool]) -> int | None:
    """Return the number of the first step that succeeds, counted from 1."""
    return next((k for k, success in enumerate(successes, 1) if success), None)


def taught_by_best(
    talk: rsa.Conversation, targets: Sequence[int], most: int, tick: Callable[[int, int], None] = lambda *_: None
) -> Taught:
    """Return how soon each target is understood when the speaker always says what S1 is likeliest to say.

    Targets that begin alike share the inferences. At most `most` utterances are made for each.
    """
    places = {target: place for place, target in enumerate(targets)}
    strict = np.zeros(len(targets), dtype=np.intp)
    literal = np.zeros(len(targets))
    waiting = [(talk, np.asarray(targets, dtype=np.intp), 0)]
    done = 0
    while waiting:
        talk, group, said = waiting.pop()
        group_places = np.array([places[int(target)] for target in group])
        literal[group_places] += 1.0 - 1.0 / len(talk.meanings) if said else 1.0
        if said:
            best = rsa.argmax_set(talk.log_speaker())
            if len(best) == 1 and best[0] in group and not strict[places[int(best[0])]]:
                strict[places[int(best[0])]] = said
        settled = (strict[group_places] > 0) & (len(talk.meanings) == 1)
        next_ones = talk.likeliest(group)
        over = settled | (next_ones == talk.lexicon.utterances) | (said == most)
        done += int(over.sum())
        tick(done, len(targets))
        for utterance in np.unique(next_ones[~over]):
            waiting.append((talk.say(int(utterance)), group[~over & (next_ones == utterance)], said + 1))
    return Taught(strict, literal)


def taught_at_random(talk: rsa.Conversation, target: int, random: np.random.Generator) -> tuple[float, float]:
    """Return the expected numbers of utterances until L0 and L1 name the target when all true ones are equally likely.

    The utterances are drawn once (S0); the expectation is over the guesses of the listeners.
    """
    literal = pragmatic = failed = 1.0
    true_ones = talk.lexicon.true_of[target]
    for utterance in random.permutation(true_ones[true_ones < talk.lexicon.utterances]):
        talk = talk.say(int(utterance))
        step = heard(talk, target)
        literal += 1.0 - step.literal
        failed *= 1.0 - step.top
        pragmatic += failed
        if step.left == 1:
            break
    return literal, pragmatic
