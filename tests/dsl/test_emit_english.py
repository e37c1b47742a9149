"""One program against one sentence each; together they cover every operator."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import BY_NAME, OPERATORS, TELLING, cells, every_guard, programs

from dsl.emit import Unsupported
from dsl.emit import english as english_module
from dsl.emit.english import english
from dsl.interpreter import evaluate, outputs
from dsl.parser import parse
from dsl.program import Apply, Constant, Program, subprograms
from dsl.types import TEXT

SENTENCES = {
    "x1": "Name.",
    '"n/a"': "“n/a”.",
    'concat(token(x1, word, 1), concat(". ", upper(slice(x2, after(x2, ", ", 1), at(x2, -1)))))':
        "The first word of Name, then “. ”, then the text after the first “, ” in City in capitals.",
    'concat(x1, concat(" ", lower(x2)))': "Name, then a space, then City in small letters.",
    "upper(concat(x1, x2))": "(Name, then City) in capitals.",
    "token(upper(x1), capitalized, 2)": "The second capitalized word of (Name in capitals).",
    "upper(token(x1, capitalized, -2))": "The second to last capitalized word of Name in capitals.",
    'field(x1, " ", -1)': "The last space-separated part of Name.",
    'field(x1, ", ", 12)': "The 12th “, ”-separated part of Name.",
    'between(x1, "(", ")", 1)': "The text between the first “(” and the next “)” in Name.",
    "slice(x1, before(x1, digits, 1), at(x1, -1))": "The text from the first run of digits in Name.",
    'slice(x1, at(x1, 0), after(x1, "-", 2))': "The text up to and including the second “-” in Name.",
    "slice(x1, after(x1, word, 1), before(x1, digits, -1))":
        "The text after the first word and before the last run of digits in Name.",
    "slice(x1, 3, 6)": "The text from the fourth character up to the sixth character in Name.",
    "slice(x1, at(x1, 0), at(x1, 3))": "The first 3 characters (if there are that many) of Name.",
    "slice(x1, at(x1, 0), at(x1, -2))": "All but the last character of Name.",
    'slice(x1, before(x2, "-", 1), at(x1, -1))': "The text from the first “-” (counted in City) in Name.",
    "left(x1, 1)": "The first character of Name.",
    "right(trim(x1), 3)": "The last 3 characters of (Name without blanks at either end).",
    "proper(x1)": "Name with every word capitalized.",
    "sentence(x1)": "Name in small letters but for a capital at the start.",
    "initials(x1)": "The initials of Name.",
    "collapse(x1)": "Name with single spaces and no blanks at either end.",
    'remove(remove(x1, "-"), " ")': "Name without any “-” without spaces.",
    'replace(upper(x1), "\\t", upper(x2))': "Name in capitals with every tab replaced by (City in capitals).",
    "drop(x1, digits)": "Name without digits.",
    "keep(x1, letters)": "Only the letters of Name.",
    'pad_left(x1, 5, "0")': "Name filled up with “0” at the left to 5 characters.",
    'pad_right(x1, 5, " ")': "Name filled up with a space at the right to 5 characters.",
    "lookup(left(x1, 3), month_name)":
        "The full name of the month abbreviated in the first 3 characters of Name.",
    'when(contains(x1, "x"), field(x1, " ", -1), "NULL")':
        "If Name contains “x”, the last space-separated part of Name; otherwise “NULL”.",
    'when(is_blank(x2), "", when(equals(x2, "n/a"), upper(x1), concat(x1, concat(" ", x2))))':
        "If City is blank, leave it blank; otherwise, if City is “n/a”, Name in capitals; "
        "otherwise Name followed by a space followed by City.",
    'when(has(x1, digits), x1, when(has(x1, word), x2, ""))':
        "If Name contains digits, Name; otherwise, if Name contains letters or digits, City; otherwise leave it blank.",
    "when(begins(x1, uppercase), x1, when(begins(x1, capitalized), lower(x1), x2))":
        "If Name begins with a capital, Name; otherwise, if Name begins with a capitalized word, "
        "Name in small letters; otherwise City.",
    'when(looks_like(x1, "Ab 12"), x1, when(starts_with(x1, "Dr. "), x2, when(ends_with(x1, " "), x1, "?")))':
        "If Name looks like “Ab 12”, Name; otherwise, if Name begins with “Dr. ”, City; otherwise, "
        "if Name ends with a space, Name; otherwise “?”.",
    'when(is_number(x1), x1, when(longer(x1, 5), left(x1, 5), when(longer(x2, 1), x2, "")))':
        "If Name is a number, Name; otherwise, if Name has more than 5 characters, the first 5 characters of Name; "
        "otherwise, if City has more than 1 character, City; otherwise leave it blank.",
}  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), SENTENCES.items())
def test_sentences(text: str, sentence: str) -> None:
    assert english(parse(text, OPERATORS), ["Name", "City"]) == sentence


def test_every_operator_is_covered() -> None:
    rows = {"concat", "when", *english_module.TABLE, *english_module.CHANGES, *english_module.GUARDS}
    assert {operator.name for operator in OPERATORS} <= rows
    said = {
        node.operator.name
        for text in SENTENCES
        for node in subprograms(parse(text, OPERATORS))
        if isinstance(node, Apply)
    }
    assert said == {operator.name for operator in OPERATORS}


def test_guards_said_alike_hold_alike() -> None:
    meant: dict[str, list[bool]] = {}
    for guard in every_guard():
        sentence = english(Apply(BY_NAME["when"], (guard, Constant("", TEXT), Constant("-", TEXT))))
        holds = [bool(evaluate(guard, (cell,))) for cell in TELLING]
        assert meant.setdefault(sentence, holds) == holds, sentence


def test_conditions_inside_texts_are_refused() -> None:
    for text in ('upper(when(is_blank(x1), "", x1))', "when(is_blank(x1), when(is_blank(x2), x1, x2), x1)"):
        with pytest.raises(Unsupported, match="top of a program"):
            english(parse(text, OPERATORS))


def test_a_sentence_with_conditions_starts_with_a_capital_whatever_the_headers() -> None:
    assert english(parse('when(is_number(x1), x1, "")', OPERATORS), ["if"]).startswith("If if is a number")


def test_headers_that_are_missing_or_twice_there() -> None:
    both = parse("concat(x1, x2)", OPERATORS)
    assert english(both, ["Name", " Name"]) == "Name (column 1), then Name (column 2)."
    assert english(both, ["", "e-mail\naddress"]) == "column 1, then e-mail address."
    assert english(both, ["iPhone"]) == "iPhone, then column 2."


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(programs(depth=2), min_size=50, max_size=100),
    st.lists(st.tuples(cells(), cells()), min_size=4, max_size=4),
)
def test_one_sentence_means_one_behaviour(some: list[Program], rows: list[tuple[str, str]]) -> None:
    meant: dict[str, Program] = {}
    for each in some:
        sentence = english(each, ["Name", "City"])
        assert "\n" not in sentence and sentence.endswith(".")
        other = meant.setdefault(sentence, each)
        assert outputs(each, rows) == outputs(other, rows), (sentence, str(each), str(other))
