"""`pbe bench speakers`: simulated people on columns made up here, and the figures drawn from them."""

from __future__ import annotations

import io
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commandline import run
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

import pbe
from app.bench import unfitted
from app.bench.columns import CAP, ColumnTask, run_task
from app.bench.paired import ALL
from app.bench.report import show_speakers
from app.bench.speakers import LISTENERS, LITERAL, Sheet, Trial, needed, run_trial, summary
from app.bench.suites import read_suites
from dsl.task import SPEAKERS

BUDGET = pbe.Budget(seconds=300)


def column(name: str, pairs: dict[Any, Any]) -> ColumnTask:
    return ColumnTask(name, tuple((left,) for left in pairs), tuple(pairs.values()))


FIRST = column("first", {"Jan Kotas": "Jan", "Ana-Mia Lind": "Ana-Mia", "Eva Moos": "Eva"})
"""One example leaves open what becomes of a hyphen."""
NOWHERE = column("nowhere", {"ab": "q#7", "cd": "?", "ef": "=="})


def test_every_person_gets_a_sheet_right_and_nobody_one_outside_the_language() -> None:
    trial = run_trial("own", FIRST, BUDGET)
    assert list(trial.needed) == list(SPEAKERS)
    assert all(list(counts) == list(LISTENERS) for counts in trial.needed.values())
    assert all(1 <= n <= 3 for counts in trial.needed.values() for n in counts.values())
    assert trial.adaptive == run_task(FIRST, BUDGET).adaptive
    assert trial.with_rows_above <= trial.adaptive and trial.asked_right and trial.asked <= 2
    lost = run_trial("own", NOWHERE, BUDGET)
    assert {n for counts in lost.needed.values() for n in counts.values()} == {CAP + 1}
    assert lost.from_question == lost.with_rows_above == CAP + 1


def test_who_gives_rows_in_order_or_is_asked_says_nothing_more_to_the_matched_listener() -> None:
    sheet = Sheet(FIRST, BUDGET, uniform=False)
    for speaker in ("requested", "top_down"):
        assert needed(sheet, speaker, LITERAL) == needed(sheet, speaker, speaker)


def test_who_chooses_shows_the_row_that_fewest_behaviours_share() -> None:
    sheet = Sheet(FIRST, BUDGET, uniform=False)

    def shared(row: int, *said: int) -> int:
        others = [outputs for other, pool in sheet.pools().items() if other != row for outputs in pool]
        return sum(all(outputs[i] == sheet.targets[i] for i in (row, *said)) for outputs in others)

    assert all(pool[0][row] == sheet.targets[row] for row, pool in sheet.pools().items())
    assert sheet.choice(()) == min(range(3), key=shared) == 1
    assert sheet.choice((1,)) == min((0, 2), key=lambda row: shared(row, 1))
    assert Sheet(NOWHERE, BUDGET, uniform=False).choice(()) is None


def test_without_weights_all_rules_of_a_symbol_are_alike() -> None:
    sheet = Sheet(FIRST, BUDGET, uniform=True)
    grammar = sheet.grammar(sheet.examples((0,)))
    for rules in grammar.by_lhs.values():
        assert all(math.isclose(weight, -math.log(len(rules))) for _, weight in rules)


# ---------------------------------------------------------------- figures


def trial(name: str, literal: int, chooses: int, asked: int = 1, right: bool = True) -> Trial:
    counts = {speaker: {LITERAL: literal, "corrects": literal, "chooses": chooses} for speaker in SPEAKERS}
    return Trial("own", name, counts, literal, chooses, asked, right)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, CAP), st.integers(1, CAP)), min_size=2, max_size=12))
