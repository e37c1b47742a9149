"""Places in a text, as formulas of whole numbers."""

from __future__ import annotations

from dataclasses import dataclass

from dsl.emit import Unsupported, overlaps_itself
from dsl.emit.excel.formula import literal_text
from dsl.emit.excel.patterns import PATTERNS, SETS, none_of, one_of, pattern_of, times
from dsl.strings.tokens import TokenClass


@dataclass(frozen=True, slots=True)
class Place:
    """A whole number: the sum of `plus`, less the sum of `minus`, and an offset."""

    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    offset: int = 0

    def __add__(self, offset: int) -> Place:
        return Place(self.plus, self.minus, self.offset + offset)

    def less(self, other: Place) -> Place:
        """Return this place less another, with what stands in both left out."""
        plus, minus = list(self.plus + other.minus), list(self.minus + other.plus)
        for term in tuple(plus):
            if term in minus:
                plus.remove(term)
                minus.remove(term)
        return Place(tuple(plus), tuple(minus), self.offset - other.offset)

    def __str__(self) -> str:
        text = "+".join(self.plus) or str(self.offset)
        text += "".join(f"-{term}" for term in self.minus)
        return text + f"{self.offset:+}" if self.plus and self.offset else text


def literal_place(text: str, literal: str, k: int, side: int) -> Place:
    """Return the place before (side 0) or after (side 1) the k-th occurrence of a fixed text."""
    ahead = len(literal) * side
    if k in (1, 2):
        first = f"FIND({literal_text(literal)},{text})"
        if k == 1:
            return Place((first,), (), ahead - 1)
        return Place((f"FIND({literal_text(literal)},{text},{first}+{len(literal)})",), (), ahead - 1)
    if overlaps_itself(literal):
        raise Unsupported(f"no Excel formula counts occurrences of {literal!r} exactly, because they can overlap")
    found = f"LEN(TEXTBEFORE({led(text, literal, k)},{literal_text(literal)},{k}))"
    return Place((found,), (), ahead - int(k < 0))


def led(text: str, literal: str, k: int) -> str:
    """Return the text, led by one more character when a literal is counted from its end.

    Not for Excel: engines differ on TEXTBEFORE("-a", "-", -1), a match that starts the text.
    """
    lead = next(char for char in (" ", "|", ".", "x") if char not in literal[:1])
    return text if k > 0 else f'"{lead}"&{text}'


def class_place(text: str, token: TokenClass, k: int, side: int) -> Place:
    """Return the place before (side 0) or after (side 1) the k-th token of a class."""

    def matched(pattern: str) -> str:
        return f'LEN(REGEXEXTRACT({text},"{pattern}"))'

    name = token.name
    if name == "number" and k == 1 and side:
        return Place((matched(r"^\D*" + PATTERNS["number"]),))
    if name == "number" and (k, side) in ((1, 0), (-1, 1)):
        name = "digits"  # the first number starts with the first digit, the last one ends with the last
    if name == "capitalized" and (k, side) == (1, 0):
        return Place((f'FIND(REGEXEXTRACT({text},"{pattern_of(token)}"),{text})',), (), -1)
    if name == "capital":
        if k > 0:
            return Place((matched("^" + times(r"\P{Lu}*\p{Lu}", k)),), (), side - 1)
        return Place((f"LEN({text})",), (matched(times(r"\p{Lu}\P{Lu}*", -k) + r"\z"),), side)
    if name not in SETS:
        raise Unsupported(f"no Excel formula for places beside {token.plural} yet")
    one, none = one_of(SETS[name]), none_of(SETS[name])
    if k > 0 and side:
        return Place((matched(f"^{none}*{one}+" + times(f"{none}+{one}+", k - 1)),))
    if k > 0:
        return Place((matched(f"^{none}*" + times(f"{one}+{none}+", k - 1) + one),), (), -1)
    if side:
        rest = matched(one + times(f"{none}+{one}+", -k - 1) + none + r"*\z")
        if k == -1:
            return Place((f"LEN({text})",), (rest,), 1)
        raise Unsupported(f"no Excel formula for the place after the {-k}. {token.singular} from the end yet")
    return Place((f"LEN({text})",), (matched(f"{one}+" + times(f"{none}+{one}+", -k - 1) + none + r"*\z"),))
