"""`pbe bench speakers --prior behaviours`: listeners without a prior, in a small language of our own by brute force."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pbe
from app.bench import unfitted
from app.bench.columns import CAP, ColumnTask
from app.bench.paired import ALL, by_suite
from app.bench.unfitted import (
    BY_CELL,
    CHEAPEST,
    L1,
    LISTENERS,
    LITERAL,
    RANKING,
    Heard,
    Sheet,
    Trial,
    fills,
    listen,
    needed,
    run_trial,
    summary,
)
from dsl.grammar import Grammar, Rule
from dsl.interpreter import outputs
from dsl.operator import operator
from dsl.program import Input
from dsl.types import TEXT
from pbe.meaning import Outputs
from pbe.speakers import OVERLOOKED

BUDGET = pbe.Budget(seconds=300)


@operator("swap", (TEXT,), TEXT, abstraction=lambda out, text: [out.length == text.length])
def swap(text: str) -> str:
    """The text with capitals made small and small letters made capital."""
    return text.swapcase()


@operator("back", (TEXT,), TEXT, abstraction=lambda out, text: [out.length == text.length])
def back(text: str) -> str:
    """The text from its last character to its first."""
    return text[::-1]


@operator("rest", (TEXT,), TEXT, abstraction=lambda out, text: [out.length <= text.length])
def rest(text: str) -> str:
    """The text without its first character."""
    return text[1:]


CHAINS = Grammar.weighted(
    "S", {Rule("S", Input(0)): 1.0, **{Rule("S", one, ("S",)): 1.0 for one in (swap, back, rest)}}
)
ROWS = [("ab",), ("Abba",), ("abba",), ("c",)]
"""Two letters and then nothing: some behaviours are blank on some rows, and \"c\" is the same backwards."""
LANGUAGE = pbe.Language.of(CHAINS, ROWS, budget=BUDGET)
BEHAVIOURS = LANGUAGE.matrix.behaviours


def by_definition(targets: Outputs, said: list[int]) -> dict[Outputs, float]:
    """Return L1 of the behaviours that fit: the product of 1 / Z over the steps, every behaviour as likely as any."""
    left = list(BEHAVIOURS)
    product = dict.fromkeys(BEHAVIOURS, 1.0)
    for step, row in enumerate(said):
        if targets[row] is None:
            continue
        for behaviour in BEHAVIOURS:
            others = [other for other in range(len(ROWS)) if other not in said[:step] and behaviour[other] is not None]
            scores = {other: 1 / max(1, sum(b[other] == behaviour[other] for b in left)) for other in others}
            product[behaviour] *= scores.get(row, 0.0) / math.fsum(scores.values()) if scores else 0.0
        left = [b for b in left if b[row] == targets[row]]
    fits = {b: p for b, p in product.items() if all(b[row] == targets[row] for row in said)}
    total = math.fsum(fits.values())
    return {b: p / total for b, p in fits.items()}


@pytest.mark.parametrize("said", [list(some) for k in (1, 2, 3) for some in permutations(range(len(ROWS)), k)])
def test_what_is_heard_is_l1_of_the_sequence_speaker(said: list[int]) -> None:
    for targets in BEHAVIOURS:
        written = [row for row in said if targets[row] is not None]
        if written != said:
            continue
        heard = listen(LANGUAGE, targets, tuple(said))
        log_listener = heard.log_listener - np.logaddexp.reduce(heard.log_listener)
        expected = by_definition(targets, said)
        assert set(heard.outputs) == set(expected) and targets in heard.outputs
        assert np.exp(log_listener) == pytest.approx([expected[behaviour] for behaviour in heard.outputs])


def test_a_blank_row_says_nothing_but_rules_out() -> None:
    targets = next(b for b in BEHAVIOURS if b[0] and b[3] is None)
    both, blank = listen(LANGUAGE, targets, (0, 3)), listen(LANGUAGE, targets, (3,))
    assert set(blank.outputs) == {b for b in BEHAVIOURS if b[3] is None}
    assert set(both.outputs) == {b for b in blank.outputs if b[0] == targets[0]}
    assert len(set(np.round(blank.log_listener, 9))) == 1, "all alike, as before"
    assert not listen(LANGUAGE, ("no", "such", "column", None), (0,)).outputs


def test_the_order_of_the_ranking_is_that_of_the_language() -> None:
    for targets in BEHAVIOURS:
        if targets[1] is not None:
            heard = listen(LANGUAGE, targets, (1,))
            first = LANGUAGE.first([(ROWS[1], targets[1])])
            best = fills(heard, RANKING, np.zeros(len(heard.outputs), dtype=np.intp))
            assert BEHAVIOURS[LANGUAGE.programs.index(first)] in best  # type: ignore[arg-type]
            assert best == fills(heard, L1, np.zeros(len(heard.outputs), dtype=np.intp)), "exact after one example"


HEARD = Heard([("a", "b"), ("a", "c"), ("d", "c")], np.log([0.5, 0.3, 0.2]), np.array([1, 0, 0]))


