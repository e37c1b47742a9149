"""Ordered sequences of utterances: the speaker chooses one utterance at a time, knowing what was said.

`said` lists row numbers of `truth` (utterances, meanings) in the order in which they were said. With V_0 all
meanings and V_k those that u_1 … u_k are true of,

    S1(u_1 … u_t | w) = Π_k S1(u_k | w, u_<k)     each against L0 on V_{k-1}, over the utterances true of w
    L1(w | u_1 … u_t) ∝ S1(u_1 … u_t | w) · prior[w]

Alternatives at a step are the utterances still unsaid; with repeatable=True, all of them. Order matters.

These are the definitions, one table per step, also for costs that depend on the meaning. `rsa.Lexicon` gives the same
numbers for large tables in a thousandth of the time.

Sources: Cohn-Gordon, Goodman & Potts, An incremental iterated response model of pragmatics, 2018; Pu et al.,
Program synthesis with pragmatic communication, 2020.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from rsa._arrays import Bools, Floats, Ints, as_cost, as_log_prior, as_said, as_truth, normalised
from rsa.agents import literal_listener, pragmatic_speaker


def consistent(truth: ArrayLike, said: Sequence[int]) -> Bools:
    """Return, shape (meanings,), whether everything said is true of the meaning (V_t).

    Raises ValueError where truth is not a table of True and False or `said` names no row of it.
    Source: Pu et al. 2020.
    """
    truth = as_truth(truth)
    return np.asarray(np.all(truth[as_said(said, len(truth), repeatable=True)], axis=0))


def literal_sequence_listener(
    truth: ArrayLike, said: Sequence[int], log_prior: ArrayLike | None = None
) -> Floats:
    """Return log L0(w | u_1 … u_t), shape (meanings,), in nats: the prior on the consistent meanings.

    Sums to 1 after exp (axis 0), or is -inf throughout where nothing of positive prior is consistent.
    Nothing said gives the prior. Raises ValueError as `consistent` does, or where log_prior does not fit.
    Source: Pu et al. 2020.
    """
    truth = as_truth(truth)
    log_prior = as_log_prior(log_prior, truth.shape[1])
    return normalised(np.where(consistent(truth, said), log_prior, -np.inf), axis=0)


def step_speaker(
    truth: ArrayLike,
    said: Sequence[int],
    log_prior: ArrayLike | None = None,
    *,
    alpha: float = 1.0,
    cost: ArrayLike | None = None,
    repeatable: bool = False,
) -> Floats:
    """Return log S1(u | w, said), shape (utterances, meanings), in nats: what would be said next.

    Columns (axis 0) sum to 1 after exp; a meaning that is inconsistent, of no prior, or with nothing left to
    say is a column of -inf. `cost` (subtracted, nats) has shape (utterances,) or (utterances, meanings).
    Raises ValueError where shapes do not fit, alpha is negative, or something is said twice, not repeatable.
    Source: Cohn-Gordon et al. 2018; Pu et al. 2020.
    """
    truth = as_truth(truth)
    price = np.array(np.broadcast_to(as_cost(cost, truth.shape), truth.shape))
    if not repeatable:
        price[as_said(said, len(truth), repeatable)] = np.inf
    return pragmatic_speaker(
        literal_listener(truth, literal_sequence_listener(truth, said, log_prior)), price, alpha
    )


def log_sequence_speaker(
    truth: ArrayLike,
    said: Sequence[int],
    log_prior: ArrayLike | None = None,
    *,
    alpha: float = 1.0,
    cost: ArrayLike | None = None,
    repeatable: bool = False,
) -> Floats:
    """Return log S1(u_1 … u_t | w), shape (meanings,), in nats: one `step_speaker` a step, as it is defined.

    A likelihood, so it need not sum to 1 over axis 0; -inf where something said is false of w.
    Raises ValueError as `step_speaker` does.
    Source: Cohn-Gordon et al. 2018; Pu et al. 2020.
    """
    truth = as_truth(truth)
    rows = as_said(said, len(truth), repeatable)
    log_p = np.where(as_log_prior(log_prior, truth.shape[1]) > -np.inf, 0.0, -np.inf)
    for step, row in enumerate(rows):
        log_step = step_speaker(truth, rows[:step], log_prior, alpha=alpha, cost=cost, repeatable=repeatable)
        log_p += log_step[row]
    return log_p


def pragmatic_sequence_listener(
    truth: ArrayLike,
    said: Sequence[int],
    log_prior: ArrayLike | None = None,
    *,
    alpha: float = 1.0,
    cost: ArrayLike | None = None,
    repeatable: bool = False,
) -> Floats:
    """Return log L1(w | u_1 … u_t), shape (meanings,), in nats: Bayes' rule on the sequence speaker.

    Sums to 1 after exp (axis 0), or is -inf throughout where no meaning of positive prior fits.
    Nothing said gives the prior. Raises ValueError as `step_speaker` does.
    Source: Cohn-Gordon et al. 2018; Pu et al. 2020.
    """
    truth = as_truth(truth)
    log_prior = as_log_prior(log_prior, truth.shape[1])
    log_speaker = log_sequence_speaker(truth, said, log_prior, alpha=alpha, cost=cost, repeatable=repeatable)
    return normalised(log_speaker + log_prior, axis=0)


def argmax_set(log_p: ArrayLike, tolerance: float = 1e-9) -> Ints:
    """Return, in increasing order, the indices of all entries within `tolerance` nats of the largest.

    `log_p` is one line, of meanings or of utterances. More than one index is a tie, for the caller to report;
    none at all means that everything was -inf. Raises ValueError where log_p is not a line of numbers.
    Source: the tie rule of the Pu et al. 2020 replays.
    """
    line = np.asarray(log_p, dtype=np.float64)
    if line.ndim != 1 or np.isnan(line).any():
        raise ValueError(f"log_p must be one line of numbers without NaN, not an array of shape {line.shape}")
    if not tolerance >= 0:
        raise ValueError(f"tolerance must be at least 0, not {tolerance}")
    best = np.max(line, initial=-np.inf)
    return np.flatnonzero((line >= best - tolerance) & (line > -np.inf))
