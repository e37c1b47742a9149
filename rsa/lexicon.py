"""A lexicon prepared for conversations: large, heard often, and counted once for all meanings.

The prior of w cancels within its column, so that a step of the sequence speaker (`rsa.incremental`) needs one number
per utterance, the same for all meanings, and one sum per meaning:

    S1(u | w, said) = score[u] / Z(w)      score[u] = (mass(V ∩ [u]) · exp cost[u]) ** -alpha
                                           Z(w) = Σ score[u] over what is true of w and may still be said

with V the meanings left by what was said. Under a uniform prior, alpha = 1 and no cost a score is one over a count,
and L1(w | u_1 … u_t) ∝ Π_k 1 / Z_k(w). Z is summed for the meanings left at the end only.

Instead of a table of truth a lexicon lists, per meaning, the utterances true of it: one short integer each.

    lexicon = Lexicon.of_codes(codes)                   # codes[row, meaning]: what the meaning puts on the row
    talk = lexicon.conversation(alpha=2.0).say(lexicon.utterance(3, 1))
    talk.meanings, talk.pragmatic_listener(), talk.say(lexicon.utterance(0, 2)).pragmatic_listener()

Source: the sequence speaker of Pu et al., Program synthesis with pragmatic communication, 2020; the identity follows
from their equations.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rsa._arrays import (
    UNDERFLOW,
    Bools,
    Floats,
    Ints,
    as_alpha,
    as_codes,
    as_cost,
    as_log_prior,
    as_truth,
    log_sum,
    log_sum_by_code,
    normalised,
)

_BLOCK = 1 << 16
"""Cells looked at in one go: about what a processor's cache holds."""


