"""A sheet being worked on: typing, pasting, learning, accepting, undoing, with plain functions and no screen."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from previews import learnt

import pbe
from app.sheets import sheet as sheets
from app.sheets.clipboard import cells_of
from app.sheets.examples import CASES
from app.sheets.opening import example, opened, pasted_text, uploaded
from app.sheets.sheet import Sheet
from app.sheets.view import doubtful_after, page_view
from app.workbook import BookError, Table
from dsl.types import as_text

NAMES = ("Jan Kotas", "Mariya Sergienko", "Anne Hellung-Larsen", "María José Núñez", "Robert Zare")


def table(*columns: tuple[str, tuple[object, ...]]) -> Table:
    rows = list(zip(*[cells for _, cells in columns], strict=True))
    letters = tuple("ABCDEFGH"[: len(columns)])
    return Table(Path("book.csv"), None, tuple(head for head, _ in columns), letters, 2, rows)  # type: ignore[arg-type]


def fresh() -> Sheet:
    return sheets.sheet_of(table(("Name", NAMES), ("Last", (None,) * 5), ("City", ("Boise",) * 5)))


@pytest.fixture(scope="module")
def preview() -> Sheet:
    """The names with their last names filled in from one example."""
    return learnt(sheets.edited(fresh(), 0, 1, "Kotas"))


def texts(sheet: Sheet, column: int) -> list[str]:
    return [row[column] for row in page_view(sheet, 0)["rows"]]


def marks(sheet: Sheet, column: int) -> dict[int, str]:
    return {row: kind for row, at, kind, _ in page_view(sheet, 0)["marks"] if at == column}


def task_of(sheet: Sheet) -> pbe.Task:
    assert sheet.filling is not None
    return sheet.filling.task


def speakers(sheet: Sheet) -> tuple[str, ...]:
    return task_of(sheet).speakers


def test_one_example_fills_the_column_and_marks_what_is_doubtful(preview: Sheet) -> None:
    assert texts(preview, 1) == ["Kotas", "Sergienko", "Hellung-Larsen", "Núñez", "Zare"]
    assert marks(preview, 1) == {0: "given", 1: "sure", 2: "doubtful-asked", 3: "doubtful", 4: "sure"}
    assert preview.columns[1].cells == ("Kotas", None, None, None, None)
    assert [doubtful_after(preview, 1, row) for row in (0, 2, 3, 4)] == [2, 3, 2, 2]
    assert speakers(preview) == ("top_down",)


def test_a_correction_is_told_with_what_was_on_show(preview: Sheet) -> None:
    corrected = learnt(sheets.edited(preview, 3, 1, "José Núñez"))
    task = task_of(corrected)
    assert task.speakers == ("top_down", "corrects")
    assert task.shown == ("Kotas", "Sergienko", "Hellung-Larsen", "Núñez", "Zare")
    assert texts(corrected, 1)[3] == "José Núñez"


def test_the_asked_cell_and_a_confirmed_one_are_answers_not_corrections(preview: Sheet) -> None:
    for step in (
        lambda sheet: sheets.edited(sheet, 2, 1, "Larsen"),
        lambda sheet: sheets.answered(sheet, 1, "Larsen"),
        lambda sheet: sheets.edited(sheet, 4, 1, "Zare"),
        lambda sheet: sheets.accepted(sheet, 1, 4),
    ):
        changed = step(preview)
        assert list(changed.columns[1].told.values()) == ["top_down", "requested"]
        assert changed.columns[1].due


def test_the_first_example_below_the_top_was_chosen() -> None:
    assert sheets.edited(fresh(), 3, 1, "Núñez").columns[1].told == {3: "chooses"}


def test_a_column_pasted_from_the_top_was_filled_from_the_top() -> None:
    several = sheets.pasted(fresh(), 0, 1, [["Kotas"], ["Sergienko"], [""], ["Núñez"]])
    assert several.columns[1].told == {0: "top_down", 1: "top_down", 3: "requested"}
    assert sheets.edited(several, 2, 1, "Larsen").columns[1].told[2] == "top_down"


def test_the_previews_of_a_long_sheet_are_learnt_again_after_undo() -> None:
    rows = sheets.MOST_REMEMBERED + 1
    long = sheets.sheet_of(table(("Name", tuple(f"a b{i}" for i in range(rows))), ("Last", (None,) * rows)))
    first = learnt(sheets.edited(long, 0, 1, "b0"))
    back = sheets.undone(sheets.edited(first, 1, 1, "x"))
    assert back.due == 1 and back.filling is None
    assert texts(learnt(back), 1)[:3] == texts(first, 1)[:3]


def test_erasing_a_predicted_cell_says_blank_and_erasing_an_example_takes_it_back(preview: Sheet) -> None:
    blank = sheets.erased(preview, 3, 1)
    assert blank.columns[1].told == {0: "top_down", 3: "corrects"}
    again = learnt(blank)
    assert [example.target for example in task_of(again).examples] == ["Kotas", None]
    assert texts(again, 1)[3] == ""
    nothing = learnt(sheets.erased(preview, 0, 1))
    assert not nothing.columns[1].wanted
    assert texts(nothing, 1) == [""] * 5


def test_accepted_cells_stay_what_was_shown(preview: Sheet) -> None:
    done = sheets.accepted_all(preview, 1)
    assert list(done.columns[1].cells) == texts(preview, 1)
    assert done.due is None
    later = learnt(sheets.edited(done, 0, 0, "Jan van Dyck"))
    assert later.columns[1] == done.columns[1]


def test_a_column_that_was_accepted_may_be_read_by_the_next(preview: Sheet) -> None:
    while_on_show = sheets.current_table(preview, 2)
    assert "Last" not in while_on_show.headers
    done = sheets.accepted_all(preview, 1)
    second = learnt(sheets.edited(done, 0, 3, "KOTAS (Boise)"))
    assert second.columns[3].added
    assert texts(second, 3)[1] == "SERGIENKO (Boise)"
    assert texts(second, 1) == texts(preview, 1)


def test_a_changed_input_is_learnt_from_anew(preview: Sheet) -> None:
    changed = sheets.edited(preview, 4, 0, "Roberta Blanc")
    assert changed.due == 1
    assert texts(learnt(changed), 1)[4] == "Blanc"


def test_choosing_another_reading_makes_it_the_one_on_show(preview: Sheet) -> None:
    assert preview.answer is not None
    for number, reading in enumerate(preview.answer.candidates[1:4], 1):
        changed = learnt(sheets.chosen(preview, 1, number))
        assert tuple(texts(changed, 1)) == tuple(output or "" for output in reading.outputs)
        assert set(speakers(changed)) <= {"top_down", "requested"}


def test_clearing_keeps_what_was_typed(preview: Sheet) -> None:
    assert texts(sheets.cleared(preview, 1), 1) == ["Kotas", "", "", "", ""]
    assert sheets.cleared(preview, 1).active is None


def test_contradictions_are_told_with_their_rows() -> None:
    twice = sheets.sheet_of(table(("Name", ("Jan", "Jan", "Eva")), ("Out", ("a", None, None))))
    column = sheets.learn(sheets.edited(twice, 1, 1, "b"), 1)
    assert column.problem is not None and column.problem.startswith("Rows 2 and 3 have the same input")


def test_typed_texts_become_the_kind_of_cell_that_the_column_holds() -> None:
    numbers = sheets.sheet_of(table(("Name", ("a", "b", "c")), ("N", (1, 2.5, None)), ("T", ("01", "02", None))))
    assert sheets.edited(numbers, 2, 1, "7").columns[1].cells[2] == 7
    assert sheets.edited(numbers, 2, 1, "007").columns[1].cells[2] == "007"
    assert sheets.edited(numbers, 2, 2, "7").columns[2].cells[2] == "7"


def test_a_paste_beyond_the_last_column_makes_columns_and_ignores_rows_beyond_the_last() -> None:
    changed = sheets.pasted(fresh(), 3, 2, [["x", "1", "2"], ["y", "3", "4"], ["z", "5", "6"]])
    assert [column.cells[3:] for column in changed.columns[2:]] == [("x", "y"), (1, 3), (2, 4)]
    assert [column.letters for column in changed.columns] == list("ABCDE")


TYPED = st.sampled_from(("", "x", "Kotas", "7", "Sergienko", " "))
BLOCKS = st.lists(st.lists(TYPED, max_size=3), max_size=3)
STEPS = st.one_of(
    st.tuples(st.just(sheets.edited), st.integers(0, 4), st.integers(0, 3), TYPED),
    st.tuples(st.just(sheets.pasted), st.integers(0, 4), st.integers(0, 3), BLOCKS),
    st.tuples(st.just(sheets.erased), st.integers(0, 4), st.integers(0, 3), st.integers(1, 3), st.integers(1, 3)),
    st.tuples(st.just(sheets.accepted), st.integers(0, 2), st.integers(0, 4)),
    st.tuples(st.just(sheets.accepted_all), st.integers(0, 2)),
    st.tuples(st.just(sheets.cleared), st.integers(0, 2)),
    st.tuples(st.just(sheets.with_column)),
)


def run(sheet: Sheet, steps: list[tuple[Callable[..., Sheet], ...]]) -> Sheet:
    for step, *arguments in steps:
        sheet = step(sheet, *arguments)
    return sheet


@given(steps=st.lists(STEPS, max_size=8))
def test_undo_takes_back_any_steps_and_redo_brings_them_again(
    preview: Sheet, steps: list[tuple[Callable[..., Sheet], ...]]
) -> None:
    after = run(preview, steps)
    back = after
    for _ in range(len(after.past) - len(preview.past)):
        back = sheets.undone(back)
    assert (back.columns, back.active) == (preview.columns, preview.active)
    again = back
    while again.future:
        again = sheets.redone(again)
    assert (again.columns, again.active, again.past) == (after.columns, after.active, after.past)


@given(steps=st.lists(STEPS, max_size=8))
def test_columns_keep_their_height_and_other_columns_their_cells(
    preview: Sheet, steps: list[tuple[Callable[..., Sheet], ...]]
) -> None:
    done = sheets.accepted_all(preview, 1)
    elsewhere = [step for step in steps if step[0] is sheets.with_column or (step[0] is sheets.edited and step[2] != 1)]
    after = run(done, elsewhere)
    assert after.columns[1].cells == done.columns[1].cells
    assert {len(column.cells) for column in run(preview, steps).columns} == {5}


@given(
    st.integers(0, 3), st.integers(0, 2),
    st.lists(st.lists(st.sampled_from(("x", "7", "Zare")), min_size=2, max_size=2), min_size=1, max_size=2),
)  # fmt: skip
def test_pasting_a_block_is_typing_its_cells(row: int, column: int, block: list[list[str]]) -> None:
    typed = fresh()
    for down, line in enumerate(block):
        for right, text in enumerate(line):
            typed = sheets.edited(typed, row + down, column + right, text)
    pasted = sheets.pasted(fresh(), row, column, block)
    assert [list(map(as_text, c.cells)) for c in pasted.columns] == [list(map(as_text, c.cells)) for c in typed.columns]
    assert len(pasted.past) == 1


CELL = st.text(st.sampled_from('ab" \t\n=é'), max_size=6)


@given(st.lists(st.lists(CELL, min_size=2, max_size=2), min_size=1, max_size=4))
def test_a_copied_block_is_pasted_as_it_was(block: list[list[str]]) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, dialect="excel-tab").writerows(block)
    assert cells_of(text.getvalue()) == block


@given(st.text(st.sampled_from('a"\t\r\n')))
def test_any_clipboard_gives_a_block(text: str) -> None:
    block = cells_of(text)
    assert block and all(block)


def test_quotes_within_a_cell_are_characters() -> None:
    assert cells_of('5" pipe\t"x" y\n"open') == [['5" pipe', '"x" y'], ['"open']]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_built_in_example_is_filled_from_what_it_suggests(case: object, tmp_path: Path) -> None:
    sheet = opened(example(case, tmp_path))  # type: ignore[arg-type]
    last = len(sheet.columns) - 1
    assert sheet.due is None and not any(sheet.columns[last].cells)
    filled = learnt(sheets.edited(sheet, 0, last, case.first))  # type: ignore[attr-defined]
    assert filled.answer is not None and filled.answer.program is not None


def test_a_partly_filled_file_waits_to_be_learnt(tmp_path: Path) -> None:
    sheet = opened(uploaded("people.csv", b"Name,Last\nJan Kotas,Kotas\nEva Lind,\n", tmp_path))
    assert sheet.due == 1 and sheet.active == 1
    assert texts(learnt(sheet), 1) == ["Kotas", "Lind"]


def test_uploads_stay_in_their_folder(tmp_path: Path) -> None:
    for name in ("../../etc/x.csv", "..\\..\\x.csv", "/x.csv"):
        assert uploaded(name, b"a,b\n1,2\n", tmp_path).parent == tmp_path


def test_pasted_text_is_opened_with_tabs_or_commas(tmp_path: Path) -> None:
    for text in ('Name\tNote\nJan\t"a\tb"\n', "\nName,Note\nJan,a b"):
        sheet = opened(pasted_text(text, tmp_path))
        assert [column.header for column in sheet.columns] == ["Name", "Note"]
    with pytest.raises(BookError, match="nothing to open"):
        pasted_text(" \n", tmp_path)


def test_too_wide_a_sheet_is_refused_with_one_sentence(tmp_path: Path) -> None:
    wide = ",".join(f"c{i}" for i in range(16_384)) + "\n" + ",".join("x" * 16_384) + "\n"
    with pytest.raises(BookError, match="16,384 columns; at most 200"):
        opened(uploaded("wide.csv", wide.encode(), tmp_path))


def test_a_long_cell_is_shown_cut_and_goes_along_whole() -> None:
    text = "ab " * 300
    view = page_view(sheets.sheet_of(table(("Note", (text, "short")))), 0)
    assert len(view["rows"][0][0]) < len(text) and view["rows"][0][0].endswith("…")
    assert view["whole"] == {"0,0": text}
