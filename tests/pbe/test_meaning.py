"""The meaning matrix: utterances on rows, behaviours on columns."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pbe.meaning import MeaningMatrix, Outputs

_quick = settings(max_examples=80, deadline=None)


@st.composite
def behaviours(draw: st.DrawFn) -> list[Outputs]:
    rows = draw(st.integers(1, 5))
    cell = st.sampled_from((None, "", "a", "b", "c"))
    return draw(st.lists(st.tuples(*[cell] * rows), min_size=1, max_size=8))


@_quick
@given(behaviours())
def test_each_behaviour_makes_one_utterance_per_row_true(columns: list[Outputs]) -> None:
    matrix = MeaningMatrix.of(columns, [0.0] * len(columns))
    truth, utterances = matrix.truth.toarray(), matrix.utterances
    assert truth.shape == (len(utterances), len(columns))
    assert len(set(utterances)) == len(utterances)
    for column, outputs in enumerate(columns):
        said = {utterances[place] for place in np.flatnonzero(truth[:, column])}
        assert said == set(enumerate(outputs))
    assert (truth.sum(axis=0) == len(columns[0])).all()
    assert truth.any(axis=1).all(), "an utterance that is true of nothing"


@_quick
@given(behaviours())
def test_codes_and_labels_spell_the_behaviours(columns: list[Outputs]) -> None:
    matrix = MeaningMatrix.of(columns, [0.0] * len(columns))
    for column, outputs in enumerate(columns):
        codes = matrix.codes[:, column]
        assert tuple(labels[code] for labels, code in zip(matrix.labels, codes, strict=True)) == outputs
    assert matrix.behaviours == tuple(columns)


@_quick
@given(behaviours(), st.data())
def test_distributions_share_out_the_posterior(columns: list[Outputs], data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.floats(0, 1), min_size=len(columns), max_size=len(columns)))
    matrix = MeaningMatrix.of(columns, [0.0] * len(columns))
    found = matrix.distributions(np.asarray(weights))
    assert len(found) == len(columns[0])
    for row, distribution in enumerate(found):
        assert np.isclose(sum(distribution.values()), sum(weights))
        for output, probability in distribution.items():
            expected = sum(w for w, outputs in zip(weights, columns, strict=True) if outputs[row] == output)
            assert np.isclose(probability, expected)


def test_a_matrix_of_nothing() -> None:
    matrix = MeaningMatrix.of([], [])
    assert matrix.utterances == [] and matrix.truth.shape == (0, 0)
    assert matrix.distributions(np.zeros(0)) == []
