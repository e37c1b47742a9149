"""Conditions: guards on a cell, and the choice between two programs.

`when` takes undefined arguments too: the branch that is not taken may be undefined, and a guard that is undefined (on a
blank cell) counts as false.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dsl.grammar import Literals, Rule
from dsl.operator import Facts, Operator, operator
from dsl.program import Constant
from dsl.strings.text import BLANKS
from dsl.strings.tokens import DIGITS, LETTERS, LOWERCASE, UPPERCASE, WORD, TokenClass, kinds, shape, spans
from dsl.task import Task, row_key
from dsl.types import BOOLEAN, INTEGER, LITERAL, TEXT, TOKEN, as_text


def _truth(out: Facts, *_: Facts) -> list[bool]:
    return [out.value >= 0, out.value <= 1]


@operator(
    "when", (BOOLEAN, TEXT, TEXT), TEXT, strict=False,
    abstraction=lambda out, guard, then, other: [
        out.length <= then.length + other.length, out.weight <= then.weight + other.weight,
    ],
)  # fmt: skip
def when(guard: bool | None, then: str | None, other: str | None) -> str | None:
    """One text where a guard holds, another where it does not."""
    return then if guard else other


@operator("is_blank", (TEXT,), BOOLEAN, strict=False, abstraction=_truth)
def is_blank(text: str | None) -> bool:
    """Whether there is nothing, or nothing but blanks."""
    return text is None or not text.strip(BLANKS)


@operator("contains", (TEXT, LITERAL), BOOLEAN, abstraction=_truth)
def contains(text: str, literal: str) -> bool:
    """Whether a literal stands anywhere in the text."""
    return literal in text


@operator("starts_with", (TEXT, LITERAL), BOOLEAN, abstraction=_truth)
def starts_with(text: str, literal: str) -> bool:
    """Whether the text starts with a literal."""
    return text.startswith(literal)


@operator("ends_with", (TEXT, LITERAL), BOOLEAN, abstraction=_truth)
def ends_with(text: str, literal: str) -> bool:
    """Whether the text ends with a literal."""
    return text.endswith(literal)


@operator("equals", (TEXT, LITERAL), BOOLEAN, abstraction=_truth)
def equals(text: str, literal: str) -> bool:
    """Whether the text is exactly a literal."""
    return text == literal


@operator("has", (TEXT, TOKEN), BOOLEAN, abstraction=_truth)
def has(text: str, token: TokenClass | str) -> bool:
    """Whether a token occurs anywhere in the text."""
    return bool(spans(token, text))


@operator("begins", (TEXT, TOKEN), BOOLEAN, abstraction=_truth)
def begins(text: str, token: TokenClass | str) -> bool:
    """Whether the text begins with a token."""
    found = spans(token, text)
    return bool(found) and found[0][0] == 0


_NUMBER = re.compile(r"p?d+(?:cd+)*")


@operator("is_number", (TEXT,), BOOLEAN, abstraction=_truth)
def is_number(text: str) -> bool:
    """Whether the text as a whole is a number, perhaps with a sign."""
    text = text.strip(BLANKS)
    return bool(_NUMBER.fullmatch(kinds(text))) and (text[0] in "+-−" or text[0].isdecimal())


@operator("looks_like", (TEXT, LITERAL), BOOLEAN, abstraction=_truth)
def looks_like(text: str, sample: str) -> bool:
    """Whether the text has the same kinds of characters, run by run, as a sample."""
    return shape(text) == shape(sample)


@operator(
    "longer", (TEXT, INTEGER), BOOLEAN,
    abstraction=lambda out, text, n: [out.value >= 0, out.value <= 1, n.value + out.value <= n.value + text.length],
)  # fmt: skip
def longer(text: str, n: int) -> bool | None:
    """Whether the text has more than n characters."""
    return len(text) > n if n >= 0 else None


OPERATORS = (
    when, is_blank, contains, starts_with, ends_with, equals, has, begins, is_number, looks_like, longer,
)  # fmt: skip


# ---------------------------------------------------------------- the rules that a task calls for

BITS = {
    "unconditional": 0.1, "when": 5.0, "blank branch": 3.0, "constant branch": 3.0,
    "is_blank": 2.0, "contains": 2.0, "has": 2.5, "begins": 3.0, "starts_with": 3.0, "ends_with": 3.0, "is_number": 3.0,
    "equals": 4.0, "looks_like": 4.5, "longer": 5.0,
}  # fmt: skip
FIXED = Literals(mark=2.5, letter=3.2, digit=3.2)
"""A branch that always writes the same is natural, so its text is cheaper than constants among other pieces."""
CLASSES = (DIGITS, LETTERS, UPPERCASE, LOWERCASE, WORD)
MOST_LITERALS = 24
LONGEST_LITERAL = 40

CELL_GUARDS: tuple[Operator, ...] = (is_blank, is_number)
LITERAL_GUARDS: tuple[Operator, ...] = (contains, starts_with, ends_with)


def condition_rules(task: Task, columns: Sequence[int], text: str) -> list[tuple[Rule, float]]:
    """Return weighted rules for "Program": a `text` program, or a choice among several under guards on the columns.

    A choice needs two examples to be learnt from; with fewer there are no rules for it.
    """
    rules = [(Rule("Program", None, ("Branch",)), _w("unconditional")), (Rule("Branch", None, (text,)), 1.0)]
    if len({row_key(example.inputs) for example in task.examples}) < 2:
        return rules
    rules += [
        (Rule("Program", when, ("Guard", "Branch", "Program")), _w("when")),
        (Rule("Branch", Constant("", TEXT)), _w("blank branch")),
        (Rule("Branch", None, ("Fixed text",)), _w("constant branch")),
        (Rule("Fixed text", FIXED), 1.0),
    ]
    rules += [(Rule("Class", Constant(c, TOKEN)), 1.0) for c in CLASSES]
    rules += [(Rule("Length", Constant(n, INTEGER)), 1.0) for n in _lengths(task, columns)]
    for column in columns:
        cell, literal, whole = f"x{column + 1}", f"Literal in x{column + 1}", f"Text of x{column + 1}"
        share = 1 / len(columns)
        rules += [(Rule("Guard", guard, (cell,)), _w(guard.name) * share) for guard in CELL_GUARDS]
        rules += [(Rule("Guard", guard, (cell, "Class")), _w(guard.name) * share) for guard in (has, begins)]
        rules.append((Rule("Guard", longer, (cell, "Length")), _w("longer") * share))
        if parts := _parts(task, column):
            rules += [(Rule("Guard", guard, (cell, literal)), _w(guard.name) * share) for guard in LITERAL_GUARDS]
            rules += [(Rule(literal, Constant(part, LITERAL)), _telling(part)) for part in parts]
        if texts := _texts(task, column):
            rules += [(Rule("Guard", guard, (cell, whole)), _w(guard.name) * share) for guard in (equals, looks_like)]
            rules += [(Rule(whole, Constant(one, LITERAL)), 1.0) for one in texts]
    return rules


def _texts(task: Task, column: int) -> list[str]:
    """Return the examples' distinct cells in a column, those short enough to be spelt out in a guard."""
    cells = [as_text(example.inputs[column]) or "" for example in task.examples]
    return list(dict.fromkeys(cell for cell in cells if 0 < len(cell) <= LONGEST_LITERAL))


