"""What holds of a sketch on several examples at once, as z3 is told it: lists where they can be had, else facts.

A part with few values is listed: which lengths and weights of texts, or which numbers, it can have on all examples
together. Of the others the operators' facts tell. What a part must not exceed if the whole is to be the output is
worked out first, by intervals, and what lies outside is not listed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product, starmap
from typing import TypeAlias

from dsl.operator import HEAVIEST, Operator, weight_of
from dsl.task import Example
from dsl.types import Value
from pbe.intervals import (
    FAR,
    LENGTHS,
    MEASURED,
    UNBOUNDED,
    Fact,
    Interval,
    Polynomial,
    measure,
    narrowed,
    range_of,
    weighed_facts_of,
)
from pbe.lemmas import Applied, Constraint, Listed, Path, Within
from pbe.sketches import Hole, Node, Sketch, function_on

MOST_RUN, MOST_VECTORS = 10_000, 128
"""An operator is run on all values of its arguments if that takes at most MOST_RUN runs an example; z3 is told what
comes out, as far as it fits, if that is at most MOST_VECTORS different vectors."""
RUN, LOOK = 4, 20
"""What a run on an example costs, and to see whether a value fits, in the time of completions tried."""

Vector: TypeAlias = tuple[int, ...]
"""The numbers of a part on the first example, on the second, …: of a text its length and weight."""
Box: TypeAlias = tuple[Interval, ...]
"""Where the numbers of a part lie: on each example its length or value, then its weight (anywhere for a number)."""
ANYWHERE = (-UNBOUNDED, UNBOUNDED)


class Joint:
    """Tells what holds of sketches that give the outputs of some of the examples, those with the indices `rows`.

    `goal` is what holds of every root; `effort` counts what telling has cost, in the time of completions tried.
    """

    def __init__(self, examples: Sequence[Example], rows: Sequence[int]) -> None:
        self.rows, self.effort = rows, 0
        outputs = tuple([examples[row].output for row in rows])
        self._shared: dict[tuple[tuple[Vector, ...], bool, bool], Listed] = {}
        self._tables: dict[Sketch, list[tuple[Value, ...]] | None] = {}
        self._boxes: dict[Sketch, Box] = {}
        self._facts: dict[Operator, tuple[Fact, ...]] = {}
        self._narrowed: dict[tuple[str, tuple[Interval, ...]], list[Interval]] = {}
        text = isinstance(outputs[0], str)
        self.goal = self._same([_numbers(outputs, text)], False, text)
        self._root = _hull([outputs], text)

    def constraints(self, sketch: Sketch) -> list[tuple[Path, Constraint]]:
        """Return what holds at each place of a sketch, by path."""
        return self._below(sketch, (), self._root)

    def _below(self, sketch: Sketch, path: Path, box: Box) -> list[tuple[Path, Constraint]]:
        """Return what holds of a part and below it, if its numbers lie in a box."""
        listed = self._listed(sketch, box)
        if listed is not None:
            return [(path, listed)]
        if not isinstance(sketch, Node):
            return []
        found: list[tuple[Path, Constraint]] = []
        inside = self._inside(sketch, box)
        for index, child in enumerate(sketch.children):
            place = (*path, index)
            if sketch.operator.strict or not isinstance(child, Node):
                found += self._below(child, place, inside[index])
            elif child.type in MEASURED:  # what is not chosen may be undefined
                text = child.type in LENGTHS
                found.append((place, Within(self._box(child) if text else self._box(child)[::2], text)))
        holes = tuple([isinstance(child, Hole) for child in sketch.children])
        return [*found, *[(path, Applied(fact, holes)) for fact in self._told(sketch.operator)]]

    # ------------------------------------------------------------ parts that are listed

    def _listed(self, sketch: Sketch, box: Box) -> Listed | None:
        """Return which vectors in a box a part can have; None if that is not known, too much, or told by facts."""
        values = self._values(sketch) if sketch.type in MEASURED and not self._weighed(sketch) else None
        if values is None:
            return None
        if isinstance(sketch, Hole):
            values = [vector[:1] for vector in values]
            box = (_common(box[::2]), _common(box[1::2]))
        text = sketch.type in LENGTHS
        self.effort += LOOK * len(values)
        fitting = _fitting(values, box, text)
        if len(fitting) > MOST_VECTORS and not isinstance(sketch, Hole):
            return None
        return self._same(fitting, isinstance(sketch, Hole), text)

    def _same(self, vectors: Iterable[Vector], hole: bool, text: bool) -> Listed:
        """Return the same constraint for the same vectors."""
        key = tuple(sorted(vectors)), hole, text
        if key not in self._shared:
            self._shared[key] = Listed(*key)
        return self._shared[key]

    def _values(self, sketch: Sketch) -> list[tuple[Value, ...]] | None:
        """Return the different values of a sketch's completions, each on all examples, where they are defined."""
        if sketch not in self._tables:
            self._tables[sketch] = self._run(sketch)
        return self._tables[sketch]

    def _run(self, sketch: Sketch) -> list[tuple[Value, ...]] | None:
        """Return those values, None if they are too many to list or a part may be left unchosen."""
        if not isinstance(sketch, Node):
            found = zip(*[sketch.column(row) for row in self.rows], strict=True)
            return [vector for vector in found if None not in vector] or None
        if not sketch.operator.strict and any(isinstance(child, Node) for child in sketch.children):
            return None
        parts, runs = [], 1
        for child in sketch.children:
            part = self._values(child)
            if part is None or runs * len(part) > MOST_RUN:
                return None
            parts.append(part)
            runs *= len(part)
        self.effort += RUN * runs * len(self.rows)
        results = []
        for index in range(len(self.rows)):
            columns = [[vector[index] for vector in part] for part in parts]
            results.append(starmap(function_on(sketch.operator, columns), product(*columns)))
        return [vector for vector in dict.fromkeys(zip(*results, strict=True)) if None not in vector]

    # ------------------------------------------------------------ each example by itself

    def _box(self, sketch: Sketch) -> Box:
        """Return where a sketch's numbers lie, judged by its parts."""
        if sketch not in self._boxes:
            values = self._values(sketch) if sketch.type in MEASURED else None
            if values:
                self._boxes[sketch] = _hull(values, sketch.type in LENGTHS)
            elif isinstance(sketch, Node):
                parts = [self._box(child) for child in sketch.children]
                anywhere = (range_of(sketch.type), ANYWHERE) * len(self.rows)
                rows = self._narrow(sketch, anywhere, parts)
                self._boxes[sketch] = _column(rows, 0)
            else:
                self._boxes[sketch] = (range_of(sketch.type), ANYWHERE) * len(self.rows)
        return self._boxes[sketch]

    def _inside(self, node: Node, box: Box) -> list[Box]:
        """Return for each part where its numbers lie if the whole's lie in a box."""
        rows = self._narrow(node, box, [self._box(child) for child in node.children])
        return [_column(rows, index + 1) for index in range(len(node.children))]

    def _narrow(self, node: Node, whole: Box, parts: Sequence[Box]) -> list[list[Interval]]:
        """Return per example where the variables of an operator's facts lie; all as given if they contradict."""
        boxes = [whole, *parts]
        found = []
        for i in range(0, 2 * len(self.rows), 2):
            known = (*[box[i] for box in boxes], *[box[i + 1] for box in boxes])
            key = node.operator.name, known
            if key not in self._narrowed:
                self._narrowed[key] = narrowed(self._told(node.operator), known) or list(known)
            found.append(self._narrowed[key])
        return found

    def _weighed(self, sketch: Sketch) -> bool:
        """Return whether facts tell what the result of a sketch's operator weighs, not only within which bounds.

        z3 finds contradictions sooner among such facts than among lists.
        """
        weight = len(sketch.children) + 1 if isinstance(sketch, Node) else None
        return isinstance(sketch, Node) and any(
            weight in fact.variables and all(option.equal for option in fact.options)
            for fact in self._told(sketch.operator)
        )

    def _told(self, operator: Operator) -> tuple[Fact, ...]:
        """Return the facts that z3 gets: those without products, and where the result can lie at all."""
        if operator not in self._facts:
            (low, high), out = range_of(operator.returns), Polynomial({(0,): 1})
            bounds = [fact for fact, finite in ((out >= low, low > -FAR), (out <= high, high < FAR)) if finite]
            if operator.returns in LENGTHS:
                total = Polynomial({(len(operator.params) + 1,): 1})
                bounds += [total >= out, total <= out * HEAVIEST]
            self._facts[operator] = (*bounds, *[fact for fact in weighed_facts_of(operator) if fact.linear])
        return self._facts[operator]


