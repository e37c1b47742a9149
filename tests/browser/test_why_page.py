"""The page Why in a browser: tables are drawn, the sliders work from the keyboard, nothing serious bars anybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


def opened(open_page: Callable[..., Any], **options: Any) -> Any:
    page = open_page("why", **options)
    page.get_by_text("The pragmatic listener bets on “blue square” (60 %)").wait_for()
    page.locator("[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg").nth(5).wait_for()
    return page


def test_example_alpha_and_depth_are_set_with_the_keyboard(open_page: Callable[..., Any]) -> None:
    page = opened(open_page)
    assert page.get_by_text("L2, who listens to S2").count() == 0
    page.get_by_role("slider", name="Depth").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("L2, who listens to S2").wait_for()
    page.get_by_role("slider", name="Alpha").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("The pragmatic listener bets on “blue square” (66 %)").wait_for()
    page.get_by_role("radio", name="Three objects").focus()
    page.keyboard.press("ArrowRight")
    page.get_by_text("The pragmatic listener bets on “last word”").wait_for()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_bars_anybody_from_why(
    open_page: Callable[..., Any], serious: Callable[[Any], list[str]], scheme: str
) -> None:
    assert serious(opened(open_page, color_scheme=scheme)) == []


def test_a_phone_shows_it_without_scrolling_sideways(open_page: Callable[..., Any]) -> None:
    page = opened(open_page, viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
