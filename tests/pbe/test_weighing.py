"""What makes a program likelier than its grammar's weights say, and the trees that are compared for it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.grammar import Grammar, Rule
from dsl.interpreter import evaluate
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program, subprograms
from dsl.sygus import integers, read_sygus, texts
from dsl.sygus.booleans import CHOICE, EQUAL
from dsl.task import Row
from dsl.types import BOOLEAN, INTEGER, TEXT, Value
from pbe.budget import Budget
from pbe.choosing import Part, Switch, choose
from pbe.enumeration import Enumeration
from pbe.growing import CLOSED_BITS
from pbe.guards import distinct_guards
from pbe.mutations import crossed_rows
from pbe.sygus import likely_grammar, solve
from pbe.weighing import AGAIN, ASTRAY, Weighing, strays

ROOMY = Budget(seconds=300)
CELL, DASH = Input(0), Constant("-", TEXT)
ZERO, ONE, LESS = [Constant(number, INTEGER) for number in (0, 1, -1)]
GRAMMAR = Grammar.weighted(
    "T",
    dict.fromkeys(
        [
            *[Rule("T", head) for head in (CELL, DASH, Constant("", TEXT))],
            *[Rule("I", head) for head in (ZERO, ONE, LESS)],
            Rule("T", texts.join, ("T", "T")),
            Rule("T", texts.substr, ("T", "I", "I")),
            Rule("T", CHOICE[TEXT], ("B", "T", "T")),
            Rule("I", texts.index_of, ("T", "T", "I")),
            Rule("I", integers.add, ("I", "I")),
            Rule("B", texts.contains, ("T", "T")),
            Rule("B", texts.prefix_of, ("T", "T")),
        ],
        1.0,
    ),
)
BITS = math.log(2)


def apply(operator: Operator, *args: Program) -> Apply:
    return Apply(operator, args)


DASH_AT = apply(texts.index_of, CELL, DASH, ZERO)
BEFORE = apply(texts.substr, CELL, ZERO, DASH_AT)
HOLDS_DASH = apply(texts.contains, CELL, DASH)


# ---------------------------------------------------------------- descriptions


@st.composite
def programs(draw: st.DrawFn, symbol: str = "T", depth: int = 3) -> Program:
    rules = [rule for rule, _ in GRAMMAR.by_lhs[symbol] if depth or not rule.rhs]
    if not rules:
        return HOLDS_DASH
    rule = draw(st.sampled_from(rules))
    if not isinstance(rule.head, Operator):
        assert isinstance(rule.head, Input | Constant)
        return rule.head
    return Apply(rule.head, tuple([draw(programs(part, depth - 1)) for part in rule.rhs]))


@given(programs())
def test_a_description_is_the_grammars_but_for_what_is_said_again(program: Program) -> None:
    """Without repeats it is the grammar's log probability, less what constants made of constants cost."""
    parts = list(subprograms(program))
    closed = sum(isinstance(p, Apply) and not any(isinstance(q, Input) for q in subprograms(p)) for p in set(parts))
    described = Weighing(GRAMMAR, ()).described(program)
    plain = GRAMMAR.log_prob(program) - closed * CLOSED_BITS * BITS
    if len(parts) == len(set(parts)):
        assert math.isclose(described, plain)
    else:
        assert described > plain


def test_a_part_said_again_costs_little() -> None:
    weighing = Weighing(GRAMMAR, ())
    twice = weighing.described(apply(texts.join, BEFORE, BEFORE))
    once = weighing.described(BEFORE)
    (join,) = [weight for rule, weight in GRAMMAR.by_lhs["T"] if rule.head == texts.join]
    assert math.isclose(twice, once + join - AGAIN * BITS)
    assert weighing.described(Constant("x", TEXT)) == -math.inf


# ---------------------------------------------------------------- strays


@pytest.mark.parametrize(
    ("program", "cell", "astray"),
    [
        (BEFORE, "a-b", False),
        (BEFORE, "ab", True),
        (apply(texts.substr, CELL, apply(integers.add, DASH_AT, ONE), ONE), "ab", True),
        (apply(CHOICE[TEXT], HOLDS_DASH, BEFORE, CELL), "ab", False),
        (apply(CHOICE[TEXT], apply(texts.prefix_of, Constant("a", TEXT), CELL), BEFORE, CELL), "ab", True),
        (apply(CHOICE[TEXT], apply(EQUAL[INTEGER], DASH_AT, LESS), CELL, BEFORE), "ab", False),
        (HOLDS_DASH, "ab", False),
        (CELL, "", False),
    ],
)
def test_a_program_strays_where_its_value_is_made_of_what_is_not_there(
    program: Program, cell: str, astray: bool
) -> None:
    assert strays(program, (cell,)) is astray


