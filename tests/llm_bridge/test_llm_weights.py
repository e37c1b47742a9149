"""Weights from a model: normalised, bounded in what they take away, and moved by what was written."""

from __future__ import annotations

import math
from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llm_tasks import NAMES, SLUG, names_syntax

from dsl.derivation import Derivation, Derivations
from dsl.grammar import Grammar, Literals, Rule, Symbol, log_sum
from dsl.interpreter import outputs
from dsl.operator import Operator
from dsl.program import Apply, Constant, Program
from dsl.sygus import read_program
from dsl.types import TEXT
from llm_bridge.client import Completion
from llm_bridge.completions import read_completions
from llm_bridge.syntax import Syntax, sygus_syntax
from llm_bridge.weights import LEAST, RANKING, SEARCHING, Trust, closeness, derived, guided, mixed

OURS, SMT = names_syntax(), sygus_syntax(SLUG)
_quick = settings(max_examples=40, deadline=None)


def said(*texts: str, syntax: Syntax = OURS, trust: Trust = RANKING) -> Grammar:
    task = NAMES if syntax is OURS else SLUG.task
    return guided(syntax.grammar, read_completions([Completion(text) for text in texts], syntax), task, trust)


def assert_normalised(grammar: Grammar) -> None:
    for symbol, rules in grammar.by_lhs.items():
        logs = [*[weight for _, weight in rules], *[f.log_weight for f in grammar.fragments if f.lhs == symbol]]
        assert math.isclose(log_sum(logs), 0.0, abs_tol=1e-9), symbol


def drawn(grammar: Grammar, random: Random, symbol: Symbol | None = None, depth: int = 0) -> Program:
    """A random program of the grammar."""
    rules = [rule for rule, _ in grammar.by_lhs[symbol or grammar.start]]
    rule = random.choice([rule for rule in rules if depth < 4 or not rule.rhs] or rules)
    parts = tuple(drawn(grammar, random, part, depth + 1) for part in rule.rhs)
    if isinstance(rule.head, Operator):
        return Apply(rule.head, parts)
    if isinstance(rule.head, Literals):
        return Constant(random.choice(("", "-", "ok")), TEXT)
    return parts[0] if rule.head is None else rule.head  # type: ignore[return-value]


trusts = st.sampled_from([RANKING, SEARCHING]) | st.builds(
    Trust, st.floats(0, 0.99), st.just(0.0) | st.floats(0.001, 0.99), st.floats(0.01, 10)
)


@_quick
@given(
    st.sampled_from(["ours", "sygus"]),
    st.integers(0, 2**32).map(Random),
    trusts,
    st.lists(st.floats(0.01, 1e6), max_size=6),
)
def test_the_mixture_is_normalised_and_no_program_loses_more_than_its_rules_may(
    language: str, random: Random, trust: Trust, counts: list[float]
) -> None:
    """Whatever is counted: probabilities sum to 1, and each rule of a program costs -log_kept nats more at most."""
    grammar = (OURS if language == "ours" else SMT).grammar
    derivations = Derivations(grammar)
    uses = {random.choice(grammar.rules): count for count in counts}
    programs = [drawn(grammar, random) for _ in counts]
    fragments = {(grammar.start, program): count for program, count in zip(programs, counts, strict=True)}
    changed = mixed(grammar, uses, fragments, trust)
    assert_normalised(changed)
    assert changed.rules == grammar.rules
    after = dict(zip(changed.rules, changed.log_weights, strict=True))
    for program in (*programs, drawn(grammar, random)):
        way = derivations.best(program)
        assert way is not None and changed.derives(program)
        rules = [inner.rule for inner in way.all()]
        before = dict(zip(grammar.rules, grammar.log_weights, strict=True))
        lost = sum(before[rule] - after[rule] for rule in rules)
        assert lost <= -trust.log_kept * len(rules) + 1e-9
        assert changed.log_prob(program) >= way.log_prob + trust.log_kept * len(rules) - 1e-9


HOSTILE: Mapping[str, list[str]] = {
    "nothing": [],
    "empty": [""] * 100,
    "noise": ["".join(Random(0).choices("abc()\"` \n,+-", k=10_000))] * 100,
    "one operator": ["upper(upper(upper(x1)))", "(str.++ title (str.++ title title))"] * 50,
    "code": ["```python\nimport os; os.remove('x')\n```"] * 100,
}


