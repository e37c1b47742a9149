"""The listener fitted to people: its features by hand, L1 against the definition, and who is judged by whom."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commandline import run
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from test_humans import CUBES, grid, person, record

import rsa
from app.bench import patterns, people
from app.bench.records import HEARD, LAST, RIVALS, Records, with_features
from app.people.features import EMPTY, FEATURES
from app.people.listener import TEXTBOOK, WEIGHTS, LayoutListener, Speakers

SYMBOLS = EMPTY + 1
FRAMED = """
. . . . . . .
. R R R R . .
. R g g R . .
. R g g R . .
. R R R R . .
. . . . . . .
. . . . . . .
"""
BLANK_INSIDE = FRAMED.replace("g", ".")
SOLID = FRAMED.replace("g", "B")
"""Cubes in capitals, spheres in small letters; another colour inside is the same shape."""


def layout(drawing: str) -> np.ndarray:
    return np.array(["RGBrgb.".index(symbol) for symbol in drawing.split()], dtype=np.uint8)


def marked(name: str, drawing: str) -> list[int]:
    """The cells of a layout that have a feature."""
    of_cells = FEATURES[name].of_cells
    assert of_cells is not None
    (values,) = of_cells(layout(drawing)[np.newaxis])
    return np.flatnonzero(values).tolist()


# ---------------------------------------------------------------- features


@pytest.mark.parametrize(
    ("name", "drawing", "cells"),
    [
        ("corner", FRAMED, [8, 11, 29, 32]),
        ("corner", BLANK_INSIDE, [8, 11, 29, 32]),
        ("inner corner", FRAMED, [16, 17, 23, 24]),
        ("inner corner", BLANK_INSIDE, [16, 17, 23, 24]),
        ("inner corner", SOLID, []),
        ("beside", FRAMED, [1, 2, 3, 4, 7, 12, 14, 19, 21, 26, 28, 33, 36, 37, 38, 39]),
        ("empty", SOLID, [c for c in range(49) if not (1 <= c // 7 <= 4 and 1 <= c % 7 <= 4)]),
    ],
)
def test_features_of_cells_by_hand(name: str, drawing: str, cells: list[int]) -> None:
    assert marked(name, drawing) == cells


def test_a_figure_at_the_border_has_less_beside_it() -> None:
    whole = "R " * 49
    assert marked("corner", whole) == [0, 6, 42, 48]
    assert marked("beside", whole) == []
    assert marked("corner", ". " * 49) == marked("inner corner", ". " * 49) == []


def test_features_of_a_turn_by_hand() -> None:
    red_cube_then_red_sphere = ((8, 0), (16, 3))
    values = {name: f.of_turn(red_cube_then_red_sphere) for name, f in FEATURES.items() if f.of_turn is not None}
    assert values["new shape"][0].tolist() == [False] * 6 + [True]
    assert values["new symbol"][0].tolist() == [False, True, True, False, True, True, True]
    assert values["far"][[16, 17, 8, 48], 0].tolist() == [0, 1 / 6, 2 / 6, 8 / 6]
    for feature in FEATURES.values():
        if feature.of_turn is not None:
            assert not np.any(feature.of_turn(())), "nothing was said, so nothing is new or far"


def test_numbers_of_cells_and_rows() -> None:
    of_cells = FEATURES["plenty"].of_cells, FEATURES["below"].of_cells
    plenty, below = [of(layout(FRAMED)[np.newaxis])[0] for of in of_cells if of is not None]
    np.testing.assert_allclose(np.exp(plenty[[0, 8, 16]]), [33, 12, 4])
    np.testing.assert_allclose(below[[0, 6, 7, 48]], [0, 0, 1 / 6, 1])


def test_every_feature_has_a_reason_and_is_of_cells_or_of_turns() -> None:
    for name, feature in FEATURES.items():
        assert feature.name == name and feature.why
        assert (feature.of_cells is None) != (feature.of_turn is None)


# ---------------------------------------------------------------- the listener


@st.composite
def conversations(draw: st.DrawFn) -> tuple[np.ndarray, list[tuple[int, int]], Speakers]:
    """A few layouts, some cells said of one of them, and speakers of one or two kinds."""
    drawings = draw(st.lists(hnp.arrays(np.uint8, 49, elements=st.integers(0, EMPTY)), min_size=1, max_size=5))
    some = np.array([layout(FRAMED), layout(BLANK_INSIDE), layout(SOLID), *drawings])
    target = draw(st.integers(0, len(some) - 1))
    cells = draw(st.lists(st.integers(0, 48), max_size=4, unique=True))
    kinds = draw(st.integers(1, 2))
    weight = st.tuples(*[st.floats(-2, 2)] * len(FEATURES))
    speakers = Speakers(
        tuple(FEATURES),
        tuple(draw(st.lists(st.floats(0.1, 2), min_size=kinds, max_size=kinds))),
        tuple(draw(st.lists(weight, min_size=kinds, max_size=kinds))),
        (1.0,) if kinds == 1 else (0.3, 0.7),
    )
    return some.T.copy(), [(cell, int(some[target, cell])) for cell in cells], speakers


def truth_of(codes: np.ndarray) -> np.ndarray:
    """Utterance 7·cell + symbol."""
    return (codes[:, np.newaxis] == np.arange(SYMBOLS)[:, np.newaxis]).reshape(-1, codes.shape[1])


def log_speaker(codes: np.ndarray, said: list[tuple[int, int]], speakers: Speakers, kind: int) -> np.ndarray:
    """As it is defined: a table of costs for each step, by the package's own step speaker."""
    truth = truth_of(codes)
    utterances = [SYMBOLS * cell + symbol for cell, symbol in said]
    log_p = np.zeros(codes.shape[1])
    for k, utterance in enumerate(utterances):
        cost = np.zeros(truth.shape)
        for name, weight in zip(speakers.features, speakers.weights[kind], strict=True):
            feature = FEATURES[name]
            if feature.of_cells is not None:
                cost += weight * np.repeat(feature.of_cells(codes.T).T.astype(float), SYMBOLS, axis=0)
            if feature.of_turn is not None:
                cost += weight * feature.of_turn(said[:k]).astype(float).reshape(-1, 1)
        alpha = speakers.alpha[kind]
        for cell, _ in said[:k]:  # a cell said before is not an alternative, whatever it holds
            cost[SYMBOLS * cell : SYMBOLS * (cell + 1)] = np.inf
        log_p += rsa.step_speaker(truth, utterances[:k], alpha=alpha, cost=cost / alpha)[utterance]
    return log_p


