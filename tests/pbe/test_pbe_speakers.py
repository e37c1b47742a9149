"""How the examples came about: what the listener makes of each speaker, on cases that can be worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pbe
from dsl.grammar import Grammar, Rule
from dsl.program import Constant, Input
from dsl.strings import text as t
from dsl.strings.language import string_grammar
from dsl.task import SPEAKERS, Task
from dsl.types import INTEGER, TEXT
from pbe.prior import Weights, using
from pbe.speakers import MOST_OVERLOOKED, OVERLOOKED, TEXTBOOK_ALPHA

NAMES = ["Jan Kotas", "Bob-Lee Ray", "Mia de Wit"]


def _three(identity: float, capitals: float, fixed: float) -> Grammar:
    """x1, upper(x1) and the constant "A"."""
    return Grammar.weighted(
        "Text",
        {
            Rule("Text", None, ("Piece",)): 1.0,
            Rule("Piece", Input(0)): identity,
            Rule("Piece", t.upper, ("Cell",)): capitals,
            Rule("Piece", Constant("A", TEXT)): fixed,
            Rule("Cell", Input(0)): 1.0,
        },
    )


def _by_outputs(answer: pbe.Answer) -> dict[tuple[str | None, ...], float]:
    return {candidate.outputs: candidate.probability for candidate in answer.candidates}


@settings(max_examples=30, deadline=None)
@given(st.floats(0.1, 1), st.floats(0.1, 1), st.floats(0.1, 1))
def test_chooses_is_the_pragmatic_speaker_worked_out_by_hand(identity: float, capitals: float, fixed: float) -> None:
    """On "A" all three programs agree; on "b" each stands alone, so its speaker could have shown that instead."""
    grammar, total = _three(identity, capitals, fixed), identity + capitals + fixed
    prior = {("A", "b"): identity / total, ("A", "B"): capitals / total, ("A", "A"): fixed / total}
    task = Task.of([("A", "A")], ["A", "b"], speaker="chooses")
    with using(Weights()):  # the prior is the mass itself
        literal = _by_outputs(pbe.synthesize(task, grammar, listener="literal"))
        chosen = _by_outputs(pbe.synthesize(task, grammar))
    assert literal.keys() == chosen.keys() == prior.keys()
    show_a = {w: 1.0 / (1.0 + (1 / p) ** TEXTBOOK_ALPHA) for w, p in prior.items()}
    reference = ("A", "b")
    for w in prior:
        assert math.isclose(literal[w] / literal[reference], prior[w] / prior[reference], rel_tol=1e-6)
        expected = prior[w] * show_a[w] / (prior[reference] * show_a[reference])
        assert math.isclose(chosen[w] / chosen[reference], expected, rel_tol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.1, 1), min_size=4, max_size=4))
def test_a_second_chosen_row_is_weighed_among_what_the_first_left(weights: list[float]) -> None:
    """x1, upper(x1), "A" and left(x1, 1): the row "Ax" rules out two, and then "A" is shown rather than "bc"."""
    rows, total = ["Ax", "A", "bc"], sum(weights)
    grammar = Grammar.weighted(
        "Text",
        {
            Rule("Text", None, ("Piece",)): 1.0,
            Rule("Piece", Input(0)): weights[0],
            Rule("Piece", t.upper, ("Cell",)): weights[1],
            Rule("Piece", Constant("A", TEXT)): weights[2],
            Rule("Piece", t.left, ("Cell", "One")): weights[3],
            Rule("Cell", Input(0)): 1.0,
            Rule("One", Constant(1, INTEGER)): 1.0,
        },
    )
    meanings = [("Ax", "A", "bc"), ("AX", "A", "BC"), ("A", "A", "A"), ("A", "A", "b")]
    prior = {meaning: weight / total for meaning, weight in zip(meanings, weights, strict=True)}

    def show(meaning: tuple[str, ...], row: int, before: list[int]) -> float:
        """S1 of one step: every open row is worth what it leaves possible."""
        def worth(r: int) -> float:
            alike = [w for w in meanings if all(w[k] == meaning[k] for k in (*before, r))]
            return float((1 / sum(prior[w] for w in alike)) ** TEXTBOOK_ALPHA)

        return worth(row) / sum(worth(r) for r in range(3) if r not in before)

    task = Task.of([("Ax", "A"), ("A", "A")], rows, speaker="chooses")
    with using(Weights()):
        found = _by_outputs(pbe.synthesize(task, grammar))
    expected = {w: prior[w] * show(w, 0, []) * show(w, 1, [0]) for w in meanings[2:]}
    assert found.keys() == expected.keys()
    first, second = expected
    assert math.isclose(found[first] / found[second], expected[first] / expected[second], rel_tol=1e-6)


def test_choosing_the_same_row_again_says_nothing() -> None:
    grammar, rows = _three(3, 2, 1), ["A", "b", "c"]
    once = pbe.synthesize(Task.of([("A", "A")], rows, speaker="chooses"), grammar)
    twice = pbe.synthesize(Task.of([("A", "A"), ("A", "A")], rows, speaker="chooses"), grammar)
    assert _by_outputs(twice) == pytest.approx(_by_outputs(once))


@pytest.mark.parametrize("speaker", ["requested", "top_down"])
def test_rows_that_were_not_the_persons_choice_say_nothing(speaker: str) -> None:
    for examples in ([("Jan Kotas", "Jan")], [("Mia de Wit", "Mia"), ("Jan Kotas", "Jan")]):
        literal = pbe.learn(examples, NAMES, speaker=speaker, listener="literal")
        assert pbe.learn(examples, NAMES, speaker=speaker).candidates == literal.candidates


def test_the_literal_listener_ignores_speakers() -> None:
    answers = [
        pbe.learn([("Mia de Wit", "Mia")], NAMES, speaker=speaker, shown=["Jan", "Bob", "de"], listener="literal")
        for speaker in SPEAKERS
    ]
    assert all(answer.candidates == answers[0].candidates for answer in answers)


def test_choosing_a_row_changes_the_posterior() -> None:
    roomy = pbe.Budget(seconds=300)
    literal = pbe.learn([("Mia de Wit", "Mia")], NAMES, speaker="chooses", listener="literal", budget=roomy)
    chosen = pbe.learn([("Mia de Wit", "Mia")], NAMES, speaker="chooses", budget=roomy)
    assert _by_outputs(literal) != _by_outputs(chosen)


def _corrected(shown: list[str | None], listener: str, corrected: int = 2) -> dict[tuple[str | None, ...], float]:
    outputs = ["Jan", "Bob-Lee", "Mia"]
    example = (NAMES[corrected], outputs[corrected])
    return _by_outputs(pbe.learn([example], NAMES, speaker="corrects", shown=shown, listener=listener))


FIELD, LETTERS = ("Jan", "Bob-Lee", "Mia"), ("Jan", "Bob", "Mia")


def test_a_correction_favours_what_agrees_with_the_rows_above_it() -> None:
    shown: list[str | None] = ["Jan", "Bob-Lee", "Mia de"]
    before, after = _corrected(shown, "literal"), _corrected(shown, "pragmatic")
    ratio = (after[LETTERS] / after[FIELD]) / (before[LETTERS] / before[FIELD])
    assert math.isclose(ratio, OVERLOOKED, rel_tol=1e-6)
    assert after[FIELD] > before[FIELD]
    shown = ["Jan", "Bob", "Mia de"]
    after = _corrected(shown, "pragmatic")
    ratio = (after[FIELD] / after[LETTERS]) / (before[FIELD] / before[LETTERS])
    assert math.isclose(ratio, OVERLOOKED, rel_tol=1e-6)


def test_rows_below_the_corrected_one_say_nothing() -> None:
    shown: list[str | None] = ["x", "Bob", "Mia"]
    before, after = _corrected(shown, "literal", 0), _corrected(shown, "pragmatic", 0)
    assert after == pytest.approx(before)


def test_overlooking_is_capped_so_that_a_wrong_display_does_not_rule_everything_out() -> None:
    rows = [*(f"{name}-x Kotas" for name in ("Al", "Bo", "Cy", "Di")), "Mia de Wit"]
    examples = [("Mia de Wit", "Mia")]
    shown = [row.split()[0] for row in rows]
    letters = tuple(row.split("-")[0].split()[0] for row in rows)
    before = _by_outputs(pbe.learn(examples, rows, speaker="corrects", shown=shown, listener="literal"))
    after = _by_outputs(pbe.learn(examples, rows, speaker="corrects", shown=shown))
    ratio = (after[letters] / after[tuple(shown)]) / (before[letters] / before[tuple(shown)])
    assert math.isclose(ratio, OVERLOOKED**MOST_OVERLOOKED, rel_tol=1e-6)


def test_a_correction_without_a_display_says_nothing() -> None:
    examples = [("Mia de Wit", "Mia")]
    literal = pbe.learn(examples, NAMES, speaker="corrects", listener="literal")
    assert pbe.learn(examples, NAMES, speaker="corrects").candidates == literal.candidates


def test_each_example_may_have_its_own_speaker() -> None:
    examples = [("Jan Kotas", "Jan"), ("Mia de Wit", "Mia")]
    shown = ["Jan", "Bob-Lee", "Mia de"]
    mixed = pbe.learn(examples, NAMES, speaker=["top_down", "corrects"], shown=shown)
    literal = pbe.learn(examples, NAMES, listener="literal")
    assert _by_outputs(mixed)[FIELD] > _by_outputs(literal)[FIELD]


def test_only_the_last_correction_had_the_display_in_view() -> None:
    """What was on show before the correction of row 2 is not known, so the display above it says nothing of it."""
    rows = [*NAMES, "Eva Lind"]
    examples = [("Mia de Wit", "Mia"), ("Jan Kotas", "Jan")]
    shown = ["J", "Bob", "Mia", "Eva"]
    literal = pbe.learn(examples, rows, listener="literal")
    assert _by_outputs(pbe.learn(examples, rows, speaker="corrects", shown=shown)) == _by_outputs(literal)
    before = pbe.learn(examples[::-1], rows, listener="literal")
    after = pbe.learn(examples[::-1], rows, speaker="corrects", shown=shown)
    assert _by_outputs(after) != _by_outputs(before)


def test_a_row_chosen_from_more_than_are_compared_still_counts() -> None:
    """A long column costs no more than a short one: rows on which readings differ are looked at first."""
    rows = [*(f"{name} Kotas" for name in ("Al", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal")), *NAMES]
    task = Task.of([(rows[0], "Al")], rows, speaker="chooses")
    roomy = pbe.Budget(seconds=300)
    literal = pbe.synthesize(task, string_grammar(task), listener="literal", budget=roomy)
    chosen = pbe.synthesize(task, string_grammar(task), budget=roomy)
    assert literal.outputs == chosen.outputs
    assert _by_outputs(literal) != _by_outputs(chosen)
