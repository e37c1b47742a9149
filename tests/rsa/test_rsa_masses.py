"""The speaker whose literal listener divides by masses from outside the table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rsa


@st.composite
def coded_tables(draw, lowest_code=0):
    rows, meanings = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    codes = draw(hnp.arrays(np.int64, (rows, meanings), elements=st.integers(lowest_code, 3)))
    log_prior = draw(hnp.arrays(np.float64, meanings, elements=st.floats(-700, 5)))
    cost = draw(hnp.arrays(np.float64, rows, elements=st.floats(-3, 3)))
    alpha = draw(st.one_of(st.just(0.0), st.just(1.0), st.floats(0.01, 10)))
    return codes, log_prior, cost, alpha


def spread(codes):
    """The dense truth table of a coded one: utterance 4·row + code."""
    return (codes[:, np.newaxis, :] == np.arange(4)[:, np.newaxis]).reshape(-1, codes.shape[1])


def test_by_hand():
    # Utterance 0 could mean 10 things in all, utterance 1 only 2: whoever means w would say 1, five to one.
    log_speaker = rsa.speaker_from_masses([[1, 1], [1, 0]], np.log([10, 2]))
    np.testing.assert_allclose(np.exp(log_speaker), [[1 / 6, 1], [5 / 6, 0]], atol=1e-12)


def test_masses_outside_the_table_change_the_choice():
    # In the table both utterances of meaning 0 are true of two meanings; outside it the first is common.
    truth = [[1, 1, 0], [1, 0, 1]]
    np.testing.assert_allclose(np.exp(rsa.speaker(truth)[:, 0]), [1 / 2, 1 / 2], atol=1e-12)
    log_speaker = rsa.speaker_from_masses(truth, np.log([6, 2]))
    np.testing.assert_allclose(np.exp(log_speaker[:, 0]), [1 / 4, 3 / 4], atol=1e-12)


@given(coded_tables())
def test_column_sums_as_masses_give_the_ordinary_speaker(table):
    codes, log_prior, _, alpha = table
    truth = spread(codes)
    log_mass = [np.logaddexp.reduce(log_prior[row], initial=-np.inf) for row in truth]
    np.testing.assert_allclose(
        rsa.speaker_from_masses(truth, log_mass, alpha=alpha),
        rsa.speaker(truth, log_prior, alpha=alpha),
        rtol=1e-9,
        atol=1e-9,
    )


@given(coded_tables(), st.floats(-100, 100))
def test_the_unit_of_mass_is_free(table, extra):
    codes, log_prior, cost, alpha = table
    log_mass = rsa.log_code_masses(codes, log_prior)
    one = rsa.speaker_from_codes(codes, log_mass, alpha=alpha, cost=cost)
    other = rsa.speaker_from_codes(codes, [m + extra for m in log_mass], alpha=alpha, cost=cost)
    np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@given(coded_tables(), st.data())
def test_codes_say_what_the_dense_table_says(table, data):
    codes, log_prior, cost, alpha = table
    rows = len(codes)
    said = data.draw(st.lists(st.integers(0, rows - 1), unique=True))
    log_speaker = rsa.speaker_from_codes(
        codes, rsa.log_code_masses(codes, log_prior), said=said, alpha=alpha, cost=cost
    )
    dense_cost = np.repeat(np.where(np.isin(np.arange(rows), said), np.inf, cost), 4)
    dense = rsa.speaker(spread(codes), log_prior, alpha=alpha, cost=dense_cost).reshape(rows, 4, -1)
    chosen = np.take_along_axis(dense, codes[:, np.newaxis, :], axis=1)[:, 0]
    assert log_speaker.shape == codes.shape
    np.testing.assert_allclose(log_speaker, chosen, rtol=1e-9, atol=1e-9)


@given(coded_tables(lowest_code=-1))
def test_columns_sum_to_one_over_the_rows_that_show_something(table):
    codes, log_prior, cost, alpha = table
    log_speaker = rsa.speaker_from_codes(
        codes, rsa.log_code_masses(codes, log_prior), alpha=alpha, cost=cost
    )
    assert not np.isnan(log_speaker).any()
    np.testing.assert_array_equal(log_speaker > -np.inf, codes >= 0)
    np.testing.assert_allclose(np.exp(log_speaker).sum(axis=0), (codes >= 0).any(axis=0), atol=1e-9)


def test_code_masses_by_hand():
    log_mass = rsa.log_code_masses([[0, 0, 2], [1, -1, 1]], np.log([1, 2, 4]))
    np.testing.assert_allclose(np.exp(log_mass[0]), [3, 0, 4], atol=1e-12)
    np.testing.assert_allclose(np.exp(log_mass[1]), [0, 5], atol=1e-12)
    np.testing.assert_allclose(rsa.log_code_masses([[0, 0]], [-5000.0, -5000.0])[0], [-5000 + np.log(2)])


def test_rows_already_shown_need_no_masses():
    log_speaker = rsa.speaker_from_codes([[0], [0]], [[], [0.0]], said=[0])
    assert log_speaker.tolist() == [[-np.inf], [0.0]]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rsa.speaker_from_masses([[1, 1]], [0.0, 0.0]), "log_mass must have shape"),
        (lambda: rsa.speaker_from_masses([[1, 1]], [-np.inf]), "utterance 0 is true of a meaning"),
        (lambda: rsa.speaker_from_masses([[1, 1]], [0.0], alpha=-1), "alpha must be"),
        (lambda: rsa.speaker_from_codes([0, 1], []), "codes must be a table"),
        (lambda: rsa.speaker_from_codes([[0.0]], [[0.0]]), "codes must be integers"),
        (lambda: rsa.speaker_from_codes([[-2]], [[0.0]]), "codes must be integers"),
        (lambda: rsa.speaker_from_codes([[0]], []), "log_mass has 0 rows"),
        (lambda: rsa.speaker_from_codes([[1]], [[0.0]]), "codes go up to 1"),
        (lambda: rsa.speaker_from_codes([[1]], [[0.0, np.nan]]), "code 1 is in use on row 0"),
        (lambda: rsa.speaker_from_codes([[0]], [[0.0]], said=[1]), "utterance 1 is not one of the 1 rows"),
        (lambda: rsa.log_code_masses([[0]], [0.0, 0.0]), "one per meaning"),
    ],
)
def test_a_wrong_argument_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
