"""The emitted Python must return what the interpreter returns, for all of Unicode."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import BY_NAME, MARKS, OPERATORS, PLAIN, SCRIPTS, SPECIAL, TELLING, cells, every_guard, programs

from dsl.emit import Unsupported
from dsl.emit.python import GUARDS, PLACES, TABLE, python
from dsl.emit.python.writer import BY_REGEX
from dsl.interpreter import evaluate
from dsl.parser import parse
from dsl.program import Apply, Constant, Program
from dsl.strings.tokens import CLASSES, spans
from dsl.types import BOOLEAN, POSITION, TEXT


def run(source: str, name: str = "transform") -> Callable[..., str | None]:
    namespace: dict[str, Callable[..., str | None]] = {}
    exec(compile(source, "emitted", "exec"), namespace)
    return namespace[name]


def program(text: str) -> Program:
    return parse(text, OPERATORS)


_cells = st.one_of(st.none(), cells(), cells(PLAIN + SCRIPTS + MARKS + SPECIAL, blanks="\t\u00a0\n"), st.text())


_programs = st.one_of(programs(depth=1), programs(depth=2), programs(depth=3))


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(_programs, min_size=10, max_size=20), st.lists(st.tuples(_cells, _cells), min_size=1, max_size=6))
def test_emitted_python_agrees_with_the_interpreter(
    some: list[Program], rows: list[tuple[str | None, str | None]]
) -> None:
    for each in some:
        source = python(each, columns=["Name", "City"])
        function = run(source)
        for row in rows:
            assert function(*row) == evaluate(each, row), (str(each), row, source)


def test_every_guard_agrees_with_the_interpreter() -> None:
    yes, no = Constant("yes", TEXT), Constant("no", TEXT)
    for each in [Apply(BY_NAME["when"], (guard, yes, no)) for guard in every_guard()]:
        function = run(python(each))
        for cell in (*TELLING, *SPECIAL, "", "1" + SPECIAL):
            assert function(cell) == evaluate(each, (cell,)), (str(each), cell)


def test_pythons_own_classes_are_ours_for_every_character() -> None:
    everything = " ".join(map(chr, range(sys.maxunicode + 1)))
    for name, pattern in BY_REGEX.items():
        text = everything.replace(" ", "") if name != "blank" else everything[:100_000]
        assert tuple(m.span() for m in re.finditer(pattern, text)) == spans(CLASSES[name], text), name


@pytest.mark.parametrize("name", CLASSES)
def test_token_classes_hold_for_all_of_unicode(name: str) -> None:
    step = 7  # a prime to the blocks' sizes
    text = "".join(chr(c) + ("a" if c % 3 else " ") for c in range(0, sys.maxunicode + 1, step))
    for each in (f"keep(x1, {name})", f"drop(x1, {name})", f"token(x1, {name}, -2)"):
        assert run(python(program(each)))(text) == evaluate(program(each), (text,))


SOURCES = {
    'concat(field(x1, ", ", 1), concat(" ", x2))': """\
def transform(name: str | None, home_town: str | None) -> str | None:
    if name is None or home_town is None:
        return None
    return name.split(", ")[0] + " " + home_town
""",
    'upper(field(x1, " ", -2))': """\
def transform(name: str | None, home_town: str | None) -> str | None:
    if name is None:
        return None
    parts = name.split(" ")
    if len(parts) < 2:
        return None
    return parts[-2].upper()
""",
    'slice(x1, after(x1, "(", 1), before(x1, ")", 1))': """\
def transform(name: str | None, home_town: str | None) -> str | None:
    if name is None:
        return None
    start = name.find("(")
    if start < 0:
        return None
    end = name.find(")")
    if end < 0:
        return None
    if start + 1 > end:
        return None
    return name[start + 1 : end]
""",
    'pad_left(token(x1, digits, 2), 5, "0")': """\
import re


def transform(name: str | None, home_town: str | None) -> str | None:
    if name is None:
        return None
    found = re.findall(r"\\d+", name)
    if len(found) < 2:
        return None
    return found[1].rjust(5, "0")