@pytest.mark.parametrize(
    ("function", "args"),
    [
        (texts.char_at, ("ab", 2)), (texts.substr, ("ab", 2, 1)), (texts.index_of, ("ab", "c", 0)),
        (texts.to_int, ("a",)), (texts.from_int, (-1,)), (texts.to_code, ("ab",)), (texts.from_code, (-1,)),
    ],
)  # fmt: skip
def test_what_functions_give_outside_their_range(function: Operator, args: tuple[Value, ...]) -> None:
    assert texts.OUTSIDE[function] == function.apply(*args)
    assert len(texts.OUTSIDE) == 7


def test_a_guard_that_does_not_go_with_its_branch_costs() -> None:
    """A test that every text but the empty one passes, before a branch that cuts at a dash."""
    rows = [("a-b",), ("ac-d",), ("e",), ("fg",)]
    meant = apply(CHOICE[TEXT], HOLDS_DASH, BEFORE, CELL)
    other = apply(CHOICE[TEXT], apply(texts.prefix_of, apply(texts.substr, CELL, ZERO, ONE), CELL), BEFORE, CELL)
    weighing = Weighing(GRAMMAR, rows)
    assert weighing.log_prob(meant) == weighing.described(meant)
    share = sum("-" not in cell for (cell,) in weighing.rows) / len(weighing.rows)
    assert 0 < share < 1
    assert math.isclose(weighing.log_prob(other), weighing.described(other) - ASTRAY * share * BITS)


def test_solve_learns_the_guard_that_goes_with_the_branch() -> None:
    examples = [("home (3)", "home"), ("hall (12)", "hall"), ("garden", "garden"), ("roof", "roof")]
    constraints = "".join([f'(constraint (= (f "{cell}") "{output}"))' for cell, output in examples])
    task = read_sygus(
        '(set-logic SLIA)(synth-fun f ((x String)) String ((S String) (I Int) (B Bool)) ((S String (x "h" " " "(" ")" '
        "(str.substr S I I) (ite B S S)))(I Int (0 1 (str.indexof S S I)))"
        f"(B Bool ((str.prefixof S S) (str.contains S S)))))(declare-var x String){constraints}(check-synth)"
    )
    program = solve(task, ROOMY).program
    assert program is not None
    assert [evaluate(program, (cell,)) for cell in ("hut", "hilltop", "tent (4)")] == ["hut", "hilltop", "tent"]


def test_of_numbers_alike_otherwise_the_one_nearest_to_0_comes_first() -> None:
    task = read_sygus(
        "(set-logic LIA)(synth-fun f ((x Int)) Int ((I Int)) ((I Int (5 1 x 0 -1 (+ I I)))))"
        "(declare-var x Int)(constraint (= (f x) x))(check-synth)"
    )
    heads = [(rule.head, weight) for rule, weight in likely_grammar(task).by_lhs["I"]]
    numbers = [(head.value, weight) for head, weight in heads if isinstance(head, Constant)]
    assert [abs(value) for value, _ in numbers] == [0, 1, 1, 5]
    assert all(a[1] > b[1] or abs(a[0]) == abs(b[0]) for a, b in pairwise(numbers))


# ---------------------------------------------------------------- inputs put together of two


_words = st.text("ab -,", max_size=6)


@given(st.lists(st.tuples(_words, st.one_of(_words, st.integers(0, 3))), max_size=4, unique=True), st.integers(1, 30))
def test_crossed_rows_are_new_and_hold_parts_of_two(rows: list[Row], most: int) -> None:
    made = crossed_rows(rows, most)
    assert made == crossed_rows(rows, most) and len(made) <= most
    assert len(set(made)) == len(made) and not set(made) & set(rows)
    for row in made:
        assert any(crossing(row, one, other) for one, other in product(rows, repeat=2) if one != other)


