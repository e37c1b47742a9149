"""SMT-LIB's functions on strings, to the letter (theory Unicode Strings, SMT-LIB 2.6): meaning, inverse, facts.

All are total: outside its range a function gives "", -1 or false. Only results too long to be worth having are not
computed (None): texts over LONGEST characters, numbers over MOST_DIGITS digits.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from dsl.operator import Domains, Facts, Operator, operator
from dsl.types import BOOLEAN, INTEGER, TEXT, Value

LONGEST = 100_000
MOST_DIGITS = 4_000
LAST_CODE = 0x2FFFF
"""The last code point that an SMT-LIB character may have."""


def _truth(out: Facts, *_: Facts) -> list[bool]:
    return [out.value >= 0, out.value <= 1]


def _occurrences(part: str, text: str) -> Iterator[int]:
    start = text.find(part)
    while start >= 0:
        yield start
        start = text.find(part, start + 1)


# ---------------------------------------------------------------- joining and taking apart


def _splits(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    for cut in range(1, len(output)):
        yield output[:cut], output[cut:]


@operator(
    "str.++", (TEXT, TEXT), TEXT, witness=_splits, joins=True,
    abstraction=lambda out, *texts: [
        out.length == sum(text.length for text in texts), out.weight == sum(text.weight for text in texts),
    ],
)  # fmt: skip
def join(first: str, second: str) -> str:
    """The first text followed by the second."""
    return first + second


def _at_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    if len(output) > 1:
        return
    for text in domains[0]:
        if output:
            yield from ((text, index) for index in _occurrences(output, text) if index in domains[1])
        else:
            yield from ((text, index) for index in domains[1] if not 0 <= index < len(text))


@operator(
    "str.at", (TEXT, INTEGER), TEXT, witness=_at_witness,
    abstraction=lambda out, text, index: [
        out.length <= 1, out.weight <= text.weight,
        (out.length == 0) | (index.value >= 0),
        (out.length == 0) | (index.value + 1 <= text.length),
        (out.length == 1) | (index.value + 1 <= 0) | (text.length <= index.value),
    ],
)  # fmt: skip
def char_at(text: str, index: int) -> str:
    """The character at an index from 0, "" outside the text."""
    return text[index] if 0 <= index < len(text) else ""


def _substr_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    texts, starts, counts = domains
    for text in texts:
        if not output:
            yield from (
                (text, start, n) for start, n in product(starts, counts) if n <= 0 or not 0 <= start < len(text)
            )
            continue
        for start in _occurrences(output, text):
            if start not in starts:
                continue
            if start + len(output) == len(text):
                yield from ((text, start, n) for n in counts if n >= len(output))
            elif len(output) in counts:
                yield text, start, len(output)


@operator(
    "str.substr", (TEXT, INTEGER, INTEGER), TEXT, witness=_substr_witness, slices=True,
    abstraction=lambda out, text, start, count: [
        out.length <= text.length, out.weight <= text.weight,
        (out.length == 0) | (start.value >= 0),
        (out.length == 0) | (out.length <= count.value),
        (out.length == 0) | (start.value + out.length <= text.length),
        (out.length == 0) | (out.length == count.value) | (start.value + out.length == text.length),
        (out.length >= 1) | (start.value + 1 <= 0) | (text.length <= start.value) | (count.value <= 0),
    ],
)  # fmt: skip
def substr(text: str, start: int, count: int) -> str:
    """At most `count` characters from an index on, "" where the index is outside the text or the count not positive."""
    return text[start : start + count] if 0 <= start < len(text) and count > 0 else ""


# ---------------------------------------------------------------- replacing


def _replace_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    texts, olds, news = domains
    for text, old in product(texts, olds):
        before, found, after = text.partition(old) if old else ("", True, text)
        if not found:
            if text == output:
                yield from ((text, old, new) for new in news)
        elif len(output) >= len(before) + len(after) and output.startswith(before) and output.endswith(after):
            new = output[len(before) : len(output) - len(after)]
            if new in news:
                yield text, old, new


@operator(
    "str.replace", (TEXT, TEXT, TEXT), TEXT, witness=_replace_witness,
    abstraction=lambda out, text, old, new: [
        (out.length == text.length) | (out.length + old.length == text.length + new.length),
        (out.length == text.length) | (old.length <= text.length),
        (out.weight == text.weight) | (out.weight + old.weight == text.weight + new.weight),
        (out.weight == text.weight) | (out.length + old.length == text.length + new.length),
        (out.length == text.length) | (out.weight + old.weight == text.weight + new.weight),
        (out.weight == text.weight) | (old.weight <= text.weight),
    ],
)  # fmt: skip
def replace(text: str, old: str, new: str) -> str:
    """The text with the first occurrence of one text replaced by another; the empty text occurs at the start."""
    return text.replace(old, new, 1)


@operator(
    "str.replace_all", (TEXT, TEXT, TEXT), TEXT,
    abstraction=lambda out, text, old, new: [
        out.length <= text.length * (1 + new.length),
        (out.length == text.length) | (old.length <= text.length),
        (out.length == text.length) | (old.length >= 1),
        (out.length <= text.length) | (out.length + old.length >= text.length + new.length),
        (out.length >= text.length) | (out.length + old.length <= text.length + new.length),
    ],
)  # fmt: skip
def replace_all(text: str, old: str, new: str) -> str | None:
    """The text with every occurrence of one text, from the left, replaced by another; the empty text never occurs."""
    if not old:
        return text
    if len(text) * len(new) > LONGEST and len(text) + text.count(old) * (len(new) - len(old)) > LONGEST:
        return None
    return text.replace(old, new)


# ---------------------------------------------------------------- texts to numbers and back


@operator("str.len", (TEXT,), INTEGER, abstraction=lambda out, text: [out.value == text.length])
def length(text: str) -> int:
    """The number of characters."""
    return len(text)


@operator(
    "str.indexof", (TEXT, TEXT, INTEGER), INTEGER,
    abstraction=lambda out, text, part, start: [
        out.value + 1 >= 0,
        (out.value == -1) | (out.value + part.length <= text.length),
        (out.value == -1) | (part.weight <= text.weight),
        (out.value == -1) | (start.value <= out.value),
        (out.value == -1) | (start.value >= 0),
    ],
)  # fmt: skip
def index_of(text: str, part: str, start: int) -> int:
    """Where a text first occurs at or after an index, -1 if nowhere or if the index is outside the text."""
    return text.find(part, start) if start >= 0 else -1


@operator("str.to_int", (TEXT,), INTEGER, abstraction=lambda out, text: [out.value + 1 >= 0])
def to_int(text: str) -> int | None:
    """The number that a text of digits 0-9 spells, -1 for any other text."""
    if not (text.isascii() and text.isdigit()):
        return -1
    return int(text) if len(text) <= MOST_DIGITS else None


def _from_int_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    if not output:
        yield from ((n,) for n in domains[0] if n < 0)
    elif to_int.apply(output) in domains[0] and from_int.apply(to_int.apply(output)) == output:
        yield (to_int.apply(output),)


@operator(
    "str.from_int", (INTEGER,), TEXT, witness=_from_int_witness,
    abstraction=lambda out, number: [
        (out.length == 0) | (number.value >= 0), (out.length >= 1) | (number.value + 1 <= 0),
        (out.length <= 1) | (10 * out.length <= number.value + 10),
    ],
)  # fmt: skip
def from_int(number: int) -> str | None:
    """The decimal digits of a number, "" for a negative one."""
    if number < 0:
        return ""
    return str(number) if number.bit_length() <= 3 * MOST_DIGITS else None


@operator("str.to_code", (TEXT,), INTEGER, abstraction=lambda out, text: [
    out.value + 1 >= 0, out.value <= LAST_CODE, (out.value == -1) | (text.length == 1),
])  # fmt: skip
def to_code(text: str) -> int:
    """The code point of a single character, -1 for any other text."""
    return ord(text) if len(text) == 1 else -1


def _from_code_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    if not output:
        yield from ((code,) for code in domains[0] if not 0 <= code <= LAST_CODE)
    elif len(output) == 1 and ord(output) in domains[0]:
        yield (ord(output),)


@operator("str.from_code", (INTEGER,), TEXT, witness=_from_code_witness, abstraction=lambda out, code: [
    out.length <= 1, (out.length == 0) | (code.value >= 0), (out.length == 0) | (code.value <= LAST_CODE),
])  # fmt: skip
def from_code(code: int) -> str:
    """The character of a code point, "" where there is none."""
    return chr(code) if 0 <= code <= LAST_CODE else ""


# ---------------------------------------------------------------- comparing


@operator("str.prefixof", (TEXT, TEXT), BOOLEAN, abstraction=lambda out, part, text: [
    *_truth(out), (out.value == 0) | (part.length <= text.length), (out.value == 0) | (part.weight <= text.weight),
])  # fmt: skip
def prefix_of(part: str, text: str) -> bool:
    """Whether the second text starts with the first."""
    return text.startswith(part)


@operator("str.suffixof", (TEXT, TEXT), BOOLEAN, abstraction=lambda out, part, text: [
    *_truth(out), (out.value == 0) | (part.length <= text.length), (out.value == 0) | (part.weight <= text.weight),
])  # fmt: skip
def suffix_of(part: str, text: str) -> bool:
    """Whether the second text ends with the first."""
    return text.endswith(part)


@operator("str.contains", (TEXT, TEXT), BOOLEAN, abstraction=lambda out, text, part: [
    *_truth(out), (out.value == 0) | (part.length <= text.length), (out.value == 0) | (part.weight <= text.weight),
])  # fmt: skip
def contains(text: str, part: str) -> bool:
    """Whether the second text stands anywhere in the first."""
    return part in text


@operator("str.<", (TEXT, TEXT), BOOLEAN, abstraction=lambda out, first, second: [
    *_truth(out), out.value <= second.length,
])  # fmt: skip
def before(first: str, second: str) -> bool:
    """Whether the first text comes before the second in the order of code points."""
    return first < second


@operator("str.<=", (TEXT, TEXT), BOOLEAN, abstraction=lambda out, first, second: [
    *_truth(out), out.value + first.length >= 1,
])  # fmt: skip
def not_after(first: str, second: str) -> bool:
    """Whether the first text equals the second or comes before it in the order of code points."""
    return first <= second


@operator("str.is_digit", (TEXT,), BOOLEAN, abstraction=lambda out, text: [
    *_truth(out), (out.value == 0) | (text.length == 1),
])  # fmt: skip
def is_digit(text: str) -> bool:
    """Whether the text is a single digit 0-9."""
    return len(text) == 1 and text in "0123456789"


OPERATORS = (
    join, char_at, substr, replace, replace_all, length, index_of, to_int, from_int, to_code, from_code,
    prefix_of, suffix_of, contains, before, not_after, is_digit,
)  # fmt: skip
OUTSIDE: dict[Operator, Value] = {
    char_at: "", substr: "", index_of: -1, to_int: -1, from_int: "", to_code: -1, from_code: "",
}  # fmt: skip
"""What functions give where their arguments are outside their range, or a text is not found."""