def _column(rows: Sequence[Sequence[Interval]], index: int) -> Box:
    """Return one part's box; a row has an example's intervals, the parts' measures and then their weights."""
    return tuple([interval for row in rows for interval in (row[index], row[index + len(row) // 2])])


def _numbers(values: Sequence[Value], text: bool) -> Vector:
    """Return the lengths and weights of texts, or the measures of other values."""
    if text:
        return tuple([number for value in values for number in (len(value), weight_of(value))])
    return tuple([measure(value) for value in values])


def _hull(values: Sequence[tuple[Value, ...]], text: bool) -> Box:
    """Return a box around the numbers of some values; of many texts only the lengths are looked at."""
    sides: list[Interval] = []
    for column in zip(*values, strict=True):
        measures = list(map(measure, column))
        low, high = min(measures), max(measures)
        if not text:
            sides += [(low, high), ANYWHERE]
        elif len(column) > MOST_VECTORS:
            sides += [(low, high), (low, high * HEAVIEST)]
        else:
            weights = list(map(weight_of, column))
            sides += [(low, high), (min(weights), max(weights))]
    return tuple(sides)


def _fitting(values: Sequence[tuple[Value, ...]], box: Box, text: bool) -> set[Vector]:
    """Return the vectors of some values that lie in a box; texts are weighed only if their lengths fit."""
    near = [vector for vector in values if _fits(map(measure, vector), box[::2])]
    if text:
        near = [vector for vector in near if _fits(map(weight_of, vector), box[1::2])]
    return {_numbers(vector, text) for vector in near}


def _fits(numbers: Iterable[int], intervals: Sequence[Interval]) -> bool:
    """Return whether each number lies in its interval."""
    return all(low <= number <= high for number, (low, high) in zip(numbers, intervals, strict=True))


def _common(intervals: Sequence[Interval]) -> Interval:
    """Return where all intervals overlap; the least end may be beyond the greatest."""
    return max([low for low, _ in intervals]), min([high for _, high in intervals])
