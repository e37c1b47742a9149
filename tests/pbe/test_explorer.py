"""What a page shows of an answer: its candidates over its rows, and the agents' tables."""

from __future__ import annotations

import numpy as np
import pytest

import pbe

ROWS = ["Jan Kotas", "Mariya Sergienko", "Ann Beebe", "Lee"]


def test_the_examples_are_the_steps_and_the_candidates_the_meanings() -> None:
    task = pbe.Task.of([(ROWS[0], "Jan")], ROWS)
    answer = pbe.learn([(ROWS[0], "Jan")], ROWS, budget=pbe.Budget(seconds=300))
    seen = pbe.explore(task, answer)
    assert seen.meanings == tuple(str(candidate.program) for candidate in answer.candidates)
    assert [seen.utterances[step.utterance] for step in seen.steps] == ["row 1: Jan"]
    assert seen.steps[0].possible.all(), "every candidate fits the example"
    probabilities = np.array([candidate.probability for candidate in answer.candidates])
    np.testing.assert_allclose(seen.steps[0].literal, probabilities / probabilities.sum())
    for row in range(len(ROWS)):
        outputs = {candidate.outputs[row] for candidate in answer.candidates}
        labels = {label for label in seen.utterances if label.startswith(f"row {row + 1}:")}
        assert labels == {f"row {row + 1}: {'(blank)' if text is None else text}" for text in outputs}


def test_there_is_nothing_to_explore_without_candidates() -> None:
    task = pbe.Task.of([], ROWS)
    with pytest.raises(ValueError, match="no candidates"):
        pbe.explore(task, pbe.learn([], ROWS))
