"""The search in recursive grammars: what it enumerates, joins and chooses, against definitions and brute force."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dsl.grammar import Grammar, Rule
from dsl.interpreter import evaluate
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program, size, subprograms
from dsl.sygus import integers, texts
from dsl.sygus.booleans import CHOICE, EQUAL
from dsl.task import Example, Row
from dsl.types import BOOLEAN, INTEGER, TEXT, Value
from pbe.budget import Budget, BudgetSpent, Meter, StopReason
from pbe.choosing import TRIED, Part, Switch, choose
from pbe.covering import Covering
from pbe.enumeration import Bank, Enumeration
from pbe.goals import EXAMPLES, HOLDS, Examples
from pbe.growing import grow

_quick = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))

LEAVES = [
    *[Rule("T", Constant(text, TEXT)) for text in ("", "-", "ab")],
    *[Rule("I", Constant(number, INTEGER)) for number in (1, -1, 2)],
]
FUNCTIONS = [
    Rule("T", texts.join, ("T", "T")),
    Rule("T", texts.substr, ("T", "I", "I")),
    Rule("T", texts.char_at, ("T", "I")),
    Rule("T", texts.replace, ("T", "T", "T")),
    Rule("T", CHOICE[TEXT], ("B", "T", "T")),
    Rule("I", texts.length, ("T",)),
    Rule("I", texts.index_of, ("T", "T", "I")),
    Rule("I", integers.add, ("I", "I")),
    Rule("I", integers.subtract, ("I", "I")),
    Rule("B", texts.contains, ("T", "T")),
    Rule("B", texts.prefix_of, ("T", "T")),
    Rule("B", EQUAL[INTEGER], ("I", "I")),
]
NEEDED = [
    Rule("Start", None, ("T",)),
    Rule("T", Input(0)),
    Rule("I", Constant(0, INTEGER)),
    Rule("B", Constant(True, BOOLEAN)),
]


@st.composite
def grammars(draw: st.DrawFn) -> Grammar:
    """A random part of a small string language, at random weights."""
    kept = [rule for rule in LEAVES + FUNCTIONS if draw(st.booleans())]
    grammar = Grammar.weighted("Start", dict.fromkeys(NEEDED + kept, 1.0))
    reached = grammar.reachable("Start")
    return Grammar.weighted(
        "Start", {rule: draw(st.floats(0.2, 4)) for rule in grammar.rules if rule.lhs in reached}
    )


@st.composite
def programs(draw: st.DrawFn, grammar: Grammar, symbol: str, depth: int) -> Program:
    """A random program of a grammar."""
    rules = [rule for rule, _ in grammar.by_lhs[symbol] if depth or not rule.rhs or rule.head is None]
    rule = draw(st.sampled_from(rules))
    args = tuple([draw(programs(grammar, part, depth - (rule.head is not None))) for part in rule.rhs])
    if isinstance(rule.head, Operator):
        return Apply(rule.head, args)
    if rule.head is None:
        return args[0]
    assert isinstance(rule.head, Constant | Input)
    return rule.head


ROWS = st.lists(st.tuples(st.text("ab-1", max_size=6)), min_size=1, max_size=7, unique=True)


def meter(candidates: int = 10**9) -> Meter:
    return Budget(seconds=300, candidates=candidates).start()


def values_of(program: Program, rows: Sequence[Row]) -> tuple[Value, ...]:
    return tuple([evaluate(program, row) for row in rows])


# ---------------------------------------------------------------- enumeration


@_quick
@given(grammars(), ROWS)
def test_a_growing_bank_holds_each_behaviour_once_in_order_of_cost(grammar: Grammar, rows: list[Row]) -> None:
    enumeration = Enumeration(grammar, grammar.by_lhs, rows, meter(), every_option=False)
    for _ in enumeration.run():
        if enumeration.candidates > 2000:
            break
    for symbol, entries in enumeration.bank().entries.items():
        vectors = [entry.values for entry in entries]
        assert len(set(vectors)) == len(vectors)
        found = [entry.best[1] for entry in entries]
        assert len(set(found)) == len(found)
        for entry, program in zip(entries, found, strict=True):
            assert values_of(program, rows) == entry.values and grammar.derives(program, symbol)
            assert entry.best[0] <= grammar.log_prob(program, symbol) + 1e-9
        levels = [cost for cost, level in sorted(enumeration.levels[symbol].items()) for _ in level]
        assert levels == sorted(levels)


@_quick
@given(grammars(), ROWS, st.data())
def test_what_is_cheap_is_enumerated(grammar: Grammar, rows: list[Row], data: st.DataObject) -> None:
    """No behaviour of a small program is missed once all programs of its size can have been made."""
    program = data.draw(programs(grammar, "Start", 2))
    enumeration = Enumeration(grammar, grammar.by_lhs, rows, meter(), every_option=False)
    wanted = values_of(program, rows)
    for _ in enumeration.run():
        if wanted in enumeration.found["Start"] or enumeration.candidates > 20_000:
            break
    assume(enumeration.candidates <= 20_000)
    assert wanted in enumeration.found["Start"]


@_quick
@given(grammars(), ROWS, st.integers(1, 6))
def test_a_constant_that_is_made_costs_more(grammar: Grammar, rows: list[Row], bits: int) -> None:
    """An entry's log probability is its program's, less the bits for each operator applied to constants only."""
    enumeration = Enumeration(grammar, grammar.by_lhs, rows, meter(), every_option=False, closed_bits=bits)
    for _ in enumeration.run():
        if enumeration.candidates > 2000:
            break

    def made(program: Program) -> int:
        parts = [part for part in subprograms(program) if isinstance(part, Apply)]
        return sum(not any(isinstance(leaf, Input) for leaf in subprograms(part)) for part in parts)

    for symbol, entries in enumeration.bank().entries.items():
        for entry in entries:
            log_prob, program = entry.best
            assert values_of(program, rows) == entry.values
            assert log_prob <= grammar.log_prob(program, symbol) - made(program) * bits * math.log(2) + 1e-9


def test_constants_are_made_on_one_row_and_only_when_they_are_due() -> None:
    calls = []

    def count(text: str) -> int:
        """The number of characters."""
        calls.append(text)
        return len(text)

    length = replace(texts.length, name="count", apply=count)
    grammar = Grammar.weighted(
        "I", {Rule("I", length, ("T",)): 1.0, Rule("T", Constant("ab", TEXT)): 1.0, Rule("T", Input(0)): 1.0}
    )
    enumeration = Enumeration(
        grammar, grammar.by_lhs, [("x",), ("yyy",)], meter(), every_option=False, closed_bits=3
    )
    for _ in enumeration.run():
        pass
    assert calls == ["x", "yyy", "ab"]


# ---------------------------------------------------------------- the whole search


@_quick
@given(grammars(), ROWS, st.data())
def test_every_program_found_fits_and_is_derived(grammar: Grammar, rows: list[Row], data: st.DataObject) -> None:
    hidden = data.draw(programs(grammar, "Start", 2))
    examples = [Example(row, evaluate(hidden, row)) for row in rows]
    try:
        grown = grow(grammar, Examples(examples), (), meter(30_000))
    except BudgetSpent:
        assume(False)
    assert grown.programs and grown.stop in (StopReason.SOLVED, StopReason.OUT_OF_CANDIDATES)
    for log_prob, program in grown.programs:
        assert grammar.derives(program)
        assert [evaluate(program, e.inputs) for e in examples] == [e.output for e in examples]
        assert log_prob <= grammar.log_prob(program) + 1e-9
    assert len({program for _, program in grown.programs}) == len(grown.programs)


def test_a_language_without_an_answer_is_exhausted() -> None:
    grammar = Grammar.weighted("S", {Rule("S", Input(0)): 1.0, Rule("S", Constant("a", TEXT)): 1.0})
    grown = grow(grammar, Examples([Example(("x",), "b"), Example(("y",), "b")]), (), meter())
    assert (grown.programs, grown.stop) == ([], StopReason.EXHAUSTED)


def test_examples_that_a_program_fails_are_searched_on() -> None:
    """One at first, then two, then four, from all over those that it fails."""
    good = [Example((chr(65 + n),), "aa") for n in range(EXAMPLES)]
    bad = [Example(("a" * n,), "a" * n + "b") for n in range(3, 13)]
    goal = Examples(good + good + bad)
    assert len(goal.examples) == len(good + bad), "the same inputs count once"
    program = Apply(texts.join, (Constant("a", TEXT), Constant("a", TEXT)))
    wanted = goal.outputs
    assert goal.accepts(wanted) and goal.right(("aa", "", "aa", "b")) == [True, False, True, False]
    verdict = goal.verdict(program)
    assert (verdict.holds, verdict.example) == (False, 2 * EXAMPLES)
    taken = []
    while goal.learn(program, verdict):
        taken.append(len(goal.rows) - EXAMPLES)
        assert len(set(goal.rows)) == len(goal.rows) == len(goal.outputs)
    assert taken == [1, 3, 7, 10]
    assert goal.verdict(program) == verdict and not goal.accepts(goal.outputs[:0])


def test_examples_searched_on_later_count_like_the_first() -> None:
    grammar = Grammar.weighted(
        "S", {Rule("S", Constant("a", TEXT)): 8.0, Rule("S", Input(0)): 1.0, Rule("S", texts.join, ("S", "S")): 1.0}
    )
    examples = [Example((text,), "a" + text) for text in ("a", "aa", "aaa", "aaaa", "aab", "b")]
    grown = grow(grammar, Examples(examples), (), meter())
    assert grown.programs and all(Examples(examples).verdict(program) == HOLDS for _, program in grown.programs)


def test_the_budget_ends_a_search_without_an_answer() -> None:
    rules = [Rule("S", Input(0, INTEGER)), Rule("S", Constant(2, INTEGER)), Rule("S", integers.add, ("S", "S"))]
    with pytest.raises(BudgetSpent) as caught:
        grow(Grammar.weighted("S", dict.fromkeys(rules, 1.0)), Examples([Example((4,), 5)]), (), meter(2000))
    assert caught.value.reason is StopReason.OUT_OF_CANDIDATES


# ---------------------------------------------------------------- joins


def joined_by_force(grammar: Grammar, bank: Bank, outputs: Sequence[str], cluster: Sequence[int]) -> float:
    """The log probability of the best join of the bank's texts, from all sequences of them; -inf for none.

    Texts empty on the first row of the cluster are left out, and so are those that joining makes, but as a whole.
    """
    (weight,) = [w for rule, w in grammar.by_lhs["T"] if rule.head == texts.join] or [-math.inf]
    (begin,) = [w for rule, w in grammar.by_lhs["Start"]]
    parts = [
        (entry.log_mass, [entry.values[row] for row in cluster])
        for entry in bank.entries["T"]
        if entry.values[cluster[0]] and entry.options[0].rule.head != texts.join
    ]

    def best(rest: tuple[str, ...]) -> float:
        found = -math.inf
        for log_prob, part in parts:
            if all(text.startswith(start) for text, start in zip(rest, part, strict=True)):
                left = tuple([text[len(start) :] for text, start in zip(rest, part, strict=True)])
                found = max(found, log_prob + (0.0 if not any(left) else weight + best(left)))
        return found

    wanted = [outputs[row] for row in cluster]
    whole = [e.log_mass for e in bank.entries["Start"] if [e.values[row] for row in cluster] == wanted]
    return max([*whole, begin + best(tuple(wanted))])


JOINING = Grammar.weighted(
    "Start",
    {
        Rule("Start", None, ("T",)): 1.0, Rule("T", Input(0)): 3.0, Rule("T", Input(1)): 1.0,
        Rule("T", Constant("-", TEXT)): 0.5, Rule("T", Constant("a", TEXT)): 1.5,
        Rule("T", texts.join, ("T", "T")): 2.0, Rule("T", texts.char_at, ("T", "I")): 1.0,
        Rule("I", Constant(0, INTEGER)): 1.0, Rule("I", Constant(1, INTEGER)): 1.0,
    },
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.text("ab-", max_size=3), st.text("ab-", max_size=3)), min_size=1, max_size=3),
    st.lists(st.sampled_from(["x", "y", "-", "a", "x0", "y1"]), min_size=1, max_size=4),
    st.integers(5, 120),
)
def test_a_covering_is_the_best_join_there_is(rows: list[Row], recipe: list[str], limit: int) -> None:
    made = {
        "x": lambda x, y: x, "y": lambda x, y: y, "-": lambda x, y: "-", "a": lambda x, y: "a",
        "x0": lambda x, y: x[:1], "y1": lambda x, y: y[1:2],
    }  # fmt: skip
    outputs = ["".join([made[part](*row) for part in recipe]) for row in rows]
    assume(all(outputs))
    enumeration = Enumeration(JOINING, JOINING.by_lhs, rows, meter(), every_option=False)
    for _ in enumeration.run():
        if enumeration.candidates > limit:
            break
    bank = enumeration.bank()
    for cluster in [tuple(range(len(rows))), (len(rows) - 1,)]:
        covering = Covering(JOINING, bank, outputs, meter())
        covering.allowance = 10**9
        found = covering.best("Start", cluster)
        expected = joined_by_force(JOINING, bank, outputs, cluster)
        if found is None:
            assert expected == -math.inf
            continue
        assert math.isclose(found[0], expected, abs_tol=1e-9)
        assert JOINING.derives(found[1])
        assert [evaluate(found[1], rows[row]) for row in cluster] == [outputs[row] for row in cluster]


SLICING = Grammar.weighted(
    "T",
    {
        Rule("T", Input(0)): 1.0, Rule("T", texts.join, ("T", "T")): 1.0, Rule("T", texts.substr, ("T", "I", "I")): 2.0,
        Rule("I", Constant(0, INTEGER)): 1.0, Rule("I", Constant(2, INTEGER)): 1.0,
        Rule("I", texts.index_of, ("T", "D", "I")): 1.0, Rule("I", texts.length, ("T",)): 1.0,
        Rule("I", integers.subtract, ("I", "I")): 1.0, Rule("D", Constant("-", TEXT)): 1.0,
    },
)  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.text("ab-", min_size=1, max_size=5)), min_size=1, max_size=3, unique=True))
def test_slices_need_not_stand_in_the_bank(rows: list[Row]) -> None:
    """Whatever text, start and count the bank holds, their slice is found if it is empty nowhere."""
    enumeration = Enumeration(SLICING, SLICING.by_lhs, rows, meter(), every_option=False)
    for _ in enumeration.run():
        if enumeration.candidates > 20:
            break
    bank = enumeration.bank()
    numbers = [entry.best[1] for entry in bank.entries["I"]]
    slices: dict[tuple[Value, ...], float] = {}
    for start, count, ending in product(numbers, numbers, (False, True)):
        length = Apply(integers.subtract, (count, start)) if ending else count
        program = Apply(texts.substr, (Input(0), start, length))
        outputs = values_of(program, rows)
        if all(outputs):
            slices[outputs] = max(SLICING.log_prob(program), slices.get(outputs, -math.inf))
    for outputs, log_prob in slices.items():
        covering = Covering(SLICING, bank, outputs, meter())
        covering.allowance = 10**9
        found = covering.best("T", tuple(range(len(rows))))
        assert found is not None and found[0] >= log_prob - 1e-9
        assert values_of(found[1], rows) == outputs and SLICING.derives(found[1])


# ---------------------------------------------------------------- decision trees

SWITCH = Switch("T", CHOICE[TEXT], "B", math.log(0.25))
MASKED = 4
"""Examples in the tests of trees."""


def leaf(index: int, mask: int, log_prob: float) -> Part:
    return Part(Constant(str(index), TEXT), log_prob, mask)


def guard(index: int, mask: int, log_prob: float) -> Part:
    return Part(Constant(f"guard {index}", BOOLEAN), log_prob, mask)


MASKS = st.integers(0, (1 << MASKED) - 1)
WEIGHED = st.tuples(MASKS, st.floats(-9, -0.1))


def trees(branches: list[Part], guards: list[Part], examples: int, depth: int) -> Iterator[float]:
    """The log probabilities of all trees at most so deep that are right on these examples, each guard parting them."""
    yield from (b.log_prob for b in branches if not examples & ~b.mask)
    for g in guards if depth else ():
        if 0 != examples & g.mask != examples:
            for then in trees(branches, guards, examples & g.mask, depth - 1):
                for other in trees(branches, guards, examples & ~g.mask, depth - 1):
                    yield SWITCH.log_weight + g.log_prob + then + other


def right_where(program: Program, branches: Sequence[Part], guards: Sequence[Part], example: int) -> bool:
    if isinstance(program, Apply):
        test, then, other = program.args
        holds = any(g.program == test and g.mask >> example & 1 for g in guards)
        return right_where(then if holds else other, branches, guards, example)
    return any(b.program == program and b.mask >> example & 1 for b in branches)


@settings(max_examples=200, deadline=None)
@given(st.lists(WEIGHED, min_size=1, max_size=5), st.lists(WEIGHED, max_size=TRIED))
def test_trees_against_all_trees(leaves: list[tuple[int, float]], tests: list[tuple[int, float]]) -> None:
    branches = [leaf(i, *part) for i, part in enumerate(leaves)]
    guards = [guard(i, *part) for i, part in enumerate(tests)]
    everything = (1 << MASKED) - 1
    tree = next(iter(choose(SWITCH, branches, guards, MASKED, meter())), None)
    by_depth = [list(trees(branches, guards, everything, depth)) for depth in range(4)]
    if tree is None:
        assert not by_depth[-1]
        return
    assert all(right_where(tree.program, branches, guards, example) for example in range(MASKED))
    assert tree.mask & everything == everything
    assert tree.log_prob <= max(by_depth[-1]) + 1e-9
    for shallow in by_depth[:2]:  # no guard before one guard before more; the most probable of these
        if shallow:
            assert math.isclose(tree.log_prob, max(shallow))
            break
    assert size(tree.program) > 1 or by_depth[0]


def test_a_tree_of_many_guards_is_found_among_many() -> None:
    """Four examples, a branch for each, and guards that hold for one example each."""
    branches = [leaf(i, 1 << i, -1.0) for i in range(4)]
    guards = [guard(i, 1 << i, -1.0) for i in range(4)] + [guard(9, 0, -0.5), guard(8, 15, -0.5)]
    (tree,) = choose(SWITCH, branches, guards, 4, meter())
    assert math.isclose(tree.log_prob, 3 * (SWITCH.log_weight - 1) - 4)
    assert not choose(SWITCH, branches, guards[:2], 4, meter())
    for pair in combinations(guards[:4], 3):
        assert choose(SWITCH, branches, pair, 4, meter())


def test_guards_whose_sides_are_covered_come_first() -> None:
    """Ten guards are more probable than the two that lead to a tree."""
    branches = [leaf(0, 0b00001111, -1.0), leaf(1, 0b00110000, -1.0), leaf(2, 0b11000000, -1.0)]
    useless = [guard(i, 1 << i % 4 | 16 << (i + i // 4) % 4, -0.1) for i in range(10)]
    useful = [guard(10, 0b00001111, -5.0), guard(11, 0b00110000, -5.0)]
    (tree,) = choose(SWITCH, branches, useless + useful, 8, meter())
    assert math.isclose(tree.log_prob, 2 * (SWITCH.log_weight - 5) - 3)


def test_the_most_probable_tree_need_not_have_the_most_probable_guard() -> None:
    branches = [leaf(0, 0b0011, -1.0), leaf(1, 0b1100, -1.0), leaf(2, 0b0101, -4.0), leaf(3, 0b1010, -4.0)]
    (tree,) = choose(SWITCH, branches, [guard(0, 0b0101, -0.1), guard(1, 0b0011, -1.0)], 4, meter())
    assert math.isclose(tree.log_prob, SWITCH.log_weight - 3)


def test_each_branch_may_be_a_join() -> None:
    """Neither join is in reach of enumeration before one search over the bank puts each together."""
    grammar = Grammar.weighted(
        "Start",
        dict.fromkeys(
            [
                *NEEDED, *FUNCTIONS[:2], FUNCTIONS[4], *FUNCTIONS[5:9], FUNCTIONS[9],
                *[Rule("T", Constant(mark, TEXT)) for mark in "-,<>|"], *LEAVES[3:],
            ],
            1.0,
        ),
    )  # fmt: skip
    pairs = [
        ("ab-cd", "<cd|ab>,<cd>"), ("a-cde", "<cde|a>,<cde>"), ("xyz", "|xyz|,|xyz|"), ("q", "|q|,|q|"),
        ("abc-d", "<d|abc>,<d>"), ("rs", "|rs|,|rs|"),
    ]  # fmt: skip
    examples = [Example((given,), wanted) for given, wanted in pairs]
    grown = grow(grammar, Examples(examples), (), meter())
    assert grown.programs and all(Examples(examples).verdict(program) == HOLDS for _, program in grown.programs)
    assert any(size(program) < 60 for _, program in grown.programs)


def test_the_switch_is_the_first_choice_that_the_start_chains_to() -> None:
    choice = Rule("T", CHOICE[TEXT], ("B", "T", "T"))
    found = Switch.of(Grammar.weighted("Start", {**dict.fromkeys(NEEDED, 1.0), choice: 0.5, LEAVES[0]: 0.5}))
    assert found == Switch("T", CHOICE[TEXT], "B", math.log(0.25))
    assert Switch.of(Grammar.weighted("T", {Rule("T", Input(0)): 1.0})) is None


@pytest.mark.parametrize("outputs", list(product([1, 2], repeat=3)))
def test_conditions_are_learnt_over_numbers(outputs: tuple[int, ...]) -> None:
    grammar = Grammar.weighted(
        "I",
        dict.fromkeys(
            [
                Rule("I", Input(0, INTEGER)), Rule("I", Constant(1, INTEGER)), Rule("I", Constant(2, INTEGER)),
                Rule("I", CHOICE[INTEGER], ("B", "I", "I")), Rule("B", integers.less, ("I", "I")),
            ],
            1.0,
        ),
    )  # fmt: skip
    examples = [Example((number,), output) for number, output in zip((0, 1, 5), outputs, strict=True)]
    grown = grow(grammar, Examples(examples), (), meter())
    assert all([evaluate(p, e.inputs) for e in examples] == list(outputs) for _, p in grown.programs)
    assert grown.programs
