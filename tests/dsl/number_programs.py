"""Random programs over the number operators, and cells in which numbers stand."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from dsl.program import Apply, Constant, Input, Program
from dsl.strings.numbers import (
    NUMBER,
    NUMBER_FORMAT,
    NUMBER_OPERATORS,
    NUMBER_STYLE,
    STYLES,
    NumberFormat,
)
from dsl.strings.text import concat, upper
from dsl.types import INTEGER, TEXT

BY_NAME = {operator.name: operator for operator in NUMBER_OPERATORS}

CODES = (
    "0", "00000", "0.00", "0.##", "0.0#", "0.*", "0.00*", "#,##0", "#,##0.00", "#,##,##0.0", "#.##0,00", "# ##0",
    "???0.???", "??0.?*", "$#,##0.00", "$#,##0.00;()", "0.0%", "+0.0", "0.0a", "$0.#a", "0.00 €", "00,0*", "0.?##",
)  # fmt: skip
STEPS = ("1", "5", "25", "0.05", "0.25", "1000", "0.001", "3")
CONSTANTS = ("1", "-1", "0", "0.5", "100", "1.8", "-32", "60", "3", "1000000")

styles = st.sampled_from(list(STYLES.values()))
formats = st.sampled_from(CODES).map(NumberFormat)
decimals = st.one_of(
    st.decimals(-(10**7), 10**7, allow_nan=False, allow_infinity=False, places=3),
    st.decimals(-100, 100, allow_nan=False, allow_infinity=False, places=2),
    st.integers(-1000, 1000).map(Decimal),
    st.sampled_from([Decimal(text) for text in ("0.5", "-0.5", "2.675", "999950", "0", "1E+20", "1E-20")]),
)

_texts = st.sampled_from([Input(0), Input(1)])
_style = styles.map(lambda style: Constant(style, NUMBER_STYLE))
_format = formats.map(lambda format: Constant(format, NUMBER_FORMAT))
_counts = st.sampled_from((1, 1, 2, -1, -2, 3, 0)).map(lambda k: Constant(k, INTEGER))
_shifts = st.sampled_from((0, 0, 2, -2, 3, -4)).map(lambda k: Constant(k, INTEGER))


def _constants(values: tuple[str, ...]) -> st.SearchStrategy[Program]:
    return st.sampled_from(values).map(lambda text: Constant(Decimal(text), NUMBER))


def _apply(name: str, *args: st.SearchStrategy[Program]) -> st.SearchStrategy[Program]:
    return st.tuples(*args).map(lambda chosen: Apply(BY_NAME[name], chosen))


def number_programs() -> st.SearchStrategy[Program]:
    """Text programs over every number operator."""
    read = st.one_of(_apply("number", _texts, _style), _apply("number_in", _texts, _style, _counts))
    numbers = read
    for _ in range(2):
        inner = numbers
        computed = [_apply(name, inner, _constants(CONSTANTS)) for name in ("add", "multiply", "divide")]
        rounded = [
            _apply(name, inner, _constants(STEPS)) for name in ("round_nearest", "round_down", "round_up", "truncate")
        ]
        cut = _apply("significant", inner, _counts)
        numbers = st.one_of(read, _apply("absolute", inner), cut, *computed, *rounded)
    separators = st.sampled_from(("-", " to ", "–")).map(lambda text: Constant(text, TEXT))
    steps, starts = _constants(STEPS), _constants(("0", "1", "0.5", "7"))
    texts: st.SearchStrategy[Program] = st.one_of(
        _apply("number_text", numbers, _format),
        _apply("number_text", numbers, _format),
        _apply("number_range", numbers, steps, starts, _constants(("24", "1", "9.99")), separators, _format),
        _apply("plain", _texts, _style, _shifts),
        _apply("ordinal", numbers),
        _apply("spelled", numbers),
    )
    joined = st.tuples(texts, st.one_of(texts, _texts)).map(lambda parts: Apply(concat, parts))
    return st.one_of(texts, texts, joined, texts.map(lambda text: Apply(upper, (text,))))


def number_cells() -> st.SearchStrategy[str]:
    """Cells that hold numbers in many dresses, alone or in a text, and cells that nearly do."""
    digits = st.one_of(
        st.integers(0, 130).map(str),
        st.integers(0, 10**8).map(str),
        st.integers(0, 10**8).map(lambda n: f"{n:,}"),
        st.integers(0, 10**8).map(lambda n: f"{n:,}".replace(",", ".")),
        st.decimals(0, 10**6, places=2, allow_nan=False).map(str),
        st.decimals(0, 10**6, places=2, allow_nan=False).map(lambda d: f"{d:,}"),
        st.sampled_from(
            ("007", "12,34,567", "1 234", "1'000.5", ".5", "5.", "0.0", "1.5e3", "2E-003", "1,23", "٣", "½")
        ),
    )
    front = st.sampled_from(("", "", "", "-", "−", "$", "-$", "$-", "(", "€ ", "USD ", "+", "Rs. ", "A", "x-", "no. "))
    behind = st.sampled_from(("", "", "", "%", " kg", ")", "K", "bn", "th", "-", " €", ".", ", 5", " -3", "/7"))
    return st.one_of(
        st.tuples(front, digits, behind).map("".join),
        st.lists(st.tuples(front, digits, behind).map("".join), max_size=3).map(" ".join),
        st.text("0123456789.,-+()eE%$ K", max_size=10),
    )
