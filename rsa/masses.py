"""The speaker S1 where the table holds only some of the meanings and the masses come from elsewhere.

S1 weighs what else could have been meant: its literal listener divides by the prior mass of *everything*
that makes u true, mass(u). Where the columns are only the meanings still consistent with what was said, their
sum is not that mass, so it is given:

    S1(u | w) ∝ exp(alpha · (log prior[w] - log mass[u] - cost[u]))   over the utterances u true of w

log prior[w] is the same for every u and cancels, which is why no prior is asked for. For the same reason the
unit of mass is free: adding a constant to every log mass changes nothing.

Source: the normaliser of L0 in Goodman & Frank 2016; its use over programs in Pu et al. 2020.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from rsa._arrays import (
    Floats,
    Ints,
    as_alpha,
    as_codes,
    as_cost,
    as_log_prior,
    as_said,
    as_truth,
    log_sum_by_code,
    normalised,
    scaled,
)


def speaker_from_masses(
    truth: ArrayLike, log_mass: ArrayLike, *, alpha: float = 1.0, cost: ArrayLike | None = None
) -> Floats:
    """Return log S1(u | w), shape (utterances, meanings), in nats, where L0 has the masses given.

    Columns (axis 0) sum to 1 after exp; a meaning no utterance is true of gives a column of -inf.
    `log_mass` has shape (utterances,): the log prior mass of all that makes u true, in the table or not.
    Where it is the sum over the columns, this is `pragmatic_speaker(literal_listener(truth, log_prior))` on
    every meaning of positive prior. `cost` and `alpha` as there.
    Raises ValueError where shapes do not fit, alpha is negative, or a true utterance has no finite mass.
    Source: Goodman & Frank 2016; Pu et al. 2020.
    """
    truth = as_truth(truth)
    log_mass = np.asarray(log_mass, dtype=np.float64)
    if log_mass.shape != truth.shape[:1]:
        raise ValueError(f"log_mass must have shape {truth.shape[:1]}, not {log_mass.shape}")
    unknown = np.flatnonzero(~np.isfinite(log_mass) & truth.any(axis=1))
    if unknown.size:
        row = unknown[0]
        raise ValueError(f"utterance {row} is true of a meaning but has log_mass {log_mass[row]}")
    return _speaker(np.where(truth, log_mass[:, np.newaxis], np.inf), alpha, cost)


def speaker_from_codes(
    codes: ArrayLike,
    log_mass: Sequence[ArrayLike],
    *,
    said: Sequence[int] = (),
    alpha: float = 1.0,
    cost: ArrayLike | None = None,
) -> Floats:
    """Return log S1(row i is chosen to be shown | w), shape (rows, meanings), in nats.

    Columns (axis 0) sum to 1 after exp, over the rows not in `said`; those are shown already and have -inf.
    `codes[i, w]` numbers what w puts on row i, so that each meaning has one true utterance per row; -1 is
    "nothing to show there". `log_mass[i][c]` is the log prior mass of all that puts c on row i, in the table
    or not; after the first example, of all that agrees with what was shown. Only rows not in `said` are read.
    A column with no row left to show is -inf. `cost` has shape (rows,) or (rows, meanings); `alpha` as ever.
    Raises ValueError where shapes do not fit, alpha is negative, or a code in use has no finite mass.
    Source: Goodman & Frank 2016; Pu et al. 2020.
    """
    codes = as_codes(codes).astype(np.intp, copy=False)
    if len(log_mass) != len(codes):
        raise ValueError(f"log_mass has {len(log_mass)} rows and codes has {len(codes)}")
    log_alternative = np.full(codes.shape, np.inf)
    shown = set(as_said(said, len(codes), repeatable=True))
    for row in range(len(codes)):
        if row not in shown:
            log_alternative[row] = _log_masses_of_row(row, codes[row], np.asarray(log_mass[row], np.float64))
    return _speaker(log_alternative, alpha, cost)


def log_code_masses(codes: ArrayLike, log_prior: ArrayLike | None = None) -> list[Floats]:
    """Return `log_mass[row][code]`, in nats: the prior mass of each code, summed over the columns.

    This is the mass where the columns are all that could be meant; a code in no column has -inf.
    `codes` and `log_prior` as in `speaker_from_codes` and `literal_listener`; a prior of None counts columns.
    Raises ValueError where codes is not a table of integers from -1 up or log_prior does not fit it.
    Source: Goodman & Frank 2016.
    """
    codes = as_codes(codes).astype(np.intp, copy=False)
    log_prior = as_log_prior(log_prior, codes.shape[1])
    return [log_sum_by_code(row[row >= 0], log_prior[row >= 0], row.max(initial=-1) + 1) for row in codes]


def _speaker(log_alternative: Floats, alpha: float, cost: ArrayLike | None) -> Floats:
    """Normalise over the utterances: `log_alternative` is log_mass[u] where u is true of w, else +inf."""
    utility = -log_alternative - as_cost(cost, (log_alternative.shape[0], log_alternative.shape[1]))
    return normalised(scaled(as_alpha(alpha), utility), axis=0)


def _log_masses_of_row(row: int, codes: Ints, log_mass: Floats) -> Floats:
    """Return the log mass of each column's code; +inf (never said) where the code is -1."""
    if log_mass.ndim != 1 or codes.max(initial=-1) >= len(log_mass):
        raise ValueError(f"log_mass[{row}] has shape {log_mass.shape} and codes go up to {codes.max()}")
    log_taken = np.append(log_mass, np.inf)[codes]
    unknown = np.flatnonzero(~np.isfinite(log_taken) & (codes >= 0))
    if unknown.size:
        code = codes[unknown[0]]
        raise ValueError(f"code {code} is in use on row {row} but has log_mass {log_mass[code]}")
    return log_taken
