"""The explorer's tables are the agents' own, as probabilities, with labels that fit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import rsa

FACES = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 0], [0, 0, 1]])
"""Blue, circle, square, green: a blue square, a blue circle, a green circle (Frank & Goodman 2012)."""


def test_blue_means_the_square_three_times_in_five() -> None:
    seen = rsa.explore(FACES, [0], utterances=["blue", "circle", "square", "green"])
    np.testing.assert_allclose(seen.listeners[0][0], [0.5, 0.5, 0])
    np.testing.assert_allclose(seen.listeners[1][0], [0.4, 0.6, 0])
    np.testing.assert_allclose(seen.steps[0].pragmatic, [0.4, 0.6, 0])
    assert seen.utterances[0] == "blue" and seen.meanings == ("w1", "w2", "w3")


@settings(max_examples=60, deadline=None)
@given(hnp.arrays(np.bool_, st.tuples(st.integers(1, 5), st.integers(1, 5))), st.data())
def test_axes_sum_to_one_and_the_tables_are_the_agents(truth: np.ndarray, data: st.DataObject) -> None:
    said = data.draw(st.lists(st.integers(0, len(truth) - 1), unique=True))
    depth = data.draw(st.integers(0, 3))
    seen = rsa.explore(truth, said, alpha=1.5, depth=depth)
    assert len(seen.listeners) == depth + 1 and len(seen.speakers) == depth
    np.testing.assert_allclose(seen.listeners[-1], np.exp(rsa.listener(truth, depth=depth, alpha=1.5)))
    for table in seen.listeners:
        assert np.all(np.isclose(table.sum(axis=1), 1) | (table.sum(axis=1) == 0))
    for table in (*seen.speakers, *(step.speaker for step in seen.steps)):
        assert np.all(np.isclose(table.sum(axis=0), 1) | (table.sum(axis=0) == 0))
    for index, step in enumerate(seen.steps):
        assert step.utterance == said[index]
        np.testing.assert_array_equal(step.possible, truth[said[: index + 1]].all(axis=0))
        assert set(np.flatnonzero(step.literal)) == set(np.flatnonzero(step.possible))
        expected = rsa.pragmatic_sequence_listener(truth, said[: index + 1], alpha=1.5)
        np.testing.assert_allclose(step.pragmatic, np.exp(expected))


def test_labels_must_fit() -> None:
    with pytest.raises(ValueError, match="3 meanings, but 2 labels"):
        rsa.explore(FACES, meanings=["a", "b"])
