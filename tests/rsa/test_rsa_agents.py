"""L0, S1, L1 and deeper: a table worked by hand, then what must hold for every table."""

from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rsa

TRIANGLE = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1]])


def probabilities(fractions):
    return np.array([[float(f) for f in row] for row in fractions])


@st.composite
def tables(draw):
    """A truth table, a log prior that may rule meanings out, a cost, and alpha."""
    utterances, meanings = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    truth = draw(hnp.arrays(np.bool_, (utterances, meanings)))
    weight = st.one_of(st.floats(-800, 5), st.just(-np.inf))
    log_prior = draw(hnp.arrays(np.float64, meanings, elements=weight))
    shape = draw(st.sampled_from([(utterances,), (utterances, meanings)]))
    cost = draw(hnp.arrays(np.float64, shape, elements=st.one_of(st.floats(-3, 3), st.just(np.inf))))
    alpha = draw(st.one_of(st.just(0.0), st.just(1.0), st.floats(0.01, 20)))
    return truth, log_prior, cost, alpha


def assert_sums_to_one(log_p, axis):
    assert not np.isnan(log_p).any()
    total = np.exp(log_p).sum(axis=axis)
    defined = (log_p > -np.inf).any(axis=axis)
    np.testing.assert_allclose(total[defined], 1.0, atol=1e-9)
    np.testing.assert_array_equal(total[~defined], 0.0)


class TestTriangle:
    """M = 111 / 011 / 001, uniform prior, alpha = 1, every number by hand."""

    def test_literal_listener_shares_a_row_among_its_true_meanings(self):
        expected = probabilities([[F(1, 3)] * 3, [0, F(1, 2), F(1, 2)], [0, 0, 1]])
        np.testing.assert_allclose(np.exp(rsa.literal_listener(TRIANGLE)), expected, atol=1e-12)

    def test_speaker_weighs_the_column(self):
        # column 1: 1/3 against 1/2 is 2 against 3; column 2: 1/3, 1/2, 1 is 2, 3, 6
        expected = probabilities([[1, F(2, 5), F(2, 11)], [0, F(3, 5), F(3, 11)], [0, 0, F(6, 11)]])
        log_speaker = rsa.pragmatic_speaker(rsa.literal_listener(TRIANGLE))
        np.testing.assert_allclose(np.exp(log_speaker), expected, atol=1e-12)

    def test_pragmatic_listener_weighs_the_row(self):
        # row 0: 1, 2/5, 2/11 over 55 is 55, 22, 10 of 87; row 1: 3/5, 3/11 is 11, 5 of 16
        expected = probabilities([[F(55, 87), F(22, 87), F(10, 87)], [0, F(11, 16), F(5, 16)], [0, 0, 1]])
        posterior = np.exp(rsa.listener(TRIANGLE))
        np.testing.assert_allclose(posterior, expected, atol=1e-12)
        np.testing.assert_allclose(  # the figures as they were published, to three places
            posterior, [[0.632, 0.253, 0.115], [0, 0.688, 0.312], [0, 0, 1]], atol=6e-4
        )

    def test_alpha_two_squares_the_literal_listener(self):
        # column 2: 1/9, 1/4, 1 over 36 is 4, 9, 36 of 49
        log_speaker = rsa.speaker(TRIANGLE, alpha=2)
        np.testing.assert_allclose(np.exp(log_speaker[:, 2]), np.array([4, 9, 36]) / 49, atol=1e-12)

    def test_cost_is_subtracted(self):
        # log 2 on utterance 2 halves it: column 2 is 2, 3, 3 of 8
        log_speaker = rsa.speaker(TRIANGLE, cost=[0, 0, np.log(2)])
        np.testing.assert_allclose(np.exp(log_speaker[:, 2]), np.array([2, 3, 3]) / 8, atol=1e-12)

    def test_cost_of_one_utterance_for_one_meaning(self):
        cost = np.zeros((3, 3))
        cost[2, 2] = np.inf
        log_speaker = rsa.speaker(TRIANGLE, cost=cost)
        np.testing.assert_allclose(np.exp(log_speaker[:, 2]), [2 / 5, 3 / 5, 0], atol=1e-12)

    def test_prior_counts_in_the_listener(self):
        # prior 1, 1, 2: row 0 of L0 is 1/4, 1/4, 1/2
        log_listener = rsa.literal_listener(TRIANGLE, np.log([1, 1, 2]))
        np.testing.assert_allclose(np.exp(log_listener[0]), [1 / 4, 1 / 4, 1 / 2], atol=1e-12)


def test_what_is_true_of_nothing_is_minus_infinity():
    truth = [[True, False], [False, False]]
    assert rsa.literal_listener(truth).tolist() == [[0.0, -np.inf], [-np.inf, -np.inf]]
    assert rsa.speaker(truth).tolist() == [[0.0, -np.inf], [-np.inf, -np.inf]]
    assert rsa.listener(truth, depth=2, alpha=0).tolist() == [[0.0, -np.inf], [-np.inf, -np.inf]]


def test_alpha_zero_chooses_evenly_among_what_is_true():
    np.testing.assert_allclose(np.exp(rsa.speaker(TRIANGLE, alpha=0)[:, 1]), [1 / 2, 1 / 2, 0], atol=1e-12)


