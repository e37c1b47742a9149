"""The likelihood of recorded choices under speakers of several kinds, with its gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from rsa._arrays import Floats
from rsa.choices import Choices


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """The likelihood at some parameters.

    `log_p[s]` is the log probability of sequence s, `of_kind[z, s]` that of its speaker being of kind z (columns sum to
    1), `slopes[z]` the gradient of each choice's log probability, shape (choices, parameters of a kind).
    """

    log_p: Floats
    of_kind: Floats
    slopes: list[Floats]
    shares: Floats


class LatentSpeakers:
    """Choices as a design: the utility of an alternative is `design @ speaker`, where it is available.

    Parameters are one line: (alpha, weights) of each kind, then the log odds of the other kinds against the first.
    """

    def __init__(self, choices: Choices, kinds: int) -> None:
        self.choices, self.kinds = choices, kinds
        self.available = choices.available
        log_listener = np.where(self.available, choices.log_listener, 0)[..., np.newaxis]
        features = np.where(self.available[..., np.newaxis], choices.features, 0)
        self.design = np.concatenate([log_listener.astype(features.dtype), -features], axis=2)
        self.width = self.design.shape[2]

    def split(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return (alpha, weights) of each kind, shape (kinds, 1 + features), and the shares of the kinds."""
        speakers = parameters[: self.kinds * self.width].reshape(self.kinds, self.width)
        log_odds = np.concatenate([[0.0], parameters[self.kinds * self.width :]])
        return speakers, np.exp(log_odds - logsumexp(log_odds))

    def at(self, parameters: Floats) -> Likelihood:
        """Return the likelihood at these parameters."""
        speakers, shares = self.split(parameters)
        rows, chosen = np.arange(len(self.design)), self.choices.chosen
        log_joint = np.empty((self.kinds, len(self.choices.person)))
        slopes = []
        for kind, speaker in enumerate(speakers):
            utility = np.where(self.available, self.design @ speaker.astype(self.design.dtype), -np.inf)
            p = np.exp(utility - utility.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            slopes.append(self.design[rows, chosen] - (p[:, np.newaxis] @ self.design)[:, 0])
            log_taken = utility[rows, chosen] - logsumexp(utility, axis=1)
            log_joint[kind] = np.log(shares[kind]) + np.bincount(self.choices.sequence, log_taken, log_joint.shape[1])
        log_p = logsumexp(log_joint, axis=0)
        return Likelihood(log_p, np.exp(log_joint - log_p), slopes, shares)

    def gradient(self, found: Likelihood, slope: Floats) -> Floats:
        """Return Σ_s slope[s] · (gradient of log_p[s]), shape (parameters,)."""
        parts = [
            (slope * of_kind)[self.choices.sequence] @ slopes
            for of_kind, slopes in zip(found.of_kind, found.slopes, strict=True)
        ]
        return np.concatenate([*parts, ((found.of_kind - found.shares[:, np.newaxis]) @ slope)[1:]])

    def gradients_by_person(self, found: Likelihood, slope: Floats) -> Floats:
        """Return the terms of `gradient` summed for each person, shape (people, parameters)."""
        _, person = np.unique(self.choices.person, return_inverse=True)
        of_row = person[self.choices.sequence]
        total = np.zeros((person.max(initial=-1) + 1, self.kinds * self.width + self.kinds - 1))
        for kind, (of_kind, slopes) in enumerate(zip(found.of_kind, found.slopes, strict=True)):
            terms = (slope * of_kind)[self.choices.sequence][:, np.newaxis] * slopes
            np.add.at(total[:, kind * self.width : (kind + 1) * self.width], of_row, terms)
        of_odds = ((found.of_kind - found.shares[:, np.newaxis]) * slope)[1:].T
        np.add.at(total[:, self.kinds * self.width :], person, of_odds)
        return total
