"""What is asked: rows first, then inputs made up where the rows say no more."""

from __future__ import annotations

import math
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pbe
from dsl.grammar import Grammar, Literals, Rule
from dsl.interpreter import outputs
from dsl.program import Constant, Input
from dsl.strings import text as t
from dsl.task import Row, Task, as_row, row_key
from dsl.types import INTEGER, Cell
from pbe.distinguish import best_question, most_ambiguous_row
from pbe.draws import DRAWS, drawn_behaviours
from pbe.mutations import made_up_rows
from pbe.prior import fitted, log_none

ROOMY = pbe.Budget(seconds=300)
_moments = st.one_of(st.dates(), st.datetimes(), st.times())
_cells = st.one_of(
    st.text("ab A1-,", max_size=8), st.none(), st.integers(-50, 50), st.floats(-9, 9), st.booleans(), _moments
)


@given(st.lists(st.tuples(_cells, _cells), min_size=1, max_size=3), st.integers(1, 30))
def test_made_up_rows_are_new_and_change_one_cell_of_a_real_one(rows: list[Row], most: int) -> None:
    made = made_up_rows(rows, most)
    assert made == made_up_rows(rows, most) and len(made) <= most
    keys = [row_key(row) for row in made]
    assert len(set(keys)) == len(keys) and not set(keys) & {row_key(row) for row in rows}
    for row in made:
        assert any(sum(a is not b and a != b for a, b in zip(row, real, strict=True)) == 1 for real in rows)


def test_rows_take_turns_in_being_changed() -> None:
    made = made_up_rows([("Jan Kotas",), ("Mia Lind",)], 4)
    assert [("Kotas" in str(row)) or ("Jan" in str(row)) for row in made] == [True, False, True, False]


@pytest.mark.parametrize(
    "examples",
    [
        [("Jan Kotas", "Jan")],
        [("Jan Kotas", "Jan"), ("Mia de Wit", "Mia")],
        [("12/03/2020", "2020")],
        [(("x1", "y"), "y x1")],
    ],
)
def test_a_made_up_question_offers_what_programs_that_fit_would_write(examples: list[tuple[str, str]]) -> None:
    question = pbe.distinguishing_question(examples, budget=ROOMY)
    assert question is not None and question.row is None and len(question.options) > 1
    chances = [p for _, p in question.options]
    assert chances == sorted(chances, reverse=True) and all(output for output, _ in question.options)
    for output, _ in question.options[:2]:
        answered = pbe.learn([*examples, (question.inputs, output)], budget=ROOMY)
        assert answered.program is not None
        assert outputs(answered.program, [question.inputs]) == (output,)


@pytest.mark.parametrize(
    ("cell", "output"),
    [
        ("--", "-"), (12, 24), (1.5, 2), (date(2020, 1, 2), "2020"), (datetime(2020, 1, 2, 3, 4), "3"),
        (time(9, 30), "9"), (("a", 1), "a1"), ((1, date(2020, 1, 2)), "2"),
    ],
)  # fmt: skip
def test_inputs_are_made_up_of_cells_of_every_type(cell: Cell | tuple[Cell, ...], output: Cell) -> None:
    question = pbe.distinguishing_question([(cell, output)], budget=ROOMY)
    assert question is not None and question.row is None and len(question.options) > 1
    assert row_key(question.inputs) != row_key(as_row(cell))


def test_a_row_of_the_table_is_not_made_up() -> None:
    """The first input that would be made up is there already: the next is taken."""
    alone = pbe.distinguishing_question([("Jan Kotas", "Jan")], budget=ROOMY)
    assert alone is not None
    there = pbe.distinguishing_question([("Jan Kotas", "Jan")], [alone.inputs, alone.inputs], ROOMY)
    assert there is not None and there.inputs != alone.inputs


def test_an_example_given_twice_asks_what_it_asks_once() -> None:
    once, twice = [pbe.distinguishing_question([("Jan Kotas", "Jan")] * times, budget=ROOMY) for times in (1, 2)]
    assert once is not None and once == twice


@pytest.mark.parametrize("example", [("", ""), (None, "x"), ("x", None), ((), "x"), (True, "yes")])
def test_where_a_change_says_nothing_there_is_no_question(example: tuple[Cell | tuple[Cell, ...], Cell]) -> None:
    assert pbe.distinguishing_question([example], budget=ROOMY) is None


def test_rows_of_different_widths_are_refused() -> None:
    with pytest.raises(ValueError, match="same number of inputs"):
        pbe.distinguishing_question([(("a", "b"), "ab")], ["x"])
    with pytest.raises(ValueError, match="same number of inputs"):
        pbe.first_question([("a", 1), "b"])


def test_nothing_is_made_up_where_nothing_fits() -> None:
    assert pbe.distinguishing_question([("ab", "xyz"), ("cd", "quv"), ("ef", "jkl")], budget=ROOMY) is None
    assert pbe.distinguishing_question([]) is None


def test_the_first_row_to_ask_for_is_one_on_which_readings_come_apart() -> None:
    rows = ["Jan Kotas", "", "Ana-Mia de Wit 7", "Eva Lind"]
    question = pbe.first_question(rows, ROOMY)
    assert question is not None and question.row == 2 and question.options == ()


@pytest.mark.parametrize("rows", [[], [None], [None, "", None], [()]])
def test_without_anything_to_read_there_is_no_first_row(rows: list[Cell | tuple[Cell, ...]]) -> None:
    assert pbe.first_question(rows, ROOMY) is None


