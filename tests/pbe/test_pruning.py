"""Sketches against all their completions; what prunes them never loses a solution."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import pbe.joint
import pbe.lemmas
import pbe.pruning
from dsl.grammar import Grammar, Literals, Numerals, Rule
from dsl.interpreter import evaluate
from dsl.operator import Facts, Operator, weight_of
from dsl.program import Apply, Constant, Input
from dsl.strings import conditions
from dsl.strings import text as t
from dsl.strings.tokens import DIGITS, LETTERS
from dsl.sygus import OPERATORS
from dsl.sygus.functions import BY_SYMBOL, resolve
from dsl.task import Example
from dsl.types import BOOLEAN, INTEGER, LITERAL, TEXT, TOKEN, Type, Value
from pbe.budget import Budget, BudgetSpent
from pbe.intervals import FAR, UNBOUNDED, Fact, Interval, facts_of, measure, narrowed, result, weighed_facts_of
from pbe.lemmas import Asked, Lemmas, Listed
from pbe.pruning import Counts, Pruner, Pruning, search_sketches
from pbe.sketches import Hole, Node, Sketch, Sketches, filled

_quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
_few = settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
ROOMY = Budget(seconds=300, candidates=10**9)


def smt(symbol: str, *kinds: Type) -> Operator:
    found = resolve(symbol, kinds)
    assert found is not None
    return found


SUBSTR, JOIN = smt("str.substr", TEXT, INTEGER, INTEGER), smt("str.++", TEXT, TEXT)
SMT_RULES = [
    Rule("S", Input(0)), *[Rule("S", Constant(text, TEXT)) for text in ("", "-", "ab", "b-a")],
    Rule("S", JOIN, ("S", "S")),
    Rule("S", SUBSTR, ("S", "I", "I")),
    Rule("S", smt("str.replace", TEXT, TEXT, TEXT), ("S", "S", "S")),
    Rule("S", smt("ite", BOOLEAN, TEXT, TEXT), ("B", "S", "S")),
    *[Rule("I", Constant(n, INTEGER)) for n in (0, 1, 3)],
    Rule("I", smt("str.len", TEXT), ("S",)),
    Rule("I", smt("str.indexof", TEXT, TEXT, INTEGER), ("S", "S", "I")),
    Rule("I", smt("-", INTEGER, INTEGER), ("I", "I")),
    Rule("I", smt("div", INTEGER, INTEGER), ("I", "I")),
    Rule("B", smt("<", INTEGER, INTEGER), ("I", "I")),
    Rule("B", smt("str.contains", TEXT, TEXT), ("S", "S")),
]  # fmt: skip
TEXT_RULES = [
    Rule("P", None, ("Taken",)),
    Rule("P", t.concat, ("Taken", "P")),
    Rule("P", t.concat, ("Glue", "P")),
    Rule("P", conditions.when, ("G", "P", "P")),
    Rule("G", conditions.is_blank, ("Cell",)),
    Rule("G", conditions.contains, ("Cell", "D")),
    *[Rule("Glue", Constant(glue, TEXT)) for glue in ("-", ", ")],
    Rule("Taken", t.token, ("Cell", "Class", "K")),
    Rule("Taken", t.field, ("Cell", "D", "K")),
    Rule("Taken", t.left, ("Cell", "K")),
    Rule("Taken", t.upper, ("Taken",)),
    Rule("Taken", t.slice_, ("Cell", "Place", "Place")),
    Rule("Place", t.at, ("Cell", "K")),
    Rule("Place", t.after, ("Cell", "Class", "K")),
    *[Rule("Cell", Input(i)) for i in range(2)],
    *[Rule("Class", Constant(c, TOKEN)) for c in (LETTERS, DIGITS)],
    *[Rule("D", Constant(d, LITERAL)) for d in "-b"],
    *[Rule("K", Constant(k, INTEGER)) for k in (1, 2, -1)],
]
GRAMMARS = {
    "smt": Grammar.weighted("S", dict.fromkeys(SMT_RULES, 1.0)),
    "text": Grammar.weighted("P", dict.fromkeys(TEXT_RULES, 1.0)),
}
CELLS = {"smt": st.text("ab-1", max_size=6), "text": st.one_of(st.none(), st.text("aB1-", max_size=6))}
LOOKED_AT = 400
ON = [setting for setting in Pruning if setting is not Pruning.OFF]


@pytest.fixture(autouse=True)
def _no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """z3 is asked about small sketches too, and from the start."""
    monkeypatch.setattr(pbe.pruning, "GATE", 1)
    monkeypatch.setattr(pbe.pruning, "START", 0)
    monkeypatch.setattr(Lemmas, "allowance", lambda *_: 10**7)


def sketches(grammar: Grammar, examples: list[Example], most: int = LOOKED_AT) -> list[Sketch]:
    return list(islice(Sketches(grammar, examples, ROOMY.start()).run(), most))


@st.composite
def solved(draw: st.DrawFn, name: str) -> tuple[Grammar, list[Example], Sketch]:
    """A grammar, examples that some completion of a sketch gives, and the sketch."""
    grammar = GRAMMARS[name]
    cell = CELLS[name]
    rows = draw(st.lists(st.tuples(cell, cell), min_size=1, max_size=3, unique=True))
    bare = [Example(row, "") for row in rows]
    sketch = draw(st.sampled_from(sketches(grammar, bare)))
    program = filled(sketch, draw(st.integers(0, sketch.completions - 1)))
    outputs = [evaluate(program, row) for row in rows]
    return grammar, [Example(row, out) for row, out in zip(rows, outputs, strict=True) if out is not None], sketch


def same(sketch: Sketch) -> str:
    """What tells a sketch from others, also of another enumeration."""
    if isinstance(sketch, Node):
        return f"{sketch.operator}({', '.join(map(same, sketch.children))})"
    return f"?{sketch.programs}" if isinstance(sketch, Hole) else str(sketch.program)


# ---------------------------------------------------------------- soundness


@pytest.mark.parametrize("name", GRAMMARS)
@_quick
@given(data=st.data())
def test_a_programs_own_sketch_is_never_pruned(name: str, data: st.DataObject) -> None:
    grammar, examples, sketch = data.draw(solved(name))
    if not examples:
        return
    own = next(one for one in sketches(grammar, examples) if same(one) == same(sketch))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pbe.pruning, "MOST_RUN", data.draw(st.sampled_from((0, 1000))))
        patch.setattr(pbe.joint, "MOST_RUN", data.draw(st.sampled_from((0, 10, 1000))))
        for setting in ON:
            assert not Pruner(examples, setting, Counts()).refuted(own), setting


@pytest.mark.parametrize("setting", ON)
@pytest.mark.parametrize("name", GRAMMARS)
@_few
@given(data=st.data())
def test_what_is_pruned_has_no_completion_that_fits(name: str, setting: Pruning, data: st.DataObject) -> None:
    """With one pruner for many sketches, so that lemmas and witnesses of earlier ones speak too."""
    grammar, examples, _ = data.draw(solved(name))
    if not examples:
        return
    pruner = Pruner(examples, setting, Counts())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pbe.pruning, "MOST_RUN", data.draw(st.sampled_from((0, 1000))))
        patch.setattr(pbe.joint, "MOST_RUN", data.draw(st.sampled_from((0, 10, 1000))))
        refuted = [sketch for sketch in sketches(grammar, examples, 80) if pruner.refuted(sketch)]
    for sketch in refuted:
        if sketch.completions <= 300:
            for index in range(sketch.completions):
                program = filled(sketch, index)
                assert any(evaluate(program, e.inputs) != e.output for e in examples), program


@_few
@given(data=st.data())
def test_lemmas_and_witnesses_say_what_a_fresh_solver_says(data: st.DataObject) -> None:
    grammar, examples, _ = data.draw(solved("smt"))
    if not examples:
        return
    counts = Counts()
    pruner = Pruner(examples, Pruning.Z3, counts)
    chosen = [s for s in sketches(grammar, examples, 20) if isinstance(s, Node)]
    verdicts = [pruner.refuted(sketch) for sketch in chosen]
    assert verdicts == [Pruner(examples, Pruning.Z3, Counts()).refuted(sketch) for sketch in chosen]
    asked = counts.asked
    assert asked.calls + asked.lemma_hits + asked.witness_hits + asked.repeated == len(chosen)


# ---------------------------------------------------------------- what each setting sees

TAKE = [
    Rule("S", SUBSTR, ("X", "I", "I")), Rule("S", JOIN, ("S", "C")), Rule("X", Input(0)),
    *[Rule("I", Constant(n, INTEGER)) for n in range(4)], *[Rule("C", Constant(c, TEXT)) for c in ("-", "++")],
]  # fmt: skip


def test_only_z3_sees_that_one_constant_must_serve_all_examples() -> None:
    """Two and three characters are both in reach of ++(substr(x, i, n), c), but of no constants at once."""
    grammar = Grammar.weighted("S", dict.fromkeys(TAKE, 1.0))
    examples = [Example(("abcdefgh" * 4,), "bc"), Example(("ijklmnop" * 4,), "jkl")]
    sketch = next(s for s in sketches(grammar, examples) if same(s).startswith("str.++(str.substr"))
    verdicts = {setting: Pruner(examples, setting, Counts()).refuted(sketch) for setting in Pruning}
    assert verdicts == {Pruning.OFF: False, Pruning.INTERVALS: False, Pruning.GATED: True, Pruning.Z3: True}


def test_only_z3_sees_that_the_same_characters_must_serve_all_examples() -> None:
    """Two characters each time, but no constant is a dash and a plus."""
    rules = [Rule("S", JOIN, ("A", "C")), Rule("A", smt("str.at", TEXT, INTEGER), ("X", "I")), Rule("X", Input(0))]
    rules += [Rule("I", Constant(n, INTEGER)) for n in range(4)]
    rules += [Rule("C", Constant(mark, TEXT)) for mark in "-+ab"]
    grammar = Grammar.weighted("S", dict.fromkeys(rules, 1.0))

    def verdicts(second: str) -> list[bool]:
        examples = [Example(("abcdefgh" * 4,), "b-"), Example(("ijklmnop" * 4,), second)]
        sketch = next(s for s in sketches(grammar, examples) if isinstance(s, Node))
        return [Pruner(examples, setting, Counts()).refuted(sketch) for setting in Pruning]

    assert verdicts("j+") == [False, False, True, True]
    assert verdicts("k-") == [False, False, True, True], "no index is 1 and 2"
    assert verdicts("j-") == [False] * 4


@pytest.mark.parametrize("setting", ON)
def test_a_branch_that_is_not_chosen_may_be_undefined(setting: Pruning, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fourth character, where there is a dash: the other row has none, and no place for it."""
    monkeypatch.setattr(pbe.pruning, "MOST_RUN", 0)
    monkeypatch.setattr(pbe.joint, "MOST_RUN", 0)
    rules = [
        Rule("S", conditions.when, ("G", "Part", "X")), Rule("G", conditions.contains, ("X", "D")),
        Rule("Part", t.slice_, ("X", "From", "To")),
        Rule("From", t.at, ("X", "Three")), Rule("To", t.at, ("X", "Four")),
        Rule("X", Input(0)), Rule("D", Constant("-", LITERAL)),
        Rule("Three", Constant(3, INTEGER)), Rule("Four", Constant(4, INTEGER)),
    ]  # fmt: skip
    examples = [Example(("abc-d",), "-"), Example(("ab",), "ab")]
    grammar = Grammar.weighted("S", dict.fromkeys(rules, 1.0))
    assert search_sketches(grammar, examples, ROOMY.start(), pruning=setting) is not None


