"""The grid: a component of its own, since no table of Streamlit's lets editable cells be marked one by one.

Python sends a page of rows (`app.sheets.view.page_view`); the grid sends what the person did as a list of numbered
events in its state `log`, each kept there until Python has acknowledged its number, so that none is lost while the
page is busy.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent


@cache
def _component() -> Any:
    return st.components.v2.component(
        "pbe_grid",
        html='<div class="grid-root"></div>',
        css=(HERE / "grid.css").read_text(encoding="utf-8"),
        js=(HERE / "grid.js").read_text(encoding="utf-8"),
    )


def grid(data: dict[str, Any], key: str, on_events: Callable[[], None]) -> None:
    """Show a page of rows; `on_events` is called after the person did something, with events under `key`."""
    _component()(key=key, data=data, default={"log": []}, on_log_change=on_events)
