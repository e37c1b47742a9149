"""What holds of every operator: its inverse, its facts, its printed form, and how it behaves at the edges."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import BY_NAME, LITERALS, MARKS, OPERATORS, PLAIN, SCRIPTS, SPECIAL, cells, programs

from dsl.operator import Facts, Infixes, Operator
from dsl.parser import ProgramError, parse
from dsl.program import Program
from dsl.strings.tables import TABLES
from dsl.strings.tokens import CLASSES
from dsl.types import BOOLEAN, INTEGER, LITERAL, POSITION, TABLE, TEXT, TOKEN, Type, Value

DIGITS, WORD, LETTERS = CLASSES["digits"], CLASSES["word"], CLASSES["letters"]
CASINGS = ("upper", "lower", "proper", "sentence")
_any_text = st.one_of(cells(), cells(PLAIN + SCRIPTS + MARKS + SPECIAL, blanks="\t\u00a0\n"))
_quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def _domain(operator: Operator, index: int, texts: list[str]) -> list[Value]:
    """A small domain for an argument."""
    literals: list[Value] = list(LITERALS)
    fills: list[Value] = ["0", " "]
    if operator.name.startswith("pad") and index == 2:
        return fills
    domains: dict[Type, list[Value]] = {
        TEXT: list(texts),
        INTEGER: [*range(-4, 9)],
        POSITION: list(range(12)),
        LITERAL: literals,
        TOKEN: [*literals, *CLASSES.values()],
        TABLE: list(TABLES),
        BOOLEAN: [True, False],
    }
    return domains[operator.params[index]]


def _domains(operator: Operator, texts: list[str]) -> list[list[Value]]:
    return [_domain(operator, index, texts) for index in range(len(operator.params))]


@pytest.mark.parametrize("operator", [o for o in OPERATORS if o.witness], ids=str)
@_quick
@given(texts=st.lists(cells(), min_size=1, max_size=3, unique=True), data=st.data())
def test_witness_yields_just_the_arguments_that_give_the_output(
    operator: Operator, texts: list[str], data: st.DataObject
) -> None:
    domains = _domains(operator, texts)
    assert operator.witness is not None
    arguments = [data.draw(st.sampled_from(domain)) for domain in domains]
    output = operator.apply(*arguments)
    if output is None:
        return
    found = list(operator.witness(output, domains))
    assert len(set(found)) == len(found), "a tuple is yielded twice"
    for args in found:
        assert operator.apply(*args) == output, args
    if operator.name == "concat":  # the parts of a join may be any texts but empty ones
        assert found == [(output[:cut], output[cut:]) for cut in range(1, len(output))]
        return
    expected = {args for args in product(*domains) if operator.apply(*args) == output}
    assert set(found) == expected


@pytest.mark.parametrize("name", CASINGS)
@_quick
@given(text=cells(), data=st.data())
def test_casings_find_every_infix_that_they_turn_into_the_output(name: str, text: str, data: st.DataObject) -> None:
    operator = BY_NAME[name]
    assert operator.witness is not None
    infixes = {text[i:j] for i in range(len(text)) for j in range(i + 1, len(text) + 1)} or {""}
    output = operator.apply(data.draw(st.sampled_from(sorted(infixes))))
    if output:
        expected = {(part,) for part in infixes if operator.apply(part) == output}
        assert set(operator.witness(output, [Infixes((text,))])) == expected


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
@_quick
@given(texts=st.lists(_any_text, min_size=1, max_size=3), data=st.data())
def test_abstraction_holds_of_every_value(operator: Operator, texts: list[str], data: st.DataObject) -> None:
    arguments = [data.draw(st.sampled_from(domain)) for domain in _domains(operator, texts)]
    output = operator.apply(*arguments)
    if output is not None:
        weights = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=5))
        facts = [Facts.of(value, lambda text: sum(weights[ord(c) % len(weights)] for c in text))
                 for value in (output, *arguments)]  # fmt: skip
        assert all(operator.abstraction(*facts)), (arguments, output)


SMALL: dict[Type, list[Value]] = {
    TEXT: ["".join(chars) for length in range(6) for chars in product("a-1", repeat=length)],
    INTEGER: [*range(-3, 5)], POSITION: [*range(5)], LITERAL: ["-", "a", "1-"], TOKEN: [LETTERS, DIGITS, WORD, "-"],
    TABLE: ["month_name"], BOOLEAN: [True, False],
}  # fmt: skip


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_abstraction_holds_of_all_small_values(operator: Operator) -> None:
    """The first text is any of up to five characters, further ones are a few."""
    first, *others = [["", "-", "a1"] if index and kind is TEXT else SMALL[kind]
                      for index, kind in enumerate(operator.params)]  # fmt: skip
    for arguments in product(first, *others):
        output = operator.apply(*arguments)
        if output is not None:
            assert all(operator.abstraction(Facts.of(output), *map(Facts.of, arguments))), (arguments, output)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(programs(depth=1), programs(depth=2), programs(depth=3)))
def test_printed_programs_parse_to_themselves(program: Program) -> None:
    assert parse(str(program), OPERATORS, columns=2) == program


EDGES: list[tuple[str, tuple[Value, ...], Value]] = [
    ("concat", ("", "b"), "b"),
    ("at", ("abc", 3), 3), ("at", ("abc", 4), None), ("at", ("abc", -4), 0), ("at", ("abc", -5), None),
    ("at", ("", 0), 0), ("at", ("", -1), 0),
    ("before", ("a1b22", DIGITS, 2), 3), ("before", ("a1b22", DIGITS, -2), 1), ("before", ("a", DIGITS, 1), None),
    ("before", ("a-b", "-", 1), 1), ("before", ("a", WORD, 0), None),
    ("after", ("a1b22", DIGITS, -1), 5), ("after", ("a---b", "--", 1), 3), ("after", ("a---b", "--", 2), None),
    ("slice", ("abc", 1, 1), ""), ("slice", ("abc", 2, 1), None), ("slice", ("abc", 0, 4), None),
    ("token", ("Jan Kotas", WORD, -1), "Kotas"), ("token", ("Jan", WORD, 2), None), ("token", ("", WORD, 1), None),
    ("token", ("1.5.", CLASSES["number"], 1), "1.5"), ("token", ("JanKotas", CLASSES["capitalized"], 2), "Kotas"),
    ("field", ("a,,b", ",", 2), ""), ("field", ("ab", ",", 1), "ab"), ("field", ("ab", ",", 2), None),
    ("field", ("a,b", ",", -3), None), ("field", ("", ",", -1), ""),
    ("between", ("a(b)(c)", "(", ")", 2), "c"), ("between", ("a(b", "(", ")", 1), None),
    ("between", (")a(b)", "(", ")", 1), "b"), ("between", ("()", "(", ")", 1), ""),
    ("left", ("ab", 5), "ab"), ("left", ("ab", 0), None), ("right", ("abc", 2), "bc"), ("right", ("ab", 5), "ab"),
    ("upper", ("straße",), "STRASSE"), ("lower", ("ÉA",), "éa"), ("proper", ("it's o'neil",), "It'S O'Neil"),
    ("proper", ("MARY-ANN 3rd",), "Mary-Ann 3Rd"), ("sentence", ("ABC dEF",), "Abc def"), ("sentence", ("",), ""),
    ("initials", ("Jan de-Wit 3",), "JdW3"), ("initials", ("--",), None),
    ("trim", ("\u00a0 a  b\t",), "a  b"), ("collapse", (" a \t b\u00a0c ",), "a b c"),
    ("remove", ("aaa", "aa"), "a"), ("replace", ("aaa", "aa", "b"), "ba"), ("replace", ("a", "x", "b"), "a"),
        ("replace", ("a" * 200, "a", "b" * 200), None),  # longer than a cell can be: no text grows without bound
        ("replace", ("a" * 40_000, "a", "b"), "b" * 40_000),
    ("drop", ("a1 b22", DIGITS), "a b"), ("drop", ("1", DIGITS), ""),
    ("keep", ("a1 b22", DIGITS), "122"), ("keep", ("ab", DIGITS), None),
    ("pad_left", ("7", 3, "0"), "007"), ("pad_left", ("1234", 3, "0"), "1234"), ("pad_left", ("7", 3, "00"), None),
    ("pad_right", ("7", 3, "."), "7.."), ("pad_right", ("7", 0, "."), None),
    ("lookup", (" mAR ", "month_name"), "March"), ("lookup", ("March", "month_name"), None),
    ("lookup", ("3", "month_name_of_number"), "March"), ("lookup", ("03", "month_name_of_number"), None),
    ("when", (True, "a", None), "a"), ("when", (False, None, "b"), "b"), ("when", (None, "a", "b"), "b"),
    ("when", (True, None, "b"), None),
    ("is_blank", (None,), True), ("is_blank", ("\u00a0\t\n ",), True), ("is_blank", ("\u2003",), False),
    ("contains", ("abc", "bc"), True), ("contains", ("abc", "B"), False),
    ("starts_with", ("abc", "ab"), True), ("starts_with", ("a", "ab"), False),
    ("ends_with", ("abc", "bc"), True), ("ends_with", ("abc", "ab"), False),
    ("equals", ("abc", "abc"), True), ("equals", ("Abc", "abc"), False),
    ("has", ("ab1", DIGITS), True), ("has", ("", WORD), False), ("has", ("a-b", "-"), True),
    ("begins", ("1ab", DIGITS), True), ("begins", (" 1", DIGITS), False), ("begins", ("", WORD), False),
    ("begins", ("--a", "-"), True), ("begins", ("JKotas", CLASSES["capitalized"]), False),
    ("is_number", (" -1,200.5 ",), True), ("is_number", ("1.",), False), ("is_number", (".5",), False),
    ("is_number", ("(1",), False), ("is_number", ("",), False), ("is_number", ("−3",), True),
    ("looks_like", ("Mia Wu", "Jan Kotas"), True), ("looks_like", ("mia Wu", "Jan Kotas"), False),
    ("looks_like", ("JanKotas", "Mia"), True), ("looks_like", ("AB-1", "X-22"), True),
    ("longer", ("abc", 2), True), ("longer", ("abc", 3), False), ("longer", ("abc", -1), None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "expected"), EDGES)
def test_edges(name: str, args: tuple[Value, ...], expected: Value) -> None:
    assert BY_NAME[name].apply(*args) == expected


def test_every_operator_has_an_edge_case_and_a_line_of_description() -> None:
    assert {name for name, _, _ in EDGES} == set(BY_NAME)
    assert all(operator.doc for operator in OPERATORS)


@pytest.mark.parametrize(
    "text",
    ["", "upper(x1", "upper(x1))", "upper(1)", "field(x1, x2, 1)", "lookup(x1, moons)", "x3", "nope(x1)", "at(x1, 1)"],
)
def test_what_is_no_program_is_refused(text: str) -> None:
    with pytest.raises(ProgramError):
        parse(text, OPERATORS, columns=2)
