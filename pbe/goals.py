"""What a search is for: outputs of examples, or whatever else can be judged on rows and refuted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from dsl.interpreter import evaluate
from dsl.program import Program
from dsl.task import Example, Row, RowKey, row_key
from dsl.types import Value

EXAMPLES = 4
"""Examples searched on at first."""


class Finding(StrEnum):
    """What was found out about an answer."""

    HOLDS = "holds"
    REFUTED = "refuted"
    UNKNOWN = "unknown"
    """Neither was shown in the time given."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found out about an answer.

    When it is refuted, either `example` is the number of an example it gets wrong, counted from 0, or `counterexample`
    holds values of the task's variables for which a constraint is broken.
    """

    finding: Finding
    example: int | None = None
    counterexample: Row | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Return whether the answer is right."""
        return self.finding is Finding.HOLDS


HOLDS = Verdict(Finding.HOLDS)


class Goal(Protocol):
    """What a program must do, as far as it can be told from its values on a few rows, and a verdict on the whole."""

    @property
    def rows(self) -> Sequence[Row]:
        """Return the rows that programs are judged on at present."""

    @property
    def outputs(self) -> Sequence[Value] | None:
        """Return the values wanted on the rows, None unless just these are wanted."""

    def right(self, values: Sequence[Value]) -> Sequence[bool]:
        """Return for each of the rows whether a value there is right, as far as one row can tell."""

    def accepts(self, values: Sequence[Value]) -> bool:
        """Return whether values on the rows are right together."""

    def verdict(self, program: Program) -> Verdict:
        """Return whether a program does all that it must."""

    def learn(self, program: Program, verdict: Verdict) -> bool:
        """Judge by what refuted a program from now on; return whether that changes anything."""


class Examples:
    """The goal of giving the output of every example, judged on a few; those that refuted a program join them.

    Examples are known by their numbers, counted from 0; of those with the same inputs only the first counts.
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        first: dict[RowKey, int] = {}
        for index, example in enumerate(examples):
            first.setdefault(row_key(example.inputs), index)
        self.examples = {index: examples[index] for index in first.values()}
        self.taken = list(self.examples)[:EXAMPLES]
        self.more = 1
        self._take()

    def _take(self) -> None:
        taken = [self.examples[index] for index in self.taken]
        self.rows: Sequence[Row] = [example.inputs for example in taken]
        self.outputs: Sequence[Value] = tuple([example.output for example in taken])

    def right(self, values: Sequence[Value]) -> list[bool]:
        """Return for each of the rows whether the value is its output."""
        return [value == output for value, output in zip(values, self.outputs, strict=True)]

    def accepts(self, values: Sequence[Value]) -> bool:
        """Return whether the values are the outputs."""
        return values == self.outputs

    def verdict(self, program: Program) -> Verdict:
        """Return whether a program gives every output; REFUTED names the first example that it fails."""
        index = next(self._failed(program), None)
        return HOLDS if index is None else Verdict(Finding.REFUTED, example=index)

    def learn(self, program: Program, verdict: Verdict) -> bool:
        """Judge by examples that a program fails from now on: by one at first, each time by twice as many."""
        failed = [index for index in self._failed(program) if index not in self.taken]
        self.taken += failed[:: -(-len(failed) // self.more) or 1]
        self.more *= 2
        self._take()
        return bool(failed)

    def _failed(self, program: Program) -> Iterator[int]:
        for index, example in self.examples.items():
            if evaluate(program, example.inputs) != example.output:
                yield index