def test_a_prior_far_below_the_smallest_float_still_counts():
    log_prior = [-5000.0, -5000.0 + np.log(3), 0.0]
    log_listener = rsa.literal_listener([[1, 1, 0]], log_prior)
    np.testing.assert_allclose(np.exp(log_listener), [[1 / 4, 3 / 4, 0]], atol=1e-12)


def test_a_table_without_rows_or_columns():
    assert rsa.listener(np.zeros((0, 3), dtype=bool)).shape == (0, 3)
    assert rsa.listener(np.zeros((3, 0), dtype=bool)).shape == (3, 0)


@given(tables())
def test_listener_rows_and_speaker_columns_sum_to_one(table):
    truth, log_prior, cost, alpha = table
    assert_sums_to_one(rsa.literal_listener(truth, log_prior), axis=1)
    assert_sums_to_one(rsa.speaker(truth, log_prior, alpha=alpha, cost=cost), axis=0)
    assert_sums_to_one(rsa.listener(truth, log_prior, depth=2, alpha=alpha, cost=cost), axis=1)


@given(tables(), st.integers(0, 4))
def test_depth_is_so_many_turns_of_speaker_and_listener(table, depth):
    truth, log_prior, cost, alpha = table
    log_listener = rsa.literal_listener(truth, log_prior)
    for _ in range(depth):
        log_speaker = rsa.pragmatic_speaker(log_listener, cost, alpha)
        log_listener = rsa.pragmatic_listener(log_speaker, log_prior)
    np.testing.assert_array_equal(
        rsa.listener(truth, log_prior, depth=depth, alpha=alpha, cost=cost), log_listener
    )
    np.testing.assert_array_equal(
        rsa.speaker(truth, log_prior, depth=depth + 1, alpha=alpha, cost=cost),
        rsa.pragmatic_speaker(log_listener, cost, alpha),
    )


@given(tables(), st.randoms())
def test_the_order_of_rows_and_columns_does_not_matter(table, random):
    truth, log_prior, cost, alpha = table
    rows = random.sample(range(truth.shape[0]), truth.shape[0])
    columns = random.sample(range(truth.shape[1]), truth.shape[1])
    shuffled_cost = cost[rows] if cost.ndim == 1 else cost[rows][:, columns]
    shuffled = rsa.listener(truth[rows][:, columns], log_prior[columns], alpha=alpha, cost=shuffled_cost)
    straight = rsa.listener(truth, log_prior, alpha=alpha, cost=cost)[rows][:, columns]
    np.testing.assert_allclose(shuffled, straight, atol=1e-9)


@given(tables(), st.floats(-4, 4))
def test_a_cost_on_everything_changes_nothing(table, extra):
    truth, log_prior, cost, alpha = table
    shifted = rsa.speaker(truth, log_prior, alpha=alpha, cost=cost + extra)
    np.testing.assert_allclose(
        shifted, rsa.speaker(truth, log_prior, alpha=alpha, cost=cost), rtol=1e-9, atol=1e-9
    )


@given(tables(), st.floats(-50, 50))
def test_a_prior_need_not_be_normalised(table, extra):
    truth, log_prior, cost, alpha = table
    shifted = rsa.listener(truth, log_prior + extra, alpha=alpha, cost=cost)
    np.testing.assert_allclose(
        shifted, rsa.listener(truth, log_prior, alpha=alpha, cost=cost), rtol=1e-9, atol=1e-9
    )


@given(tables())
def test_a_speaker_says_only_what_is_true(table):
    truth, log_prior, cost, alpha = table
    log_speaker = rsa.speaker(truth, log_prior, alpha=alpha, cost=cost)
    assert np.all(truth[log_speaker > -np.inf])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rsa.literal_listener([True, False]), "truth must be a table"),
        (lambda: rsa.literal_listener([[0.5, 1]]), "only True and False"),
        (lambda: rsa.literal_listener([["yes"]]), "only True and False"),
        (lambda: rsa.literal_listener(TRIANGLE, [0.0, 0.0]), "one per meaning"),
        (lambda: rsa.literal_listener(TRIANGLE, [0.0, np.nan, 0.0]), "log_prior must not hold NaN"),
        (lambda: rsa.pragmatic_speaker(np.zeros(3)), "log_listener must be a table"),
        (lambda: rsa.pragmatic_speaker([[np.nan]]), "log_listener must not hold NaN"),
        (lambda: rsa.pragmatic_listener([[np.inf]]), "log_speaker must not hold NaN"),
        (lambda: rsa.speaker(TRIANGLE, cost=[0.0, 1.0]), "cost must have shape"),
        (lambda: rsa.speaker(TRIANGLE, cost=[0.0, 1.0, -np.inf]), "cost must not hold"),
        (lambda: rsa.speaker(TRIANGLE, alpha=-1), "alpha must be"),
        (lambda: rsa.speaker(TRIANGLE, alpha=np.nan), "alpha must be"),
        (lambda: rsa.speaker(TRIANGLE, depth=0), "depth must be at least 1"),
        (lambda: rsa.listener(TRIANGLE, depth=-1), "depth must be at least 0"),
    ],
)
def test_a_wrong_argument_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_the_package_says_which_rsa_it_is():
    assert rsa.__project__ == "pragmatic-pbe"
    assert all(hasattr(rsa, name) for name in rsa.__all__)
