"""Other functions that fit a SyGuS task's examples: they fit, they differ where it is said, and none is made up."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.interpreter import evaluate
from dsl.program import Apply, Constant, Input, Program
from dsl.sygus import SygusTask, read_program, read_sygus
from dsl.sygus.functions import resolve
from dsl.types import INTEGER
from pbe.budget import Budget
from pbe.rivals import CANDIDATES, example_inputs, find_rival, listen, near_inputs, reheard, rivals
from pbe.sygus import solve

ROOMY = Budget(seconds=300, candidates=10**9)
WORDS = """
(set-logic SLIA)
(synth-fun f ((name String)) String ((S String) (I Int))
    ((S String (name " " "-" (str.++ S S) (str.substr S I I)))
     (I Int (0 1 2 3 (str.len S) (str.indexof S S I) (+ I I)))))
"""


def words(*examples: tuple[str, str]) -> SygusTask:
    lines = [f'(constraint (= (f "{given}") "{wanted}"))' for given, wanted in examples]
    return read_sygus(f"{WORDS} {' '.join(lines)} (check-synth)")


def number(value: int) -> str:
    return str(value) if value >= 0 else f"(- {-value})"


def fits(program: Program, task: SygusTask) -> bool:
    return all(evaluate(program, example.inputs) == example.output for example in task.task.examples)


@pytest.mark.parametrize(
    "examples",
    [
        [("Ann Lee", "Ann")],
        [("Ann Lee", "Ann"), ("Bob Ray", "Bob")],
        [("Ann Lee", "Lee"), ("Bo Ray", "Ray"), ("Bo Ray", "Ray")],
        [("a-b", "b-a"), ("c-d", "d-c")],
        [("", "")],
    ],
)
def test_a_rival_fits_the_examples_and_differs_on_its_input(examples: list[tuple[str, str]]) -> None:
    task = words(*examples)
    program = solve(task, ROOMY).program
    assert program is not None
    rival = find_rival(task, program, ROOMY)
    assert rival is not None and rival == find_rival(task, program, ROOMY)
    assert fits(rival.program, task) and task.grammar.derives(rival.program)
    assert rival.outputs == (evaluate(program, rival.inputs), evaluate(rival.program, rival.inputs))
    assert None not in rival.outputs and rival.outputs[0] != rival.outputs[1]
    assert rival.inputs not in example_inputs(task)


def test_the_most_probable_reading_comes_first() -> None:
    """A first name of three letters, or what stands before the blank: the example of a shorter one decides."""
    task = words(("Ann Lee", "Ann"), ("Bob Ray", "Bob"))
    three = read_program("(str.substr name 0 3)", task)
    found = rivals(task, three, ROOMY)
    assert [score for score, _ in found] == sorted([score for score, _ in found], reverse=True)
    assert read_program('(str.substr name 0 (str.indexof name " " 0))', task) in [program for _, program in found]
    assert all(fits(program, task) and program != three for _, program in found)
    decided = words(("Ann Lee", "Ann"), ("Bob Ray", "Bob"), ("Jo Oz", "Jo"))
    first = solve(decided, ROOMY).program
    assert first is not None and three not in [program for _, program in rivals(decided, first, ROOMY)]


def test_where_z3_must_find_the_input() -> None:
    """No input made up like the example is as long as ten characters."""
    task = read_sygus(
        '(set-logic SLIA)(synth-fun f ((s String)) String ((S String) (I Int)) ((S String (s (str.substr s 0 I))) '
        '(I Int (10))))(constraint (= (f "abc") "abc"))(check-synth)'
    )
    rival = find_rival(task, read_program("s", task), ROOMY)
    assert rival is not None and len(str(rival.inputs[0])) > 10 and rival.outputs[1] == str(rival.inputs[0])[:10]


_plus = resolve("+", [INTEGER, INTEGER])
assert _plus is not None


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.integers(-3, 3), min_size=1, max_size=3, unique=True),
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=1, max_size=3, unique=True),
    st.data(),
)
def test_in_a_small_grammar_a_rival_is_found_where_there_is_one(
    numbers: list[int], inputs: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Sums of one or two of x, y and a few numbers: all of them can be looked at."""
    leaves: list[Program] = [Input(0, INTEGER), Input(1, INTEGER), *[Constant(n, INTEGER) for n in numbers]]
    everything = [*leaves, *[Apply(_plus, pair) for pair in product(leaves, repeat=2)]]
    target = data.draw(st.sampled_from(everything))
    lines = [f"(constraint (= (f {number(x)} {number(y)}) {number(evaluate(target, (x, y)))}))" for x, y in inputs]
    task = read_sygus(
        "(set-logic LIA)(synth-fun f ((x Int) (y Int)) Int ((I Int) (A Int)) "
        f"((I Int (A (+ A A))) (A Int (x y {' '.join(map(number, numbers))})))){' '.join(lines)}(check-synth)"
    )
    points = list(product(range(-9, 10), repeat=2))
    others = [p for p in everything if fits(p, task) and any(evaluate(p, q) != evaluate(target, q) for q in points)]
    rival = find_rival(task, target, ROOMY)
    assert (rival is not None) == bool(others)


