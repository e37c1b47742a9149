"""What the page Why shows: numbers that can be checked by hand, sentences that follow from them, readable cells."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pbe
from app import why
from app.heat_maps import DARK, LIGHT, cells, contrast, heat_map, ink, percent

WORLDS = (why.THREE_OBJECTS, why.COLUMN_OF_NAMES)


def test_the_reference_game_by_hand() -> None:
    """Frank & Goodman 2012: “blue” means the square with 3 to 2."""
    seen = why.THREE_OBJECTS.explored(["blue"], alpha=1.0, depth=1)
    true, literal, speaker, pragmatic = why.stages(seen)
    np.testing.assert_array_equal(true.table, why.THREE_OBJECTS.truth)
    np.testing.assert_allclose(literal.table, [[0.5, 0.5, 0], [0, 0, 1], [0.5, 0, 0.5], [0, 1, 0]])
    np.testing.assert_allclose(speaker.table, [[1 / 2, 1 / 3, 0], [0, 0, 2 / 3], [1 / 2, 0, 1 / 3], [0, 2 / 3, 0]])
    np.testing.assert_allclose(pragmatic.table, [[0.6, 0.4, 0], [0, 0, 1], [0.6, 0, 0.4], [0, 1, 0]])
    assert why.verdict(seen) == (
        "The literal listener cannot choose between “blue square” and “blue circle” (50 % each). "
        "The pragmatic listener bets on “blue square” (60 %). "
        "Who meant “blue circle” would rather have said “circle” (67 %) than “blue” (33 %)."
    )


def test_the_column_of_names_by_hand() -> None:
    """The last word leaves more rows as they would be; the second would rather be shown where the others differ."""
    seen = why.COLUMN_OF_NAMES.explored(["Ana Trujillo → Trujillo"], alpha=1.0, depth=1)
    last = dict(zip(seen.meanings, seen.steps[-1].pragmatic, strict=True))
    assert last == pytest.approx({"first word": 0, "second word": 4 / 9, "last word": 5 / 9})
    both = why.COLUMN_OF_NAMES.explored(["Ana Trujillo → Trujillo", "Lee → Lee"], alpha=1.0, depth=1)
    assert "is sure of “last word”" in why.verdict(both)


@settings(deadline=None)
@given(st.sampled_from(WORLDS), st.floats(0, 8), st.integers(1, 4), st.data())
def test_the_tables_add_up_as_they_say(world: why.World, alpha: float, depth: int, data: st.DataObject) -> None:
    said = data.draw(st.lists(st.sampled_from(world.utterances), unique=True, max_size=4))
    seen = world.explored(said, alpha, depth)
    stages = why.stages(seen)
    assert len(stages) == 2 + 2 * depth, "the page sets them in pairs"
    for stage in stages[1:]:
        axis = 1 if "along a row" in stage.reading else 0
        assert ("down a column" in stage.reading) == (axis == 0)
        np.testing.assert_allclose(stage.table.sum(axis=axis), 1)
    shown = why.telling(seen)
    assert shown == sorted(set(shown)) and {step.utterance for step in seen.steps} <= set(shown)
    sentence = why.verdict(seen)
    if not said:
        assert sentence == "Nothing is said yet."
    elif not seen.steps[-1].possible.any():
        assert sentence == "Nothing fits all of that."
    else:
        assert any(f"“{meaning}”" in sentence for meaning in seen.meanings)


def test_a_speaker_who_does_not_care_teaches_nothing_more() -> None:
    seen = why.THREE_OBJECTS.explored(["blue"], alpha=0.0, depth=1)
    assert "pragmatic listener cannot choose between “blue square” and “blue circle” (50 % each)" in why.verdict(seen)


def test_the_readings_of_a_sheet_have_letters_and_its_rows_their_names() -> None:
    rows = ["Jan Kotas", "Mariya Sergienko", "Ann Marie Beebe", "Lee"]
    task = pbe.Task.of([(rows[0], "Kotas")], rows)
    answer = pbe.learn([(rows[0], "Kotas")], rows, budget=pbe.Budget(seconds=300))
    seen = why.of_answer(task, answer, 1.0, 2, names=[f"row {n}" for n in (5, 6, 7, 9)])
    assert seen.meanings == tuple("ABCDEF"[: len(answer.candidates)])
    assert [seen.utterances[step.utterance] for step in seen.steps] == ["row 5: Kotas"]
    assert {name.split(":")[0] for name in seen.utterances} == {"row 5", "row 6", "row 7", "row 9"}
    everywhere = [u for u in range(len(seen.utterances)) if seen.truth[u].all()]
    assert set(why.telling(seen)) & set(everywhere) <= {step.utterance for step in seen.steps}


@settings(deadline=None)
@given(st.floats(0, 1), st.sampled_from([LIGHT, DARK]))
def test_every_number_can_be_read_on_its_colour(probability: float, palette: object) -> None:
    fill = palette.fill(probability)  # type: ignore[attr-defined]
    assert contrast(ink(fill), fill) >= 4.5


def test_the_ends_of_the_contrast_scale() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(0, "0"), (1e-6, "<1 %"), (0.004, "<1 %"), (0.333, "33 %"), (0.996, "99 %"), (1, "100 %"), (1 - 1e-12, "100 %")],
)
def test_percent_claims_no_certainty_it_lacks(probability: float, expected: str) -> None:
    assert percent(probability) == expected


def test_a_heat_map_has_a_cell_for_every_number() -> None:
    records = cells(["a", "b"], ["x", "y", "z"], np.arange(6).reshape(2, 3) / 5, LIGHT, marked=[1])
    places = [(record["row"], record["column"]) for record in records]
    assert places == list(itertools.product("ab", "xyz"))
    assert [record["label"] for record in records] == ["0", "20 %", "40 %", "60 %", "80 %", "100 %"]
    assert [record["edge"] for record in records] == ["transparent"] * 3 + [LIGHT.text] * 3
    chart = heat_map(records, LIGHT, "what it shows").to_dict()
    assert chart["description"] == "what it shows" and len(chart["layer"]) == 2
    with pytest.raises(ValueError, match="does not fit 1 rows"):
        cells(["a"], ["x", "y"], np.zeros((2, 2)), LIGHT)
