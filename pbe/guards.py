"""Guards to choose among: those of a bank, and tests of its likeliest terms, told apart by inputs beside the examples.

A bank keeps one program for all that agree on the examples, so of the guards that part them in the same way it knows
one. Which of these was meant decides what the answer does elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from dsl.grammar import Grammar, Symbol
from dsl.interpreter import apply_all, evaluate
from dsl.operator import Operator
from dsl.program import Apply, Input, Program, subprograms
from dsl.task import Row
from pbe.choosing import Part
from pbe.enumeration import Bank, Vector

TERMS = 24
"""Terms of a symbol that are tested, the most probable ones."""

Valued = tuple[float, Program, Vector]
"""A program with its log probability (nats) and its values on all rows."""


def distinct_guards(grammar: Grammar, symbol: Symbol, bank: Bank, rows: Sequence[Row], judged: int) -> list[Part]:
    """Return guards that part the first `judged` rows, of those alike on all rows only the most probable."""
    found: dict[Vector, Part] = {}
    for log_prob, program, values in _guards(grammar, symbol, bank, rows):
        truths = tuple(map(bool, values))
        if any(truths[:judged]) and not all(truths[:judged]):
            known = found.get(truths)
            if known is None or known.log_prob < log_prob:
                found[truths] = Part(program, log_prob, sum([1 << i for i in range(judged) if truths[i]]))
    return list(found.values())


def _guards(grammar: Grammar, symbol: Symbol, bank: Bank, rows: Sequence[Row]) -> Iterator[Valued]:
    """Yield the bank's guards, then every operator applied to the likeliest terms, closed tests left out."""
    for entry in bank.entries[symbol]:
        yield _valued(*entry.best, rows)
    terms: dict[Symbol, list[Valued]] = {}
    for rule, weight in grammar.by_lhs[symbol]:
        if not isinstance(rule.head, Operator) or not rule.head.strict or symbol in rule.rhs:
            continue
        for part in rule.rhs:
            if part not in terms:
                likely = sorted([entry for entry in bank.entries[part] if entry.defined], key=lambda e: -e.best[0])
                terms[part] = [_valued(*entry.best, rows) for entry in likely[:TERMS]]
        for arguments in product(*[terms[part] for part in rule.rhs]):
            if any(isinstance(leaf, Input) for _, term, _ in arguments for leaf in subprograms(term)):
                test = Apply(rule.head, tuple([term for _, term, _ in arguments]))
                values = apply_all(test, [vector for *_, vector in arguments])
                yield weight + sum([log_prob for log_prob, *_ in arguments]), test, values


def _valued(log_prob: float, program: Program, rows: Sequence[Row]) -> Valued:
    return log_prob, program, tuple([evaluate(program, row) for row in rows])
