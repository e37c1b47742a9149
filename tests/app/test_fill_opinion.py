"""The Fill page's switch for a language model: off until turned on, beside the preview, never in its way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from previews import learnt

import pbe
from app.pages.desk.session import DESK, SHEET, Desk
from app.prior import SAMPLES, Prior
from app.providers.provider import Model
from app.providers.registry import ready
from app.sheets import sheet as sheets
from app.sheets.job import Job
from app.sheets.opinion import awaiting, forgotten, heard, unasked
from app.sheets.sheet import Sheet
from app.workbook import Table
from llm_bridge.client import ClientError, Completion, Prompt

testing = pytest.importorskip("streamlit.testing.v1")
PAGE = Path(__file__).parents[2] / "app" / "pages" / "fill.py"
NAMES = ("Jan Kotas", "Mariya Sergienko", "Anne Hellung-Larsen", "Robert Zare")
PLAIN = ("Kotas", "Sergienko", "Hellung-Larsen", "Zare")
HELPED = ("Kotas", "Sergienko", "Larsen", "Zare")
LETTERS = ["token(x1, letters, -1)"] * SAMPLES


@dataclass
class Fake:
    """A model that says the same once it may, and keeps what it was asked; without texts it gives nothing."""

    texts: Sequence[str] = ()
    may: threading.Event = field(default_factory=threading.Event)
    asked: list[Prompt] = field(default_factory=list)

    def complete(
        self, prompt: Prompt, n: int, *, grammar: str | None = None, seconds: float = 10.0
    ) -> list[Completion]:
        self.asked.append(prompt)
        self.may.wait(60)
        if not self.texts:
            raise ClientError("*it* is <b>down</b>")
        return [Completion(text) for text in self.texts]

    @property
    def model(self) -> Model:
        return Model("the *model*", self, 120, constrains=False)


@pytest.fixture(scope="module")
def preview() -> Sheet:
    """A sheet with one column filled from an example."""
    table = Table(Path("people.csv"), None, ("Name", "Last"), ("A", "B"), 2, [(name, None) for name in NAMES])
    return learnt(sheets.edited(sheets.sheet_of(table), 0, 1, "Kotas"))


def outputs(sheet: Sheet) -> tuple[str | None, ...]:
    assert sheet.answer is not None
    return sheet.answer.outputs


# ---------------------------------------------------------------- on the sheet


def test_a_preview_is_reconsidered_once(preview: Sheet) -> None:
    fake = Fake(LETTERS)
    fake.may.set()
    assert awaiting(preview) == 1
    after = sheets.learnt(preview, 1, heard(preview, 1, Prior(fake.model, 120), pbe.Budget(seconds=300)))
    assert outputs(preview) == PLAIN and outputs(after) == HELPED
    assert after.filling is not None and "1 cell differs" in str(after.filling.note)
    assert after.past == preview.past, "no step of its own"
    assert awaiting(after) is None
    again = learnt(forgotten(after))
    assert outputs(again) == PLAIN and awaiting(again) == 1


def test_only_previews_wait_for_a_model(preview: Sheet) -> None:
    assert awaiting(sheets.edited(preview, 1, 1, "S.")) is None, "not learnt yet"
    assert awaiting(sheets.accepted_all(preview, 1)) is None
    assert awaiting(unasked(preview, 1, "no")) is None
    assert forgotten(preview).due is None, "nothing to forget"
    two = learnt(sheets.edited(sheets.with_column(preview), 0, 2, "Jan"))
    assert awaiting(two) == 2
    assert awaiting(unasked(two, 2, "no")) == 1


def test_a_job_reconsiders_until_it_is_stopped(preview: Sheet) -> None:
    fake = Fake(LETTERS)
    job = Job(preview, 1, Prior(fake.model, 120))
    assert job.serves(preview) and not job.wait(0.05)
    fake.may.set()
    assert job.wait(120)
    assert outputs(job.result(preview)) == HELPED
    job.stop()
    assert not job.serves(preview)


def test_providers_are_ready_when_their_key_or_address_is_set() -> None:
    pytest.importorskip("openai", reason="openai is not installed")
    hosted = set(ready({})) - {"local"}
    assert hosted == set()
    assert "openai" in ready({"OPENAI_API_KEY": "k"}) and "llama.cpp" not in ready({"OPENAI_API_KEY": "k"})
    assert {"openai", "llama.cpp"} <= set(ready({"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}))
    assert "openai" in ready({"OPENAI_API_KEY": "k", "PBE_LLM_BUDGET_TOKENS": "many"}), "told when it is chosen"


# ---------------------------------------------------------------- on the page


@dataclass
class Visit:
    """The page's script on a sheet, with a fake model."""

    test: Any
    fake: Fake

    @property
    def sheet(self) -> Sheet:
        found: Sheet = self.test.session_state[SHEET]
        return found

    @property
    def texts(self) -> str:
        kinds = ("markdown", "text", "caption", "warning")
        return "\n".join(str(one.value) for kind in kinds for one in getattr(self.test, kind)).replace("\\", "")

    def turn(self, on: bool) -> None:
        self.test.toggle[0].set_value(on).run()
        assert not self.test.exception

    def settle(self) -> None:
        """Let the model answer, and run the page again as it does by itself when that has happened."""
        self.fake.may.set()
        asking = self.test.session_state[DESK].asking
        assert asking is not None and asking.wait(120)
        self.test.run()
        assert not self.test.exception


