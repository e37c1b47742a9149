"""Decision trees over a bank: branches that are each right on some examples, guards that tell the examples apart.

Sets of examples are bitmasks (bit i is example i). A tree is grown from the top: a guard that leaves each side to one
branch if there is such a guard, else the guards whose sides are best covered (Alur, Radhakrishna & Udupa 2017).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from dsl.grammar import Grammar, Symbol
from dsl.operator import Operator
from dsl.program import Apply, Program
from pbe.budget import Meter

DEEPEST = 5
TRIED = 4
"""Guards tried at a node that leave no side, or one, to one branch."""
ALIKE = 4
"""Parts of the same mask that stand in for each other where several trees are asked for."""


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
    switch: Switch, branches: Iterable[Part], guards: Iterable[Part], examples: int, meter: Meter, most: int = 1
) -> list[Part]:
    """Return up to `most` of the trees found that are right on all of the first `examples`, most probable first.

    One tree is made of the most probable part of each mask; with more, parts of the same mask stand in for each other,
    and deeper trees are tried beside those that one guard makes. Raises BudgetSpent.
    """
    alike = 1 if most == 1 else ALIKE
    chooser = _Chooser(switch, _distinct(branches, alike), _distinct(guards, alike), meter, most, alike)
    return chooser.trees((1 << examples) - 1, DEEPEST)


def _distinct(parts: Iterable[Part], most: int) -> list[Part]:
    """Return up to `most` parts of each mask, the most probable ones, most probable first."""
    kept: list[Part] = []
    count: Counter[int] = Counter()
    for part in sorted(parts, key=lambda part: -part.log_prob):
        if part.mask and count[part.mask] < most:
            count[part.mask] += 1
            kept.append(part)
    return kept


Way = tuple[float, Part, Part, Part]
"""The log probability of a tree, its guard, and its two sides."""


class _Chooser:
    def __init__(
        self, switch: Switch, branches: list[Part], guards: list[Part], meter: Meter, most: int, alike: int
    ) -> None:
        self.switch, self.branches, self.guards, self.meter = switch, branches, guards, meter
        self.most, self.alike = most, alike
        self.widest = _maximal([branch.mask for branch in branches])
        self.known_leaves: dict[int, list[Part]] = {}
        self.known_trees: dict[tuple[int, int], list[Part]] = {}

    def leaves(self, examples: int) -> list[Part]:
        """Return the most probable branches that are right on all these examples."""
        if examples not in self.known_leaves:
            right = (branch for branch in self.branches if not examples & ~branch.mask)
            self.known_leaves[examples] = list(islice(right, self.alike))
        return self.known_leaves[examples]

    def covered(self, examples: int) -> int:
        """Return the most of these examples that one branch is right on."""
        return max([(mask & examples).bit_count() for mask in self.widest], default=0)

    def trees(self, examples: int, depth: int) -> list[Part]:
        """Return the most probable trees for these examples, at most `depth` guards deep."""
        key = examples, depth
        if key not in self.known_trees:
            self.known_trees[key] = self.leaves(examples) or (self.split(examples, depth) if depth else [])
        return self.known_trees[key]

    def split(self, examples: int, depth: int) -> list[Part]:
        ways: list[Way] = []
        unparted: list[Part] = []
        parting = [g for g in self.guards if 0 != examples & g.mask != examples]
        self.meter.spend(len(parting))
        for guard in parting:
            sides = self.leaves(examples & guard.mask), self.leaves(examples & ~guard.mask)
            ways += self.ways(guard, *sides)
            if not all(sides):
                unparted.append(guard)
        if depth > 1 and (self.most > 1 or not ways):
            unparted.sort(key=lambda g: -self.covered(examples & g.mask) - self.covered(examples & ~g.mask))
            for guard in unparted[:TRIED]:
                thens = self.trees(examples & guard.mask, depth - 1)
                others = self.trees(examples & ~guard.mask, depth - 1) if thens else []
                ways += self.ways(guard, thens, others)
        ways.sort(key=lambda way: -way[0])
        return [self.tree(*way) for way in ways[: self.most]]

    def ways(self, guard: Part, thens: Sequence[Part], others: Sequence[Part]) -> Iterator[Way]:
        """Yield trees under a guard: the best of one side with each of the best few of the other."""
        log_prob = self.switch.log_weight + guard.log_prob
        for index, then in enumerate(thens[: self.alike]):
            for other in others[:1] if index else others[: self.alike]:
                yield log_prob + then.log_prob + other.log_prob, guard, then, other

    def tree(self, log_prob: float, guard: Part, then: Part, other: Part) -> Part:
        program = Apply(self.switch.operator, (guard.program, then.program, other.program))
        return Part(program, log_prob, then.mask & guard.mask | other.mask & ~guard.mask)


def _maximal(masks: list[int]) -> list[int]:
    """Return the masks that are part of no other, largest first."""
    found: list[int] = []
    for mask in sorted(masks, key=int.bit_count, reverse=True):
        if not any(mask & ~known == 0 for known in found):
            found.append(mask)
    return found