""",
    'when(contains(x1, "x"), field(x1, " ", -2), when(has(x1, digits), field(x1, " ", 2), left(x1, 3)))': """\
import re


def transform(name: str | None, home_town: str | None) -> str | None:
    if name is None:
        return None
    if "x" in name:
        parts = name.split(" ")
        if len(parts) < 2:
            return None
        return parts[-2]
    if re.search(r"\\d", name):
        parts = name.split(" ")
        if len(parts) < 2:
            return None
        return parts[1]
    return name[:3]
""",
    'when(starts_with(x1, "Dr"), x2, "NULL")': """\
def transform(name: str | None, home_town: str | None) -> str | None:
    if name is not None and name.startswith("Dr"):
        if home_town is None:
            return None
        return home_town
    return "NULL"
""",
    'when(is_blank(x1), "", when(equals(x2, "b"), x1, when(longer(x2, 3), x2, upper(x2))))': """\
def transform(name: str | None, home_town: str | None) -> str | None:
    if name is None or not name.strip(" \\t\\n\\r\\xa0"):
        return ""
    if home_town == "b":
        return name
    if home_town is not None and len(home_town) > 3:
        return home_town
    if home_town is None:
        return None
    return home_town.upper()
""",
    'when(longer(x1, -1), x2, x1)': """\
def transform(name: str | None, home_town: str | None) -> str | None:
    if name is None:
        return None
    return name
""",
    "left(x1, 0)": """\
def transform(name: str | None, home_town: str | None) -> str | None:
    return None
""",
}


@pytest.mark.parametrize(("text", "source"), SOURCES.items())
def test_simple_programs_come_out_as_simple_code(text: str, source: str) -> None:
    assert python(program(text), columns=["Name", "Home town"]) == source


@pytest.mark.parametrize(
    "constant",
    ['"', "'", '"""', "\\", "\n", "\r", "\x00", "\ud800", "{x1}", '" + __import__("os").name + "', "\u2028", "#"],
)
def test_constants_are_only_ever_text(constant: str) -> None:
    source = python(Constant(constant, TEXT))
    assert run(source)() == constant
    assert source.count("\n") == 2, "a line break of the constant stands in the source"
    joined = python(program(f"concat(x1, {Constant(constant, TEXT)})"))
    assert run(joined)("a") == "a" + constant


@pytest.mark.parametrize(
    "headers",
    [["class", "re"], ["", "2nd"], ["Name", "name"], ["str", "len"], ["x2", "x2"], ["found", "transform"],
     ["start", "end"], ["ﬁn", "fin"], ["_kinds", "a'); import os; ('"], ["Größe", "名前"], ["match", "_"]],
)  # fmt: skip
def test_any_headers_make_names(headers: list[str]) -> None:
    each = program('concat(token(x1, word, 1), slice(x2, after(x2, "(", 1), before(x2, ")", 1)))')
    assert run(python(each, columns=headers))("a b", "(c)") == "ac"


@pytest.mark.parametrize(
    "text",
    ['upper(when(is_blank(x1), "", x1))', "when(is_blank(x1), when(is_blank(x2), x1, x2), x1)",
     'when(contains(upper(x1), "A"), x1, "")'],
)  # fmt: skip
def test_conditions_elsewhere_than_at_the_top_and_on_cells_are_refused(text: str) -> None:
    with pytest.raises(Unsupported, match="conditions are written"):
        python(program(text))


def test_wrong_arguments_are_errors() -> None:
    with pytest.raises(ValueError, match="function"):
        python(program("x1"), name="import os")
    with pytest.raises(ValueError, match="column 2"):
        python(program("x2"), columns=["Name"])


def test_every_operator_has_a_row() -> None:
    tables = {TEXT: TABLE, POSITION: PLACES, BOOLEAN: GUARDS}
    for operator in OPERATORS:
        assert operator.name in (*tables[operator.returns], "when"), f"python has no row for {operator.name}"
