"""Every formula that is written must calculate, in an independent engine, what the interpreter says.

The claim is for the cells that `safe_for_excel` lets through; the alphabet below draws from letters in four scripts,
digits, blanks (tab, line end and no-break space too) and the usual marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import BY_NAME, MARKS, OPERATORS, PLAIN, SCRIPTS, SPECIAL, TELLING, cells, every_guard, programs

from dsl.emit import Unsupported
from dsl.emit.excel import GUARDS, PLACES, SINCE, TABLE, excel, needs, readable, safe_for_excel
from dsl.interpreter import outputs
from dsl.parser import parse
from dsl.program import Apply, Constant, Program
from dsl.types import BOOLEAN, POSITION, TEXT, Cell

ironcalc = pytest.importorskip("ironcalc", reason="IronCalc, which calculates the formulas, is not installed")


def program(text: str) -> Program:
    return parse(text, OPERATORS)


def calculated(some: Sequence[Program], rows: Sequence[Sequence[Cell]]) -> list[list[str]]:
    """Return what the formulas of some programs show, row by row, all in one workbook."""
    book = ironcalc.create("book", "en", "UTC", "en")
    width = len(rows[0])
    for i, row in enumerate(rows, 1):
        for j, cell in enumerate(row, 1):
            if isinstance(cell, str) and cell:
                book.update_cell_with_text(0, i, j, cell)
            elif isinstance(cell, bool):
                book.update_cell_with_bool(0, i, j, cell)
            elif isinstance(cell, int | float):
                book.update_cell_with_number(0, i, j, cell)
        for j, each in enumerate(some, width + 1):
            references = [f"{ironcalc.column_name_from_number(c)}{i}" for c in range(1, width + 1)]
            book.set_user_input(0, i, j, "=" + excel(each, references))
    book.evaluate()
    return [
        [str(book.get_formatted_cell_value(0, i, j)) for i in range(1, len(rows) + 1)]
        for j in range(width + 1, width + 1 + len(some))
    ]


def supported(some: Sequence[Program]) -> list[Program]:
    found = []
    for each in some:
        try:
            excel(each, ["A1", "B1"])
        except Unsupported:
            continue
        found.append(each)
    return found


_safe = st.characters(max_codepoint=0xFFFF).filter(safe_for_excel)
_cells = st.one_of(cells(blanks="\t\u00a0\n"), cells(), st.text(_safe, max_size=8), st.none())
_programs = st.one_of(programs(depth=1), programs(depth=2), programs(depth=3))


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(_programs, min_size=10, max_size=20),
    st.lists(st.tuples(_cells, _cells), min_size=3, max_size=6),
)
def test_formulas_agree_with_the_interpreter(some: list[Program], rows: list[tuple[str | None, str | None]]) -> None:
    rows = [(first or None, second or None) for first, second in rows]  # Excel knows no cell with ""
    some = supported(some)
    for each, shown in zip(some, calculated(some, rows), strict=True):
        expected = [value or "" for value in outputs(each, rows)]
        assert shown == expected, (str(each), rows, readable(excel(each, ["A1", "B1"])))


def test_every_guard_agrees_with_the_interpreter() -> None:
    rows = [(cell,) for cell in TELLING if safe_for_excel(cell)]
    some: list[Program] = [
        Apply(BY_NAME["when"], (guard, Constant("yes", TEXT), Constant("no", TEXT))) for guard in every_guard()
    ]
    for each, shown in zip(some, calculated(some, rows), strict=True):
        assert shown == list(outputs(each, rows)), (str(each), readable(excel(each, ["A1"])))


def test_number_and_boolean_cells_count_as_their_text() -> None:
    rows: list[tuple[Cell, Cell]] = [(12.5, 7), (1200, True), (0, 0.25), (-3, False), (123456789012, 1e-3)]
    assert all(safe_for_excel(cell) for row in rows for cell in row)
    some = [
        program(text)
        for text in ("x1", "left(x1, 2)", "concat(x1, x2)", 'field(x1, ".", 1)', 'field(x1, ".", 2)', "lower(x2)",
                     "token(x1, digits, -1)", 'pad_left(x2, 3, "0")', "lookup(x2, month_name_of_number)",
                     "when(is_number(x1), x1, x2)", 'when(equals(x2, "FALSE"), x1, when(longer(x1, 3), x2, ""))',
                     'when(starts_with(x1, "12"), "a", when(is_blank(x2), "b", when(has(x2, letters), x2, "c")))')
    ]  # fmt: skip
    for each, shown in zip(some, calculated(some, rows), strict=True):
        assert shown == [value or "" for value in outputs(each, rows)], str(each)


FORMULAS = {
    "x1": 'A2&""',
    'concat(x1, concat(" ", x2))': 'IF(OR(A2="",C2=""),"",A2&" "&C2)',
    'concat("Dr. ", field(x1, " ", 1))': 'IF(A2="","","Dr. "&LEFT(A2,FIND(" ",A2&" ")-1))',
    'field(x1, ", ", 1)': 'LEFT(A2,FIND(", ",A2&", ")-1)',
    'field(x1, ",", 3)': 'IFERROR(INDEX(TEXTSPLIT(A2,","),3),"")',
    'field(x1, " ", -1)': 'IFERROR(CHOOSECOLS(TEXTSPLIT(A2," "),-1),"")',
    'between(x1, "(", ")", 1)': 'IFERROR(TEXTBEFORE(TEXTAFTER(A2,"("),")"),"")',
    'slice(x1, at(x1, 0), before(x1, "-", 1))': 'IFERROR(LEFT(A2,FIND("-",A2)-1),"")',
    'slice(x1, after(x1, ", ", 1), at(x1, -1))': 'IFERROR(MID(A2,FIND(", ",A2)+2,LEN(A2)),"")',
    'slice(x1, after(x1, "(", 1), before(x1, ")", 1))':
        'IFERROR(MID(A2,FIND("(",A2)+1,FIND(")",A2)-FIND("(",A2)-1),"")',
    "slice(x1, 0, 3)": 'IF(LEN(A2)<3,"",LEFT(A2,3))',
    "slice(x1, at(x1, 3), at(x1, -1))": "MID(A2,4,LEN(A2))",
    "slice(x1, at(x1, -4), at(x1, -1))": 'IF(LEN(A2)<3,"",RIGHT(A2,3))',
    "slice(x1, at(x1, 0), at(x1, -3))": 'IFERROR(LEFT(A2,LEN(A2)-2),"")',
    "left(x1, 3)": "LEFT(A2,3)",
    "upper(x1)": "UPPER(A2)",
    "token(x1, digits, 1)": r'IFERROR(REGEXEXTRACT(A2,"\d+"),"")',
    "token(x1, nonblank, 2)": r'IFERROR(INDEX(REGEXEXTRACT(A2,"[^\s\p{Z}]+",1),2),"")',
    "token(x1, letters, -1)": r'IFERROR(CHOOSEROWS(TOCOL(REGEXEXTRACT(A2,"[\p{L}\p{M}]+",1)),-1),"")',
    "keep(x1, digits)": r'REGEXREPLACE(A2,"\D+","")',
    "initials(x1)":
        r'IFERROR(REDUCE("",REGEXEXTRACT(A2,"[\p{L}\p{M}\d]+",1),LAMBDA(all,one,all&LEFT(one,1))),"")',
    "collapse(x1)": r'TRIM(REGEXREPLACE(A2,"[\t\n\r\xA0]"," "))',
    'remove(x1, "\\"")': 'SUBSTITUTE(A2,"""","")',
    'replace(x1, " ", "\\t")': 'SUBSTITUTE(A2," ",CHAR(9))',
    'pad_left(x1, 5, "0")': 'IF(A2="","",RIGHT("00000"&A2,MAX(5,LEN(A2))))',
    'when(contains(x1, "x"), field(x1, " ", -1), "NULL")':
        'IF(ISNUMBER(FIND("x",A2)),IFERROR(CHOOSECOLS(TEXTSPLIT(A2," "),-1),""),"NULL")',
    'when(starts_with(x1, "Dr. "), "", when(ends_with(x1, ")"), between(x1, "(", ")", 1), x2))':
        'IF(EXACT(LEFT(A2,4),"Dr. "),"",IF(EXACT(RIGHT(A2,1),")"),'
        'IFERROR(TEXTBEFORE(TEXTAFTER(A2,"("),")"),""),C2&""))',
    'when(equals(x2, "n/a"), concat(x1, concat(" ", x2)), when(longer(x2, 5), upper(x2), concat(x1, "!")))':
        'IF(EXACT(C2,"n/a"),IF(A2="","",A2&" "&C2),IF(LEN(C2)>5,UPPER(C2),IF(A2="","",A2&"!")))',
    'when(is_blank(x1), "none", concat("Dr. ", x1))':
        'IF(TRIM(CLEAN(SUBSTITUTE(A2,UNICHAR(160),"")))="","none","Dr. "&A2)',
    'when(has(x1, digits), x1, when(begins(x1, capitalized), left(x1, 1), ""))':
        r'IF(REGEXTEST(A2,"\d"),A2&"",IF(REGEXTEST(A2,"^\p{Lu}[\p{Ll}\p{M}]"),LEFT(A2,1),""))',
    "when(is_number(x1), x1, x2)":
        r'IF(REGEXTEST(A2,"^[ \t\n\r\xA0]*[-+−]?\d+(?:[.,]\d+)*[ \t\n\r\xA0]*\z"),A2&"",C2&"")',
    'when(looks_like(x1, "Ab 12"), x1, "")':
        r'IF(REGEXTEST(A2,"^(?:\p{Lu}\p{Ll}+)+[\s\p{Z}]+\d+\z"),A2&"","")',
    "sentence(field(x1, \",\", 2))":
        'IFERROR(LET(part,INDEX(TEXTSPLIT(A2,","),2),UPPER(LEFT(part,1))&LOWER(MID(part,2,LEN(part)))),"")',
}  # fmt: skip


