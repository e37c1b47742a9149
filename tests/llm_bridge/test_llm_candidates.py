"""A model's programs: clustered by what they do, ranked by agreement, kept where they fit, else sent back."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llm_tasks import NAMES, SLUG, names_syntax

from dsl.interpreter import outputs
from llm_bridge.candidates import ask, clusters, seeds
from llm_bridge.client import ClientError, Completion, Prompt
from llm_bridge.completions import read_completions
from llm_bridge.prompt import task_prompt
from llm_bridge.syntax import sygus_syntax

SYNTAX = names_syntax()
LAST, SECOND, FIRST, WHOLE = 'field(x1, " ", -1)', 'field(x1, " ", 2)', 'field(x1, " ", 1)', "x1"
TEXTS = [LAST, SECOND, FIRST, WHOLE, "token(x1, letters, -1)", "upper(x1)", "no program"]
TARGETS = tuple(example.target for example in NAMES.examples)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), max_size=12))
def test_clusters_are_the_behaviours_with_their_expected_agreement(texts: list[str]) -> None:
    reading = read_completions([Completion(text) for text in texts], SYNTAX)
    found = clusters(reading, NAMES)
    assert sorted(map(str, reading.answers)) == sorted(str(program) for c in found for program in c.programs)
    assert len({cluster.outputs for cluster in found}) == len(found)
    rows = [*[example.inputs for example in NAMES.examples], *NAMES.rows]
    written = [outputs(SYNTAX.read(text), rows) for text in texts if text != "no program"]
    for cluster in found:
        assert all(outputs(program, rows) == cluster.outputs for program in cluster.programs)
        assert math.isclose(cluster.count, written.count(cluster.outputs))
        alike = [sum(a == b for a, b in zip(cluster.outputs, other, strict=True)) / len(rows) for other in written]
        assert math.isclose(cluster.agreement, sum(alike) / len(alike))
        assert cluster.fits == (cluster.outputs[: len(TARGETS)] == TARGETS)
    assert [(not c.fits, -c.agreement) for c in found] == sorted((not c.fits, -c.agreement) for c in found)
    assert set(seeds(reading, NAMES)) == {cluster.programs[0] for cluster in found if cluster.fits}


def test_the_most_agreed_on_of_those_that_fit_comes_first() -> None:
    reading = read_completions([Completion(text) for text in [FIRST] * 5 + [SECOND] + [LAST] * 2], SYNTAX)
    assert [(str(seed), count) for seed, count in seeds(reading, NAMES).items()] == [(LAST, 2), (SECOND, 1)]


def test_within_a_behaviour_the_model_s_favourite_comes_first_then_the_smallest() -> None:
    longer = 'field(x1, " ", -1)', "token(x1, letters, -1)"
    told = [Completion(longer[0], -9.0), Completion(longer[1], -1.0)]
    assert [str(seed) for seed in seeds(read_completions(told, SYNTAX), NAMES)] == [longer[1]]
    trimmed = 'trim(field(x1, " ", -1))'
    untold = read_completions([Completion(trimmed), Completion(LAST)], SYNTAX)
    assert [str(seed) for seed in seeds(untold, NAMES)] == [LAST]


# ---------------------------------------------------------------- repair


@dataclass
class Says:
    """A model that says these texts, one list a call, and fails after the last."""

    calls: Sequence[list[str]]
    asked: list[Prompt] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def complete(
        self, prompt: Prompt, n: int, *, grammar: str | None = None, seconds: float = 10.0
    ) -> list[Completion]:
        self.asked.append(prompt)
        self.seconds.append(seconds)
        if len(self.asked) > len(self.calls):
            raise ClientError("nothing more to say")
        return [Completion(text) for text in self.calls[len(self.asked) - 1][:n]]


PROMPT = task_prompt(NAMES, SYNTAX)


def test_a_program_that_fails_goes_back_with_what_it_wrote() -> None:
    client = Says([[FIRST], [LAST]])
    reading = ask(client, PROMPT, NAMES, SYNTAX, 4, rounds=3)
    assert [str(seed) for seed in seeds(reading, NAMES)] == [LAST]
    assert client.asked[0] == PROMPT and len(client.asked) == 2
    repaired = client.asked[1]
    assert repaired.instructions == PROMPT.instructions and repaired.task.startswith(PROMPT.task)
    added = repaired.task.removeprefix(PROMPT.task)
    assert "Ada" in added and "Noor" in added and "Byron" in added and "field(x1" in added
    assert client.seconds[1] <= client.seconds[0] == 10.0


@pytest.mark.parametrize(
    ("calls", "rounds", "asked"),
    [
        ([[LAST]], 3, 1),  # it fits at once
        ([[FIRST]] * 9, 0, 1),
        ([[FIRST]] * 9, 2, 3),  # never more rounds than asked for
        ([["no program"]] * 9, 3, 1),  # nothing to send back
        ([[FIRST]], 3, 2),  # the model falls silent: what it said stays
    ],
)
def test_rounds_are_bounded(calls: list[list[str]], rounds: int, asked: int) -> None:
    client = Says(calls)
    reading = ask(client, PROMPT, NAMES, SYNTAX, 4, rounds=rounds)
    assert len(client.asked) == asked
    assert reading.completions == min(asked, len(calls))


def test_a_model_that_says_nothing_at_first_is_an_error() -> None:
    with pytest.raises(ClientError):
        ask(Says([]), PROMPT, NAMES, SYNTAX, 4, rounds=2)


def test_no_time_no_repair() -> None:
    client = Says([[FIRST]] * 9)
    ask(client, PROMPT, NAMES, SYNTAX, 4, rounds=5, seconds=0.0)
    assert len(client.asked) == 1


def test_repair_in_smt_lib() -> None:
    syntax = sygus_syntax(SLUG)
    client = Says([['(str.++ title "-")'], ['(str.replace title " " "-")']])
    reading = ask(client, task_prompt(SLUG.task, syntax), SLUG.task, syntax, 1, rounds=1)
    assert [syntax.write(seed) for seed in seeds(reading, SLUG.task)] == ['(str.replace title " " "-")']
    assert "old oak-" in client.asked[1].task
