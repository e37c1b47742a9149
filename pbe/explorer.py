"""The meaning matrix of an answer made visible: its leading behaviours, and what the agents think of them."""

from __future__ import annotations

import math
from collections.abc import Sequence

import rsa
from dsl.task import Task, row_key
from pbe.answer import Answer
from pbe.meaning import MeaningMatrix

MOST_ROWS = 12
"""Rows shown: the examples', then those on which most behaviours differ."""


def explore(
    task: Task, answer: Answer, *, alpha: float = 1.0, depth: int = 1, names: Sequence[str] | None = None
) -> rsa.Exploration:
    """Return L0, S1, L1 … over an answer's candidates, with the task's examples as the steps of the sequence.

    Utterances are "row 3: Jan" for each output that some candidate gives on the rows shown; "row 3" is the row's name,
    from `names`, or its number in the task counted from 1. Meanings are the candidates' programs. The prior is the
    candidates' probability (that of a literal listener, where the answer comes from one); what is not among the
    candidates is left out of the tables. Raises ValueError for an answer without candidates.
    """
    if not answer.candidates:
        raise ValueError("the answer has no candidates to explore")
    every = MeaningMatrix.of([c.outputs for c in answer.candidates], [_log(c.probability) for c in answer.candidates])
    first: dict[object, int] = {}
    for index, row in enumerate(task.rows):
        first.setdefault(row_key(row), index)
    given = list(dict.fromkeys(first[row_key(example.inputs)] for example in task.examples))
    open_rows = [row for row in first.values() if row not in given]
    shown = sorted([*given, *sorted(open_rows, key=lambda row: (-len(every.labels[row]), row))][:MOST_ROWS])
    matrix = MeaningMatrix.of([tuple([b[row] for row in shown]) for b in every.behaviours], list(every.log_prior))
    places = {utterance: index for index, utterance in enumerate(matrix.utterances)}
    targets = {first[row_key(example.inputs)]: example.target for example in task.examples}
    named = [f"row {row + 1}" if names is None else names[row] for row in shown]
    said = [places[shown.index(row), targets[row]] for row in given if row in shown]
    return rsa.explore(
        matrix.truth.toarray(),
        said,
        matrix.log_prior,
        alpha=alpha,
        depth=depth,
        utterances=[f"{named[row]}: {'(blank)' if text is None else text}" for row, text in matrix.utterances],
        meanings=[str(candidate.program) for candidate in answer.candidates],
    )


def _log(probability: float) -> float:
    return math.log(probability) if probability > 0 else -math.inf
