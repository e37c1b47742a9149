"""One global order of meanings distilled from L1: a listener that looks nothing up but the first that fits.

After a single utterance L1(w | u) ∝ S1(u | w) · prior[w] = score[u] / Z(w) · prior[w] (see `rsa.lexicon`), and score[u]
is the same for all meanings. So L1 orders the meanings that u is true of by log prior[w] - log Z(w), whatever u is:
first come those of which little, or little that is telling, could have been said. The order is exact for one
utterance with any alpha and any cost of utterances, and an approximation after more of them, since what was said
changes the scores; its listener costs one lookup.

Source: Pu et al., Amortizing pragmatic program synthesis with rankings, 2023, who show that such an order exists for
one utterance, and find one by annealing on simulated games.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from rsa._arrays import Floats, Ints
from rsa.lexicon import Lexicon

_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """A total order of meanings, best first.

    `score[w]` is in nats, up to a constant, -inf for a meaning ruled out; `rank[w]` is 0 for the best, the same for
    meanings tied within 1e-9 nats; `order` lists all meanings by rank, and those of one rank by their number.
    """

    score: Floats
    rank: Ints
    order: Ints

    @classmethod
    def of_scores(cls, score: ArrayLike) -> Ranking:
        """Return the ranking by decreasing score, shape (meanings,); ValueError where it holds NaN or +inf."""
        score = np.asarray(score, dtype=np.float64)
        if score.ndim != 1 or not np.all(score < np.inf):
            raise ValueError(f"score must be one line of numbers below inf, without NaN, not of shape {score.shape}")
        falling = np.argsort(-score, kind="stable")
        with np.errstate(invalid="ignore"):
            steps = np.diff(score[falling]) < -_TOLERANCE
        rank = np.empty(len(score), dtype=np.intp)
        rank[falling] = np.concatenate([[0], np.cumsum(steps)])[: len(score)]
        return cls(score, rank, np.lexsort((np.arange(len(score)), rank)))

    def best(self, meanings: ArrayLike) -> Ints:
        """Return all of some meanings that share the best rank, in increasing order: more than one is a tie.

        None come back where every one of them is ruled out.
        """
        left = np.asarray(meanings, dtype=np.intp)
        left = left[self.score[left] > -np.inf]
        ranks = self.rank[left]
        return np.sort(left[ranks == ranks.min(initial=len(self.rank))])

    def listener(self, lexicon: Lexicon, said: Sequence[int]) -> int | None:
        """Return the first meaning in the order of which everything said is true; None where there is none.

        Raises ValueError for an utterance that is not in the lexicon.
        """
        best = self.best(lexicon.conversation(repeatable=True).say(*said).meanings)
        return int(best[0]) if len(best) else None


def distilled_ranking(lexicon: Lexicon, *, alpha: float = 1.0, cost: ArrayLike | None = None) -> Ranking:
    """Return the order in which L1 puts the meanings after any one utterance, by log prior[w] - log Z(w).

    `alpha` and `cost`, of shape (utterances,), as for `Lexicon.conversation`, which raises ValueError where they do not
    fit. A meaning about which nothing can be said is ruled out. Source: Pu et al. 2023.
    """
    everything = np.arange(len(lexicon.log_prior))
    log_normaliser = lexicon.log_sums_over(everything, [lexicon.conversation(alpha=alpha, cost=cost).log_score])[0]
    sayable = (log_normaliser > -np.inf) & (lexicon.log_prior > -np.inf)
    score = np.full(len(everything), -np.inf)
    score[sayable] = lexicon.log_prior[sayable] - log_normaliser[sayable]
    return Ranking.of_scores(score)