def test_lemmas_and_witnesses_spare_calls() -> None:
    grammar = GRAMMARS["smt"]
    examples = [Example(("ab-1",), "-ab-1"), Example(("-1-1-1",), "--1-1-1"), Example(("b",), "b-b")]
    counts = Counts()
    pruner = Pruner(examples, Pruning.Z3, counts)
    for sketch in sketches(grammar, examples, 600):
        pruner.refuted(sketch)
    assert counts.asked.lemma_hits > 10 and counts.asked.witness_hits > 0 and counts.asked.repeated > 10
    assert 0 < counts.asked.refuted < counts.asked.calls


def test_small_sketches_are_tried_without_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    grammar = Grammar.weighted("S", dict.fromkeys(TAKE, 1.0))
    examples = [Example(("abcdefgh",), "bc"), Example(("ijklmnop",), "jkl")]
    counts = Counts()
    assert search_sketches(grammar, examples, ROOMY.start(), counts=counts, most=40) is None
    assert counts.asked.calls == 0 and counts.by_intervals > 0 and counts.completions > 0


def test_z3_spends_a_share_of_what_was_tried_and_what_it_spared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    asked = Asked()
    lemmas = Lemmas(Listed(((1, 97),), False, True), 1, asked)
    start, worth = pbe.lemmas.SHARE * pbe.lemmas.START, 10**6
    assert lemmas.allowance(start - worth, worth) == 0
    afforded = lemmas.allowance(2 * start, worth)
    assert 0 < afforded < pbe.lemmas.START + worth // pbe.lemmas.SHARE
    asked.calls, lemmas.spent = 10**6, 10**6 * pbe.lemmas.CALL
    assert lemmas.allowance(10**12, worth) == 0, "it never refuted anything"
    asked.calls, lemmas.spent, lemmas.spared = 0, pbe.lemmas.START, worth
    assert lemmas.allowance(2 * start, worth) > afforded
    lemmas.spent += 10**7
    assert lemmas.allowance(2 * start, worth) == 0


