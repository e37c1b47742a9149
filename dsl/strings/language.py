"""The grammar of text programs that a task calls for: which columns, delimiters and tokens it may use.

A program is a concatenation of pieces; a piece is a constant or something taken from a cell, possibly recased; what
is taken is a whole cell, a field, a token, the text between two literals, a slice between two places, the
beginning or end of one of these, or a cleaned-up part. The weights below are bits, log2(1 / probability) up to
normalisation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from dsl.grammar import Grammar, Literals, Rule
from dsl.program import Constant, Input
from dsl.strings import dates
from dsl.strings import text as t
from dsl.strings.conditions import condition_rules
from dsl.strings.number_rules import number_rules
from dsl.strings.operators import OPERATORS as OPERATORS
from dsl.strings.tables import TABLES
from dsl.strings.tokens import (
    BLANK,
    CAPITAL,
    CAPITALIZED,
    DIGITS,
    LETTERS,
    LOWERCASE,
    NONBLANK,
    NUMBER,
    PUNCTUATION,
    UPPERCASE,
    WORD,
    spans,
)
from dsl.task import Task
from dsl.types import INTEGER, LITERAL, TABLE, TEXT, TOKEN, as_text

BITS: dict[str, float] = {
    # Text: one piece, or a piece and more
    "stop": 0.6, "concat": 1.6,
    # Piece
    "constant": 2.0, "taken": 0.6, "upper": 4.5, "lower": 4.5, "proper": 4.5, "sentence": 6.0,
    # Taken
    "part": 0.6, "slice": 2.0, "left": 4.0, "right": 4.5, "token of part": 4.5, "field of part": 5.0, "changed": 3.5,
    # Part
    "whole": 2.5, "field": 2.0, "token": 2.0, "between": 3.0,
    # Changed
    "remove": 3.0, "replace": 3.5, "drop": 3.5, "keep": 3.5, "trim": 3.0, "collapse": 3.5, "initials": 3.0,
    "lookup": 3.5, "pad_left": 5.0, "pad_right": 6.0,
    # Position
    "at": 2.0, "before": 1.5, "after": 1.5,
    # Token classes
    "letters": 2.5, "digits": 2.5, "word": 2.5, "number": 2.5, "nonblank": 2.0, "capitalized": 3.5, "uppercase": 4.0,
    "lowercase": 4.5, "capital": 4.5, "blank": 3.5, "punctuation": 5.0,
    # Counts: the first, the last, and each further one away from its end
    "first": 0.8, "last": 1.3, "next": 1.7,
    # Numbers of characters, and places counted in characters: 0, the end, and each further one
    "one": 1.0, "more": 1.2, "start": 0.6, "end": 1.0, "further": 1.2, "inner": 3.0,
}  # fmt: skip

LITERALS = Literals(mark=3.5, letter=6.0, digit=7.0, recurring=3.0)

CUTS = (LETTERS, DIGITS, WORD, NUMBER, NONBLANK, CAPITALIZED, UPPERCASE, LOWERCASE, CAPITAL, BLANK, PUNCTUATION)
"""The classes whose edges are places to cut at."""
TAKEN = (LETTERS, DIGITS, WORD, NUMBER, NONBLANK, CAPITALIZED, UPPERCASE, LOWERCASE)
"""The classes of which one takes the k-th match."""
DROPPED = (DIGITS, LETTERS, BLANK, PUNCTUATION, LOWERCASE, UPPERCASE)
MAX_COUNT = 5
MAX_LITERALS = 9
MAX_COLUMNS = 6
MAX_PLACE = 12

Weights = list[tuple[Rule, float]]


def string_grammar(task: Task) -> Grammar:
    """Return the weighted grammar of text programs over the task's relevant columns and the delimiters it shows."""
    cells = [tuple(map(as_text, row)) for row in task.rows]
    inputs = relevant_columns(task)
    rules: Weights = [
        (Rule("Text", None, ("Piece",)), _w("stop")),
        (Rule("Text", t.concat, ("Piece", "Text")), _w("concat")),
        (Rule("Piece", replace(LITERALS, shared=_shared_characters(task))), _w("constant")),
    ]
    if not inputs:
        return Grammar.weighted("Text", rules)
    rules += [
        (Rule("Piece", None, ("Taken",)), _w("taken")),
        (Rule("Piece", None, ("Changed",)), _w("taken") * _w("changed")),
        (Rule("Taken", None, ("Part",)), _w("part")),
        (Rule("Taken", t.left, ("Part", "Amount")), _w("left")),
        (Rule("Taken", t.right, ("Part", "Amount")), _w("right")),
    ]
    for casing in (t.upper, t.lower, t.proper, t.sentence):
        rules.append((Rule("Piece", casing, ("Taken",)), _w(casing.name)))
        rules.append((Rule("Piece", casing, ("Changed",)), _w(casing.name) * _w("changed")))
    literals: Counter[str] = Counter()
    for index in inputs:
        column = [row[index] for row in cells if row[index]]
        found = delimiters([text for text in column if text])
        literals.update(found)
        rules += _column(index, found, 1 / len(inputs))
    if literals:
        rules.append((Rule("Taken", t.token, ("Field", "Taken class", "Count")), _w("token of part")))
    rules += dates.date_rules(task, inputs)
    rules += _changed(list(literals))
    rules += _counts()
    rules += number_rules(task)
    rules += condition_rules(task, inputs, "Text")
    return Grammar.weighted("Program", rules)


