"""The robot game as a person plays it, to its end: with the mouse, and with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

TELLING = (1, 25, 16, 29, 5, 0)
"""Cells that only the study's first pattern fits, so that no luck is needed."""
SIDE = 7


def heard(page: Any, turn: int) -> None:
    """Wait until the robots have answered the player's last move."""
    page.locator(f'.areas[data-turn="{turn}"]').wait_for()


def found(page: Any) -> int:
    return page.locator("section.robot.found").count()


def focused(page: Any) -> str:
    """What a screen reader would say about the place of the focus."""
    return page.evaluate(
        """() => {
            let on = document.activeElement;
            while (on.shadowRoot && on.shadowRoot.activeElement) on = on.shadowRoot.activeElement;
            return on.getAttribute("aria-label") || on.innerText || on.tagName;
        }"""
    )


def tab_to(page: Any, text: str, key: str = "Tab") -> None:
    for _ in range(30):
        if text in focused(page):
            return
        page.keyboard.press(key)
    pytest.fail(f"the focus never came to {text!r}; it is at {focused(page)!r}")


def walk(page: Any, start: int, goal: int) -> None:
    """Move the focus over the field with the arrow keys."""
    down, right = goal // SIDE - start // SIDE, goal % SIDE - start % SIDE
    for _ in range(abs(down)):
        page.keyboard.press("ArrowDown" if down > 0 else "ArrowUp")
    for _ in range(abs(right)):
        page.keyboard.press("ArrowRight" if right > 0 else "ArrowLeft")


def test_a_game_is_played_to_its_end(open_page: Callable[..., Any]) -> None:
    page = open_page("game")
    cells = page.get_by_role("gridcell")
    cells.first.wait_for()
    assert page.locator("section.robot").count() == 2
    assert page.locator(".verdict").all_inner_texts() == ["No guess yet"] * 2
    for turn, cell in enumerate(TELLING, 1):
        cells.nth(cell).click()
        heard(page, turn)
        assert f"shown as number {turn}" in (cells.nth(cell).get_attribute("aria-label") or "")
        if found(page) == 2:
            break
    assert found(page) == 2
    assert all("Found it after" in verdict for verdict in page.locator(".verdict").all_inner_texts())
    page.get_by_role("status").get_by_text("needed").wait_for()
    page.get_by_text("In your game").wait_for()
    page.get_by_role("button", name="New game").click()
    heard(page, 0)
    assert page.locator(".verdict").all_inner_texts() == ["No guess yet"] * 2
    page.get_by_role("status").get_by_text("needed").wait_for(state="detached")


def test_a_game_is_played_with_the_keyboard_alone(open_page: Callable[..., Any]) -> None:
    page = open_page("game")
    page.get_by_role("gridcell").first.wait_for()
    tab_to(page, "row 0, column 0")
    at = 0
    for turn, cell in enumerate(TELLING, 1):
        walk(page, at, cell)
        at = cell
        page.keyboard.press("Enter" if turn % 2 else "Space")
        heard(page, turn)
        assert f"row {cell // SIDE}, column {cell % SIDE}" in focused(page), "the focus stays where it was"
        if found(page) == 2:
            break
    assert found(page) == 2
    tab_to(page, "Undo", "Shift+Tab")
    page.keyboard.press("Enter")
    page.locator("section.robot.found").nth(1).wait_for(state="detached")
    page.get_by_role("status").get_by_text("needed").wait_for(state="detached")


def test_moves_made_faster_than_the_answers_are_all_heard(open_page: Callable[..., Any]) -> None:
    page = open_page("game")
    page.get_by_role("gridcell").first.wait_for()
    page.get_by_role("grid").evaluate(
        "grid => [6, 13, 20, 27, 6].forEach(n => grid.querySelectorAll('[role=gridcell]')[n].click())"
    )
    heard(page, 5)
    assert page.get_by_role("gridcell", selected=True).count() == 3, "the first was taken back by a second click"
    assert [page.get_by_role("gridcell").nth(n).get_attribute("aria-selected") for n in (6, 13)] == ["false", "true"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_bars_anybody(
    open_page: Callable[..., Any], serious: Callable[[Any], list[str]], scheme: str
) -> None:
    page = open_page("game", color_scheme=scheme)
    page.get_by_role("gridcell").first.wait_for()
    page.get_by_text("A third robot").click()
    page.locator("section.robot").nth(2).wait_for()
    page.get_by_role("gridcell").nth(1).click()
    heard(page, 1)
    assert serious(page) == []
