"""Recorded choices: what could be said, how each alternative looks, what was said, by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rsa._arrays import Bools, Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Choices:
    """Choices in sequences, each made by one person with one meaning in mind.

    `log_listener[n, a]` is log L0(meaning | alternative a) at choice n, in nats, up to a constant for each choice;
    -inf is "not available". `features[n, a]` describes the alternative, `chosen[n]` is the one taken, `sequence[n]` the
    sequence it belongs to, numbered from 0. `person[s]` says whose sequence s is (any labels), `weight[s]` how often
    it counts. Made by `of`; raises ValueError where shapes do not fit or a choice is not one of its alternatives.
    """

    log_listener: Floats
    features: NDArray[np.floating[Any]]
    chosen: Ints
    sequence: Ints
    person: NDArray[Any]
    weight: Floats

    @classmethod
    def of(
        cls,
        log_listener: ArrayLike,
        features: ArrayLike,
        chosen: ArrayLike,
        *,
        sequence: ArrayLike | None = None,
        person: ArrayLike | None = None,
        weight: ArrayLike | None = None,
    ) -> Choices:
        """Return the choices; by default each is a sequence, each sequence is another person's, and all count once."""
        chosen = np.asarray(chosen, dtype=np.intp)
        numbers = np.arange(len(chosen)) if sequence is None else np.asarray(sequence, dtype=np.intp)
        count = int(numbers.max(initial=-1)) + 1 if person is None else len(np.asarray(person))
        features = np.asarray(features)
        return cls(
            np.asarray(log_listener, dtype=np.float64),
            features.astype(np.result_type(features.dtype, np.float32), copy=False),
            chosen,
            numbers,
            np.arange(count) if person is None else np.asarray(person),
            np.ones(count) if weight is None else np.asarray(weight, dtype=np.float64),
        )

    def __post_init__(self) -> None:
        count, sequences = len(self.chosen), len(self.person)
        if self.log_listener.ndim != 2 or self.features.ndim != 3 or self.features.shape[:2] != self.log_listener.shape:
            raise ValueError(
                "log_listener must have shape (choices, alternatives) and features (choices, alternatives, features), "
                f"not {self.log_listener.shape} and {self.features.shape}"
            )
        if not len(self.log_listener) == len(self.sequence) == count:
            raise ValueError(
                f"log_listener, chosen and sequence must be for as many choices, not {len(self.log_listener)}, "
                f"{count} and {len(self.sequence)}"
            )
        if not (count == 0 or 0 <= self.sequence.min() <= self.sequence.max() < sequences):
            raise ValueError(f"sequence must hold numbers from 0 to {sequences - 1}, one for each person given")
        if self.weight.shape != (sequences,) or not np.all((self.weight >= 0) & (self.weight < np.inf)):
            raise ValueError(f"weight must hold {sequences} finite numbers of at least 0, one for each sequence")
        if not np.all(self.log_listener < np.inf) or not np.all(np.isfinite(self.features[self.available])):
            raise ValueError("log_listener must not hold NaN or +inf, and features of what is available must be finite")
        inside = (self.chosen >= 0) & (self.chosen < self.log_listener.shape[1])
        inside[inside] = self.available[inside, self.chosen[inside]]
        if not inside.all():
            row = np.flatnonzero(~inside)[0]
            raise ValueError(f"choice {row} took alternative {self.chosen[row]}, which was not available")

    @property
    def available(self) -> Bools:
        """Return, shape (choices, alternatives), what could be chosen."""
        return np.asarray(self.log_listener > -np.inf)

    def among(self, kept: ArrayLike) -> Choices:
        """Return the choices of some sequences, given as a mask of shape (sequences,); they are numbered anew."""
        kept = np.asarray(kept, dtype=np.bool_)
        rows = kept[self.sequence]
        return Choices(
            self.log_listener[rows],
            self.features[rows],
            self.chosen[rows],
            (np.cumsum(kept) - 1)[self.sequence[rows]],
            self.person[kept],
            self.weight[kept],
        )


def folds_by_person(person: ArrayLike, count: int) -> Ints:
    """Return the fold of each sequence, shape (sequences,), from 0 to count - 1; no person is in two of them.

    People take turns in the order of their labels, so that the folds are the same every time.
    Raises ValueError where there are fewer people than folds, or fewer than two folds.
    """
    people, place = np.unique(np.asarray(person), return_inverse=True)
    if not 2 <= count <= len(people):
        raise ValueError(f"{len(people)} people cannot be put into {count} folds")
    return np.asarray(place % count, dtype=np.intp)