def _column(index: int, delimiters: Sequence[str], share: float) -> Weights:
    cell, place, literal = f"x{index + 1}", f"Position in x{index + 1}", f"Delimiter of x{index + 1}"
    cut, field = f"Cut in x{index + 1}", f"Field of x{index + 1}"
    rules: Weights = [
        (Rule(cell, Input(index)), 1.0),
        (Rule("Taken", t.slice_, (cell, place, place)), _w("slice") * share),
        (Rule("Part", None, (cell,)), _w("whole") * share),
        (Rule("Part", t.token, (cell, "Taken class", "Count")), _w("token") * share),
        (Rule(place, t.at, (cell, "Place")), _w("at")),
        (Rule(place, t.before, (cell, cut, "Count")), _w("before")),
        (Rule(place, t.after, (cell, cut, "Count")), _w("after")),
    ]
    rules += [(Rule(cut, Constant(c, TOKEN)), _w(c.name)) for c in CUTS]
    if delimiters:
        rules += [
            (Rule("Part", None, (field,)), (_w("field") + _w("between")) * share),
            (Rule("Field", None, (field,)), share),
            (Rule("Taken", t.field, ("Field", literal, "Count")), _w("field of part") * share),
            (Rule(field, t.field, (cell, literal, "Count")), _w("field")),
            (Rule(field, t.between, (cell, literal, literal, "Count")), _w("between")),
        ]
        for rank, delimiter in enumerate(delimiters):
            weight = 2.0 ** -(3.0 + 0.25 * rank)
            rules += [
                (Rule(literal, Constant(delimiter, LITERAL)), weight),
                (Rule(cut, Constant(delimiter, TOKEN)), weight),
            ]
    return rules


def _changed(literals: Sequence[str]) -> Weights:
    rules: Weights = [
        (Rule("Changed", t.trim, ("Part",)), _w("trim")),
        (Rule("Changed", t.collapse, ("Part",)), _w("collapse")),
        (Rule("Changed", t.initials, ("Part",)), _w("initials")),
        (Rule("Changed", t.drop, ("Part", "Dropped class")), _w("drop")),
        (Rule("Changed", t.keep, ("Part", "Dropped class")), _w("keep")),
        (Rule("Changed", t.lookup, ("Part", "Table")), _w("lookup")),
        (Rule("Changed", t.pad_left, ("Part", "Width", "Fill")), _w("pad_left")),
        (Rule("Changed", t.pad_right, ("Part", "Width", "Fill")), _w("pad_right")),
    ]
    rules += [(Rule("Dropped class", Constant(c, TOKEN)), _w(c.name)) for c in DROPPED]
    rules += [(Rule("Taken class", Constant(c, TOKEN)), _w(c.name)) for c in TAKEN]
    rules += [(Rule("Table", Constant(name, TABLE)), 1.0) for name in TABLES]
    rules += [(Rule("Fill", Constant(fill, TEXT)), weight) for fill, weight in (("0", 4.0), (" ", 1.0))]
    rules += [(Rule("Width", Constant(n, INTEGER)), 1.0) for n in range(2, 13)]
    if literals:
        rules += [
            (Rule("Changed", t.remove, ("Part", "Literal")), _w("remove")),
            (Rule("Changed", t.replace, ("Part", "Literal", "Replacement")), _w("replace")),
        ]
        rules += [(Rule("Literal", Constant(s, LITERAL)), 1.0 / len(s)) for s in literals]
        rules += [(Rule("Replacement", Constant(s, TEXT)), 1.0) for s in (" ", "-", "_", ",", ".", "/", ":", ", ", ";")]
    return rules