def test_differences_are_paired_and_lie_in_their_interval(pairs: list[tuple[int, int]]) -> None:
    figures = summary([trial(str(i), a, b) for i, (a, b) in enumerate(pairs)])["own"]
    gaps = [b - a for a, b in pairs]
    mean, low, high = figures["speakers"]["chooses"]["difference"]
    assert mean == pytest.approx(np.mean(gaps), abs=1e-4)
    assert min(gaps) - 1e-4 <= low <= high <= max(gaps) + 1e-4
    if len(set(gaps)) == 1:
        assert low == mean == high
    assert figures["speakers"]["corrects"]["difference"] == [0, 0, 0]
    assert figures["speakers"]["corrects"]["mismatched"] == {"chooses": [mean, low, high]}
    assert figures["speakers"]["requested"]["matched"] == figures["speakers"]["requested"]["literal"]
    assert figures["first question"]["difference"] == [mean, low, high]


def test_asking_is_judged_where_the_target_is_in_the_language() -> None:
    lost = trial("c", CAP + 1, CAP + 1, 11, False)
    trials = [trial("a", 1, 1, asked=2), trial("b", 2, 2, asked=3, right=False), lost]
    sure = summary(trials)["own"]["ask until sure"]
    assert sure == {"tasks in the language": 2, "interactions": 2.5, "adaptive": 1.5, "sheets right": 0.5}


# ---------------------------------------------------------------- the command


def test_the_command_tells_the_suites_apart_and_writes_its_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unfitted, "CANDIDATES", 5000)
    playgol, prose = tmp_path / "playgol", tmp_path / "prose"
    playgol.mkdir()
    (playgol / "probs.txt").write_text("%p1\nJan Kotas => Jan\nAna-Mia Lind => Ana-Mia\n%p2\na => b\n")
    spec = prose / "Transformation.Text" / "One" / "spec.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(json.dumps({"Examples": [{"Input": [x], "Output": x.upper()} for x in ("ab", "cd")]}))
    other = tmp_path / "other half"
    other.mkdir()
    (other / "probs.txt").write_text("%p3\nab => a\ncd => c\n")
    assert list(read_suites([playgol, prose, other])) == ["playgol", "prose", f"playgol in {other}"]
    result = run("bench", "speakers", playgol, prose, "--json", tmp_path / "out.json", "--seconds", "60")
    assert result.code == 0, result
    assert "matched - literal" in result.out and "ask until every cell passes 90%" in result.out
    assert "playgol, 1 task\n" in re.sub(" +\n", "\n", result.out) and "all suites, 2 tasks" in result.out
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert list(data) == ["suite", "protocol", "tasks", "summary", "prior"] and data["suite"] == "playgol, prose"
    assert [(one["suite"], one["task"]) for one in data["tasks"]] == [("playgol", "p1"), ("prose", "One")]
    assert {name: found["tasks"] for name, found in data["summary"].items()} == {"playgol": 1, "prose": 1, ALL: 2}
    alone = run("bench", "speakers", playgol, "--prior", "behaviours", "--json", tmp_path / "out.json")
    assert alone.code == 0 and "without a prior" in alone.out and ALL not in alone.out, alone
    data = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert data["prior"] == "behaviours" and list(data["summary"]) == ["playgol"]
    assert list(data["summary"]["playgol"]["means"]) == list(unfitted.LISTENERS)
    twice = run("bench", "speakers", playgol, prose, playgol / ".." / "playgol")
    assert twice.code == 2 and "given twice" in twice.err
    (other / "probs.txt").write_text("%p3\nab => a\n")
    single = run("bench", "speakers", playgol, other)
    assert single.code == 2 and "two distinct inputs" in single.err and str(other) in single.err


def test_a_long_name_of_a_suite_leaves_the_figures_whole() -> None:
    trials = [trial(str(k), k + 1, 1) for k in range(3)]
    for one in trials:
        one.suite = f"playgol in {'/a long folder' * 8}/[bold]"
    out = io.StringIO()
    show_speakers(Console(file=out, width=100), summary(trials))
    assert "…" not in out.getvalue() and out.getvalue().count("[bold]") == 4
    assert "-1.000 [-2.000, +0.000]" in out.getvalue()


def test_a_folder_with_neither_suite_is_refused(tmp_path: Path) -> None:
    result = run("bench", "speakers", tmp_path)
    assert result.code == 2 and result.err.startswith("pbe: ") and result.err.count("\n") == 1
    assert "Playgol" in result.err and "PROSE" in result.err