@dataclass(frozen=True, eq=False)
class Lexicon:
    """Which utterances are true of which meanings, and the prior; made by `of_codes` or `of_truth`.

    `true_of[w]` lists the utterances true of meaning w in increasing order, one place for each row of codes; the number
    `utterances` stands where there is none. `log_prior[w]` is in nats, not necessarily normalised. `starts[row]` is the
    first utterance of each row of codes; `truth` is the table itself where one was given.
    """

    true_of: NDArray[np.unsignedinteger]
    utterances: int
    log_prior: Floats
    starts: Ints | None = None
    truth: Bools | None = None

    @classmethod
    def of_codes(cls, codes: ArrayLike, log_prior: ArrayLike | None = None) -> Lexicon:
        """Return the lexicon of a table (rows, meanings) that numbers what each meaning puts on each row.

        "This row gets this code" is one utterance, numbered by `utterance`; a code of -1 is nothing to say there.
        Raises ValueError where codes is not a table of integers from -1 up or log_prior does not fit it.
        """
        codes = as_codes(codes)
        sizes = codes.max(axis=1).astype(np.intp) + 1 if codes.size else np.zeros(len(codes), dtype=np.intp)
        starts, utterances = np.cumsum(sizes) - sizes, int(sizes.sum())
        rows, meanings = codes.shape
        lists = np.full((meanings, max(1, rows)), utterances, dtype=np.min_scalar_type(utterances))
        for row, start in enumerate(starts):
            lists[:, row] = np.where(codes[row] < 0, utterances, codes[row] + start)
        return cls(lists, utterances, as_log_prior(log_prior, meanings), starts=starts)

    @classmethod
    def of_truth(cls, truth: ArrayLike, log_prior: ArrayLike | None = None) -> Lexicon:
        """Return the lexicon of a table (utterances, meanings) of True and False; an utterance is its row.

        Raises ValueError where truth is not such a table or log_prior does not fit it.
        """
        truth = as_truth(truth)
        utterances, meanings = truth.shape
        lengths = np.count_nonzero(truth, axis=0)
        column, row = np.nonzero(truth.T)
        place = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        lists = np.full((meanings, lengths.max(initial=1)), utterances, dtype=np.min_scalar_type(utterances))
        lists[column, place] = row
        return cls(lists, utterances, as_log_prior(log_prior, meanings), truth=truth)

    def utterance(self, row: int, code: int) -> int:
        """Return the number of the utterance "this row gets this code"; ValueError where no meaning says so."""
        if self.starts is None:
            raise ValueError("a lexicon of truth has no codes: its utterances are the rows of the table")
        ends = np.append(self.starts[1:], self.utterances)
        if not (0 <= row < len(ends) and 0 <= code < ends[row] - self.starts[row]):
            raise ValueError(f"no meaning puts code {code} on row {row}")
        return int(self.starts[row]) + operator.index(code)

    def conversation(
        self, *, alpha: float = 1.0, cost: ArrayLike | None = None, repeatable: bool = False
    ) -> Conversation:
        """Return the conversation in which nothing has been said yet, with a speaker of this kind.

        `cost` has shape (utterances,), in nats, subtracted from log L0; +inf is "never said". Raises ValueError where
        it does not, or alpha is negative or not finite.
        """
        if np.ndim(np.asarray(0.0 if cost is None else cost)) == 2:
            raise ValueError("cost must have shape (utterances,) here; rsa.log_sequence_speaker takes a table")
        price = as_cost(cost, (self.utterances, len(self.true_of)))[:, 0]
        return Conversation(self, as_alpha(alpha), price, repeatable, self.possible)

    def literal_listener(self, said: Sequence[int]) -> Floats:
        """Return log L0(w | u_1 … u_t), shape (meanings,), in nats: `rsa.literal_sequence_listener`, sooner."""
        meanings = self.possible
        for utterance in said:
            meanings = meanings[self.holds(self.known(utterance), meanings)]
        return normalised(self.spread(self.log_prior[meanings], meanings), axis=0)

    def pragmatic_listener(
        self, said: Sequence[int], *, alpha: float = 1.0, cost: ArrayLike | None = None, repeatable: bool = False
    ) -> Floats:
        """Return log L1(w | u_1 … u_t), shape (meanings,), in nats: `rsa.pragmatic_sequence_listener`, sooner."""
        return self.conversation(alpha=alpha, cost=cost, repeatable=repeatable).say(*said).pragmatic_listener()

    @cached_property
    def possible(self) -> Ints:
        """Return the meanings of positive prior, in increasing order."""
        return np.flatnonzero(self.log_prior > -np.inf)

    @cached_property
    def log_mass(self) -> Floats:
        """Return the log prior mass of each utterance, shape (utterances,), in nats."""
        return self.log_mass_among(self.possible)

    @cached_property
    def counts(self) -> Floats:
        """Return of how many meanings of positive prior each utterance is true, shape (utterances,)."""
        return self.totals_among(self.possible)

    @cached_property
    def uniform(self) -> bool:
        """Return whether all meanings of positive prior are equally probable."""
        return bool(np.all(self.log_prior[self.possible] == self.log_prior.max(initial=-np.inf)))

    def known(self, utterance: int) -> int:
        """Return the utterance; raises ValueError where the lexicon has none of that number."""
        if not 0 <= operator.index(utterance) < self.utterances:
            raise ValueError(f"utterance {utterance} is not one of the {self.utterances} of the lexicon")
        return operator.index(utterance)

    def holds(self, utterance: int, meanings: Ints) -> Bools:
        """Return, for each of some meanings, whether an utterance is true of it."""
        if self.truth is not None:
            return np.asarray(self.truth[utterance, meanings])
        assert self.starts is not None
        row = np.searchsorted(self.starts, utterance, side="right") - 1
        return np.asarray(self.true_of[meanings, row] == utterance)

    def totals_among(self, meanings: Ints, weight: Floats | None = None) -> Floats:
        """Return Σ weight over those of some meanings that an utterance is true of, shape (utterances,).

        `weight` has one number for each of the meanings; None counts them.
        """
        total = np.zeros(self.utterances + 1)
        width = self.true_of.shape[1]
        for part in _blocks(len(meanings), width, 2 * self.utterances):
            lists = self.true_of.take(meanings[part], axis=0)
            each = None if weight is None else np.repeat(weight[part], width)
            total += np.bincount(lists.ravel(), each, len(total))
        return total[:-1]

    def log_mass_among(self, meanings: Ints) -> Floats:
        """Return the log prior mass of each utterance among some meanings, shape (utterances,), in nats."""
        log_weight = self.log_prior[meanings]
        peak = log_weight.max(initial=-np.inf)
        if peak == -np.inf:
            return np.full(self.utterances, -np.inf)
        weight = np.exp(log_weight - peak)
        if weight.min() < UNDERFLOW:
            lists = self.true_of[meanings]
            log_weights = np.repeat(log_weight, lists.shape[1])
            return log_sum_by_code(lists.ravel(), log_weights, self.utterances + 1)[:-1]
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.totals_among(meanings, weight)) + peak)

    def log_sums_over(self, meanings: Ints, log_scores: Sequence[Floats]) -> Floats:
        """Return log Σ exp(log_score[u]) over the utterances true of a meaning, shape (scores, meanings), in nats."""
        log_score = np.full((len(log_scores), self.utterances + 1), -np.inf)
        log_score[:, :-1] = log_scores
        peak = log_score.max(axis=1, keepdims=True)
        peak[peak == -np.inf] = 0.0
        score = np.exp(log_score - peak)
        linear = np.min(score, where=log_score > -np.inf, initial=1.0) >= UNDERFLOW
        ones = np.ones(self.true_of.shape[1])
        found = np.empty((len(log_scores), len(meanings)))
        for part in _blocks(len(meanings), len(ones) * len(log_scores)):
            lists = self.true_of.take(meanings[part], axis=0)
            if linear:
                with np.errstate(divide="ignore"):
                    found[:, part] = np.log(score.take(lists, axis=1) @ ones) + peak
            else:
                found[:, part] = log_sum(log_score.take(lists, axis=1), axis=2)[..., 0]
        return found

    def spread(self, log_p: Floats, meanings: Ints) -> Floats:
        """Return values of some meanings at their places among all, -inf for the others, shape (meanings,)."""
        spread = np.full(len(self.true_of), -np.inf)
        spread[meanings] = log_p
        return spread


