"""Speakers fitted to people: alpha and the weights of a cost, from recorded choices.

Someone who was seen to choose among alternatives, each with features, is taken for a speaker

    S(u | w) ∝ exp(alpha · log L0(w | u) - features[u] · weights)

so that `features @ weights / alpha` is the cost that the agents of this package subtract. alpha = 1 without weights is
the textbook speaker; a ridge draws to it. People differ: with several kinds of speakers, each sequence of choices is
made by one kind, drawn with probability `shares`, and which one it was is summed over (a latent class logit).

    fit_speaker    finds the parameters under which what was chosen is most probable
    fit_listener   finds those under which L1, which inverts the speaker, is surest of what was meant

Sources: McFadden, Conditional logit analysis of qualitative choice behavior, 1974; Greene & Hensher, A latent class
model for discrete choice analysis, 2003; errors: White, Maximum likelihood estimation of misspecified models, 1982, by
person as in Liang & Zeger, Longitudinal data analysis using generalized linear models, 1986.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize

from rsa._arrays import Floats, Ints
from rsa._latent import LatentSpeakers, Likelihood
from rsa.choices import Choices

_STEP = 1e-4
"""Between the gradients whose difference is the curvature."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Fitted speakers, one row for each kind, and the standard errors of their parameters.

    `alpha` and `shares` have shape (kinds,), `weights` (kinds, features); shares sum to 1. The errors, of the same
    shapes, allow for one person's choices being alike; nan is "not told": alpha is on its bound 0, or the data leave
    the parameter open. `objective` is what was maximised, in nats, without the ridge.
    """

    alpha: Floats
    weights: Floats
    shares: Floats
    alpha_errors: Floats
    weights_errors: Floats
    shares_errors: Floats
    objective: float

    def log_probability(self, choices: Choices) -> Floats:
        """Return the log probability of each sequence of choices, shape (sequences,), in nats."""
        return LatentSpeakers(choices, len(self.shares)).at(self._parameters()).log_p

    def _parameters(self) -> Floats:
        speakers = np.column_stack([self.alpha, self.weights])
        return np.concatenate([speakers.ravel(), np.log(self.shares[1:] / self.shares[0])])


def fit_speaker(choices: Choices, *, kinds: int = 1, ridge: float = 0.0) -> Fit:
    """Return the speaker under which the choices are most probable (maximum likelihood); alpha is at least 0.

    `ridge` takes ridge / 2 · ((alpha - 1)² + Σ weights²), in nats, from the log likelihood for each kind. One kind has
    one optimum; the search for several starts from it with alpha spread out, and may end in a local one.
    Raises ValueError where there is no choice, kinds is less than 1 or ridge less than 0.
    """
    if kinds > 1:
        one = fit_speaker(choices, ridge=ridge)
        spread = np.maximum(one.alpha, 0.5) * (2 * np.arange(kinds) + 1) / kinds
        speakers = np.column_stack([spread, np.repeat(one.weights, kinds, axis=0)])
        start = np.append(speakers, np.zeros(kinds - 1))
    else:
        start = np.append([1.0], np.zeros(choices.features.shape[2]))

    def likelihood(found: Likelihood) -> tuple[float, Floats]:
        return float(choices.weight @ found.log_p), choices.weight

    return _maximise(choices, kinds, likelihood, start, ridge)


def fit_listener(
    choices: Choices,
    trial: ArrayLike,
    meant: ArrayLike,
    *,
    log_prior: ArrayLike | None = None,
    kinds: int = 1,
    ridge: float = 0.0,
) -> Fit:
    """Return the speaker whose inversion L1 is surest of what was meant (a discriminative fit).

    A trial is what a listener heard once. Each sequence of `choices` is what it took to be heard by a speaker of one of
    the meanings: `trial[s]` says in which trial (numbers from 0), `meant[s]` whether this is what the person meant,
    true once in each trial; `log_prior[s]` is the prior of the meaning, in nats, uniform for None. Maximises
    Σ log L1(meant | trial), each with the weight of what was meant, from `fit_speaker` on what was meant.
    Raises ValueError as that does, and where a trial does not have one sequence that was meant.
    """
    sequences = len(choices.person)
    trial, meant = np.asarray(trial, dtype=np.intp), np.asarray(meant, dtype=np.bool_)
    prior = np.zeros(sequences) if log_prior is None else np.asarray(log_prior, dtype=np.float64)
    if not trial.shape == meant.shape == prior.shape == (sequences,):
        raise ValueError(f"trial, meant and log_prior must have shape ({sequences},), one for each sequence")
    if not np.all(np.isfinite(prior)):
        raise ValueError("log_prior must be finite: leave out sequences of meanings that are ruled out")
    trials = int(trial.max(initial=-1)) + 1
    if trial.min(initial=0) < 0 or not np.array_equal(np.sort(trial[meant]), np.arange(trials)):
        raise ValueError("trial must hold numbers from 0, and each trial one sequence that was meant")
    weight = np.zeros(trials)
    weight[trial[meant]] = choices.weight[meant]

    def posterior(found: Likelihood) -> tuple[float, Floats]:
        log_joint = found.log_p + prior
        peak = np.full(trials, -np.inf)
        np.maximum.at(peak, trial, log_joint)
        log_joint -= peak[trial]
        log_posterior = log_joint - np.log(np.bincount(trial, np.exp(log_joint), trials))[trial]
        return float(choices.weight[meant] @ log_posterior[meant]), weight[trial] * (meant - np.exp(log_posterior))

    start = fit_speaker(choices.among(meant), kinds=kinds, ridge=ridge)
    return _maximise(choices, kinds, posterior, start._parameters(), ridge)


def cross_validated(
    choices: Choices, folds: ArrayLike, *, kinds: int = 1, ridge: float = 0.0
) -> tuple[list[Fit], Floats]:
    """Return for each fold the `fit_speaker` that never saw it, and what that one makes of its sequences.

    The second is the held-out log probability of each sequence, shape (sequences,), in nats. `folds` has that shape
    too, as from `folds_by_person`. Raises ValueError as `fit_speaker` does.
    """
    folds = np.asarray(folds, dtype=np.intp)
    fits = []
    log_p = np.empty(len(folds))
    for fold in range(int(folds.max(initial=-1)) + 1):
        held_out = folds == fold
        fits.append(fit_speaker(choices.among(~held_out), kinds=kinds, ridge=ridge))
        log_p[held_out] = fits[-1].log_probability(choices.among(held_out))
    return fits, log_p


def _maximise(
    choices: Choices, kinds: int, objective: Callable[[Likelihood], tuple[float, Floats]], start: Floats, ridge: float
) -> Fit:
    """Return the fit that maximises an objective, given as its value and its derivative in each `log_p[s]`."""
    if kinds < 1 or not ridge >= 0:
        raise ValueError(f"kinds must be at least 1 and ridge at least 0, not {kinds} and {ridge}")
    if not len(choices.chosen):
        raise ValueError("there is no choice to fit to")
    model = LatentSpeakers(choices, kinds)
    scale = max(float(choices.weight.sum()), 1.0)
    alphas = np.arange(kinds) * model.width
    of_speakers = np.arange(len(start)) < kinds * model.width
    centre = np.zeros(len(start))
    centre[alphas] = 1.0

    def climb(parameters: Floats) -> tuple[float, Floats]:
        found = model.at(parameters)
        value, derivative = objective(found)
        gap = of_speakers * (parameters - centre)
        return value - ridge / 2 * float(gap @ gap), model.gradient(found, derivative) - ridge * gap

    def loss(parameters: Floats) -> tuple[float, Floats]:
        value, gradient = climb(parameters)
        return -value / scale, -gradient / scale

    bounds: list[tuple[float | None, None]] = [(None, None)] * len(start)
    for place in alphas:
        bounds[place] = (0.0, None)
    options = {"maxiter": 1000, "ftol": 1e-12, "gtol": 1e-8}
    best = np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x)

    at_best = model.at(best)
    value, derivative = objective(at_best)
    free = np.ones(len(best), dtype=np.bool_)
    free[alphas] = best[alphas] > 0
    covariance = _sandwich(
        lambda p: climb(p)[1], best, np.flatnonzero(free), model.gradients_by_person(at_best, derivative)
    )
    speakers, shares = model.split(best)
    errors = np.sqrt(np.diag(covariance))
    by_kind = errors[of_speakers].reshape(speakers.shape)
    of_shares = (np.diag(shares) - np.outer(shares, shares))[:, 1:]
    share_errors = np.sqrt(np.diag(of_shares @ covariance[~of_speakers][:, ~of_speakers] @ of_shares.T))
    return Fit(speakers[:, 0], speakers[:, 1:], shares, by_kind[:, 0], by_kind[:, 1:], share_errors, value)


def _sandwich(slope: Callable[[Floats], Floats], best: Floats, free: Ints, by_person: Floats) -> Floats:
    """Return the covariance of the parameters, nan for those that are not free or where the optimum is flat."""
    covariance = np.full((len(best), len(best)), np.nan)
    curvature = np.empty((len(free), len(free)))
    for row, place in enumerate(free):
        step = np.zeros(len(best))
        step[place] = _STEP
        curvature[row] = (slope(best - step) - slope(best + step))[free] / (2 * _STEP)
    curvature = (curvature + curvature.T) / 2
    people = len(by_person)
    if people < 2 or not np.all(np.linalg.eigvalsh(curvature) > 1e-8 * np.trace(curvature)):
        return covariance
    bread = np.linalg.inv(curvature)
    meat = by_person[:, free].T @ by_person[:, free] * people / (people - 1)
    covariance[np.ix_(free, free)] = bread @ meat @ bread
    return covariance
