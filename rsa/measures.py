"""What a pair of agents is worth, and what an utterance or an answer tells; in nats unless said otherwise.

Sources: Shannon, A mathematical theory of communication, 1948; Lindley, On a measure of the information provided by an
experiment, 1956; communicative accuracy: Skyrms, Signals, 2010, and Frank & Goodman 2012.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from rsa._arrays import Floats, as_codes, as_log_prior, as_log_table, log_sum_by_code, normalised


def entropy(log_p: ArrayLike, axis: int = -1) -> Floats:
    """Return -Σ p log p along `axis`, in nats, without that axis: 0 where one outcome is certain.

    `log_p` need not be normalised; a line of nothing but -inf, which is no distribution, gives nan. Raises ValueError
    where it holds NaN or +inf.
    """
    log_p = np.asarray(log_p, dtype=np.float64)
    if not np.all(log_p < np.inf):
        raise ValueError("log_p must not hold NaN or +inf")
    log_p = normalised(log_p, axis)
    p = np.exp(log_p)
    sum_p_log_p = np.sum(np.multiply(p, log_p, where=p > 0, out=np.zeros_like(p)), axis=axis)
    return np.where(np.all(log_p == -np.inf, axis=axis), np.nan, np.maximum(-sum_p_log_p, 0.0))


def communicative_accuracy(
    log_speaker: ArrayLike, log_listener: ArrayLike, log_prior: ArrayLike | None = None
) -> float:
    """Return Σ_w prior[w] Σ_u S(u | w) · L(w | u): how probably the listener's draw is what the speaker meant.

    A probability. Both tables have shape (utterances, meanings); the speaker's columns and the listener's rows sum to 1
    after exp, or are -inf throughout (nothing to say, never said), which counts as not understood.
    `log_prior` has shape (meanings,), need not be normalised, and None is uniform.
    Raises ValueError where shapes do not fit, a value is NaN, or the prior rules out everything.
    """
    log_speaker = as_log_table(log_speaker, "log_speaker")
    log_listener = as_log_table(log_listener, "log_listener")
    if log_speaker.shape != log_listener.shape:
        raise ValueError(f"log_speaker has shape {log_speaker.shape} and log_listener {log_listener.shape}")
    understood = np.exp(log_speaker + log_listener).sum(axis=0)
    return float(understood @ np.exp(_prior(log_prior, log_speaker.shape[1])))


def information_gain(log_listener: ArrayLike, log_prior: ArrayLike | None = None) -> Floats:
    """Return how much each utterance lowers the listener's entropy, shape (utterances,), in nats.

    The entropy of the prior less that of L(· | u). A single utterance may raise it, so that some can be negative; an
    utterance that is never said gives nan. `log_listener` has shape (utterances, meanings), `log_prior` as for
    `communicative_accuracy`. Raises ValueError where they do not fit.
    """
    log_listener = as_log_table(log_listener, "log_listener")
    return entropy(_prior(log_prior, log_listener.shape[1])) - entropy(log_listener, axis=1)


def expected_information_gain(log_speaker: ArrayLike, log_prior: ArrayLike | None = None) -> float:
    """Return the mutual information of meaning and utterance: what one utterance of that speaker tells on average.

    In nats, between 0 and the entropy of the prior. A meaning about which nothing can be said (a column of -inf) is
    left out. Arguments as for `rsa.pragmatic_listener`; raises ValueError as it does.
    """
    log_speaker = as_log_table(log_speaker, "log_speaker")
    log_prior = _prior(log_prior, log_speaker.shape[1])
    log_prior = normalised(np.where(np.any(log_speaker > -np.inf, axis=0), log_prior, -np.inf), axis=0)
    log_joint = log_speaker + log_prior
    of_utterances = entropy(np.logaddexp.reduce(log_joint, axis=1, initial=-np.inf))
    return max(float(entropy(log_prior) + of_utterances - entropy(log_joint.ravel())), 0.0)


def question_gain(codes: ArrayLike, log_prior: ArrayLike | None = None) -> Floats:
    """Return what the answer to "what stands on this row?" tells on average, shape (rows,), in nats.

    Each meaning has one answer per row, `codes[row, w]`, an integer from -1 up ("nothing there" is an answer too), so
    that the expected information gain is the entropy of the answers. `log_prior` as for `communicative_accuracy`: pass
    the posterior to ask after something was said. Raises ValueError where they do not fit.
    """
    codes = as_codes(codes)
    log_prior = _prior(log_prior, codes.shape[1])
    answers = codes.astype(np.intp) + 1
    return np.array([entropy(log_sum_by_code(row, log_prior, row.max() + 1)) for row in answers], dtype=np.float64)


def _prior(log_prior: ArrayLike | None, meanings: int) -> Floats:
    log_prior = normalised(as_log_prior(log_prior, meanings), axis=0)
    if np.all(log_prior == -np.inf):
        raise ValueError("log_prior rules out every meaning")
    return log_prior
