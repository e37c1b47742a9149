"""Accuracy and information: by hand, against their definitions, and within their bounds."""

from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rsa

TRIANGLE = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1]])
SIZES = st.tuples(st.integers(1, 5), st.integers(1, 6))


@st.composite
def tables(draw):
    """A table of truth that says something about every meaning, and a prior."""
    truth = draw(hnp.arrays(np.bool_, SIZES))
    truth[0] = True
    return truth, draw(hnp.arrays(np.float64, truth.shape[1], elements=st.floats(-5, 2)))


def entropy_of(p):
    p = np.asarray(p)[np.asarray(p) > 0]
    return -np.sum(p / p.sum() * np.log(p / p.sum()))


def test_entropy_by_hand():
    np.testing.assert_allclose(rsa.entropy(np.log([[1, 1, 2], [5, 0.0001, 0.0001]]))[0], 1.5 * log(2))
    assert rsa.entropy([0.0, -np.inf]) == 0.0
    assert rsa.entropy(np.zeros((4, 3)), axis=0).shape == (3,)
    np.testing.assert_allclose(rsa.entropy(np.zeros((4, 3)), axis=0), log(4))
    assert np.isnan(rsa.entropy([-np.inf, -np.inf]))
    with pytest.raises(ValueError, match="NaN"):
        rsa.entropy([np.nan])


def test_accuracy_by_hand():
    # S1 and L1 on the triangle with rows L0 1/3, 1/2, 1: S1(u0) = 1, 2/5, 2/11, and so on.
    literal = rsa.literal_listener(TRIANGLE)
    assert rsa.communicative_accuracy(rsa.speaker(TRIANGLE), literal) == pytest.approx(
        (1 / 3 + (2 / 5 / 3 + 3 / 5 / 2) + (2 / 11 / 3 + 3 / 11 / 2 + 6 / 11)) / 3
    )
    # A speaker who says anything true and a listener who takes it literally: 1/3 · (1/3 + 5/12 + 11/18).
    anything = rsa.speaker(TRIANGLE, alpha=0)
    expected = (1 / 3 + (1 / 3 + 1 / 2) / 2 + (1 / 3 + 1 / 2 + 1) / 3) / 3
    assert rsa.communicative_accuracy(anything, literal) == pytest.approx(expected)
    only_first = rsa.communicative_accuracy(anything, literal, [0.0, -np.inf, -np.inf])
    assert only_first == pytest.approx(1 / 3)


def test_depth_helps_the_triangle():
    pairs = [
        rsa.communicative_accuracy(rsa.speaker(TRIANGLE, depth=n), rsa.listener(TRIANGLE, depth=n)) for n in (1, 2, 4)
    ]
    assert pairs == sorted(pairs)
    assert pairs[0] > rsa.communicative_accuracy(rsa.speaker(TRIANGLE, alpha=0), rsa.listener(TRIANGLE, depth=0))


@given(tables())
def test_against_sums_over_everything(table):
    truth, log_prior = table
    prior = np.exp(log_prior) / np.exp(log_prior).sum()
    speaker, listener = np.exp(rsa.speaker(truth, log_prior)), np.exp(rsa.listener(truth, log_prior))
    utterances, meanings = truth.shape
    accuracy = sum(
        prior[w] * speaker[u, w] * listener[u, w] for u in range(utterances) for w in range(meanings)
    )
    with np.errstate(divide="ignore"):
        log_speaker, log_listener = np.log(speaker), np.log(listener)
    assert rsa.communicative_accuracy(log_speaker, log_listener, log_prior) == pytest.approx(accuracy)

    said = speaker @ prior
    gain = rsa.information_gain(log_listener, log_prior)
    for u in range(utterances):
        if said[u] > 0:
            assert gain[u] == pytest.approx(entropy_of(prior) - entropy_of(speaker[u] * prior), abs=1e-9)
        else:
            assert np.isnan(gain[u])
    expected = float(np.nansum(said * gain))  # what the utterances tell, weighed by how often they are said
    assert rsa.expected_information_gain(log_speaker, log_prior) == pytest.approx(expected, abs=1e-9)
    assert -1e-12 <= expected <= entropy_of(prior) + 1e-9


@given(hnp.arrays(np.int8, SIZES, elements=st.integers(-1, 3)), st.data())
def test_a_question_tells_what_its_answers_leave_open(codes, data):
    log_prior = data.draw(hnp.arrays(np.float64, codes.shape[1], elements=st.floats(-5, 2)))
    prior = np.exp(log_prior) / np.exp(log_prior).sum()
    for row, gain in zip(codes, rsa.question_gain(codes, log_prior), strict=True):
        left = sum(prior[row == c].sum() * entropy_of(prior[row == c]) for c in set(row))
        assert gain == pytest.approx(entropy_of(prior) - left, abs=1e-9)


def test_codes_of_one_byte_do_not_overflow():
    codes = np.array([[0, 255]], dtype=np.uint8)
    np.testing.assert_allclose(rsa.question_gain(codes), [log(2)])


def test_bad_input():
    log_s1 = rsa.speaker(TRIANGLE)
    with pytest.raises(ValueError, match="shape"):
        rsa.communicative_accuracy(log_s1, log_s1[:2])
    with pytest.raises(ValueError, match="rules out every meaning"):
        rsa.expected_information_gain(log_s1, [-np.inf] * 3)
    with pytest.raises(ValueError, match="one per meaning"):
        rsa.information_gain(log_s1, [0.0])
