"""Decision trees over a bank: branches that are each right on some examples, guards that tell the examples apart.

Sets of examples are bitmasks (bit i is example i). A tree is grown from the top: a guard that leaves each side to one
branch if there is such a guard, else the guards whose sides are best covered (Alur, Radhakrishna & Udupa 2017).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dsl.grammar import Grammar, Symbol
from dsl.operator import Operator
from dsl.program import Apply, Program
from pbe.budget import Meter

DEEPEST = 5
TRIED = 4
"""Guards tried at a node where none leaves each side to one branch."""


@dataclass(frozen=True, slots=True)
class Switch:
    """A rule that chooses: `symbol → operator(guard, symbol, symbol)`."""

    symbol: Symbol
    operator: Operator
    guard: Symbol
    log_weight: float

    @classmethod
    def of(cls, grammar: Grammar) -> Switch | None:
        """Return the first such rule that the start symbol chains to; None where there is none."""
        for symbol in grammar.chained(grammar.start):
            for rule, weight in grammar.by_lhs[symbol]:
                if isinstance(rule.head, Operator) and not rule.head.strict and rule.rhs[1:] == (symbol, symbol):
                    return cls(symbol, rule.head, rule.rhs[0], weight)
        return None


@dataclass(frozen=True, slots=True)
class Part:
    """A branch or a guard: its program, log probability (nats), and the examples it is right on, or holds for."""

    program: Program
    log_prob: float
    mask: int


def choose(
    switch: Switch, branches: Iterable[Part], guards: Iterable[Part], examples: int, meter: Meter
) -> Part | None:
    """Return the most probable tree found that is right on all of the first `examples` examples, None if none is.

    Raises BudgetSpent.
    """
    return _Chooser(switch, _distinct(branches), _distinct(guards), meter).tree((1 << examples) - 1, DEEPEST)


def _distinct(parts: Iterable[Part]) -> list[Part]:
    """Return the most probable part of each mask, most probable first."""
    known: dict[int, Part] = {}
    for part in parts:
        if part.mask and (part.mask not in known or known[part.mask].log_prob < part.log_prob):
            known[part.mask] = part
    return sorted(known.values(), key=lambda part: -part.log_prob)


class _Chooser:
    def __init__(self, switch: Switch, branches: list[Part], guards: list[Part], meter: Meter) -> None:
        self.switch, self.branches, self.guards, self.meter = switch, branches, guards, meter
        self.widest = _maximal([branch.mask for branch in branches])
        self.leaves: dict[int, Part | None] = {}
        self.trees: dict[tuple[int, int], Part | None] = {}

    def leaf(self, examples: int) -> Part | None:
        """Return the most probable branch that is right on all these examples."""
        if examples not in self.leaves:
            self.leaves[examples] = next((b for b in self.branches if not examples & ~b.mask), None)
        return self.leaves[examples]

    def covered(self, examples: int) -> int:
        """Return the most of these examples that one branch is right on."""
        return max([(mask & examples).bit_count() for mask in self.widest], default=0)

    def tree(self, examples: int, depth: int) -> Part | None:
        """Return the most probable tree for these examples, at most `depth` guards deep."""
        key = examples, depth
        if key not in self.trees:
            self.trees[key] = self.leaf(examples) or (self.split(examples, depth) if depth else None)
        return self.trees[key]

    def split(self, examples: int, depth: int) -> Part | None:
        best: Part | None = None
        parting = [g for g in self.guards if 0 != examples & g.mask != examples]
        self.meter.spend(len(parting))
        for guard in parting:
            then, other = self.leaf(examples & guard.mask), self.leaf(examples & ~guard.mask)
            if then and other:
                best = self.better(best, guard, then, other)
        if best or depth == 1:
            return best
        parting.sort(key=lambda g: -self.covered(examples & g.mask) - self.covered(examples & ~g.mask))
        for guard in parting[:TRIED]:
            then = self.tree(examples & guard.mask, depth - 1)
            other = self.tree(examples & ~guard.mask, depth - 1) if then else None
            if then and other:
                best = self.better(best, guard, then, other)
        return best

    def better(self, best: Part | None, guard: Part, then: Part, other: Part) -> Part:
        log_prob = self.switch.log_weight + guard.log_prob + then.log_prob + other.log_prob
        if best is not None and best.log_prob >= log_prob:
            return best
        program = Apply(self.switch.operator, (guard.program, then.program, other.program))
        return Part(program, log_prob, then.mask & guard.mask | other.mask & ~guard.mask)


def _maximal(masks: list[int]) -> list[int]:
    """Return the masks that are part of no other, largest first."""
    found: list[int] = []
    for mask in sorted(masks, key=int.bit_count, reverse=True):
        if not any(mask & ~known == 0 for known in found):
            found.append(mask)
    return found