# ---------------------------------------------------------------- the search


@pytest.mark.parametrize("name", GRAMMARS)
@_few
@given(data=st.data())
def test_every_setting_finds_the_same_program(name: str, data: st.DataObject) -> None:
    grammar, examples, _ = data.draw(solved(name))
    if not examples:
        return
    found = [search_sketches(grammar, examples, ROOMY.start(), pruning=p, most=LOOKED_AT + 100) for p in Pruning]
    assert len(set(found)) == 1
    assert found[0] is not None and all(evaluate(found[0], e.inputs) == e.output for e in examples)
    assert grammar.derives(found[0])


def test_the_search_repeats_itself() -> None:
    examples = [Example(("ab-1b",), "1b!"), Example(("b-aa1-",), "1-!")]

    def once() -> dict[str, object]:
        counts = Counts()
        assert search_sketches(GRAMMARS["smt"], examples, ROOMY.start(), counts=counts, most=800) is None
        data = asdict(counts)
        del data["asked"]["seconds"]
        return data

    assert once() == once()


def test_a_finite_grammar_is_exhausted_and_a_budget_kept() -> None:
    finite = Grammar.weighted("S", dict.fromkeys([r for r in TAKE if r.rhs != ("S", "C")], 1.0))
    assert search_sketches(finite, [Example(("abc",), "x")], ROOMY.start()) is None
    with pytest.raises(BudgetSpent):
        search_sketches(GRAMMARS["smt"], [Example(("abc",), "xyz!")], Budget(seconds=300, candidates=5000).start())


