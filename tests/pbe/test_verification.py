"""What z3 says of answers, against the interpreter: its terms compute the same, its counterexamples are ones."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path

import pytest
import z3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.interpreter import evaluate
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.sygus import OPERATORS, SygusTask, read_program, read_sygus
from dsl.sygus.functions import resolve
from dsl.types import BOOLEAN, INTEGER, TEXT, Type, Value
from pbe.goals import Finding
from pbe.smt import FUNCTIONS, literal, term, value, variable
from pbe.specification import Check, breaks
from pbe.verification import Verifier

EXAMPLES = Path(__file__).parents[2] / "examples" / "sygus"

ANSWERS = {
    "abs": "(ite (<= 0 n) n (- 0 n))",
    "clamp": "(ite (<= n low) low (ite (<= high n) high n))",
    "greeting": '(ite (= name "") (str.++ "Hello" ",") (str.++ "Dear " (str.++ name ",")))',
    "longest": "(ite (< (str.len a) (str.len b)) b a)",
    "max2": "(ite (<= x y) y x)",
    "max3": "(ite (and (>= x y) (>= x z)) x (ite (>= y z) y z))",
    "median3": "(ite (<= x y) (ite (<= y z) y (ite (<= x z) z x)) (ite (<= x z) x (ite (<= y z) z y)))",
    "min3": "(ite (and (< a b) (< a c)) a (ite (< b c) b c))",
    "pad": '(ite (< 1 (str.len s)) s (str.substr (str.++ "0" (str.++ "0" s)) (str.len s) 2))',
    "sign": "(ite (= n 0) 0 (ite (< n 0) (- 1) 1))",
}  # fmt: skip

WRONG = {
    "abs": ["n", "(- n)", "(ite (<= n 10) (- n) n)"],
    "clamp": ["n", "low", "(ite (<= n low) low n)", "(ite (<= low high) n high)"],
    "greeting": ["name", '"Hello"', '(str.++ "Dear " (str.++ name ","))'],
    "longest": ["a", "(ite (<= (str.len a) (str.len b)) b a)", "(str.++ a b)"],
    "max2": ["x", "(+ x y)", "(ite (<= x y) x y)", "(ite (<= x (+ y 1)) y x)"],
    "max3": ["(ite (>= x y) x y)"],
    "median3": ["x", "(ite (<= x y) y x)"],
    "min3": ["a", "(ite (< a b) a (ite (< b c) b c))"],
    "pad": ["s", '(str.++ "0" s)', '(ite (= (str.len s) 1) (str.++ "0" s) s)'],
    "sign": ["n", "1", "(ite (< n 0) (- 1) 1)"],
}  # fmt: skip

_quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
_texts = st.one_of(
    st.text(alphabet="abA0-19é²", max_size=4),
    st.sampled_from(["\\", "\\u{41}", "\\u0041", '"', "\x00", "\n", chr(0x2FFFF), "\ud800", "9" * 30]),
)
VALUES: dict[Type, st.SearchStrategy[Value]] = {
    TEXT: _texts,
    INTEGER: st.one_of(
        st.integers(-2, 4), st.integers(-5, 12), st.sampled_from([48, 97, 0x2FFFF, 0x30000, -(10**30), 10**30])
    ),
    BOOLEAN: st.booleans(),
}
SMALL: dict[Type, Sequence[Value]] = {
    TEXT: ("", "a", "ab", "aba", "B", "07"), INTEGER: (-7, -2, -1, 0, 1, 2, 3, 7), BOOLEAN: (True, False),
}  # fmt: skip
WIDER = [
    operator
    for symbol, kind in [("str.++", TEXT), ("+", INTEGER), ("-", INTEGER), ("*", INTEGER), ("div", INTEGER),
                         ("and", BOOLEAN), ("or", BOOLEAN), ("xor", BOOLEAN), ("=>", BOOLEAN), ("=", TEXT),
                         ("<", INTEGER), (">=", INTEGER), ("str.<=", TEXT), ("str.<", TEXT), ("distinct", INTEGER)]
    if (operator := resolve(symbol, [kind] * 3))
]  # fmt: skip


def computed(ground: z3.ExprRef) -> Value:
    """What z3 computes for a term without variables; where rewriting alone does not do, its solver must."""
    found = value(z3.simplify(ground))
    if found is not None:
        return found
    solver = z3.Solver()
    solver.add(z3.Const("result", ground.sort()) == ground)
    assert solver.check() == z3.sat
    return value(solver.model().eval(z3.Const("result", ground.sort())))


def assert_z3_agrees(operator: Operator, args: Sequence[Value]) -> None:
    expected = operator.apply(*args)
    if expected is None:  # division by zero, which SMT-LIB leaves open
        return
    constants = tuple([Constant(arg, kind) for arg, kind in zip(args, operator.params, strict=True)])
    found = computed(term(Apply(operator, constants), [], z3.main_ctx()))
    assert found == expected and type(found) is type(expected), args


@pytest.mark.parametrize("operator", [*OPERATORS, *WIDER], ids=str)
def test_every_operator_means_in_z3_what_it_computes_for_small_values(operator: Operator) -> None:
    for args in product(*[SMALL[kind] for kind in operator.params]):
        assert_z3_agrees(operator, args)


@pytest.mark.parametrize("operator", [*OPERATORS, *WIDER], ids=str)
@_quick
@given(data=st.data())
def test_every_operator_means_in_z3_what_it_computes(operator: Operator, data: st.DataObject) -> None:
    assert_z3_agrees(operator, [data.draw(VALUES[kind]) for kind in operator.params])


def test_every_function_has_its_row_in_the_table() -> None:
    assert {operator.name.split(":")[0].split("/")[0] for operator in OPERATORS} == set(FUNCTIONS)


@st.composite
def programs(draw: st.DrawFn, kind: Type, depth: int, inputs: Sequence[Input]) -> Program:
    fitting = [one for one in inputs if one.type is kind]
    choice = draw(st.integers(0, 5))
    if fitting and (choice == 0 or (depth == 0 and choice < 4)):
        return draw(st.sampled_from(fitting))
    if choice == 1 or depth == 0:
        return Constant(draw(VALUES[kind]), kind)
    operator = draw(st.sampled_from([one for one in OPERATORS if one.returns is kind]))
    return Apply(operator, tuple([draw(programs(param, depth - 1, inputs)) for param in operator.params]))


@_quick
@given(st.data())
def test_whole_programs_mean_in_z3_what_they_compute(data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from([TEXT, INTEGER, BOOLEAN]), min_size=1, max_size=3))
    inputs = [Input(index, kind) for index, kind in enumerate(kinds)]
    program = data.draw(programs(data.draw(st.sampled_from([TEXT, INTEGER, BOOLEAN])), 3, inputs))
    row = tuple([data.draw(VALUES[kind]) for kind in kinds])
    expected = evaluate(program, row)
    context = z3.main_ctx()
    named = [variable(f"x{index}", kind, context) for index, kind in enumerate(kinds)]
    body = term(program, named, context)
    if expected is not None:
        put = [(name, literal(cell, context)) for name, cell in zip(named, row, strict=True)]
        assert computed(z3.substitute(body, *put)) == expected


@_quick
@given(st.one_of(_texts, st.text(max_size=6).filter(lambda text: not text or ord(max(text)) < 0x30000)))
def test_texts_come_back_from_z3_as_they_went_in(text: str) -> None:
    assert value(literal(text, z3.main_ctx())) == text
    assert value(z3.simplify(z3.Length(literal(text, z3.main_ctx())))) == len(text)


# ---------------------------------------------------------------- logical constraints


def logical(name: str) -> SygusTask:
    return read_sygus((EXAMPLES / f"{name}.sl").read_text(encoding="utf-8"))


def test_there_are_ten_logical_tasks_each_with_an_answer() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.sl")} == set(ANSWERS) == set(WRONG)
    assert len(ANSWERS) == 10


@pytest.mark.parametrize("name", ANSWERS)
def test_right_answers_hold(name: str) -> None:
    task = logical(name)
    program = read_program(ANSWERS[name], task)
    assert task.grammar.derives(program)
    assert Verifier(task, seconds=60).verify(program).finding is Finding.HOLDS


@pytest.mark.parametrize(("name", "answer"), [(name, answer) for name, answers in WRONG.items() for answer in answers])
def test_wrong_answers_are_refuted_by_values_that_break_a_constraint(name: str, answer: str) -> None:
    task = logical(name)
    program = read_program(answer, task)
    verdict = Verifier(task, seconds=60).verify(program)
    assert verdict.finding is Finding.REFUTED and verdict.counterexample is not None
    assert len(verdict.counterexample) == len(task.variables)
    check = Check(task, [verdict.counterexample])
    assert check.broken(program) == verdict.counterexample
    assert check.broken(read_program(ANSWERS[name], task)) is None


@pytest.mark.parametrize("name", ANSWERS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_right_answers_pass_every_check(name: str, data: st.DataObject) -> None:
    task = logical(name)
    points = data.draw(st.lists(st.tuples(*[VALUES[v.type] for v in task.variables]), max_size=4))
    assert Check(task, points).broken(read_program(ANSWERS[name], task)) is None


def test_z3s_answer_does_not_hang_on_the_tasks_before() -> None:
    first = [Verifier(logical(name)).verify(read_program(WRONG[name][0], logical(name))) for name in ANSWERS]
    again = [Verifier(logical(name)).verify(read_program(WRONG[name][0], logical(name))) for name in reversed(ANSWERS)]
    assert first == again[::-1]


def test_what_z3_cannot_settle_is_unknown() -> None:
    task = read_sygus(
        "(set-logic NIA)(synth-fun f ((x Int)) Bool)(declare-var a Int)(declare-var b Int)(declare-var c Int)"
        "(constraint (=> (= 42 (+ (* a a a) (* b b b) (* c c c))) (f a)))(check-synth)"
    )  # the first solution has 17 digits
    verdict = Verifier(task, seconds=0.05).verify(read_program("false", task))
    assert verdict.finding is Finding.UNKNOWN and verdict.reason


# ---------------------------------------------------------------- examples


PAIRS = """
(set-logic PBE_SLIA)
(synth-fun initial ((name String)) String)
(constraint (= (initial "Ann Lee") "A"))
(constraint (= (initial "Ann Lee") "A"))
(constraint (= (initial "Bob") "B"))
(constraint (= (initial "") ""))
(check-synth)
"""


def test_examples_are_verified_too() -> None:
    task = read_sygus(PAIRS)
    verifier = Verifier(task)
    assert verifier.verify(read_program("(str.at name 0)", task)).finding is Finding.HOLDS
    wrong = verifier.verify(read_program('(ite (= name "Bob") "" (str.at name 0))', task))
    assert (wrong.finding, wrong.example, wrong.counterexample) == (Finding.REFUTED, 2, None)
    assert verifier.verify(read_program('""', task)).example == 0


def test_defined_functions_are_written_out() -> None:
    task = read_sygus(
        "(set-logic LIA)(define-fun twice ((n Int)) Int (+ n n))(synth-fun f ((x Int)) Int)(declare-var x Int)"
        "(constraint (= (f x) (twice (twice x))))(check-synth)"
    )
    assert Verifier(task).verify(read_program("(* 4 x)", task)).finding is Finding.HOLDS
    assert Verifier(task).verify(read_program("(twice (+ x x))", task)).finding is Finding.HOLDS
    assert Verifier(task).verify(read_program("(twice x)", task)).finding is Finding.REFUTED


# ---------------------------------------------------------------- checks on concrete values


def test_a_check_runs_the_function_where_the_constraints_do() -> None:
    task = logical("max2")
    check = Check(task, [(1, 2), (3, 3)])
    assert check.points == [(1, 2), (3, 3)]
    assert check.rows == [(1, 2), (2, 1), (3, 3)]
    assert check.accepts([2, 2, 3])
    assert not check.accepts([2, 1, 3]), "not symmetric"
    assert not check.accepts([2, 2, 4]), "neither of the two"
    assert not check.add((1, 2)) and len(check.rows) == 3
    assert check.add((4, 1)) and check.rows[3:] == [(4, 1), (1, 4)]


def test_a_check_tells_where_a_candidate_is_right() -> None:
    check = Check(logical("max3"), [(1, 2, 3), (3, 2, 1), (2, 2, 0)])
    assert check.rows == check.points
    assert check.right([1, 3, 2]) == (False, True, True)
    assert check.right([3, 3, 2]) == (True, True, True) and check.accepts([3, 3, 2])
    check = Check(logical("max2"), [(1, 2)])
    assert check.rows == [(1, 2), (2, 1)]
    assert check.right([1, 2]) == (True, True) and not check.accepts([1, 2]), "right on each row, not together"
    assert check.right([0, 2]) == (False, True)


def test_points_that_share_a_row_demand_together() -> None:
    task = read_sygus(
        "(set-logic LIA)(synth-fun f ((x Int)) Int)(declare-var x Int)(declare-var y Int)"
        "(constraint (=> (< y x) (< y (f x))))(constraint (=> (<= x y) (<= (f x) y)))(check-synth)"
    )
    check = Check(task, [(3, 2)])
    assert check.right([3]) == check.right([9]) == (True,)
    check.add((3, 3))
    assert check.rows == [(3,)]
    assert (check.right([3]), check.right([9]), check.right([2])) == ((True,), (False,), (False,))


def test_a_function_of_its_own_result_is_watched() -> None:
    """What a candidate does with its own results is known once it ran there; until then it may be right."""
    task = logical("clamp")
    check = Check(task, [(5, 0, 3)])
    assert check.rows == [(5, 0, 3)]
    assert check.broken(read_program(ANSWERS["clamp"], task)) is None
    twice = read_program("(ite (<= n high) low high)", task)
    assert check.accepts([3]) and not check.accepts([5])
    assert check.broken(twice) == (5, 0, 3)
    assert check.add((5, 0, 3), twice) and check.rows == [(5, 0, 3), (3, 0, 3)]
    assert check.accepts([3, 3]) and not check.accepts([3, 0])
    assert not check.add((5, 0, 3), twice)


def test_what_smt_lib_leaves_open_refutes_nothing() -> None:
    task = read_sygus(
        "(set-logic NIA)(synth-fun f ((x Int) (y Int)) Int)(declare-var x Int)(declare-var y Int)"
        "(constraint (or (= y 0) (= (f x y) (div x y))))(check-synth)"
    )
    check = Check(task, [(7, 0)])
    quotient, x = read_program("(div x y)", task), read_program("x", task)
    assert check.broken(quotient) is check.broken(x) is None
    check.add((7, 2))
    assert check.broken(quotient) is None and check.broken(x) == (7, 2)
    assert Verifier(task).verify(read_program("(div x y)", task)).finding is Finding.HOLDS


@_quick
@given(st.data())
def test_the_check_and_z3_agree(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["max2", "abs", "longest", "clamp"]))
    task = logical(name)
    inputs = [Input(index, p.type) for index, p in enumerate(task.parameters)]
    program = data.draw(programs(task.function.returns, 2, inputs))
    verdict = Verifier(task, seconds=0.5).verify(program)
    points = data.draw(st.lists(st.tuples(*[VALUES[v.type] for v in task.variables]), max_size=4))
    check = Check(task, points)
    if verdict.finding is Finding.HOLDS:
        assert check.broken(program) is None
    if verdict.counterexample is not None:
        assert breaks(program, verdict.counterexample, task)
        check.add(verdict.counterexample, program)
        assert check.broken(program) is not None
    for point in check.points:
        check.add(point, program)
    assert check.accepts([evaluate(program, row) for row in check.rows]) is (check.broken(program) is None)
