"""The switch for a language model on the page "Fill a sheet": a server on loopback that helps, then one that hangs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_llm import HANGS, Fake, says, serving

PEOPLE = "Name\tLast name\nJan Kotas\t\nMariya Sergienko\t\nAnne Hellung-Larsen\t\nRobert Zare\t"


@pytest.fixture(scope="module")
def model() -> Iterator[Fake]:
    """A server that helps once and then never answers."""
    pytest.importorskip("openai", reason="openai is not installed")
    with serving(says(*["token(x1, letters, -1)"] * 9, "<img src=x onerror=alert(1)> **bold**"), HANGS) as server:
        yield server


@pytest.fixture(scope="module")
def app_url(model: Fake, served: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("opinion")
    with served(folder, OPENAI_BASE_URL=model.url, PBE_LLM_MODEL="small", PBE_LLM_CACHE="off") as url:
        yield url


def column(page: Any) -> list[str]:
    found: list[str] = page.locator('td[data-column="1"]').all_text_contents()
    return found


def test_a_model_helps_when_asked_and_is_in_nobodys_way_when_it_hangs(
    model: Fake, page: Any, serious: Callable[[Any], list[str]]
) -> None:
    page.get_by_label("Or paste cells from a spreadsheet").fill(PEOPLE)
    page.get_by_role("button", name="Open pasted cells").click()
    first = page.locator('td[data-row="0"][data-column="1"]')
    first.click()
    page.keyboard.type("Kotas")
    page.keyboard.press("Enter")
    page.get_by_text("3 cells filled from 1 example").wait_for()

    page.get_by_text("Ask a language model too").click()
    page.get_by_text("openai", exact=True).click()
    page.get_by_text("Mask the cells").click()
    page.get_by_role("button", name="Show what is sent").click()
    shown = page.get_by_role("dialog")
    shown.get_by_text("Instructions to small").wait_for()
    assert "Mariya" not in str(shown.text_content())
    page.keyboard.press("Escape")
    assert model.asked == []

    page.get_by_text("Ask small at").click()
    page.get_by_text("9 of 10 samples are programs").wait_for()
    assert column(page) == ["Kotas", "Sergienko", "Larsen", "Zare"]
    assert len(model.asked) == 1 and "Mariya" not in str(model.asked)
    assert page.get_by_text("Mask the cells").is_visible(), "the switch stays open"
    assert serious(page) == []

    third = page.locator('td[data-row="2"][data-column="1"]')
    third.click()
    page.keyboard.type("Hellung-Larsen")
    page.keyboard.press("Enter")
    page.get_by_text("2 cells filled from 2 examples").wait_for()
    page.get_by_text("Asking small at").wait_for()
    page.get_by_role("button", name="Do not wait").click()
    page.get_by_text("was not waited for").wait_for()
    assert column(page) == ["Kotas", "Sergienko", "Hellung-Larsen", "Zare"]