def test_outputs_without_a_measure_are_searched_unpruned() -> None:
    half = Constant(0.5, TEXT)
    grammar = Grammar.weighted("N", dict.fromkeys([Rule("N", half), Rule("N", Input(0, INTEGER))], 1.0))
    assert search_sketches(grammar, [Example((3,), 0.5)], ROOMY.start()) == half


def test_open_classes_are_tried_with_what_stands_in_all_outputs() -> None:
    rules = [Rule("S", Literals()), Rule("S", JOIN, ("S", "S")), Rule("S", Input(0))]
    grammar = Grammar.weighted("S", dict.fromkeys(rules, 1.0))
    found = search_sketches(grammar, [Example(("a",), "to a!"), Example(("bc",), "to bc!")], ROOMY.start())
    assert found is not None and evaluate(found, ("x",)) == "to x!"
    numbers = Grammar.weighted("I", dict.fromkeys([Rule("I", Numerals())], 1.0))
    assert search_sketches(numbers, [Example((), 7)], ROOMY.start()) == Constant(7, INTEGER)


@pytest.mark.parametrize("name", GRAMMARS)
@_few
@given(data=st.data())
def test_sketches_are_distinct_and_count_their_completions(name: str, data: st.DataObject) -> None:
    grammar, examples, _ = data.draw(solved(name))
    found = sketches(grammar, examples or [Example(("a", "b"), "")])
    assert len({same(sketch) for sketch in found}) == len(found)
    sketch = data.draw(st.sampled_from(found))
    if sketch.completions <= 2000:
        programs = [filled(sketch, index) for index in range(sketch.completions)]
        assert len(set(programs)) == sketch.completions
        assert all(grammar.derives(program) for program in programs[:20])


