"""Weighted grammars against their derivations, listed one by one."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.grammar import Grammar, Literals, Numerals, Rule, log_sum
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.strings import text as t
from dsl.types import INTEGER, TEXT

LAYERS = ("A", "B", "C")
_quick = settings(max_examples=80, deadline=None)


@st.composite
def layered(draw: st.DrawFn) -> Grammar:
    """Small grammars without recursion, of few hundred derivations; one program often has several."""
    weights: list[tuple[Rule, float]] = []
    for depth, symbol in enumerate(LAYERS):
        leaves = [Rule(symbol, Constant(text, TEXT)) for text in ("a", "b")] + [Rule(symbol, Input(0))]
        below = [*LAYERS[:depth]]
        inner = [Rule(symbol, None, (s,)) for s in below] + [Rule(symbol, t.upper, (s,)) for s in below]
        inner += [Rule(symbol, t.concat, (r, s)) for r in below for s in below]
        rules = draw(st.lists(st.sampled_from(leaves), min_size=1, max_size=2, unique=True))
        if inner:
            rules += draw(st.lists(st.sampled_from(inner), max_size=3, unique=True))
        weights += [(rule, draw(st.floats(0.01, 10))) for rule in rules]
    return Grammar.weighted("C", weights)


def derivations(grammar: Grammar, symbol: str) -> list[tuple[float, Program]]:
    """Every derivation of a symbol: its log probability and the program it spells."""
    found: list[tuple[float, Program]] = []
    for rule, weight in grammar.by_lhs[symbol]:
        for parts in product(*(derivations(grammar, part) for part in rule.rhs)):
            total = weight + sum(log_prob for log_prob, _ in parts)
            args = tuple(program for _, program in parts)
            if isinstance(rule.head, Operator):
                found.append((total, Apply(rule.head, args)))
            elif rule.head is None:
                found.append((total, args[0]))
            else:
                assert isinstance(rule.head, (Constant, Input))
                found.append((total, rule.head))
    return found


@_quick
@given(layered())
def test_probabilities_of_each_symbol_sum_to_1(grammar: Grammar) -> None:
    for rules in grammar.by_lhs.values():
        assert math.isclose(math.fsum(math.exp(weight) for _, weight in rules), 1.0)


@_quick
@given(layered())
def test_log_prob_sums_over_the_derivations_of_a_program(grammar: Grammar) -> None:
    for symbol in LAYERS:
        by_program: dict[Program, list[float]] = {}
        for log_prob, program in derivations(grammar, symbol):
            by_program.setdefault(program, []).append(log_prob)
        for program, logs in by_program.items():
            assert math.isclose(grammar.log_prob(program, symbol), log_sum(logs), abs_tol=1e-9)
        assert math.isclose(math.fsum(math.exp(grammar.log_prob(p, symbol)) for p in by_program), 1.0)


@_quick
@given(layered())
def test_a_grammar_derives_just_the_programs_of_its_derivations(grammar: Grammar) -> None:
    derived = {symbol: {program for _, program in derivations(grammar, symbol)} for symbol in LAYERS}
    for program in set().union(*derived.values()):
        assert {s for s in LAYERS if grammar.derives(program, s)} == {s for s in LAYERS if program in derived[s]}


def test_open_classes_derive_every_constant_of_their_type() -> None:
    grammar = Grammar.weighted("N", {Rule("N", Numerals(bits=1, digit=2, sign=3)): 1.0})
    assert grammar.type_of("N") is INTEGER and grammar.sizes["N"] == math.inf
    assert grammar.derives(Constant(-7, INTEGER)) and not grammar.derives(Constant("-7", TEXT))
    bits = {n: -grammar.log_prob(Constant(n, INTEGER)) / math.log(2) for n in (0, 9, 10, 999, -999, 10**40)}
    assert {n: round(b, 9) for n, b in bits.items()} == {0: 3, 9: 3, 10: 5, 999: 7, -999: 10, 10**40: 83}
    texts = Grammar.weighted("T", {Rule("T", Literals()): 1.0})
    assert texts.derives(Constant("a", TEXT)) and not texts.derives(Constant(1, INTEGER))


@_quick
@given(layered())
def test_sizes_count_derivations(grammar: Grammar) -> None:
    assert grammar.sizes == {symbol: len(derivations(grammar, symbol)) for symbol in LAYERS}


@_quick
@given(layered())
def test_topological_yields_every_symbol_once_and_after_its_parts(grammar: Grammar) -> None:
    order = list(grammar.topological())
    assert sorted(order) == sorted(grammar.by_lhs)
    for rule in grammar.rules:
        assert all(order.index(part) < order.index(rule.lhs) for part in rule.rhs)


def test_a_program_outside_the_grammar_has_no_probability() -> None:
    grammar = Grammar.weighted("S", {Rule("S", Input(0)): 1.0, Rule("S", Constant("a", TEXT)): 1.0})
    for program in (Constant("b", TEXT), Input(1), Apply(t.upper, (Input(0),)), Constant("a", INTEGER)):
        assert grammar.log_prob(program) == -math.inf


def test_recursive_symbols_and_literals_have_infinite_size() -> None:
    grammar = Grammar.weighted(
        "T",
        {
            Rule("T", None, ("P",)): 1.0,
            Rule("T", t.concat, ("P", "T")): 1.0,
            Rule("P", Input(0)): 1.0,
            Rule("P", Constant("a", TEXT)): 1.0,
            Rule("L", Literals()): 1.0,
            Rule("M", t.upper, ("L",)): 1.0,
        },
    )
    assert grammar.sizes == {"T": math.inf, "P": 2, "L": math.inf, "M": math.inf}
    program = Apply(t.concat, (Input(0), Apply(t.concat, (Input(0), Constant("a", TEXT)))))
    assert math.isclose(grammar.log_prob(program), math.log(0.5) * 6)


def test_recursion_through_chain_rules_is_summed_or_ends() -> None:
    """A → B | c and B → A | d: `log_prob` must at least come back."""
    grammar = Grammar.weighted(
        "A",
        {
            Rule("A", None, ("B",)): 1.0,
            Rule("A", Constant("c", TEXT)): 1.0,
            Rule("B", None, ("A",)): 1.0,
            Rule("B", Constant("d", TEXT)): 1.0,
        },
    )
    assert grammar.sizes == {"A": math.inf, "B": math.inf}
    assert math.log(0.25) <= grammar.log_prob(Constant("d", TEXT)) <= math.log(1 / 3) + 1e-12


@given(st.text("aZé5-, ", max_size=6))
def test_literals_price_a_text_by_its_characters(text: str) -> None:
    literals = Literals(bits=1.0, mark=2.0, letter=3.0, digit=4.0)
    bits = 1.0 + sum(4.0 if c == "5" else 3.0 if c.isalpha() else 2.0 for c in text)
    assert math.isclose(literals.log_prob(text), -bits * math.log(2), abs_tol=1e-12)
    grammar = Grammar.weighted("S", {Rule("S", literals): 1.0, Rule("S", Constant("a", TEXT)): 3.0})
    expected = [math.log(0.25) + literals.log_prob(text)] + [math.log(0.75)] * (text == "a")
    assert math.isclose(grammar.log_prob(Constant(text, TEXT)), log_sum(expected), abs_tol=1e-9)


def test_weights_of_equal_rules_add_up_and_rules_without_weight_are_left_out() -> None:
    a, b, c = (Rule("S", Constant(text, TEXT)) for text in "abc")
    grammar = Grammar.weighted("S", [(a, 1.0), (b, 2.0), (a, 1.0), (c, 0.0)])
    assert grammar.rules == (a, b)
    assert [math.exp(w) for w in grammar.log_weights] == pytest.approx([0.5, 0.5])


@_quick
@given(layered(), st.data())
def test_reweighted_is_proportional_to_count_plus_smoothed_probability(
    grammar: Grammar, data: st.DataObject
) -> None:
    counts = {rule: data.draw(st.integers(0, 9)) for rule in grammar.rules if data.draw(st.booleans())}
    smoothing = data.draw(st.floats(0.1, 5))
    new = grammar.reweighted(counts, smoothing)
    assert (new.start, new.rules) == (grammar.start, grammar.rules)
    for symbol, rules in grammar.by_lhs.items():
        mass = {rule: counts.get(rule, 0) + smoothing * math.exp(weight) for rule, weight in rules}
        for rule, weight in new.by_lhs[symbol]:
            assert math.isclose(math.exp(weight), mass[rule] / sum(mass.values()), rel_tol=1e-9)


def test_reweighting_without_counts_changes_nothing() -> None:
    grammar = Grammar.weighted("S", {Rule("S", Input(0)): 3.0, Rule("S", Input(1)): 1.0})
    assert grammar.reweighted({}).log_weights == pytest.approx(grammar.log_weights)
    ignored = grammar.reweighted({Rule("S", Input(7)): 5.0})
    assert ignored.log_weights == pytest.approx(grammar.log_weights)


def test_a_grammar_needs_a_weight_for_each_rule_and_a_rule_for_each_symbol() -> None:
    rule = Rule("S", Input(0))
    with pytest.raises(ValueError, match="1 rules need as many weights, found 2"):
        Grammar("S", (rule,), (0.0, 0.0))
    with pytest.raises(ValueError, match="no rule of the grammar defines T"):
        Grammar("S", (rule, Rule("S", t.upper, ("T",))), (0.0, 0.0))
    with pytest.raises(ValueError, match="no rule of the grammar defines Start"):
        Grammar("Start", (rule,), (0.0,))
    with pytest.raises(ValueError, match="defines S"):
        Grammar.weighted("S", {rule: 0.0})


def test_types_and_printed_rules() -> None:
    grammar = Grammar.weighted(
        "T",
        {
            Rule("T", None, ("P",)): 1.0,
            Rule("P", t.left, ("X", "N")): 1.0,
            Rule("X", Input(0)): 1.0,
            Rule("N", Constant(2, INTEGER)): 1.0,
            Rule("L", Literals()): 1.0,
        },
    )
    assert [grammar.type_of(s) for s in ("T", "P", "X", "N", "L")] == [TEXT, TEXT, TEXT, INTEGER, TEXT]
    assert [str(rule) for rule in grammar.rules[:4]] == ["T → P", "P → left(X, N)", "X → x1", "N → 2"]


@given(st.lists(st.floats(-50, 5), max_size=6))
def test_log_sum(logs: list[float]) -> None:
    expected = math.log(sum(map(math.exp, logs))) if logs else -math.inf
    assert log_sum(logs) == pytest.approx(expected)
    assert log_sum([*logs, -math.inf]) == pytest.approx(expected)


@_quick
@given(layered())
def test_without_weights_all_rules_of_a_symbol_are_alike(grammar: Grammar) -> None:
    alike = grammar.unweighted()
    assert alike.start == grammar.start and alike.rules == grammar.rules
    for rules in alike.by_lhs.values():
        assert [weight for _, weight in rules] == pytest.approx([-math.log(len(rules))] * len(rules))
