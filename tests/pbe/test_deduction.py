"""Deduction against brute force: all programs of small grammars over short texts, run by the interpreter."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dsl.grammar import Grammar, Literals, Rule, log_sum
from dsl.interpreter import evaluate, outputs
from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.strings import text as t
from dsl.strings.language import string_grammar
from dsl.strings.tokens import DIGITS, LETTERS
from dsl.task import Row, Task
from dsl.types import INTEGER, TEXT, TOKEN
from pbe.budget import Budget, BudgetSpent, Meter
from pbe.deduction import MAX_CUTS, Deduction, Targets, cut_places, log_add
from pbe.enumeration import enumerate_bank
from pbe.inside import Inside
from pbe.version_space import best, best_by_mass

MOST = 1500
"""Programs that a case may have; larger cases are thrown away."""
_quick = settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))

LITERALS = Literals(bits=1.0, mark=2.0, letter=3.0, digit=2.5)
FIXED = {
    Rule("Text", None, ("Piece",)): 1.0,
    Rule("Text", t.concat, ("Piece", "Text")): 1.0,
    Rule("Piece", None, ("Taken",)): 2.0,
    Rule("Cell", Input(0)): 1.0,
    Rule("Taken", None, ("Cell",)): 1.0,
    Rule("Class", Constant(LETTERS, TOKEN)): 1.0,
    Rule("Class", Constant(DIGITS, TOKEN)): 0.5,
    Rule("Literal", Constant("-", TOKEN)): 1.0,
    **{Rule("Count", Constant(k, INTEGER)): 1 / abs(k) for k in (1, -1, 2)},
    Rule("Size", Constant(1, INTEGER)): 2.0,
    Rule("Size", Constant(2, INTEGER)): 1.0,
    Rule("Place", t.at, ("Cell", "End")): 1.0,
    Rule("Place", t.before, ("Cell", "Class", "Count")): 1.0,
    Rule("Place", t.after, ("Cell", "Class", "Count")): 1.0,
    **{Rule("End", Constant(k, INTEGER)): 1.0 for k in (0, -1)},
    Rule("Made", t.remove, ("Cell", "Literal")): 1.0,
    Rule("Made", t.initials, ("Cell",)): 1.0,
}
OPTIONAL = [
    Rule("Piece", LITERALS),
    Rule("Piece", t.upper, ("Taken",)),
    Rule("Piece", t.lower, ("Made",)),
    Rule("Taken", t.slice_, ("Cell", "Place", "Place")),
    Rule("Taken", t.token, ("Cell", "Class", "Count")),
    Rule("Taken", t.field, ("Cell", "Literal", "Count")),
    Rule("Taken", t.left, ("Cell", "Size")),
    Rule("Taken", t.right, ("Cell", "Size")),
    Rule("Piece", None, ("Made",)),
    Rule("Taken", t.between, ("Cell", "Literal", "Literal", "Count")),
]


@dataclass(frozen=True)
class Case:
    """A grammar, the largest symbol that is enumerated, rows, and what to write on them."""

    grammar: Grammar
    pooled: int
    rows: list[Row]
    targets: Targets
    driver: int

    def deduction(self) -> Deduction:
        meter = _meter()
        pooled = [symbol for symbol, size in self.grammar.sizes.items() if size <= self.pooled]
        bank = enumerate_bank(self.grammar, pooled, self.rows, meter)
        return Deduction(self.grammar, bank, self.rows, self.targets, meter, self.driver)


def _meter() -> Meter:
    return Budget(seconds=600, candidates=10**9).start()


def pieces(grammar: Grammar, symbol: str, texts: Sequence[str]) -> Iterator[tuple[float, Program]]:
    """Every derivation of a symbol without recursion; open literals stand for the given texts."""
    for rule, weight in grammar.by_lhs[symbol]:
        if isinstance(rule.head, Literals):
            yield from ((weight + rule.head.log_prob(text), Constant(text, TEXT)) for text in texts)
            continue
        for parts in product(*(list(pieces(grammar, part, texts)) for part in rule.rhs)):
            total, args = weight + sum(p[0] for p in parts), tuple(p[1] for p in parts)
            if isinstance(rule.head, Operator):
                yield total, Apply(rule.head, args)
            else:
                yield total, args[0] if rule.head is None else rule.head  # type: ignore[misc]


def brute_force(case: Case, symbol: str = "Piece") -> dict[Program, float] | None:
    """All programs that write the driving target without an empty piece, or None if there are more than MOST.

    Their log probability is summed over their derivations; the caller looks at the other rows.
    """
    target = case.targets[case.driver]
    assert target
    parts = [target[i:j] for i in range(len(target)) for j in range(i + 1, len(target) + 1)]
    by_value: dict[str, list[tuple[float, Program]]] = {}
    for log_prob, program in pieces(case.grammar, symbol, sorted(set(parts))):
        value = evaluate(program, case.rows[case.driver])
        if value and value in target:
            by_value.setdefault(value, []).append((log_prob, program))
    weights = {rule.head is None: weight for rule, weight in case.grammar.by_lhs["Text"]}
    stop, more = weights[True], weights[False]
    from_place: list[list[tuple[float, Program]]] = [[] for _ in target]
    for place in reversed(range(len(target))):
        for end in range(place + 1, len(target) + 1):
            for log_prob, piece in by_value.get(target[place:end], []):
                if end == len(target):
                    from_place[place].append((stop + log_prob, piece))
                else:
                    from_place[place] += [
                        (more + log_prob + rest, Apply(t.concat, (piece, tail))) for rest, tail in from_place[end]
                    ]
            if len(from_place[place]) > MOST:
                return None
    found: dict[Program, list[float]] = {}
    for log_prob, program in from_place[0]:
        found.setdefault(program, []).append(log_prob)
    return {program: log_sum(logs) for program, logs in found.items()}


def _writes(program: Program, rows: Sequence[Row], targets: Targets) -> bool:
    found = outputs(program, rows)
    return all(found[row] == (text or None) for row, text in targets.items())


_texts = st.one_of(st.text("aB1-", min_size=1, max_size=4), st.sampled_from(("a-1", "B1-a", "ab", "1-2", "-a")))


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Small grammars, up to three rows, and targets that some program writes, or almost."""
    rules = draw(st.lists(st.sampled_from(OPTIONAL), min_size=1, max_size=5, unique=True))
    weights = {**FIXED, **{rule: draw(st.sampled_from((0.3, 1.0, 2.0))) for rule in rules}}
    grammar = Grammar.weighted("Text", weights)
    rows: list[Row] = [(draw(_texts),)]
    rows += [(text,) for text in draw(st.lists(st.one_of(_texts, _texts, st.sampled_from(("", None))), max_size=2))]
    choices = list(pieces(grammar, "Piece", ("a", "-", "A")))
    written = [program for _, program in choices if evaluate(program, rows[0])]
    program: Program = draw(st.sampled_from(written))
    for _ in range(draw(st.integers(0, 2))):
        program = Apply(t.concat, (draw(st.sampled_from(written)), program))
    found = outputs(program, rows)
    targets: dict[int, str | None] = {}
    for row in range(len(rows)):
        if row == 0 or draw(st.booleans()):
            other = row and draw(st.integers(0, 9)) == 0
            targets[row] = draw(st.sampled_from((None, "a", "1-"))) if other else found[row]
    assume(0 < len(targets[0] or "") <= 5)
    written_rows = [row for row, text in targets.items() if text and len(text) <= 5]
    # 30: every symbol that arguments need is enumerated; 500: also what is taken
    return Case(grammar, draw(st.sampled_from((30, 500))), rows, targets, draw(st.sampled_from(written_rows)))


