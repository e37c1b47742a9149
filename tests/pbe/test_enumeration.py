"""The bank of small grammars against all their derivations, each run by the interpreter."""

from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.grammar import Fragment, Grammar, Rule, log_sum
from dsl.interpreter import evaluate
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.strings import text as t
from dsl.strings.tokens import DIGITS, LETTERS
from dsl.task import Row
from dsl.types import INTEGER, TABLE, TEXT, TOKEN, Value
from pbe.budget import Budget, BudgetSpent, Meter, StopReason
from pbe.enumeration import Entry, enumerate_bank, leaf_vector, rule_cost
from pbe.version_space import best

SYMBOLS = ("Cell", "Count", "Class", "Table", "Part", "Place", "Piece")
_quick = settings(max_examples=60, deadline=None)

RULES = [
    *(Rule("Cell", Input(i)) for i in range(2)),
    *(Rule("Count", Constant(k, INTEGER)) for k in (1, -1, 2)),
    Rule("Table", Constant("month_name", TABLE)),
    *(Rule("Class", Constant(c, TOKEN)) for c in (LETTERS, DIGITS, "-")),
    Rule("Part", None, ("Cell",)),
    Rule("Part", t.token, ("Cell", "Class", "Count")),
    Rule("Part", t.left, ("Cell", "Count")),
    Rule("Part", t.lookup, ("Cell", "Table")),  # most often undefined everywhere
    Rule("Place", t.after, ("Cell", "Class", "Count")),
    Rule("Place", t.at, ("Cell", "Count")),
    Rule("Piece", None, ("Part",)),
    Rule("Piece", t.upper, ("Part",)),
    Rule("Piece", t.slice_, ("Cell", "Place", "Place")),
]
"""A grammar in which every program has one derivation."""


@st.composite
def weighted(draw: st.DrawFn) -> Grammar:
    """The grammar with a random part of its rules at random weights."""
    first = {rule.lhs: rule for rule in reversed(RULES)}
    kept = [rule for rule in RULES if rule is first[rule.lhs] or draw(st.booleans())]
    return Grammar.weighted("Piece", {rule: draw(st.floats(0.01, 4)) for rule in kept})


_cells = st.one_of(st.text("aB1-", max_size=5), st.sampled_from(("ab-12", "1-2", "Jan")), st.none())
rows = st.lists(st.tuples(_cells, _cells), min_size=1, max_size=4)


def derivations(grammar: Grammar, symbol: str) -> list[tuple[float, int, Program]]:
    """Every derivation of a symbol: its log probability, its cost in steps, and its program."""
    found: list[tuple[float, int, Program]] = []
    for rule, weight in grammar.by_lhs[symbol]:
        for parts in product(*(derivations(grammar, part) for part in rule.rhs)):
            log_prob, cost = weight + sum(p[0] for p in parts), rule_cost(weight) + sum(p[1] for p in parts)
            args = tuple(p[2] for p in parts)
            head = rule.head
            program = Apply(head, args) if isinstance(head, Operator) else args[0] if head is None else head
            assert isinstance(program, (Apply, Constant, Input))
            found.append((log_prob, cost, program))
    return found


def _meter(candidates: int = 10**9) -> Meter:
    return Budget(seconds=600, candidates=candidates).start()


def _vector(program: Program, rows: list[Row]) -> tuple[Value, ...]:
    return tuple(evaluate(program, row) for row in rows)


@_quick
@given(weighted(), rows)
def test_the_bank_is_what_all_programs_do(grammar: Grammar, rows: list[Row]) -> None:
    bank = enumerate_bank(grammar, SYMBOLS, rows, _meter())
    for symbol in SYMBOLS:
        by_vector: dict[tuple[Value, ...], list[tuple[float, int, Program]]] = {}
        for derivation in derivations(grammar, symbol):
            by_vector.setdefault(_vector(derivation[2], rows), []).append(derivation)
        undefined = by_vector.pop((None,) * len(rows), [])
        entries = {entry.values: entry for entry in bank.entries[symbol]}
        assert len(entries) == len(bank.entries[symbol]), "two entries with the same values"
        assert entries.keys() == by_vector.keys()
        for values, alike in by_vector.items():
            entry = entries[values]
            assert entry.count == len(alike)
            assert math.isclose(entry.log_mass, log_sum(d[0] for d in alike), abs_tol=1e-9)
            assert math.isclose(entry.best[0], max(d[0] for d in alike), abs_tol=1e-9)
            assert _vector(entry.best[1], rows) == values
            programs = {program: log_prob for log_prob, program in best(entry.space)}
            assert len(programs) == entry.space.count == entry.count, "a program twice"
            assert programs.keys() == {program for _, _, program in alike}
            assert all(math.isclose(programs[p], log_prob, abs_tol=1e-9) for log_prob, _, p in alike)
            leaf = entry.leaf
            assert (leaf.count, leaf.log_mass, leaf.program) == (entry.count, entry.log_mass, entry.best[1])
        assert sum(entry.count for entry in entries.values()) + len(undefined) == grammar.sizes[symbol]
        if not undefined:
            assert math.isclose(math.exp(log_sum(e.log_mass for e in entries.values())), 1.0)


