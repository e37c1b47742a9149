"""Everything the agents think about one table, as plain probabilities with labels: for a page, a notebook, a plot."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rsa._arrays import Bools, Floats, as_depth, as_said, as_truth
from rsa.agents import literal_listener, pragmatic_listener, pragmatic_speaker
from rsa.incremental import consistent, literal_sequence_listener, pragmatic_sequence_listener, step_speaker


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What is believed after one more utterance of a sequence.

    `utterance` is its row. `speaker` has shape (utterances, meanings): S1 just before it was said, columns (axis 0)
    sum to 1 or are 0 throughout. `possible`, `literal` (L0) and `pragmatic` (L1) have shape (meanings,) and hold after
    it; the last two sum to 1, or are 0 throughout where nothing is left.
    """

    utterance: int
    speaker: Floats
    possible: Bools
    literal: Floats
    pragmatic: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Exploration:
    """A table with the agents' probabilities; arrays have shape (utterances, meanings), labels name both axes.

    `listeners` are L0, L1, … (rows, axis 1, sum to 1), `speakers` are S1, S2, … (columns, axis 0, sum to 1); lines for
    which nothing is true are 0 throughout. `steps` follow a sequence of utterances.
    """

    utterances: tuple[str, ...]
    meanings: tuple[str, ...]
    truth: Bools
    listeners: tuple[Floats, ...]
    speakers: tuple[Floats, ...]
    steps: tuple[Step, ...]


def explore(
    truth: ArrayLike,
    said: Sequence[int] = (),
    log_prior: ArrayLike | None = None,
    *,
    alpha: float = 1.0,
    cost: ArrayLike | None = None,
    depth: int = 1,
    utterances: Sequence[str] | None = None,
    meanings: Sequence[str] | None = None,
) -> Exploration:
    """Return L0 … L_depth, S1 … S_depth and the steps of the sequence `said` (rows, in order), as probabilities.

    Labels are u1, u2, … and w1, w2, … unless given. Other arguments as for `rsa.listener`; steps reason at depth 1.
    Raises ValueError where labels do not fit the table, and as the agents do.
    Source: Goodman & Frank 2016; for the steps Cohn-Gordon et al. 2018.
    """
    truth = as_truth(truth)
    rows = as_said(said, len(truth), repeatable=False)
    log_listeners = [literal_listener(truth, log_prior)]
    log_speakers = []
    for _ in range(as_depth(depth, least=0)):
        log_speakers.append(pragmatic_speaker(log_listeners[-1], cost, alpha))
        log_listeners.append(pragmatic_listener(log_speakers[-1], log_prior))
    steps = []
    for index, row in enumerate(rows):
        before, after = rows[:index], rows[: index + 1]
        steps.append(
            Step(
                row,
                np.exp(step_speaker(truth, before, log_prior, alpha=alpha, cost=cost)),
                consistent(truth, after),
                np.exp(literal_sequence_listener(truth, after, log_prior)),
                np.exp(pragmatic_sequence_listener(truth, after, log_prior, alpha=alpha, cost=cost)),
            )
        )
    return Exploration(
        _labels(utterances, "u", truth.shape[0], "utterances"),
        _labels(meanings, "w", truth.shape[1], "meanings"),
        truth,
        tuple([np.exp(table) for table in log_listeners]),
        tuple([np.exp(table) for table in log_speakers]),
        tuple(steps),
    )


def _labels(given: Sequence[str] | None, letter: str, count: int, name: str) -> tuple[str, ...]:
    if given is None:
        return tuple([f"{letter}{i + 1}" for i in range(count)])
    if len(given) != count:
        raise ValueError(f"the table has {count} {name}, but {len(given)} labels are given for them")
    return tuple(given)
