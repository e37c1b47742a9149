"""The frame around the pages: they open, in any order, and say nothing to the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

TITLES = ("Fill a sheet", "Robot game", "Why")


def test_every_page_opens_from_one_opened_by_its_address(open_page: Callable[..., Any]) -> None:
    page = open_page("game")
    for title in reversed(TITLES):
        page.get_by_role("link", name=title).first.click()
        page.get_by_role("heading", level=1, name=title).wait_for()


@pytest.mark.parametrize("path", ["", "game", "why"])
def test_a_page_asks_its_own_server_only(browser: Any, app_url: str, path: str) -> None:
    asked: list[str] = []
    context = browser.new_context()
    tab = context.new_page()
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"{app_url}/{path}", wait_until="networkidle")
    tab.get_by_role("heading", level=1).wait_for()
    context.close()
    assert asked
    assert [url for url in asked if not url.startswith((app_url, "data:", "blob:"))] == []