def _parts(task: Task, column: int) -> list[str]:
    """Return words and runs of marks that some but not all of the examples' cells contain, the shortest first."""
    cells = [(as_text(example.inputs[column]) or "")[:400] for example in task.examples]
    found: dict[str, None] = {}
    for cell in cells:
        words = spans(WORD, cell)
        edges = [0, *(edge for span in words for edge in span), len(cell)]
        marks = [cell[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
        found.update(dict.fromkeys([*(cell[a:b] for a, b in words), *marks, *(c for mark in marks for c in mark)]))
    telling = [part for part in found if not all(part in cell for cell in cells) and len(part) <= LONGEST_LITERAL]
    return sorted(telling, key=len)[:MOST_LITERALS]


def _telling(part: str) -> float:
    """Return the weight of a literal in a guard: marks tell kinds of cells apart, long words single ones."""
    return float(2.0 ** -(len(part) + 3 * any(map(str.isalnum, part))))


def _lengths(task: Task, columns: Sequence[int]) -> list[int]:
    """Return the lengths of the examples' cells, which is where a guard on length can tell them apart."""
    lengths = {len(as_text(e.inputs[column]) or "") for e in task.examples for column in columns}
    return sorted(lengths)[:6]


def _w(name: str) -> float:
    return float(2.0 ** -BITS[name])
