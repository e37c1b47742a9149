"""The distilled order: what L1 says after any one utterance, total, and the same every time."""

from pathlib import Path

import numpy as np
import pytest
from conversations import TRUTHS, truth_of
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rsa

TRIANGLE = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1]])
REGEX = Path(__file__).resolve().parents[3] / "shared" / "data" / "pragmatics" / "regex350"


def test_the_triangle():
    # Z = 1/3, 1/3 + 1/2, 1/3 + 1/2 + 1: whom least can be said about comes first.
    ranking = rsa.distilled_ranking(rsa.Lexicon.of_truth(TRIANGLE))
    assert ranking.order.tolist() == ranking.rank.tolist() == [0, 1, 2]
    np.testing.assert_allclose(ranking.score, -np.log([1 / 3, 5 / 6, 11 / 6]), atol=1e-12)
    lexicon = rsa.Lexicon.of_truth(TRIANGLE)
    assert [ranking.listener(lexicon, said) for said in ([], [0], [1], [0, 1], [2, 2])] == [0, 0, 1, 1, 2]


@given(TRUTHS, st.data())
def test_after_one_utterance_it_is_l1(truth, data):
    utterances, meanings = truth.shape
    log_prior = data.draw(hnp.arrays(np.float64, meanings, elements=st.floats(-5, 2)))
    cost = data.draw(hnp.arrays(np.float64, utterances, elements=st.floats(-2, 2)))
    alpha = data.draw(st.floats(0.1, 5))
    lexicon = rsa.Lexicon.of_truth(truth, log_prior)
    ranking = rsa.distilled_ranking(lexicon, alpha=alpha, cost=cost)
    log_l1 = rsa.listener(truth, log_prior, alpha=alpha, cost=cost)
    for u in range(utterances):
        fitting = np.flatnonzero(truth[u])
        found = np.exp(ranking.score[fitting] - np.logaddexp.reduce(ranking.score[fitting], initial=-np.inf))
        np.testing.assert_allclose(found, np.exp(log_l1[u, fitting]), atol=1e-9)
        if fitting.size:
            assert ranking.listener(lexicon, [u]) in rsa.argmax_set(log_l1[u], tolerance=1e-8)


@given(st.lists(st.one_of(st.sampled_from([0.0, 1.0, 2.0, -np.inf]), st.floats(-5, 5)), max_size=12))
def test_the_order_is_total_and_ties_are_told(score):
    ranking = rsa.Ranking.of_scores(score)
    assert sorted(ranking.order) == list(range(len(score)))
    assert np.all(np.diff(ranking.rank[ranking.order]) >= 0)
    for a, b in zip(ranking.order, ranking.order[1:], strict=False):
        if ranking.rank[a] == ranking.rank[b]:
            assert a < b
            assert score[a] == pytest.approx(score[b], abs=1e-7)
        else:
            assert score[a] > score[b]
    for w in range(len(score)):
        assert (ranking.best([w]).tolist() == []) == (score[w] == -np.inf)
    possible = [w for w in range(len(score)) if score[w] > -np.inf]
    best = ranking.best(range(len(score)))
    assert best.tolist() == [w for w in possible if ranking.rank[w] == 0]


@given(hnp.arrays(np.int8, (3, 5), elements=st.integers(0, 2)))
def test_codes_give_what_their_truth_gives(codes):
    of_codes = rsa.distilled_ranking(rsa.Lexicon.of_codes(codes))
    of_truth = rsa.distilled_ranking(rsa.Lexicon.of_truth(truth_of(codes)))
    np.testing.assert_allclose(of_codes.score, of_truth.score, atol=1e-12)
    assert of_codes.order.tolist() == of_truth.order.tolist()


def test_twins_are_tied_and_the_mute_are_out():
    truth = np.array([[1, 1, 0, 1], [0, 0, 0, 1]])
    ranking = rsa.distilled_ranking(rsa.Lexicon.of_truth(truth))
    assert ranking.order.tolist() == [0, 1, 3, 2]
    assert ranking.best([3, 1, 0]).tolist() == [0, 1]
    assert ranking.best([2]).tolist() == []
    assert ranking.listener(rsa.Lexicon.of_truth(truth[:1]), [0]) == 0
    assert ranking.listener(rsa.Lexicon.of_truth([[1, 0], [0, 1]]), [0, 1]) is None


@pytest.mark.parametrize("score", [[[1.0]], [np.nan], [np.inf]])
def test_scores_that_are_none(score):
    with pytest.raises(ValueError, match="one line of numbers"):
        rsa.Ranking.of_scores(score)


@pytest.mark.skipif(not REGEX.is_dir(), reason=f"needs the published data in {REGEX}")
def test_on_the_regexes_it_agrees_with_l1_more_often_than_the_published_order():
    truth = np.load(REGEX / "mm.npy").astype(bool)
    lexicon = rsa.Lexicon.of_truth(truth)
    published = list(map(int, (REGEX / "Rank.txt").read_text().split(",")))
    score = np.full(truth.shape[1], -np.inf)
    score[published] = -np.arange(len(published))
    rankings = [rsa.distilled_ranking(lexicon), rsa.Ranking.of_scores(score)]
    random = np.random.default_rng(0)
    agreed = np.zeros(2)
    for target in random.choice(truth.shape[1], 60, replace=False):
        said = random.choice(np.flatnonzero(truth[:, target]), 3)
        best = rsa.argmax_set(lexicon.pragmatic_listener(said, repeatable=True))
        agreed += [ranking.listener(lexicon, said) in best for ranking in rankings]
    assert agreed[0] >= 50
    assert agreed[0] > agreed[1] + 5
