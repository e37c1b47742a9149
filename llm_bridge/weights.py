"""What a model wrote becomes weights of the task's own grammar: it says what is probable, never what is consistent.

Rules are weighed by how often the programs use them (HySynth, Barke et al. 2024); whole parts of programs become
fragments, probable outright. Both are mixed into the prior of before, so that what the model did not think of stays
nearly as probable as it was, however wrong the model is.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from difflib import SequenceMatcher

from dsl.derivation import Derivation, Derivations
from dsl.grammar import Fragment, Grammar, Head, Rule, Symbol
from dsl.interpreter import outputs
from dsl.program import Apply, Constant, Program
from dsl.task import Task
from llm_bridge.completions import Reading

TRUST = 0.9
"""The most that the counts may weigh beside the prior: a rule loses at most -log(1 - TRUST) nats."""
DOUBT = 0.5
"""Uses of rules that the prior is worth: so many weigh half of what they can."""
OUTRIGHT = 0.5
"""The share of fragments in what a symbol derives, where there are any."""
PART, MENTION = 0.5, 0.2
"""Uses that count for a rule in parts of what is no program, and for a mention beside them."""
MOST_FRAGMENTS = 256
EXAMPLES = 8
"""Examples on which programs are weighed."""
LEAST = 0.05
"""What a program counts for that is right nowhere."""
COMPARED = 200
"""Characters of outputs that are compared."""


def guided(grammar: Grammar, reading: Reading, task: Task) -> Grammar:
    """Return the grammar with what a model wrote mixed into its weights; the same programs are derived.

    A program that gives something like the examples' outputs counts more. With n rules, no program's probability
    falls below (1 - TRUST)ⁿ (1 - OUTRIGHT)ⁿ of what it was. Where nothing was said, it is the grammar itself.
    """
    programs = {program: count * closeness(program, task) for program, count in reading.answers.items()}
    for part, count in reading.parts.items():
        programs[part] = programs.get(part, 0.0) + PART * count
    counts: defaultdict[Rule, float] = defaultdict(float)
    fragments: defaultdict[tuple[Symbol, Program], float] = defaultdict(float)
    derivations = Derivations(grammar)
    for program, weight in programs.items():
        ways, loose = derived(program, derivations)
        for way, share in ways:
            for inner in way.all():
                counts[inner.rule] += weight * share
            for inner in {inner.program: inner for inner in way.all() if _worth_a_fragment(inner)}.values():
                fragments[inner.rule.lhs, inner.program] += weight * share
        for head in loose:
            _mention(grammar, head, weight, counts)
    for head, count in reading.mentions.items():
        _mention(grammar, head, MENTION * count, counts)
    return mixed(grammar, counts, fragments) if counts else grammar


def mixed(
    grammar: Grammar, counts: Mapping[Rule, float], fragments: Mapping[tuple[Symbol, Program], float]
) -> Grammar:
    """Return the grammar with uses of its rules and of fragments mixed into its probabilities.

    Of n uses of a symbol's rules, the shares weigh TRUST · n / (n + DOUBT) beside the present probabilities; the
    symbol's fragments then take OUTRIGHT · n / (n + DOUBT) of everything, n being their weight together.
    """
    totals: defaultdict[Symbol, float] = defaultdict(float)
    for rule, count in counts.items():
        totals[rule.lhs] += count
    likeliest = sorted(fragments, key=lambda key: -fragments[key])[:MOST_FRAGMENTS]
    whole: defaultdict[Symbol, float] = defaultdict(float)
    for symbol, program in likeliest:
        whole[symbol] += fragments[symbol, program]
    weights = {}
    for rule, log_weight in zip(grammar.rules, grammar.log_weights, strict=True):
        total, outright = totals[rule.lhs], whole[rule.lhs]
        trust = TRUST * total / (total + DOUBT)
        share = trust * counts.get(rule, 0.0) / total if total else 0.0
        weights[rule] = (1 - OUTRIGHT * outright / (outright + DOUBT)) * (
            (1 - trust) * math.exp(log_weight) + share
        )
    return Grammar.weighted(
        grammar.start,
        weights,
        [
            Fragment(symbol, program, math.log(OUTRIGHT * fragments[symbol, program] / (whole[symbol] + DOUBT)))
            for symbol, program in likeliest
        ],
    )


def derived(program: Program, derivations: Derivations) -> tuple[list[tuple[Derivation, float]], list[Head]]:
    """Return how the grammar derives a program, or the largest parts that it does, and the heads it has no place for.

    Where several symbols derive a part, they share it equally.
    """
    whole = derivations.best(program)
    if whole is not None:
        return [(whole, 1.0)], []
    ways: list[tuple[Derivation, float]] = []
    loose: list[Head] = []

    def visit(part: Program) -> None:
        found = [way for symbol in derivations.grammar.by_lhs if (way := derivations.best(part, symbol))]
        direct = [way for way in found if way.rule.head is not None]
        if direct:
            ways.extend((way, 1 / len(direct)) for way in direct)
        elif isinstance(part, Apply):
            loose.append(part.operator)
            for arg in part.args:
                visit(arg)

    visit(program)
    return ways, loose


def closeness(program: Program, task: Task) -> float:
    """Return how much of the examples' outputs a program gets right: from LEAST for nothing to 1 for all.

    A text that is not the output counts for the share of it that is alike.
    """
    examples = task.examples[:EXAMPLES]
    if not examples:
        return 1.0
    written = outputs(program, [example.inputs for example in examples])
    alike = [_alike(mine, example.target) for mine, example in zip(written, examples, strict=True)]
    return max(LEAST, sum(alike) / len(alike))


def _alike(mine: str | None, wanted: str | None) -> float:
    if mine == wanted:
        return 1.0
    if not mine or not wanted:
        return 0.0
    ratio = SequenceMatcher(None, mine[:COMPARED], wanted[:COMPARED], autojunk=False).ratio()
    return 0.9 * ratio


def _worth_a_fragment(way: Derivation) -> bool:
    """Return whether a derivation is more than one rule says: an application, or a constant of an open class."""
    if isinstance(way.program, Apply):
        return way.rule.head is not None
    return isinstance(way.program, Constant) and way.rule.head is not None and way.rule.head != way.program


def _mention(grammar: Grammar, head: Head, weight: float, counts: defaultdict[Rule, float]) -> None:
    """Count a use of a head, shared equally by the rules that have it."""
    rules = [rule for rule in grammar.rules if rule.head == head]
    for rule in rules:
        counts[rule] += weight / len(rules)
