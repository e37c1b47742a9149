"""Token classes in many scripts: kinds, spans and shapes."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsl.strings.tokens import CLASSES, TokenClass, kinds, shape, spans

_texts = st.one_of(
    st.text(max_size=12),
    st.text("aB1 .,-éÉж東٣́ ﬁǅ", max_size=12),
    st.lists(st.sampled_from(("Jan", " ", "1,200.5", "de", "ИВАН", "été", "3", "..", "O'N")), max_size=6).map("".join),
)

RUNS = {
    "letters": "Ulom", "digits": "d", "word": "Ulomd", "uppercase": "U", "lowercase": "lm", "blank": "s",
    "nonblank": "Ulomdcp", "punctuation": "pc",
}  # fmt: skip
"""The classes that are maximal runs of characters, with the kinds of these."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jan 5", "Ullsd"), ("Éé", "Ul"), ("Жж", "Ul"), ("東語", "oo"), ("שלום", "oooo"), ("हिन्दी", "omomom"),
        ("e\u0301", "lm"), ("٣۴५", "ddd"), ("½²", "pp"), ("Ⅳ", "U"), ("ß", "l"), ("ǅ", "o"), ("ª", "l"),
        (" \t\n\u00a0\u2003", "sssss"), (".,", "cc"), ("-_/@'…«", "ppppppp"), ("😀", "p"), ("𝒜𐐨", "Ul"),
        ("\u200b\u00ad", "pp"), ("\ud800", "p"), ("", ""),
    ],
)  # fmt: skip
def test_kinds(text: str, expected: str) -> None:
    assert kinds(text) == expected


@given(_texts)
def test_every_character_has_one_kind(text: str) -> None:
    found = kinds(text)
    assert len(found) == len(text)
    for char, kind in zip(text, found, strict=True):
        assert kind in "Ulodmscp"
        assert (kind in "Ulo") == (char.isalpha() or char.isupper() or char.islower())
        assert (kind == "d") == char.isdecimal()
        assert (kind == "s") == char.isspace()
        if kind == "m":
            assert unicodedata.category(char).startswith("M")


@pytest.mark.parametrize("token", CLASSES.values(), ids=str)
@given(text=_texts)
def test_spans_run_from_left_to_right_without_overlap(token: TokenClass, text: str) -> None:
    last = 0
    for start, end in spans(token, text):
        assert last <= start < end <= len(text)
        last = end


@pytest.mark.parametrize("name", RUNS)
@given(text=_texts)
def test_runs_are_maximal_and_complete(name: str, text: str) -> None:
    found, kind = spans(CLASSES[name], text), kinds(text)
    inside = {i for start, end in found for i in range(start, end)}
    assert inside == {i for i in range(len(text)) if kind[i] in RUNS[name]}
    for start, end in found:
        assert start == 0 or kind[start - 1] not in RUNS[name]
        assert end == len(text) or kind[end] not in RUNS[name]


def _taken(name: str, text: str) -> list[str]:
    return [text[start:end] for start, end in spans(CLASSES[name], text)]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("number", "1,200.5 and 3.", ["1,200.5", "3"]), ("number", ".5,,6", ["5", "6"]),
        ("number", "12-3", ["12", "3"]),
        ("capitalized", "JanKotas de LUCA Éva", ["Jan", "Kotas", "Éva"]), ("capital", "ABc É", ["A", "B", "É"]),
        ("uppercase", "ABc É", ["AB", "É"]), ("lowercase", "ABcd é", ["cd", "é"]),
        ("letters", "O'Neil-東語 e\u0301t", ["O", "Neil", "東語", "e\u0301t"]),
        ("word", "A1-b2_c", ["A1", "b2", "c"]), ("nonblank", " a-b\u00a0c ", ["a-b", "c"]),
        ("punctuation", "a--b, c.", ["--", ",", "."]), ("blank", "a \t b", [" \t "]), ("digits", "٣4-५", ["٣4", "५"]),
    ],
)  # fmt: skip
def test_what_each_class_takes(name: str, text: str, expected: list[str]) -> None:
    assert _taken(name, text) == expected


def test_every_class_is_known_by_its_name() -> None:
    assert all(token.name == name == str(token) for name, token in CLASSES.items())
    assert all(token.singular and token.plural for token in CLASSES.values())


@given(st.text("ab-", max_size=10), st.text("ab-", max_size=3))
def test_a_literal_matches_itself_as_often_as_python_counts(text: str, literal: str) -> None:
    found = spans(literal, text)
    assert all(text[start:end] == literal for start, end in found)
    assert len(found) == (text.count(literal) if literal else 0)
    if literal:
        edges = [0, *(edge for span in found for edge in span), len(text)]
        assert [text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True)] == text.split(literal)


@pytest.mark.parametrize(
    ("text", "other"),
    [("Jan Kotas", "Mia Wu"), ("12-345", "1-2"), ("ABC", "XY"), ("a  b", "cc d"), ("Éva", "Jan"), ("東", "語語")],
)
def test_texts_that_look_alike_have_one_shape(text: str, other: str) -> None:
    assert shape(text) == shape(other)


@pytest.mark.parametrize(("text", "other"), [("Jan", "jan"), ("Jan K", "Jan"), ("a1", "1a"), ("a.b", "a-b"), ("", " ")])
def test_texts_that_look_different_have_different_shapes(text: str, other: str) -> None:
    assert shape(text) != shape(other)


@given(_texts)
def test_a_shape_has_no_repetitions_and_follows_from_the_kinds(text: str) -> None:
    found = shape(text)
    assert all(a != b for a, b in pairwise(found))
    sample = {"U": "X", "l": "y", "o": "東", "d": "7", "m": "\u0301", "s": "\t", "c": ",", "p": "#"}
    assert shape("".join(sample[kind] for kind in kinds(text))) == found
