"""Token classes as regular expressions of Excel (PCRE2)."""

from __future__ import annotations

from dsl.emit import Unsupported
from dsl.strings.tokens import TokenClass

SETS = {
    "letters": r"\p{L}\p{M}",
    "digits": r"\d",
    "word": r"\p{L}\p{M}\d",
    "uppercase": r"\p{Lu}",
    "lowercase": r"\p{Ll}\p{M}",
    "blank": r"\s\p{Z}",
    "nonblank": r"^\s\p{Z}",
    "punctuation": r"^\p{L}\p{M}\d\s\p{Z}",
}
"""The classes that are runs of one set of characters; a set that starts with ^ is what is not in it."""

PATTERNS = {
    "number": r"\d+(?:[.,]\d+)*",
    "capitalized": r"\p{Lu}[\p{Ll}\p{M}]+",
    "capital": r"\p{Lu}",
}

_SHORT = {r"\d": r"\d", r"^\d": r"\D", r"\p{Lu}": r"\p{Lu}", r"^\p{Lu}": r"\P{Lu}"}


def one_of(characters: str) -> str:
    """Return the pattern of one character of a set."""
    return _SHORT.get(characters) or f"[{characters}]"


def none_of(characters: str) -> str:
    """Return the pattern of one character that is not in a set."""
    return one_of(characters[1:] if characters.startswith("^") else f"^{characters}")


def pattern_of(token: TokenClass) -> str:
    """Return the pattern of a token; raises Unsupported where there is none."""
    if token.name in SETS:
        return one_of(SETS[token.name]) + "+"
    if token.name in PATTERNS:
        return PATTERNS[token.name]
    raise Unsupported(f"no Excel formula for {token.plural} yet")


def times(pattern: str, count: int) -> str:
    """Return a pattern so many times in a row."""
    return "" if count == 0 else f"(?:{pattern})" if count == 1 else f"(?:{pattern}){{{count}}}"

BLANK = r"[ \t\n\r\xA0]"