@given(conversations())
@settings(max_examples=40, deadline=None)
def test_l1_as_it_is_defined(conversation: tuple[np.ndarray, list[tuple[int, int]], Speakers]) -> None:
    codes, said, speakers = conversation
    heard = LayoutListener(codes, speakers).hear(said)
    log_joint = np.logaddexp.reduce(
        [np.log(share) + log_speaker(codes, said, speakers, kind) for kind, share in enumerate(speakers.shares)]
    )
    log_posterior = log_joint - np.logaddexp.reduce(log_joint)
    np.testing.assert_array_equal(heard.left, np.flatnonzero(log_posterior > -np.inf))
    np.testing.assert_allclose(heard.log_posterior, log_posterior[heard.left], atol=1e-9)
    np.testing.assert_array_equal(heard.best, rsa.argmax_set(log_posterior))


@given(conversations())
@settings(max_examples=20, deadline=None)
def test_without_features_it_is_the_published_listener(conversation: Any) -> None:
    codes, said, _ = conversation
    lexicon = rsa.Lexicon.of_codes(codes)
    heard = LayoutListener(codes, TEXTBOOK).hear(said)
    log_l1 = lexicon.pragmatic_listener([lexicon.utterance(cell, symbol) for cell, symbol in said])
    np.testing.assert_allclose(heard.log_posterior, log_l1[heard.left], atol=1e-9)


def test_nothing_fits_and_nothing_twice() -> None:
    listener = LayoutListener(np.array([layout(FRAMED), layout(SOLID)]).T, Speakers.shipped())
    assert listener.hear([(0, 0)]).best.tolist() == []
    assert listener.hear([(0, 0), (1, 1)]).log_posterior.shape == (0,)
    for cell, symbol in ((8, 0), (49, 0), (-1, 0), (9, SYMBOLS)):
        with pytest.raises(ValueError, match="cannot be said"):
            listener.hear([(8, 0), (cell, symbol)])


def test_the_weights_that_are_shipped() -> None:
    speakers = Speakers.shipped()
    assert set(speakers.features) <= set(FEATURES)
    assert len(speakers.alpha) == len(speakers.weights) == len(speakers.shares)
    assert sum(speakers.shares) == pytest.approx(1, abs=1e-3)
    assert all(len(line) == len(speakers.features) for line in speakers.weights)
    assert json.loads(speakers.write()) == json.loads(WEIGHTS.read_text())
    cost = dict(zip(speakers.features, speakers.weights[0], strict=True))
    assert cost["corner"] < cost["inner corner"] < 0 < cost["new shape"]


