"""The meaning matrix: which behaviour would give which row which output, and with what prior mass.

It is the bridge to `rsa/`: there, rows are utterances and columns meanings; here, an utterance is "row i gets output o"
and a meaning is a behaviour, the vector of outputs on all rows with the summed mass of the programs that have it. Every
column has exactly one true utterance per sheet row, so the matrix is kept as codes: one small integer a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from dsl.program import Program

Outputs = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What some programs do on the sampled rows: the best of them, and the log mass (nats) of all."""

    program: Program
    outputs: Outputs
    log_mass: float


@dataclass(frozen=True, slots=True, eq=False)
class MeaningMatrix:
    """Behaviours over sheet rows.

    `codes[row, behaviour]` indexes `labels[row]`, the distinct outputs that some behaviour gives on that row, in order
    of first appearance. `log_prior[behaviour]` is the log prior mass in nats, not normalised.
    """

    behaviours: tuple[Outputs, ...]
    labels: tuple[tuple[str | None, ...], ...]
    codes: NDArray[np.int32]
    log_prior: NDArray[np.float64]

    @classmethod
    def of(cls, behaviours: Sequence[Outputs], log_prior: Sequence[float]) -> MeaningMatrix:
        """Return the matrix of the behaviours, columns in the given order."""
        rows = len(behaviours[0]) if behaviours else 0
        codes = np.zeros((rows, len(behaviours)), dtype=np.int32)
        labels = []
        for row in range(rows):
            known: dict[str | None, int] = {}
            codes[row] = [known.setdefault(outputs[row], len(known)) for outputs in behaviours]
            labels.append(tuple(known))
        return cls(tuple(behaviours), tuple(labels), codes, np.asarray(log_prior, dtype=np.float64))

    @property
    def utterances(self) -> list[tuple[int, str | None]]:
        """Return the (row, output) pairs, the rows of `truth`."""
        return [(row, output) for row, outputs in enumerate(self.labels) for output in outputs]

    @property
    def truth(self) -> csr_matrix:
        """Return the sparse truth matrix, utterances × behaviours; each column holds one 1 per sheet row."""
        rows, columns = self.codes.shape
        starts = np.cumsum([0, *(len(outputs) for outputs in self.labels)])
        places = self.codes + starts[:-1, None] if rows else self.codes
        shape = (int(starts[-1]), columns)
        return csr_matrix(
            (np.ones(rows * columns, dtype=bool), (places.ravel(), np.tile(np.arange(columns), rows))), shape=shape
        )

    def distributions(self, posterior: NDArray[np.float64]) -> list[dict[str | None, float]]:
        """Return, per sheet row, the probability of each output under a posterior over behaviours."""
        found = []
        for outputs, codes in zip(self.labels, self.codes, strict=True):
            weights = np.bincount(codes, weights=posterior, minlength=len(outputs))
            found.append({output: float(weight) for output, weight in zip(outputs, weights, strict=True)})
        return found