@pytest.fixture
def visit(preview: Sheet, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Visit]]:
    desks: list[Desk] = []

    def opened(fake: Fake, providers: tuple[str, ...] = ("openai",)) -> Visit:
        monkeypatch.setattr("app.pages.desk.opinion._providers", lambda: providers)
        monkeypatch.setattr("app.pages.desk.opinion._model", lambda name: fake.model)
        test = testing.AppTest.from_file(str(PAGE), default_timeout=120)
        desks.append(Desk(title="people.csv"))
        test.session_state[DESK], test.session_state[SHEET] = desks[-1], preview
        test.session_state["opinion open"] = True
        test.run()
        assert not test.exception
        return Visit(test, fake)

    yield opened
    for desk in desks:
        desk.folder.cleanup()


def test_nothing_is_asked_before_it_is_turned_on(visit: Callable[..., Visit]) -> None:
    page = visit(Fake(LETTERS))
    page.test.checkbox[0].set_value(True).run()
    page.test.run()
    assert page.fake.asked == [] and outputs(page.sheet) == PLAIN


def test_what_is_sent_is_shown_to_the_letter(visit: Callable[..., Visit]) -> None:
    page = visit(Fake(LETTERS))
    next(one for one in page.test.text_input if "in your words" in one.label).input("family *names*").run()
    page.test.checkbox[0].set_value(True).run()
    next(one for one in page.test.button if one.label == "Show what is sent").click().run()
    assert page.fake.asked == []
    shown = next(one.value for one in page.test.code if "Instructions" in one.value)
    page.turn(True)
    page.settle()
    (sent,) = page.fake.asked
    assert sent.instructions.rstrip() in shown and sent.task.rstrip() in shown
    assert "family *names*" in sent.task and "Mariya" not in sent.task


def test_the_plain_preview_is_there_at_once_and_the_opinion_when_it_comes(visit: Callable[..., Visit]) -> None:
    page = visit(Fake(LETTERS))
    page.turn(True)
    assert outputs(page.sheet) == PLAIN and "3 cells filled from 1 example" in page.texts
    assert any(button.label == "Do not wait" for button in page.test.button)
    page.settle()
    assert outputs(page.sheet) == HELPED
    assert "10 of 10 samples are programs" in page.texts and "1 cell differs" in page.texts
    page.turn(False)
    assert outputs(page.sheet) == PLAIN and "samples" not in page.texts
    assert len(page.fake.asked) == 1


def test_a_dead_model_is_one_line_of_plain_text(visit: Callable[..., Visit]) -> None:
    page = visit(Fake())
    page.turn(True)
    page.settle()
    assert outputs(page.sheet) == PLAIN
    (note,) = [one.value for one in page.test.caption if "did not help" in one.value]
    assert r"\*it\* is \<b\>down\<\/b\>" in note


def test_the_model_need_not_be_waited_for(visit: Callable[..., Visit]) -> None:
    page = visit(Fake(LETTERS))
    page.turn(True)
    next(one for one in page.test.button if one.label == "Do not wait").click().run()
    assert "not waited for" in page.texts
    page.settle()
    assert outputs(page.sheet) == PLAIN and "not waited for" in page.texts


def test_one_question_is_under_way_at_a_time(visit: Callable[..., Visit]) -> None:
    page = visit(Fake(LETTERS))
    page.turn(True)
    for row in (1, 3):
        page.test.session_state[SHEET] = sheets.edited(page.sheet, row, 1, PLAIN[row])
        page.test.run()
    assert len(page.fake.asked) == 1
    page.settle()
    page.settle()
    assert len(page.fake.asked) == 2 and "Zare" in page.fake.asked[1].task
    assert outputs(page.sheet) == HELPED


def test_another_model_is_not_asked_before_it_is_turned_on(visit: Callable[..., Visit]) -> None:
    page = visit(Fake(LETTERS), providers=("openai", "local"))
    page.turn(True)
    page.settle()
    page.test.radio[0].set_value("local").run()
    assert not page.test.toggle[0].value
    assert len(page.fake.asked) == 1 and outputs(page.sheet) == PLAIN


def test_without_any_model_one_sentence_says_how_to_get_one(visit: Callable[..., Visit]) -> None:
    page = visit(Fake(), providers=())
    assert "pragmatic-pbe[local-llm]" in page.texts and not page.test.toggle


def test_sessions_turn_it_on_for_themselves_only(visit: Callable[..., Visit]) -> None:
    fake = Fake(LETTERS)
    one, other = visit(fake), visit(fake)
    one.turn(True)
    one.settle()
    other.test.run()
    assert outputs(one.sheet) == HELPED and len(fake.asked) == 1
    assert outputs(other.sheet) == PLAIN and not other.test.toggle[0].value
