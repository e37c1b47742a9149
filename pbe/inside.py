"""Inside probabilities: the prior mass of everything in the language that writes a text on one row.

The same goals as in deduction, but only sums of probabilities go back up (the inside algorithm, Baker 1979): no
program is kept and none is left out, so a mass costs far less than a search and is shared by all texts of the row.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsl.grammar import Grammar, Literals, Symbol, log_sum
from dsl.operator import Operator
from dsl.task import Row
from dsl.types import Value
from pbe.budget import Meter
from pbe.deduction import Goals, cut_places
from pbe.enumeration import Bank, leaf_vector


class Inside(Goals):
    """Log masses (nats) of values on the driving row, summed over the programs of a symbol.

    Rules that choose (operators that are not strict) are left out, as in `Deduction`.
    """

    def __init__(self, grammar: Grammar, bank: Bank, rows: Sequence[Row], meter: Meter, driver: int) -> None:
        super().__init__(grammar, bank, rows, meter, driver)
        self._known: dict[tuple[Symbol, Value], float] = {}
        self._banked: dict[Symbol, dict[Value, float]] = {}

    def log_mass(self, text: str) -> float:
        """Return the log mass of the programs that write a text, which must not be empty."""
        return self._whole(self.grammar.start, text, frozenset(cut_places(text)), {})

    def _whole(
        self, symbol: Symbol, text: str, cuts: frozenset[int], known: dict[tuple[Symbol, int], float], start: int = 0
    ) -> float:
        """Return the log mass of a symbol's programs that write `text` from `start` on, in pieces cut at `cuts`."""
        key = symbol, start
        if key not in known:
            if not self.whole(symbol):
                return self._piece(symbol, text[start:])
            self.meter.spend()
            terms = []
            for rule, weight in self.grammar.by_lhs[symbol]:
                if rule.head is None:
                    terms.append(weight + self._whole(rule.rhs[0], text, cuts, known, start))
                elif isinstance(rule.head, Operator) and rule.head.joins:
                    piece, rest = rule.rhs
                    for cut in cuts:
                        if start < cut < len(text):
                            first = self._piece(piece, text[start:cut])
                            if first > -math.inf:
                                terms.append(weight + first + self._whole(rest, text, cuts, known, cut))
            known[key] = log_sum(terms)
        return known[key]

    def _piece(self, symbol: Symbol, value: Value) -> float:
        if symbol in self.bank:
            if symbol not in self._banked:
                table = self.bank.index(symbol, self.driver)
                self._banked[symbol] = {v: log_sum([e.log_mass for e in entries]) for v, entries in table.items()}
            return self._banked[symbol].get(value, -math.inf)
        key = symbol, value
        known = self._known.get(key)
        if known is None:
            self.meter.spend()
            self._known[key] = -math.inf  # a goal met again below itself adds nothing
            known = self._known[key] = self._sum(symbol, value)
        return known

    def _sum(self, symbol: Symbol, value: Value) -> float:
        terms = []
        for rule, weight in self.grammar.by_lhs[symbol]:
            if rule.head is None:
                terms.append(weight + self._piece(rule.rhs[0], value))
            elif isinstance(rule.head, Literals):
                terms.append(weight + rule.head.log_prob(value))
            elif isinstance(rule.head, Operator):
                for goals in self.goals(rule, value):
                    parts = [self._piece(part, goal) for part, goal in zip(rule.rhs, goals, strict=True)]
                    terms.append(weight + sum(parts))
            elif leaf_vector(rule.head, [self.rows[self.driver]]) == (value,):
                terms.append(weight)
        return log_sum(terms)
