"""Token classes: which runs of characters count as letters, digits, words, … in any script.

Every text is first mapped to a string of the same length that holds one kind letter per character
(U upper, l lower, o other letter, d decimal digit, m combining mark, s blank, c point or comma, p everything else);
a class is a regular expression over kinds. So classes hold for all of Unicode and positions carry over.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class TokenClass:
    """A named class of tokens; `pattern` is a regular expression over character kinds, `plural` its English name."""

    name: str
    pattern: str
    singular: str
    plural: str

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return self.name


LETTERS = TokenClass("letters", "[Ulom]+", "run of letters", "letters")
DIGITS = TokenClass("digits", "d+", "run of digits", "digits")
WORD = TokenClass("word", "[Ulomd]+", "word", "letters and digits")
NUMBER = TokenClass("number", "d+(?:cd+)*", "number", "numbers")
UPPERCASE = TokenClass("uppercase", "U+", "run of capitals", "capital letters")
LOWERCASE = TokenClass("lowercase", "[lm]+", "run of small letters", "small letters")
CAPITALIZED = TokenClass("capitalized", "U[lm]+", "capitalized word", "capitalized words")
CAPITAL = TokenClass("capital", "U", "capital letter", "single capital letters")
BLANK = TokenClass("blank", "s+", "run of blanks", "blanks")
NONBLANK = TokenClass("nonblank", "[^s]+", "blank-separated word", "anything but blanks")
PUNCTUATION = TokenClass("punctuation", "[pc]+", "run of punctuation", "punctuation")

CLASSES: dict[str, TokenClass] = {
    c.name: c
    for c in (
        LETTERS, DIGITS, WORD, NUMBER, UPPERCASE, LOWERCASE, CAPITALIZED, CAPITAL, BLANK, NONBLANK, PUNCTUATION,
    )
}  # fmt: skip

_PATTERNS = {c: re.compile(c.pattern) for c in CLASSES.values()}


class _Kinds(dict[int, str]):
    """The kind of every character met so far, by code point, as `str.translate` asks for it."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char.isupper():
            kind = "U"
        elif char.islower():
            kind = "l"
        elif char.isalpha():
            kind = "o"
        elif char.isdecimal():
            kind = "d"
        elif char.isspace():
            kind = "s"
        elif unicodedata.category(char).startswith("M"):
            kind = "m"
        else:
            kind = "c" if char in ".," else "p"
        self[code] = kind
        return kind


_KINDS = _Kinds()


@lru_cache(maxsize=1 << 13)
def kinds(text: str) -> str:
    """Return one kind letter per character."""
    return text.translate(_KINDS)


@lru_cache(maxsize=1 << 16)
def spans(token: TokenClass | str, text: str) -> Spans:
    """Return (start, end) of every match, left to right, without overlaps; a literal token matches itself."""
    if isinstance(token, TokenClass):
        return tuple([match.span() for match in _PATTERNS[token].finditer(kinds(text))])
    found = []
    start = text.find(token)
    while start >= 0 and token:
        found.append((start, start + len(token)))
        start = text.find(token, start + len(token))
    return tuple(found)


_CAPITALIZED, _RUN = re.compile("Ul+"), re.compile(r"(.)\1+")


@lru_cache(maxsize=1 << 13)
def shape(text: str) -> str:
    """Return what a text looks like: its kinds with runs collapsed, so "Jan Kotas" and "Mia Wu" look alike."""
    return _RUN.sub(r"\1", _CAPITALIZED.sub("W", kinds(text)))
