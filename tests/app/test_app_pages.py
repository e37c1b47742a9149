"""The pages without a browser: they run, change with their widgets, and keep their state over a rerun."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import pbe
from app import serving
from app.sheets.sheet import edited, learn, learnt, sheet_of, with_column
from app.workbook import read_table

SECONDS = 120


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(serving.FRAME), default_timeout=SECONDS).run()


def opened(app: AppTest, page: str) -> AppTest:
    app.switch_page(page).run()
    assert not app.exception
    return app


@pytest.mark.parametrize(
    ("page", "title"), [("fill.py", "Fill a sheet"), ("game.py", "Robot game"), ("why.py", "Why this answer")]
)
def test_every_page_runs(app: AppTest, page: str, title: str) -> None:
    assert opened(app, page).title[0].value == title


def test_the_collector_is_spared_what_all_visitors_share(app: AppTest) -> None:
    """Streamlit collects after every run: with all modules to go through that takes a tenth of a second."""
    gc.unfreeze()
    st.cache_resource.clear()
    opened(app, "why.py")
    assert gc.get_freeze_count() > len(gc.get_objects())


def test_a_game_goes_on_after_a_look_at_another_page(app: AppTest) -> None:
    game = opened(app, "game.py").session_state["game"]
    app.session_state["game"] = game.showing([1, 25])
    opened(app, "why.py")
    opened(app, "game.py")
    assert app.session_state["game"].cells == (1, 25)
    app.button[1].click().run()
    assert app.session_state["game"].cells == (1,), "undone"
    app.button[0].click().run()
    assert app.session_state["game"].cells == () and app.session_state["game"].target != game.target


def test_random_patterns_are_played_on_request(app: AppTest) -> None:
    opened(app, "game.py").radio[0].set_value("At random").run()
    targets = set()
    for _ in range(3):
        app.button[0].click().run()
        targets.add(app.session_state["game"].target)
    assert len(targets) == 3 and not app.exception


def test_the_verdict_follows_what_is_said(app: AppTest) -> None:
    opened(app, "why.py")
    assert any("60 %" in text.value for text in app.markdown)
    app.multiselect[0].set_value(["circle"]).run()
    assert any("is sure of" in text.value for text in app.markdown)
    app.multiselect[0].set_value(["circle", "green"]).run()
    assert any("Nothing fits all of that" in text.value for text in app.markdown)
    app.multiselect[0].set_value([]).run()
    assert any("Nothing is said yet" in text.value for text in app.markdown)
    app.radio[0].set_value("A column of names").run()
    app.slider[1].set_value(4).run()
    assert not app.exception


def test_the_session_s_sheet_is_explained(app: AppTest, tmp_path: Path) -> None:
    book = tmp_path / "names.csv"
    book.write_text("Name\nJan Kotas\nMariya Sergienko\nAnn Marie *Beebe*\nLee\n", encoding="utf-8")
    sheet = with_column(sheet_of(read_table(book)))
    sheet = edited(sheet, 0, 1, "Kotas")
    app.session_state["sheet"] = learnt(sheet, 1, learn(sheet, 1, pbe.Budget(seconds=SECONDS)))
    opened(app, "why.py")
    assert app.radio[0].value == "Your sheet"
    assert any("**A** ·" in text.value and "**B** ·" in text.value for text in app.markdown)
