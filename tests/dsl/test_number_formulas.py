"""Every formula over numbers must calculate, in an independent engine, what the interpreter says."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from number_programs import number_programs
from test_emit_excel import calculated, supported

from dsl.emit import Unsupported
from dsl.emit.excel import TABLE, excel, needs, readable, safe_for_excel
from dsl.emit.excel.numbers import NUMBERS
from dsl.interpreter import outputs
from dsl.parser import parse
from dsl.program import Program
from dsl.strings.numbers import NUMBER_OPERATORS
from dsl.strings.operators import OPERATORS


def program(text: str) -> Program:
    return parse(text, OPERATORS)


_plain = st.one_of(
    st.integers(0, 10**7).map(str),
    st.integers(0, 120).map(str),
    st.decimals(0, 1000, places=2, allow_nan=False).map(str),
    st.decimals(0, 50, places=4, allow_nan=False).map(str),
    st.decimals(0, 10**6, places=2, allow_nan=False).map(lambda d: f"{d:,}"),
    st.sampled_from(("0.5", "2.5", "0.125", "2.675", "1.005", "37.5", "0.15", "0.35", "abc", "n a")),
)
_signed = st.tuples(st.sampled_from(("", "", "-")), _plain).map("".join)


_NEGATIVE_ZERO = re.compile(r"(?<![0-9.])-0(?![0-9]|\.0*[1-9])")
"""The engine shows -0 where Excel, which has no negative zero, shows 0."""


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(number_programs(), min_size=15, max_size=25), st.lists(st.tuples(_signed, _signed), min_size=3, max_size=6)
)
def test_formulas_agree_with_the_interpreter(some: list[Program], rows: list[tuple[str, str]]) -> None:
    for each in supported(some):
        fit = [row for row in rows if all(safe_for_excel(cell, each) for cell in row)]
        if "TEXT(" in excel(each, ["A1", "B1"]):  # the engine loses the sign in TEXT(-1,"0")
            fit = [row for row in fit if "-" not in (outputs(each, [row])[0] or "")]
        if fit:
            shown = [_NEGATIVE_ZERO.sub("0", text) for text in calculated([each], fit)[0]]
            assert shown == [value or "" for value in outputs(each, fit)], (str(each), fit, excel(each, ["A1", "B1"]))


def test_what_is_written_is_readable() -> None:
    def formula(text: str) -> str:
        return readable(excel(program(text), ["A2", "B2"]))

    n = 'NUMBERVALUE(A2,".",",")'
    for text, core in {
        'number_text(number(x1, point), "0.00")': f"FIXED(ROUND({n},2),2,TRUE)",
        'number_text(number(x1, point), "#,##0")': f"FIXED(ROUND({n},0),0)",
        'number_text(number(x1, point), "00000")': f'TEXT(ROUND({n},0),"00000")',
        'number_text(number(x1, point), "0.##")': f'ROUND({n},2)&""',
        'number_text(number(x1, point), "0.*")': f'{n}&""',
        'number_text(divide(number(x1, point), 1000), "0.0")': f"FIXED(ROUND({n}/1000,1),1,TRUE)",
        'number_text(round_nearest(number(x1, point), 0.1), "0.00")': f"FIXED(ROUND(ROUND({n},1),2),2,TRUE)",
        'number_text(round_down(number(x1, point), 25), "0")': f'ROUND(INT({n}/25)*25,0)&""',
        'number_text(round_up(number(x1, point), 0.05), "0.##")': f'ROUND(-INT(-ROUND({n}*20,5))/20,2)&""',
        'number_range(number(x1, point), 25, 1, 24, "-", "0")':
            f'ROUND((INT(({n}-1)/25)*25+1),0)&""&"-"&ROUND((INT(({n}-1)/25)*25+25),0)&""',
    }.items():  # fmt: skip
        assert formula(text) == f'IFERROR(IF(A2="","",{core}),"")'
    assert needs(excel(program('number_text(number(x1, point), "0")'), ["A2"])) == "Excel 2013"


@pytest.mark.parametrize(
    "text",
    [
        'number_text(number_in(x1, point, 1), "0")', 'number_text(number(x1, point), "???0.0")',
        'number_text(divide(number(x1, point), 60), "0.*")', 'number_text(number(x1, point), "#,##,##0")',
        'number_text(round_down(number(x1, point), 0.15), "0.00")', "plain(x1, point, 0)",
        "ordinal(number(x1, point))", "spelled(number(x1, point))", 'number_text(divide(number(x1, point), 0), "0")',
        'number_text(number(trim(x1), point), "0")',
    ],
)  # fmt: skip
def test_what_has_no_exact_formula_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(Unsupported, match=r"^[^\n]{15,120}$"):
        excel(program(text), ["A2", "B2"])


def test_every_operator_has_a_row() -> None:
    assert {operator.name for operator in NUMBER_OPERATORS} <= {*TABLE, *NUMBERS}


def test_cells_that_excel_reads_otherwise_are_not_safe() -> None:
    each = program('concat(x2, number_text(number(x1, point), "0"))')
    assert all(safe_for_excel(cell, each, 0) for cell in ("12", "-1,234.5", 12.5, 7, "n a", None, ""))
    assert not any(safe_for_excel(cell, each, 0) for cell in ("1 2", "5%", "$5", "(5)", "1,2,3", "1e5", "9" * 12, True))
    assert all(safe_for_excel(cell, each, 1) for cell in ("1 2", "5%", "Jan"))