@pytest.mark.parametrize(("text", "formula"), FORMULAS.items())
def test_formulas_read_as_people_write_them(text: str, formula: str) -> None:
    assert readable(excel(program(text), ["A2", "C2"])) == formula


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(_programs)
def test_file_prefixes_stand_exactly_where_they_must(each: Program) -> None:
    for one in supported([each]):
        code = re.sub(r'"(?:[^"]|"")*"', "", excel(one, ["A2", "B2"]))
        functions = re.findall(r"([\w.]*?)\b([A-Z]+)\(", code.replace("_xlfn.", "_xlfn. "))
        assert all(SINCE.get(name, 0) <= 2007 for _, name in re.findall(r"(^|[^. \w])([A-Z]+)\(", code))
        assert all(SINCE[name] > 2007 or SINCE[name] == 365 for name in re.findall(r"_xlfn\.([A-Z]+)\(", code))
        assert {name for _, name in functions} <= {*SINCE, *CLASSIC}, code
        assert not re.search(r"(?<!_xlpm\.)\b(part|all|one)\b", code)


CLASSIC = {"IF", "OR", "NA", "LEFT", "RIGHT", "MID", "LEN", "FIND", "SUBSTITUTE", "TRIM", "UPPER", "LOWER", "PROPER",
           "INDEX", "MAX", "REPT", "CHAR", "EXACT", "ISNUMBER", "CLEAN"}  # fmt: skip