def crossing(row: Row, one: Row, other: Row) -> bool:
    """Whether a row is the one but for a cell, which is the other's, or begins as the one's and ends as the other's."""
    changed = [place for place, (cell, known) in enumerate(zip(row, one, strict=True)) if cell != known]
    if len(changed) != 1:
        return False
    cell, ours, theirs = row[changed[0]], one[changed[0]], other[changed[0]]
    if cell == theirs:
        return True
    if not (isinstance(cell, str) and isinstance(ours, str) and isinstance(theirs, str)):
        return False
    return any(ours.startswith(cell[:cut]) and theirs.endswith(cell[cut:]) for cut in range(len(cell) + 1))


def test_texts_are_crossed_at_delimiters() -> None:
    made = {cell for (cell,) in crossed_rows([("Jan Kotas",), ("Mia de Wit",), ("Cher",)])}
    assert {"Jan Wit", "Jan de Wit", "Mia de Kotas", "Jan", "Mia de", "Cher Kotas"} <= made
    assert {cell for (cell,) in crossed_rows([("(a) b",), ("c.",)])} == {"(a", "c.) b"}
    assert crossed_rows([("alone",)]) == []


# ---------------------------------------------------------------- guards and trees to compare


def test_guards_are_told_apart_by_inputs_beside_the_examples() -> None:
    rows = [("a-b",), ("cd",), ("-e",), ("f",)]
    enumeration = Enumeration(GRAMMAR, GRAMMAR.by_lhs, rows[:2], ROOMY.start(), every_option=False)
    for _ in enumeration.run():
        if enumeration.candidates > 300:
            break
    guards = distinct_guards(GRAMMAR, "B", enumeration.bank(), rows, 2)
    truths = [tuple([bool(evaluate(guard.program, row)) for row in rows]) for guard in guards]
    assert len(set(truths)) == len(truths) > 2
    assert [guard.mask for guard in guards] == [truth[0] + 2 * truth[1] for truth in truths]
    assert all(guard.mask in (1, 2) and GRAMMAR.derives(guard.program, "B") for guard in guards)
    assert (True, False, True, False) in truths  # contains(x, "-"), which is no prefix


SWITCH = Switch("T", CHOICE[TEXT], "B", math.log(0.25))
_masked = st.tuples(st.integers(0, 15), st.floats(-9, -0.1))


@settings(max_examples=100, deadline=None)
@given(st.lists(_masked, min_size=1, max_size=6), st.lists(_masked, max_size=6), st.integers(2, 9))
def test_of_several_trees_all_are_right_and_the_best_comes_first(
    leaves: list[tuple[int, float]], tests: list[tuple[int, float]], most: int
) -> None:
    branches = [Part(Constant(str(i), TEXT), log_prob, mask) for i, (mask, log_prob) in enumerate(leaves)]
    guards = [Part(Constant(f"guard {i}", BOOLEAN), log_prob, mask) for i, (mask, log_prob) in enumerate(tests)]
    masks = {part.program: part.mask for part in (*branches, *guards)}
    found = choose(SWITCH, branches, guards, 4, ROOMY.start(), most)
    best = choose(SWITCH, branches, guards, 4, ROOMY.start())
    assert len(best) == bool(found) and len(found) <= max(most, 4)
    assert len({tree.program for tree in found}) == len(found)
    assert all(a.log_prob >= b.log_prob for a, b in pairwise(found))
    assert all(right(tree.program, example, masks) for tree in found for example in range(4))
    assert not best or found[0].log_prob >= best[0].log_prob


def right(program: Program, example: int, masks: dict[Program, int]) -> bool:
    if isinstance(program, Apply):
        guard, then, other = program.args
        return right(then if masks[guard] >> example & 1 else other, example, masks)
    return bool(masks[program] >> example & 1)


def test_parts_of_the_same_mask_stand_in_for_each_other() -> None:
    branches = [Part(Constant(name, TEXT), -1.0, mask) for name, mask in (("a", 1), ("b", 2))]
    guards = [Part(Constant(name, BOOLEAN), log_prob, 1) for name, log_prob in (("likely", -1.0), ("also", -2.0))]

    def chosen(trees: Sequence[Part]) -> list[Program]:
        return [tree.program.args[0] for tree in trees if isinstance(tree.program, Apply)]

    assert chosen(choose(SWITCH, branches, guards, 2, ROOMY.start(), 2)) == [guard.program for guard in guards]
    assert chosen(choose(SWITCH, branches, guards, 2, ROOMY.start())) == [guards[0].program]
