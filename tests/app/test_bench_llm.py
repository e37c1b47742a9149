"""`pbe bench llm`: its figures against their definitions, on tasks and completions made up here."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import combinations
from math import isclose
from pathlib import Path
from typing import Any

import pytest
from commandline import run

import pbe
from app.bench.hostile import COMPLETIONS, HOSTILE, NOISE, code
from app.bench.llm import PRIOR, Trial, judge, read_suite, reading, run_one, subsets
from app.bench.llm_figures import pass_at, summary
from app.bench.suites import SuiteError
from dsl.interpreter import outputs
from dsl.sygus import SygusTask, read_program, read_sygus

GRAMMAR = """
(set-logic SLIA)
(synth-fun f ((x String)) String ((T String) (N Int))
  ((T String (x " " "-" "." "," (str.++ T T) (str.replace T T T) (str.at T N) (str.substr T N N)))
   (N Int (0 1 2 (str.len T) (+ N N) (- N N) (str.indexof T T N)))))
"""
DASH = GRAMMAR + '(constraint (= (f "old oak") "old-oak"))\n(constraint (= (f "a b") "a-b"))\n(check-synth)\n'
FIRST = GRAMMAR + '(constraint (= (f "old oak") "old"))\n(constraint (= (f "a b") "a"))\n(check-synth)\n'
TWICE = GRAMMAR + '(constraint (= (f "old") "old.old"))\n(constraint (= (f "a") "a.a"))\n(check-synth)\n'
REPLACED, TAKEN = '(str.replace x " " "-")', '(str.substr x 0 (str.indexof x " " 0))'
BUDGET = pbe.Budget(seconds=300, candidates=200_000)
CUT = ("--candidates", "3000", "--seconds", "300")


def suite(folder: Path, completions: dict[str, Any] | None = None) -> Path:
    for name, text in {"dash": DASH, "first": FIRST, "twice": TWICE}.items():
        (folder / f"{name}.sl").write_text(text, encoding="utf-8")
    if completions is not None:
        (folder / "some-completions.json").write_text(json.dumps(completions), encoding="utf-8")
    return folder


COMPLETED = {
    "dash.sl": {"completions": [f"```lisp\n{REPLACED}\n```"] * 4 + ["(str.++ x x)"] * 6},
    "first.sl": {"completions": [TAKEN, "(str.at x 0)", "I do not know."] + ['(str.split x " ")'] * 7},
    "twice.sl": {"completions": ["(str.++ x x)"] * 10},
}


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize("samples", range(1, 7))
def test_pass_at_k_is_the_share_of_choices_that_hold_a_right_one(samples: int) -> None:
    for right in range(samples + 1):
        for k in range(1, samples + 1):
            chosen = list(combinations(range(samples), k))
            share = sum(any(i < right for i in some) for some in chosen) / len(chosen)
            assert isclose(pass_at(k, samples, right), share, abs_tol=1e-12)


def test_subsets_are_the_first_then_seeded_draws() -> None:
    texts = [str(number) for number in range(30)]
    drawn = subsets(texts, 10, 3)
    assert drawn[0] == texts[:10] and len(drawn) == 3
    assert all(len(set(some)) == 10 and set(some) <= set(texts) for some in drawn)
    assert drawn == subsets(texts, 10, 3) and len({tuple(some) for some in drawn}) == 3
    assert subsets(texts, 30, 3) == [texts], "there is one way to take all"


def test_the_model_alone_is_judged_by_the_examples_and_the_grammar() -> None:
    texts = [REPLACED, '(str.replace x " " "-")', "(str.++ x x)", "(str.len x)", '(str.replace_all x " " "-")']
    trial = Trial("dash")
    judge(trial, read_sygus(DASH), texts)
    assert (trial.samples, trial.answered, trial.right, trial.loosely) == (5, 4, 2, 3)
    assert trial.agreed, "three of four agree on the right behaviour"
    assert sum(trial.dropped.values()) == 1


def test_the_bench_writes_the_form_that_was_agreed_and_its_figures_agree_with_its_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.bench.hostile.NOISE", 10_000)
    out = tmp_path / "llm.json"
    result = run("bench", "llm", suite(tmp_path, COMPLETED), *CUT, "--draws", "2", "--json", out)
    assert result.code == 0, result.err
    data = json.loads(out.read_text())
    assert list(data) == ["suite", "protocol", "tasks", "summary"] and data["suite"] == "llm"
    tasks = {one["task"]: one for one in data["tasks"]}
    assert list(tasks) == ["dash", "first", "twice"]
    figures = data["summary"]["without deduction"]
    assert list(figures) == [PRIOR, "1", "10"]
    assert [figures[name]["draws"] for name in figures] == [1, 2, 1]
    assert figures[PRIOR]["solved"] == sum(one["runs"][PRIOR][0]["solved"] for one in tasks.values())
    mean = 1.0
    for one in tasks.values():
        mean *= one["runs"]["10"][0]["candidates"] ** (1 / 3)
    assert abs(figures["10"]["geometric mean"] - mean) <= 0.5
    ratio = figures[PRIOR]["geometric mean"] / figures["10"]["geometric mean"]
    assert abs(figures["10"]["times fewer"] - ratio) < 0.02
    assert tasks["first"]["runs"]["10"][0]["candidates"] < tasks["first"]["runs"][PRIOR][0]["candidates"]
    alone = data["summary"]["model alone"]
    assert alone["completions"] == 30 and alone["well typed"] == 22
    assert alone["pass@1"] == round((0.4 + 0.1 + 0) / 3, 4) and alone["pass@10"] == round(2 / 3, 4)
    for name, one in data["summary"]["hostile"].items():
        assert name == "tasks" or (one["worst"] <= 1.5 and one["no longer solved"] == 0)
    for name, one in data["summary"]["hostile, with deduction"].items():
        assert name == "tasks" or one["no longer solved"] == 0
    met = data["summary"]["hostile"]["tasks"]
    assert met == figures[PRIOR]["solved"] and f"hostile: the {met} tasks" in result.out and "pass@10" in result.out


def test_a_suite_without_completions_shows_what_hostile_ones_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.bench.hostile.NOISE", 10_000)
    (tmp_path / "dash.sl").write_text(DASH, encoding="utf-8")
    result = run("bench", "llm", tmp_path, *CUT)
    assert result.code == 0 and "the model alone" not in result.out
    assert all(name in result.out for name in HOSTILE)


@pytest.mark.parametrize(
    ("completions", "why"),
    [
        ([], "no JSON object"),
        ({"dash.sl": ["x"]}, "dash.sl needs"),
        ({"dash.sl": {"completions": [1]}}, "dash.sl needs"),
    ],
)
def test_a_file_of_another_form_is_refused(tmp_path: Path, completions: Any, why: str) -> None:
    result = run("bench", "llm", suite(tmp_path, completions))
    assert result.code == 2 and why in result.err


def test_folders_without_tasks_and_with_two_files_of_completions_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SuiteError):
        read_suite(tmp_path)
    suite(tmp_path, COMPLETED)
    (tmp_path / "other-completions.json").write_text("{}")
    with pytest.raises(SuiteError, match="leave one"):
        read_suite(tmp_path)


# ---------------------------------------------------------------- hostile completions


@pytest.mark.parametrize("text", [DASH, FIRST])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_completions_are_what_they_are_called_and_cost_a_quarter(name: str, text: str) -> None:
    task: SygusTask = read_sygus(text)
    texts = HOSTILE[name](task)
    assert len(texts) == COMPLETIONS
    said = reading(task, texts)
    if name in ("all wrong", "all one operator"):
        assert not said.dropped and all(task.grammar.derives(program) for program in said.answers)
        targets = [example.target for example in task.task.examples]
        rows = [example.inputs for example in task.task.examples]
        for program in said.answers:
            assert not any(a == b for a, b in zip(outputs(program, rows), targets, strict=True))
    if name == "all one operator":
        assert {program.operator.name for program in said.answers if hasattr(program, "operator")} == {"str.++"}
    assert all(len(one) == NOISE for one in texts) == name.startswith("1 MB")
    plain, misled = run_one(task, None, BUDGET), run_one(task, said, BUDGET)
    assert plain.solved and misled.solved
    assert misled.candidates <= 1.3 * plain.candidates


def test_code_in_completions_is_not_run(tmp_path: Path) -> None:
    victim = tmp_path / "important.xlsx"
    victim.write_text("still here")
    task = read_sygus(DASH)
    run_one(task, reading(task, code(task, str(victim))), BUDGET)
    assert victim.read_text() == "still here"


def test_a_right_completion_is_found_among_hostile_ones() -> None:
    task = read_sygus(FIRST)
    plain = run_one(task, None, BUDGET)
    guided = run_one(task, reading(task, [*HOSTILE["all wrong"](task)[:20], TAKEN]), BUDGET)
    assert read_program(guided.program, task) == read_program(TAKEN, task)
    assert guided.candidates < plain.candidates


def test_figures_name_what_is_lost() -> None:
    task = read_sygus(FIRST)
    solved = run_one(task, None, BUDGET)
    cut = replace(solved, program="", stop="out_of_candidates")
    assert solved.solved and not cut.solved
    trial = Trial("dash", {PRIOR: [solved], "1": [cut]}, {PRIOR: solved, "1": cut}, samples=1)
    figures = summary([trial])
    assert figures["without deduction"]["1"]["no longer solved"] == 1
    assert figures["with deduction"]["1"]["no longer solved"] == 1
    assert figures["hostile"] == figures["hostile, with deduction"] == {"tasks": 0}
