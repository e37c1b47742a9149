"""Every operator has all that belongs to it; what is missing is named."""

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
from dsl.interpreter import evaluate
from dsl.operator import Facts, Operator
from dsl.parser import parse
from dsl.program import Apply, Constant, Input, Program
from dsl.strings.language import OPERATORS, string_grammar
from dsl.strings.tokens import LETTERS
from dsl.task import Task
from dsl.types import BOOLEAN, INTEGER, POSITION, TABLE, TEXT, TOKEN, Type, Value

BY_NAME = {operator.name: operator for operator in OPERATORS}
LITERAL: Type = getattr(dsl.types, "LITERAL", TOKEN)
LITERAL_ONLY = {("field", 1), ("between", 1), ("between", 2), ("remove", 1), ("replace", 1)}
CELL = "Jan-K"
EMITTERS = [importlib.import_module(m.name) for m in pkgutil.iter_modules(dsl.emit.__path__, "dsl.emit.")]


def sample(operator: Operator) -> Apply:
    """A program of the operator with fixed arguments, undefined on few cells."""
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
    assert facts, f"{operator.name} needs an abstraction that says something"
    return facts


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_every_operator_has_facts_that_run_on_values_and_on_z3_terms(operator: Operator) -> None:
    def term(kind: Type, name: str) -> Facts:
        return Facts(length=z3.Int(f"{name}.length")) if kind is TEXT else Facts(value=z3.Int(f"{name}.value"))

    facts = _facts(operator, term)
    assert all(isinstance(fact, z3.BoolRef) for fact in facts), f"{operator.name} has a fact z3 cannot read"
    solver = z3.Solver()
    solver.add(*facts)
    assert solver.check() == z3.sat, f"the facts of {operator.name} contradict each other"
    solver.add(*[z3.Int(f"{name}.length") >= 0 for name in ("out", "a0", "a1", "a2", "a3")])
    assert solver.check() == z3.sat, f"the facts of {operator.name} allow no lengths"


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_every_operator_gives_a_value_of_its_type(operator: Operator) -> None:
    row = ("Jan",) if operator.name == "lookup" else (CELL + "-x",)
    value: Value = evaluate(sample(operator), row)
    assert isinstance(value, str if operator.returns is TEXT else int), f"{operator.name} is undefined on its sample"


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_every_operator_is_parsed_back(operator: Operator) -> None:
    assert parse(str(whole(operator)), OPERATORS, columns=1) == whole(operator)


def test_every_operator_can_be_searched_for() -> None:
    """Some task's grammar has a rule for it."""
    tasks = [Task.of([("Jan-K", "Jan")], ["Mia-W", "Bob-Lee"]), Task.of([(("a b", "c"), "ab c")])]
    tasks.append(Task.of([("Jan-K", "Jan"), ("12", None)]))
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
    assert sorted(_rows(module) - set(BY_NAME)) == [], f"{module.__name__} has rows for operators that are not there"


def test_there_are_emitters() -> None:
    names = {module.__name__.rsplit(".", 1)[1] for module in EMITTERS}
    assert {"english", "excel", "python"} <= names