def _first_cost(entry: Entry) -> int:
    option = entry.options[0]
    return rule_cost(option.log_weight) + sum(_first_cost(child) for child in option.children)


@_quick
@given(weighted(), rows)
def test_entries_are_found_in_order_of_cost_and_at_their_cheapest(grammar: Grammar, rows: list[Row]) -> None:
    bank = enumerate_bank(grammar, SYMBOLS, rows, _meter())
    for symbol in SYMBOLS:
        costs = [_first_cost(entry) for entry in bank.entries[symbol]]
        assert costs == sorted(costs)
        cheapest: dict[tuple[Value, ...], int] = {}
        for _, cost, program in derivations(grammar, symbol):
            values = _vector(program, rows)
            cheapest[values] = min(cost, cheapest.get(values, cost))
        assert costs == [cheapest[entry.values] for entry in bank.entries[symbol]]


@_quick
@given(weighted(), rows, st.data())
def test_fragments_add_their_mass_and_nothing_else(grammar: Grammar, rows: list[Row], data: st.DataObject) -> None:
    programs = sorted({(symbol, program) for symbol in ("Part", "Piece") for *_, program in derivations(grammar, symbol)
                       if isinstance(program, Apply)}, key=str)  # fmt: skip
    chosen = data.draw(st.lists(st.sampled_from(programs), max_size=3, unique=True) if programs else st.just([]))
    weights = zip(grammar.rules, map(math.exp, grammar.log_weights), strict=True)
    fragments = [Fragment(symbol, program, data.draw(st.floats(-9, 0))) for symbol, program in chosen]
    richer = Grammar.weighted("Piece", weights, fragments)
    bank, plain = enumerate_bank(richer, SYMBOLS, rows, _meter()), enumerate_bank(grammar, SYMBOLS, rows, _meter())
    for symbol in SYMBOLS:
        entries = {entry.values: entry for entry in bank.entries[symbol]}
        assert entries.keys() == {entry.values for entry in plain.entries[symbol]}
        masses: dict[tuple[Value, ...], list[float]] = {}
        for program in {program for *_, program in derivations(grammar, symbol)}:
            masses.setdefault(_vector(program, rows), []).append(richer.log_prob(program, symbol))
        for values, entry in entries.items():
            assert math.isclose(entry.log_mass, log_sum(masses[values]), abs_tol=1e-9)
            assert _vector(entry.best[1], rows) == values
            assert math.isclose(_log_best(richer, symbol, entry.best[1]), entry.best[0], abs_tol=1e-9)


def _log_best(grammar: Grammar, symbol: str, program: Program) -> float:
    """The most probable way to derive a program, its parts through fragments or not."""
    ways = [f.log_weight for f in grammar.fragments if (f.lhs, f.program) == (symbol, program)]
    for rule, weight in grammar.by_lhs[symbol]:
        if rule.head is None:
            ways.append(weight + _log_best(grammar, rule.rhs[0], program))
        elif isinstance(rule.head, Operator):
            if isinstance(program, Apply) and program.operator == rule.head:
                parts = zip(rule.rhs, program.args, strict=True)
                ways.append(weight + sum(_log_best(grammar, part, arg) for part, arg in parts))
        elif rule.head == program:
            ways.append(weight)
    return max(ways, default=-math.inf)


def test_a_fragment_is_looked_at_as_early_as_its_weight_says() -> None:
    """A program of four operators that costs 24 bits by its rules, and 1 as a fragment."""
    deep: Program = Input(0)
    for _ in range(4):
        deep = Apply(t.left, (deep, Constant(2, INTEGER)))
    rules = {Rule("S", Input(0)): 1.0, Rule("S", t.left, ("S", "N")): 0.125,
             **{Rule("N", Constant(n, INTEGER)): 1.0 for n in range(1, 9)}}  # fmt: skip
    plain = Grammar.weighted("S", rules)
    richer = Grammar.weighted("S", rules, [Fragment("S", deep, 0.0)])
    assert plain.log_prob(deep) < -24 * math.log(2)
    found = enumerate_bank(richer, ("S", "N"), [("abcd",)], _meter(), limit=1).entries["S"]
    assert [entry.best[1] for entry in found] == [deep]


@_quick
@given(weighted(), rows)
def test_the_index_finds_entries_by_their_value_on_a_row(grammar: Grammar, rows: list[Row]) -> None:
    bank = enumerate_bank(grammar, SYMBOLS, rows, _meter())
    assert "Piece" in bank and "Nothing" not in bank
    for row in range(len(rows)):
        index = bank.index("Piece", row)
        found = [entry for entries in index.values() for entry in entries]
        assert sorted(map(id, found)) == sorted(id(e) for e in bank.entries["Piece"] if e.values[row] is not None)
        assert all(entry.values[row] == value for value, entries in index.items() for entry in entries)


