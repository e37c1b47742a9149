"""Tasks: which rows there are, which examples contradict each other, and what is refused."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.task import SPEAKERS, ContradictoryExamples, Example, Task, as_row, row_key
from dsl.types import Cell, as_text

_cells = st.one_of(
    st.none(), st.booleans(), st.integers(-2, 2), st.sampled_from((0.0, 1.0, 1.5)), st.text("ab ", max_size=2),
    st.sampled_from((date(2024, 1, 2), datetime(2024, 1, 2), time(0, 0))),
)  # fmt: skip


def test_contradictory_examples_name_both_places_and_outputs() -> None:
    with pytest.raises(ContradictoryExamples) as caught:
        Task.of([("b", "x"), ("a", "one"), ("c", "y"), ("a", "two")])
    assert caught.value.rows == (1, 3)
    for part in ("examples 2 and 4", "'a'", "'one'", "'two'"):
        assert part in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_a_contradiction_is_found_in_a_task_made_directly_too() -> None:
    with pytest.raises(ContradictoryExamples) as caught:
        Task((Example(("a", "b"), "1"), Example(("a", "b"), None)), (("a", "b"),))
    assert caught.value.rows == (0, 1)


def test_long_inputs_are_shortened_in_the_message() -> None:
    with pytest.raises(ContradictoryExamples) as caught:
        Task.of([("a" * 5000, "1"), ("a" * 5000, "2")])
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("first", "second"), [("", None), (1, "1"), (2.0, "2"), (True, "TRUE"), ("x", "x")])
def test_outputs_that_read_the_same_are_no_contradiction(first: Cell, second: Cell) -> None:
    task = Task.of([("a", first), ("a", second)])
    assert len(task.examples) == 2 and task.rows == (("a",),)
    assert task.examples[0].target == task.examples[1].target


def test_equal_numbers_of_different_type_are_different_inputs() -> None:
    task = Task.of([(1, "int"), (1.0, "float"), (True, "bool"), ("1", "text")])
    assert [type(row[0]) for row in task.rows] == [int, float, bool, str]
    days = Task.of([(date(2024, 1, 2), "day"), (datetime(2024, 1, 2), "moment")])
    assert len(days.rows) == 2


@given(st.lists(_cells, max_size=6), st.lists(_cells, max_size=6))
def test_rows_are_kept_and_those_missing_are_put_in_front(inputs: list[Cell], rows: list[Cell]) -> None:
    task = Task.of([(cell, "same") for cell in inputs], rows)
    keys = [row_key(row) for row in task.rows]
    added = len(task.rows) - len(rows)
    assert keys[added:] == [row_key((cell,)) for cell in rows]
    missing = dict.fromkeys(row_key((c,)) for c in inputs if row_key((c,)) not in keys[added:])
    assert keys[:added] == list(missing)
    assert {row_key(example.inputs) for example in task.examples} <= set(keys)
    assert len(task.examples) == len(inputs) and task.speakers == ("top_down",) * len(inputs)


@given(st.lists(_cells, min_size=1, max_size=8))
def test_row_keys_tell_just_those_rows_apart_that_differ_in_value_or_type(cells: list[Cell]) -> None:
    for a in cells:
        for b in cells:
            assert (row_key((a,)) == row_key((b,))) == (type(a) is type(b) and a == b)


def test_inputs_may_be_a_cell_or_a_sequence_of_cells() -> None:
    assert as_row("ab") == ("ab",) and as_row(None) == (None,) and as_row(["a", 1]) == ("a", 1)
    assert as_row(datetime(2024, 1, 2)) == (datetime(2024, 1, 2),) and as_row(time(1)) == (time(1),)
    task = Task.of([(("a", "b"), "ab")], [("a", "b"), ["c", "d"]])
    assert task.rows == (("a", "b"), ("c", "d"))


def test_rows_of_different_widths_are_refused() -> None:
    with pytest.raises(ValueError, match=r"same number of inputs, found \[1, 2\]"):
        Task.of([("a", "x")], [("a", "b")])
    with pytest.raises(ValueError, match="same number of inputs"):
        Task.of([], ["a", ("a", "b")])


def test_speakers() -> None:
    examples = [("a", "x"), ("b", "y")]
    assert Task.of(examples, speaker="chooses").speakers == ("chooses", "chooses")
    assert Task.of(examples, speaker=["requested", "corrects"]).speakers == ("requested", "corrects")
    with pytest.raises(ValueError, match="2 examples, 1 names"):
        Task.of(examples, speaker=["top_down"])
    with pytest.raises(ValueError, match="no speaker is called 'nobody'") as caught:
        Task.of(examples, speaker="nobody")
    assert all(name in str(caught.value) for name in SPEAKERS)


def test_shown_has_a_cell_per_row() -> None:
    task = Task.of([("a", "x")], ["a", "b"], speaker="corrects", shown=["z", "y"])
    assert task.shown == ("z", "y")
    task = Task.of([("new", "x")], ["a", "b"], speaker="corrects", shown=["z", "y"])
    assert task.rows == (("new",), ("a",), ("b",)) and task.shown == (None, "z", "y")
    with pytest.raises(ValueError, match="`shown` needs one cell per row: 2 rows, 1 cells"):
        Task.of([("a", "x")], ["a", "b"], shown=["z"])


def test_tasks_can_be_hashed_and_compared() -> None:
    first, second = (Task.of([("a", "x")], ["a", "b"], hint="h") for _ in range(2))
    assert first == second and len({first, second}) == 1


@pytest.mark.parametrize(
    ("output", "target"), [(None, None), ("", None), (" ", " "), (0, "0"), (False, "FALSE"), (12.0, "12")]
)
def test_targets_are_texts_or_blank(output: Cell, target: str | None) -> None:
    assert Example(("a",), output).target == target


@given(_cells)
def test_every_cell_has_a_text_but_none(cell: Cell) -> None:
    text = as_text(cell)
    assert (text is None) == (cell is None) and (text is None or isinstance(text, str))
