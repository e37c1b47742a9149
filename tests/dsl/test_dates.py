"""Dates and times: reading, writing, rounding, the decision per column, and what the emitters make of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pbe
from dsl.emit import Unsupported
from dsl.emit.english import english
from dsl.emit.excel import excel
from dsl.emit.python import python
from dsl.interpreter import evaluate
from dsl.operator import Facts, Operator
from dsl.parser import ProgramError, parse
from dsl.program import Apply, Constant, Input, Program
from dsl.strings import moments as m
from dsl.strings.date_columns import column_readings, inner_readings
from dsl.strings.date_patterns import ATOMS, guesses
from dsl.strings.dates import MODES, finest
from dsl.strings.dates import OPERATORS as DATES
from dsl.strings.language import OPERATORS
from dsl.strings.moments import Moment
from dsl.types import AMOUNT, INTEGER, LITERAL, MODE, MOMENT, PATTERN, READING, STEP, TEXT, Type, Value

BY_NAME: dict[str, Operator] = {operator.name: operator for operator in DATES}
READINGS = ("d/M/yyyy", "M/d/yyyy H:m", "d MMM yyyy | yyyy-M-d", "H:m:s", "h:m tt", "m:s", "yyyy D", "yyyy-M-d'T'H:m:s")
STEPS = (
    "30 minutes",
    "2 hours from 1 hour",
    "20 seconds",
    "1 week",
    "1 week from Sunday",
    "1 month",
    "1 quarter",
    "10 years",
    "1 day",
)
AMOUNTS = ("0 minutes", "1 minute", "1 day", "-3 months", "2 hours", "-1 year", "1 second")
PATTERNS = (
    "d MMM yyyy",
    "h:mmtt",
    "H:mm",
    "'Q'Q ''yy",
    "dddd, MMMM o",
    "s",
    "yyyy-MM-dd'T'HH:mm:ss",
    "G'W'WW-u",
    *ATOMS,
)
_quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

_days = st.dates()
_clocks = st.times()
TEXTS = st.one_of(
    st.tuples(_days, st.sampled_from(("%d/%m/%Y", "%m/%d/%Y", "%d %b %Y", "%Y-%m-%d", "%Y %j", "on %d/%m/%Y and"))).map(
        lambda pair: pair[0].strftime(pair[1])
    ),
    st.tuples(_clocks, st.sampled_from(("%H:%M:%S", "%I:%M %p", "%M:%S"))).map(lambda pair: pair[0].strftime(pair[1])),
    st.datetimes().map(lambda when: when.strftime("%m/%d/%Y %H:%M")),
    st.datetimes().map(lambda when: when.isoformat(timespec="seconds")),
    st.sampled_from(
        ("31/12/9999", "1/1/0001", "25:00", "29/2/2024", "", "n/a", "12:00 AM", "23:59:59", "30/2/2020", "75:10")
    ),
)
MOMENTS = st.tuples(TEXTS, st.sampled_from(READINGS)).map(lambda pair: m.read(*pair))


def _domain(kind: Type, texts: list[str], moments: list[Moment]) -> list[Value]:
    domains: dict[Type, list[Value]] = {
        TEXT: list(texts), READING: list(READINGS), MOMENT: list(moments), MODE: list(MODES), STEP: list(STEPS),
        AMOUNT: list(AMOUNTS), PATTERN: list(PATTERNS), INTEGER: [1, 2, -1, 0], LITERAL: ["-", " to ", "0"],
    }  # fmt: skip
    return domains[kind]


@pytest.mark.parametrize("operator", DATES, ids=str)
@_quick
@given(
    texts=st.lists(TEXTS, min_size=1), moments=st.lists(MOMENTS.filter(bool), min_size=1, max_size=3), data=st.data()
)
def test_facts_hold_and_values_can_be_hashed(
    operator: Operator, texts: list[str], moments: list[Moment], data: st.DataObject
) -> None:
    arguments = [data.draw(st.sampled_from(_domain(kind, texts, moments))) for kind in operator.params]
    output = operator.apply(*arguments)
    if output is not None:
        hash(output)
        assert all(operator.abstraction(Facts.of(output), *map(Facts.of, arguments)))


@_quick
@given(moments=st.lists(MOMENTS.filter(bool), min_size=1, max_size=2, unique=True), data=st.data())
def test_the_witness_of_ranges_yields_just_the_arguments(moments: list[Moment], data: st.DataObject) -> None:
    operator = BY_NAME["range_text"]
    domains = [moments, STEPS, AMOUNTS, ("h:mmtt", "H:mm", "s", "MMM", "d", "yyyy"), ("-", " to ", ":")]
    arguments = [data.draw(st.sampled_from(list(domain))) for domain in domains]
    output = operator.apply(*arguments)
    if output is not None:
        assert operator.witness is not None
        found = list(operator.witness(output, domains))
        assert len(found) == len(set(found))
        assert set(found) == {args for args in product(*domains) if operator.apply(*args) == output}


def _constant(kind: Type) -> st.SearchStrategy[Program]:
    return st.sampled_from(_domain(kind, [], [])).map(lambda value: Constant(value, kind))


def date_programs() -> st.SearchStrategy[Program]:
    """Text programs over every operator on dates."""
    read = st.one_of(
        st.tuples(st.just(Input(0)), _constant(READING)).map(lambda args: Apply(BY_NAME["moment"], args)),
        st.tuples(st.just(Input(0)), _constant(READING), _constant(INTEGER)).map(
            lambda args: Apply(BY_NAME["nth_moment"], args)
        ),
    )
    moved = st.one_of(
        read,
        st.tuples(read, _constant(MODE), _constant(STEP)).map(lambda args: Apply(BY_NAME["round_moment"], args)),
        st.tuples(read, _constant(AMOUNT)).map(lambda args: Apply(BY_NAME["shift_moment"], args)),
    )
    return st.one_of(
        st.tuples(moved, _constant(PATTERN)).map(lambda args: Apply(BY_NAME["moment_text"], args)),
        st.tuples(moved, _constant(STEP), _constant(AMOUNT), _constant(PATTERN), _constant(LITERAL)).map(
            lambda args: Apply(BY_NAME["range_text"], args)
        ),
    )


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(date_programs())
def test_printed_programs_parse_to_themselves(program: Program) -> None:
    assert parse(str(program), OPERATORS, columns=1) == program


def run(source: str) -> Callable[..., str | None]:
    space: dict[str, Callable[..., str | None]] = {}
    exec(compile(source, "emitted", "exec"), space)
    return space["transform"]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(date_programs(), st.lists(TEXTS, min_size=4, max_size=8))
def test_python_says_what_the_interpreter_says(program: Program, texts: list[str]) -> None:
    function = run(python(program))
    for text in texts:
        assert function(text) == evaluate(program, (text,)), text


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(date_programs())
def test_english_is_one_sentence_and_excel_declines(program: Program) -> None:
    sentence = english(program, ["When"])
    assert "\n" not in sentence and sentence.endswith(".") and "When" in sentence
    with pytest.raises(Unsupported):
        excel(program, ["A1"])


SENTENCES = {
    'moment_text(moment(x1, "d/M/yyyy"), "MMM yyyy")':
        "The date (read as “d/M/yyyy”) in When written as “MMM yyyy”.",
    'moment_text(round_moment(moment(x1, "H:m:s"), "down", "2 hours"), "htt")':
        "The time (read as “H:m:s”) in When rounded down to 2 hours written as “htt”.",
    'moment_text(shift_moment(nth_moment(x1, "M/d/yyyy | MMM d, yyyy", -1), "-3 months"), "yyyy")':
        "The last date standing (read as “M/d/yyyy” or “MMM d, yyyy”) in When earlier by 3 months written as “yyyy”.",
    'range_text(moment(x1, "h:m tt"), "30 minutes", "1 minute", "h:mmtt", "-")':
        "The time (read as “h:m tt”) in When as the range of 30 minutes around it, its end earlier by 1 minute, "
        "its start and end written as “h:mmtt” with “-” between.",
}  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), SENTENCES.items())
def test_sentences(text: str, sentence: str) -> None:
    assert english(parse(text, OPERATORS), ["When"]) == sentence


@pytest.mark.parametrize(
    "text",
    ['moment(x1, "d/M/yyyy")', 'moment_text(moment(x1, "qq"), "d")', 'moment_text(moment(x1, "d"), "J")',
     'moment_text(round_moment(moment(x1, "d"), "sideways", "1 day"), "d")',
     'moment_text(round_moment(moment(x1, "d"), "up", "0 days"), "d")',
     'moment_text(shift_moment(moment(x1, "d"), "1 moon"), "d")', 'moment_text(x1, "d")'],
)  # fmt: skip
def test_what_is_no_program_is_refused(text: str) -> None:
    with pytest.raises(ProgramError):
        parse(text, OPERATORS, columns=1)


READ: list[tuple[str, str, tuple[int | None, ...] | None]] = [
    ("7.3.2021", "d.M.yyyy", (2021, 3, 7, None, None, None)), ("30.2.2021", "d.M.yyyy", None),
    ("MARCH 7, 0099", "MMM d, yyyy", (99, 3, 7, None, None, None)), ("7-sept-29", "d-MMM-yy", (2029, 9, 7, None,
    None, None)),
    ("7-Sep-30", "d-MMM-yy", (1930, 9, 7, None, None, None)), ("7-Sepx-30", "d-MMM-yy", None),
    ("07032021", "ddMMyyyy", (2021, 3, 7, None, None, None)), ("2024 366", "yyyy D", (2024, 12, 31, None, None, None)),
    ("2023 366", "yyyy D", None), ("Tue, 2021W10", "ddd, G'W'W", (2021, 3, 9, None, None, None)),
    ("2021W54", "G'W'W", None), ("Friday #5 April 2021", "ddd #n MMM yyyy", (2021, 4, 30, None, None, None)),
    ("Friday #5 May 2021", "ddd #n MMM yyyy", None), ("12:05 a.m.", "h:m tt", (None, None, None, 0, 5, None)),
    ("12 pm", "h tt", (None, None, None, 12, None, None)), ("13 pm", "h tt", None), ("24:00", "H:m", None),
    ("75:10", "m:s", (None, None, None, None, 75, 10)), ("243", "Hmm", (None, None, None, 2, 43, None)),
    ("1143", "Hmm", (None, None, None, 11, 43, None)), ("1175", "Hmm", None),
    ("2021-03-07T01:02:03.5+02:00", "yyyy-M-d'T'H:m:s", (2021, 3, 7, 1, 2, 3)),
    ("2021-03-07", "yyyy-M-d H:m:s | yyyy-M-d", (2021, 3, 7, 0, 0, 0)), ("n/a", "d/M/yyyy", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "reading", "expected"), READ)
def test_reading(text: str, reading: str, expected: tuple[int | None, ...] | None) -> None:
    found = m.read(text, reading)
    assert (None if found is None else tuple(found)[:6]) == expected


WRITTEN = [
    ("yyyy-MM-dd'T'HH:mm:ss", "2021-03-07T14:05:09"), ("d/M/yy h:mm tt", "7/3/21 2:05 PM"), ("dddd, MMMM o",
    "Sunday, March 7th"),
    ("ddd^ MMM_", "SUN mar"), ("'Q'Q ''''yyyy", "Q1 '2021"), ("G'W'WW u U", "2021W09 7 1"), ("D DDD n",
    "66 066 1"), ("H", "14"), ("hht x_", "02P p.m."),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "expected"), WRITTEN)
def test_writing(pattern: str, expected: str) -> None:
    assert m.written(Moment(2021, 3, 7, 14, 5, 9), pattern) == expected
    assert m.written(Moment(), pattern) is None


ROUNDED = [
    ("14:05:09", "down", "30 minutes", "14:00:00"), ("14:05:09", "up", "30 minutes", "14:30:00"),
    ("14:30:00", "up", "30 minutes", "14:30:00"), ("14:30:00", "next", "30 minutes", "15:00:00"),
    ("14:15:00", "nearest", "30 minutes", "14:30:00"), ("14:14:59", "nearest", "30 minutes", "14:00:00"),
    ("23:50:00", "up", "30 minutes", "00:00:00"), ("00:10:00", "down", "2 hours from 1 hour", "23:00:00"),
    ("14:05:09", "last", "1 hour", "14:59:00"), ("14:05:09", "down", "20 seconds", "14:05:00"),
    ("14:05:09", "down", "1 month", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "mode", "step", "expected"), ROUNDED)
def test_rounding_times(text: str, mode: str, step: str, expected: str | None) -> None:
    value = m.read(text, "H:m:s")
    assert value is not None
    found = m.rounded(value, mode, step)
    assert (None if found is None else m.written(found, "HH:mm:ss")) == expected


ROUNDED_DAYS = [
    ("down", "1 week", "2024-02-12"), ("down", "1 week from Sunday", "2024-02-11"), ("up", "1 week", "2024-02-19"),
    ("down", "1 month", "2024-02-01"), ("nearest", "1 month", "2024-03-01"), ("last", "1 month", "2024-02-29"),
    ("down", "1 quarter", "2024-01-01"), ("next", "1 quarter", "2024-04-01"), ("last", "1 year", "2024-12-31"),
    ("down", "10 years", "2020-01-01"), ("up", "1 day", "2024-02-17"),
]  # fmt: skip


@pytest.mark.parametrize(("mode", "step", "expected"), ROUNDED_DAYS)
def test_rounding_dates(mode: str, step: str, expected: str) -> None:
    value = m.rounded(Moment(2024, 2, 17), mode, step)
    assert value is not None and m.written(value, "yyyy-MM-dd") == expected


def test_shifting_stays_within_the_calendar() -> None:
    assert m.shifted(Moment(2024, 1, 31), "1 month") == Moment(2024, 2, 29)
    assert m.shifted(Moment(9999, 12, 31), "1 day") is None
    assert m.shifted(Moment(1, 1, 1), "-1 month") is None
    assert m.shifted(Moment(2024, 2, 28, 23, 30, 0), "1 hour") == Moment(2024, 2, 29, 0, 30, 0)
    assert m.shifted(Moment(hour=23, minute=0), "2 hours") == Moment(hour=1, minute=0, second=0)
    assert m.shifted(Moment(minute=50, second=0, free=True), "20 minutes") == Moment(minute=70, second=0, free=True)


RANGES = [
    ("14:05:09", "H:m:s", "2 hours", "0 minutes", "htt", "-", "2PM-4PM"),
    ("23:05:09", "H:m:s", "2 hours", "1 minute", "h:mmtt", " to ", "10:00PM to 11:59PM"),
    ("23:05:49", "H:m:s", "20 seconds", "0 minutes", "s", "-", "40-60"),
    ("75:10", "m:s", "20 minutes", "1 minute", "m:ss", "-", "60:00-79:00"),
    ("17/2/2024", "d/M/yyyy", "1 month", "1 day", "d MMM", "-", "1 Feb-29 Feb"),
    ("17/2/2024", "d/M/yyyy", "10 years", "1 year", "yyyy", "-", "2020-2029"),
]


@pytest.mark.parametrize(("text", "reading", "step", "less", "pattern", "mark", "expected"), RANGES)
def test_ranges(text: str, reading: str, step: str, less: str, pattern: str, mark: str, expected: str) -> None:
    assert BY_NAME["range_text"].apply(m.read(text, reading), step, less, pattern, mark) == expected


def test_dates_inside_texts() -> None:
    text = "from 3/4/2021 14:30 until 5/4/2021 09:00, version 1/2/3/4"
    found = m.found_moments(text, "d/M/yyyy H:m")
    assert [value.day for value in found] == [3, 5]
    assert BY_NAME["nth_moment"].apply(text, "d/M/yyyy H:m", -1) == found[-1]
    assert BY_NAME["nth_moment"].apply(text, "d/M/yyyy H:m", 3) is None


def _ways(cells: list[str], *outputs: str) -> list[str]:
    return [reading for reading, _ in column_readings(cells, outputs)]


def test_the_order_of_day_and_month_is_decided_by_the_column() -> None:
    assert _ways(["3/4/2021", "13/4/2021"]) == ["d/M/yyyy"]
    assert _ways(["3/4/2021", "3/14/2021"]) == ["M/d/yyyy"]
    both = column_readings(["3/4/2021", "5/6/2021"], ())
    assert both == [("d/M/yyyy", 0.5), ("M/d/yyyy", 0.5)]
    assert _ways(["3/4/2021", "n/a", "14 May 2021", "May 5, 2020", "13/4/2021"]) == [
        "d/M/yyyy | d MMM yyyy | MMM d, yyyy"
    ]


def test_what_is_no_column_of_dates() -> None:
    assert not _ways(["12.5", "7.25", "103.1"])
    assert not _ways(["Jan Kotas", "May Smith", "April Jones"])
    assert not _ways(["11", "08", "12"])
    assert not _ways(["1984", "2003"])
    assert _ways(["11", "08", "12"], "11AM")[0] == "H"
    assert _ways(["243", "1105"], "2:43 AM") == ["Hmm"]
    assert not inner_readings(["192.168.2.17 up", "10.0.0.1 down"])
    assert inner_readings(["id 7; 2021-03-17; ok", "id 8; 2021-04-02; no"])[0][0] == "yyyy-M-d"


def test_a_month_with_a_named_day_comes_before_the_guess_of_a_duration() -> None:
    assert guesses("12:30")[0][0] == "H:m"
    assert guesses("Tue 3 May 2022 4:05 pm")[0][0] == "ddd d MMM yyyy h:m tt"
    assert finest("d MMM h tt") == "hour"

ROOMY = pbe.Budget(seconds=300)


LEARNT: list[tuple[list[tuple[str, str]], list[str], list[str]]] = [
    ([("13/04/2021", "Apr 2021")], ["02/11/1999"], ["Nov 1999"]),
    ([("2021-04-13T18:05:00Z", "6PM")], ["2021-04-14T09:59:00Z"], ["9AM"]),
    ([("3 Mar 2021", "Wednesday")], ["17 June 1815", "Dec 24 2030"], ["Saturday", "Tuesday"]),
    ([("16:47", "4:30PM-5:00PM")], ["22:14", "00:10"], ["10:00PM-10:30PM", "12:00AM-12:30AM"]),
    ([("13/04/2021", "Q2 2021")], ["02/11/1999"], ["Q4 1999"]),
]  # fmt: skip


@pytest.mark.parametrize(("examples", "others", "expected"), LEARNT)
def test_learning(examples: list[tuple[str, str]], others: list[str], expected: list[str]) -> None:
    answer = pbe.learn(examples, rows=[*(text for text, _ in examples), *others], budget=ROOMY)
    assert list(answer.outputs[len(examples) :]) == expected


def test_a_date_that_shares_no_text_with_the_output_is_found_among_other_columns() -> None:
    rows = [("Jan Kotas", "2021-03-03"), ("Mia Wu", "1999-12-31"), ("Ana Diaz", "2020-02-01")]
    answer = pbe.learn([(rows[0], "Kotas: Wednesday")], rows=rows, budget=ROOMY)
    assert list(answer.outputs) == ["Kotas: Wednesday", "Wu: Friday", "Diaz: Saturday"]


def test_an_open_order_of_day_and_month_is_asked_about() -> None:
    rows = ["07/07/2021", "03/04/2021", "05/06/2021"]
    answer = pbe.learn([("07/07/2021", "Jul 7")], rows=rows, budget=ROOMY)
    assert max(answer.confidence[1:]) < 0.75
    assert answer.question is not None and answer.question.row in (1, 2)
    settled = pbe.learn([("07/07/2021", "Jul 7"), ("03/04/2021", "Apr 3")], rows=rows, budget=ROOMY)
    assert settled.outputs[2] == "Jun 5"
