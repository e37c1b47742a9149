"""Means over tasks, and paired differences with their bootstrap intervals, by suite and over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000

ALL = "all suites"

Floats = NDArray[np.float64]


class OfSuite(Protocol):
    """What happened on a task of some suite."""

    suite: str


T = TypeVar("T", bound=OfSuite)


def by_suite(trials: Sequence[T], figures: Callable[[Sequence[T]], dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the figures of each suite by its name, and of ALL tasks together where there are several suites."""
    names = dict.fromkeys(trial.suite for trial in trials)
    found = {name: figures([trial for trial in trials if trial.suite == name]) for name in names}
    return found | {ALL: figures(trials)} if len(names) > 1 else found


def column(values: Iterable[float]) -> Floats:
    """Return one number per task, shape (tasks,)."""
    return np.array(list(values), dtype=np.float64)


def mean(values: Floats) -> float:
    """Return the mean to four places, 0 of nothing."""
    return round(float(values.mean()), 4) if values.size else 0.0


def difference(values: Floats, others: Floats) -> list[float]:
    """Return the mean of values − others and its 95 % interval [mean, low, high], resampling tasks."""
    gaps = values - others
    if not gaps.size:
        return [0.0, 0.0, 0.0]
    picks = np.random.default_rng(0).integers(0, len(gaps), (RESAMPLES, len(gaps)))
    low, high = np.percentile(gaps[picks].mean(axis=1), [2.5, 97.5])
    return [round(float(x), 4) for x in (gaps.mean(), low, high)]
