"""What the pragmatic listener and the questions are worth in filling a column, with simulated people.

Each person knows the right column and gives one row after another until the sheet is right (at most 10; unsolved counts
11): `requested` answers the row that was asked for, `top_down` gives the rows in order, `corrects` starts with the first
and then corrects the first wrong row of the fill, `chooses` shows the row that a fixed speaker S1 likes best (Frank &
Goodman 2012, alpha 1, every behaviour as likely as any other): the one whose right output fewest behaviours share, among
those that agree with what was said. The behaviours are what a literal search finds from any single row; where the
right column is not among them, `chooses` corrects the first wrong row. No person looks at the listener they talk to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import pbe
from app.bench.columns import CAP, ColumnTask
from dsl.grammar import Grammar
from dsl.interpreter import outputs as run
from dsl.strings.language import string_grammar
from dsl.task import SPEAKERS, ContradictoryExamples, Task, row_key
from dsl.types import as_text
from pbe.budget import BudgetSpent
from pbe.prior import PriorWeights, Weights, fitted, using
from pbe.search import search

PROTOCOL = "one row after another until every row is right, cap 10; intervals: 95 % bootstrap over tasks"
LITERAL = "literal"
LISTENERS = (LITERAL, "corrects", "chooses")
"""What the listener is told; told `requested` or `top_down` it is the literal one."""
MOST_ROWS = 12
"""Rows that `chooses` chooses from: this many, spread over the column."""
RESAMPLES = 10_000

Given = tuple[int, ...]


@dataclass(slots=True)
class Trial:
    """What happened on one task: examples needed, by speaker and listener, and what asking took.

    `from_question` is the number needed when the first row is the one asked for and the others are corrections;
    `asked` the number of questions until every cell passes, `asked_right` whether the sheet was right then.
    """

    task: str
    needed: dict[str, dict[str, int]] = field(default_factory=dict)
    from_question: int = 0
    asked: int = 0
    asked_right: bool = False

    @property
    def adaptive(self) -> int:
        """Return the number needed by the protocol of the other benches: row 1, then the first wrong row."""
        return self.needed["corrects"][LITERAL]

    def as_json(self) -> dict[str, Any]:
        """Return the trial in the form that `--json` writes."""
        return {
            "task": self.task,
            "needed": self.needed,
            "from_question": self.from_question,
            "asked": self.asked,
            "asked_right": self.asked_right,
        }


class Sheet:
    """A column task, with what was learnt from which examples kept."""

    def __init__(self, task: ColumnTask, budget: pbe.Budget, uniform: bool) -> None:
        first: dict[object, int] = {}
        for index, row in enumerate(task.rows):
            first.setdefault(row_key(row), index)
        self.rows = tuple([task.rows[i] for i in first.values()])
        self.outputs = tuple([task.outputs[i] for i in first.values()])
        self.targets = tuple([as_text(output) or None for output in self.outputs])
        self.consistent = all(self.targets[self.rows_index(first, row)] == (as_text(output) or None) for row, output in zip(task.rows, task.outputs, strict=True))
        self.budget, self.uniform = budget, uniform
