"""Parts of texts that continue several outputs at once, looked up by where they begin and how long they may be.

For an operator that `slices` (text, start, count): the starts of a bank at which a text goes on as every output does
are found by their first character, and the counts by the longest part that still agrees. A count may also be one
operation on another number of the bank and the start: where a part ends, less where it begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dsl.grammar import Grammar, Rule
from dsl.operator import Operator
from dsl.program import Apply, Program
from dsl.types import INTEGER
from pbe.enumeration import Bank, Entry, Vector

TEXTS = 10
NUMBERS = 160
"""Texts and numbers of the bank that are tried, the most probable first."""

NEVER = 10**9

Room = Sequence[tuple[int, int, int, int]]
"""Per row of a cluster: its place in the output, the row, how many characters agree with the output from there on, and
the least count that takes all that the text has left (NEVER, where the text goes on otherwise)."""


@dataclass(frozen=True, slots=True)
class Count:
    """How long a slice is, on every row: a number of the bank, or a rule applied to two of them."""

    values: Vector
    log_prob: float
    numbers: tuple[Entry, ...]
    rule: Rule | None = None

    @property
    def program(self) -> Program:
        """Return the count's program."""
        programs = tuple([entry.best[1] for entry in self.numbers])
        head = self.rule.head if self.rule else None
        return Apply(head, programs) if isinstance(head, Operator) else programs[0]


@dataclass(frozen=True, slots=True)
class Slice:
    """A rule's operator applied to a text, a start and a count; `log_prob` in nats."""

    log_prob: float
    rule: Rule
    text: Entry
    start: Entry
    count: Count

    @property
    def program(self) -> Program:
        """Return the slice's program."""
        assert isinstance(self.rule.head, Operator)
        return Apply(self.rule.head, (self.text.best[1], self.start.best[1], self.count.program))


class Slicer:
    """The slices of one rule over a bank; a cluster of examples is a tuple of rows, the first of which leads."""

    def __init__(self, grammar: Grammar, rule: Rule, log_weight: float, bank: Bank, outputs: Sequence[str]) -> None:
        text, start, count = rule.rhs
        self.rule, self.log_weight, self.outputs = rule, log_weight, outputs
        self.operations = [
            (made, weight, made.head.apply)
            for made, weight in grammar.by_lhs[count]
            if isinstance(made.head, Operator)
            and made.head.params == (INTEGER, INTEGER)
            and made.rhs == (start, start)
        ]
        self.starts = _likeliest([e for e in bank.entries[start] if e.defined], NUMBERS)
        self.counts = [
            Count(entry.values, entry.log_mass, (entry,))
            for entry in _likeliest([e for e in bank.entries[count] if e.defined], NUMBERS)
        ]
        self.texts = _likeliest([e for e in bank.entries[text] if e.defined and max(map(len, e.values)) > 1], TEXTS)
        self._starts: dict[tuple[int, int], dict[str, list[Entry]]] = {}
        self._counts: dict[int, dict[int, list[Count]]] = {}
        self._made: dict[int, list[Count]] = {}
        self._ends: dict[tuple[int, int], dict[int, list[Count]]] = {}

    def at(self, cluster: Sequence[int], places: Sequence[int]) -> Iterator[tuple[tuple[int, ...], Slice]]:
        """Yield slices that continue the cluster's outputs at their places, with the places after them.

        No slice is empty on any row, and of those that lead to the same places only the most probable is yielded.
        """
        lead = cluster[0]
        output, place = self.outputs[lead], places[0]
        best: dict[tuple[int, ...], Slice] = {}
        for index, text in enumerate(self.texts):
            for start in self._starting(index, lead).get(output[place], ()):
                room = self._room(text, start, cluster, places)
                for count in self._fitting(start, lead, room) if room else ():
                    log_prob = self.log_weight + text.log_mass + start.log_mass + count.log_prob
                    values = count.values
                    after = tuple([place + min(values[row], most) for place, row, most, _ in room])
                    known = best.get(after)
                    if known is None or known.log_prob < log_prob:
                        best[after] = Slice(log_prob, self.rule, text, start, count)
        yield from best.items()

    def _starting(self, index: int, lead: int) -> dict[str, list[Entry]]:
        """Return the starts by the character of a text that they stand at on the leading row."""
        key = index, lead
        if key not in self._starts:
            text: str = self.texts[index].values[lead]
            found: dict[str, list[Entry]] = {}
            for start in self.starts:
                place = start.values[lead]
                if 0 <= place < len(text):
                    found.setdefault(text[place], []).append(start)
            self._starts[key] = found
        return self._starts[key]

    def _room(self, text: Entry, start: Entry, cluster: Sequence[int], places: Sequence[int]) -> Room:
        """Return per row its place, how many characters agree, and the least count that takes all there are."""
        room = []
        for row, place in zip(cluster, places, strict=True):
            source, begin, output = text.values[row], start.values[row], self.outputs[row]
            if begin < 0:
                return []
            most = min(len(source) - begin, len(output) - place)
            agreed = 0
            while agreed < most and source[begin + agreed] == output[place + agreed]:
                agreed += 1
            if not agreed:
                return []
            room.append((place, row, agreed, agreed if begin + agreed == len(source) else NEVER))
        return room

    def _fitting(self, start: Entry, lead: int, room: Room) -> Iterator[Count]:
        """Yield the counts that end where all rows still agree."""
        _, _, longest, rest = room[0]
        by_value, ends = self._counted(lead), self._ending(start, lead)
        values = [*range(1, longest + 1), *([v for v in by_value if v > longest] if rest < NEVER else ())]
        others = room[1:]
        for value in values:
            for counts in (by_value.get(value, ()), ends.get(value, ())):
                for count in counts:
                    known = count.values
                    for _, row, most, least in others:
                        if not 1 <= known[row] <= most and known[row] < least:
                            break
                    else:
                        yield count

    def _counted(self, lead: int) -> dict[int, list[Count]]:
        if lead not in self._counts:
            self._counts[lead] = _by_value(self.counts, lead)
        return self._counts[lead]

    def _ending(self, start: Entry, lead: int) -> dict[int, list[Count]]:
        """Return the counts made of another number and the start, by their value on the leading row."""
        key = id(start), lead
        if key not in self._ends:
            if id(start) not in self._made:
                self._made[id(start)] = list(self._make(start))
            self._ends[key] = _by_value(self._made[id(start)], lead)
        return self._ends[key]

    def _make(self, start: Entry) -> Iterator[Count]:
        known = {count.values for count in self.counts}
        for rule, weight, operation in self.operations:
            for end in self.starts:
                values = tuple(map(operation, end.values, start.values))
                if None not in values and max(values) > 0 and values not in known:
                    known.add(values)
                    yield Count(values, weight + end.log_mass + start.log_mass, (end, start), rule)


def _by_value(counts: list[Count], row: int) -> dict[int, list[Count]]:
    found: dict[int, list[Count]] = {}
    for count in counts:
        if count.values[row] > 0:
            found.setdefault(count.values[row], []).append(count)
    return found


def _likeliest(entries: list[Entry], most: int) -> list[Entry]:
    return sorted(entries, key=lambda entry: -entry.log_mass)[:most]
