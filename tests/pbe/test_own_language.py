"""A language of one's own in an afternoon: a few operators on lists, a grammar, and the pragmatic listener is there."""

from __future__ import annotations

import math
from itertools import product

import pytest

import pbe
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
