"""What is read from a model's texts: programs in whatever wrapping, parts, mentions, and never an exception."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llm_tasks import SLUG, names_syntax

from dsl.operator import Operator
from dsl.program import Apply, Input, Program, subprograms
from dsl.types import TEXT
from llm_bridge.client import Completion
from llm_bridge.completions import EFFORT, LARGEST, LONGEST, Reading, blocks, read_completions
from llm_bridge.syntax import Syntax, sygus_syntax

OURS, SMT = names_syntax(), sygus_syntax(SLUG)
LAST = 'field(x1, " ", -1)'
DASHED = '(str.replace title " " "-")'


def reading(*texts: str, syntax: Syntax = OURS) -> Reading:
    return read_completions([Completion(text) for text in texts], syntax)


def written(said: Reading, syntax: Syntax = OURS) -> dict[str, float]:
    return {syntax.write(program): count for program, count in said.answers.items()}


def nested(depth: int, syntax: Syntax) -> str:
    before, after = ("upper(", ")") if syntax is OURS else ('(str.++ "" ', ")")
    return before * depth + ("x1" if syntax is OURS else "title") + after * depth


WRAPPINGS: list[Callable[[str], str]] = [
    lambda text: text,
    lambda text: f"```\n{text}\n```",
    lambda text: f"```lisp\n{text}\n",
    lambda text: f"```s-expression\n  {text}\n```\nI hope this helps (it should).",
    lambda text: f"Sure! The program is {text} and it takes the last (of all) words.",
    lambda text: f"First try:\n```\nfoo(1, 2\n```\nBetter:\n```\n{text}\n```",
    lambda text: f"> {text}",
    lambda text: "x" * LONGEST + f"\n```\n{text}\n```",
]


@pytest.mark.parametrize("wrap", WRAPPINGS)
def test_a_program_is_found_in_any_wrapping(wrap: Callable[[str], str]) -> None:
    assert written(reading(wrap(LAST))) == {LAST: 1.0}
    assert written(reading(wrap(DASHED), syntax=SMT), SMT) == {DASHED: 1.0}


def test_a_definition_is_a_program() -> None:
    text = f"```scheme\n(define-fun slug ((t String)) String\n  {DASHED.replace('title', 't')})\n```"
    assert written(reading(text, syntax=SMT), SMT) == {DASHED: 1.0}


def test_several_answers_share_what_one_completion_counts() -> None:
    assert written(reading(f"```\n{LAST}\n```\nor\n```\nx1\n```")) == {LAST: 0.5, "x1": 0.5}
    assert written(reading(f"{LAST}\ninitials(x1)", LAST)) == {LAST: 1.5, "initials(x1)": 0.5}


def test_what_is_dropped_is_counted_by_its_reason() -> None:
    texts = ["", "  \n", "```\n\n```", LAST, "field(x1", 'shout(x1, "!")', "upper(1)"]
    texts += [nested(LARGEST, OURS), "x" * (LONGEST + 1)]
    dropped = dict(reading(*texts).dropped)
    assert dropped.pop("empty") == 3 and dropped.pop(f"longer than {LONGEST:,} characters") == 1
    assert dropped.pop("a program too large") == 1
    assert sum(dropped.values()) == 3 and "'shout' is not a text" in dropped
    cut = read_completions([Completion("upper(fie", ended=False)], OURS)
    assert dict(cut.dropped) == {"cut off at the token limit": 1}


def test_the_parts_of_what_is_no_program_count() -> None:
    said = reading('(str.++ (str.split title " ") (str.substr title 0 (str.indexof title " " 0)))', syntax=SMT)
    assert not said.answers
    assert {SMT.write(part) for part in said.parts} == {'(str.substr title 0 (str.indexof title " " 0))'}
    heads = {head.name for head in said.mentions if isinstance(head, Operator)}
    assert heads == {"str.++"}, "and what is mentioned beside them"
    assert Input(0, TEXT) in said.mentions


def test_mentions_count_once_for_each_completion() -> None:
    said = reading("str.len str.len str.len of title", "str.len", syntax=SMT)
    assert {getattr(head, "name", "title"): count for head, count in said.mentions.items()} == {
        "str.len": 2, "title": 1,
    }  # fmt: skip
    assert not said.answers and not said.parts


def test_mean_log_probabilities_are_those_of_the_completions_that_gave_an_answer() -> None:
    said = read_completions([Completion(LAST, -3.0), Completion(LAST, -5.0), Completion("x1", None)], OURS)
    ((program, log),) = said.log_probs.items()
    assert OURS.write(program) == LAST and math.isclose(log, -4.0 / len(LAST))


# ---------------------------------------------------------------- any text at all

PIECES = [*OURS.names, *SMT.names, "(", "(", ")", ")", '"', "\\", ",", " ", "\n", "```", "```lisp\n", "-1", "7",
          ";", "|", "let", "define-fun", "String", "é", "\x00", "\ud800", "9" * 30]  # fmt: skip
texts = st.text(max_size=60) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join)


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, max_size=4), st.sampled_from([OURS, SMT]))
def test_no_text_raises_and_every_completion_counts_once(several: list[str], syntax: Syntax) -> None:
    said = reading(*several, syntax=syntax)
    assert said.completions == len(several)
    assert math.isclose(sum(said.answers.values()) + sum(said.dropped.values()), len(several))
    for program in said.answers:
        assert syntax.read(syntax.write(program)) == program and program.type is TEXT
    assert all(count <= len(several) for count in (*said.parts.values(), *said.mentions.values()))


@pytest.mark.parametrize("syntax", [OURS, SMT])
@pytest.mark.parametrize(
    "text",
    ["(" * 1_000_000, ")" * 1_000_000, "()" * 500_000, '"' * 1_000_001, "```\n" * 250_000, "x1, " * 250_000,
     "(str.++ title " * 70_000, "concat(x1, " * 90_000, "```\n" + "upper(x1) " * 90_000 + "\n```"],
)  # fmt: skip
def test_long_texts_are_parsed_in_bounded_effort(text: str, syntax: Syntax) -> None:
    """The parser sees EFFORT characters of a completion at most, however often it repeats."""
    seen = 0

    def counted(read: Callable[[str], Program]) -> Callable[[str], Program]:
        def counting(part: str) -> Program:
            nonlocal seen
            seen += len(part)
            return read(part)

        return counting

    watched = replace(syntax, read=counted(syntax.read), read_part=counted(syntax.read_part))
    said = reading(*[text] * 20, syntax=watched)
    assert seen <= EFFORT and said.completions == 20
    short = reading(*[text[:LONGEST]] * 20, syntax=watched)
    assert seen <= 2 * EFFORT and short.completions == 20


@pytest.mark.parametrize("syntax", [OURS, SMT])
def test_deep_programs_are_refused_before_anything_recurses_into_them(syntax: Syntax) -> None:
    for depth in (90, 140, 200, 400):
        said = reading(nested(depth, syntax), syntax=syntax)
        for program in said.answers:
            assert sum(1 for _ in subprograms(program)) <= LARGEST and hash(program) and str(program)
        assert bool(said.answers) == (depth <= 90)


def test_nothing_that_is_received_is_run(tmp_path: Path) -> None:
    victim = tmp_path / "important.txt"
    victim.write_text("still here")
    code = f"__import__('os').remove({str(victim)!r})"
    texts = [
        f"```python\n{code}\n```", code, f"upper({code})", f'lookup(x1, "{code}")', f"(str.++ (eval {code!r}) title)",
        f"(define-fun slug ((title String)) String {code})", f"rm -rf {tmp_path}", f"=CALL({code})", f"${{{code}}}",
    ]  # fmt: skip
    for syntax in (OURS, SMT):
        said = reading(*texts, syntax=syntax)
        assert not said.answers or all(isinstance(program, Apply | Input) for program in said.answers)
    assert victim.read_text() == "still here"


def test_blocks_are_the_fenced_parts_or_everything() -> None:
    assert blocks("a\n```x\nb\n```\nc\n```\nd") == ["b\n", "d"]
    assert blocks("a (b) c") == ["a (b) c"]
