"""Programs that choose: examples are split by a guard, each part is learnt on its own, the parts are put together.

A decision list `when(guard, program, rest)`: every guard that parts the examples gives a cluster for which it holds and
a rest for which it does not; clusters are learnt by the caller's search, once each. Guards that agree on all rows are
one, with their summed mass, so a row that some guards put here and some there ends up doubtful.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product

from dsl.grammar import Grammar, Rule, Symbol, log_sum
from dsl.operator import Operator
from dsl.program import Apply, Constant, Program
from pbe.enumeration import Entry
from pbe.meaning import Behaviour, Outputs

MOST_CLUSTERS = 3
GUARDS_PER_SPLIT = 12
SPLITS = 10
KEPT = 6
"""Behaviours kept of each part."""


@dataclass(frozen=True, slots=True)
class Choice:
    """How a grammar chooses: `symbol → operator(guard, branch, symbol)`, beside `symbol → branch`."""

    symbol: Symbol
    operator: Operator
    guard: Symbol
    branch: Symbol
    log_choose: float
    log_plain: float

    @classmethod
    def of(cls, grammar: Grammar) -> Choice | None:
        """Return the choice that the start symbol makes, None where the grammar has no conditions."""
        start = grammar.start
        plain = [(rule, weight) for rule, weight in grammar.by_lhs[start] if rule.head is None]
        for rule, weight in grammar.by_lhs[start]:
            if _chooses(rule) and plain:
                guard, branch, _ = rule.rhs
                assert isinstance(rule.head, Operator)
                return cls(start, rule.head, guard, branch, weight, plain[0][1])
        return None


def _chooses(rule: Rule) -> bool:
    return isinstance(rule.head, Operator) and not rule.head.strict and rule.rhs[-1:] == (rule.lhs,)


Learn = Callable[[frozenset[int]], list[Behaviour]]
"""Returns the behaviours of unconditional programs that fit some of the examples, most probable first."""


def conditional_behaviours(
    choice: Choice, guards: Iterable[Entry], examples: tuple[int, ...], learn: Learn
) -> list[Behaviour]:
    """Return behaviours that choose between two or three programs, most probable first.

    `examples` are the examples' rows; `guards` the distinct guards with their values on all rows.
    """
    known: dict[frozenset[int], list[Behaviour]] = {}

    def learnt(cluster: frozenset[int]) -> list[Behaviour]:
        if cluster not in known:
            known[cluster] = learn(cluster)[:KEPT]
        return known[cluster]

    def split(part: frozenset[int]) -> list[tuple[frozenset[int], list[Entry]]]:
        found: dict[frozenset[int], list[Entry]] = {}
        for guard in ranked:
            holds = frozenset(row for row in part if guard.values[row])
            if holds and holds != part and len(found.setdefault(holds, [])) < GUARDS_PER_SPLIT:
                found[holds].append(guard)
        return sorted(found.items(), key=lambda item: -item[1][0].log_mass)[:SPLITS]

    def choose(part: frozenset[int], most: int) -> list[Behaviour]:
        merged: dict[Outputs, Behaviour] = {}
        for holds, fitting in split(part):
            rest = part - holds
            others = [_plain(b, choice) for b in learnt(rest)]
            if most > 2 and len(rest) > 1:
                others = sorted([*others, *choose(rest, most - 1)], key=lambda b: -b.log_mass)[:KEPT]
            for guard, then, other in product(fitting, learnt(holds), others):
                _add(merged, _chosen(choice, guard, then, other))
        return sorted(merged.values(), key=lambda b: -b.log_mass)

    ranked = sorted(guards, key=lambda guard: -guard.log_mass)
    found = choose(frozenset(examples), MOST_CLUSTERS)
    return [b for b in found if not _memorises(b.program, choice.operator, len(examples))]


def _memorises(program: Program, operator: Operator, examples: int) -> bool:
    """Return whether a program only repeats the examples: a constant for each of them."""
    branches = 0
    while isinstance(program, Apply) and program.operator == operator:
        _, then, program = program.args
        if not isinstance(then, Constant):
            return False
        branches += 1
    return isinstance(program, Constant) and branches + 1 >= examples


def _plain(behaviour: Behaviour, choice: Choice) -> Behaviour:
    return Behaviour(behaviour.program, behaviour.outputs, behaviour.log_mass + choice.log_plain)


def _chosen(choice: Choice, guard: Entry, then: Behaviour, other: Behaviour) -> Behaviour:
    outputs = tuple([a if g else b for g, a, b in zip(guard.values, then.outputs, other.outputs, strict=True)])
    program = Apply(choice.operator, (guard.best[1], then.program, other.program))
    return Behaviour(program, outputs, choice.log_choose + guard.log_mass + then.log_mass + other.log_mass)


def _add(merged: dict[Outputs, Behaviour], new: Behaviour) -> None:
    old = merged.get(new.outputs)
    if old is None:
        merged[new.outputs] = new
    else:
        best = max(old, new, key=lambda b: b.log_mass)
        merged[new.outputs] = Behaviour(best.program, new.outputs, log_sum((old.log_mass, new.log_mass)))