@patch("pbe.deduction.BEAM", 10**6)
@_quick
@given(cases())
def test_solve_finds_just_the_programs_that_write_the_targets(case: Case) -> None:
    everything = brute_force(case)
    assume(everything is not None)
    assert everything is not None
    expected = {p: log_prob for p, log_prob in everything.items() if _writes(p, case.rows, case.targets)}
    space = case.deduction().solve()
    found: dict[Program, list[float]] = {}
    for log_prob, program in best(space):
        found.setdefault(program, []).append(log_prob)
    assert found.keys() == expected.keys()
    for program, logs in found.items():
        assert math.isclose(log_sum(logs), expected[program], abs_tol=1e-9)
        assert math.isclose(case.grammar.log_prob(program), expected[program], abs_tol=1e-9)
    assert space.count == sum(map(len, found.values()))
    assert space.log_mass == pytest.approx(log_sum(expected.values()))


@patch("pbe.deduction.BEAM", 10**6)
@_quick
@given(cases())
def test_classes_have_the_same_count_and_mass_and_behave_alike(case: Case) -> None:
    space, classes = case.deduction().solve(), case.deduction().solve(classes=True)
    assert classes.count == space.count
    assert classes.log_mass == pytest.approx(space.log_mass)
    assume(space.count <= MOST)
    by_behaviour: dict[tuple[str | None, ...], list[float]] = {}
    for log_mass, program in best_by_mass(classes):
        by_behaviour.setdefault(outputs(program, case.rows), []).append(log_mass)
    summed: dict[tuple[str | None, ...], list[float]] = {}
    for log_prob, program in best(space):
        summed.setdefault(outputs(program, case.rows), []).append(log_prob)
    assert by_behaviour.keys() == summed.keys()
    for behaviour, logs in summed.items():
        assert math.isclose(log_sum(by_behaviour[behaviour]), log_sum(logs), abs_tol=1e-9)


