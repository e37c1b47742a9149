"""Exported grammars against the grammar itself: what they derive is what it derives, printed as programs print."""

from __future__ import annotations

from random import Random

import pytest
from gbnf import Gbnf
from hypothesis import given, settings
from hypothesis import strategies as st

from dsl.grammar import Grammar, Literals, Numerals, Rule
from dsl.operator import Operator
from dsl.parser import parse
from dsl.program import Apply, Constant, Input, Program
from dsl.strings import text as t
from dsl.strings.language import OPERATORS, string_grammar
from dsl.task import Task
from dsl.types import INTEGER, TEXT
from llm_bridge.decoding import gbnf, lark

ALPHABET = "abzAZ019 ,.-/_:'\"\\\n\t\x01\x1f\x7féßЖ東😀\u2028"
"""Characters that quoting is special for, among others."""

cells = st.text(ALPHABET, min_size=1, max_size=12) | st.sampled_from(
    ("12 Mar 2024", "3/4/25", "1,234.50", "Jan Kotas", "a-b-c", "17:35", 'say "no\\yes"')
)


@st.composite
def tasks(draw: st.DrawFn) -> Task:
    """Small tasks of one or two columns."""
    width = draw(st.integers(1, 2))
    rows = draw(st.lists(st.tuples(*[cells] * width), min_size=1, max_size=3, unique=True))
    return Task.of([(rows[0], draw(cells))], rows)


def derived(grammar: Grammar, random: Random, symbol: str | None = None) -> Program:
    """A random program of the grammar."""
    rules = grammar.by_lhs[symbol or grammar.start]
    rule = random.choices([rule for rule, _ in rules], [2.0**weight for _, weight in rules])[0]
    parts = tuple(derived(grammar, random, part) for part in rule.rhs)
    if rule.head is None:
        return parts[0]
    if isinstance(rule.head, Operator):
        return Apply(rule.head, parts)
    if isinstance(rule.head, Literals):
        return Constant("".join(random.choices(ALPHABET, k=random.randint(0, 4))), TEXT)
    if isinstance(rule.head, Numerals):
        return Constant(random.randint(-20, 20), INTEGER)
    return rule.head


@settings(max_examples=25, deadline=None)
@given(tasks(), st.integers(0, 2**32).map(Random))
def test_every_program_of_the_grammar_is_derivable(task: Task, random: Random) -> None:
    grammar = string_grammar(task)
    exported = Gbnf(gbnf(grammar))
    for _ in range(10):
        program = derived(grammar, random)
        assert exported.derives(str(program)), program


@settings(max_examples=25, deadline=None)
@given(tasks(), st.integers(0, 2**32).map(Random))
def test_everything_derivable_parses_as_a_program_of_the_grammar(task: Task, random: Random) -> None:
    grammar = string_grammar(task)
    exported = Gbnf(gbnf(grammar))
    for _ in range(10):
        text = exported.sample(random, ALPHABET)
        program = parse(text, OPERATORS, columns=len(task.rows[0]))
        assert str(program) == text or "\\u00" in text or "\\b" in text or "\\f" in text
        assert grammar.derives(program), text


@settings(max_examples=8, deadline=None)
@given(tasks(), st.integers(0, 2**32).map(Random))
def test_lark_derives_what_gbnf_derives(task: Task, random: Random) -> None:
    llguidance = pytest.importorskip("llguidance", reason="llguidance is not installed")
    grammar = string_grammar(task)
    exported = Gbnf(gbnf(grammar))
    bytes_alone = llguidance.LLTokenizer("byte")
    matcher = llguidance.LLMatcher(bytes_alone, llguidance.LLMatcher.grammar_from_lark(lark(grammar)))
    assert not matcher.is_error(), matcher.get_error()
    for _ in range(8):
        text = exported.sample(random, ALPHABET)
        broken = text[: random.randrange(len(text))] + random.choice(["", "(", ")", "x", '"']) + text[-1]
        for candidate in (text, str(derived(grammar, random)), broken):
            bytes_ = list(candidate.encode())
            matcher.reset()
            accepted = matcher.try_consume_tokens(bytes_) == len(bytes_) and matcher.is_accepting()
            assert accepted == exported.derives(candidate), candidate


def test_open_classes_and_names() -> None:
    """Integers and quoted texts have rules of their own; symbols that look alike get different names."""
    grammar = Grammar.weighted(
        "Root",
        {
            Rule("Root", t.left, ("A b", "a-B")): 1,
            Rule("A b", Literals()): 1,
            Rule("A b", Input(0)): 1,
            Rule("a-B", Numerals()): 1,
        },
    )
    assert gbnf(grammar).splitlines()[:4] == [
        "root ::= root-2",
        'root-2 ::= "left(" a-b ", " a-b-2 ")"',
        'a-b ::= quoted | "x1"',
        "a-b-2 ::= integer",
    ]
    assert lark(grammar).splitlines()[:4] == [
        "start: root",
        'root: "left(" a_b ", " a_b_2 ")"',
        'a_b: QUOTED | "x1"',
        "a_b_2: INTEGER",
    ]
    exported = Gbnf(gbnf(grammar))
    for text, derives in {"0": 1, "-7": 1, "120": 1, "007": 0, "-0": 0, "": 0, "+1": 0}.items():
        assert exported.derives(f'left("a", {text})') == bool(derives), text
    for text, derives in {r'"\""': 1, r'"\u0001"': 1, r'"\ud800"': 0, r'"\x"': 0, '"a\nb"': 0, '"é"': 1}.items():
        assert exported.derives(f"left({text}, 1)") == bool(derives), text


def test_chain_rules_in_a_circle_make_no_left_recursion() -> None:
    rules = (Rule("A", None, ("B",)), Rule("B", None, ("A",)), Rule("B", Input(0)), Rule("A", t.trim, ("B",)))
    grammar = Grammar.weighted("A", dict.fromkeys(rules, 1.0))
    exported = Gbnf(gbnf(grammar))
    assert exported.derives("x1") and exported.derives("trim(trim(x1))") and not exported.derives("trim()")