@dataclass(frozen=True, eq=False)
class Conversation:
    """What a speaker of some kind has said so far, and the meanings that it leaves; `say` gives the next one.

    `meanings` are the indices, increasing, of the meanings of positive prior that all of it is true of; `log_scores`
    holds for each utterance said what `log_score` was then; `before` is the conversation without the last.
    """

    lexicon: Lexicon
    alpha: float
    cost: Floats
    repeatable: bool
    meanings: Ints
    said: tuple[int, ...] = ()
    log_scores: tuple[Floats, ...] = ()
    before: Conversation | None = None

    def say(self, *utterances: int) -> Conversation:
        """Return the conversation after these utterances too, in their order.

        Raises ValueError for one that is not in the lexicon, or that was said before and may not be repeated.
        """
        now = self
        for utterance in map(self.lexicon.known, utterances):
            if not self.repeatable and utterance in now.said:
                raise ValueError("an utterance is said twice; pass repeatable=True where that may happen")
            left = now.meanings[self.lexicon.holds(utterance, now.meanings)]
            said, log_scores = (*now.said, utterance), (*now.log_scores, now.log_score)
            now = Conversation(self.lexicon, self.alpha, self.cost, self.repeatable, left, said, log_scores, now)
        return now

    @cached_property
    def log_score(self) -> Floats:
        """Return log score[u], shape (utterances,), in nats: S1(u | w, said) up to a factor that only w decides.

        It is -inf for what would not be said now: true of nothing that is left, said already, or at infinite cost.
        """
        log_mass = self._log_mass
        sayable = (log_mass > -np.inf) & (self.cost < np.inf)
        if not self.repeatable:
            sayable[list(self.said)] = False
        log_score = np.full(len(sayable), -np.inf)
        np.add(log_mass, self.cost, where=sayable, out=log_score)
        np.multiply(log_score, -self.alpha, where=sayable, out=log_score)
        return log_score

    def literal_listener(self) -> Floats:
        """Return log L0(w | said), shape (meanings,) of the whole lexicon, in nats; sums to 1 after exp."""
        return self.lexicon.spread(normalised(self.lexicon.log_prior[self.meanings], axis=0), self.meanings)

    def log_speaker(self) -> Floats:
        """Return log S1(said | w), shape (meanings,) of the whole lexicon, in nats: a product over the steps."""
        return self.lexicon.spread(self._log_speaker(), self.meanings)

    def pragmatic_listener(self) -> Floats:
        """Return log L1(w | said), shape (meanings,) of the whole lexicon, in nats; sums to 1 after exp."""
        log_joint = self._log_speaker() + self.lexicon.log_prior[self.meanings]
        return self.lexicon.spread(normalised(log_joint, axis=0), self.meanings)

    def step_speaker(self, meanings: ArrayLike) -> Floats:
        """Return log S1(u | w, said), shape (places, meanings), in nats, for some of the meanings that are left.

        The utterances are those of `lexicon.true_of[meanings].T`, padding has -inf. Columns (axis 0) sum to 1 after
        exp.
        """
        log_score = np.append(self.log_score, -np.inf)
        return normalised(log_score[self.lexicon.true_of[np.asarray(meanings)].T], axis=0)

    def likeliest(self, meanings: ArrayLike) -> Ints:
        """Return what S1 is likeliest to say next for each of some of the meanings left, shape (meanings,).

        Of equals it is the lowest utterance; `lexicon.utterances` stands where nothing can be said.
        """
        lists = self.lexicon.true_of[np.asarray(meanings)]
        log_score = np.append(self.log_score, -np.inf)[lists]
        best = np.argmax(log_score, axis=1)
        said = lists[np.arange(len(lists)), best].astype(np.intp)
        return np.where(log_score.max(axis=1) > -np.inf, said, self.lexicon.utterances)

    @cached_property
    def _counts(self) -> Floats:
        """Return how many of the meanings left each utterance is true of; counts these or those gone, the fewer."""
        if self.before is None:
            return self.lexicon.counts
        if 2 * len(self.meanings) < len(self.before.meanings):
            return self.lexicon.totals_among(self.meanings)
        gone = self.before.meanings[~self.lexicon.holds(self.said[-1], self.before.meanings)]
        return self.before._counts - self.lexicon.totals_among(gone)

    @property
    def _log_mass(self) -> Floats:
        """Return the log prior mass that each utterance has among what is left, up to a constant."""
        if self.lexicon.uniform:
            with np.errstate(divide="ignore"):
                return np.log(self._counts)
        return self.lexicon.log_mass if self.before is None else self.lexicon.log_mass_among(self.meanings)

    def _log_speaker(self) -> Floats:
        """Return log S1(said | w) of the meanings that are left."""
        shared = sum([log_score[u] for u, log_score in zip(self.said, self.log_scores, strict=True)])
        log_p = np.full(len(self.meanings), float(shared))
        if self.said and shared > -np.inf:
            log_p -= self.lexicon.log_sums_over(self.meanings, self.log_scores).sum(axis=0)
        return log_p


def _blocks(count: int, width: int, least: int = 0) -> Iterator[slice]:
    """Yield slices of `count` lists of some width, of a size that suits the cache and is worth a count of `least`."""
    step = max(1, max(_BLOCK, least) // max(1, width))
    for start in range(0, count, step):
        yield slice(start, start + step)
