"""Answers to SyGuS tasks: derived by the task's grammar, right everywhere, found by one search for all kinds."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dsl.program import Apply, Constant, Input
from dsl.sygus import SygusTask, read_program, read_sygus, texts
from dsl.types import INTEGER, TEXT
from pbe.budget import Budget, StopReason
from pbe.goals import Finding, Verdict
from pbe.sygus import Demands, confidence, constants, likely_grammar, solve
from pbe.verification import Verifier

EXAMPLES = sorted((Path(__file__).parents[2] / "examples" / "sygus").glob("*.sl"))
ROOMY = Budget(seconds=300, candidates=10**9)


def assert_solved(task: SygusTask, budget: Budget = ROOMY) -> None:
    solution = solve(task, budget)
    assert solution.verified and solution.program is not None, solution
    assert task.grammar.derives(solution.program)
    assert Verifier(task).verify(solution.program).holds
    assert read_program(task.define(solution.program), task) == solution.program
    assert 0 < solution.first_seconds <= solution.seconds and 0 < solution.confidence <= 1


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_logical_tasks_of_the_project_are_solved(path: Path) -> None:
    assert_solved(read_sygus(path.read_text()))


STRINGS = """
(set-logic SLIA)
(synth-fun f ((name String)) String
    ((Start String) (Count Int) (Test Bool))
    ((Start String (name " " "." (str.++ Start Start) (str.substr Start Count Count) (str.at Start Count)
                    (ite Test Start Start)))
     (Count Int (0 1 (str.len Start) (str.indexof Start Start Count) (+ Count Count) (- Count Count)))
     (Test Bool ((str.contains Start Start) (str.prefixof Start Start)))))