@patch("pbe.deduction.BEAM", 10**6)
@_quick
@given(cases(), st.data())
def test_mass_sums_over_all_programs_with_these_outputs(case: Case, data: st.DataObject) -> None:
    everything = brute_force(case)
    assume(everything is not None)
    assert everything is not None
    by_behaviour: dict[tuple[str | None, ...], list[float]] = {}
    for program, log_prob in everything.items():
        if _writes(program, case.rows, case.targets):
            by_behaviour.setdefault(outputs(program, case.rows), []).append(log_prob)
    deduction = case.deduction()
    space = deduction.solve(classes=True)
    for behaviour, logs in by_behaviour.items():
        targets = dict(enumerate(behaviour))
        assert deduction.mass(targets) == pytest.approx(log_sum(logs))
        assert deduction.mass(targets, floor=log_sum(logs)) == pytest.approx(log_sum(logs), abs=1e-4)
    every = log_sum(log_sum(logs) for logs in by_behaviour.values())
    assert every == pytest.approx(space.log_mass)
    if by_behaviour:
        changed = list(data.draw(st.sampled_from(sorted(by_behaviour, key=str))))
        row = data.draw(st.integers(0, len(changed) - 1))
        if row not in case.targets:
            changed[row] = "nothing writes this"
            assert deduction.mass(dict(enumerate(changed))) == -math.inf


@_quick
@given(cases())
def test_the_inside_mass_of_an_output_is_that_of_all_programs_that_write_it(case: Case) -> None:
    """On one row: what `chooses` weighs against a meaning."""
    alone = Case(case.grammar, 30, case.rows, {case.driver: case.targets[case.driver]}, case.driver)
    everything = brute_force(alone)
    assume(everything is not None)
    assert everything is not None
    inside = Inside(case.grammar, alone.deduction().bank, case.rows, _meter(), case.driver)
    for _ in range(2):  # what was summed for one text is kept for the next
        assert inside.log_mass(case.targets[case.driver] or "") == pytest.approx(log_sum(everything.values()))


