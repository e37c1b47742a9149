"""A language of one's own in an afternoon: a few operators on lists, a grammar, and the pragmatic listener is there."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest

import pbe
import rsa
from dsl.grammar import Grammar, Rule
from dsl.operator import operator
from dsl.program import Input
from dsl.types import Type

LIST = Type("list")
Numbers = tuple[int, ...]


@operator("sort", (LIST,), LIST, abstraction=lambda out, given: [out.length == given.length])
def sort(given: Numbers) -> Numbers:
    """The numbers in rising order."""
    return tuple(sorted(given))


@operator("sort_down", (LIST,), LIST, abstraction=lambda out, given: [out.length == given.length])
def sort_down(given: Numbers) -> Numbers:
    """The numbers in falling order."""
    return tuple(sorted(given, reverse=True))


@operator("reverse", (LIST,), LIST, abstraction=lambda out, given: [out.length == given.length])
def reverse(given: Numbers) -> Numbers:
    """The numbers from the last to the first."""
    return given[::-1]


@operator("dedupe", (LIST,), LIST, abstraction=lambda out, given: [out.length <= given.length])
def dedupe(given: Numbers) -> Numbers:
    """Each number once, where it stands first."""
    return tuple(dict.fromkeys(given))


FUNCTIONS = Grammar.weighted(
    "Program",
    dict.fromkeys(
        [
            Rule("Program", Input(0, LIST)),
            *(Rule("Program", function, ("Given",)) for function in (sort, sort_down, reverse, dedupe)),
        ],
        1.0,
    )
    | {Rule("Given", Input(0, LIST)): 1.0},
)
TRIPLES = [(triple,) for triple in product((1, 2, 3), repeat=3)]


def posterior(given: Numbers, wanted: Numbers, listener: str) -> dict[str, float]:
    task = pbe.Task.of([((given,), wanted)], TRIPLES, speaker="chooses")  # type: ignore[list-item]
    answer = pbe.synthesize(task, FUNCTIONS, listener=listener, budget=pbe.Budget(seconds=300))
    total = math.fsum(candidate.probability for candidate in answer.candidates)
    return {str(c.program): c.probability / total for c in answer.candidates}


def test_an_ordered_triple_left_as_it_is_more_likely_means_identity() -> None:
    literal = posterior((1, 2, 3), (1, 2, 3), "literal")
    assert literal == pytest.approx({"x1": 1 / 3, "sort(x1)": 1 / 3, "dedupe(x1)": 1 / 3})
    pragmatic = posterior((1, 2, 3), (1, 2, 3), "pragmatic")
    assert pragmatic == pytest.approx({"x1": 0.448, "sort(x1)": 0.317, "dedupe(x1)": 0.235}, abs=6e-4)


def test_what_only_one_function_does_means_that_function() -> None:
    assert posterior((1, 3, 2), (1, 2, 3), "pragmatic") == pytest.approx({"sort(x1)": 1.0})


def test_the_language_as_a_whole_says_the_same() -> None:
    language = pbe.Language.of(FUNCTIONS, TRIPLES)  # type: ignore[arg-type]
    assert language.complete and len(language.programs) == 5
    heard = language.heard([(((1, 2, 3),), (1, 2, 3))])  # type: ignore[list-item]
    assert [str(program) for program, _ in heard] == ["x1", "sort(x1)", "dedupe(x1)"]
    assert [probability for _, probability in heard] == pytest.approx([0.448, 0.317, 0.235], abs=6e-4)
    assert str(language.first([(((1, 2, 3),), (1, 2, 3))])) == "x1"  # type: ignore[list-item]
    assert str(language.first([(((1, 3, 2),), (1, 2, 3))])) == "sort(x1)"  # type: ignore[list-item]
    assert language.heard([(((1, 3, 2),), (2, 2, 2))]) == [], "no function does that"  # type: ignore[list-item]
    assert language.first([(((1, 3, 2),), (2, 2, 2))]) is None  # type: ignore[list-item]


def test_what_is_shown_must_be_an_input_of_the_language_and_new() -> None:
    language = pbe.Language.of(FUNCTIONS, TRIPLES)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not one of the language's rows"):
        language.heard([(((9, 9, 9),), (9, 9, 9))])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="shown twice"):
        language.heard([(((1, 1, 2),), (1, 1, 2))] * 2)  # type: ignore[list-item]
    with pytest.raises(ValueError, match="at least one row"):
        pbe.Language.of(FUNCTIONS, [])


CHAINS = Grammar.weighted(
    "Program",
    dict.fromkeys(
        [Rule("Program", Input(0, LIST))]
        + [Rule("Program", function, ("Program",)) for function in (sort, sort_down, reverse, dedupe)],
        1.0,
    ),
)
"""Chains of any length of the same functions: infinitely many programs, few behaviours."""


def test_a_language_without_end_is_complete_when_nothing_new_behaves_otherwise() -> None:
    language = pbe.Language.of(CHAINS, TRIPLES)  # type: ignore[arg-type]
    assert language.complete and len(set(language.matrix.behaviours)) == len(language.programs) == 10
    ordered = language.heard([(((3, 1, 3),), (1, 3))])  # type: ignore[list-item]
    assert str(ordered[0][0]) in ("sort(dedupe(x1))", "dedupe(sort(x1))", "reverse(dedupe(x1))")
    assert math.fsum(probability for _, probability in ordered) == pytest.approx(1.0)
    part = pbe.Language.of(CHAINS, TRIPLES, candidates=4)  # type: ignore[arg-type]
    assert not part.complete and len(part.programs) < 10


def test_seeds_join_what_was_enumerated() -> None:
    everything = pbe.Language.of(CHAINS, TRIPLES)  # type: ignore[arg-type]
    part = pbe.Language.of(CHAINS, TRIPLES, candidates=4, seeds=everything.programs)  # type: ignore[arg-type]
    assert set(part.matrix.behaviours) == set(everything.matrix.behaviours)
    assert len(part.programs) == len(everything.programs), "what was enumerated does not come again"


def test_a_weighted_language_expects_what_its_grammar_makes_probable() -> None:
    """The identity is twice as probable as each of the other functions, and two ways to write one add up."""
    weights = dict.fromkeys(FUNCTIONS.rules, 1.0) | {Rule("Program", Input(0, LIST)): 2.0}
    twice = Grammar.weighted("Program", weights)
    language = pbe.Language.of(twice, TRIPLES, weighted=True)  # type: ignore[arg-type]
    prior = dict(zip(map(str, language.programs), np.exp(language.matrix.log_prior), strict=True))
    assert prior == pytest.approx({"x1": 2 / 6} | dict.fromkeys(set(prior) - {"x1"}, 1 / 6)) and len(prior) == 5
    said = [(((1, 2, 3),), (1, 2, 3))]
    heard = language.heard(said)  # type: ignore[arg-type]
    lexicon = rsa.Lexicon.of_codes(language.matrix.codes, language.matrix.log_prior)
    known = lexicon.pragmatic_listener([lexicon.utterance(TRIPLES.index(((1, 2, 3),)), 0)])
    assert [p for _, p in heard] == pytest.approx(sorted(np.exp(known[known > -np.inf]), reverse=True))
    assert language.matrix.labels[TRIPLES.index(((1, 2, 3),))][0] == "(1, 2, 3)"
    plain = pbe.Language.of(twice, TRIPLES).heard(said)  # type: ignore[arg-type]
    assert str(heard[0][0]) == str(plain[0][0]) == "x1" and heard[0][1] > plain[0][1]


def test_programs_grown_in_a_language_without_end_fit() -> None:
    task = pbe.Task.of([(((3, 1, 3),), (1, 3)), (((2, 2, 1),), (1, 2))], TRIPLES)  # type: ignore[list-item]
    answer = pbe.synthesize(task, CHAINS, budget=pbe.Budget(seconds=300))
    assert str(answer.program) in ("sort(dedupe(x1))", "dedupe(sort(x1))")
    assert dict(zip(TRIPLES, answer.outputs, strict=True))[((3, 2, 3),)] == "(2, 3)"  # type: ignore[index]


def test_a_row_to_start_with_in_a_language_without_end() -> None:
    answer = pbe.synthesize(pbe.Task.of([], TRIPLES), CHAINS, budget=pbe.Budget(seconds=300))  # type: ignore[arg-type]
    assert answer.question is not None and len(set(answer.question.inputs[0])) > 1  # type: ignore[arg-type]