@pytest.mark.parametrize(
    "rows",
    [
        ["Jan Kotas"], ["a", "a", "a"], [("a", 1), ("b", 2), ("a", 1)], [1, "1", 1.0, True], [None, 1.5, "x"],
        [date(2020, 1, 2), date(2021, 3, 4)], [datetime(2020, 1, 2, 3, 4)], [time(3, 4), None],
    ],
)  # fmt: skip
def test_the_first_row_is_one_of_the_tables_and_the_first_of_its_likes(rows: list[Cell | tuple[Cell, ...]]) -> None:
    question = pbe.first_question(rows, ROOMY)
    assert question is not None and question.row is not None
    keys = [row_key(as_row(row)) for row in rows]
    assert row_key(question.inputs) == keys[question.row] and keys.index(keys[question.row]) == question.row


def test_the_row_with_the_most_uncertain_output_is_asked_for() -> None:
    rows: list[Row] = [("a",), ("b",), ("c",)]
    open_two, open_three = {"x": 0.6, "y": 0.3}, {"x": 0.3, "y": 0.3, None: 0.3}
    question = best_question(rows, [{"x": 0.9}, open_two, open_three], [1.0, 0.8, 0.5], {0}, [0, 4, 7])
    assert question == pbe.Question(7, ("c",), (("x", 0.3), ("y", 0.3), (None, 0.3)))


@given(st.lists(st.floats(0.01, 0.999), min_size=2, max_size=5))
def test_where_all_readings_agree_the_least_sure_row_is_asked_for_while_it_is_doubtful(sure: list[float]) -> None:
    rows: list[Row] = [(str(i),) for i in range(len(sure))]
    question = best_question(rows, [{"x": 0.7}] * len(sure), [1.0, *sure[1:]], {0}, range(len(sure)))
    least = min(sure[1:])
    if least < pbe.DOUBTFUL:
        assert question is not None and question.row == 1 + sure[1:].index(least)
        assert question.options == (("x", 0.7),)
    else:
        assert question is None


@settings(deadline=None)
@given(st.integers(1, 5))
def test_outputs_that_come_again_speak_for_a_program(times: int) -> None:
    """Each further row with the same output takes the same bits from "none of my programs"; a row said twice none."""
    rows = [f"row {i}" for i in range(times + 1)]
    once = log_none(Task.of([(rows[0], "Oslo")], rows))
    many = log_none(Task.of([(row, "Oslo") for row in rows], rows))
    assert math.isclose(once - many, times * fitted().none.again * math.log(2))
    assert log_none(Task.of([(rows[0], "Oslo")] * 3, rows)) == once


def test_draws_are_the_same_every_time_and_follow_the_weights() -> None:
    """Two programs at 3 : 1; joins and invented texts are not drawn."""
    rules = {
        Rule("Text", None, ("Piece",)): 1.0,
        Rule("Text", t.concat, ("Piece", "Text")): 9.0,
        Rule("Piece", Literals()): 9.0,
        Rule("Piece", Input(0)): 3.0,
        Rule("Piece", t.upper, ("Cell",)): 1.0,
        Rule("Cell", Input(0)): 1.0,
    }
    grammar = Grammar.weighted("Text", rules)
    drawn = drawn_behaviours(grammar, [("a",), ("B",)], ROOMY.start())
    assert drawn == drawn_behaviours(grammar, [("a",), ("B",)], ROOMY.start())
    assert set(drawn) == {("a", "B"), ("A", "B")} and drawn.total() == DRAWS
    assert math.isclose(drawn["a", "B"] / DRAWS, 0.75, abs_tol=0.05)
    assert most_ambiguous_row([("a",), ("B",)], drawn) == 0
    only_texts = Grammar.weighted("Text", {Rule("Text", Literals()): 1.0})
    assert not drawn_behaviours(only_texts, [("a",)], ROOMY.start())


def test_the_first_row_is_asked_for_where_another_is_more_uncertain_by_chance_only() -> None:
    rows: list[Row] = [("a",), ("b",)]
    nearly_alike = {("x", "x"): 1000, ("x", "y"): 5, ("y", "y"): 995}
    assert most_ambiguous_row(rows, nearly_alike) == 0
    assert most_ambiguous_row(rows, nearly_alike | {("x", "z"): 500}) == 1


def test_of_numbers_the_first_is_asked_for() -> None:
    question = pbe.first_question(["7", "1,250.75", "-3.14159", None], ROOMY)
    assert question is not None and question.row == 0
    question = pbe.first_question([None, "7", "1,250.75"], ROOMY)
    assert question is not None and question.row == 1, "the first in which something stands"
    question = pbe.first_question(["7", "1,250.75 (net)", "-3.14159"], ROOMY)
    assert question is not None and question.row == 1


def test_of_numbers_another_grammar_is_asked_about() -> None:
    grammar = Grammar.weighted(
        "Text",
        {
            Rule("Text", t.left, ("Cell", "Amount")): 1.0,
            Rule("Cell", Input(0)): 1.0,
            **{Rule("Amount", Constant(n, INTEGER)): 1.0 for n in range(1, 6)},
        },
    )
    answer = pbe.synthesize(Task.of((), ["1", "12345", "777"]), grammar, budget=ROOMY)
    assert answer.question is not None and answer.question.row == 1


def test_no_time_is_no_first_question() -> None:
    assert pbe.first_question(["Jan Kotas", "Eva Lind"], pbe.Budget(candidates=1)) is None
