"""Every operator of the string language has all that belongs to it; what is missing is named.

The operators of grids are written in English only; `tests/dsl/test_patterns.py` holds them to the rest.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType
from typing import Any

import pytest
import z3

import dsl.emit
import dsl.types
from dsl.emit import Unsupported
from dsl.grids import patterns
from dsl.interpreter import evaluate
from dsl.operator import Facts, Operator
from dsl.parser import parse
from dsl.program import Apply, Constant, Input, Program, subprograms
from dsl.strings.language import OPERATORS, string_grammar
from dsl.strings.tokens import LETTERS
from dsl.task import Task
from dsl.types import BOOLEAN, INTEGER, POSITION, TABLE, TEXT, TOKEN, Type, Value

BY_NAME = {operator.name: operator for operator in OPERATORS}
LITERAL: Type = getattr(dsl.types, "LITERAL", TOKEN)
LITERAL_ONLY = {("field", 1), ("between", 1), ("between", 2), ("remove", 1), ("replace", 1)}
CELL = "Jan-K"
TARGETS = ("english", "excel", "python")
EMITTERS = [importlib.import_module(f"dsl.emit.{target}") for target in TARGETS]


SPELLED = {
    "moment": 'moment_text(moment(x1, "yyyy-M-d"), "MMM yyyy")',
    "nth_moment": 'moment_text(nth_moment(x1, "yyyy-M-d", 1), "MMM yyyy")',
    "round_moment": 'moment_text(round_moment(moment(x1, "yyyy-M-d"), "down", "1 month"), "d MMM yyyy")',
    "shift_moment": 'moment_text(shift_moment(moment(x1, "yyyy-M-d"), "1 day"), "d MMM yyyy")',
    "moment_text": 'moment_text(moment(x1, "yyyy-M-d"), "d MMM yyyy")',
    "range_text": 'range_text(moment(x1, "yyyy-M-d"), "1 month", "0 minutes", "d MMM yyyy", " to ")',
    "number": 'number_text(number(x1, point), "0")',
    "number_in": 'number_text(number_in(x1, point, 1), "0")',
    "add": 'number_text(add(number(x1, point), 5), "0")',
    "multiply": 'number_text(multiply(number(x1, point), 5), "0")',
    "divide": 'number_text(divide(number(x1, point), 5), "0.00")',
    "absolute": 'number_text(absolute(number(x1, point)), "0")',
    "round_nearest": 'number_text(round_nearest(number(x1, point), 5), "0")',
    "round_down": 'number_text(round_down(number(x1, point), 5), "0")',
    "round_up": 'number_text(round_up(number(x1, point), 5), "0")',
    "truncate": 'number_text(truncate(number(x1, point), 5), "0")',
    "significant": 'number_text(significant(number(x1, point), 2), "0")',
    "number_text": 'number_text(number(x1, point), "#,##0.00")',
    "number_range": 'number_range(number(x1, point), 10, 0, 9, "-", "0")',
    "plain": "plain(x1, point, 0)",
    "ordinal": "ordinal(number(x1, point))",
    "spelled": "spelled(number(x1, point))",
}
"""Programs of the operators on dates and numbers, whose arguments have types of their own."""
NO_FACTS = {"round_moment", "shift_moment", "divide", "truncate", "significant"}
"""From moment to moment there is nothing to say of lengths; a quotient is rounded, the others go up or down."""


def cell(operator: Operator) -> str:
    """A cell on which the operator's sample has a value."""
    if operator.name == "lookup":
        return "Jan"
    if operator.name in SPELLED:
        return "2024-03-17" if "moment" in SPELLED[operator.name] else "12"
    return CELL + "-x"


def sample(operator: Operator) -> Apply:
    """A program of the operator with fixed arguments, undefined on few cells."""
    if operator.name in SPELLED:
        program = parse(SPELLED[operator.name], OPERATORS)
        return next(p for p in subprograms(program) if isinstance(p, Apply) and p.operator == operator)
    args: list[Program] = []
    for index, kind in enumerate(operator.params):
        if kind is TEXT:
            filled = operator.name.startswith("pad") and index == 2
            args.append(Constant("0", TEXT) if filled else Constant("+", TEXT) if index else Input(0))
        elif kind is INTEGER:
            args.append(Constant(1, INTEGER))
        elif kind is POSITION:
            args.append(Apply(BY_NAME["at"], (Input(0), Constant(index - 1, INTEGER))))
        elif kind is BOOLEAN:
            args.append(sample(BY_NAME["contains"]))
        elif kind is TABLE:
            args.append(Constant("month_name", TABLE))
        elif (kind is LITERAL and kind is not TOKEN) or (operator.name, index) in LITERAL_ONLY:
            args.append(Constant("-", kind))
        else:
            assert kind is TOKEN, f"{operator.name} has a parameter of a type this test does not know: {kind}"
            args.append(Constant(LETTERS, TOKEN))
    return Apply(operator, tuple(args))


def whole(operator: Operator) -> Apply:
    """The sample as a program that gives a text."""
    if operator.name in SPELLED:
        program = parse(SPELLED[operator.name], OPERATORS)
        assert isinstance(program, Apply)
        return program
    program = sample(operator)
    if operator.returns is TEXT:
        return program
    if operator.returns is BOOLEAN:
        return Apply(BY_NAME["when"], (program, Input(0), Constant("", TEXT)))
    start = Apply(BY_NAME["at"], (Input(0), Constant(0, INTEGER)))
    return Apply(BY_NAME["slice"], (Input(0), start, program))


