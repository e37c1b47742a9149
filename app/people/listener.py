"""The exact L1 over all layouts whose speaker was fitted to people.

    S(u | w, said) ∝ exp(alpha · log L0(w | said, u) - Σ weight · feature(u, w, said))   over the cells still unsaid
    L1(w | said)   ∝ Σ over kinds z of share[z] · Π over the steps of S_z

The cost depends on the meaning, so the numerators do not cancel as they do for the published speaker; what is shared is
the count of the layouts left, and a step costs one look at every cell of every layout left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import rsa
from app.people.features import FEATURES, Said
from dsl.grids.patterns import SYMBOLS

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]

WEIGHTS = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Speakers:
    """Kinds of speakers: an alpha, a share (they sum to 1) and the weights of some FEATURES for each kind."""

    features: tuple[str, ...]
    alpha: tuple[float, ...]
    weights: tuple[tuple[float, ...], ...]
    shares: tuple[float, ...]

    @classmethod
    def of_fit(cls, features: tuple[str, ...], fit: rsa.Fit) -> Speakers:
        """Return the speakers of a fit to these features."""
        weights = tuple(tuple(line) for line in fit.weights.tolist())
        return cls(features, tuple(fit.alpha.tolist()), weights, tuple(fit.shares.tolist()))

    @classmethod
    def shipped(cls) -> Speakers:
        """Return the speakers fitted to the players of Pu et al. 2020 by `pbe bench patterns DIR --fit --weights`."""
        data = json.loads(WEIGHTS.read_text(encoding="utf-8"))
        weights = tuple(map(tuple, data["weights"]))
        return cls(tuple(data["features"]), tuple(data["alpha"]), weights, tuple(data["shares"]))

    def write(self) -> str:
        """Return the text of weights.json, rounded to what does not depend on the machine."""
        return json.dumps(
            {
                "features": self.features,
                "alpha": [round(a, 4) for a in self.alpha],
                "weights": [[round(weight, 4) for weight in line] for line in self.weights],
                "shares": [round(share, 4) for share in self.shares],
            },
            indent=1,
        ) + "\n"


TEXTBOOK = Speakers((), (1.0,), ((),), (1.0,))
"""The published speaker: nothing but what a cell tells."""


class LayoutListener:
    """A listener for layouts, `codes[cell, w]` as in `Layouts`, that takes what it hears for these speakers'.

    `shown[w, cell]` numbers what may be said of w: its symbol there, plus the number of symbols for each cell before.
    `cell_cost[z][w, cell]` is the part of the cost that a layout decides.
    """

    def __init__(self, codes: NDArray[np.uint8], speakers: Speakers) -> None:
        layouts = np.ascontiguousarray(codes.T)
        self.speakers = speakers
        self.shown = layouts.astype(np.int16) + len(SYMBOLS) * np.arange(layouts.shape[1], dtype=np.int16)
        features = [FEATURES[name] for name in speakers.features]
        of_cells = [(i, f.of_cells(layouts)) for i, f in enumerate(features) if f.of_cells is not None]
        self.turns = [(i, f.of_turn) for i, f in enumerate(features) if f.of_turn is not None]
        self.cell_cost = [
            sum((weights[i] * values.astype(np.float64) for i, values in of_cells), np.zeros(layouts.shape))
            for weights in speakers.weights
        ]

    @property
    def start(self) -> Heard:
        """Return what has been heard at the beginning: nothing, so that every layout is possible."""
        everything = np.arange(len(self.shown))
        return Heard(self, (), everything, np.zeros((len(self.speakers.shares), len(everything))))

    def hear(self, said: Said) -> Heard:
        """Return what is left after these (cell, symbol) pairs, in their order."""
        heard = self.start
        for cell, symbol in said:
            heard = heard.hear(cell, symbol)
        return heard


@dataclass(frozen=True, eq=False)
class Heard:
    """What a listener has heard, and which layouts it leaves.

    `left` lists them in increasing order; `log_speaker[z, i]` is the log probability, in nats, that a speaker of kind z
    says all this of layout `left[i]`.
    """

    listener: LayoutListener
    said: tuple[tuple[int, int], ...]
    left: Ints
    log_speaker: Floats

    def hear(self, cell: int, symbol: int) -> Heard:
        """Return what is left after one more cell; ValueError for one that was said before or does not exist."""
        shown = self.listener.shown
        if not (0 <= cell < shown.shape[1] and 0 <= symbol < len(SYMBOLS)) or cell in self.unsayable:
            raise ValueError(f"symbol {symbol} in cell {cell} cannot be said: no such cell or symbol, or said before")
        fits = shown[self.left, cell] == len(SYMBOLS) * cell + symbol
        left = self.left[fits]
        log_speaker = self.log_speaker[:, fits]
        for kind, cell_cost in enumerate(self.listener.cell_cost):
            utility = self._told(kind).take(shown[left]) - cell_cost[left]
            log_speaker[kind] += utility[:, cell] - _log_sum(utility)
        return Heard(self.listener, (*self.said, (cell, symbol)), left, log_speaker)

    @property
    def log_posterior(self) -> Floats:
        """Return log L1 of the layouts left, shape (left,), in nats; sums to 1 after exp."""
        log_joint = _log_sum((self.log_speaker + np.log(self.listener.speakers.shares)[:, np.newaxis]).T)
        return log_joint - _log_sum(log_joint)

    @property
    def best(self) -> Ints:
        """Return the layouts of largest posterior: more than one is a tie, none where nothing fits what was said."""
        return self.left[rsa.argmax_set(self.log_posterior)]

    @property
    def unsayable(self) -> list[int]:
        """Return the cells that were said."""
        return [cell for cell, _ in self.said]

    @cached_property
    def log_left(self) -> Floats:
        """Return the log number of layouts left that have a symbol in a cell, shape (cells, symbols)."""
        shown = self.listener.shown
        counts = np.bincount(shown[self.left].ravel(), minlength=shown.shape[1] * len(SYMBOLS))
        with np.errstate(divide="ignore"):
            return np.log(counts).reshape(-1, len(SYMBOLS))

    def _told(self, kind: int) -> Floats:
        """Return the part of a speaker's utility that depends on cell and symbol only, -inf for what was said."""
        speakers = self.listener.speakers
        told = -speakers.alpha[kind] * np.where(self.log_left > -np.inf, self.log_left, 0.0)
        for feature, values in self.turns:
            told = told - speakers.weights[kind][feature] * values
        told[self.unsayable] = -np.inf
        return told

    @cached_property
    def turns(self) -> list[tuple[int, NDArray[np.generic]]]:
        """Return the features of the next turn: which they are, and their values (cells, symbols)."""
        return [(feature, of_turn(self.said)) for feature, of_turn in self.listener.turns]


def _log_sum(log_p: Floats) -> Floats:
    """Return log Σ exp(log_p) along the last axis; -inf where there is nothing."""
    peak = log_p.max(axis=-1, keepdims=True, initial=-1e300)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(np.exp(log_p - peak).sum(axis=-1)) + peak[..., 0])
