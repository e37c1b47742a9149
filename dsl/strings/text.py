"""The text operators: meaning, inverse and facts of each, side by side.

Counts k run from 1 at the start and from -1 at the end. An operator that finds nothing is undefined (None).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice

from dsl.operator import Domains, Facts, Infixes, operator
from dsl.strings.tables import TABLES, folded
from dsl.strings.tokens import WORD, TokenClass, kinds, spans
from dsl.types import INTEGER, LITERAL, POSITION, TABLE, TEXT, TOKEN, Value

MOST_WRITTEN = 32_767
"""Characters that a cell can hold; what would grow beyond them is undefined."""
BLANKS = " \t\n\r\u00a0"
"""What trim and collapse take away: space, tab, line ends, no-break space."""

_BLANK_RUN = re.compile(f"[{BLANKS}]+")

# ---------------------------------------------------------------- joining


def _splits(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    for cut in range(1, len(output)):
        yield output[:cut], output[cut:]


@operator(
    "concat", (TEXT, TEXT), TEXT, witness=_splits, joins=True,
    abstraction=lambda out, a, b: [out.length == a.length + b.length, out.weight == a.weight + b.weight],
)  # fmt: skip
def concat(first: str, second: str) -> str:
    """The first text followed by the second."""
    return first + second


# ---------------------------------------------------------------- positions


def _counted_place(out: Facts, text: Facts, k: Facts) -> list[bool]:
    end = text.length + 1
    return [
        out.value >= 0, out.value <= text.length,
        (k.value <= -1) | (out.value == k.value), (k.value >= 0) | (out.value == end + k.value),
    ]  # fmt: skip


def _place_before(out: Facts, text: Facts, token: Facts, k: Facts) -> list[bool]:
    return [
        out.value >= 0, out.value + 1 <= text.length, (k.value >= 1) | (k.value <= -1),
        out.value + 1 >= k.value, (k.value >= 1) | (out.value <= text.length + k.value),
    ]  # fmt: skip


def _place_after(out: Facts, text: Facts, token: Facts, k: Facts) -> list[bool]:
    return [
        out.value >= 1, out.value <= text.length, (k.value >= 1) | (k.value <= -1),
        out.value >= k.value, (k.value >= 1) | (out.value <= text.length + 1 + k.value),
    ]  # fmt: skip


def _at_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    for text in domains[0]:
        if output <= len(text):
            yield from ((text, k) for k in (output, output - len(text) - 1) if k in domains[1])


@operator("at", (TEXT, INTEGER), POSITION, witness=_at_witness, abstraction=_counted_place)
def at(text: str, k: int) -> int | None:
    """The place after k characters; k = -1 is the end, -2 one character before it."""
    place = k if k >= 0 else len(text) + 1 + k
    return place if 0 <= place <= len(text) else None


def _match(token: TokenClass | str, text: str, k: int) -> tuple[int, int] | None:
    found = spans(token, text)
    index = k - 1 if k > 0 else len(found) + k
    return found[index] if 0 <= index < len(found) and k else None


def _edge_witness(side: int) -> Callable[[Value, Domains], Iterator[tuple[Value, ...]]]:
    def witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
        for text in domains[0]:
            for token in domains[1]:
                found = spans(token, text)
                for index, span in enumerate(found):
                    if span[side] == output:
                        yield from (
                            (text, token, k) for k in (index + 1, index - len(found)) if k in domains[2]
                        )

    return witness


@operator("before", (TEXT, TOKEN, INTEGER), POSITION, witness=_edge_witness(0), abstraction=_place_before)
def before(text: str, token: TokenClass | str, k: int) -> int | None:
    """The place just before the k-th match of a token."""
    span = _match(token, text, k)
    return span[0] if span else None


@operator("after", (TEXT, TOKEN, INTEGER), POSITION, witness=_edge_witness(1), abstraction=_place_after)
def after(text: str, token: TokenClass | str, k: int) -> int | None:
    """The place just after the k-th match of a token."""
    span = _match(token, text, k)
    return span[1] if span else None


# ---------------------------------------------------------------- parts of a text


def _part(out: Facts, text: Facts, *_: Facts) -> list[bool]:
    return [out.length <= text.length, out.weight <= text.weight]


def _slice_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    texts, starts, ends = domains
    for text in texts:
        if len(text) > LONG:
            found = [start for start in starts if text.startswith(output, start)]
        else:
            found = [start for start in _occurrences(output, text) if start in starts]
        yield from ((text, start, start + len(output)) for start in found if start + len(output) in ends)


LONG = 500
"""In texts longer than this, a part is looked for only where a known position is."""
MOST_OCCURRENCES = 200
"""In recased texts, occurrences looked at."""


def _occurrences(part: str, text: str) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + 1)


@operator(
    "slice", (TEXT, POSITION, POSITION), TEXT, witness=_slice_witness,
    abstraction=lambda out, text, start, end: [
        start.value + out.length == end.value, start.value <= end.value, end.value <= text.length,
        out.weight <= text.weight,
    ],
)  # fmt: skip
def slice_(text: str, start: int, end: int) -> str | None:
    """The text from one place to another."""
    return text[start:end] if start <= end <= len(text) else None


def _indexed(parts: list[str]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for i, part in enumerate(parts):
        index.setdefault(part, []).extend((i + 1, i - len(parts)))
    return index


@lru_cache(maxsize=1 << 13)
def _token_index(text: str, token: TokenClass | str) -> dict[str, list[int]]:
    return _indexed([text[start:end] for start, end in spans(token, text)])


@lru_cache(maxsize=1 << 13)
def _field_index(text: str, delimiter: str) -> dict[str, list[int]]:
    return _indexed(text.split(delimiter))


def _counted(
    index: Callable[[str, Value], dict[str, list[int]]],
) -> Callable[[Value, Domains], Iterator[tuple[Value, ...]]]:
    def witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
        for text in domains[0]:
            if output in text:
                for token in domains[1]:
                    for k in index(text, token).get(output, ()):
                        if k in domains[2]:
                            yield text, token, k

    return witness


def _kth(least: int) -> Callable[..., list[bool]]:
    """Return the facts of the k-th of some parts that follow each other, each with at least so many characters."""

    def facts(out: Facts, text: Facts, _: Facts, k: Facts) -> list[bool]:
        return [
            out.length >= least, (k.value >= 1) | (k.value <= -1),
            out.length <= text.length, out.weight <= text.weight, out.length + k.value <= text.length + 1,
            (k.value >= 1) | (out.length <= text.length + 1 + k.value),
        ]  # fmt: skip

    return facts


@operator("token", (TEXT, TOKEN, INTEGER), TEXT, witness=_counted(_token_index), abstraction=_kth(1))
def token(text: str, token: TokenClass, k: int) -> str | None:
    """The k-th match of a token."""
    span = _match(token, text, k)
    return text[span[0] : span[1]] if span else None


@operator("field", (TEXT, LITERAL, INTEGER), TEXT, witness=_counted(_field_index), abstraction=_kth(0))
def field(text: str, delimiter: str, k: int) -> str | None:
    """The k-th of the fields that a delimiter separates; a text without the delimiter is one field."""
    parts = text.split(delimiter)
    index = k - 1 if k > 0 else len(parts) + k
    return parts[index] if 0 <= index < len(parts) and k else None


def _between_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    for text in domains[0]:
        if output in text:
            for left in domains[1]:
                found = spans(left, text)
                for index, (_, start) in enumerate(found):
                    if text.startswith(output, start):
                        for right in domains[2]:
                            if text.find(right, start) == start + len(output):
                                for k in (index + 1, index - len(found)):
                                    if k in domains[3]:
                                        yield text, left, right, k


@operator(
    "between", (TEXT, LITERAL, LITERAL, INTEGER), TEXT, witness=_between_witness,
    abstraction=lambda out, text, left, right, k: [
        left.length + out.length + right.length <= text.length, (k.value >= 1) | (k.value <= -1),
        left.weight + out.weight + right.weight <= text.weight,
        out.length + k.value + 1 <= text.length,
    ],
)  # fmt: skip
def between(text: str, left: str, right: str, k: int) -> str | None:
    """The text after the k-th occurrence of one literal, up to the next occurrence of another."""
    span = _match(left, text, k)
    end = text.find(right, span[1]) if span else -1
    return text[span[1] : end] if span and end >= 0 else None


def _left_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    for text in domains[0]:
        if text.startswith(output):
            yield from ((text, n) for n in domains[1] if n > 0 and text[:n] == output)


@operator(
    "left", (TEXT, INTEGER), TEXT, witness=_left_witness,
    abstraction=lambda out, text, n: [
        n.value >= 1, out.length <= text.length, out.length <= n.value, out.weight <= text.weight,
        (out.length == text.length) | (out.length == n.value),
    ],
)  # fmt: skip
def left(text: str, n: int) -> str | None:
    """The first n characters; the whole text when it is shorter."""
    return text[:n] if n > 0 else None


def _right_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    for text in domains[0]:
        if text.endswith(output):
            yield from ((text, n) for n in domains[1] if n > 0 and text[-n:] == output)


@operator(
    "right", (TEXT, INTEGER), TEXT, witness=_right_witness,
    abstraction=lambda out, text, n: [
        n.value >= 1, out.length <= text.length, out.length <= n.value, out.weight <= text.weight,
        (out.length == text.length) | (out.length == n.value),
    ],
)  # fmt: skip
def right(text: str, n: int) -> str | None:
    """The last n characters; the whole text when it is shorter."""
    return text[-n:] if n > 0 else None


# ---------------------------------------------------------------- casing


def _preimages(function: Callable[[str], str]) -> Callable[[Value, Domains], Iterable[tuple[Value, ...]]]:
    """Return the witness of a casing: the texts, as they stand in the cells, that it turns into the output."""

    def witness(output: Value, domains: Domains) -> Iterable[tuple[Value, ...]]:
        if not isinstance(domains[0], Infixes):
            return [(text,) for text in domains[0] if function(text) == output]
        found: dict[tuple[Value, ...], None] = {}
        if function(output) != output:  # casings leave their own results alone
            return found
        wanted = output.lower()
        for text in domains[0]:
            lowered = text.lower()
            if len(lowered) != len(text):
                continue
            for start in islice(_occurrences(wanted, lowered), MOST_OCCURRENCES):
                part = text[start : start + len(output)]
                if (part,) not in found and function(part) == output:
                    found[(part,)] = None
        return found

    return witness


def _not_shorter(out: Facts, text: Facts) -> list[bool]:
    return [out.length >= text.length]


@operator("upper", (TEXT,), TEXT, witness=_preimages(str.upper), abstraction=_not_shorter)
def upper(text: str) -> str:
    """The text in capitals."""
    return text.upper()


@operator("lower", (TEXT,), TEXT, witness=_preimages(str.lower), abstraction=_not_shorter)
def lower(text: str) -> str:
    """The text in small letters."""
    return text.lower()


def _proper(text: str) -> str:
    parts, last = [], 0
    for match in _LETTER_RUN.finditer(kinds(text)):
        start, end = match.span()
        parts += [text[last:start], text[start].upper(), text[start + 1 : end].lower()]
        last = end
    return "".join(parts) + text[last:]


_LETTER_RUN = re.compile("[Ulom]+")


@operator("proper", (TEXT,), TEXT, witness=_preimages(_proper), abstraction=_not_shorter)
def proper(text: str) -> str:
    """The text with every run of letters capitalized, as PROPER does in spreadsheets."""
    return _proper(text)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].lower()


@operator("sentence", (TEXT,), TEXT, witness=_preimages(_sentence), abstraction=_not_shorter)
def sentence(text: str) -> str:
    """The first character as a capital, everything after it in small letters."""
    return _sentence(text)


@operator("initials", (TEXT,), TEXT, abstraction=_part)
def initials(text: str) -> str | None:
    """The first character of every word, as it stands."""
    return "".join([text[start] for start, _ in spans(WORD, text)]) or None


# ---------------------------------------------------------------- cleaning


@operator("trim", (TEXT,), TEXT, abstraction=_part)
def trim(text: str) -> str:
    """The text without blanks at either end."""
    return text.strip(BLANKS)


@operator("collapse", (TEXT,), TEXT, abstraction=lambda out, text: [out.length <= text.length])
def collapse(text: str) -> str:
    """The text without blanks at either end, and every run of blanks inside as one space."""
    return _BLANK_RUN.sub(" ", text.strip(BLANKS))


@operator(
    "remove", (TEXT, LITERAL), TEXT,
    abstraction=lambda out, text, literal: [
        (out.length == text.length) | (out.length + literal.length <= text.length),
        (out.weight == text.weight) | (out.weight + literal.weight <= text.weight),
    ],
)  # fmt: skip
def remove(text: str, literal: str) -> str:
    """The text without any occurrence of a literal."""
    return text.replace(literal, "")


@operator(
    "replace", (TEXT, LITERAL, TEXT), TEXT,
    abstraction=lambda out, text, old, new: [
        out.length <= text.length * (1 + new.length),
        (out.length == text.length) | (old.length <= text.length),
        (out.length <= text.length) | (out.length + old.length >= text.length + new.length),
        (out.length >= text.length) | (out.length + old.length <= text.length + new.length),
    ],
)  # fmt: skip
def replace(text: str, old: str, new: str) -> str | None:
    """The text with every occurrence of one literal replaced by another."""
    if len(text) * len(new) > MOST_WRITTEN:
        length = len(text) + text.count(old) * (len(new) - len(old))
        if length > max(len(text), MOST_WRITTEN):
            return None
    return text.replace(old, new)


@operator("drop", (TEXT, TOKEN), TEXT, abstraction=_part)
def drop(text: str, token: TokenClass) -> str:
    """The text without the characters of a class."""
    parts, last = [], 0
    for start, end in spans(token, text):
        parts.append(text[last:start])
        last = end
    return "".join(parts) + text[last:]


@operator("keep", (TEXT, TOKEN), TEXT, abstraction=_part)
def keep(text: str, token: TokenClass) -> str | None:
    """Only the characters of a class."""
    return "".join([text[start:end] for start, end in spans(token, text)]) or None


# ---------------------------------------------------------------- padding and looking up


def _padded(out: Facts, text: Facts, n: Facts, fill: Facts) -> list[bool]:
    return [
        n.value >= 1, out.length >= text.length, out.length >= n.value, out.weight >= text.weight,
        (out.length == text.length) | (out.length == n.value),
    ]  # fmt: skip


@operator("pad_left", (TEXT, INTEGER, TEXT), TEXT, abstraction=_padded)
def pad_left(text: str, n: int, fill: str) -> str | None:
    """The text, filled up at the left with a character until it is n characters long."""
    return text.rjust(n, fill) if len(fill) == 1 and 0 < n <= MOST_WRITTEN else None


@operator("pad_right", (TEXT, INTEGER, TEXT), TEXT, abstraction=_padded)
def pad_right(text: str, n: int, fill: str) -> str | None:
    """The text, filled up at the right with a character until it is n characters long."""
    return text.ljust(n, fill) if len(fill) == 1 and 0 < n <= MOST_WRITTEN else None


@operator("lookup", (TEXT, TABLE), TEXT, abstraction=lambda out, text, table: [out.length >= 1])
def lookup(text: str, table: str) -> str | None:
    """What a table of common knowledge (months, weekdays) has for the text, found in any casing."""
    return folded(table).get(text.strip(BLANKS).casefold()) if table in TABLES else None


OPERATORS = (
    concat, slice_, at, before, after, token, field, between, left, right, upper, lower, proper, sentence, initials,
    trim, collapse, remove, replace, drop, keep, pad_left, pad_right, lookup,
)  # fmt: skip