"""What every Excel has since 2007, and needs no prefix."""


def test_prefixes_in_quotes_stay() -> None:
    formula = excel(program('concat("_xlfn.LET(", field(x1, "\\"_xlpm.", 2))'), ["'LET(_xlfn.'!A2"])
    assert formula.count("_xlfn.LET(") == 1
    assert readable(formula) == ('IFERROR("_xlfn.LET("&INDEX(TEXTSPLIT(\'LET(_xlfn.\'!A2,"""_xlpm."),2),"")')


def test_needs_names_the_oldest_excel() -> None:
    def oldest(text: str) -> str:
        return needs(excel(program(text), ["A2"]))

    assert oldest('field(x1, ",", 1)') == "any Excel"
    assert oldest('field(x1, ",", 2)') == "Excel 2024"
    assert oldest("sentence(upper(x1))") == "Excel 2021"
    assert oldest("token(x1, digits, 1)") == "Microsoft 365"
    assert oldest('concat(x1, "LET(")') == "any Excel"


UNSUPPORTED = [
    "left(x1, 0)",
    "token(x1, word, 0)",
    'token(x1, "a", 2)',
    'keep(x1, "a")',
    'remove(x1, "😀")',
    "slice(x1, at(x2, 2), at(x1, -1))",
    "slice(x1, after(x1, capitalized, 2), at(x1, -1))",
    'slice(x1, at(x1, 0), before(x1, "--", -1))',
    "slice(x1, 5, 3)",
    'when(looks_like(x1, "a\u0301"), x1, "")',
    'when(longer(x1, -1), x1, "")',
    'when(starts_with(x1, "😀"), x1, "")',
    'when(is_blank(x1), "", left(x1, 0))',
    'when(contains(upper(x1), "A"), x1, "")',
    'upper(when(is_blank(x1), "", x1))',
    'pad_left(x1, 5, "ab")',
    'concat(x1, "\\u0001")',
    f'concat(x1, "{"a" * 256}")',
]


@pytest.mark.parametrize("text", UNSUPPORTED)
def test_what_has_no_exact_formula_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(Unsupported, match=r"^[^\n]{15,120}$"):
        excel(program(text), ["A2", "B2"])


def test_deep_and_long_formulas_are_refused() -> None:
    deep = program("upper(" * 70 + "x1" + ")" * 70)
    with pytest.raises(Unsupported, match="nest"):
        excel(deep, ["A2"])
    with pytest.raises(Unsupported, match="too many to read"):
        excel(program("upper(" * 70 + "x1" + ")" * 70), ["'A sheet'!A2" * 20])


def test_a_column_without_a_reference_is_an_error() -> None:
    with pytest.raises(ValueError, match="column 2"):
        excel(program("x2"), ["A2"])


def test_every_operator_has_a_row() -> None:
    for name, operator in BY_NAME.items():
        if name != "when":
            assert name in {TEXT: TABLE, POSITION: PLACES, BOOLEAN: GUARDS}[operator.returns], f"no row for {name}"


def test_safe_for_excel() -> None:
    assert all(map(safe_for_excel, PLAIN + SCRIPTS + MARKS + "0123456789\t\n\r\u00a0\u2003"))
    assert not any(map(safe_for_excel, SPECIAL.replace("\u2003", "").replace("½", "").replace("²", "")))
    assert safe_for_excel(None) and safe_for_excel(True) and safe_for_excel(0) and safe_for_excel(12.5)
    assert not safe_for_excel(1e20) and not safe_for_excel(1e-7) and not safe_for_excel(float("nan"))
