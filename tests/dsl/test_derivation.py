"""Derivations and fragments against all ways in which small grammars spell their programs."""

from __future__ import annotations

import math
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.derivation import Derivation, Derivations
from dsl.grammar import Fragment, Grammar, Literals, Rule, log_sum
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.strings import text as t
from dsl.types import INTEGER, TEXT

_quick = settings(max_examples=60, deadline=None)

RULES = [
    Rule("S", None, ("A",)),
    Rule("S", None, ("B",)),
    Rule("S", t.upper, ("S",)),
    Rule("A", None, ("B",)),
    Rule("B", None, ("A",)),  # chains that run in a circle
    Rule("A", Input(0)),
    Rule("B", Input(0)),
    Rule("B", t.left, ("A", "N")),
    Rule("S", t.concat, ("A", "B")),
    Rule("N", Constant(1, INTEGER)),
    Rule("N", Constant(2, INTEGER)),
]


@st.composite
def grammars(draw: st.DrawFn) -> Grammar:
    return Grammar.weighted("S", {rule: draw(st.floats(0.01, 4)) for rule in RULES})


@st.composite
def programs(draw: st.DrawFn, depth: int = 2) -> Program:
    """Programs of the grammar's operators, in it or not."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from([Input(0), Input(1), Constant("x", TEXT)]))
    inside = programs(depth=depth - 1)
    operator = draw(st.sampled_from([t.upper, t.left, t.concat]))
    args = [draw(st.sampled_from([Constant(n, INTEGER) for n in (1, 2, 3)]) if kind is INTEGER else inside)
            for kind in operator.params]  # fmt: skip
    return Apply(operator, tuple(args))


def all_ways(grammar: Grammar, program: Program, symbol: str, chain: tuple[str, ...] = ()) -> list[float]:
    """The log probabilities of all derivations that use no chain rule twice in a row."""
    found: list[float] = []
    for rule, weight in grammar.by_lhs[symbol]:
        if rule.head is None:
            if rule.rhs[0] not in (*chain, symbol):
                found += [weight + log for log in all_ways(grammar, program, rule.rhs[0], (*chain, symbol))]
        elif isinstance(rule.head, Operator):
            if isinstance(program, Apply) and program.operator == rule.head:
                inside = [all_ways(grammar, arg, part) for arg, part in zip(program.args, rule.rhs, strict=True)]
                found += [weight + sum(logs) for logs in product(*inside)]
        elif rule.head == program:
            found.append(weight)
    return found


def assert_spells(way: Derivation, program: Program) -> None:
    """The rules of a derivation, applied, give the program."""
    assert way.program == program
    head = way.rule.head
    if head is None:
        assert_spells(way.parts[0], program)
    elif isinstance(head, Operator):
        assert isinstance(program, Apply) and program.operator == head
        for part, arg in zip(way.parts, program.args, strict=True):
            assert_spells(part, arg)
    else:
        assert head == program
    assert way.log_prob == way.log_weight + sum(part.log_prob for part in way.parts)
    assert [part.rule.lhs for part in way.parts] == list(way.rule.rhs)


@_quick
@given(grammars(), programs())
def test_the_best_derivation_is_the_most_probable_of_all(grammar: Grammar, program: Program) -> None:
    for symbol in grammar.by_lhs:
        ways = all_ways(grammar, program, symbol)
        best = Derivations(grammar).best(program, symbol)
        assert (best is not None) == bool(ways) == grammar.derives(program, symbol)
        if best is not None:
            assert math.isclose(best.log_prob, max(ways), abs_tol=1e-9)
            assert best.rule.lhs == symbol
            assert_spells(best, program)


@_quick
@given(grammars(), programs())
def test_the_beginnings_are_those_of_the_symbols_with_a_rule_for_the_root(grammar: Grammar, program: Program) -> None:
    derivations = Derivations(grammar)
    root = program.operator if isinstance(program, Apply) else program
    symbols = dict.fromkeys(rule.lhs for rule in grammar.rules if rule.head == root)
    ways = [derivations.best(program, symbol) for symbol in symbols]
    assert derivations.beginning(program) == [way for way in ways if way and way.rule.head is not None]


def test_constants_of_open_classes_have_their_own_weight() -> None:
    literals = Literals()
    grammar = Grammar.weighted("S", {Rule("S", literals): 1.0, Rule("S", Input(0)): 1.0})
    best = Derivations(grammar).best(Constant("a-", TEXT))
    assert best is not None and best.rule.head == literals
    assert math.isclose(best.log_prob, math.log(0.5) + literals.log_prob("a-"))
    assert Derivations(grammar).beginning(Constant("a-", TEXT)) == [best]
    assert Derivations(grammar).best(Constant(1, INTEGER)) is None


# ---------------------------------------------------------------- fragments

WHOLE = Apply(t.concat, (Input(0), Apply(t.left, (Input(0), Constant(2, INTEGER)))))


@_quick
@given(st.lists(st.floats(0.01, 4), min_size=len(RULES), max_size=len(RULES)), st.floats(-8, 2))
def test_rules_and_fragments_of_a_symbol_sum_to_one(weights: list[float], log_weight: float) -> None:
    plain = Grammar.weighted("S", dict(zip(RULES, weights, strict=True)))
    grammar = Grammar.weighted("S", dict(zip(RULES, weights, strict=True)), [Fragment("S", WHOLE, log_weight)])
    for symbol, rules in grammar.by_lhs.items():
        logs = [*[weight for _, weight in rules], *[f.log_weight for f in grammar.fragments if f.lhs == symbol]]
        assert math.isclose(log_sum(logs), 0.0, abs_tol=1e-9)
    assert grammar.derives(WHOLE) == plain.derives(WHOLE)
    for program in (WHOLE, Input(0), Apply(t.upper, (WHOLE,))):
        assert (grammar.log_prob(program) > -math.inf) == (plain.log_prob(program) > -math.inf)


def test_a_fragment_is_probable_outright_and_wherever_its_symbol_stands() -> None:
    rules = {Rule("S", Input(0)): 1.0, Rule("S", t.upper, ("S",)): 1.0, Rule("S", t.trim, ("S",)): 2.0}
    part = Apply(t.trim, (Input(0),))
    grammar = Grammar.weighted("S", rules, [Fragment("S", part, math.log(4))])
    assert math.isclose(math.exp(grammar.log_prob(part)), 4 / 8 + 2 / 8 * 1 / 8)
    assert math.isclose(math.exp(grammar.log_prob(Apply(t.upper, (part,)))), 1 / 8 * (4 / 8 + 2 / 8 * 1 / 8))
    assert math.isclose(math.exp(grammar.log_prob(Input(0))), 1 / 8)


def test_a_closed_grammar_keeps_its_fragments_and_their_constants() -> None:
    rules = {Rule("S", t.concat, ("S", "S")): 1.0, Rule("S", Literals()): 1.0, Rule("S", Input(0)): 1.0}
    dot = Apply(t.concat, (Input(0), Constant(".", TEXT)))
    grammar = Grammar.weighted("S", rules, [Fragment("S", dot, 0.0)]).closed([Constant("-", TEXT)])
    assert {rule.head for rule in grammar.rules if isinstance(rule.head, Constant)} == {
        Constant("-", TEXT), Constant(".", TEXT),
    }  # fmt: skip
    assert grammar.derives(dot)
    (fragment,) = grammar.fragments
    logs = [*[weight for _, weight in grammar.by_lhs["S"]], fragment.log_weight]
    assert math.isclose(log_sum(logs), 0.0, abs_tol=1e-9)
    assert math.isclose(math.exp(fragment.log_weight), 1 / 4)