# ---------------------------------------------------------------- who is judged by whom


HOLLOW = [[1, 1, 1] + [EMPTY] * 4, [1, EMPTY, 1] + [EMPTY] * 4, [1, 1, 1] + [EMPTY] * 4, *[[EMPTY] * 7] * 4]
"""Green cubes around an empty cell."""
WAYS = (
    ("0,0 0,0 1", "2,2 0,0 2", "3,0 2,0 3"),
    ("0,2 0,0 1", "2,0 0,0 2"),
    ("1,1 0,0 1", "0,0 0,0 2", "0,3 2,0 3", "2,2 0,0 4"),
)


@pytest.fixture(scope="module")
def game(tmp_path_factory: pytest.TempPathFactory) -> patterns.PatternGame:
    """Seven people who each teach two robots two layouts."""
    everybody = {}
    for number in range(7):
        cubes, hollow = WAYS[number % 3], ("0,0 0,1 1", "1,1 2,0 2", "2,2 0,1 3")[: 2 + number % 2]
        everybody[f"p{number}"] = person(
            record(0, 3, cubes), record(1, 3, hollow, 8), record(0, 3, hollow, 8), record(1, 3, cubes)
        )
    folder = tmp_path_factory.mktemp("study")
    return patterns.read_pattern_game(grid(folder, everybody, targets={"7": CUBES, "8": HOLLOW}))


def test_choices_are_what_could_be_said_and_was(game: patterns.PatternGame) -> None:
    records = Records(game)
    choices = with_features(records.spoken, ("corner", "new shape"))
    assert len(choices.chosen) == sum(len(one.said) for one in game.study.rounds)
    number = 0
    for place, one in enumerate(game.study.rounds):
        talk = game.lexicon.conversation()
        for k, (cell, symbol) in enumerate(one.said):
            assert choices.sequence[number] == place and choices.chosen[number] == cell
            unsaid = choices.available[number]
            assert np.flatnonzero(~unsaid).tolist() == sorted(c for c, _ in one.said[:k])
            log_s1 = rsa.pragmatic_speaker(choices.log_listener[number][:, np.newaxis])[:, 0]
            np.testing.assert_allclose(log_s1, talk.step_speaker([records.target[place]])[:, 0], atol=1e-9)
            talk = talk.say(game.lexicon.utterance(cell, symbol))
            number += 1
    first = choices.features[choices.sequence == 0]
    assert first[0, [0, 2, 14, 16, 8], 0].tolist() == [1, 1, 1, 1, 0]
    assert not first[0, :, 1].any() and first[1, 48, 1] == 1 and first[1, 1, 1] == 0


def test_rivals_end_with_the_posterior_of_the_published_listener(game: patterns.PatternGame) -> None:
    records = Records(game)
    choices, record_of, meant = records.rivals
    assert np.bincount(record_of[meant], minlength=len(records)).tolist() == [1] * len(records)
    assert np.all(choices.person == records.person[record_of])
    published = rsa.fit_speaker(choices, ridge=1e12)
    log_p = published.log_probability(choices)
    for place, one in enumerate(game.study.rounds):
        log_l1 = game.lexicon.pragmatic_listener(game.said(one)[:HEARD])
        others = np.sort(np.delete(log_l1, records.target[place]))[-RIVALS:]
        expected = np.sort([log_l1[records.target[place]], *others[others > -np.inf]])
        ours = np.sort(log_p[record_of == place])
        np.testing.assert_allclose(ours - ours[-1], expected - expected[-1], atol=1e-4)


