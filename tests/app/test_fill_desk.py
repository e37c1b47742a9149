"""The page "Fill a sheet" apart from its grid: events as plain calls, the panel and the waiting in AppTest."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import pbe
from app.pages.desk.events import carried_out
from app.pages.desk.plain import plain
from app.pages.desk.session import DESK, SHEET, Desk
from app.sheets import job as jobs
from app.sheets import sheet as sheets
from app.sheets.job import Job
from app.sheets.sheet import Column, Sheet
from app.workbook import Table

testing = pytest.importorskip("streamlit.testing.v1")
PAGE = Path(__file__).parents[2] / "app" / "pages" / "fill.py"
NAMES = ("Jan Kotas", "Mariya Sergienko", "Anne Hellung-Larsen", "Robert Zare")


def fresh(rows: int = 1) -> Sheet:
    names = NAMES * rows
    cells = [(name, None) for name in names]
    return sheets.sheet_of(Table(Path("people.csv"), None, ("Name", "Last"), ("A", "B"), 2, cells))


def learnt(sheet: Sheet) -> Sheet:
    assert sheet.due is not None
    return sheets.learnt(sheet, sheet.due, sheets.learn(sheet, sheet.due, pbe.Budget(seconds=300)))


@pytest.fixture(scope="module")
def preview() -> Sheet:
    return learnt(sheets.edited(fresh(), 0, 1, "Kotas"))


@pytest.fixture
def page() -> Iterator[Callable[[Sheet], Any]]:
    """Run the page's script on a sheet."""
    desks: list[Desk] = []

    def run(sheet: Sheet) -> Any:
        test = testing.AppTest.from_file(str(PAGE), default_timeout=60)
        desks.append(Desk(title="people.csv"))
        test.session_state[DESK], test.session_state[SHEET] = desks[-1], sheet
        return test.run()

    yield run
    for desk in desks:
        desk.folder.cleanup()


def texts(test: Any) -> str:
    kinds = ("title", "header", "markdown", "text", "caption", "warning", "error", "code")
    return "\n".join(str(one.value) for kind in kinds for one in getattr(test, kind))


def press(test: Any, label: str) -> Any:
    return next(button for button in test.button if label in button.label).click().run()


def test_events_are_carried_out_once_and_in_order() -> None:
    desk, sheet = Desk(), fresh()
    events = [
        {"id": 1, "kind": "cell", "row": 0, "column": 1, "text": "a"},
        {"id": 2, "kind": "cell", "row": 0, "column": 1, "text": "b"},
        {"id": 3, "kind": "undo"},
    ]
    once = carried_out(desk, sheet, events)
    assert (once.columns[1].cells[0], desk.ack) == ("a", 3)
    assert carried_out(desk, once, events) is once
    again = carried_out(desk, once, [*events, {"id": 4, "kind": "redo"}])
    assert again.columns[1].cells[0] == "b"


def test_events_at_the_edges_change_nothing_they_cannot(preview: Sheet) -> None:
    desk = Desk()
    for number, event in enumerate((
        {"kind": "accept", "row": 1, "column": 2}, {"kind": "erase", "row": 0, "column": 2, "height": 1, "width": 1},
        {"kind": "name", "column": 0, "text": "x"}, {"kind": "page", "first": 10_000}, {"kind": "redo"},
    ), 1):  # fmt: skip
        assert carried_out(desk, preview, [{"id": number, **event}]).columns == preview.columns
    assert desk.first == 0


def test_a_page_and_the_next_doubtful_cell_are_gone_to() -> None:
    desk, sheet = Desk(), learnt(sheets.edited(fresh(rows=60), 0, 1, "Kotas"))
    carried_out(desk, sheet, [{"id": 1, "kind": "doubt", "row": 199}])
    assert (desk.first, desk.focus[:2]) == (200, (202, 1))
    carried_out(desk, sheet, [{"id": 2, "kind": "page", "first": 100}])
    assert desk.first == 100


def test_the_panel_shows_what_was_learnt_and_its_buttons_work(preview: Sheet, page: Callable[[Sheet], Any]) -> None:
    test = page(preview)
    assert not test.exception
    shown = texts(test)
    for part in ("3 cells filled from 1 example", "What should row 4 be?", "The last space-separated part of Name."):
        assert part in shown
    assert any(code.value.startswith("=") for code in test.code)
    press(test, "Accept all")
    assert test.session_state[SHEET].columns[1].cells == ("Kotas", "Sergienko", "Hellung-Larsen", "Zare")
    assert "Accepted." in texts(test)


def test_the_question_is_answered_in_its_own_words(preview: Sheet, page: Callable[[Sheet], Any]) -> None:
    test = page(preview)
    test.text_input[0].input("Larsen").run()
    column = test.session_state[SHEET].columns[1]
    assert column.cells[2] == "Larsen" and column.told == {0: "top_down", 2: "requested"}
    assert "from 2 examples" in texts(test)


def test_another_reading_is_taken(preview: Sheet, page: Callable[[Sheet], Any]) -> None:
    test = page(preview)
    press(test, "Take this one")
    assert preview.answer is not None
    assert test.session_state[SHEET].answer.outputs == preview.answer.candidates[1].outputs


def test_slow_learning_shows_a_bar_and_can_be_stopped(
    monkeypatch: pytest.MonkeyPatch, page: Callable[[Sheet], Any]
) -> None:
    started, ended = threading.Event(), threading.Event()

    def never(sheet: Sheet, column: int, budget: pbe.Budget, progress: Callable[[int, int], None]) -> Column:
        started.set()
        while budget.cancelled is not None and not budget.cancelled():
            ended.wait(0.01)
        ended.set()
        return sheet.columns[column]

    monkeypatch.setattr(jobs, "learn", never)
    test = page(sheets.edited(fresh(), 0, 1, "Kotas"))
    assert started.is_set() and not ended.is_set()
    assert any(button.label == "Stop" for button in test.button)
    press(test, "Stop")
    assert ended.wait(30)
    assert "Stopped before anything was found." in texts(test).replace("\\", "")


def test_what_goes_wrong_in_the_thread_is_raised_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> Column:
        raise RuntimeError("broken")

    monkeypatch.setattr(jobs, "learn", broken)
    sheet = sheets.edited(fresh(), 0, 1, "Kotas")
    job = Job(sheet, 1)
    assert job.wait(30)
    with pytest.raises(RuntimeError, match="broken"):
        job.result(sheet)


@given(st.text(st.sampled_from("ab*_`[]()<>#:$\\!|~&w.h/ \n")))
def test_plain_escapes_every_mark_and_keeps_every_character(text: str) -> None:
    escaped = plain(text)
    unescaped = escaped.replace("\u2060", "")
    kept = "".join(char for place, char in enumerate(unescaped) if not _escapes(unescaped, place))
    assert kept == text.replace("\n", "⏎")
    assert ":smile:" not in plain(":smile:") and "www." not in plain("www.x.org")


def _escapes(text: str, place: int) -> bool:
    """Return whether the character there is a backslash that escapes the next one."""
    before = text[:place]
    return text[place] == "\\" and (len(before) - len(before.rstrip("\\"))) % 2 == 0
