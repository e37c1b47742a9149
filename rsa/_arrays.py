"""What every agent needs: arguments checked once, and sums in the log domain that never give NaN."""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

UNDERFLOW = 1e-250
"""A linear sum of weights, the largest 1, may lose terms that are smaller than this."""


def as_truth(truth: ArrayLike) -> Bools:
    """Return `truth` as a boolean (utterances, meanings) table."""
    table = np.asarray(truth)
    if table.ndim != 2:
        raise ValueError(f"truth must be a table (utterances, meanings), not of shape {table.shape}")
    if table.dtype == np.bool_:
        return table
    if table.dtype.kind not in "iuf" or not np.all((table == 0) | (table == 1)):
        raise ValueError("truth must hold only True and False (or 1 and 0)")
    return table.astype(np.bool_)


def as_codes(codes: ArrayLike) -> NDArray[np.integer[Any]]:
    """Return a table (rows, meanings) of integers from 0 up, or -1 where there is nothing to say."""
    table = np.asarray(codes)
    if table.ndim != 2:
        raise ValueError(f"codes must be a table (rows, meanings), not an array of shape {table.shape}")
    if table.dtype.kind not in "iu" or (table.size and table.min() < -1):
        raise ValueError("codes must be integers from 0 up, or -1 for nothing to show")
    return table


def as_log_table(log_table: ArrayLike, name: str) -> Floats:
    """Return a (utterances, meanings) table of log weights; -inf is allowed, NaN and +inf are not."""
    table = np.asarray(log_table, dtype=np.float64)
    if table.ndim != 2:
        raise ValueError(f"{name} must be a table (utterances, meanings), not of shape {table.shape}")
    if not np.all(table < np.inf):
        raise ValueError(f"{name} must not hold NaN or +inf")
    return table


def as_log_prior(log_prior: ArrayLike | None, meanings: int) -> Floats:
    """Return one log weight per meaning, zeros (uniform) for None; -inf is a meaning ruled out."""
    if log_prior is None:
        return np.zeros(meanings)
    weights = np.asarray(log_prior, dtype=np.float64)
    if weights.shape != (meanings,):
        raise ValueError(f"log_prior must have shape ({meanings},), one per meaning, not {weights.shape}")
    if not np.all(weights < np.inf):
        raise ValueError("log_prior must not hold NaN or +inf")
    return weights


def as_cost(cost: ArrayLike | None, shape: tuple[int, int]) -> Floats:
    """Return the cost so that it can be subtracted from a table of `shape`; +inf is "never said"."""
    if cost is None:
        return np.zeros((shape[0], 1))
    price = np.asarray(cost, dtype=np.float64)
    if price.shape not in (shape, shape[:1]):
        raise ValueError(f"cost must have shape {shape[:1]} or {shape}, not {price.shape}")
    if not np.all(price > -np.inf):
        raise ValueError("cost must not hold NaN or -inf")
    return price if price.ndim == 2 else price[:, np.newaxis]


def as_alpha(alpha: float) -> float:
    """Return the speaker's rationality, a finite number of at least 0."""
    if not (np.isfinite(alpha) and alpha >= 0):
        raise ValueError(f"alpha must be a finite number of at least 0, not {alpha}")
    return float(alpha)


def as_depth(depth: int, least: int) -> int:
    """Return the depth of an agent."""
    if depth < least:
        raise ValueError(f"depth must be at least {least}, not {depth}")
    return operator.index(depth)


def as_said(said: Sequence[int], utterances: int, repeatable: bool) -> list[int]:
    """Return the row numbers of what was said, in order."""
    rows = [operator.index(row) for row in said]
    for row in rows:
        if not 0 <= row < utterances:
            raise ValueError(f"utterance {row} is not one of the {utterances} rows")
    if not repeatable and len(set(rows)) < len(rows):
        raise ValueError("an utterance is said twice; pass repeatable=True where that may happen")
    return rows


def scaled(alpha: float, log_p: Floats) -> Floats:
    """Return alpha · log_p where impossible stays impossible: -inf also for alpha = 0."""
    log_scaled = np.full(log_p.shape, -np.inf)
    np.multiply(alpha, log_p, out=log_scaled, where=log_p > -np.inf)
    return log_scaled


def log_sum(log_p: Floats, axis: int) -> Floats:
    """Return log Σ exp(log_p) along `axis`, kept with length 1; -inf where there is nothing to sum."""
    peak = np.max(log_p, axis=axis, keepdims=True, initial=-np.inf)
    peak[peak == -np.inf] = 0.0
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.sum(np.exp(log_p - peak), axis=axis, keepdims=True)) + peak)


def normalised(log_p: Floats, axis: int) -> Floats:
    """Return log_p with exp summing to 1 along `axis`; a line of nothing but -inf stays as it is."""
    total = log_sum(log_p, axis)
    total[total == -np.inf] = 0.0
    return log_p - total


def log_sum_by_code(codes: NDArray[np.integer[Any]], log_weight: Floats, size: int) -> Floats:
    """Return log Σ exp(log_weight) over the places of each code, shape (size,), each against its largest term."""
    peak = np.full(size, -np.inf)
    np.maximum.at(peak, codes, log_weight)
    peak[peak == -np.inf] = 0.0
    total = np.bincount(codes, np.exp(log_weight - peak[codes]), size)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(total) + peak)