def test_nobody_is_judged_by_a_fit_that_saw_them(game: patterns.PatternGame, monkeypatch: pytest.MonkeyPatch) -> None:
    forms = (people.FORMS[1], people.Form("heard", ("new shape",), heard=True))
    monkeypatch.setattr(people, "FORMS", forms)
    monkeypatch.setattr(people, "FOLDS", 3)
    seen: list[np.ndarray] = []
    scored: list[np.ndarray] = []
    plain_fit, plain_top = people.Form.fit, Records.top

    def fit(form: people.Form, records: Records, kept: np.ndarray) -> rsa.Fit:
        seen.append(kept)
        return plain_fit(form, records, kept)

    def top(records: Records, speakers: Speakers, kept: np.ndarray) -> np.ndarray:
        scored.append(kept)
        return plain_top(records, speakers, kept)

    monkeypatch.setattr(people.Form, "fit", fit)
    monkeypatch.setattr(Records, "top", top)
    found = people.compare(game, lambda done, steps: None)
    who = Records(game).person
    *fitted, for_everybody = seen
    *judged, published = scored
    assert for_everybody.all() and published.all() and len(fitted) == len(judged)
    for kept, held_out in zip(fitted, judged, strict=True):
        assert not set(who[kept]) & set(who[held_out])
    target = Records(game).target
    for kept, held_out in list(zip(fitted, judged, strict=True))[-people.FOLDS**2 :]:
        assert not set(target[kept]) & set(target[held_out])

    rows = {row.name: row for row in found.rows}
    assert sum(row.chosen for row in found.rows) == people.FOLDS
    assert found.form in forms
    published_top = plain_top(Records(game), TEXTBOOK, np.ones(len(who), dtype=bool))
    expected = published_top[Records(game).robot == "blue", 2].mean()
    assert rows["published L1"].top["blue"][3] == pytest.approx(expected)
    for robot in ("white", "blue"):
        for k in range(2, LAST + 1):
            gain = rows["chosen by each fold"].top[robot][k] - rows["published L1"].top[robot][k]
            assert rows["  less published"].top[robot][k] == pytest.approx(gain)
            assert rows["  95 % from"].top[robot][k] - 1e-9 <= gain <= rows["  to"].top[robot][k] + 1e-9


def test_the_bench_shows_and_saves_the_fit(
    game: patterns.PatternGame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patterns, "read_pattern_game", lambda folder: game)
    monkeypatch.setattr(patterns, "sections", lambda game, tick: [])
    monkeypatch.setattr(patterns, "times", lambda game, tick: {})
    monkeypatch.setattr(people, "FORMS", people.FORMS[:2])
    monkeypatch.setattr(people, "FOLDS", 3)
    out, weights = tmp_path / "out.json", tmp_path / "weights.json"
    result = run("bench", "patterns", tmp_path, "--fit", "--json", out, "--weights", weights)
    assert result.code == 0, result
    fitted = json.loads(out.read_text())["summary"]["fitted to people"]
    assert [row["listener"] for row in fitted["rows"]][:3] == ["published L1", "alpha alone", "corner"]
    assert "white, k = 8" in fitted["rows"][0]
    saved = json.loads(weights.read_text())
    assert saved["features"] == fitted["fit"]["features"]
    assert saved["alpha"] == pytest.approx(fitted["fit"]["alpha"], abs=1e-4)
    assert "published L1" in result.out and "alpha" in result.out


def test_weights_without_a_fit_are_refused(tmp_path: Path) -> None:
    (tmp_path / "study").mkdir()
    result = run("bench", "patterns", tmp_path / "study", "--weights", tmp_path / "w.json")
    assert result.code == 2 and "say --fit too" in result.err


# ---------------------------------------------------------------- the published study


def test_people_not_seen_are_understood_sooner_than_by_the_published_listener(data: Path) -> None:
    game = patterns.read_pattern_game(data / "pragmatics" / "grid2020")
    records = Records(game)
    form = next(form for form in people.FORMS if form.features == people.FIVE)
    folds = rsa.folds_by_person(records.person, people.FOLDS)
    top = np.empty((len(records), LAST))
    for fold in range(people.FOLDS):
        speakers = Speakers.of_fit(form.features, form.fit(records, folds != fold))
        top[folds == fold] = records.top(speakers, folds == fold)[folds == fold]
    white, blue = (top[records.robot == robot].mean(axis=0) for robot in ("white", "blue"))
    published = [0.1341, 0.2628, 0.3531, 0.4373, 0.5458, 0.6543]
    assert np.all(white[2:] > published)
    assert np.all(white[4:6] >= np.add(published[2:4], 0.04))
    assert np.all(blue[1:3] >= np.subtract([0.0453, 0.3258], 0.01))

    shipped = Speakers.shipped()
    again = people.Form("again", shipped.features).fit(records, np.ones(len(records), dtype=bool))
    np.testing.assert_allclose(again.weights, shipped.weights, atol=2e-3)
    np.testing.assert_allclose(again.alpha, shipped.alpha, atol=2e-3)
