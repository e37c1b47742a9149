"""What holds of the number operators: edges, facts, printed forms, emitted Python; and what is learnt from examples."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from number_programs import BY_NAME, STEPS, decimals, formats, number_cells, number_programs, styles

import pbe
from dsl.emit.english import english
from dsl.emit.python import python
from dsl.interpreter import evaluate
from dsl.operator import Facts
from dsl.parser import ProgramError, parse
from dsl.program import Apply, Program, subprograms
from dsl.strings.arithmetic import read_number, round_number
from dsl.strings.number_columns import column_styles
from dsl.strings.number_rules import number_rules
from dsl.strings.numbers import COMMA, NUMBER_OPERATORS, POINT, ROUNDINGS, NumberFormat
from dsl.strings.operators import OPERATORS
from dsl.task import Task
from dsl.types import Value

_quick = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def D(text: str) -> Decimal:
    return Decimal(text)


READ: list[tuple[str, str | None, str | None]] = [
    # text, with a decimal point, with a decimal comma
    ("1234", "1234", "1234"), ("007", "7", "7"), (" 5 ", "5", "5"), (".5", "0.5", None), ("5.", "5", None),
    ("1,234", "1234", "1.234"), ("1.234", "1.234", "1234"), ("1.234.567", None, "1234567"),
    ("1,234.50", "1234.5", None), ("1.234,50", None, "1234.5"), ("1 234", "1234", "1234"),
    ("1'234.5", "1234.5", None), ("12,34,567", "1234567", None), ("12,34", None, "12.34"),
    ("-5", "-5", "-5"), ("−5", "-5", "-5"), ("5-", "-5", "-5"), ("(5)", "-5", "-5"), ("(5", None, None),
    ("(-5)", None, None), ("+5", "5", "5"), ("--5", None, None), ("$5", "5", "5"), ("-$5.50", "-5.5", None),
    ("$-5.50", "-5.5", None), ("($1,000)", "-1000", "-1"), ("5 €", "5", "5"), ("USD 5", "5", "5"), ("5 USD", "5", "5"),
    ("50%", "0.5", "0.5"), ("5.58E-001", "0.558", None), ("1e3", "1000", "1000"), ("1e99", None, None),
    ("21st", "21", "21"), ("1.5K", "1500", None), ("2bn", "2000000000", "2000000000"),
    ("", None, None), ("-", None, None), (".", None, None), ("12 apples", None, None), ("1,2,3", None, None),
    ("555-1234", None, None), ("٣", None, None), ("9" * 41, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "point", "comma"), READ)
def test_reading(text: str, point: str | None, comma: str | None) -> None:
    number = BY_NAME["number"].apply
    assert number(text, POINT) == (None if point is None else D(point))
    assert number(text, COMMA) == (None if comma is None else D(comma))


EDGES: list[tuple[str, tuple[Value, ...], Value]] = [
    ("number_in", ("a 1,200 b -3.5", POINT, 1), D("1200")), ("number_in", ("a 1,200 b -3.5", POINT, -1), D("-3.5")),
    ("number_in", ("81-90", POINT, 2), D("90")), ("number_in", ("81 - 90", POINT, 2), D("90")),
    ("number_in", ("a", POINT, 1), None), ("number_in", ("1", POINT, 0), None), ("number_in", ("1", POINT, -2), None),
    ("number_in", ("A-5", POINT, 1), D("5")), ("number_in", ("(-5.8, 1)", POINT, 1), D("-5.8")),
    ("number_in", ("1,5 kg", COMMA, 1), D("1.5")), ("number_in", ("v1.2.3", POINT, 2), D("3")),
    ("add", (D("0.1"), D("0.2")), D("0.3")), ("multiply", (D("1.1"), D("1.1")), D("1.21")),
    ("divide", (D("1"), D("8")), D("0.125")), ("divide", (D("1"), D("0")), None), ("absolute", (D("-2"),), D("2")),
    ("round_nearest", (D("2.5"), D("1")), D("3")), ("round_nearest", (D("-2.5"), D("1")), D("-3")),
    ("round_nearest", (D("0.285"), D("0.01")), D("0.29")), ("round_nearest", (D("37"), D("25")), D("25")),
    ("round_nearest", (D("37.5"), D("25")), D("50")), ("round_nearest", (D("1"), D("0")), None),
    ("round_down", (D("-1"), D("5")), D("-5")), ("round_down", (D("10"), D("5")), D("10")),
    ("round_up", (D("-1"), D("5")), D("0")), ("round_up", (D("0.01"), D("5")), D("5")),
    ("truncate", (D("-1.29"), D("0.1")), D("-1.2")), ("truncate", (D("1.29"), D("-1")), None),
    ("significant", (D("1234.5"), 3), D("1230")), ("significant", (D("-0.02345"), 2), D("-0.023")),
    ("significant", (D("25"), 1), D("30")), ("significant", (D("25"), 0), None),
    ("number_range", (D("100"), D("25"), D("1"), D("24"), "-", NumberFormat("0")), "76-100"),
    ("number_range", (D("75"), D("25"), D("1"), D("24"), "-", NumberFormat("0")), "51-75"),
    ("number_range", (D("-1"), D("10"), D("0"), D("10"), " to ", NumberFormat("0")), "-10 to 0"),
    ("number_range", (D("1"), D("0"), D("0"), D("10"), "-", NumberFormat("0")), None),
    ("plain", ("$1,031.0", POINT, 0), "1031.0"), ("plain", ("3.120450E-001", POINT, 0), "0.3120450"),
    ("plain", ("031.0", POINT, -2), "0.310"), ("plain", ("a", POINT, 0), None), ("plain", ("1", POINT, 99), None),
    ("ordinal", (D("112"),), "112th"), ("ordinal", (D("23"),), "23rd"), ("ordinal", (D("1.5"),), None),
    ("spelled", (D("42"),), "forty-two"), ("spelled", (D("101"),), None), ("spelled", (D("-1"),), None),
    ("number", ("5", POINT), D("5")), ("number_text", (D("5"), NumberFormat("0")), "5"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "args", "expected"), EDGES)
def test_edges(name: str, args: tuple[Value, ...], expected: Value) -> None:
    assert BY_NAME[name].apply(*args) == expected


def test_every_operator_has_an_edge_case_and_a_line_of_description() -> None:
    assert {name for name, _, _ in EDGES} == set(BY_NAME)
    assert all(operator.doc for operator in NUMBER_OPERATORS)
    assert len({operator.name for operator in OPERATORS}) == len(OPERATORS)


WRITTEN: list[tuple[str, str, str]] = [
    ("1234.5", "0", "1235"), ("-0.2", "0", "0"), ("0.5", "0", "1"), ("-0.5", "0", "-1"), ("2.675", "0.00", "2.68"),
    ("7", "000", "007"), ("-7", "000", "-007"), ("1234", "000", "1234"), ("7.5", "00.00", "07.50"),
    ("1.5", "0.##", "1.5"), ("1.555", "0.##", "1.56"), ("1", "0.##", "1"), ("1.5", "0.00*", "1.50"),
    ("1.555", "0.00*", "1.555"), ("1.555", "0.*", "1.555"), ("2", "0.0#", "2.0"),
    ("1234567.8", "#,##0.00", "1,234,567.80"), ("123", "#,##0", "123"), ("-1234", "#,##0", "-1,234"),
    ("1234567", "#,##,##0", "12,34,567"), ("1234.5", "#.##0,00", "1.234,50"), ("1234567", "# ##0", "1 234 567"),
    ("47", "??0.???", " 47.   "), ("-1.25", "??0.???", " -1.25 "), ("1.23456", "??0.???*", "  1.23456"),
    ("-5", "$0.00", "-$5.00"), ("-5", "$0.00;()", "($5.00)"), ("5", "$0.00;()", "$5.00"), ("5", "+0", "+5"),
    ("-5", "+0", "-5"), ("0", "+0", "0"), ("1234567", "0.0a", "1.2M"), ("999", "0a", "999"), ("999950", "0.0a", "1.0M"),
    ("0", "0.0a", "0.0"), ("-2500", "0.0a", "-2.5K"),
    ("0.05", "0%", "5%"), ("0.1234", "0.0%", "12.3%"), ("5", "0.00 €", "5.00 €"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "code", "text"), WRITTEN)
def test_formats(number: str, code: str, text: str) -> None:
    assert BY_NAME["number_text"].apply(D(number), NumberFormat(code)) == text


@pytest.mark.parametrize("code", ["", "x", "0.0.0", "##0", "#0", "0a0", "0;"])
def test_what_is_no_format_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="no number format"):
        NumberFormat(code)
    with pytest.raises(ProgramError):
        parse(f'number_text(number(x1, point), "{code}")', OPERATORS)


@_quick
@given(decimals, st.sampled_from(STEPS).map(Decimal))
def test_roundings_are_multiples_and_in_order(number: Decimal, step: Decimal) -> None:
    nearest, down, up, cut = (rounding.apply(number, step) for rounding in ROUNDINGS.values())
    assert all(value % step == 0 for value in (nearest, down, up, cut))
    assert down <= number <= up and up - down in (0, step)
    assert abs(nearest - number) * 2 <= step and abs(cut) <= abs(number)
    if abs(nearest - number) * 2 == step:
        assert abs(nearest) >= abs(number), "halves go away from zero"


@_quick
@given(decimals, formats)
def test_written_numbers_read_back(number: Decimal, format: NumberFormat) -> None:
    text = BY_NAME["number_text"].apply(number, format)
    if abs(number) < 10**9 and not any(mark in format.code for mark in "%a?"):
        comma = format.code in ("#.##0,00", "00,0*")
        read = read_number(text, "," if comma else ".")
        places = 0 if "." not in format.code and not comma else 1
        assert read is not None and abs(read - number) <= Decimal("0.5") * (1 if not places else Decimal("0.1"))


def test_a_step_too_small_for_its_number_gives_nothing() -> None:
    assert round_number(Decimal(7), Decimal(1).scaleb(-120), "down") is None


@pytest.mark.parametrize("operator", NUMBER_OPERATORS, ids=str)
@_quick
@given(data=st.data())
def test_abstraction_holds_of_every_value(operator: object, data: st.DataObject) -> None:
    from dsl.operator import Operator

    assert isinstance(operator, Operator)
    domains: dict[str, st.SearchStrategy[Value]] = {
        "text": number_cells(), "number": decimals, "number style": styles, "number format": formats,
        "integer": st.integers(-4, 4),
    }  # fmt: skip
    arguments = [data.draw(domains[param.name]) for param in operator.params]
    output = operator.apply(*arguments)
    if output is not None:
        with localcontext(prec=120):  # facts speak of exact numbers
            assert all(operator.abstraction(Facts.of(output), *map(Facts.of, arguments))), (arguments, output)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(number_programs())
def test_printed_programs_parse_to_themselves(program: Program) -> None:
    assert parse(str(program), OPERATORS, columns=2) == program


def _run(source: str) -> Callable[..., str | None]:
    namespace: dict[str, Callable[..., str | None]] = {}
    exec(compile(source, "emitted", "exec"), namespace)
    return namespace["transform"]


_cells = st.one_of(st.none(), number_cells(), number_cells(), st.text(max_size=4))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(number_programs(), min_size=5, max_size=8), st.lists(st.tuples(_cells, _cells), min_size=2, max_size=6))
def test_emitted_python_agrees_with_the_interpreter(
    some: list[Program], rows: list[tuple[str | None, str | None]]
) -> None:
    for each in some:
        source = python(each, columns=["Name", "decimal"])
        function = _run(source)
        for row in rows:
            assert function(*row) == evaluate(each, row), (str(each), row, source)


SENTENCES = {
    'number_text(round_nearest(number(x1, point), 0.05), "0.00")':
        "The number Name rounded to the nearest multiple of 0.05 written as “0.00”.",
    'number_text(add(multiply(number_in(x2, comma, -1), 1.8), 32), "0.*")':
        "The last number (decimal comma) in City times 1.8 plus 32 written as “0.*”.",
    'number_text(divide(absolute(number_in(x1, point, 2)), 1000), "#,##0")':
        "The size, without sign, of the second number in Name divided by 1000 written as “#,##0”.",
    'number_range(number(x1, point), 25, 1, 24, "-", "0")':
        "The range (24 wide, one every 25 from 1) around the number Name, "
        "written with “-” between and each end as “0”.",
    "plain(x1, point, -2)":
        "The plain digits, its decimal point moved 2 places to the left, of the number Name.",
    "ordinal(round_down(round_up(truncate(number(x1, point), 1), 2), 5))":
        "The ordinal, such as 1st or 2nd, of (the number Name cut towards zero to a multiple of 1 "
        "rounded up to a multiple of 2 rounded down to a multiple of 5).",
    'number_text(significant(number(x1, point), 3), "0.*")':
        "The number Name rounded to 3 significant digits written as “0.*”.",
    "spelled(number(x1, point))": "The English words for the number Name.",
}  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), SENTENCES.items())
def test_sentences(text: str, sentence: str) -> None:
    assert english(parse(text, OPERATORS), ["Name", "City"]) == sentence


def test_every_operator_is_said() -> None:
    nodes = [node for text in SENTENCES for node in subprograms(parse(text, OPERATORS))]
    assert {node.operator.name for node in nodes if isinstance(node, Apply)} == set(BY_NAME)


@pytest.mark.parametrize(
    ("cells", "styles"),
    [
        (["1.5", "2,000.5"], [POINT]), (["1,5", "12"], [COMMA]), (["1.234", "5.678"], [POINT, COMMA]),
        (["1.234", "0.5"], [POINT]), (["1.234.567"], [COMMA]), (["1,234,567"], [POINT]), (["12", "x"], [POINT]),
        (["1.234", "56,7"], [COMMA]), (["0.125"], [POINT]),
    ],
)  # fmt: skip
def test_the_column_decides_the_decimal_mark(cells: list[str], styles: list[object]) -> None:
    assert column_styles(cells) == styles


LEARNT: list[tuple[list[tuple[str, str]], dict[str, str]]] = [
    ([("3.14159", "3.14"), ("2.5", "2.50")], {"10.005": "10.01", "7": "7.00"}),
    ([("1234.5", "1,234.50")], {"999": "999.00", "1234567.891": "1,234,567.89"}),
    ([("1.234,50 €", "1234.50")], {"99,90 €": "99.90", "1.000,00 €": "1000.00"}),
    ([("($1,200.00)", "-1200"), ("$35.00", "35")], {"($7.00)": "-7", "$1,000,000.00": "1000000"}),
    ([("47", "50"), ("12", "10")], {"35": "40", "84": "80"}),
    ([("17", "0-24")], {"80": "75-99", "25": "25-49"}),
    ([("17", "11 to 20"), ("40", "31 to 40")], {"1": "1 to 10", "99": "91 to 100"}),
    ([("0.125", "12.5%"), ("0.5", "50%")], {"0.07": "7%", "1": "100%"}),
    ([("3500000", "3.5M"), ("1200", "1.2K")], {"7800000000": "7.8B", "2500": "2.5K"}),
    ([("1", "1st"), ("12", "12th")], {"22": "22nd", "113": "113th", "3": "3rd"}),
    ([("20", "68"), ("100", "212")], {"0": "32", "37": "98.6"}),
    ([("90", "1.5"), ("60", "1")], {"45": "0.75", "150": "2.5"}),
    ([("7 items", "seven"), ("21 items", "twenty-one")], {"13 items": "thirteen", "80 items": "eighty"}),
    ([("5305", "88"), ("119", "1")], {"3600": "60", "59": "0"}),
    ([("56", "<60"), ("12", "<20"), ("40", "<50")], {"99": "<100", "70": "<80"}),
    ([("98765", "98800"), ("0.12345", "0.123")], {"7.7788": "7.78", "5": "5"}),
    ([("-5.25", "(5.25)"), ("7.5", "7.50")], {"-12": "(12.00)", "3": "3.00"}),
]


@pytest.mark.parametrize(("examples", "others"), LEARNT)
def test_number_programs_are_learnt(examples: list[tuple[str, str]], others: dict[str, str]) -> None:
    rows = [*(text for text, _ in examples), *others]
    answer = pbe.learn(examples, rows=rows, budget=pbe.Budget(seconds=20))
    assert dict(zip(rows, answer.outputs, strict=True)) == dict(examples) | others, str(answer.program)


@pytest.mark.parametrize(
    ("text", "output"), [("$243", "243"), ("Room 12, floor 3", "12"), ("2004-05-12", "05"), ("A-17", "17")]
)
def test_digits_are_copied_as_text_where_that_does(text: str, output: str) -> None:
    answer = pbe.learn([(text, output)], rows=[text])
    assert "number_text" not in str(answer.program) and "plain" not in str(answer.program)


def test_columns_without_numbers_cost_nothing() -> None:
    assert number_rules(Task.of([("Jan Kotas", "Jan")], ["Ann Lee"])) == []
    assert number_rules(Task.of([("Jan 12", "12")], ["Ann 3"])) == []
    assert number_rules(Task.of([], ["3"])) == []


@pytest.mark.parametrize("text", ["9" * 3000, "1," * 800, "(" * 500 + "1 " * 800, "12'" * 900])
def test_long_cells_are_read_at_once(text: str) -> None:
    answer = pbe.learn([(text, "5.00"), ("5", "5.00")], rows=[text, "5"], budget=pbe.Budget(seconds=5))
    assert answer.seconds < 5
