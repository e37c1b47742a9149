"""Random well-typed programs over all operators, decision lists too, and rows on which they often have a value."""

from __future__ import annotations

from hypothesis import strategies as st

from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.strings import conditions, text
from dsl.strings.tables import TABLES
from dsl.strings.tokens import CLASSES
from dsl.types import BOOLEAN, INTEGER, LITERAL, POSITION, TABLE, TEXT, TOKEN

OPERATORS = (*text.OPERATORS, *conditions.OPERATORS)
"""Text operators and conditions; numbers and dates have strategies of their own."""

BY_NAME: dict[str, Operator] = {operator.name: operator for operator in OPERATORS}

TEXT_OPERATORS = [operator for operator in OPERATORS if operator.returns is TEXT and operator.name != "when"]

LITERALS = (" ", ",", ", ", "-", "/", "@", "(", ")", ".", "--", "a", "an", "é", "'", '"', "#")
COUNTS = (1, -1, 1, -1, 2, -2, 3, -3)

# Letters, digits and marks on which spreadsheets agree with the interpreter; each set once in capitals.
PLAIN = "abnzABNZ"
SCRIPTS = "éÜñŠжДλΩ東語"
MARKS = " ,.;:-_/@()&'\"#"
SPECIAL = "ßİıſΣςσªºⅣǅǆ½²٣۴\u0301\u0345\u1e9e\u00ad\u200b\ud800𝒜😀𐐨\ufb01\x1f\x85\u2003ʰ"
"""Characters that casing, digits, blanks or lengths are special for: Python's emission holds on them too."""

_counts = st.sampled_from(COUNTS)
_classes = st.sampled_from(list(CLASSES.values()))
_literals = st.sampled_from(LITERALS)
_tables = st.sampled_from(list(TABLES)).map(lambda name: Constant(name, TABLE))
_fixed = st.sampled_from((" ", ". ", "Dr. ", "", '"q"', "x", "=1", "7")).map(lambda text: Constant(text, TEXT))


def _place(text: Program, texts: st.SearchStrategy[Program]) -> st.SearchStrategy[Program]:
    """Places in a text, now and then in another text."""
    where = st.integers(0, 15).flatmap(lambda n: st.just(text) if n else texts)
    at = st.builds(
        lambda t, k: Apply(BY_NAME["at"], (t, Constant(k, INTEGER))),
        where, st.sampled_from((0, -1, 0, -1, 1, 2, 5, -2, -4)),
    )  # fmt: skip
    edge = st.builds(
        lambda name, t, token, k: Apply(BY_NAME[name], (t, Constant(token, TOKEN), Constant(k, INTEGER))),
        st.sampled_from(("before", "after")), where, st.one_of(_literals, _classes), _counts,
    )  # fmt: skip
    return st.one_of(at, edge, edge, st.integers(0, 6).map(lambda n: Constant(n, POSITION)))


def _argument(operator: Operator, index: int, texts: st.SearchStrategy[Program]) -> st.SearchStrategy[Program]:
    kind = operator.params[index]
    if kind is TEXT:
        if operator.name.startswith("pad") and index == 2:
            return st.sampled_from("0 *").map(lambda char: Constant(char, TEXT))
        return st.one_of(texts, _fixed) if operator.name in ("concat", "replace") else texts
    if kind is INTEGER:
        counts = st.integers(1, 6) if operator.params[:2] == (TEXT, INTEGER) else _counts
        return counts.map(lambda k: Constant(k, INTEGER))
    if kind is TABLE:
        return _tables
    if kind is LITERAL:
        return _literals.map(lambda text: Constant(text, LITERAL))
    usually_class = st.one_of(_classes, _classes, _classes, _literals)
    return usually_class.map(lambda token: Constant(token, TOKEN))


def _applied(operator: Operator, texts: st.SearchStrategy[Program]) -> st.SearchStrategy[Program]:
    if operator.name == "slice":
        return texts.flatmap(
            lambda text: st.builds(
                lambda start, end: Apply(operator, (text, start, end)), _place(text, texts), _place(text, texts)
            )
        )
    arguments = [_argument(operator, index, texts) for index in range(len(operator.params))]
    return st.tuples(*arguments).map(lambda args: Apply(operator, args))


SAMPLES = ("Jan", "jan", "Jan K", "JanK", "JK", "12", "a1", "A-1", "3.5", "1,200", "東語", " x", "Jan, 1", "é é", "--")
"""What cells are compared with as a whole."""