def _counts() -> Weights:
    rules: Weights = []
    for n in range(MAX_COUNT):
        rules.append((Rule("Count", Constant(n + 1, INTEGER)), _w("first") * 2.0 ** (-BITS["next"] * n)))
        rules.append((Rule("Count", Constant(-n - 1, INTEGER)), _w("last") * 2.0 ** (-BITS["next"] * n)))
        rules.append((Rule("Amount", Constant(n + 1, INTEGER)), _w("one") * 2.0 ** (-BITS["more"] * n)))
    rules += [(Rule("Place", Constant(0, INTEGER)), _w("start")), (Rule("Place", Constant(-1, INTEGER)), _w("end"))]
    for n in range(1, MAX_PLACE):
        weight = _w("inner") * 2.0 ** (-BITS["further"] * n)
        rules += [(Rule("Place", Constant(k, INTEGER)), weight) for k in (n, -n - 1)]
    return rules


def _w(name: str) -> float:
    return float(2.0 ** -BITS[name])


# ---------------------------------------------------------------- what the cells show


def delimiters(column: Sequence[str], most: int = MAX_LITERALS) -> list[str]:
    """Return the literals that can serve as delimiters in a column, the most widespread first.

    Runs of punctuation and blanks, their single characters, and words or parts of text that stand in all cells.
    """
    found: Counter[str] = Counter()
    sample = column[:200]
    for text in sample:
        text = text[:2000]
        marks = set()
        for start, end in _separators(text):
            marks.add(text[start:end])
            marks.update(text[start:end])
        found.update(marks)
    if len(sample) > 1:
        first = sample[0][:400]
        words = {first[start:end] for start, end in spans(LETTERS, first)} | set(_joined_words(first))
        for word in words:
            if all(word in text for text in sample):
                found[word] = len(sample)
    half = max(1, len(sample) // 8)
    ranked = sorted((s for s in found if found[s] >= half), key=lambda s: (-found[s], len(s), s))
    return ranked[:most]


def _shared_characters(task: Task) -> frozenset[str]:
    """Return the characters of the examples' inputs, in both casings."""
    texts = [as_text(cell) or "" for example in task.examples for cell in example.inputs]
    characters = set("".join(text[:2000] for text in texts))
    return frozenset(form for char in characters for form in (char, char.upper(), char.lower()))


def _separators(text: str) -> list[tuple[int, int]]:
    """Return the runs between words: maximal stretches without letters and digits."""
    edges = [0, *(edge for span in spans(WORD, text) for edge in span), len(text)]
    return [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]


def _joined_words(text: str) -> list[str]:
    """Return each run of letters with the marks on its sides, such as " Model: "."""
    gaps = dict(_separators(text))
    ends = {end: start for start, end in gaps.items()}
    found = []
    for start, end in spans(LETTERS, text):
        before, after = ends.get(start, start), gaps.get(end, end)
        found += [text[before:end], text[start:after], text[before:after]]
    return found


def relevant_columns(task: Task, most: int = MAX_COLUMNS) -> list[int]:
    """Return the columns, at most `most`, that the outputs can come from: those which share text with them first."""
    width = len(task.rows[0]) if task.rows else 0
    if width <= 1:
        return list(range(width))

    def shared(column: int) -> float:
        total = 0.0
        for example in task.examples:
            text, target = as_text(example.inputs[column]), example.target
            if text and target:
                total += _overlap(text[:2000].casefold(), target[:2000].casefold()) / len(target)
        return total

    scores = {column: shared(column) for column in range(width)}
    ranked = sorted(range(width), key=lambda column: (-scores[column], column))
    useful = [column for column in ranked[:most] if scores[column] > 0]
    return sorted(useful or ranked[:most])


def _overlap(text: str, target: str) -> int:
    """Return how many characters of the target stand in tokens (or runs of two and more) that the text has too."""
    covered = 0
    place = 0
    while place < len(target):
        length = 0
        while place + length < len(target) and target[place : place + length + 1] in text:
            length += 1
        if length and any(kind.isalnum() for kind in target[place : place + length]):
            covered += length
        place += max(length, 1)
    return covered

