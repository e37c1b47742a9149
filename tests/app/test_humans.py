"""Readers of the two studies, and their benches from the command line, on studies made up here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commandline import run
from conftest import DATA

import rsa
from app.bench import patterns, regexes
from app.bench.figures import Figure
from app.bench.humans import EMPTY, ChainStep, read_chains, read_grid_study, read_regex_study
from app.bench.suites import SuiteError

CUBES = [[0] * 3 + [EMPTY] * 4] * 3 + [[EMPTY] * 7] * 4
"""Red cubes in the first three rows and columns."""
STEP = {"cell": [0, 2], "sym": "CR", "S1": 0.5, "V": 380, "L1_posterior": 0.1, "L1_top1": 0.0, "L1_rank": 2}


def record(robot: int = 0, used: int = 3, moves: tuple[str, ...] = ("0,0 0,0 10",), target: int = 7) -> dict[str, Any]:
    return {"robot_id": robot, "target_id": target, "all_examples": list(moves), "examples_used": used}


def person(*records: dict[str, Any], attempts: Any = ("a",)) -> dict[str, Any]:
    data = {f"robot_{i}": one for i, one in enumerate(records)}
    return {"data": data, "quiz": {"quiz_answers": attempts}, "survey": {}}


def grid(folder: Path, people: dict[str, Any], targets: object = None, chains: object = None) -> Path:
    (folder / "one-export.json").write_text(json.dumps(people))
    (folder / "targets10.json").write_text(json.dumps({"7": CUBES} if targets is None else targets))
    (folder / "s1_chains.json").write_text(json.dumps({"7": [STEP]} if chains is None else chains))
    return folder


def regex(folder: Path, replay: str, truth: object = ((1, 1), (1, 0), (0, 1))) -> Path:
    np.save(folder / "mm.npy", np.array(truth, dtype=np.int32))
    (folder / "sentences.txt").write_text("01\n0\n11\n")
    (folder / "regexes.txt").write_text("^0[01]*$\n^[01]*1$\n")
    (folder / "Rank.txt").write_text("1")
    (folder / "replay.csv").write_text(replay)
    return folder


# ---------------------------------------------------------------- the pattern game


def test_what_stands_at_the_end_counts_in_the_order_in_which_it_was_put_there(tmp_path: Path) -> None:
    moves = ("2,1 0,2 5", "0,3 2,0 9", "4,4 1,0 12", "2,1 delete 15", "0,3 1,1 20", "4,4 1,0 25", "6,6 1,2 30")
    (one,) = read_grid_study(grid(tmp_path, {"p": person(record(moves=moves))})).rounds
    assert one.said == ((3, 4), (32, 3), (48, 5))
    (again,) = read_grid_study(grid(tmp_path, {"p": person(record(1, moves=("0,3 2,0 9",)))})).rounds
    assert again.said == ((3, EMPTY),)
    assert (again.participant, again.robot, again.target_id, again.target[:4]) == ("p", "blue", "7", (0, 0, 0, EMPTY))


def test_people_are_kept_by_quiz_data_and_patience(tmp_path: Path) -> None:
    people = {
        "kept": person(record(used=19), attempts=("a", "b")),
        "as a map": person(record(), attempts={"0": "a"}),
        "no quiz": {"data": {"r": record()}},
        "three attempts": person(record(), attempts=("a", "b", "c")),
        "no data": {"quiz": {"quiz_answers": ["a"]}},
        "one round of twenty": person(record(), record(used=20)),
    }
    study = read_grid_study(grid(tmp_path, people))
    assert [one.participant for one in study.rounds] == ["kept", "as a map"]
    assert study.participants == 6


def test_steps_of_the_published_speaker(tmp_path: Path) -> None:
    assert read_chains(grid(tmp_path, {})) == {"7": (ChainStep(2, 0, 0.5, 380, 0.1, 0.0, 2),)}
    grid(tmp_path, {}, chains={"7": [{**STEP, "sym": "E"}]})
    assert read_chains(tmp_path)["7"][0].symbol == EMPTY


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"people": {"p": person(record(moves=("7,0 0,0 1",)))}}, "no cell"),
        ({"people": {"p": person(record(moves=("0,0",)))}}, "cannot be read"),
        ({"people": {"p": person(record(target=8))}}, "cannot be read"),
        ({"people": {"p": person(record(robot=2))}}, "cannot be read"),
        ({"people": {"p": 3}}, "cannot be read"),
        ({"people": {"p": person(record())}}, "both robots"),
        ({"targets": {"7": [[0] * 7] * 6}}, "no 7×7 layout under 7"),
        ({"targets": {"7": [[9] * 7] * 7}}, "no 7×7 layout under 7"),
        ({"targets": {"7": [[0, EMPTY] * 3 + [0]] * 7}}, "no layout of the language under 7"),
        ({"chains": {"8": [STEP]}}, "steps for 8"),
        ({"chains": {"7": [{**STEP, "sym": "?"}]}}, "cannot be read"),
        ({"chains": {"7": [{**STEP, "cell": [1]}]}}, "cannot be read"),
    ],
)
def test_a_damaged_game_is_refused(tmp_path: Path, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(SuiteError, match=words):
        patterns.read_pattern_game(grid(tmp_path, **{"people": {"p": person(record(), record(1))}, **changed}))


def test_the_pattern_bench_writes_the_form_that_was_agreed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "simulated", lambda game, tick: [Figure("a speaker", 1.5, 1.52, 1, 0.1)])
    monkeypatch.setattr(patterns, "times", lambda game, tick: {"one exact L1": {"mean ms": 0.5}})
    two, one = ("0,0 0,0 1", "2,2 0,0 2"), ("0,0 0,0 1",)
    people = {
        "p": person(record(0, 4, two), record(1, 2, one)),
        "q": person(record(0, 6, two), record(1, 2, one)),
        "r": person(record(0, 2, two), record(1, 3, one)),
    }
    folder = grid(tmp_path, people)
    result = run("bench", "patterns", folder, "--json", tmp_path / "out.json")
    assert result.code == 0, result
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert list(data) == ["suite", "protocol", "tasks", "summary"] and data["suite"] == "patterns"
    figures = {one["task"]: one for one in data["tasks"]}
    assert list(figures["programs"]) == ["task", "reference", "ours", "difference", "standard error", "agrees"]
    assert list(figures["programs"].values()) == ["programs", 72_900, 72_900, 0, None, True]
    assert figures["mean examples, white"]["ours"] == 4 and not figures["mean examples, white"]["agrees"]
    assert figures["7, step 1: says"]["reference"] == "(0, 2) red cube"
    assert data["summary"]["figures"] == len(data["tasks"]) == len(figures)
    assert data["summary"]["one exact L1"] == {"mean ms": 0.5}
    assert f"{data['summary']['agree']} of {len(figures)} published figures agree" in result.out


# ---------------------------------------------------------------- the regex study


def test_sentences_unknown_or_false_are_dropped_and_other_robots_too(tmp_path: Path) -> None:
    study = read_regex_study(regex(tmp_path, "P1,[01]*1,g,01,0,111,11,,\nP1,[01]*1,b,11,,,,,\nP2,0[01]*,g,01,,,,,\n"))
    assert [(one.participant, one.target, one.said) for one in study.rounds] == [("P1", 1, (0, 2)), ("P2", 0, (0,))]
    assert (study.ranking, study.regexes) == ((1,), ("^0[01]*$", "^[01]*1$"))


def test_the_regex_bench_writes_the_form_that_was_agreed(tmp_path: Path) -> None:
    folder = regex(tmp_path, "P1,[01]*1,g,01,11,\nP2,0[01]*,g,01,,\n")
    result = run("bench", "regex", folder, "--json", tmp_path / "out.json")
    assert result.code == 0, result
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert list(data) == ["suite", "protocol", "tasks", "summary"] and data["suite"] == "regex"
    figures = {one["task"]: one["ours"] for one in data["tasks"]}
    assert figures["entries equal to re.match"] == 6 and figures["S1 – L1 strict, regexes reached"] == 2
    assert figures["published ranking, reached in, of 2"] == 1  # of the two that fit "01", the ranked one is guessed
    assert data["summary"]["one exact L1 over what people had said"]["inferences"] == 3


@pytest.mark.parametrize(
    ("replay", "truth", "words"),
    [
        ("P1,unknown,g,01,\n", ((1, 1), (1, 0), (0, 1)), "unknown"),
        ("P1\n", ((1, 1), (1, 0), (0, 1)), "cannot be read"),
        ("P1,0[01]*,g,01,\n", ((1, 1), (1, 0)), "not 3 × 2"),
    ],
)
def test_a_damaged_regex_study_is_refused(tmp_path: Path, replay: str, truth: object, words: str) -> None:
    with pytest.raises(SuiteError, match=words):
        read_regex_study(regex(tmp_path, replay, truth))


# ---------------------------------------------------------------- both


@pytest.mark.parametrize("suite", ["patterns", "regex"])
def test_a_folder_without_the_study_is_refused(tmp_path: Path, suite: str) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        result = run("bench", suite, folder)
        assert result.code == 2 and result.err.startswith("pbe: ") and result.err.count("\n") == 1
        assert result.out == ""


@pytest.mark.parametrize("suite", ["patterns", "regex"])
def test_figures_with_no_place_to_go_are_refused_before_the_work(tmp_path: Path, suite: str) -> None:
    result = run("bench", suite, tmp_path, "--json", tmp_path / "no" / "o.json")
    assert result.code == 2 and "does not exist" in result.err


PRAGMATICS = DATA / "pragmatics"


@pytest.mark.skipif(not PRAGMATICS.is_dir(), reason=f"needs the published data in {PRAGMATICS}")
def test_the_published_figures_are_reproduced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "simulated", lambda game, tick: [])  # half a minute: left to the bench
    study = read_regex_study(PRAGMATICS / "regex350")
    found = [
        *patterns.sections(patterns.read_pattern_game(PRAGMATICS / "grid2020"), lambda *_: None),
        *regexes.sections(study, rsa.Lexicon.of_truth(study.truth), lambda *_: None),
    ]
    figures = [figure for _, section in found for figure in section]
    assert [figure for figure in figures if not figure.agrees] == []
    assert len(figures) == 405
