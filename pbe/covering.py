"""Joins of a growing bank's texts that write several outputs at once: a shortest path over tuples of places.

A state is a symbol and one place in each output of a cluster of examples; an edge is a text that continues all of them.
The path of least cost is the most probable program (Dijkstra; the graph is FlashFill's, Gulwani 2011, intersected over
the examples while it is walked).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count as counter

from dsl.grammar import Grammar, Rule, Symbol
from dsl.operator import Operator
from dsl.program import Apply, Program
from pbe.budget import Meter
from pbe.enumeration import Bank, Entry
from pbe.slicing import Slice, Slicer

LEAST_EDGES = 1500
"""Edges looked at over one bank: as many as it took programs to make, at least these."""

Places = tuple[int, ...]
State = tuple[Symbol, Places]


@dataclass(frozen=True, slots=True)
class Edge:
    """The way to a state: from which, by which rule, writing which text (None for a chain rule)."""

    before: State
    rule: Rule | None
    text: Entry | Slice | None


class Covering:
    """All joins over one bank; ask for any symbol and any cluster of examples."""

    def __init__(self, grammar: Grammar, bank: Bank, outputs: Sequence[str], meter: Meter) -> None:
        self.grammar, self.bank, self.outputs, self.meter = grammar, bank, outputs, meter
        self.allowance = max(LEAST_EDGES, bank.programs)
        self._texts: dict[tuple[Symbol, int], dict[str, list[Entry]]] = {}
        self._slicers: dict[Symbol, list[Slicer]] = {}
        self._joins = {
            symbol: [r for r in rules if isinstance(r[0].head, Operator) and r[0].head.joins]
            for symbol, rules in grammar.by_lhs.items()
        }

    def best(self, symbol: Symbol, cluster: Places) -> tuple[float, Program] | None:
        """Return the most probable program of a symbol that writes the outputs of a cluster, with its log probability.

        None where there is none, or this bank's allowance is spent. Parts that are empty on the cluster's first
        row are not found. Raises BudgetSpent.
        """
        lead = cluster[0]
        if not self.outputs[lead]:
            return None
        ends = tuple([len(self.outputs[row]) for row in cluster])
        begin: State = symbol, (0,) * len(cluster)
        costs: dict[State, float] = {begin: 0.0}
        ways: dict[State, Edge] = {}
        order = counter()
        waiting = [(0.0, next(order), begin)]
        done: set[State] = set()
        while waiting and self.allowance > 0:
            cost, _, state = heapq.heappop(waiting)
            if state in done:
                continue
            done.add(state)
            if state[1] == ends:
                return -cost, self._program(state, ways)
            for price, after, edge in self._edges(state, cluster, ends):
                self.allowance -= 1
                total = cost + price
                if total < costs.get(after, total + 1):
                    costs[after], ways[after] = total, edge
                    heapq.heappush(waiting, (total, next(order), after))
        return None

    def _edges(self, state: State, cluster: Places, ends: Places) -> Iterator[tuple[float, State, Edge]]:
        symbol, places = state
        for rule, weight in self.grammar.by_lhs[symbol]:
            if rule.head is None and self._joins[rule.rhs[0]]:
                yield -weight, (rule.rhs[0], places), Edge(state, None, None)
        joins = self._joins[symbol]
        for part in {symbol: None} | {rule.rhs[0]: None for rule, _ in joins}:
            for after, text in self._continuing(part, cluster, places):
                price = -(text.log_prob if isinstance(text, Slice) else text.log_mass)
                if after == ends:
                    if part == symbol:
                        yield price, (symbol, after), Edge(state, None, text)
                    continue
                for rule, weight in joins:
                    if rule.rhs[0] == part:
                        yield price - weight, (rule.rhs[1], after), Edge(state, rule, text)

    def _continuing(
        self, symbol: Symbol, cluster: Places, places: Places
    ) -> Iterator[tuple[Places, Entry | Slice]]:
        """Yield the texts of a symbol that continue all outputs of a cluster at their places, with the places after."""
        lead = cluster[0]
        output, place = self.outputs[lead], places[0]
        if place == len(output):
            return
        others = [(row, self.outputs[row], at) for row, at in zip(cluster[1:], places[1:], strict=True)]
        for entry in self._starting(symbol, lead).get(output[place], ()):
            values = entry.values
            if output.startswith(values[lead], place) and all(
                text.startswith(values[row], at) for row, text, at in others
            ):
                self.meter.spend()
                yield tuple([at + len(values[row]) for row, at in zip(cluster, places, strict=True)]), entry
        if all(at < len(text) for _, text, at in others):
            for slicer in self._slicing(symbol):
                for found in slicer.at(cluster, places):
                    self.meter.spend()
                    yield found

    def _starting(self, symbol: Symbol, lead: int) -> dict[str, list[Entry]]:
        """Return a symbol's texts by their first character on the leading row, without those that joining makes."""
        key = symbol, lead
        if key not in self._texts:
            output = self.outputs[lead]
            found: dict[str, list[Entry]] = {}
            for entry in self.bank.entries[symbol]:
                head = entry.options[0].rule.head
                value = entry.values[lead]
                if value and value in output and entry.defined and not (isinstance(head, Operator) and head.joins):
                    found.setdefault(value[0], []).append(entry)
            self._texts[key] = found
        return self._texts[key]

    def _slicing(self, symbol: Symbol) -> list[Slicer]:
        if symbol not in self._slicers:
            self._slicers[symbol] = [
                Slicer(self.grammar, rule, weight, self.bank, self.outputs)
                for rule, weight in self.grammar.by_lhs[symbol]
                if isinstance(rule.head, Operator) and rule.head.slices
            ]
        return self._slicers[symbol]

    def _program(self, state: State, ways: dict[State, Edge]) -> Program:
        """Return the program that a path spells, from its last text back to its first."""
        program: Program | None = None
        while state in ways:
            edge = ways[state]
            if edge.text is not None:
                text = edge.text.program if isinstance(edge.text, Slice) else edge.text.best[1]
                if edge.rule is None:
                    program = text
                else:
                    assert isinstance(edge.rule.head, Operator) and program is not None
                    program = Apply(edge.rule.head, (text, program))
            state = edge.before
        assert program is not None
        return program
