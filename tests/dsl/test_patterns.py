"""The layout language: its size, its programs one by one against a drawing by hand, and what every operator needs."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import pytest
import z3
from hypothesis import given
from hypothesis import strategies as st

import pbe
from dsl.emit import Unsupported
from dsl.emit.english import english
from dsl.emit.excel import excel
from dsl.emit.python import python
from dsl.grammar import Grammar
from dsl.grids.patterns import CELLS, COLOURS, OPERATORS, SHAPES, SIDE, SYMBOLS, pattern_grammar
from dsl.interpreter import outputs
from dsl.operator import Facts, Operator
from dsl.parser import ProgramError, parse
from dsl.program import Apply, Program, subprograms
from dsl.strings.operators import OPERATORS as STRING_OPERATORS
from dsl.types import INTEGER, TEXT, Type
from pbe.enumeration import Entry, enumerate_bank

SENTENCES = {
    'symbol(alternate(plus(x1, x2), "red", "green"), '
    'framed(nearest(within(x1, 0, 4), within(x2, 1, 6)), "cube", "sphere", 1))':
        "A frame of cubes, 1 thick, around spheres in row 0 to 4 and column 1 to 6; "
        "red where row plus column is odd, green where it is even.",
    'symbol(alternate(x2, "blue", "blue"), hollow(nearest(within(x1, 2, 4), within(x2, 0, 2)), "sphere", 2))':
        "An empty frame of spheres, 2 thick, in row 2 to 4 and column 0 to 2; blue.",
    'symbol(alternate(x1, "green", "blue"), framed(nearest(within(x1, 0, 6), within(x2, 0, 6)), "cube", "cube", 3))':
        "Cubes in row 0 to 6 and column 0 to 6; green where row is odd, blue where it is even.",
}  # fmt: skip


@pytest.fixture(scope="module")
def grammar() -> Grammar:
    return pattern_grammar()


@pytest.fixture(scope="module")
def entries(grammar: Grammar) -> list[Entry]:
    meter = pbe.Budget(seconds=300).start()
    return enumerate_bank(grammar, grammar.reachable("Layout"), CELLS, meter).entries["Layout"]


def drawn(rows: tuple[int, int], columns: tuple[int, int], outer: str, inner: str | None, thickness: int,
          colours: tuple[str, str], index: int) -> tuple[str | None, ...]:  # fmt: skip
    """A layout painted cell by cell: the box in the inner shape, then its frame ring by ring in the outer one."""
    board: dict[tuple[int, int], str | None] = dict.fromkeys(product(range(SIDE), repeat=2))
    (top, bottom), (left, right) = rows, columns
    for ring in range(SIDE):
        for i, j in product(range(top + ring, bottom - ring + 1), range(left + ring, right - ring + 1)):
            board[i, j] = outer if ring < thickness else inner
    for (i, j), shape in board.items():
        odd, even = colours
        colour = odd if (i, j, i + j)[index] % 2 else even
        board[i, j] = None if shape is None else f"{colour} {shape}"
    return tuple(board.values())


def test_the_language_is_that_of_the_paper(grammar: Grammar, entries: list[Entry]) -> None:
    spans = [(a, b) for a in range(SIDE) for b in range(a + 2, SIDE)]
    pairs = [*zip(COLOURS, COLOURS, strict=True), ("red", "green"), ("green", "blue"), ("blue", "red")]
    choices = product(spans, spans, SHAPES, (*SHAPES, None), (1, 2, 3), pairs, range(3))
    by_hand: dict[tuple[str | None, ...], int] = {}
    for choice in choices:
        layout = drawn(*choice)
        by_hand[layout] = by_hand.get(layout, 0) + 1
    assert grammar.sizes["Layout"] == sum(by_hand.values()) == 72_900
    assert {entry.values: entry.count for entry in entries} == by_hand
    assert len(by_hand) == 17_976


def test_every_program_is_equally_probable(grammar: Grammar, entries: list[Entry]) -> None:
    assert math.fsum(math.exp(entry.log_mass) for entry in entries) == pytest.approx(1.0)
    for entry in entries[::500]:
        assert entry.log_mass == pytest.approx(math.log(entry.count / 72_900))
        assert grammar.log_prob(entry.best[1]) == pytest.approx(-math.log(72_900))


def test_a_layout_is_a_column_over_the_cells(entries: list[Entry]) -> None:
    assert {symbol for entry in entries for symbol in entry.values} == set(SYMBOLS)
    for entry in entries[::500]:
        assert outputs(entry.best[1], CELLS) == entry.values


# ---------------------------------------------------------------- what every operator needs


def term(kind: Type, name: str) -> Facts:
    text = Facts(length=z3.Int(f"{name}.length"), weight=z3.Int(f"{name}.weight"))
    return text if kind is TEXT else Facts(value=z3.Int(f"{name}.value"))


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
def test_every_operator_says_what_it_does_and_has_facts_that_z3_reads(operator: Operator) -> None:
    assert operator.doc.endswith(".") and operator.doc[0].isupper()
    arguments = [term(kind, f"a{index}") for index, kind in enumerate(operator.params)]
    facts = list(operator.abstraction(term(operator.returns, "out"), *arguments))
    assert facts and all(isinstance(fact, z3.BoolRef) for fact in facts)
    solver = z3.Solver()
    solver.add(*facts)
    assert solver.check() == z3.sat


@given(st.data(), st.sampled_from(OPERATORS))
def test_the_facts_hold_of_every_value(data: st.DataObject, operator: Operator) -> None:
    texts: st.SearchStrategy[Any] = st.sampled_from(("", *SHAPES, *COLOURS))
    arguments = [data.draw(st.integers(-9, 9) if kind is INTEGER else texts) for kind in operator.params]
    value = operator.apply(*arguments)
    if value is not None:
        assert all(operator.abstraction(Facts.of(value), *map(Facts.of, arguments)))


def test_no_operator_has_the_name_of_another() -> None:
    names = [operator.name for operator in (*OPERATORS, *STRING_OPERATORS)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("text", "sentence"), SENTENCES.items())
def test_a_program_is_parsed_back_and_said_in_english(text: str, sentence: str) -> None:
    program = parse(text, OPERATORS, columns=2, inputs=INTEGER)
    assert str(program) == text
    assert english(program, ("row", "column")) == sentence


def test_the_programs_above_use_every_operator(grammar: Grammar) -> None:
    nodes = [node for text in SENTENCES for node in subprograms(parse(text, OPERATORS, inputs=INTEGER))]
    assert {node.operator for node in nodes if isinstance(node, Apply)} == set(OPERATORS)
    assert {rule.head for rule in grammar.rules if isinstance(rule.head, Operator)} == set(OPERATORS)


def test_every_layout_has_a_sentence_of_its_own(entries: list[Entry]) -> None:
    programs = [entry.best[1] for entry in entries]
    assert len({english(program, ("row", "column")) for program in programs}) == len(programs)


def test_programs_on_numbers_are_not_read_as_programs_on_texts() -> None:
    with pytest.raises(ProgramError, match="'x1' is not a integer"):
        parse(next(iter(SENTENCES)), OPERATORS, columns=2)


@pytest.mark.parametrize("write", [lambda p: excel(p, ["A2", "B2"]), python], ids=["excel", "python"])
def test_other_targets_say_that_they_cannot_write_it(write: Any) -> None:
    program: Program = parse(next(iter(SENTENCES)), OPERATORS, columns=2, inputs=INTEGER)
    with pytest.raises(Unsupported):
        write(program)
