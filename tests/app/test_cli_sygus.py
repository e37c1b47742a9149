"""`pbe sygus` and `pbe bench sygus`: what they print, write and refuse."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commandline import refused, run

from app.bench.cvc5 import as_version_2, ask_cvc5
from app.bench.generalising import distinct, generalisation, run_trials
from app.bench.sygus import Attempt, Outcome, operators, summary
from dsl.interpreter import evaluate
from dsl.sygus import read_program, read_sygus
from dsl.sygus.terms import Dialect
from pbe.verification import Verifier

ROOT = Path(__file__).parents[2]
LOGICAL = sorted((ROOT / "examples" / "sygus").glob("*.sl"))
needs_cvc5 = pytest.mark.skipif(importlib.util.find_spec("cvc5") is None, reason="cvc5 is not installed")

FIRST_WORD = """
(set-logic SLIA)
(synth-fun f ((name String)) String
    ((Start String (S))
     (S String (name " " "-" (str.++ S S) (str.substr S I I) (str.replace S S S) (int.to.str I) (ite B S S)))
     (I Int (0 1 -1 (str.len S) (str.indexof S S I) (+ I I)))
     (B Bool ((str.contains S S)))))
"""


HOPELESS = (
    "(set-logic LIA)(synth-fun f ((n Int)) Int ((I Int)) ((I Int (n 1))))(constraint (= (f 1) 2))(check-synth)"
)
DEFINITIONS = r"""
(set-logic SLIA)
(define-fun |twice it| ((s String)) String (str.++ s s))
(define-fun four/times ((s String)) String (|twice it| (|twice it| s)))
(define-fun low () Int (- 3))
(synth-fun |f g| ((s String) (n Int)) String ((S String) (I Int))
    ((S String (s (|twice it| S) "a\u{41}")) (I Int (n low))))
