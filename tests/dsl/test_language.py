"""The grammar that a task calls for: its columns, its delimiters, and that every program of it can be read back."""

from __future__ import annotations

import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsl.grammar import Grammar, Rule
from dsl.interpreter import outputs
from dsl.operator import Operator
from dsl.parser import parse
from dsl.program import Constant, Input
from dsl.strings.language import MAX_COLUMNS, OPERATORS, delimiters, relevant_columns, string_grammar
from dsl.task import Task, row_key
from dsl.types import INTEGER, TEXT, Cell, Type

_quick = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
_cell = st.one_of(
    st.sampled_from(("Jan Kotas", "a,b;c", "2024-05-01", "x", "--", "東京 1", "Model: X1 (new)")),
    st.text("aB1 -,.", max_size=8), st.sampled_from((None, "", 3, 1.5, True)),
)  # fmt: skip


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    width = draw(st.integers(1, 3))
    row = st.tuples(*[_cell] * width)
    rows: list[tuple[Cell, ...]] = draw(st.lists(row, min_size=1, max_size=5))
    outputs = st.sampled_from(("Jan", "a-b", None, "12"))
    given = {row_key(row): row for row in rows[: draw(st.integers(1, 3))]}
    return Task.of([(row, draw(outputs)) for row in given.values()], rows)


@_quick
@given(tasks())
def test_a_grammar_of_texts_whose_probabilities_sum_to_1(task: Task) -> None:
    grammar = string_grammar(task)
    assert grammar.type_of(grammar.start) is TEXT
    for rules in grammar.by_lhs.values():
        assert math.isclose(math.fsum(math.exp(weight) for _, weight in rules), 1.0)
    assert len(set(grammar.rules)) == len(grammar.rules)


@_quick
@given(tasks())
def test_every_symbol_is_reached_from_the_start(task: Task) -> None:
    grammar = string_grammar(task)
    reached, stack = {grammar.start}, [grammar.start]
    while stack:
        for rule, _ in grammar.by_lhs[stack.pop()]:
            stack += [part for part in rule.rhs if part not in reached]
            reached |= set(rule.rhs)
    assert sorted(set(grammar.by_lhs) - reached) == []


@_quick
@given(tasks())
def test_arguments_have_the_types_that_operators_ask_for(task: Task) -> None:
    grammar = string_grammar(task)
    for rule in grammar.rules:
        if isinstance(rule.head, Operator):
            for part, wanted in zip(rule.rhs, rule.head.params, strict=True):
                found = {_type(grammar, inner) for inner, _ in grammar.by_lhs[part]}
                assert found == {wanted}, f"{rule}: {part} derives {found}, {wanted} is wanted"


def _type(grammar: Grammar, rule: Rule) -> Type:
    if rule.head is None:
        return grammar.type_of(rule.rhs[0])
    if isinstance(rule.head, Operator):
        return rule.head.returns
    return rule.head.type if isinstance(rule.head, (Constant, Input)) else TEXT


@_quick
@given(tasks(), st.data())
def test_programs_drawn_from_the_grammar_are_read_back_and_have_a_probability(task: Task, data: st.DataObject) -> None:
    grammar = string_grammar(task)

    def draw(symbol: str, depth: int) -> object:
        rules = [rule for rule, _ in grammar.by_lhs[symbol]]
        if symbol in ("Text", "Program") and depth > 4:
            rules = [rule for rule in rules if symbol not in rule.rhs]
        rule = data.draw(st.sampled_from(rules))
        args = [draw(part, depth + 1) for part in rule.rhs]
        if rule.head is None:
            return args[0]
        if isinstance(rule.head, Operator):
            return f"{rule.head.name}({', '.join(map(str, args))})"
        return str(rule.head) if isinstance(rule.head, (Constant, Input)) else '". "'

    program = parse(str(draw(grammar.start, 0)), OPERATORS, columns=len(task.rows[0]))
    assert -math.inf < grammar.log_prob(program) <= 1e-9
    assert len(outputs(program, task.rows)) == len(task.rows)


