"""The robots of the pattern game: they believe what the definitions say, and answer as the study's did."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rsa
from app.bench.layouts import Layouts
from app.pages import board
from app.people.listener import LayoutListener, Speakers
from app.robots import LITERAL, PEOPLE, PRAGMATIC, TOLD, Game, World
from dsl.grids.patterns import CELLS, SYMBOLS


@pytest.fixture(scope="module")
def world() -> World:
    return World.made()


@pytest.fixture(scope="module")
def few(world: World) -> World:
    """A world of sixty layouts, small enough for the definitions."""
    kept = np.random.default_rng(5).choice(world.size, 60, replace=False)
    programs = tuple([world.layouts.programs[w] for w in kept])
    layouts = Layouts(world.layouts.codes[:, kept], programs, world.layouts.counts[kept])
    listener = LayoutListener(layouts.codes, Speakers.shipped())
    return World(layouts, rsa.Lexicon.of_codes(layouts.codes), listener)


cells_shown = st.lists(st.integers(0, len(CELLS) - 1), unique=True, max_size=6)


def truth(world: World) -> np.ndarray:
    """Which (cell, symbol) is true of which layout, as one table."""
    codes = world.layouts.codes
    return (codes[:, np.newaxis, :] == np.arange(len(SYMBOLS))[:, np.newaxis]).reshape(-1, world.size)


@settings(max_examples=25, deadline=None)
@given(target=st.integers(0, 59), cells=cells_shown)
def test_beliefs_are_those_of_the_definitions(few: World, target: int, cells: list[int]) -> None:
    now = Game.begun(few, target, 0).showing(cells)
    said = [len(SYMBOLS) * cell + int(few.layouts.codes[cell, target]) for cell in cells]
    left = rsa.consistent(truth(few), said)
    expected = {
        LITERAL: np.exp(rsa.literal_sequence_listener(truth(few), said)),
        PRAGMATIC: np.exp(rsa.pragmatic_sequence_listener(truth(few), said)),
        PEOPLE: np.zeros(few.size),
    }
    heard = few.people.hear([(cell, int(few.layouts.codes[cell, target])) for cell in cells])
    expected[PEOPLE][heard.left] = np.exp(heard.log_posterior)
    for robot, posterior in expected.items():
        belief = now.turns[-1].beliefs[robot]
        assert belief.left == left.sum()
        told = [probability for _, probability in belief.guesses]
        np.testing.assert_allclose(told, np.sort(posterior)[::-1][: min(TOLD, belief.left)], atol=1e-7)
        np.testing.assert_allclose(told, [posterior[layout] for layout, _ in belief.guesses], atol=1e-7)


@settings(max_examples=25, deadline=None)
@given(target=st.integers(0, 59), before=cells_shown, after=cells_shown)
def test_it_does_not_matter_what_was_shown_in_between(
    few: World, target: int, before: list[int], after: list[int]
) -> None:
    start = Game.begun(few, target, 3)
    by_way_of = start.showing(before).showing(after)
    assert by_way_of.cells == tuple(after)
    assert [turn.beliefs for turn in by_way_of.turns] == [turn.beliefs for turn in start.showing(after).turns]


def test_among_equals_the_order_of_the_game_decides(few: World) -> None:
    for seed in range(20):
        now = Game.begun(few, 7, seed).showing([0])
        fitting = np.flatnonzero(few.layouts.codes[0] == few.layouts.codes[0, 7])
        assert now.belief(LITERAL).guess == min(fitting, key=lambda layout: now.order[layout])


def test_a_robot_that_has_found_the_target_stops_listening(world: World) -> None:
    now = Game.begun(world, world.study[0], 1).showing(range(len(CELLS)))
    assert now.over((LITERAL, PRAGMATIC, PEOPLE))
    for robot in (LITERAL, PRAGMATIC, PEOPLE):
        found = now.found_after(robot)
        assert found is not None and 1 <= found < len(CELLS)
        assert now.belief(robot).guess == now.target
        assert all(turn.beliefs[robot].guess != now.target for turn in now.turns[1:found])
        assert now.showing(now.cells[: found - 1]).found_after(robot) is None


def test_nothing_is_answered_before_the_first_cell(few: World) -> None:
    for target in range(few.size):
        assert Game.begun(few, target, 0).found_after(PRAGMATIC) is None


@pytest.mark.parametrize("cells", [[49], [-1], [3, 3]])
def test_cells_that_cannot_be_shown_are_refused(few: World, cells: list[int]) -> None:
    with pytest.raises(ValueError, match="different ones of the field"):
        Game.begun(few, 0, 0).showing(cells)


def test_the_study_s_targets_are_those_published(world: World, data: Path) -> None:
    published = json.loads((data / "pragmatics" / "grid2020" / "targets10.json").read_text())
    assert [world.layouts.codes[:, w].tolist() for w in world.study] == [list(np.ravel(t)) for t in published.values()]


def test_the_scene_tells_what_the_robots_believe(world: World) -> None:
    start = Game.begun(world, world.study[0], 1)
    before = board.scene(start, PEOPLE, "a", 0)
    assert [robot["verdict"] for robot in before["robots"]] == ["No guess yet"] * 2
    assert {code for robot in before["robots"] for code in robot["board"]} == {board.EMPTY}
    now = start.showing([1, 25])
    scene = board.scene(now, PEOPLE + 1, "b", 2)
    assert json.loads(json.dumps(scene)) == scene
    assert scene["heard"] == [1, 25] and scene["game"] == "b" and scene["turn"] == 2 and not scene["over"]
    assert len(scene["robots"]) == 3
    for robot in scene["robots"]:
        wrong = sum(a != b for a, b in zip(robot["board"], scene["target"], strict=True))
        assert robot["verdict"].startswith("Found it after" if wrong == 0 else f"Wrong in {wrong} cell")
    over = board.scene(now.showing(range(49)), PEOPLE, "b", 3)
    assert over["over"] and all(robot["board"] == over["target"] for robot in over["robots"])


@pytest.mark.parametrize(
    ("chance", "expected"),
    [(1.0, "100 %"), (0.374, "37 %"), (0.0374, "3.7 %"), (0.01, "1.0 %"), (1 / 6384, "1 in 6,384")],
)
def test_probabilities_as_people_read_them(chance: float, expected: str) -> None:
    assert board.share(chance) == expected


def test_outcomes_are_told_in_sentences() -> None:
    assert board.outcome(7, 3) == "The pragmatic robot needed 3 cells, the literal one 7."
    assert board.outcome(1, 2) == "The literal robot needed 1 cell, the pragmatic one 2."
    assert board.outcome(4, 4) == "Both robots needed 4 cells."
    assert board.record([]) == board.IN_STUDY
    assert board.record([(6, 3)]).startswith("In your game: 6.0 cells with the literal robot, 3.0")
    assert board.record([(6, 3), (8, 4)]).startswith("In your 2 games, on average: 7.0 cells with the literal robot")
