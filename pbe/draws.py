"""Programs drawn from the prior, for what can be said of outputs before there is any example."""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence

from dsl.grammar import Grammar, Literals, Numerals, Rule, Symbol
from dsl.interpreter import outputs as run
from dsl.operator import Operator
from dsl.program import Apply, Program
from dsl.task import Row
from pbe.budget import Meter
from pbe.meaning import Outputs

DRAWS = 2000
DEEPEST = 60
"""Rules above one another in a drawn program, at most."""


def drawn_behaviours(grammar: Grammar, rows: Sequence[Row], meter: Meter, draws: int = DRAWS) -> Counter[Outputs]:
    """Return how often programs drawn from the grammar's start have each behaviour on the rows.

    Drawn are single pieces: nothing is joined, no constant text invented and no case told apart, since what these add
    to an output is the same on all rows or comes from such pieces. The same grammar gives the same draws. Raises
    BudgetSpent.
    """
    draw = _Draw(grammar)
    programs = Counter(program for _ in range(draws) if (program := draw.program(grammar.start)) is not None)
    behaviours: Counter[Outputs] = Counter()
    for program, times in programs.items():
        meter.spend(len(rows))
        behaviours[run(program, rows)] += times
    return behaviours


class _Draw:
    """Draws programs of a grammar's symbols, each rule as often as its weight says."""

    def __init__(self, grammar: Grammar) -> None:
        self.random = random.Random(0)
        self.rules: dict[Symbol, tuple[list[Rule], list[float]]] = {}
        for symbol, weighted in grammar.by_lhs.items():
            kept = [(rule, math.exp(weight)) for rule, weight in weighted if _drawn(rule)]
            self.rules[symbol] = [rule for rule, _ in kept], [weight for _, weight in kept]

    def program(self, symbol: Symbol, depth: int = 0) -> Program | None:
        """Return a program, None where only rules that are not drawn from could go on, or where it becomes too deep."""
        rules, weights = self.rules[symbol]
        if not rules or depth > DEEPEST:
            return None
        (rule,) = self.random.choices(rules, weights)
        if rule.head is None:
            return self.program(rule.rhs[0], depth + 1)
        if not isinstance(rule.head, Operator):
            assert not isinstance(rule.head, Literals | Numerals)
            return rule.head
        parts = [self.program(part, depth + 1) for part in rule.rhs]
        return None if None in parts else Apply(rule.head, tuple([part for part in parts if part is not None]))


def _drawn(rule: Rule) -> bool:
    if isinstance(rule.head, Operator):
        return rule.head.strict and not rule.head.joins
    return not isinstance(rule.head, Literals | Numerals)
