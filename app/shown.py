"""Cells as a person reads them in a terminal: one short line, nothing in it that a terminal would obey."""

from __future__ import annotations

from dsl.types import Cell, as_text

LONGEST = 200


def clean(text: str) -> str:
    """Return the text with control characters, which a terminal might obey, made visible."""
    return "".join(char if char.isprintable() else _visible(char) for char in text)


def cell_text(cell: Cell, longest: int = LONGEST) -> str:
    """Return a cell as one printable line of at most `longest` characters."""
    text = as_text(cell) or ""
    return clean(text) if len(text) <= longest else clean(text[: longest - 1]) + "…"


def quoted(cell: Cell, longest: int = LONGEST) -> str:
    """Return a cell in quotation marks, or the word for none."""
    return "blank" if cell is None else f"“{cell_text(cell, longest)}”"


def _visible(char: str) -> str:
    return {"\n": "⏎", "\t": "⇥", "\r": ""}.get(char, " " if char.isspace() else "�")
