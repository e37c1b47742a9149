"""The emitted Python must return what the interpreter returns, for all of Unicode."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import MARKS, PLAIN, SCRIPTS, SPECIAL, cells, programs

from dsl.emit import python as python_module
from dsl.emit.python import python
from dsl.interpreter import evaluate
from dsl.parser import parse
from dsl.program import Constant, Program
from dsl.strings.text import OPERATORS
from dsl.strings.tokens import CLASSES, spans
from dsl.types import TEXT


def run(source: str, name: str = "transform") -> Callable[..., str | None]:
    namespace: dict[str, Callable[..., str | None]] = {}
    exec(compile(source, "emitted", "exec"), namespace)
    return namespace[name]


def program(text: str) -> Program:
    return parse(text, OPERATORS)


_cells = st.one_of(st.none(), cells(), cells(PLAIN + SCRIPTS + MARKS + SPECIAL, blanks="\t\u00a0\n"), st.text())


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(programs(depth=1), programs(depth=2), programs(depth=3)), min_size=10, max_size=20), st.lists(st.tuples(_cells, _cells), min_size=1, max_size=6))
def test_emitted_python_agrees_with_the_interpreter(
    some: list[Program], rows: list[tuple[str | None, str | None]]
) -> None:
    for each in some:
        source = python(each, columns=["Name", "City"])
        function = run(source)
        for row in rows:
            assert function(*row) == evaluate(each, row), (str(each), row, source)