@_quick
@given(weighted(), rows, st.integers(0, 400))
def test_a_limit_stops_early_with_the_cheapest(grammar: Grammar, rows: list[Row], limit: int) -> None:
    whole = enumerate_bank(grammar, SYMBOLS, rows, _meter())
    part = enumerate_bank(grammar, SYMBOLS, rows, _meter(), limit=limit)
    assert min(limit, whole.programs) <= part.programs <= whole.programs
    for symbol in SYMBOLS:
        found = [entry.values for entry in part.entries[symbol]]
        assert found == [entry.values for entry in whole.entries[symbol]][: len(found)]


def test_a_small_limit_leaves_something_out() -> None:
    grammar = Grammar.weighted("Piece", dict.fromkeys(RULES, 1.0))
    rows = [("ab-12", "x"), ("1-b", "yz")]
    whole = enumerate_bank(grammar, SYMBOLS, rows, _meter())
    part = enumerate_bank(grammar, SYMBOLS, rows, _meter(), limit=10)
    assert 10 <= part.programs < whole.programs
    assert len(part.entries["Piece"]) < len(whole.entries["Piece"])


def test_only_the_symbols_asked_for_are_enumerated() -> None:
    grammar = Grammar.weighted("Piece", dict.fromkeys(RULES, 1.0))
    bank = enumerate_bank(grammar, ("Cell", "Count"), [("a", "b")], _meter())
    assert set(bank.entries) == {"Cell", "Count"}
    assert [entry.values for entry in bank.entries["Cell"]] == [("a",), ("b",)]


def test_a_recursive_grammar_ends_by_its_limit_or_its_budget() -> None:
    grammar = Grammar.weighted(
        "T", {Rule("T", Input(0)): 2.0, Rule("T", t.upper, ("T",)): 1.0, Rule("T", t.concat, ("T", "T")): 1.0}
    )
    bank = enumerate_bank(grammar, ("T",), [("ab",), ("c",)], _meter(), limit=200)
    assert bank.programs >= 200
    vectors = [entry.values for entry in bank.entries["T"]]
    assert len(set(vectors)) == len(vectors)
    for entry in bank.entries["T"]:
        assert _vector(entry.best[1], [("ab",), ("c",)]) == entry.values
        assert entry.log_mass >= entry.best[0] - 1e-9
    with pytest.raises(BudgetSpent):
        enumerate_bank(grammar, ("T",), [("ab",)], _meter(candidates=1000))


def test_the_budget_says_why_it_ended() -> None:
    pair = Rule("Pair", t.concat, ("Piece", "Piece"))  # enough candidates for the meter to look more than once
    grammar, symbols = Grammar.weighted("Pair", dict.fromkeys((*RULES, pair), 1.0)), (*SYMBOLS, "Pair")
    rows = [("ab-12", "x")]

    def stop(budget: Budget) -> StopReason:
        with pytest.raises(BudgetSpent) as caught:
            enumerate_bank(grammar, symbols, rows, budget.start())
        return caught.value.reason

    assert stop(Budget(seconds=600, candidates=5)) is StopReason.OUT_OF_CANDIDATES
    assert stop(Budget(seconds=1e-9)) is StopReason.OUT_OF_TIME
    assert stop(Budget(seconds=600, cancelled=lambda: True)) is StopReason.CANCELLED
    meter = Budget(seconds=600, cancelled=lambda: False).start()
    assert enumerate_bank(grammar, symbols, rows, meter).programs == meter.candidates


@given(st.lists(st.integers(1, 600), min_size=1, max_size=20), st.integers(1, 3000))
def test_a_meter_counts_and_overspends_by_less_than_a_look(amounts: list[int], most: int) -> None:
    meter = Budget(seconds=600, candidates=most).start()
    try:
        for amount in amounts:
            meter.spend(amount)
        assert meter.candidates == sum(amounts) < most + 2 * Meter.LOOK_EVERY + max(amounts)
    except BudgetSpent as spent:
        assert spent.reason is StopReason.OUT_OF_CANDIDATES and meter.candidates > most


@pytest.mark.parametrize("limits", [{"seconds": 0}, {"seconds": -1}, {"seconds": math.nan}, {"candidates": 0}])
def test_a_budget_needs_something_to_spend(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="more than 0 seconds and at least 1 candidate"):
        Budget(**limits)  # type: ignore[arg-type]


def test_leaves_and_costs() -> None:
    rows: list[Row] = [(1.0,), (None,), ("a",)]
    assert leaf_vector(Input(0), rows) == ("1", None, "a")
    assert leaf_vector(Input(0, INTEGER), rows) == (1.0, None, "a")
    assert leaf_vector(Constant("k", TEXT), rows) == ("k", "k", "k")
    with pytest.raises(TypeError):
        leaf_vector(t.upper, rows)
    assert [rule_cost(math.log(p)) for p in (1.0, 0.9, 0.5, 0.25, 0.01)] == [1, 1, 1, 2, 7]
