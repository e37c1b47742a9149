"""Texts of a person's file inside Streamlit's labels, which read Markdown: shown as they are, never as markup."""

from __future__ import annotations

import re

from app.shown import clean

_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~$&^=@/\"'])")
_JOINER = "\u2060"


def plain(text: str) -> str:
    """Return Markdown that shows exactly this text, as one line.

    Every mark is escaped, and an invisible joiner keeps ":name:" from becoming a picture and "www." a link.
    """
    escaped = _MARKS.sub(r"\\\1", clean(text))
    return escaped.replace(":", f":{_JOINER}").replace("www", f"w{_JOINER}ww").replace("http", f"h{_JOINER}ttp")
