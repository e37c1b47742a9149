"""The text of formulas: fixed texts, the prefixes that only a file needs, and the limits of Excel."""

from __future__ import annotations

import re
import unicodedata

from dsl.emit import Unsupported

SINCE = {
    "IFERROR": 2007,
    "UNICHAR": 2013,
    "NUMBERVALUE": 2013,
    "SWITCH": 2019,
    "LET": 2021,
    "TEXTBEFORE": 2024, "TEXTAFTER": 2024, "TEXTSPLIT": 2024, "CHOOSECOLS": 2024, "CHOOSEROWS": 2024, "TOCOL": 2024,
    "LAMBDA": 2024, "REDUCE": 2024,
    "REGEXEXTRACT": 365, "REGEXREPLACE": 365, "REGEXTEST": 365,
}  # fmt: skip
"""The functions that some Excel in use lacks, and the release that brought each; 365 is Microsoft 365 only."""

MAX_FORMULA, MAX_LITERAL, MAX_NESTING = 8192, 255, 64
MAX_READABLE = 500
_OUTSIDE_QUOTES = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|\b([A-Z]+)(?=\()|(_xlfn\.(?:_xlws\.)?|_xlpm\.)')


def readable(formula: str) -> str:
    """Return the formula as people type it: without the prefixes that only the file needs."""
    return _OUTSIDE_QUOTES.sub(lambda match: "" if match[2] else match[0], formula)


def needs(formula: str) -> str:
    """Return the oldest Excel that can calculate the formula: "any Excel", "Excel 2024", "Microsoft 365", …"""
    years = {SINCE.get(match[1], 0) for match in _OUTSIDE_QUOTES.finditer(readable(formula))}
    if 365 in years:
        return "Microsoft 365"
    newest = max(years, default=0)
    return f"Excel {newest}" if newest > 2010 else "any Excel"


def with_prefixes(formula: str) -> str:
    """Return a formula with the prefixes that newer functions have in a file."""
    return _OUTSIDE_QUOTES.sub(
        lambda match: f"_xlfn.{match[0]}" if SINCE.get(match[1], 2007) != 2007 else match[0], formula
    )


def checked(formula: str) -> str:
    """Return a formula that Excel takes and people can read; raises Unsupported for any other."""
    if len(formula) > MAX_FORMULA:
        raise Unsupported(f"the formula would have {len(formula)} characters; Excel takes {MAX_FORMULA}")
    if len(readable(formula)) > MAX_READABLE:
        raise Unsupported(f"the formula would have {len(readable(formula))} characters, too many to read")
    depth = deepest = 0
    for char in re.sub(r'"(?:[^"]|"")*"', "", formula):
        depth += (char == "(") - (char == ")")
        deepest = max(deepest, depth)
    if deepest > MAX_NESTING:
        raise Unsupported(f"the formula would nest {deepest} functions deep; Excel takes {MAX_NESTING}")
    return formula


SPOKEN = {"\t": "CHAR(9)", "\n": "CHAR(10)", "\r": "CHAR(13)", "\u00a0": "UNICHAR(160)"}


def literal_text(text: str) -> str:
    """Return a text as a formula; blanks that cannot be told apart on screen are written by their number."""
    pieces = [piece for piece in re.split("([\t\n\r\u00a0])", text) if piece]
    for piece in pieces:
        if len(piece) > MAX_LITERAL:
            raise Unsupported(f"a fixed text of {len(piece)} characters is too long for a formula ({MAX_LITERAL})")
        if piece not in SPOKEN and any(unicodedata.category(char) in ("Cc", "Cs") for char in piece):
            raise Unsupported("a fixed text with control characters cannot stand in a formula")
    return "&".join([SPOKEN.get(p) or '"' + p.replace('"', '""') + '"' for p in pieces]) or '""'


def basic(text: str) -> str:
    """Return a text in which Excel counts characters as we do; raises Unsupported for any other."""
    if any(char > "\uffff" for char in text):
        raise Unsupported("Excel counts some characters of a fixed text, such as emoji, as two")
    return text