def test_constraints_say_all_that_is_wanted() -> None:
    task = read_sygus(
        "(set-logic LIA)(synth-fun f ((x Int)) Int)(declare-var x Int)(constraint (> (f x) x))(check-synth)"
    )
    assert find_rival(task, read_program("(+ x 1)", task), ROOMY) is None


def test_the_budget_ends_the_search_for_parts() -> None:
    task = words(("Ann Lee", "Ann"))
    program = read_program("(str.substr name 0 3)", task)
    assert find_rival(task, program, Budget(seconds=300, candidates=2 * CANDIDATES)) is not None
    assert rivals(task, program, Budget(seconds=300, candidates=300)) == []


# ---------------------------------------------------------------- the pragmatic listener

FOUR = """
(set-logic LIA)
(synth-fun f ((x Int)) Int ((P Int) (X Int) (Zero Int) (B Bool))
    ((P Int (x (abs X) (- Zero X) (ite B X Zero))) (X Int (x)) (Zero Int (0)) (B Bool ((>= X Zero)))))
(constraint (= (f 3) 3))
(check-synth)
"""


def test_a_small_grammar_is_heard_as_a_whole() -> None:
    """Of 3, 4, 30 and -3 (made up), f(-3) tells x and the ramp from all others: who shows 3 rather means the size."""
    task = read_sygus(FOUR)
    size, same, ramp = [read_program(term, task) for term in ("(abs x)", "x", "(ite (>= x 0) x 0)")]
    assert near_inputs(task) == [(4,), (30,), (-3,)]
    heard = listen(task, same, ROOMY)
    assert heard[0][0] == size and {program for program, _ in heard} == {size, same, ramp}
    speaks = {size: 1 / (3 / 3 + 1 / 2), same: 1 / (3 / 3 + 1), ramp: 1 / (3 / 3 + 1)}
    assert dict(heard) == pytest.approx({program: p / sum(speaks.values()) for program, p in speaks.items()})


@pytest.mark.parametrize(
    "examples", [[("Ann Lee", "Ann")], [("Ann Lee", "Lee"), ("Bo Ray", "Ray")], [("Ann", ""), ("Bo Ray", "Ray")]]
)
def test_what_is_heard_fits_and_the_answer_is_among_it(examples: list[tuple[str, str]]) -> None:
    task = words(*examples)
    solution = solve(task, ROOMY)
    assert solution.program is not None
    heard = listen(task, solution.program, ROOMY)
    assert all(fits(program, task) and task.grammar.derives(program) for program, _ in heard)
    assert sum(p for _, p in heard) == pytest.approx(1)
    near = near_inputs(task)
    given = [evaluate(solution.program, row) for row in near]
    assert given in [[evaluate(program, row) for row in near] for program, _ in heard]
    again = reheard(task, solution, ROOMY)
    assert again.verified and again.program == heard[0][0] and again.stop == solution.stop
    assert 0 < again.confidence < 1


def test_an_answer_that_constraints_settle_is_not_heard_anew() -> None:
    task = read_sygus(
        "(set-logic LIA)(synth-fun f ((x Int)) Int)(declare-var x Int)(constraint (> (f x) x))(check-synth)"
    )
    solution = solve(task, ROOMY)
    assert solution.verified and reheard(task, solution, ROOMY) is solution
