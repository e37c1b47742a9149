"""The prepared lexicon gives the numbers of the definitions, from truth and from codes."""

from unittest.mock import patch

import numpy as np
import pytest
from conversations import coded_conversations, conversations
from hypothesis import given

import rsa

TRIANGLE = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1]])
CODES = np.array([[0, 0, 1, 1], [0, 1, 0, 1], [0, 0, 0, -1]])


def same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def assert_equals_definition(lexicon, conversation):
    truth, said, log_prior, speaker = conversation
    talk = lexicon.conversation(**speaker).say(*said)
    same(talk.literal_listener(), rsa.literal_sequence_listener(truth, said, log_prior))
    same(talk.log_speaker(), rsa.log_sequence_speaker(truth, said, log_prior, **speaker))
    same(talk.pragmatic_listener(), rsa.pragmatic_sequence_listener(truth, said, log_prior, **speaker))
    same(lexicon.literal_listener(said), talk.literal_listener())
    same(lexicon.pragmatic_listener(said, **speaker), talk.pragmatic_listener())
    assert talk.said == tuple(said)
    assert np.all(rsa.consistent(truth, said)[talk.meanings])

    log_step = rsa.step_speaker(truth, said, log_prior, **speaker)
    listed = lexicon.true_of[talk.meanings].T
    padded = np.append(log_step, np.full((1, truth.shape[1]), -np.inf), axis=0)
    same(talk.step_speaker(talk.meanings), padded[listed, talk.meanings])


@given(conversations())
def test_a_lexicon_of_truth_equals_the_definition(conversation):
    truth, _, log_prior, _ = conversation
    assert_equals_definition(rsa.Lexicon.of_truth(truth, log_prior), conversation)


@given(coded_conversations())
def test_a_lexicon_of_codes_equals_the_definition(drawn):
    codes, conversation = drawn
    assert_equals_definition(rsa.Lexicon.of_codes(codes, conversation[2]), conversation)


@given(coded_conversations())
def test_lists_looked_at_in_several_blocks_give_the_same(drawn):
    codes, conversation = drawn
    with patch("rsa.lexicon._BLOCK", 4):
        assert_equals_definition(rsa.Lexicon.of_codes(codes, conversation[2]), conversation)


def test_one_step_by_hand():
    posterior = np.exp(rsa.Lexicon.of_truth(TRIANGLE).pragmatic_listener([0]))
    np.testing.assert_allclose(posterior, [0.632, 0.253, 0.115], atol=6e-4)


def test_the_lists_and_their_numbers():
    lexicon = rsa.Lexicon.of_codes(CODES)
    assert lexicon.utterances == 5
    assert lexicon.true_of.tolist() == [[0, 2, 4], [0, 3, 4], [1, 2, 4], [1, 3, 5]]
    assert [lexicon.utterance(1, 1), lexicon.utterance(2, 0)] == [3, 4]
    assert rsa.Lexicon.of_truth(TRIANGLE).true_of.tolist() == [[0, 3, 3], [0, 1, 3], [0, 1, 2]]


@pytest.mark.parametrize(("utterances", "width"), [(255, 1), (256, 2), (65_536, 4)])
def test_numbers_are_as_short_as_they_can_be(utterances, width):
    assert rsa.Lexicon.of_codes(np.array([[utterances - 1]])).true_of.itemsize == width


def test_a_conversation_is_not_changed_by_what_is_said_next():
    start = rsa.Lexicon.of_codes(CODES).conversation()
    one, other = start.say(0), start.say(3)
    assert (start.said, one.said, other.said, one.say(2).said) == ((), (0,), (3,), (0, 2))
    assert (start.meanings.tolist(), one.meanings.tolist(), other.meanings.tolist()) == ([0, 1, 2, 3], [0, 1], [1, 3])


def test_a_long_conversation():
    rows = 400
    lexicon = rsa.Lexicon.of_codes(np.eye(rows, rows + 1, dtype=int))  # row i tells only meaning i from the others
    talk = lexicon.conversation().say(*[lexicon.utterance(row, 0) for row in range(rows)])
    assert talk.meanings.tolist() == [rows]
    assert np.isfinite(talk.log_speaker()[rows]) and talk.pragmatic_listener()[rows] == 0.0


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: rsa.Lexicon.of_codes([0, 1]), "codes must be a table"),
        (lambda: rsa.Lexicon.of_codes([[0.5]]), "codes must be integers"),
        (lambda: rsa.Lexicon.of_codes([[-2]]), "codes must be integers"),
        (lambda: rsa.Lexicon.of_codes(CODES, [0.0]), "one per meaning"),
        (lambda: rsa.Lexicon.of_truth([[2]]), "only True and False"),
        (lambda: rsa.Lexicon.of_codes(CODES).utterance(0, 2), "no meaning puts code 2 on row 0"),
        (lambda: rsa.Lexicon.of_codes(CODES).utterance(3, 0), "no meaning puts code 0 on row 3"),
        (lambda: rsa.Lexicon.of_truth(TRIANGLE).utterance(0, 0), "has no codes"),
        (lambda: rsa.Lexicon.of_truth(TRIANGLE).pragmatic_listener([0, 0]), "said twice"),
        (lambda: rsa.Lexicon.of_truth(TRIANGLE).pragmatic_listener([3]), "utterance 3 is not one of the 3"),
        (lambda: rsa.Lexicon.of_truth(TRIANGLE).pragmatic_listener([0], alpha=-1), "alpha must be"),
        (lambda: rsa.Lexicon.of_truth(TRIANGLE).pragmatic_listener([0], cost=[0.0]), "cost must have shape"),
        (lambda: rsa.Lexicon.of_truth(TRIANGLE).conversation(cost=np.zeros((3, 3))), "takes a table"),
    ],
)
def test_a_wrong_argument_is_named(call, words):
    with pytest.raises(ValueError, match=words):
        call()
