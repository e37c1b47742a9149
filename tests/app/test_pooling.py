"""Two answers pooled: between the two, in proportion to the trust."""

from __future__ import annotations

from dataclasses import replace
from math import isclose

from hypothesis import given, settings
from hypothesis import strategies as st

import pbe
from app.pooling import pooled
from dsl.parser import parse
from dsl.strings.language import OPERATORS
from pbe import Answer, Candidate, StopReason

PROGRAMS = [parse(text, OPERATORS) for text in ("x1", "upper(x1)", "lower(x1)", "trim(x1)")]


@st.composite
def answers(draw: st.DrawFn, rows: int = 3) -> Answer:
    """An answer to a task of some rows, the first of which is an example with output "a"."""
    cells = st.tuples(st.just("a"), *[st.sampled_from(("a", "b", None))] * (rows - 1))
    behaviours = draw(st.lists(cells, min_size=1, max_size=4, unique=True))
    weights = sorted(draw(st.lists(st.floats(0.01, 1), min_size=len(behaviours), max_size=len(behaviours))))[::-1]
    total = sum(weights) + draw(st.floats(0.01, 1))
    candidates = tuple(
        Candidate(program, weight / total, outputs)
        for program, weight, outputs in zip(PROGRAMS, weights, behaviours, strict=False)
    )
    confidence = (1.0, *draw(st.tuples(*[st.floats(0, 1)] * (rows - 1))))
    return Answer(candidates[0].program, candidates[0].outputs, confidence, candidates, None, StopReason.SOLVED)


@settings(max_examples=100, deadline=None)
@given(answers(), answers(), st.floats(0, 1))
def test_probabilities_are_those_of_the_two_in_proportion(plain: Answer, guided: Answer, trust: float) -> None:
    both = pooled(plain, guided, trust)
    for candidate in both.candidates:
        before, after = (
            sum(c.probability for c in answer.candidates if c.outputs == candidate.outputs)
            for answer in (plain, guided)
        )
        assert isclose(candidate.probability, (1 - trust) * before + trust * after)
    assert both.candidates[0].probability == max(candidate.probability for candidate in both.candidates)
    assert (both.program, both.outputs) == (both.candidates[0].program, both.candidates[0].outputs)
    assert len(both.confidence) == 3 and both.confidence[0] == 1
    assert all(0 <= confidence <= 1 + 1e-9 for confidence in both.confidence)


@settings(max_examples=100, deadline=None)
@given(answers(), answers())
def test_without_trust_and_with_nothing_else_it_is_one_of_them(plain: Answer, guided: Answer) -> None:
    for trust, one in ((0.0, plain), (1.0, guided)):
        both = pooled(plain, guided, trust)
        assert (both.outputs, both.confidence) == (one.outputs, one.confidence)


@settings(max_examples=100, deadline=None)
@given(answers(), st.floats(0, 1))
def test_two_of_one_mind_are_as_sure_as_either(answer: Answer, trust: float) -> None:
    both = pooled(answer, answer, trust)
    assert both.outputs == answer.outputs
    assert all(isclose(a, b, abs_tol=1e-12) for a, b in zip(both.confidence, answer.confidence, strict=True))


def test_a_cell_on_which_they_differ_is_doubtful() -> None:
    sure = Candidate(PROGRAMS[0], 0.99, ("a", "b"))
    plain = Answer(sure.program, sure.outputs, (1.0, 0.99), (sure,), None, StopReason.SOLVED)
    question = pbe.Question(1, ("x",), ((None, 0.5), ("b", 0.5)))
    other = Candidate(PROGRAMS[1], 0.99, ("a", None))
    guided = replace(
        plain, program=other.program, outputs=other.outputs, candidates=(other,), question=question
    )
    for trust, output in ((0.2, "b"), (0.6, None)):
        both = pooled(plain, guided, trust)
        assert both.outputs == ("a", output) and both.doubtful == (1,)
        assert both.question == question


@settings(max_examples=200, deadline=None)
@given(answers(), answers(), st.floats(0, 1))
def test_a_cell_on_which_they_differ_is_no_surer_than_the_one_who_gives_it_weighs(
    plain: Answer, guided: Answer, trust: float
) -> None:
    both = pooled(plain, guided, trust)
    for output, sure, before, after in zip(both.outputs, both.confidence, plain.outputs, guided.outputs, strict=True):
        if before != after and output in (before, after):
            assert sure <= (1 - trust if output == before else trust) + 1e-9