def test_each_listener_takes_what_it_finds_best() -> None:
    none = np.zeros(3, dtype=np.intp)
    assert fills(HEARD, LITERAL, none) == HEARD.outputs
    assert fills(HEARD, L1, none) == [("a", "b")]
    assert fills(HEARD, RANKING, none) == [("a", "c"), ("d", "c")]
    assert fills(HEARD, BY_CELL, none) == [("a", "c")]
    assert fills(HEARD, CHEAPEST, none) == [("a", "b")]
    assert 0.5 * OVERLOOKED < 0.2
    assert fills(HEARD, L1, np.array([1, 1, 0])) == [("d", "c")]
    assert all(fills(HEARD, one, np.array([1, 1, 0])) == fills(HEARD, one, none) for one in LISTENERS if one != L1)


class Known(Sheet):
    """A sheet on which all that can be meant is known: some columns, alike, of which one is right."""

    def __init__(self, columns: list[Outputs]) -> None:
        self.rows, self.targets, self.columns = [(str(k),) for k in range(len(columns[0]))], columns[0], columns

    def heard(self, said: tuple[int, ...]) -> Heard:
        fitting = [c for c in self.columns if all(c[row] == self.targets[row] for row in said)]
        return Heard(fitting, np.zeros(len(fitting)), np.zeros(len(fitting), dtype=np.intp))


def expected(columns: list[Outputs], said: tuple[int, ...] = (0,)) -> float:
    """Return how many rows are given in the mean if a column that fits is drawn at random each time."""
    if len(said) == len(columns[0]):
        return CAP + 1
    left = [c for c in columns if all(c[row] == columns[0][row] for row in said)]
    wrong = [next((row for row, cell in enumerate(c) if cell != columns[0][row]), None) for c in left]
    return sum(len(said) if row is None else expected(columns, (*said, row)) for row in wrong) / len(left)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from("ab")] * 4), min_size=1, max_size=6, unique=True))
def test_ties_are_broken_at_random(columns: list[Outputs]) -> None:
    sheet = Known(columns)
    draws = [needed(sheet, LITERAL, draw) for draw in range(300)]
    assert np.mean(draws) == pytest.approx(expected(columns), abs=4.5 * np.std(draws) / math.sqrt(300) + 1e-9)
    assert draws[:20] == [needed(sheet, LITERAL, draw) for draw in range(20)], "the same draw, the same person"


FIRST = ColumnTask("first", (("Jan Kotas",), ("Ana-Mia Lind",), ("Eva Moos",)), ("Jan", "Ana-Mia", "Eva"))
NOWHERE = ColumnTask("nowhere", (("ab",), ("cd",), ("ef",)), ("q#7", "?", "=="))


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """A language of few programs, for speed."""
    monkeypatch.setattr(unfitted, "CANDIDATES", 5000)


@pytest.mark.usefixtures("few")
def test_a_column_is_learnt_without_weights() -> None:
    sheet = Sheet(FIRST, BUDGET)
    grammar = sheet.grammar((0,))
    for rules in grammar.by_lhs.values():
        assert all(math.isclose(weight, -math.log(len(rules))) for _, weight in rules)
    language = sheet.language()
    assert len(set(language.matrix.log_prior)) == 1 and sheet.targets in language.matrix.behaviours
    assert {outputs(find, sheet.rows) for find in sheet.found((0,))} <= set(language.matrix.behaviours)
    trial = run_trial("own", FIRST, BUDGET)
    assert list(trial.needed) == list(LISTENERS) and all(1 <= n <= 2 for n in trial.needed.values())
    assert trial.behaviours == len(language.programs) and trial.fitting == len(sheet.heard((0,)).outputs)


@pytest.mark.usefixtures("few")
def test_what_no_program_writes_counts_as_unsolved() -> None:
    assert set(run_trial("own", NOWHERE, BUDGET).needed.values()) == {CAP + 1}


@pytest.mark.usefixtures("few")
def test_where_nothing_known_fits_a_search_goes_on() -> None:
    weights = {"12": "12 kg", "ab": "none", "345": "345 kg", "cd": "none"}
    sheet = Sheet(ColumnTask("weights", tuple((text,) for text in weights), tuple(weights.values())), BUDGET)
    assert not listen(sheet.language(), sheet.targets, (0, 1)).outputs
    found = {outputs(find, sheet.rows) for find in sheet.found((0, 1))}
    assert found and set(sheet.heard((0, 1)).outputs) == found
    assert all(one[:2] == sheet.targets[:2] for one in found) and sheet.targets in found


def test_figures_of_each_suite_and_of_all_tasks() -> None:
    trials = [Trial(s, str(k), dict.fromkeys(LISTENERS, 2.0) | {L1: 1.0 + k}) for s in "ab" for k in range(2)]
    found = summary([*trials, Trial("b", "x", dict.fromkeys(LISTENERS, 5.0))])
    assert list(found) == ["a", "b", ALL] and [one["tasks"] for one in found.values()] == [2, 3, 5]
    assert found["a"]["means"][LITERAL] == 2 and found["a"]["differences"][L1] == [-0.5, -1.0, 0.0]
    assert found[ALL]["means"][LITERAL] == pytest.approx(2.6) and LITERAL not in found[ALL]["differences"]
    assert list(by_suite(trials[:2], lambda some: {"tasks": len(some)})) == ["a"], "one suite is all there is"
