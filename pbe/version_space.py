"""Version spaces: sets of programs that share their parts, after Lau et al. (2003) and Gulwani (2011).

A space counts its programs and sums their probabilities without listing them, and lists them best first when asked.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count as counter
from math import prod
from typing import TypeAlias

import networkx as nx

from dsl.grammar import log_sum
from dsl.operator import Operator
from dsl.program import Apply, Program


@dataclass(frozen=True, slots=True, eq=False)
class Leaf:
    """One program; or, with `count` > 1, a class of programs that behave alike, spoken for by its best one.

    `log_mass` is the log of the summed probability (nats), `log_best` that of the program shown.
    """

    program: Program
    log_mass: float
    log_best: float
    count: int = 1

    @classmethod
    def of(cls, program: Program, log_prob: float) -> Leaf:
        """Return the space of a single program."""
        return cls(program, log_prob, log_prob)


@dataclass(frozen=True, slots=True, eq=False)
class Join:
    """An operator over all combinations of programs from its parts."""

    operator: Operator
    parts: tuple[VersionSpace, ...]
    log_weight: float
    count: int
    log_mass: float

    @classmethod
    def of(cls, operator: Operator, parts: tuple[VersionSpace, ...], log_weight: float = 0.0) -> Join:
        """Return the join, with the probability (nats) of choosing the operator."""
        mass = log_weight + sum(part.log_mass for part in parts)
        return cls(operator, parts, log_weight, prod(part.count for part in parts), mass)


@dataclass(frozen=True, slots=True, eq=False)
class Union:
    """The programs of all options; of none for an empty space. `log_weight` is added to each."""

    options: tuple[VersionSpace, ...]
    log_weight: float
    count: int
    log_mass: float

    @classmethod
    def of(cls, options: tuple[VersionSpace, ...], log_weight: float = 0.0) -> Union:
        """Return the union; options must not share programs, or these are counted twice."""
        mass = log_weight + log_sum(option.log_mass for option in options)
        return cls(options, log_weight, sum(option.count for option in options), mass)


VersionSpace: TypeAlias = Leaf | Join | Union

EMPTY = Union.of(())


def best(space: VersionSpace, k: int | None = None) -> Iterator[tuple[float, Program]]:
    """Yield (log probability, program), most probable first, at most k; lazily (Huang & Chiang 2005, algorithm 3).

    A class leaf yields its best program with the probability of that program alone.
    """
    return _stream(space, k, by_mass=False)


def best_by_mass(space: VersionSpace, k: int | None = None) -> Iterator[tuple[float, Program]]:
    """Yield (log mass, program) in falling order, where a class leaf counts with the mass of its whole class."""
    return _stream(space, k, by_mass=True)


def _stream(space: VersionSpace, k: int | None, by_mass: bool) -> Iterator[tuple[float, Program]]:
    streams: dict[int, _Ranked] = {}
    rank = _ranked(space, streams, by_mass)
    index = 0
    while (k is None or index < k) and (item := rank.get(index)):
        yield item
        index += 1


class _Ranked:
    """The programs of one node in order, found as far as anyone has asked."""

    def __init__(self) -> None:
        self.found: list[tuple[float, Program]] = []

    def get(self, index: int) -> tuple[float, Program] | None:
        while len(self.found) <= index:
            item = self.advance()
            if item is None:
                return None
            self.found.append(item)
        return self.found[index]

    def advance(self) -> tuple[float, Program] | None:
        return None


class _RankedUnion(_Ranked):
    def __init__(self, options: list[_Ranked], log_weight: float) -> None:
        super().__init__()
        self.options, self.log_weight = options, log_weight
        self.heap: list[tuple[float, int, int, Program]] | None = None

    def push(self, option: int, index: int) -> None:
        item = self.options[option].get(index)
        if item and self.heap is not None:
            heapq.heappush(self.heap, (-item[0], option, index, item[1]))

    def advance(self) -> tuple[float, Program] | None:
        if self.heap is None:
            self.heap = []
            for option in range(len(self.options)):
                self.push(option, 0)
        if not self.heap:
            return None
        cost, option, index, program = heapq.heappop(self.heap)
        self.push(option, index + 1)
        return self.log_weight - cost, program


class _RankedJoin(_Ranked):
    def __init__(self, operator: Operator, parts: list[_Ranked], log_weight: float) -> None:
        super().__init__()
        self.operator, self.parts, self.log_weight = operator, parts, log_weight
        self.heap: list[tuple[float, int, tuple[int, ...], tuple[Program, ...]]] | None = None
        self.seen: set[tuple[int, ...]] = set()
        self.order = counter()

    def push(self, indices: tuple[int, ...]) -> None:
        if indices in self.seen or self.heap is None:
            return
        self.seen.add(indices)
        items = []
        for part, index in zip(self.parts, indices, strict=True):
            item = part.get(index)
            if item is None:
                return
            items.append(item)
        total = self.log_weight + sum(item[0] for item in items)
        heapq.heappush(self.heap, (-total, next(self.order), indices, tuple([item[1] for item in items])))

    def advance(self) -> tuple[float, Program] | None:
        if self.heap is None:
            self.heap = []
            self.push((0,) * len(self.parts))
        if not self.heap:
            return None
        cost, _, indices, args = heapq.heappop(self.heap)
        for place in range(len(indices)):
            self.push((*indices[:place], indices[place] + 1, *indices[place + 1 :]))
        return -cost, Apply(self.operator, args)


def _ranked(space: VersionSpace, streams: dict[int, _Ranked], by_mass: bool) -> _Ranked:
    """Return the ranked stream of a node, shared by all nodes that hold it."""
    order: list[VersionSpace] = []
    stack: list[tuple[VersionSpace, bool]] = [(space, False)]
    seen: set[int] = set()
    while stack:
        node, ready = stack.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((child, False) for child in children(node))
    for node in order:
        if isinstance(node, Leaf):
            stream = _Ranked()
            stream.found = [(node.log_mass if by_mass else node.log_best, node.program)]
        elif isinstance(node, Join):
            stream = _RankedJoin(node.operator, [streams[id(p)] for p in node.parts], node.log_weight)
        else:
            stream = _RankedUnion([streams[id(o)] for o in node.options], node.log_weight)
        streams[id(node)] = stream
    return streams[id(space)]


def children(space: VersionSpace) -> tuple[VersionSpace, ...]:
    """Return the spaces directly below a node."""
    return space.parts if isinstance(space, Join) else space.options if isinstance(space, Union) else ()


def contains(space: VersionSpace, program: Program) -> bool:
    """Return whether the program is in the space (of a class leaf: whether it is the one that speaks for it)."""
    if isinstance(space, Leaf):
        return space.program == program
    if isinstance(space, Union):
        return any(contains(option, program) for option in space.options)
    return (
        isinstance(program, Apply)
        and program.operator == space.operator
        and all(contains(part, arg) for part, arg in zip(space.parts, program.args, strict=True))
    )


def intersect(first: VersionSpace, second: VersionSpace) -> VersionSpace:
    """Return the space of the programs that are in both, with the weights of the first; EMPTY if there are none."""
    known: dict[tuple[int, int], VersionSpace] = {}

    def meet(a: VersionSpace, b: VersionSpace) -> VersionSpace:
        key = id(a), id(b)
        if key not in known:
            known[key] = _meet(a, b)
        return known[key]

    def _meet(a: VersionSpace, b: VersionSpace) -> VersionSpace:
        if isinstance(a, Union):
            return _union([meet(option, b) for option in a.options], a.log_weight)
        if isinstance(b, Union):
            return _union([meet(a, option) for option in b.options], 0.0)
        if isinstance(a, Leaf):
            return a if contains(b, a.program) else EMPTY
        if isinstance(b, Leaf):
            log_prob = _log_prob(a, b.program)
            return EMPTY if log_prob is None else Leaf.of(b.program, log_prob)
        if a.operator != b.operator:
            return EMPTY
        parts = tuple(meet(p, q) for p, q in zip(a.parts, b.parts, strict=True))
        return Join.of(a.operator, parts, a.log_weight) if all(p.count for p in parts) else EMPTY

    return meet(first, second)


def _union(options: list[VersionSpace], log_weight: float) -> VersionSpace:
    kept = tuple(option for option in options if option.count)
    return Union.of(kept, log_weight) if kept else EMPTY


def _log_prob(space: VersionSpace, program: Program) -> float | None:
    """Return the log probability that the space gives to a program, None if it does not hold it."""
    if isinstance(space, Leaf):
        return space.log_best if space.program == program else None
    if isinstance(space, Union):
        logs = [x for option in space.options if (x := _log_prob(option, program)) is not None]
        return space.log_weight + log_sum(logs) if logs else None
    if not isinstance(program, Apply) or program.operator != space.operator:
        return None
    total = space.log_weight
    for part, arg in zip(space.parts, program.args, strict=True):
        log_prob = _log_prob(part, arg)
        if log_prob is None:
            return None
        total += log_prob
    return total


def as_graph(space: VersionSpace) -> nx.DiGraph[int]:
    """Return the space as a directed acyclic graph: nodes carry `label`, `count` and `log_mass`."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    stack = [space]
    while stack:
        node = stack.pop()
        if id(node) in graph and "label" in graph.nodes[id(node)]:
            continue
        label = (
            str(node.program) if isinstance(node, Leaf) else "∪" if isinstance(node, Union) else node.operator.name
        )
        graph.add_node(id(node), label=label, count=node.count, log_mass=node.log_mass)
        for child in children(node):
            graph.add_edge(id(node), id(child))
            stack.append(child)
    return graph
