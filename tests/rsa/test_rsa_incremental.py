"""Sequences of utterances: by hand, against their definition, and against each other."""

import numpy as np
import pytest
from conversations import conversations
from hypothesis import given
from hypothesis import strategies as st

import rsa

TRIANGLE = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1]])


def test_two_steps_by_hand():
    # Step 1 is S1(u0 | w) = 1, 2/5, 2/11. Step 2: u0 is used up and every meaning is still possible, so the
    # speaker of w1 can only say u1, and that of w2 chooses between 1/2 and 1: S1(u1 | w2) = 1/3.
    log_speaker = rsa.log_sequence_speaker(TRIANGLE, [0, 1])
    np.testing.assert_allclose(np.exp(log_speaker), [0, 2 / 5, 2 / 33], atol=1e-12)
    # 2/5 against 2/33 is 33 against 5.
    posterior = np.exp(rsa.pragmatic_sequence_listener(TRIANGLE, [0, 1]))
    np.testing.assert_allclose(posterior, [0, 33 / 38, 5 / 38], atol=1e-12)


def test_two_steps_by_hand_where_utterances_may_repeat():
    # Step 2 again offers u0 (true of three), u1 (of two) and u2: as in step 1, 3/5 and 3/11.
    log_speaker = rsa.log_sequence_speaker(TRIANGLE, [0, 1], repeatable=True)
    np.testing.assert_allclose(np.exp(log_speaker), [0, 2 / 5 * 3 / 5, 2 / 11 * 3 / 11], atol=1e-12)


def test_the_order_matters():
    # u0 is true of w0 and w1, u1 of all, u2 of w1 and w2.
    truth = np.array([[1, 1, 0], [1, 1, 1], [0, 1, 1]])
    # u0 first: 1/2 over 1/2 + 1/3 is 3/5 for w0, over 1/2 + 1/3 + 1/2 is 3/8 for w1. V = {w0, w1}: w0 has
    # only u1 left, w1 has u1 (1/2) and u2 (1): 1/3. 3/5 against 1/8 is 24 against 5.
    posterior = np.exp(rsa.pragmatic_sequence_listener(truth, [0, 1]))
    np.testing.assert_allclose(posterior, [24 / 29, 5 / 29, 0], atol=1e-12)
    # u1 first: 2/5 for w0, 1/4 for w1. Then V is everything: w0 has only u0 left, w1 has u0 and u2, both 1/2.
    # 2/5 against 1/8 is 16 against 5.
    posterior = np.exp(rsa.pragmatic_sequence_listener(truth, [1, 0]))
    np.testing.assert_allclose(posterior, [16 / 21, 5 / 21, 0], atol=1e-12)


def test_the_identity_as_it_is_written():
    # One step, uniform prior, alpha = 1: L1(w) ∝ 1/Z(w), Z = truth.T @ (1/counts).
    normaliser = TRIANGLE.T @ (1 / TRIANGLE.sum(axis=1))
    expected = (1 / normaliser) / (1 / normaliser).sum()
    np.testing.assert_allclose(np.exp(rsa.pragmatic_sequence_listener(TRIANGLE, [0])), expected, atol=1e-12)


def test_literal_sequence_listener_by_hand():
    log_prior = np.log([1, 1, 3])
    np.testing.assert_allclose(np.exp(rsa.literal_sequence_listener(TRIANGLE, [])), [1 / 3] * 3, atol=1e-12)
    np.testing.assert_allclose(
        np.exp(rsa.literal_sequence_listener(TRIANGLE, [1], log_prior)), [0, 1 / 4, 3 / 4], atol=1e-12
    )
    assert np.all(rsa.literal_sequence_listener([[1, 0], [0, 1]], [0, 1]) == -np.inf)


def test_nothing_said_leaves_the_prior():
    log_prior = np.log([0.2, 0.3, 0.5])
    log_posterior = rsa.pragmatic_sequence_listener(TRIANGLE, [], log_prior)
    np.testing.assert_allclose(log_posterior, log_prior, atol=1e-12)


def test_a_cost_for_each_meaning():
    cost = np.zeros((3, 3))
    cost[1, 2] = np.inf  # nobody who means w2 says u1
    posterior = np.exp(rsa.pragmatic_sequence_listener(TRIANGLE, [0, 1], cost=cost))
    np.testing.assert_allclose(posterior, [0, 1, 0], atol=1e-12)


