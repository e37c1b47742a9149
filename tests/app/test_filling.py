"""A column of a table becomes a task, and its answer becomes cells to write."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from commandline import Rows, book

import pbe
from app.filling import Filling, fill_table, refuse_formulas, writes
from app.workbook import BookError, Table, read_table


def table(tmp_path: Path, rows: Rows, header: bool | None = True) -> Table:
    return read_table(book(tmp_path / "b.xlsx", rows), header=header)


def filled(tmp_path: Path, rows: Rows, column: str | None = None) -> Filling:
    return fill_table(table(tmp_path, rows), column)


NAMES: Rows = [
    ["First", "Full", "Last"], ["Jan", "Jan Kotas", "Kotas"], ["Eva", None, "Lind"], [None, None, None],
    ["Ana", None, "Moos"],
]  # fmt: skip


def test_all_other_columns_are_inputs_on_both_sides(tmp_path: Path) -> None:
    filling = filled(tmp_path, NAMES)
    assert filling.headers == ("First", "Last") and filling.inputs == (0, 2)
    assert filling.target.column_index == 1
    assert filling.answer.outputs == ("Jan Kotas", "Eva Lind", "Ana Moos")


def test_an_empty_row_of_the_sheet_is_no_row_to_fill(tmp_path: Path) -> None:
    filling = filled(tmp_path, NAMES)
    assert [filling.sheet_row(place) for place in range(len(filling.rows))] == [2, 3, 5]
    assert [(write.address, write.value) for write in writes(filling)] == [("B3", "Eva Lind"), ("B5", "Ana Moos")]


def test_examples_may_stand_below_the_rows_to_fill(tmp_path: Path) -> None:
    rows = [["Name", "First"], ["Eva Lind", None], ["Jan Kotas", "Jan"], ["Ana Moos", None], ["Bo Ek", "Bo"]]
    filling = filled(tmp_path, rows)
    assert [(write.address, write.value) for write in writes(filling)] == [("B2", "Eva"), ("B4", "Ana")]
    assert [filling.sheet_row(place) for place in filling.empty] == [2, 4]


def test_equal_examples_on_several_rows_do_not_contradict(tmp_path: Path) -> None:
    rows = [["Name", "First"], ["Jan Kotas", "Jan"], ["Jan Kotas", "Jan"], ["Jan Kotas", None], ["Eva Lind", None]]
    assert filled(tmp_path, rows).answer.outputs == ("Jan", "Jan", "Jan", "Eva")


def test_doubt_is_marked_on_filled_cells_only(tmp_path: Path) -> None:
    rows = [["Name", "Last"], ["Jan Kotas", "Kotas"], ["Laura Giussani", None], ["Anne Hellung-Larsen", None]]
    filling = filled(tmp_path, rows)
    cells = list(writes(filling))
    assert [write.doubtful for write in cells] == [filling.answer.confidence[p] < pbe.DOUBTFUL for p in filling.empty]
    assert {filling.sheet_row(place) for place in filling.doubtful} == {write.row for write in cells if write.doubtful}


@pytest.mark.parametrize(
    ("example", "others", "values"),
    [
        (("n 12", 12), ["n 7", "n 07", "n 1e5", "n ?"], [7, "07", "1e5", "?"]),
        (("n 2.5", 2.5), ["n 7", "n 7.0", "n 0.125"], [7, "7.0", 0.125]),
        (("d 2024-03-09", date(2024, 3, 9)), ["d 2024-13-09", "d 2023-01-31"], ["2024-13-09", date(2023, 1, 31)]),
        (("b TRUE", True), ["b FALSE", "b maybe"], [False, "maybe"]),
        (("t 12", "12"), ["t 7"], ["7"]),
    ],
)
def test_what_does_not_read_as_the_type_of_the_examples_stays_text(
    tmp_path: Path, example: tuple[str, Any], others: list[str], values: list[Any]
) -> None:
    rows: Rows = [["Text", "Value"], list(example), *([other, None] for other in others)]
    program = filled(tmp_path, rows)
    kept = [write.value for write in writes(program)]
    assert kept == values and [type(value) for value in kept] == [type(value) for value in values]


def test_numbers_and_text_among_the_examples_give_text(tmp_path: Path) -> None:
    rows = [["Text", "Value"], ["n 12", 12], ["n ab", "ab"], ["n 7", None]]
    assert [write.value for write in writes(filled(tmp_path, rows))] == ["7"]


def test_a_named_column_is_filled_though_another_is_waiting_too(tmp_path: Path) -> None:
    rows = [["Name", "First", "Last"], ["Jan Kotas", "Jan", "Kotas"], ["Eva Lind", None, None]]
    for name in ("First", "first", "B", "b"):
        assert [write.value for write in writes(filled(tmp_path, rows, name))] == ["Eva"]


def test_without_a_program_nothing_is_predicted_and_the_reason_is_kept(tmp_path: Path) -> None:
    rows = [["Name", "Out"], ["ab", "qx7"], ["cd", "z!k"], ["ef", "0vv"], ["gh", "ppp"], ["ij", None]]
    answer = filled(tmp_path, rows).answer
    assert answer.program is None and answer.stop is not pbe.StopReason.SOLVED


def test_a_formula_reads_the_cells_of_its_row(tmp_path: Path) -> None:
    filling = filled(tmp_path, NAMES)
    written = list(writes(filling, formulas=True))
    assert [write.value for write in written] == ["Eva Lind", "Ana Moos"]
    for write in written:
        assert write.formula and f"A{write.row}" in write.formula and f"C{write.row}" in write.formula


def test_formulas_over_dates_are_refused_with_the_cell_in_plain_words(tmp_path: Path) -> None:
    rows = [["Day", "Year"], [date(2024, 3, 9), "2024"], [date(2023, 1, 31), None]]
    with pytest.raises(BookError) as error:
        refuse_formulas(filled(tmp_path, rows))
    assert "A3" in str(error.value) and "2023-01-31" in str(error.value) and "datetime" not in str(error.value)


def test_progress_is_heard_to_the_end(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    fill_table(table(tmp_path, NAMES), progress=lambda done, total: heard.append((done, total)))
    assert heard and heard[-1][0] == heard[-1][1] and heard == sorted(heard)