@_quick
@given(cases(), st.integers(1, 3))
def test_a_narrow_beam_loses_programs_but_finds_no_wrong_one(case: Case, beam: int) -> None:
    with patch("pbe.deduction.BEAM", 10**6):
        whole = case.deduction().solve()
    with patch("pbe.deduction.BEAM", beam):
        deduction = case.deduction()
        space = deduction.solve()
    assert space.count <= whole.count and space.log_mass <= whole.log_mass + 1e-9
    for log_prob, program in best(space, 200):
        assert _writes(program, case.rows, case.targets)
        assert log_prob <= case.grammar.log_prob(program) + 1e-9


_sheets = st.lists(
    st.sampled_from(("Jan Kotas", "mia WU", "A-12", "12/3", "x", "Éva 5", "")), min_size=1, max_size=3, unique=True
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(_sheets, st.sampled_from(("upper", "left", "digits", "joined", "fixed")), st.sampled_from((100, 1000)))
def test_every_program_of_the_string_language_that_is_found_writes_the_targets(
    cells: list[str], kind: str, pooled: int
) -> None:
    wanted = {
        "upper": str.upper, "left": lambda s: s[:1], "digits": lambda s: "".join(c for c in s if c in "0123456789"),
        "joined": lambda s: ".".join(s.split()), "fixed": lambda s: s and "a b",
    }[kind]  # fmt: skip
    examples = [(cell, wanted(cell)) for cell in cells]
    assume(any(output for _, output in examples))
    task = Task.of(examples, [*cells, "Bob 7-8"])
    grammar, rows = string_grammar(task), list(task.rows)
    targets = {row: example.target for row, example in enumerate(task.examples)}
    driver = max(targets, key=lambda row: len(targets[row] or ""))
    deduction = Case(grammar, 4000, rows, targets, driver).deduction()
    space = deduction.solve()
    for log_prob, program in best(space, pooled):
        assert _writes(program, rows, targets)
        assert log_prob <= grammar.log_prob(program) + 1e-9


def test_the_driving_row_needs_an_output() -> None:
    grammar = Grammar.weighted("Text", FIXED)
    for target in (None, ""):
        with pytest.raises(ValueError, match="not blank"):
            Case(grammar, 30, [("a",)], {0: target}, 0).deduction()


def test_the_start_must_join_or_chain() -> None:
    grammar = Grammar.weighted("Piece", {Rule("Piece", Input(0)): 1.0})
    with pytest.raises(ValueError, match="neither joins nor chains"):
        Case(grammar, 0, [("a",)], {0: "a"}, 0).deduction().solve()


def test_the_budget_ends_deduction() -> None:
    task = Task.of([("Jan Kotas of Warsaw", "Jan K. (Warsaw), Jan Kotas")])
    grammar, rows = string_grammar(task), list(task.rows)
    bank = enumerate_bank(grammar, [s for s, n in grammar.sizes.items() if n <= 4000], rows, _meter())
    meter = Budget(seconds=600, candidates=10).start()
    with pytest.raises(BudgetSpent):
        Deduction(grammar, bank, rows, {0: task.examples[0].target}, meter, 0).solve()


@given(st.text("aB1- ", max_size=200))
def test_cuts_begin_and_end_with_the_output(target: str) -> None:
    places = cut_places(target)
    assert places == sorted(set(places)) and places[0] == 0 and places[-1] == len(target)
    assert len(places) <= MAX_CUTS
    assert len(target) > 40 or places == list(range(len(target) + 1))


@given(st.floats(-700, 5), st.floats(-700, 5))
def test_log_add(first: float, second: float) -> None:
    assert log_add(first, second) == pytest.approx(log_sum((first, second)))
    assert log_add(first, -math.inf) == first and log_add(-math.inf, second) == second
    assert log_add(-math.inf, -math.inf) == -math.inf