def emitted(module: ModuleType, program: Program) -> str:
    """The program in a target language; arguments beyond the program are references or names."""
    write = getattr(module, module.__name__.rsplit(".", 1)[1])
    extra = [p for p in list(inspect.signature(write).parameters.values())[1:] if p.default is p.empty]
    text = write(program, *[["A2"] for _ in extra])
    assert isinstance(text, str)
    return text


def test_names_are_unique() -> None:
    assert len(BY_NAME) == len(OPERATORS)


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_every_operator_says_what_it_does_in_a_sentence(operator: Operator) -> None:
    assert operator.doc.endswith(".") and operator.doc[0].isupper(), f"{operator.name} needs a docstring"
    assert operator.params and isinstance(operator.returns, Type)


def _facts(operator: Operator, make: Any) -> list[Any]:
    facts = list(operator.abstraction(make(operator.returns, "out"), *[
        make(kind, f"a{index}") for index, kind in enumerate(operator.params)
    ]))  # fmt: skip
    assert facts or operator.name in NO_FACTS, f"{operator.name} needs an abstraction that says something"
    return facts


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_every_operator_has_facts_that_run_on_values_and_on_z3_terms(operator: Operator) -> None:
    def term(kind: Type, name: str) -> Facts:
        if kind in (TEXT, LITERAL):
            return Facts(length=z3.Int(f"{name}.length"), weight=z3.Int(f"{name}.weight"))
        return Facts(value=z3.Int(f"{name}.value"))

    facts = _facts(operator, term)
    assert all(isinstance(fact, z3.BoolRef) for fact in facts), f"{operator.name} has a fact z3 cannot read"
    solver = z3.Solver()
    solver.add(*facts)
    assert solver.check() == z3.sat, f"the facts of {operator.name} contradict each other"
    solver.add(*[z3.Int(f"{name}.length") >= 0 for name in ("out", "a0", "a1", "a2", "a3")])
    assert solver.check() == z3.sat, f"the facts of {operator.name} allow no lengths"


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_every_operator_gives_a_value_of_its_type(operator: Operator) -> None:
    value: Value = evaluate(sample(operator), (cell(operator),))
    assert value is not None, f"{operator.name} is undefined on its sample"
    if operator.returns in (TEXT, INTEGER, POSITION, BOOLEAN):
        assert isinstance(value, str if operator.returns is TEXT else int)


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_every_operator_is_parsed_back(operator: Operator) -> None:
    assert parse(str(whole(operator)), OPERATORS, columns=1) == whole(operator)


def test_every_operator_can_be_searched_for() -> None:
    """Some task's grammar has a rule for it."""
    tasks = [Task.of([("Jan-K", "Jan")], ["Mia-W", "Bob-Lee"]), Task.of([(("a b", "c"), "ab c")])]
    tasks.append(Task.of([("Jan-K", "Jan"), ("12", None)]))
    tasks.append(Task.of([("2024-03-17", "from 1 Mar 2024"), ("2023-11-02", "from 1 Nov 2023")]))
    tasks.append(Task.of([("at 2024-03-17", "1 Mar 2024")], ["at 2023-11-02"]))
    tasks.append(Task.of([("18:25", "18:00-18:30")], ["07:10"]))
    numbers = {"81": "80-89", "81.5": "82.50", "-81": "81", "3": "3rd", "7": "seven", "1250": "12.5", "-8.7": "-8"}
    tasks += [Task.of([(number, output)], ["44", "120"]) for number, output in numbers.items()]
    tasks.append(Task.of([("no. 81 x", "80.00")], ["no. 44 y"]))
    tasks.append(Task.of([("81", "86.0"), ("20", "25.0")], ["44"]))
    used = {rule.head for task in tasks for rule in string_grammar(task).rules if isinstance(rule.head, Operator)}
    assert sorted(operator.name for operator in set(OPERATORS) - used) == []
    assert sorted(operator.name for operator in used - set(OPERATORS)) == [], "used, but not among OPERATORS"


def _rows(module: ModuleType) -> set[str]:
    tables = [getattr(module, name, ()) for name in ("TABLE", "PLACES", "CHANGES", "GUARDS")]
    return {name for table in tables for name in table}


@pytest.mark.parametrize("module", EMITTERS, ids=lambda module: module.__name__.rsplit(".", 1)[1])
def test_every_emitter_writes_every_operator_or_says_that_it_does_not(module: ModuleType) -> None:
    """An operator without a row is one that the writer itself handles (concat), or one the docstring excuses."""
    missing, unwritten = [], []
    for operator in OPERATORS:
        try:
            written = emitted(module, whole(operator)).strip()
        except Unsupported as reason:
            assert str(reason)
            written = ""
        if not written and operator.name not in (module.__doc__ or ""):
            unwritten.append(operator.name)
        if operator.name not in _rows(module) and not written:
            missing.append(operator.name)
    assert missing == [], f"{module.__name__} has no row for these"
    assert unwritten == [], f"{module.__name__} cannot write the simplest program of these and does not say so"
    known = {*BY_NAME, *(operator.name for operator in patterns.OPERATORS)}
    assert sorted(_rows(module) - known) == [], f"{module.__name__} has rows for operators that are not there"


def test_every_module_that_writes_programs_is_tested() -> None:
    modules = [importlib.import_module(m.name) for m in pkgutil.iter_modules(dsl.emit.__path__, "dsl.emit.")]
    writers = {name for m in modules if hasattr(m, name := m.__name__.rsplit(".", 1)[1]) and callable(getattr(m, name))}
    assert writers == set(TARGETS)
