"""Replays and simulated speakers, by hand and against the definitions one target at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rsa
from app.bench.figures import Figure
from app.bench.listening import plain_log_speaker
from app.bench.teaching import carried, first, heard, replayed, taught_at_random, taught_by_best

TRUTH = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1]], dtype=bool)
TRUTHS = hnp.arrays(np.bool_, st.tuples(st.integers(1, 5), st.integers(1, 5)))


def test_what_listeners_make_of_one_utterance_by_hand() -> None:
    start = rsa.Lexicon.of_truth(TRUTH).conversation()
    step = heard(start.say(0), 1)  # L1 is .632, .253, .115
    assert (step.left, step.literal, step.top, step.strict, step.rank) == (3, 1 / 3, 0.0, False, 2)
    assert step.posterior == pytest.approx(0.253, abs=5e-4)
    assert [step.rank for step in replayed(start, 0, [0, 1])] == [1, 3]
    assert replayed(start, 0, [0, 1])[1].literal == 0.0  # utterance 1 is not true of meaning 0


def test_ties_share_the_guess_and_are_not_strict() -> None:
    step = heard(rsa.Lexicon.of_truth([[1, 1]]).conversation().say(0), 1)
    assert (step.top, step.strict, step.rank) == (0.5, False, 1)


@given(TRUTHS, st.booleans())
def test_targets_taught_together_are_taught_as_each_alone(truth: np.ndarray, repeatable: bool) -> None:
    most = 4
    start = rsa.Lexicon.of_truth(truth).conversation(repeatable=repeatable)
    taught = taught_by_best(start, range(truth.shape[1]), most)
    for target in range(truth.shape[1]):
        said: list[int] = []
        strict, literal = 0, 1.0
        while len(said) < most:
            log_step = rsa.step_speaker(truth, said, repeatable=repeatable)[:, target]
            if log_step.max() == -np.inf:
                break
            said.append(int(np.argmax(log_step)))
            best = rsa.argmax_set(rsa.pragmatic_sequence_listener(truth, said, repeatable=repeatable))
            strict = strict or len(said) * (best.tolist() == [target])
            literal += 1 - 1 / rsa.consistent(truth, said).sum()
            if strict and rsa.consistent(truth, said).sum() == 1:
                break
        assert (taught.strict[target], taught.literal[target]) == (strict, pytest.approx(literal))


def test_speaking_at_random_by_hand() -> None:
    random = np.random.default_rng(0)
    apart = rsa.Lexicon.of_codes([[0, 1]]).conversation()
    assert taught_at_random(apart, 0, random) == (1.0, 1.0)
    alike = rsa.Lexicon.of_codes([[0, 0], [0, 0]]).conversation()  # each utterance leaves both: L0 sticks to its guess
    assert taught_at_random(alike, 0, random) == (1 + 1 / 2 + 1 / 2, 1 + 1 / 2 + 1 / 4)


@given(TRUTHS, st.data())
def test_the_plain_loop_is_the_definition(truth: np.ndarray, data: st.DataObject) -> None:
    meaning = data.draw(st.integers(0, truth.shape[1] - 1))
    true_ones = np.flatnonzero(truth[:, meaning]).tolist()
    said = data.draw(st.lists(st.sampled_from(true_ones), max_size=3, unique=True)) if true_ones else []
    expected = rsa.log_sequence_speaker(truth, said)[meaning]
    assert plain_log_speaker(truth, said, meaning, repeatable=False) == pytest.approx(expected)


def test_short_sequences_carry_their_last_value() -> None:
    assert [carried([0.1, 0.4], k) for k in (1, 2, 5)] == [0.1, 0.4, 0.4]
    assert carried([], 3) == 0.0
    assert (first([False, True, True]), first([False])) == (2, None)


def test_a_figure_agrees_when_it_rounds_to_the_reference_or_is_within_its_error() -> None:
    assert Figure("exact", 2.735, 2.7352, 3).agrees and not Figure("exact", 2.735, 2.7358, 3).agrees
    assert Figure("count", 36, 36).agrees and not Figure("count", 36, 37).agrees
    assert Figure("simulated", 16.4, 16.1, 1, 0.1).agrees and not Figure("simulated", 16.4, 16.0, 1, 0.1).agrees
    assert Figure("text", "ab", "ab").agrees and not Figure("text", "ab", "ac").agrees
    assert Figure("text", "ab", "ab").difference is None