# ---------------------------------------------------------------- facts as data

VALUES: dict[Type, st.SearchStrategy[Value]] = {
    TEXT: st.text("abA0-19", max_size=5), INTEGER: st.one_of(st.integers(-4, 9), st.just(10**40)),
    BOOLEAN: st.booleans(),
}  # fmt: skip


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
@_quick
@given(data=st.data())
def test_facts_as_data_say_what_the_abstraction_says(operator: Operator, data: st.DataObject) -> None:
    kinds = (operator.returns, *operator.params)
    values = [data.draw(VALUES[kind]) for kind in kinds]
    expected = all(operator.abstraction(*map(Facts.of, values)))
    numbers = [*map(measure, values), *[weight_of(value) if isinstance(value, str) else 0 for value in values]]
    assert all(fact.holds(numbers) for fact in weighed_facts_of(operator)) == expected
    assert set(facts_of(operator)) <= set(weighed_facts_of(operator))


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
@_quick
@given(data=st.data())
def test_intervals_hold_the_results_of_all_arguments_in_them(operator: Operator, data: st.DataObject) -> None:
    args = [data.draw(VALUES[kind]) for kind in operator.params]
    output = operator.apply(*args)
    around = [data.draw(_around(measure(arg))) for arg in args]
    found = result(facts_of(operator), operator.returns, around)
    if output is not None:
        assert found is not None and found[0] <= min(measure(output), UNBOUNDED) <= found[1]


def _around(value: int) -> st.SearchStrategy[Interval]:
    if abs(value) >= FAR:
        return st.just((-UNBOUNDED, UNBOUNDED))
    far = st.sampled_from([0, 1, 3, UNBOUNDED])
    return st.tuples(far, far).map(
        lambda pair: (max(value - pair[0], -UNBOUNDED), min(value + pair[1], UNBOUNDED))
    )


@pytest.mark.parametrize("operator", OPERATORS, ids=str)
@_quick
@given(data=st.data())
def test_narrowed_intervals_hold_what_the_facts_allow(operator: Operator, data: st.DataObject) -> None:
    args = [data.draw(VALUES[kind]) for kind in operator.params]
    output = operator.apply(*args)
    if output is not None:
        values = [output, *args]
        numbers = [*map(measure, values), *[weight_of(value) if isinstance(value, str) else 0 for value in values]]
        found = narrowed(weighed_facts_of(operator), [data.draw(_around(number)) for number in numbers])
        assert found is not None
        assert all(low <= min(number, UNBOUNDED) <= high for number, (low, high) in zip(numbers, found, strict=True))


def test_intervals_are_narrow_with_each_fact() -> None:
    def of(symbol: str, *arguments: Interval) -> Interval | None:
        operator = BY_SYMBOL[symbol][0]
        return result(facts_of(operator), operator.returns, arguments)

    assert of("str.++", (1, 2), (3, 5)) == (4, 7)
    assert of("str.substr", (8, 8), (2, 2), (3, 3)) == (1, 3)
    assert of("str.substr", (8, 8), (9, 9), (3, 3)) == (0, 0)
    assert of("str.replace", (5, 5), (2, 2), (7, 7)) == (5, 10)
    assert of("str.indexof", (4, 4), (1, 1), (2, 2)) == (-1, 3)
    assert of("-", (2, 3), (1, 4)) == (-2, 2)
    assert of("mod", (0, 9), (4, 4)) == (0, 3)
    assert of("str.at", (4, 4), (1, 1)) == (1, 1)


def test_a_fact_with_alternatives_is_data_too() -> None:
    def either(fact: Fact) -> Iterator[bool]:
        yield from [fact.holds([value]) for value in (0, 1, 2)]

    shut = Operator("shut", (), INTEGER, lambda: 0, lambda out: [(out.value == 0) | (out.value >= 2)])
    (fact,) = facts_of(shut)
    assert list(either(fact)) == [True, False, True]
    assert fact.linear and fact.variables == {0}
    assert Apply(shut, ()).type is INTEGER
