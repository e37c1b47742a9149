"""What speaks for a program beside its size: how its outputs look down the whole column, and what it leaves open."""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsl.strings.tokens import kinds
from dsl.task import Task
from dsl.types import as_text

BITS_PER_BLANK = 3.0
"""Charge for each row, among those looked at, on which a program is undefined although its row is not blank."""
MOST_BITS_FOR_BLANKS = 24.0
BITS_PER_BLANK_WITH_BLANK_EXAMPLE = 0.3

NONE_BITS = 5.0
"""Bits against "what is meant is not in the language" before any example …"""
NONE_BITS_PER_CHARACTER = {"mark": 2.5, "letter": 3.2, "digit": 2.6}
"""… and what an output from outside the language is expected to cost, per character."""


def column_evidence(task: Task, blank_rows: Sequence[bool], outputs: Sequence[str | None]) -> float:
    """Return the log factor (nats, at most 0) that a behaviour's outputs on the sampled rows earn.

    `blank_rows` tells which of the rows have nothing in them; `outputs` has one cell per row.
    """
    missing = sum(1 for output, blank in zip(outputs, blank_rows, strict=True) if output is None and not blank)
    blank_example = any(example.target is None for example in task.examples)
    per_blank = BITS_PER_BLANK_WITH_BLANK_EXAMPLE if blank_example else BITS_PER_BLANK
    return -min(per_blank * missing, MOST_BITS_FOR_BLANKS) * math.log(2)


def log_none(task: Task) -> float:
    """Return the log mass (nats) of the examples' outputs under "none of my programs".

    What lies outside the language is described as a text written out character by character; so the more the
    examples confirm a program, the less remains for it.
    """
    bits = NONE_BITS
    for target in dict.fromkeys(example.target for example in task.examples):
        for kind in kinds(target or ""):
            name = "digit" if kind == "d" else "letter" if kind in "Ulo" else "mark"
            bits += NONE_BITS_PER_CHARACTER[name]
    return -bits * math.log(2)


def is_blank(row: Sequence[object]) -> bool:
    """Return whether a row has nothing in it."""
    return not any(as_text(cell) for cell in row)  # type: ignore[arg-type]
