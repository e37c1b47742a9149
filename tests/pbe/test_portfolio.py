"""Searches that take turns: each gets its share, and the first program found is the answer."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.grammar import Grammar
from dsl.program import Apply, Input
from dsl.sygus import SygusTask, read_sygus
from pbe.budget import Budget, BudgetSpent, Meter, StopReason
from pbe.growing import Scored
from pbe.portfolio import GUIDED, Member, first_found, looked_at
from pbe.sygus import solve

_FOUND: Scored = (-1.0, Input(0))


def searching(meter: Meter, steps: list[int], finds: bool) -> Iterator[Scored | None]:
    for number, step in enumerate(steps, 1):
        meter.spend(step)
        yield _FOUND if finds and number == len(steps) else None


def member(steps: list[int], finds: bool, share: float, budget: Budget | None = None) -> Member:
    meter = (budget or Budget(seconds=300, candidates=10**9)).start()
    return Member(searching(meter, steps, finds), meter, share)


steps = st.lists(st.integers(1, 50), min_size=1, max_size=60)


@settings(max_examples=100, deadline=None)
@given(steps, steps, st.booleans(), st.floats(0.05, 0.95))
def test_no_search_costs_more_than_its_share_lets_it(
    mine: list[int], other: list[int], finds: bool, share: float
) -> None:
    """Beside any other search, one that finds after n candidates does after n / share and one step of the other."""
    members = [member(mine, True, share), member(other, finds, 1 - share)]
    found = first_found(members)
    assert found is not None and found[1] == _FOUND
    assert looked_at(members) <= sum(mine) / share + max(mine) / share + max(other)
    if not finds:
        assert found[0] is members[0]


def test_searches_that_end_without_a_program_leave_their_turns() -> None:
    members = [member([1, 1], False, 0.5), member([5] * 9, True, 0.1), member([], False, 0.4)]
    found = first_found(members)
    assert found is not None and found[0] is members[1]
    assert first_found([member([1], False, 1.0)]) is None
    assert first_found([]) is None


def test_the_candidates_of_all_are_limited_together() -> None:
    budget = Budget(seconds=300, candidates=300)
    members = [member([10] * 90, False, 0.5, budget) for _ in range(3)]
    with pytest.raises(BudgetSpent) as spent:
        first_found(members)
    assert spent.value.reason is StopReason.OUT_OF_CANDIDATES
    assert 300 < looked_at(members) <= 310


# ---------------------------------------------------------------- a guide for SyGuS tasks

TASK = read_sygus("""
(set-logic SLIA)
(synth-fun f ((x String)) String ((T String) (N Int))
  ((T String (x " " "-" "." "," ";" (str.++ T T) (str.replace T T T) (str.at T N) (str.substr T N N)))
   (N Int (0 1 2 3 (str.len T) (+ N N) (- N N) (str.indexof T T N)))))
(constraint (= (f "old oak") "ko"))
(constraint (= (f "tall elm") "ml"))
(check-synth)
""")
BUDGET = Budget(seconds=300, candidates=10**7)


def guide(task: SygusTask, **weights: float) -> Grammar:
    """The task's grammar with the rules of some operators at other weights."""
    rules = zip(task.grammar.rules, map(math.exp, task.grammar.log_weights), strict=True)
    changed = [(rule, weights.get(getattr(rule.head, "name", ""), 1.0) * weight) for rule, weight in rules]
    return Grammar.weighted(task.grammar.start, changed)


@pytest.mark.parametrize("operator", ["str.++", "str.replace", "str.at", "str.len"])
@pytest.mark.parametrize("weight", [1e-6, 1e6])
def test_a_guide_costs_a_quarter_however_wrong(operator: str, weight: float) -> None:
    plain = solve(TASK, BUDGET)
    guided = solve(TASK, BUDGET, guide=guide(TASK, **{operator: weight}))
    assert plain.verified and guided.verified
    slack = 2 * plain.first_candidates  # a round of deduction is one step
    assert guided.first_candidates <= plain.first_candidates / (1 - GUIDED) + slack
    assert TASK.grammar.derives(guided.program or Input(9))


def test_without_a_guide_all_candidates_are_the_search_s_own() -> None:
    solution = solve(TASK, BUDGET)
    assert solution.verified and 0 < solution.first_candidates <= solution.candidates
    assert solution.program is not None and isinstance(solution.program, Apply)