def test_the_same_task_has_the_same_grammar() -> None:
    task = Task.of([("Jan Kotas; 5", "Jan")], ["Mia Wu; 7", "Bob: 3"])
    assert string_grammar(task) == string_grammar(task)


@pytest.mark.parametrize(
    ("column", "first"),
    [
        (["a,b", "c,d", "e f"], ","), (["Jan Kotas", "Mia Wu"], " "), (["x: 1", "y: 2"], " "),
        (["2024-05-01", "2023-01-02"], "-"),
    ],
)  # fmt: skip
def test_the_most_widespread_delimiter_comes_first(column: list[str], first: str) -> None:
    assert delimiters(column)[0] == first


def test_runs_their_characters_and_shared_words_are_delimiters() -> None:
    assert set(delimiters(["a, b", "c, d"])) == {",", " ", ", "}
    found = delimiters(["Model: X1 new", "Model: Y2 old"])
    assert "Model" in found and "Model: " in found
    assert delimiters(["abc"]) == [] and delimiters([]) == []


@given(st.lists(st.text("aB1 -,.;:_/", max_size=12), max_size=6), st.integers(1, 9))
def test_delimiters_stand_in_the_cells_and_are_few(column: list[str], most: int) -> None:
    found = delimiters(column, most)
    assert len(found) <= most and len(set(found)) == len(found)
    assert all(literal and any(literal in text for text in column) for literal in found)


def test_columns_that_share_text_with_the_outputs_are_relevant() -> None:
    task = Task.of([(("x9", "Jan", "Kotas"), "Kotas, Jan")])
    assert relevant_columns(task) == [1, 2]
    assert relevant_columns(Task.of([("anything", "else")])) == [0]
    assert relevant_columns(Task.of([(("ab", "cd"), "qq")])) == [0, 1], "nothing shared: all of them"
    assert relevant_columns(Task.of([(("jan", "x"), "JAN")])) == [0], "whatever the casing"


def test_a_wide_sheet_uses_few_columns() -> None:
    row = tuple(f"cell{i}" for i in range(40))
    task = Task.of([(row, "".join(row))], [row])
    assert len(relevant_columns(task)) == MAX_COLUMNS
    assert len(relevant_columns(Task.of([], [row]))) == MAX_COLUMNS
    inputs = {rule.head for rule in string_grammar(task).rules if isinstance(rule.head, Input)}
    assert inputs == {Input(i) for i in relevant_columns(task)}


def test_counts_are_likelier_the_closer_to_an_end() -> None:
    grammar = string_grammar(Task.of([("a b", "a")]))
    logs = [grammar.log_prob(Constant(k, INTEGER), "Count") for k in (1, 2, 3, 4, 5)]
    assert logs == sorted(logs, reverse=True) and len(set(logs)) == 5
    logs = [grammar.log_prob(Constant(k, INTEGER), "Count") for k in (-1, -2, -3)]
    assert logs == sorted(logs, reverse=True)
    assert grammar.log_prob(Constant(0, INTEGER), "Count") == -math.inf


@pytest.mark.parametrize("cell", [" ab", "a b"])
def test_every_program_has_one_derivation(cell: str) -> None:
    """Otherwise `Answer.count` counts it twice, and lists of programs repeat it."""
    grammar = string_grammar(Task.of([(cell, "A")]))
    wanted = [parse(text, OPERATORS) for text in ("upper(trim(x1))", "token(x1, word, 1)")]
    for program in wanted:
        assert _derivations(grammar, "Text", program) <= 1, program


def _derivations(grammar: Grammar, symbol: str, program: object) -> int:
    found = 0
    for rule, _ in grammar.by_lhs[symbol]:
        if rule.head is None:
            found += _derivations(grammar, rule.rhs[0], program)
        elif isinstance(rule.head, Operator):
            if getattr(program, "operator", None) == rule.head:
                found += math.prod(
                    _derivations(grammar, part, arg)
                    for part, arg in zip(rule.rhs, program.args, strict=True)  # type: ignore[attr-defined]
                )
        else:
            found += rule.head == program
    return found