def guards(columns: int = 2) -> st.SearchStrategy[Program]:
    """Guards on a cell."""
    cell = st.sampled_from([Input(index) for index in range(columns)])

    def guard(operator: Operator) -> st.SearchStrategy[Program]:
        rest = [_argument(operator, index, cell) for index in range(1, len(operator.params))]
        if operator.name in ("equals", "looks_like"):
            rest = [st.sampled_from(SAMPLES).map(lambda text: Constant(text, LITERAL))]
        return st.tuples(cell, *rest).map(lambda args: Apply(operator, args))

    return st.sampled_from([operator for operator in OPERATORS if operator.returns is BOOLEAN]).flatmap(guard)


def every_guard() -> list[Program]:
    """Every guard with every argument that is drawn above, on the first column."""
    wholes = [Constant(text, LITERAL) for text in SAMPLES]
    literals = [Constant(text, LITERAL) for text in LITERALS]
    tokens = [Constant(token, TOKEN) for token in (*CLASSES.values(), *LITERALS)]
    lengths = [Constant(n, INTEGER) for n in range(7)]
    found: list[Program] = []
    for operator in OPERATORS:
        if operator.returns is BOOLEAN:
            drawn = {LITERAL: literals, TOKEN: tokens, INTEGER: lengths}.get(operator.params[-1])
            compared = wholes if operator.name in ("equals", "looks_like") else drawn
            found += [Apply(operator, (Input(0), *rest)) for rest in ([[a] for a in compared] if compared else [[]])]
    return found


TELLING = (
    None, *SAMPLES, *(f"{a}{b}{a}" for a in LITERALS for b in ("k", "")), " ", "\t", "\u00a0", "\u2003", " \n\u00a0 ",
    " 12\u00a0", "-3", "−3", "+1.5", "1.", ".5", "1..2", "(7", "1 2", "Kotas", "KOTAS", "McDonald", "aB", "ABc", "żółw",
    "Mia Wu", "mia wu", "B-22", "b22", "x, 3", "Jan Kotas, 12", "東", "東1", "ー", "١", "é",
)  # fmt: skip
"""Cells on which guards differ."""


def programs(columns: int = 2, depth: int = 3) -> st.SearchStrategy[Program]:
    """Programs over every operator, texts nested at most `depth` deep; some are decision lists of two to four texts."""
    plain = texts(columns, depth)
    fixed = st.sampled_from(("", "NULL")).map(lambda text: Constant(text, TEXT))
    branch = st.integers(0, 3).flatmap(lambda n: plain if n else fixed)

    def chosen(cases: list[tuple[Program, Program]], otherwise: Program) -> Program:
        for case in cases:
            otherwise = Apply(BY_NAME["when"], (*case, otherwise))
        return otherwise

    lists = st.builds(chosen, st.lists(st.tuples(guards(columns), branch), min_size=1, max_size=3), branch)
    return st.integers(0, 2).flatmap(lambda n: plain if n else lists)  # one_of would make lists rare: it flattens


def texts(columns: int = 2, depth: int = 3) -> st.SearchStrategy[Program]:
    """Text programs without conditions over every operator, nested at most `depth` deep."""
    inputs = st.sampled_from([Input(index) for index in range(columns)])
    found: st.SearchStrategy[Program] = inputs
    for _ in range(depth):
        inner = found
        layers = [_applied(operator, inner) for operator in TEXT_OPERATORS]
        found = st.one_of(inputs, *layers)
    return found


def cells(alphabet: str = PLAIN + SCRIPTS + MARKS, blanks: str = "") -> st.SearchStrategy[str]:
    """Texts that look like cells: runs of a kind, marks between them, sometimes anything at all."""
    words = st.sampled_from(("Jan", "kotas", "MARIE", "de", "12", "007", "3.5", "1,200", "été", "ИВАН", "東語", "it's"))
    months = st.sampled_from(("jan", "March", " Apr ", "3", "12", "mon", "Sunday"))
    marks = st.sampled_from((" ", " ", ", ", ",", "-", "/", "@", "(", ")", ".", "--", "  ", *blanks))
    pieces = st.one_of(words, marks, st.text(alphabet, min_size=1, max_size=3))
    return st.one_of(st.lists(pieces, max_size=8).map("".join), st.text(alphabet + blanks, max_size=12), months)
