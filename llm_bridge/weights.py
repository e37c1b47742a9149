"""What a model wrote becomes weights of the task's own grammar: it says what is probable, never what is consistent.

Rules are weighed by how often the programs use them (HySynth, Barke et al. 2024); whole parts of programs become
fragments, probable outright. Both are mixed into the prior of before, so that what the model did not think of stays
nearly as probable as it was, however wrong the model is.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher

from dsl.derivation import Derivation, Derivations
from dsl.grammar import Fragment, Grammar, Head, Rule, Symbol
from dsl.interpreter import outputs
from dsl.program import Apply, Constant, Program
from dsl.task import Task
from llm_bridge.completions import Reading


@dataclass(frozen=True, slots=True)
class Trust:
    """How far a model may change a grammar's probabilities.

    Of n uses of a symbol's rules, their shares weigh rules · n / (n + doubt) beside the probabilities of before, and
    fragments take fragments · n / (n + doubt) of everything, n being their weight. So a program of r rules keeps at
    least ((1 - rules) (1 - fragments))ʳ of its probability, whatever a model says.
    """

    rules: float
    fragments: float
    doubt: float

    @property
    def log_kept(self) -> float:
        """Return the log (nats) of what a rule keeps at least."""
        return math.log1p(-self.rules) + math.log1p(-self.fragments)


RANKING = Trust(rules=0.3, fragments=0.0, doubt=2.0)
"""For weights that decide between programs that fit: what a model says is a hint. No fragments, which would make a
text that it copied from an output as probable as a rule; whole programs have a say as seeds (`candidates.seeds`)."""
SEARCHING = Trust(rules=0.9, fragments=0.5, doubt=0.5)
"""For weights that order one search of several (`pbe.portfolio`): it may go all the way the model points."""

PART, MENTION = 0.5, 0.2
"""Uses that count for a rule in parts of what is no program, and for a mention beside them."""
MOST_FRAGMENTS = 256
EXAMPLES = 8
"""Examples on which programs are weighed."""
LEAST = 0.05
"""What a program counts for that is right nowhere."""
COMPARED = 200
"""Characters of outputs that are compared."""


def guided(grammar: Grammar, reading: Reading, task: Task, trust: Trust = RANKING) -> Grammar:
    """Return the grammar with what a model wrote mixed into its weights; the same programs are derived.

    A program that gives something like the examples' outputs counts more. Where nothing was said, it is the grammar
    itself.
    """
    programs = {program: count * closeness(program, task) for program, count in reading.answers.items()}
    for part, count in reading.parts.items():
        programs[part] = programs.get(part, 0.0) + PART * count
    counts: defaultdict[Rule, float] = defaultdict(float)
    fragments: defaultdict[tuple[Symbol, Program], float] = defaultdict(float)
    mentions = defaultdict[Head, float](float, {head: MENTION * count for head, count in reading.mentions.items()})
    derivations = Derivations(grammar)
    for program, weight in programs.items():
        ways, loose = derived(program, derivations)
        for way, share in ways:
            for inner in way.all():
                counts[inner.rule] += weight * share
            if trust.fragments:
                for key in {(i.rule.lhs, i.program): None for i in way.all() if _worth_a_fragment(i)}:
                    fragments[key] += weight * share
        for head in loose:
            mentions[head] += weight
    rules: defaultdict[Head, list[Rule]] = defaultdict(list)
    for rule in grammar.rules:
        rules[rule.head].append(rule)
    for head, weight in mentions.items():
        for rule in rules[head]:
            counts[rule] += weight / len(rules[head])
    return mixed(grammar, counts, fragments, trust) if counts else grammar


def mixed(
    grammar: Grammar,
    counts: Mapping[Rule, float],
    fragments: Mapping[tuple[Symbol, Program], float],
    trust: Trust,
) -> Grammar:
    """Return the grammar with uses of its rules and weights of fragments mixed into its probabilities."""
    totals: defaultdict[Symbol, float] = defaultdict(float)
    for rule, count in counts.items():
        totals[rule.lhs] += count
    likeliest = sorted(fragments, key=lambda key: -fragments[key])[:MOST_FRAGMENTS] if trust.fragments else []
    whole: defaultdict[Symbol, float] = defaultdict(float)
    for symbol, program in likeliest:
        whole[symbol] += fragments[symbol, program]
    weights = {}
    for rule, log_weight in zip(grammar.rules, grammar.log_weights, strict=True):
        total, outright = totals[rule.lhs], whole[rule.lhs]
        counted = trust.rules * total / (total + trust.doubt)
        share = counted * counts.get(rule, 0.0) / total if total else 0.0
        kept = 1 - trust.fragments * outright / (outright + trust.doubt)
        weights[rule] = kept * ((1 - counted) * math.exp(log_weight) + share)
    return Grammar.weighted(
        grammar.start,
        weights,
        [
            Fragment(lhs, program, math.log(trust.fragments * fragments[lhs, program] / (whole[lhs] + trust.doubt)))
            for lhs, program in likeliest
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
        found = derivations.beginning(part)
        if found:
            ways.extend((way, 1 / len(found)) for way in found)
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
