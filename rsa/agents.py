"""Literal and pragmatic listeners and speakers over one table (utterances, meanings).

    L0(w | u) ∝ truth[u, w] · prior[w]                    rows sum to 1
    S1(u | w) ∝ exp(alpha · (log L0(w | u) - cost[u]))     columns sum to 1
    L1(w | u) ∝ S1(u | w) · prior[w]                       rows sum to 1

Sources: Frank & Goodman, Predicting pragmatic reasoning in language games, 2012; Goodman & Frank, Pragmatic
language interpretation as probabilistic inference, 2016.
"""

from numpy import inf, where
from numpy.typing import ArrayLike

from rsa._arrays import (
    Floats,
    as_alpha,
    as_cost,
    as_depth,
    as_log_prior,
    as_log_table,
    as_truth,
    normalised,
    scaled,
)


def literal_listener(truth: ArrayLike, log_prior: ArrayLike | None = None) -> Floats:
    """Return log L0(w | u), shape (utterances, meanings), in nats: the prior, restricted to where u is true.

    Rows (axis 1) sum to 1 after exp; an utterance true of no meaning of positive prior gives a row of -inf.
    `log_prior` has shape (meanings,), need not be normalised, and None is uniform.
    Raises ValueError where truth is not a table of True and False or log_prior does not fit it.
    Source: Frank & Goodman 2012.
    """
    truth = as_truth(truth)
    log_prior = as_log_prior(log_prior, truth.shape[1])
    return normalised(where(truth, log_prior, -inf), axis=1)


def pragmatic_speaker(log_listener: ArrayLike, cost: ArrayLike | None = None, alpha: float = 1.0) -> Floats:
    """Return log S(u | w), shape (utterances, meanings), in nats: it wants that listener to understand.

    Columns (axis 0) sum to 1 after exp; a meaning that no utterance reaches gives a column of -inf.
    `cost` has shape (utterances,) or (utterances, meanings), in nats: subtracted from log L before alpha
    multiplies; +inf is "never said". alpha = 0 chooses evenly among the utterances that reach w.
    Raises ValueError where shapes do not fit, alpha is negative or not finite, or a value is NaN.
    Source: Frank & Goodman 2012; Goodman & Frank 2016.
    """
    log_listener = as_log_table(log_listener, "log_listener")
    utility = log_listener - as_cost(cost, log_listener.shape)
    return normalised(scaled(as_alpha(alpha), utility), axis=0)


def pragmatic_listener(log_speaker: ArrayLike, log_prior: ArrayLike | None = None) -> Floats:
    """Return log L(w | u), shape (utterances, meanings), in nats: Bayes' rule on that speaker.

    Rows (axis 1) sum to 1 after exp; an utterance that is never said gives a row of -inf.
    `log_prior` has shape (meanings,), need not be normalised, and None is uniform.
    Raises ValueError where log_speaker is not a table, log_prior does not fit it, or a value is NaN.
    Source: Frank & Goodman 2012; Goodman & Frank 2016.
    """
    log_speaker = as_log_table(log_speaker, "log_speaker")
    log_prior = as_log_prior(log_prior, log_speaker.shape[1])
    return normalised(log_speaker + log_prior, axis=1)


def listener(
    truth: ArrayLike,
    log_prior: ArrayLike | None = None,
    *,
    depth: int = 1,
    alpha: float = 1.0,
    cost: ArrayLike | None = None,
) -> Floats:
    """Return log L_depth(w | u), shape (utterances, meanings), in nats; depth 0 is L0.

    Rows (axis 1) sum to 1 after exp, or are -inf throughout. Arguments as for the single agents.
    Raises ValueError where depth is negative, and as the single agents do.
    Source: Goodman & Frank 2016.
    """
    log_listener = literal_listener(truth, log_prior)
    for _ in range(as_depth(depth, least=0)):
        log_listener = pragmatic_listener(pragmatic_speaker(log_listener, cost, alpha), log_prior)
    return log_listener


def speaker(
    truth: ArrayLike,
    log_prior: ArrayLike | None = None,
    *,
    depth: int = 1,
    alpha: float = 1.0,
    cost: ArrayLike | None = None,
) -> Floats:
    """Return log S_depth(u | w), shape (utterances, meanings), in nats; depth 1 speaks to L0.

    Columns (axis 0) sum to 1 after exp, or are -inf throughout. Arguments as for the single agents.
    Raises ValueError where depth is less than 1, and as the single agents do.
    Source: Goodman & Frank 2016.
    """
    below = as_depth(depth, least=1) - 1
    return pragmatic_speaker(listener(truth, log_prior, depth=below, alpha=alpha, cost=cost), cost, alpha)
