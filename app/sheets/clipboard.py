"""Cells on the clipboard: lines of cells with tabs between them, as spreadsheets copy them."""

from __future__ import annotations


def cells_of(text: str) -> list[list[str]]:
    """Return the block of cells in copied text; a quoted cell may hold tabs, line breaks and doubled quotes."""
    block: list[list[str]] = [[]]
    position, size = 0, len(text)
    while True:
        cell, position = _cell(text, position)
        block[-1].append(cell)
        if position >= size:
            break
        if text[position] == "\t":
            position += 1
            continue
        position += 2 if text.startswith("\r\n", position) else 1
        if position >= size:
            break
        block.append([])
    return block


def _cell(text: str, start: int) -> tuple[str, int]:
    """Return a cell and where it ends; a quote that is never closed, or closed early, is a plain character."""
    if text.startswith('"', start):
        pieces, position = [], start + 1
        while (end := text.find('"', position)) >= 0:
            pieces.append(text[position:end])
            if not text.startswith('"', end + 1):
                if end + 1 == len(text) or text[end + 1] in "\t\r\n":
                    return "".join(pieces), end + 1
                break
            pieces.append('"')
            position = end + 2
    ends = [end for mark in "\t\r\n" if (end := text.find(mark, start)) >= 0]
    end = min(ends, default=len(text))
    return text[start:end], end