@pytest.mark.parametrize("texts", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("syntax", [OURS, SMT])
def test_hostile_completions_leave_a_normalised_grammar_of_the_same_programs(texts: list[str], syntax: Syntax) -> None:
    for trust in (RANKING, SEARCHING):
        grammar = said(*texts, syntax=syntax, trust=trust)
        assert_normalised(grammar)
        assert grammar.rules == syntax.grammar.rules and grammar.start == syntax.grammar.start


def test_where_nothing_is_said_the_grammar_is_the_same() -> None:
    assert said() is OURS.grammar
    assert said("", "no idea, sorry") is OURS.grammar


def test_what_a_model_writes_becomes_likelier_the_more_often_it_does() -> None:
    program = OURS.read('field(x1, " ", -1)')
    logs = [said(*['field(x1, " ", -1)'] * n).log_prob(program) for n in (0, 1, 4, 100)]
    assert logs == sorted(logs) and len(set(logs)) == len(logs)
    near = OURS.read('field(x1, " ", 2)')
    assert said(*['field(x1, " ", -1)'] * 9).log_prob(near) > OURS.grammar.log_prob(near), "so does what is like it"


def test_programs_that_write_the_outputs_count_more() -> None:
    right, wrong = 'field(x1, " ", -1)', "keep(x1, digits)"
    grammar = said(right, wrong)
    gains = [grammar.log_prob(OURS.read(text)) - OURS.grammar.log_prob(OURS.read(text)) for text in (right, wrong)]
    assert gains[0] > gains[1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [('field(x1, " ", -1)', 1.0), ("keep(x1, digits)", LEAST), ('field(x1, " ", 9)', LEAST)],
)
def test_closeness_is_one_for_the_outputs_and_least_for_nothing(text: str, expected: float) -> None:
    assert closeness(OURS.read(text), NAMES) == expected


@_quick
@given(st.integers(0, 2**32).map(Random))
def test_closeness_is_one_just_for_what_fits(random: Random) -> None:
    program = drawn(OURS.grammar, random)
    written = outputs(program, [example.inputs for example in NAMES.examples])
    close = closeness(program, NAMES)
    assert LEAST <= close <= 1
    assert (close == 1) == (written == tuple(example.target for example in NAMES.examples))


def test_what_the_grammar_has_no_place_for_counts_by_its_parts() -> None:
    """17 is no constant of the grammar, so the program is not derived, but most of it is."""
    program = read_program('(str.++ (str.replace title " " "-") (str.at title 17))', SLUG)
    ways, loose = derived(program, Derivations(SLUG.grammar))
    assert [head.name for head in loose if isinstance(head, Operator)] == ["str.++", "str.at"]
    texts = [SMT.write(way.program) for way, _ in ways]
    assert texts == ['(str.replace title " " "-")', "title"]
    grammar = said(SMT.write(program), syntax=SMT)
    assert grammar.log_prob(program) == -math.inf
    part = read_program('(str.replace title " " "-")', SLUG)
    assert grammar.log_prob(part) > SLUG.grammar.log_prob(part)


def test_fragments_are_applications_and_constants_of_open_classes() -> None:
    text = 'concat(field(x1, " ", -1), "!?")'
    assert said(text).fragments == (), "weights that rank have none"
    grammar = said(text, trust=SEARCHING)
    heads = {f.program.operator.name if isinstance(f.program, Apply) else f.program for f in grammar.fragments}
    assert heads == {"concat", "field", OURS.read('"!?"')}
    assert all(Derivations(grammar).best(f.program, f.lhs) for f in grammar.fragments)


def test_each_rule_of_a_derivation_counts() -> None:
    derivations = Derivations(OURS.grammar)
    way = derivations.best(OURS.read("x1"))
    assert way is not None
    grammar = mixed(OURS.grammar, {inner.rule: 1.0 for inner in way.all()}, {}, SEARCHING)
    for inner in way.all():
        assert _weight(grammar, inner.rule) >= _weight(OURS.grammar, inner.rule)
    assert isinstance(way, Derivation)


def _weight(grammar: Grammar, rule: Rule) -> float:
    return dict(zip(grammar.rules, grammar.log_weights, strict=True))[rule]
