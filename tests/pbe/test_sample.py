"""Which rows a search looks at, and which one it asks about."""

from __future__ import annotations

import math
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.strings.tokens import shape
from dsl.task import Task, row_key
from dsl.types import Cell, as_text
from pbe.distinguish import best_question, entropy
from pbe.prior import PriorWeights, Weights, blanks, idle, is_blank, log_none, log_prior, using
from pbe.sample import MOST_CHARACTERS, MOST_ROWS, distinct_rows, sample_rows

_cells = st.one_of(st.none(), st.booleans(), st.sampled_from((1, 1.0, 0)), st.text("aB1 -", max_size=3))
_quick = settings(max_examples=100, deadline=None)


@_quick
@given(st.lists(st.tuples(_cells, _cells), max_size=12))
def test_distinct_rows_and_where_each_row_went(rows: list[tuple[Cell, Cell]]) -> None:
    distinct, index = distinct_rows(rows)
    assert [row_key(distinct[i]) for i in index] == [row_key(row) for row in rows]
    assert len({row_key(row) for row in distinct}) == len(distinct)
    assert list(dict.fromkeys(index)) == list(range(len(distinct))), "new rows come in their order"


@_quick
@given(st.lists(_cells, max_size=4), st.lists(_cells, max_size=80), st.integers(1, 60))
def test_a_sample_has_the_examples_first_and_every_look(inputs: list[Cell], rows: list[Cell], most: int) -> None:
    task = Task.of([(cell, "x") for cell in inputs], rows)
    sample = sample_rows(task, most)
    keys = [row_key(row) for row in sample]
    assert len(set(keys)) == len(keys) <= most + len(inputs)
    given = list(dict.fromkeys(row_key((cell,)) for cell in inputs))
    assert keys[: len(given)] == given
    assert set(keys) <= {row_key(row) for row in task.rows}
    looks = {shape(as_text(row[0]) or "") for row in task.rows}
    if len(looks) <= most * 3 // 4:
        assert {shape(as_text(row[0]) or "") for row in sample} == looks
    if len({row_key(row) for row in task.rows}) <= min(most, MOST_ROWS):
        assert len(sample) == len({row_key(row) for row in task.rows}), "a small sheet is looked at whole"


def test_a_rare_look_is_sampled_from_a_long_sheet() -> None:
    rows = [f"Jan {i}" for i in range(20_000)]
    rows[15_001] = "no digits: (at all)"
    sample = sample_rows(Task.of([("Jan 0", "x")], rows))
    assert len(sample) <= MOST_ROWS + 1
    late = [int(row[0][4:]) for row in sample if str(row[0]).startswith("Jan")]
    assert max(late) > 15_000, "an even spread reaches the end"


def test_long_cells_make_a_small_sample() -> None:
    rows = [f"{i} " + "word " * 4000 for i in range(40)]
    sample = sample_rows(Task.of([(rows[0], "x")], rows))
    assert 1 <= len(sample) < 40
    assert sum(len(row[0]) for row in sample) <= MOST_CHARACTERS + len(rows[0])


@given(st.dictionaries(st.sampled_from((None, "a", "b", "c")), st.sampled_from((0.0, 1e-300, 1e-9, 0.1, 0.5, 1.0))))
def test_entropy_is_between_nothing_and_one_bit_per_doubling(distribution: dict[str | None, float]) -> None:
    found = entropy(distribution)
    assert -1e-9 <= found <= math.log2(max(1, len(distribution))) + 1e-9
    assert math.isclose(entropy({"a": 0.2, "b": 0.2}), 1.0) and entropy({"a": 0.3}) == 0


def test_the_question_is_about_the_most_open_row_not_given() -> None:
    rows, sure = [("a",), ("b",), ("c",), ("d",)], [1.0, 0.9, 0.5, 0.99]
    distributions: list[dict[str | None, float]] = [
        {"x": 0.5, "y": 0.5}, {"x": 0.9, "y": 0.1}, {"z": 0.2, "x": 0.4, None: 0.2}, {"x": 1.0},
    ]  # fmt: skip
    question = best_question(rows, distributions, sure, {0}, [10, 11, 12, 13])
    assert question is not None
    assert (question.row, question.inputs) == (12, ("c",))
    assert question.options == (("x", 0.4), ("z", 0.2), (None, 0.2))
    question = best_question(rows, distributions, sure, {0, 2}, [0, 1, 2, 3])
    assert question is not None and question.row == 1
    assert best_question(rows, distributions, sure, {0, 1, 2}, [0, 1, 2, 3]) is None
    assert best_question([], [], [], set(), []) is None


def test_of_equally_open_rows_the_first_on_the_sheet_is_asked() -> None:
    rows, alike = [("a",), ("b",)], {"x": 0.5, "y": 0.5}
    question = best_question(rows, [alike, alike], [0.5, 0.5], set(), [7, 3])
    assert question is not None and question.row == 3


def test_blanks_cost_more_where_no_example_is_blank() -> None:
    task = Task.of([("a", "x")], ["a", "b", ""])
    assert blanks(task.rows, ["x", "y", None]) == 0, "nothing is expected of an empty row"
    assert blanks(task.rows, ["x", None, None]) == 1
    blank = Task.of([("a", "x"), ("b", None)], ["a", "b", ""])
    with using(Weights(PriorWeights(mass=0.5, blank=2.0, blank_after_blank=1.0, most_blank=3.0))):
        assert log_prior(task, task.rows, -8.0, ["x", "y", None]) == -4.0
        assert log_prior(task, task.rows, -8.0, ["x", None, None]) == -6.0
        assert log_prior(task, task.rows, -8.0, [None, None, None]) == -7.0, "no more than most_blank"
        assert log_prior(blank, blank.rows, -8.0, ["x", None, None]) == -5.0
    assert is_blank((None, "")) and not is_blank((None, 0)) and not is_blank((" ",))


def test_a_column_that_is_copied_or_the_same_throughout_needs_no_program() -> None:
    task = Task.of([(("a", "x"), "x")], [("a", "x"), ("b", "y"), ("", "")])
    assert idle(task, task.rows, ["x", "y", None])
    assert not idle(task, task.rows, ["x", "b", None]), "cells of two columns are a choice"
    assert not idle(task, task.rows, ["x", "Y", None])
    assert idle(task, task.rows, ["x", "x", "x"]) and idle(task, task.rows, [None, None, None])
    assert not idle(task, task.rows[:1], ["x"]), "an example alone does not say so"


def test_more_examples_leave_less_for_none_of_the_programs() -> None:
    tasks = [Task.of([(str(i), "ab-1" * i) for i in range(n)]) for n in range(4)]
    logs = [log_none(task) for task in tasks]
    assert logs == sorted(logs, reverse=True) and logs[0] < 0
    same = Task.of([("1", "ab-1"), ("2", "ab-1")])
    once, other = Task.of([("1", "ab-1")]), Task.of([("1", "ab-1"), ("2", "ab-2")])
    assert log_none(other) < log_none(same) < log_none(once), "an output that comes again is not written out again"


def test_the_weights_file_is_what_it_would_be_written_as() -> None:
    text = files("pbe").joinpath("weights.json").read_text(encoding="utf-8")
    assert Weights.read(text).write() == text
    with pytest.raises((TypeError, ValueError, KeyError)):
        Weights.read('{"prior": {"mess": 1}}')