@given(conversations())
def test_shared_counts_equal_the_definition_under_a_uniform_prior(conversation):
    truth, said, _, speaker = conversation
    within = np.ones(truth.shape[1], dtype=bool)
    sayable = np.ones(truth.shape[0], dtype=bool)
    log_p = np.zeros(truth.shape[1])
    for row in said:
        counts = truth[:, within].sum(axis=1)
        share = np.where(sayable & (counts > 0), 1 / np.maximum(counts, 1), 0)
        within &= truth[row]
        log_p[~within] = -np.inf
        log_p[within] += np.log(share[row]) - np.log(truth[:, within].T @ share) if within.any() else 0
        sayable[row] &= speaker["repeatable"]
    direct = rsa.log_sequence_speaker(truth, said, repeatable=speaker["repeatable"])
    np.testing.assert_allclose(direct, log_p, rtol=1e-9, atol=1e-9)


@given(conversations())
def test_the_listener_is_bayes_on_the_sequence_speaker(conversation):
    truth, said, log_prior, speaker = conversation
    log_posterior = rsa.pragmatic_sequence_listener(truth, said, log_prior, **speaker)
    assert not np.isnan(log_posterior).any()
    assert np.all(rsa.consistent(truth, said)[log_posterior > -np.inf])
    if np.any(log_posterior > -np.inf):
        np.testing.assert_allclose(np.exp(log_posterior).sum(), 1.0, atol=1e-9)
    log_weight = np.zeros(truth.shape[1]) if log_prior is None else log_prior
    log_joint = rsa.log_sequence_speaker(truth, said, log_prior, **speaker) + log_weight
    total = np.logaddexp.reduce(log_joint, initial=-np.inf)
    expected = log_joint - total if total > -np.inf else log_joint
    np.testing.assert_allclose(log_posterior, expected, rtol=1e-9, atol=1e-9)


@given(conversations())
def test_one_utterance_is_the_single_listener(conversation):
    truth, said, log_prior, speaker = conversation
    if said:
        single = rsa.listener(truth, log_prior, alpha=speaker["alpha"], cost=speaker["cost"])[said[0]]
        sequence = rsa.pragmatic_sequence_listener(truth, said[:1], log_prior, **speaker)
        np.testing.assert_allclose(sequence, single, rtol=1e-9, atol=1e-9)


@given(conversations())
def test_step_speaker_columns_sum_to_one_over_what_can_be_said(conversation):
    truth, said, log_prior, speaker = conversation
    log_step = rsa.step_speaker(truth, said, log_prior, **speaker)
    total = np.exp(log_step).sum(axis=0)
    np.testing.assert_allclose(total[total > 0], 1.0, atol=1e-9)
    assert not np.isnan(log_step).any()
    if not speaker["repeatable"]:
        assert np.all(log_step[said] == -np.inf)


@given(conversations(), st.randoms())
def test_the_order_of_meanings_does_not_matter(conversation, random):
    truth, said, log_prior, speaker = conversation
    columns = random.sample(range(truth.shape[1]), truth.shape[1])
    shuffled = rsa.pragmatic_sequence_listener(
        truth[:, columns], said, None if log_prior is None else log_prior[columns], **speaker
    )
    straight = rsa.pragmatic_sequence_listener(truth, said, log_prior, **speaker)[columns]
    np.testing.assert_allclose(shuffled, straight, rtol=1e-9, atol=1e-9)


def test_ties_are_reported():
    assert rsa.argmax_set([0.0, -1.0, 0.0]).tolist() == [0, 2]
    assert rsa.argmax_set([0.0, -1e-10, -1e-8]).tolist() == [0, 1]
    assert rsa.argmax_set([0.0, -0.5], tolerance=1).tolist() == [0, 1]
    assert rsa.argmax_set([-np.inf, -3.0]).tolist() == [1]
    assert rsa.argmax_set([-np.inf, -np.inf]).tolist() == []
    assert rsa.argmax_set([]).tolist() == []


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rsa.log_sequence_speaker(TRIANGLE, [0, 0]), "said twice"),
        (lambda: rsa.consistent(TRIANGLE, [3]), "utterance 3 is not one of the 3 rows"),
        (lambda: rsa.consistent(TRIANGLE, [-1]), "utterance -1 is not one of the 3 rows"),
        (lambda: rsa.pragmatic_sequence_listener(TRIANGLE, [0], alpha=-1), "alpha must be"),
        (lambda: rsa.pragmatic_sequence_listener(TRIANGLE, [0], [0.0]), "one per meaning"),
        (lambda: rsa.pragmatic_sequence_listener(TRIANGLE, [0], cost=[0.0]), "cost must have shape"),
        (lambda: rsa.argmax_set([[0.0]]), "one line of numbers"),
        (lambda: rsa.argmax_set([np.nan]), "one line of numbers"),
        (lambda: rsa.argmax_set([0.0], tolerance=-1), "tolerance must be"),
    ],
)
def test_a_wrong_argument_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
