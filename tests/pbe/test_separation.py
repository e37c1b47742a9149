"""Whether two programs are one function: the input found separates them; where there is said to be none, none is."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.interpreter import evaluate
from dsl.program import Apply, Constant, Input, Program
from dsl.strings import text
from dsl.sygus import OPERATORS, read_program, read_sygus
from dsl.task import Row, row_key
from dsl.types import BOOLEAN, INTEGER, TEXT, Type, Value
from pbe.goals import Finding, Verdict
from pbe.separation import LARGEST, LONGEST, made_up_inputs, separate

KINDS = (TEXT, INTEGER, BOOLEAN)
VALUES: dict[Type, st.SearchStrategy[Value]] = {
    TEXT: st.text("ab 01é-", max_size=4), INTEGER: st.integers(-12, 12), BOOLEAN: st.booleans(),
}  # fmt: skip
SMALL: dict[Type, list[Value]] = {
    TEXT: ["".join(letters) for n in range(4) for letters in product("a 1", repeat=n)],
    INTEGER: [*range(-12, 13), 10**6], BOOLEAN: [False, True],
}  # fmt: skip
_quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def programs(draw: st.DrawFn, kind: Type, depth: int, inputs: tuple[Type, ...]) -> Program:
    """Programs over SMT-LIB's functions, whose constants are small."""
    places = [Input(index, one) for index, one in enumerate(inputs) if one is kind]
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(places)) if places and draw(st.booleans()) else Constant(draw(VALUES[kind]), kind)
    operator = draw(st.sampled_from([one for one in OPERATORS if one.returns is kind]))
    return Apply(operator, tuple([draw(programs(param, depth - 1, inputs)) for param in operator.params]))


def compare(parameters: str, returns: str, first: str, second: str, *rows: Row) -> Verdict:
    """Return what is found out about two terms over some parameters."""
    task = read_sygus(f"(set-logic ALL)(synth-fun f ({parameters}) {returns})(check-synth)")
    kinds = [parameter.type for parameter in task.parameters]
    return separate(read_program(first, task), read_program(second, task), kinds, rows)


@_quick
@given(st.data())
def test_the_input_found_separates_and_where_there_is_none_no_input_does(data: st.DataObject) -> None:
    kinds = tuple(data.draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=2)))
    kind = data.draw(st.sampled_from(KINDS))
    first, second = data.draw(programs(kind, 2, kinds)), data.draw(programs(kind, 2, kinds))
    rows = data.draw(st.lists(st.tuples(*[VALUES[kind] for kind in kinds]), max_size=2))
    verdict = separate(first, second, kinds, rows, effort=50_000)
    if verdict.counterexample is not None:
        assert verdict.finding is Finding.REFUTED
        assert [type(cell) for cell in verdict.counterexample] == [type(SMALL[kind][0]) for kind in kinds]
        values = [evaluate(program, verdict.counterexample) for program in (first, second)]
        assert None not in values and values[0] != values[1]
    elif verdict.holds:
        for row in [*product(*[SMALL[kind] for kind in kinds])][:2000]:
            values = [evaluate(program, row) for program in (first, second)]
            assert None in values or values[0] == values[1], row
    assert verdict == separate(first, second, kinds, rows, effort=50_000), "z3's answer hangs on the question alone"


@pytest.mark.parametrize(
    ("parameters", "returns", "first", "second"),
    [
        ("(s String)", "String", "(str.at s 0)", "(str.substr s 0 1)"),
        ("(s String)", "String", '(str.++ s (str.++ "a" s))', '(str.++ (str.++ s "a") s)'),
        ("(s String)", "String", "(str.replace s s s)", "s"),
        ("(x Int) (y Int)", "Int", "(ite (<= x y) y x)", "(ite (< x y) y x)"),
        ("(x Int)", "Int", "(+ x x)", "(* 2 x)"),
        ("(x Int) (b Bool)", "Bool", "(not (or b (> x 0)))", "(and (not b) (<= x 0))"),
        ("(x Int)", "Int", "(ite (= x 0) 1 (div (* 2 x) (* 2 x)))", "1"),
    ],
)
def test_the_same_function_written_in_another_way(parameters: str, returns: str, first: str, second: str) -> None:
    assert compare(parameters, returns, first, second).holds


@pytest.mark.parametrize(
    ("parameters", "returns", "first", "second"),
    [
        ("(s String)", "String", "(str.substr s 4 8)", "(str.substr s 4 (str.len s))"),
        ("(s String)", "String", '(str.replace s " " "")', '(str.replace (str.replace s " " "") " " "")'),
        ("(s String)", "Int", "(str.len s)", '(str.indexof (str.++ s "|") "|" 0)'),
        ("(a String) (b String)", "String", "(str.++ a b)", "(str.++ b a)"),
        ("(x Int)", "Int", "(mod x 97)", "x"),
        ("(x Int) (y Int)", "Int", "(ite (<= x y) y x)", "(ite (<= x (+ y 1)) y x)"),
    ],
)
def test_what_z3_finds_can_be_read(parameters: str, returns: str, first: str, second: str) -> None:
    """No row is at hand; texts are printable and short, numbers small."""
    row = compare(parameters, returns, first, second).counterexample
    assert row is not None
    for cell in row:
        if isinstance(cell, str):
            assert len(cell) <= LONGEST and cell.isascii() and cell.isprintable()
        else:
            assert isinstance(cell, int) and abs(cell) <= LARGEST


def test_a_difference_beyond_what_can_be_read_is_found_too() -> None:
    row = compare("(x Int)", "Int", "(ite (> x 100000) 0 x)", "x").counterexample
    assert row is not None and isinstance(row[0], int) and row[0] > 100_000


def test_a_row_at_hand_comes_first_then_one_like_it() -> None:
    words = '(str.substr s 0 (str.indexof s " " 0))', '(str.substr s 0 (str.indexof (str.++ s " ") " " 0))'
    assert compare("(s String)", "String", *words, ("Ann Lee",), ("Bo",)).counterexample == ("Bo",)
    assert compare("(s String)", "String", *words, ("Ann Lee",)).counterexample == ("Ann",)


def test_where_a_function_is_left_open_nothing_is_claimed() -> None:
    verdict = compare("(x Int)", "Int", "(div x 0)", "x")
    assert verdict.finding is Finding.UNKNOWN and verdict.reason


def test_functions_without_inputs_differ_on_the_empty_row() -> None:
    assert compare("", "Int", "1", "2").counterexample == ()
    assert compare("", "Int", "1", "(- 2 1)").holds and compare("", "Int", "(div 1 0)", "2").holds


def test_programs_of_columns_are_told_apart_by_rows_only() -> None:
    first, second = Apply(text.lower, (Input(0),)), Input(0)
    assert separate(first, second, [TEXT], [("ann",)]).counterexample == ("ANN",)
    with pytest.raises(KeyError, match="lower"):
        separate(first, second, [TEXT])


@given(st.lists(st.tuples(*[VALUES[kind] for kind in KINDS]), max_size=3))
def test_inputs_made_up_keep_their_types_and_are_new(rows: list[Row]) -> None:
    made = made_up_inputs(rows, KINDS)
    assert all([type(cell) for cell in row] == [str, int, bool] for row in made)
    assert not {row_key(row) for row in made} & {row_key(row) for row in rows}
    assert len({row_key(row) for row in made}) == len(made)