(declare-var s String)
(constraint (= (|f g| s 1) (four/times s)))
(constraint (= (|f g| "" low) ""))
(check-synth)
"""


def task_text(examples: list[tuple[str, str]], head: str = FIRST_WORD) -> str:
    quoted = [(given.replace('"', '""'), wanted.replace('"', '""')) for given, wanted in examples]
    return head + "\n".join(f'(constraint (= (f "{a}") "{b}"))' for a, b in quoted) + "\n(check-synth)\n"


@pytest.fixture
def first_word(tmp_path: Path) -> Path:
    path = tmp_path / "first word.sl"
    path.write_text(task_text([("Ann Lee", "Ann"), ("Bo Ray", "Bo"), ("Cy Oz", "Cy")]))
    return path


# ---------------------------------------------------------------- pbe sygus


@pytest.mark.parametrize("path", LOGICAL[:3], ids=lambda path: path.stem)
def test_the_answer_is_a_function_of_the_tasks_grammar_that_keeps_its_constraints(path: Path) -> None:
    result = run("sygus", path, "--seconds", 300)
    assert result.code == 0 and result.out.count("\n") == result.err.count("\n") == 1
    task = read_sygus(path.read_text())
    program = read_program(result.out, task)
    assert task.grammar.derives(program) and Verifier(task).verify(program).holds
    assert "z3 verified" in result.err and f"{len(task.constraints)} constraint" in result.err


def test_examples_are_answered_with_a_confidence(first_word: Path) -> None:
    result = run("sygus", first_word, "--seconds", 300)
    task = read_sygus(first_word.read_text())
    program = read_program(result.out, task)
    assert task.grammar.derives(program) and Verifier(task).verify(program).holds
    assert "z3 verified 3 examples; confidence" in result.err


def test_what_else_fits_is_said_with_the_input_that_decides(first_word: Path, tmp_path: Path) -> None:
    result = run("sygus", first_word, "--seconds", 300)
    assert result.code == 0 and result.out.count("\n") == 1
    said = result.err.splitlines()[-1]
    found = re.fullmatch(r'pbe: also fits: (\(define-fun .*\)); they differ on name = "(.*)": "(.*)" or "(.*)"', said)
    assert found, said
    task = read_sygus(first_word.read_text())
    programs = read_program(result.out, task), read_program(found[1], task)
    assert task.grammar.derives(programs[1]) and Verifier(task).verify(programs[1]).holds
    assert [evaluate(program, (found[2],)) for program in programs] == [found[3], found[4]] and found[3] != found[4]
    decided = tmp_path / "decided.sl"
    more = f'(constraint (= (f "{found[2]}") "{found[4]}"))(check'
    decided.write_text(first_word.read_text().replace("(check", more))
    assert evaluate(read_program(run("sygus", decided, "--seconds", 300).out, task), (found[2],)) == found[4]


def test_the_examples_may_be_heard_as_chosen(first_word: Path) -> None:
    result = run("sygus", first_word, "--seconds", 300, "--listener", "pragmatic")
    task = read_sygus(first_word.read_text())
    program = read_program(result.out, task)
    assert result.code == 0 and "z3 verified 3 examples" in result.err
    assert task.grammar.derives(program) and Verifier(task).verify(program).holds


def test_nothing_else_fits_where_the_grammar_has_no_other_function(tmp_path: Path) -> None:
    path = tmp_path / "only.sl"
    path.write_text(HOPELESS.replace("(f 1) 2", "(f 2) 2"))
    result = run("sygus", path)
    assert result.code == 0 and result.err.count("\n") == 1


def test_names_between_bars_stay_there(tmp_path: Path) -> None:
    path = tmp_path / "bars.sl"
    path.write_text(DEFINITIONS)
    result = run("sygus", path, "--seconds", 300)
    wanted = "(define-fun |f g| ((s String) (n Int)) String (|twice it| (|twice it| s)))"
    assert (result.code, result.out) == (0, wanted + "\n")


def test_no_program_is_told_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "none.sl"
    path.write_text(HOPELESS)
    result = run("sygus", path)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("pbe: ") and "searched to its end" in result.err and result.err.count("\n") == 1
    path.write_text(path.read_text().replace("(n 1)", "(n 2 (+ I I))").replace("(f 1) 2", "(f 2) 3"))
    result = run("sygus", path, "--seconds", 0.2)
    assert (result.code, result.out) == (1, "") and "time ran out" in result.err


def test_examples_that_the_grammar_cannot_tell_apart_are_named(tmp_path: Path) -> None:
    path = tmp_path / "alike.sl"
    path.write_text(
        "(set-logic LIA)(synth-fun f ((n Int) (k Int)) Int ((I Int)) ((I Int (n 1 (+ I I)))))"
        "(constraint (= (f 5 1) 5))(constraint (= (f 6 1) 6))(constraint (= (f 5 2) 7))(check-synth)"
    )
    result = run("sygus", path, "--seconds", 300)
    assert (result.code, result.out) == (1, "") and "examples 1 and 3 apart" in result.err


def test_contradictions_are_refused_naming_both_examples(tmp_path: Path) -> None:
    path = tmp_path / "two.sl"
    path.write_text(task_text([("a b", "a"), ("c", "c"), ("a b", "b")]))
    message = refused("sygus", path)
    assert "examples 1 and 3" in message and "'a b'" in message and "'a'" in message and "'b'" in message
    assert str(path) in message and "line 10" in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"(set-logic LIA)\n(synth-fun f () Int", "line 2, column 1"),
        (b"(set-logic LIA)\n(synth-fun f ((s Real)) Int)(check-synth)", "Real"),
        (b"; caf\xe9\n(set-logic LIA)", "line 1 is not UTF-8"),
        (b"\x7fELF\x02\x01\x00\xff", "is no text file"),
        (b"(check-synth)", "nothing to find"),
        (b"(set-logic LIA)(synth-fun f ((n Int)) Int ((I Int)) ((I Int ())))(check-synth)", "no productions"),
    ],
)
def test_bad_files_are_refused_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.sl"
    path.write_bytes(content)
    assert said in refused("sygus", path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert "There is no file" in refused("sygus", tmp_path / "none.sl")
    assert "cannot be read" in refused("sygus", tmp_path)


def test_a_byte_order_mark_is_no_matter(first_word: Path) -> None:
    first_word.write_bytes(b"\xef\xbb\xbf" + first_word.read_bytes())
    assert run("sygus", first_word, "--seconds", 300).code == 0


def test_other_commands_do_without_z3() -> None:
    """It takes a tenth of a second to import."""
    code = "import sys, app.cli; sys.exit('z3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(ROOT)}).returncode == 0


# ---------------------------------------------------------------- pbe bench sygus


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    words = ["Ann Lee", "Bo Ray", "Cy Oz", "Dee Fox", "Ed Poe Roe", "Flo X", "Gus Young"]
    examples = [(name, name.split()[0]) for name in words]
    folder = tmp_path / "suite" / "track"
    folder.mkdir(parents=True)
    (folder / "word.sl").write_text(task_text(examples[:4]))
    (folder / "word-long.sl").write_text(task_text(examples + examples))
    (folder / "max2.sl").write_text((ROOT / "examples" / "sygus" / "max2.sl").read_text())
    (folder / "contradiction.sl").write_text(task_text([("a", "b"), ("a", "c")]))
    (folder / "hopeless.sl").write_text(HOPELESS)
    (folder / "no text.sl").write_bytes(b"\xff\xfe")
    return tmp_path / "suite"


def test_the_bench_counts_times_operators_and_what_it_refuses(suite: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    result = run("bench", "sygus", suite, "--seconds", 5, "--generalise", "--json", out)
    assert result.code == 0 and "hopeless" in result.out and "refused" in result.out
    data = json.loads(out.read_text())
    assert data["suite"] == "sygus" and data["protocol"]
    tasks = {task["task"]: task for task in data["tasks"]}
    assert {name: task["solved"] for name, task in tasks.items()} == {
        "contradiction": False, "hopeless": False, "max2": True, "no text": False, "word": True, "word-long": True,
    }  # fmt: skip
    assert "examples 1 and 2" in tasks["contradiction"]["refused"] and tasks["hopeless"]["reason"]
    assert tasks["max2"]["operators"] == 2 and 0 < tasks["max2"]["first_seconds"] <= tasks["max2"]["seconds"]
    figures = data["summary"]
    assert (figures["files"], figures["refused"], figures["solved"]) == (6, 2, 3)
    assert figures["PAR-2 seconds"] >= 10 / 4, "one of four unsolved counts twice the limit"
    trials = data["trials"]
    assert [trial["task"] for trial in trials["pairs"]] == ["word → word-long"]
    assert {trial["given"] for trial in trials["first 2"]} == {2}
    assert len(trials["leave one out"]) == 4 + 7, "examples that come again count once"
    assert figures["generalisation"]["pairs: mean row accuracy"] == 1.0


def test_a_pragmatic_listener_is_measured_on_unseen_rows(suite: Path, tmp_path: Path) -> None:
    result = run("bench", "sygus", suite, "--listener", "pragmatic")
    assert (result.code, result.out) == (2, "") and "--generalise" in result.err
    out = tmp_path / "out.json"
    for name in ("hopeless", "contradiction", "no text", "max2"):
        (suite / "track" / f"{name}.sl").unlink()
    result = run("bench", "sygus", suite, "--seconds", 5, "--generalise", "--listener", "pragmatic", "--json", out)
    assert result.code == 0
    assert json.loads(out.read_text())["summary"]["generalisation"]["pairs: mean row accuracy"] == 1.0


def test_a_folder_without_tasks_is_refused(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        result = run("bench", "sygus", folder)
        assert (result.code, result.out) == (2, "") and "holds no .sl file" in result.err


def test_the_figures_by_hand() -> None:
    outcomes = [
        Outcome("a", Attempt(0.05, 0.2, 3), Attempt(1.0, 1.0, 5)),
        Outcome("b", Attempt(0.3, 0.4, 7), Attempt(None, 10.0)),
        Outcome("c", Attempt(None, 10.0), Attempt(2.0, 2.0, 1)),
        Outcome("d", refused="no task"),
    ]
    figures = summary(outcomes, 10)
    assert (figures["solved"], figures["solved within 0.1 s"], figures["solved within 0.5 s"]) == (2, 1, 2)
    assert figures["PAR-2 seconds"] == pytest.approx((0.05 + 0.3 + 20) / 3, abs=1e-4)
    assert figures["cvc5 PAR-2 seconds"] == pytest.approx((1 + 20 + 2) / 3, abs=1e-4)
    assert figures["PAR-2 as a share of cvc5's"] == pytest.approx(20.35 / 23, abs=1e-4)
    assert figures["mean operators"] == 5 and figures["solved by both"] == 1
    assert (figures["mean operators where both solve"], figures["cvc5 mean operators where both solve"]) == (3, 5)
    assert summary([], 10)["solved"] == 0


def test_leaving_out_counts_what_was_right() -> None:
    """Whatever is learnt from two of them, the third row says otherwise."""
    task = read_sygus(task_text([("a b", "a"), ("c d", "c"), ("e f", "zzz"), ("a b", "a")]))
    assert distinct(task) == [0, 1, 2]
    trials = run_trials({"odd": task, "max2": read_sygus(LOGICAL[0].read_text())}, 5)
    assert [(trial.given, trial.accuracy) for trial in trials["first 2"]] == [(2, pytest.approx(3 / 4))]
    assert trials["leave one out"] == trials["pairs"] == []
    assert generalisation(trials)["first 2: mean row accuracy"] == 0.75


def test_what_the_examples_left_speak_against_is_weighed() -> None:
    """Three of four examples give the first word: that the fourth does not is learnt only from itself."""
    task = read_sygus(task_text([("a b", "a"), ("c d", "c"), ("e f", "e"), ("g hi", "g hi")]))
    trials = run_trials({"odd": task}, 5)
    *others, odd = trials["leave one out"]
    assert all(trial.against is None and "against" not in trial.as_json() for trial in others)
    assert odd.accuracy == 0 and odd.against is not None and odd.as_json()["against"] > 16
    figures = generalisation(trials)
    assert figures["leave one out: mean row accuracy"] == 0.75
    assert all(figures[f"leave one out: at most {bits} bits against it"] == "3 right of 3" for bits in (4, 8, 16))


def test_a_constant_that_only_the_left_out_row_suggests_cannot_be_weighed() -> None:
    head = '(set-logic SLIA)(synth-fun f ((name String)) String)'
    task = read_sygus(task_text([("a b", "a"), ("c d", "c"), ("e f", "e"), ("g h", "zz-top")], head))
    trials = run_trials({"odd": task}, 5)
    odd = trials["leave one out"][-1]
    assert odd.accuracy == 0 and odd.answer and odd.against is None
    assert generalisation(trials)["leave one out: at most 16 bits against it"] == "3 right of 3"


# ---------------------------------------------------------------- cvc5


@pytest.mark.parametrize("text", [task_text([('a"b c', 'a"b'), ("é\\u0041 x", "é\\u0041")]), DEFINITIONS,
                                  *[path.read_text() for path in LOGICAL]])  # fmt: skip
def test_a_task_means_the_same_in_version_2(text: str) -> None:
    task = read_sygus(text)
    again = read_sygus(as_version_2(task))
    assert again.notation.dialect is Dialect.V2
    assert (again.task, again.variables, again.parameters) == (task.task, task.variables, task.parameters)
    assert [str(c) for c in again.constraints] == [str(c) for c in task.constraints]
    rules = [sorted(str(rule.head) for rule in g.rules if rule.head is not None) for g in (task.grammar, again.grammar)]
    assert rules[0] == rules[1]


@needs_cvc5
def test_cvc5_answers_in_a_process_of_its_own(suite: Path, tmp_path: Path) -> None:
    task = read_sygus(LOGICAL[4].read_text())
    answer, seconds = ask_cvc5(as_version_2(task), 60)
    program = read_program(answer.strip().removeprefix("(").removesuffix(")"), task)
    assert Verifier(task).verify(program).holds and 0 < seconds < 60 and operators(program) >= 2
    assert ask_cvc5("(set-logic LIA)(nonsense", 60)[0] == ""
    out = tmp_path / "out.json"
    for name in ("word-long", "hopeless", "contradiction", "no text"):
        (suite / "track" / f"{name}.sl").unlink()
    result = run("bench", "sygus", suite, "--seconds", 5, "--against", "cvc5", "--json", out)
    assert result.code == 0 and "cvc5 PAR-2 seconds" in result.out
    assert all(task["cvc5"]["seconds"] > 0 for task in json.loads(out.read_text())["tasks"])


def test_without_cvc5_the_comparison_is_refused(suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.bench.cvc5.importlib.util.find_spec", lambda name: None)
    result = run("bench", "sygus", suite, "--against", "cvc5")
    assert (result.code, result.out) == (2, "") and "pip install" in result.err
