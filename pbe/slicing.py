"""Parts of texts that continue several outputs at once, looked up by where they begin and how long they may be.

For an operator that `slices` (text, start, count): which numbers of a bank are starts at which a text goes on as every
output does, and which are counts for which it still agrees, is told for all numbers together, by masks with a bit for
each. A count may also be where a part ends, less where it begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import or_

from dsl.grammar import Grammar, Rule
from dsl.operator import Operator
from dsl.program import Apply, Program
from dsl.sygus.integers import subtract
from pbe.enumeration import Bank, Entry

TEXTS = 10
NUMBERS = 1000
"""Texts and numbers of the bank that are tried, the most probable first."""

Places = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """A rule's operator applied to a text, a start and a count; `log_prob` in nats.

    The count is a number, or where `minus` is a rule that subtracts, what is left of it by the start.
    """

    log_prob: float
    rule: Rule
    text: Entry
    start: Entry
    number: Entry
    minus: Rule | None

    @property
    def program(self) -> Program:
        """Return the slice's program."""
        assert isinstance(self.rule.head, Operator)
        start, count = self.start.best[1], self.number.best[1]
        if self.minus is not None:
            assert isinstance(self.minus.head, Operator)
            count = Apply(self.minus.head, (count, start))
        return Apply(self.rule.head, (self.text.best[1], start, count))


class Slicer:
    """The slices of one rule over a bank; a cluster of examples is a tuple of rows, the first of which leads."""

    def __init__(self, grammar: Grammar, rule: Rule, log_weight: float, bank: Bank, outputs: Sequence[str]) -> None:
        text, start, count = rule.rhs
        self.rule, self.log_weight, self.outputs = rule, log_weight, outputs
        self.texts = _likeliest([e for e in bank.entries[text] if e.defined and max(map(len, e.values)) > 1], TEXTS)
        longest = max([len(value) for text in self.texts for value in text.values], default=0)
        self.starts = Numbers(bank.entries[start], longest)
        self.counts = self.starts if start == count else Numbers(bank.entries[count], longest)
        self.minus = [
            (made, weight)
            for made, weight in grammar.by_lhs[count]
            if made.head == subtract and made.rhs == (start, start)
        ]
        self._standing: dict[tuple[int, int], dict[str, int]] = {}

    def at(self, cluster: Sequence[int], places: Places) -> Iterator[tuple[Places, Slice]]:
        """Yield slices that continue the cluster's outputs at their places, with the places after them.

        No slice is empty on any row, and of those that lead to the same places only the most probable is yielded.
        """
        best: dict[Places, Slice] = {}
        for index, text in enumerate(self.texts):
            starts = self.starts.all
            for row, place in zip(cluster, places, strict=True):
                starts &= self._starting(index, row).get(self.outputs[row][place], 0)
                if not starts:
                    break
            for start in self.starts.among(starts):
                for after, found in self._ending(text, start, cluster, places):
                    known = best.get(after)
                    if known is None or known.log_prob < found.log_prob:
                        best[after] = found
        yield from best.items()

    def _starting(self, index: int, row: int) -> dict[str, int]:
        """Return the masks of the starts by the character of a text that they stand at on a row."""
        key = index, row
        if key not in self._standing:
            found: dict[str, int] = {}
            for place, character in enumerate(self.texts[index].values[row]):
                found[character] = found.get(character, 0) | self.starts.between(row, place, place)
            self._standing[key] = found
        return self._standing[key]

    def _ending(
        self, text: Entry, start: Entry, cluster: Sequence[int], places: Places
    ) -> Iterator[tuple[Places, Slice]]:
        """Yield the slices from a start on that end where all rows still agree, with the places after them."""
        begins = start.values
        counts, ends = self.counts.all, self.starts.all if self.minus else 0
        most = []
        for row, place in zip(cluster, places, strict=True):
            source, output, begin = text.values[row], self.outputs[row], begins[row]
            limit = min(len(source) - begin, len(output) - place)
            agreed = 1
            while agreed < limit and source[begin + agreed] == output[place + agreed]:
                agreed += 1
            most.append(agreed)
            if begin + agreed == len(source):  # a count may be more than the text has left
                counts &= self.counts.above(row, 0)
                ends &= self.starts.above(row, begin)
            else:
                counts &= self.counts.between(row, 1, agreed)
                ends &= self.starts.between(row, begin + 1, begin + agreed)
        price = self.log_weight + text.log_mass + start.log_mass
        for number in self.counts.among(counts):
            after = [at + min(number.values[row], m) for row, at, m in zip(cluster, places, most, strict=True)]
            yield tuple(after), Slice(price + number.log_mass, self.rule, text, start, number, None)
        for minus, weight in self.minus:
            for number in self.starts.among(ends):
                after = [
                    at + min(number.values[row] - begins[row], m)
                    for row, at, m in zip(cluster, places, most, strict=True)
                ]
                log_prob = price + weight + number.log_mass + start.log_mass
                yield tuple(after), Slice(log_prob, self.rule, text, start, number, minus)


class Numbers:
    """The most probable numbers of a bank, the likeliest first; a set of them is a mask with bit i for the i-th."""

    def __init__(self, entries: Sequence[Entry], highest: int) -> None:
        self.entries = _likeliest([entry for entry in entries if entry.defined], NUMBERS)
        self.all = (1 << len(self.entries)) - 1
        self.highest = highest
        self._until: dict[int, list[int]] = {}

    def between(self, row: int, least: int, most: int) -> int:
        """Return the numbers from `least` to `most` on a row, where 0 ≤ least ≤ most ≤ highest."""
        until = self._until.get(row) or self._sorted(row)
        return until[most + 1] & ~until[least]

    def above(self, row: int, number: int) -> int:
        """Return the numbers above one from 0 to `highest` on a row."""
        until = self._until.get(row) or self._sorted(row)
        return self.all & ~until[number + 1]

    def _sorted(self, row: int) -> list[int]:
        """Return the masks of the numbers up to -1, 0, 1, … `highest` on a row."""
        at = [0] * (self.highest + 2)
        for index, entry in enumerate(self.entries):
            value = entry.values[row]
            if value <= self.highest:
                at[max(value + 1, 0)] |= 1 << index
        self._until[row] = list(accumulate(at, or_))
        return self._until[row]

    def among(self, mask: int) -> Iterator[Entry]:
        """Yield the numbers of a mask, the likeliest first."""
        while mask:
            lowest = mask & -mask
            yield self.entries[lowest.bit_length() - 1]
            mask ^= lowest


def _likeliest(entries: list[Entry], most: int) -> list[Entry]:
    return sorted(entries, key=lambda entry: -entry.log_mass)[:most]
