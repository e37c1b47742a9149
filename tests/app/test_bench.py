"""`pbe bench`: the form of its JSON and the rules of its protocol, on suites made up here."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from commandline import run
from rich.console import Console

import pbe
from app.bench.columns import CAP, ColumnTask, Outcome, run_task, run_tasks, summary
from app.bench.report import show_suite
from app.bench.suites import SuiteError, read_playgol, read_prose

BUDGET = pbe.Budget(seconds=5)
FIRST = ColumnTask("first", (("Jan Kotas",), ("Ana Lind",), ("Eva Moos",)), ("Jan", "Ana", "Eva"))


def task(pairs: list[tuple[Any, Any]], name: str = "t") -> ColumnTask:
    return ColumnTask(name, tuple((left,) for left, _ in pairs), tuple(right for _, right in pairs))


def playgol(folder: Path, text: str) -> Path:
    (folder / "probs.txt").write_text(text, encoding="utf-8")
    return folder


def prose(folder: Path, name: str, examples: object, features: list[str] | None = None) -> Path:
    place = folder / "Transformation.Text" / name
    place.mkdir(parents=True)
    (place / "spec.json").write_text(json.dumps({"Examples": examples}), encoding="utf-8")
    if features is not None:
        (place / "meta.json").write_text(json.dumps({"Features": features}), encoding="utf-8")
    return folder


# ---------------------------------------------------------------- JSON


def assert_form(data: dict[str, Any], suite: str) -> None:
    assert list(data) == ["suite", "protocol", "tasks", "summary"]
    assert data["suite"] == suite and isinstance(data["protocol"], str)
    for one in data["tasks"]:
        assert list(one) == ["task", "solved_at", "adaptive", "seconds", "program"]
        assert list(one["solved_at"]) == ["1", "2", "3"]
        assert all(isinstance(ok, bool) for ok in one["solved_at"].values())
        assert one["adaptive"] is None or isinstance(one["adaptive"], int)
        assert one["seconds"] and all(isinstance(second, float) for second in one["seconds"])
        assert isinstance(one["program"], str)


def test_playgol_writes_the_form_that_was_agreed(tmp_path: Path) -> None:
    folder = playgol(
        tmp_path,
        "% a comment\n%p1\nJan Kotas => Jan\nAna Lind => Ana\n\n%p2\na => x\na => x\n%p3\n%p4\nab => q#7\ncd => ?\n",
    )
    result = run("bench", "playgol", folder, "--json", tmp_path / "out.json")
    assert result.code == 0, result
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert_form(data, "playgol")
    assert [one["task"] for one in data["tasks"]] == ["p1", "p4"]  # p2 has one distinct input, p3 none
    assert data["tasks"][0]["adaptive"] == 1 and data["tasks"][0]["solved_at"]["1"] is True
    assert data["tasks"][1]["adaptive"] is None and not any(data["tasks"][1]["solved_at"].values())
    assert data["summary"]["tasks"] == 2 and data["summary"]["solved@1"] == 0.5


def test_prose_writes_the_form_that_was_agreed_and_picks_by_feature(tmp_path: Path) -> None:
    pairs = [{"Input": ["Jan Kotas", "x"], "Output": "Jan"}, {"Input": ["Ana Lind", "y"], "Output": "Ana"}]
    prose(tmp_path, "One.[b]", pairs, ["Substring"])
    prose(tmp_path, "Two", pairs, ["Substring", "Date"])
    prose(tmp_path, "Three", pairs)
    result = run("bench", "prose", tmp_path, "--json", tmp_path / "o.json", "--features", "Substring,Casing")
    assert result.code == 0, result
    data = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    assert_form(data, "prose")
    assert sorted(one["task"] for one in data["tasks"]) == ["One.[b]", "Three"]
    assert len(read_prose(tmp_path / "Transformation.Text")) == 3


@pytest.mark.parametrize("suite", ["playgol", "prose"])
def test_a_folder_without_the_suite_is_refused(tmp_path: Path, suite: str) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        result = run("bench", suite, folder)
        assert result.code == 2 and result.err.startswith("pbe: ") and result.err.count("\n") == 1


def test_a_suite_that_is_damaged_is_refused(tmp_path: Path) -> None:
    prose(tmp_path, "One", [{"Input": "x"}])
    with pytest.raises(SuiteError, match="lacks"):
        read_prose(tmp_path)
    (tmp_path / "Transformation.Text" / "One" / "spec.json").write_text("{")
    with pytest.raises(SuiteError, match="not JSON"):
        read_prose(tmp_path)
    (tmp_path / "probs.txt").write_bytes(b"%p1\n\xff => x\n")
    with pytest.raises(SuiteError, match="cannot be read"):
        read_playgol(tmp_path)


def test_figures_with_no_place_to_go_are_refused_before_the_work(tmp_path: Path) -> None:
    folder = playgol(tmp_path, "%p1\nJan K => Jan\nAna L => Ana\n")
    result = run("bench", "playgol", folder, "--json", tmp_path / "no" / "o.json")
    assert result.code == 2 and result.out == "" and "does not exist" in result.err


def test_names_and_programs_are_printed_as_they_are() -> None:
    outcome = Outcome("task [/] [b]x[/b]\x1b[2J", {1: False, 2: False, 3: False}, None, [0.1], 'concat(x1, "[/]")')
    screen = Console(file=io.StringIO(), width=120)
    show_suite(screen, "made up", [outcome], summary([outcome]))
    assert isinstance(screen.file, io.StringIO)
    shown = screen.file.getvalue()
    assert "task [/] [b]x[/b]" in shown and 'concat(x1, "[/]")' in shown and "\x1b" not in shown


# ---------------------------------------------------------------- readers


def test_playgol_splits_at_the_first_arrow_and_drops_one_blank_each_side(tmp_path: Path) -> None:
    text = "%p7\n a  =>  b \nx=>y=>z\n%other => 1\n => e\n%p8x\nq => r\n"
    (one,) = read_playgol(playgol(tmp_path, text))
    assert one.name == "p7"
    assert list(zip(one.rows, one.outputs, strict=True)) == [
        ((" a ",), " b "), (("x",), "y=>z"), (("",), "e"), (("q",), "r"),
    ]  # fmt: skip


def test_prose_keeps_null_and_empty_inputs_apart(tmp_path: Path) -> None:
    prose(tmp_path, "One", [{"Input": ["", "a"], "Output": None}, {"Input": [None, "a"], "Output": ""}])
    (one,) = read_prose(tmp_path)
    assert one.rows == (("", "a"), (None, "a"))
    assert len(run_tasks([one], BUDGET)) == 1


# ---------------------------------------------------------------- protocol


def test_tasks_with_one_distinct_input_are_dropped() -> None:
    same = task([("a", "x"), ("a", "x"), ("a", "x")])
    heard: list[Outcome] = []
    outcomes = run_tasks([same, FIRST], BUDGET, heard.append)
    assert [outcome.task for outcome in outcomes] == ["first"] and heard == outcomes


def test_one_example_is_enough() -> None:
    outcome = run_task(FIRST, BUDGET)
    assert outcome.solved_at == {1: True, 2: True, 3: True} and outcome.adaptive == 1


def test_beyond_the_last_distinct_input_the_outcome_before_is_carried() -> None:
    solved = run_task(task([("Jan K", "Jan"), ("Ana L", "Ana")]), BUDGET)
    assert solved.solved_at == {1: True, 2: True, 3: True} and len(solved.seconds) == 1
    unsolved = run_task(task([("ab", "q#7"), ("cd", "?!x")]), BUDGET)
    assert unsolved.solved_at == {1: False, 2: False, 3: False} and len(unsolved.seconds) == 1
    assert unsolved.adaptive is None  # both inputs given would prove nothing
    copies = run_task(task([("ab", "q#7"), ("ab", "q#7"), ("cd", "?!x")]), BUDGET)
    assert copies.solved_at == {1: False, 2: False, 3: False} and copies.adaptive is None


def test_the_first_wrong_row_is_added_not_the_next() -> None:
    pairs = [("Jan K", "Jan"), ("Eva M", "Eva"), ("Ana L", "Ana"), ("Bo", "none"), ("Cy", "none"), ("Di", "none")]
    given: list[tuple[str, ...]] = []
    real = pbe.learn

    def spy(examples: Any, **rest: Any) -> pbe.Answer:
        given.append(tuple(inputs[0] for inputs, _ in examples))
        return real(examples, **rest)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pbe, "learn", spy)
        run_task(task(pairs), BUDGET)
    assert given[:4] == [("Jan K",), ("Jan K", "Eva M"), ("Jan K", "Eva M", "Ana L"), ("Jan K", "Bo")]


def test_an_unsolved_task_stops_at_the_cap_and_counts_one_more() -> None:
    pairs = [(f"{chr(97 + i)}", f"{(i * 7919) % 997}#{chr(65 + (i * 5) % 26)}") for i in range(CAP + 4)]
    outcome = run_task(task(pairs), pbe.Budget(seconds=5, candidates=2_000))
    assert outcome.adaptive is None
    assert summary([outcome])["mean examples"] == CAP + 1


@pytest.mark.parametrize("blank", ["", None])
def test_a_blank_output_is_the_same_cell_as_null(blank: str | None) -> None:
    seen = run_task(task([("a", blank), ("b", None), ("c", "")]), BUDGET)
    assert seen.adaptive == 1 and seen.solved_at[1] is True


def test_the_summary_counts_shares_and_times() -> None:
    outcomes = [
        Outcome("a", {1: True, 2: True, 3: True}, 1, [0.1, 0.2], "x1"),
        Outcome("b", {1: False, 2: True, 3: True}, 2, [0.3], "x1"),
        Outcome("c", {1: False, 2: False, 3: False}, None, [], ""),
        Outcome("d", {1: False, 2: False, 3: True}, 3, [0.4], "x1"),
    ]
    figures = summary(outcomes)
    assert (figures["solved@1"], figures["solved@2"], figures["solved@3"]) == (0.25, 0.5, 0.75)
    assert (figures["within 1"], figures["within 2"], figures["within 3"]) == (0.25, 0.5, 0.75)
    assert figures["mean examples"] == (1 + 2 + 11 + 3) / 4
    assert (figures["learns"], figures["median seconds"], figures["worst seconds"]) == (4, 0.25, 0.4)
    assert summary([])["tasks"] == 0