"""


@pytest.mark.parametrize(
    "examples",
    [
        [("Ann Lee", "Lee"), ("Bob Ray", "Ray"), ("Cy Oz", "Oz")],
        [("Ann Lee", "A. Lee"), ("Bob Ray", "B. Ray")],
        [("Ann Lee", "Ann"), ("Bob", "Bob"), ("Cy Oz", "Cy"), ("Di", "Di"), ("Ed Poe", "Ed"), ("Flo Kay Jo", "Flo")],
        [("Ann", "Ann")] * 30,
        [("", "")],
    ],
)
def test_examples_are_answered_in_the_tasks_grammar(examples: list[tuple[str, str]]) -> None:
    lines = [f'(constraint (= (f "{given}") "{wanted}"))' for given, wanted in examples]
    assert_solved(read_sygus(STRINGS + "\n".join(lines) + "(check-synth)"))


def test_texts_are_as_probable_as_the_examples_suggest() -> None:
    """Those in all examples more than those in some, those in none least; what else there is stays as it was."""
    head = '(synth-fun f ((x String)) String ((S String)) ((S String (x "-" "b" "?" (str.++ S S)))))'
    task = read_sygus(f'(set-logic SLIA){head}(constraint (= (f "a-b") "-"))(constraint (= (f "-") "-"))(check-synth)')
    grammar = likely_grammar(task)
    everywhere, some, nowhere = [grammar.log_prob(Constant(text, TEXT)) for text in ("-", "b", "?")]
    assert everywhere > some > nowhere > -math.inf
    assert grammar.log_prob(Input(0)) == pytest.approx(grammar.log_prob(Apply(texts.join, (Input(0),) * 2)) / 3)


def test_examples_and_constraints_together() -> None:
    task = read_sygus(
        STRINGS + '(declare-var s String)(constraint (= (f "Ann") "Ann."))(constraint (= (f "") ""))'
        '(constraint (=> (str.prefixof "A" s) (= (str.len (f s)) (+ 1 (str.len s)))))(check-synth)'
    )
    assert_solved(task)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(-4, 4), st.integers(-4, 4), st.integers(-30, 30), st.sampled_from(["<", "<=", ">", ">="]))
def test_constants_that_a_task_mentions_are_used(below: int, above: int, cut: int, relation: str) -> None:
    """A step up or down at a place that only the constraints name, in a grammar that may use any constant."""
    assume(below != above)
    low, high, place = [str(n) if n >= 0 else f"(- {-n})" for n in (below, above, cut)]
    task = read_sygus(f"""
        (set-logic LIA)
        (synth-fun f ((n Int)) Int ((I Int) (B Bool))
            ((I Int (n (Constant Int) (+ I I) (ite B I I))) (B Bool (({relation} I I)))))
        (declare-var n Int)
        (constraint (=> (< n {place}) (= (f n) (+ n {low}))))
        (constraint (=> (>= n {place}) (= (f n) (+ n {high}))))
        (check-synth)""")
    assert_solved(task)


def test_constants_come_from_constraints_and_examples() -> None:
    task = read_sygus(
        "(set-logic SLIA)(synth-fun f ((s String)) String)(declare-var s String)"
        '(constraint (= (f "Lee, Ann") "Ms Ann"))(constraint (=> (= (str.len s) 40) (= (f s) "long")))(check-synth)'
    )
    found = constants(task)
    numbers = [c.value for c in found if c.type is INTEGER]
    assert {0, 1, -1, 39, 40, 41} <= set(numbers) and len(set(numbers)) == len(numbers)
    words = [c.value for c in found if c.type is TEXT]
    assert {"", " ", "long", "Ms", ","} <= set(words) and "Ann" not in words
    closed = task.grammar.closed(found)
    assert all(closed.derives(c, "String" if c.type is TEXT else "Int") for c in found)
    assert not closed.derives(Constant("other", TEXT)) and task.grammar.derives(Constant("other", TEXT))


def test_words_of_the_examples_stand_in_the_order_of_the_examples() -> None:
    """Not in that of a set: it differs from one run of Python to the next."""
    words = ["alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel"]
    task = read_sygus(
        "(set-logic SLIA)(synth-fun f ((s String)) String)(declare-var s String)"
        f'(constraint (= (f "x") "{" ".join(words)}"))(check-synth)'
    )
    assert [c.value for c in constants(task) if c.type is TEXT] == ["", " ", *words]


def test_a_function_of_its_own_result_is_told_apart_where_it_runs() -> None:
    """Of all that gives 1 for 0, only 1 - x is undone by itself."""
    grammar = "((I Int)) ((I Int (n 0 1 2 (+ I I) (- I I))))"
    task = read_sygus(
        f"(set-logic LIA)(synth-fun f ((n Int)) Int {grammar})(declare-var n Int)"
        "(constraint (= (f (f n)) n))(constraint (not (= (f n) n)))(check-synth)"
    )
    assert_solved(task)


def test_a_function_without_parameters_is_a_constant() -> None:
    bounds = "(constraint (> f 41))(constraint (< (f) 43))"
    assert_solved(read_sygus(f"(set-logic LIA)(synth-fun f () Int){bounds}(check-synth)"))


# ---------------------------------------------------------------- no answer


def lia(body: str, grammar: str = "((I Int)) ((I Int (n 0 (+ I I) (div I I))))") -> SygusTask:
    return read_sygus(
        f"(set-logic NIA)(synth-fun f ((n Int)) Int {grammar})(declare-var n Int)(constraint {body})(check-synth)"
    )


def test_a_small_grammar_is_searched_to_its_end() -> None:
    solution = solve(lia("(= (f n) 7)", "((I Int)) ((I Int (n 0)))"), ROOMY)
    assert (solution.program, solution.verdict, solution.stop) == (None, None, StopReason.EXHAUSTED)
    assert solution.confidence == 0 and not solution.verified


def test_a_budget_ends_the_search() -> None:
    solution = solve(lia("(= (f n) 7)", "((I Int)) ((I Int (n 2 (+ I I))))"), Budget(seconds=300, candidates=3000))
    assert (solution.program, solution.stop) == (None, StopReason.OUT_OF_CANDIDATES)


def test_what_z3_cannot_decide_is_told_apart() -> None:
    """The first number that breaks the constraint has 17 digits."""
    task = read_sygus(
        "(set-logic NIA)(synth-fun f ((x Int) (y Int)) Bool ((B Bool)) ((B Bool (false))))"
        "(declare-var x Int)(declare-var y Int)"
        "(constraint (=> (= (+ (* x (* x x)) (* y (* y y))) 42) (f x y)))(check-synth)"
    )
    solution = solve(task, Budget(seconds=0.3))
    if solution.verdict is not None:  # z3 may come to learn how
        assert solution.verdict.finding is Finding.UNKNOWN and solution.verdict.reason
        assert solution.program == read_program("false", task) and not solution.verified


def test_where_z3_cannot_decide_values_are_tried() -> None:
    """Its theory of sequences is silent on most questions about replacing all."""
    task = read_sygus(
        "(set-logic SLIA)(synth-fun f ((s String)) String ((S String)) ((S String (s \"\" (str.++ S S)))))"
        '(declare-var s String)(constraint (= (f s) (str.replace_all s "a" "b")))(check-synth)'
    )
    goal = Demands(task, ROOMY.start())
    verdict = goal.prove(read_program("s", task))
    assert verdict.finding is Finding.REFUTED and "a" in verdict.counterexample[0]  # type: ignore[index]


def test_an_undefined_value_is_no_answer() -> None:
    """Division by zero may be anything in SMT-LIB: it refutes nothing, and must not be taken for right."""
    task = lia("(>= (f n) 0)")
    goal = Demands(task, ROOMY.start())
    refuted, program = Verdict(Finding.REFUTED, counterexample=(-3,)), read_program("n", task)
    assert goal.learn(program, refuted) and not goal.learn(program, refuted)
    assert goal.rows == [(-3,)] and goal.outputs is None
    assert goal.right([None]) == [False] and goal.right([-3]) == [False] and goal.right([3]) == [True]
    assert not goal.accepts((None,)) and goal.accepts((3,))
    assert_solved(task)


# ---------------------------------------------------------------- confidence


def test_conditions_lower_the_confidence_and_examples_raise_it() -> None:
    task = read_sygus(STRINGS + "(check-synth)")
    plain = read_program("name", task)
    one = read_program('(ite (str.contains name " ") name ".")', task)
    two = read_program('(ite (str.contains name " ") name (ite (str.contains name ".") name "."))', task)
    told = [confidence(program, 4) for program in (plain, one, two)]
    assert 1 > told[0] > told[1] > told[2] > 0
    assert confidence(one, 3) < confidence(one, 4)
    assert confidence(one, 0) == 1, "constraints hold for all values"
