"""How the examples came about, and what that says about meanings: the listener inverts the speaker it is told of.

`requested` and `top_down` say nothing (the row was not the speaker's choice). `chooses` is the pragmatic speaker of
Frank & Goodman (2012) over the rows that could have been shown. `corrects` had the present fill in view: whoever
corrects a row would most often have corrected a wrong one above it first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Grammar
from dsl.interpreter import cell, cells
from dsl.task import Row, Task, row_key
from dsl.types import as_text
from pbe.budget import Meter
from pbe.deduction import Deduction
from pbe.enumeration import Bank, Entry, enumerate_bank
from pbe.meaning import MeaningMatrix
from rsa import log_code_masses, speaker_from_codes

ALPHA = 1.0
OVERLOOKED = 0.05
"""The probability that a person overlooks a wrong cell above the one they correct."""
MOST_OVERLOOKED = 2
MOST_ROWS_TO_CHOOSE_FROM = 24


def log_speakers(
    task: Task,
    matrix: MeaningMatrix,
    log_masses: NDArray[np.float64],
    rows: Sequence[Row],
    grammar: Grammar,
    bank: Bank,
    meter: Meter,
) -> NDArray[np.float64]:
    """Return, per behaviour, the log probability (nats) that the task's speakers would give its examples.

    `rows` are the matrix's rows, `log_masses` its behaviours' masses in the grammar alone. Raises BudgetSpent when the
    meter runs out.
    """
    place = {row_key(row): index for index, row in enumerate(rows)}
    said = [place[row_key(example.inputs)] for example in task.examples]
    log_factor = np.zeros(len(matrix.behaviours))
    for step, speaker in enumerate(task.speakers):
        if speaker == "chooses" and said[step] not in said[:step]:
            before = {said[k]: task.examples[k].target for k in range(step)}
            log_factor += _chooses(matrix, log_masses, rows, grammar, bank, meter, before, said[step])
        elif speaker == "corrects" and task.shown is not None:
            log_factor += _corrects(task, matrix, rows, said[step], set(said[: step + 1]))
    return log_factor


def _chooses(
    matrix: MeaningMatrix,
    log_masses: NDArray[np.float64],
    rows: Sequence[Row],
    grammar: Grammar,
    bank: Bank,
    meter: Meter,
    before: Mapping[int, str | None],
    chosen: int,
) -> NDArray[np.float64]:
    """Return log S1(the chosen row | behaviour, what was said before)."""
    open_rows = [row for row in range(len(rows)) if row not in before and row != chosen]
    if grammar.start in bank:
        return _chooses_in(matrix, bank.entries[grammar.start], before, sorted([*open_rows, chosen]), chosen)
    open_rows = sorted([*open_rows[: MOST_ROWS_TO_CHOOSE_FROM - 1], chosen])
    codes = matrix.codes[open_rows]
    masses = [
        np.maximum(  # at least the mass of the behaviours at hand, should the search for alternatives keep too few
            known,
            [alternative_mass(grammar, bank, rows, {**before, row: label}, meter) for label in matrix.labels[row]],
        )
        for row, known in zip(open_rows, log_code_masses(codes, log_masses), strict=True)
    ]
    log_speaker = speaker_from_codes(codes, masses, alpha=ALPHA)
    return np.asarray(log_speaker[open_rows.index(chosen)], dtype=np.float64)


def _chooses_in(
    matrix: MeaningMatrix,
    language: Sequence[Entry],
    before: Mapping[int, str | None],
    open_rows: Sequence[int],
    chosen: int,
) -> NDArray[np.float64]:
    """Return log S1(the chosen row | behaviour, what was said before) in a language whose programs are all listed."""
    could = [entry for entry in language if all(cell(entry.values[row]) == text for row, text in before.items())]
    every = MeaningMatrix.of([cells(entry.values) for entry in could], [entry.log_mass for entry in could])
    known = log_code_masses(every.codes[open_rows], every.log_prior)
    masses = []
    for row, log_masses in zip(open_rows, known, strict=True):
        by_label = dict(zip(every.labels[row], log_masses, strict=True))
        masses.append(np.array([by_label[label] for label in matrix.labels[row]]))
    log_speaker = speaker_from_codes(matrix.codes[open_rows], masses, alpha=ALPHA)
    return np.asarray(log_speaker[open_rows.index(chosen)], dtype=np.float64)


def alternative_mass(
    grammar: Grammar, bank: Bank, rows: Sequence[Row], targets: Mapping[int, str | None], meter: Meter
) -> float:
    """Return the log prior mass (nats) of everything in the language that writes the targets, a subset of the rows.

    An output that is blank has all the mass: nobody shows a blank to say what they mean.
    """
    written = [row for row, text in targets.items() if text]
    if len(written) < len(targets) or not written:
        return 0.0
    places = {row: index for index, row in enumerate(targets)}
    few = [rows[row] for row in targets]
    small = enumerate_bank(grammar, bank.entries, few, meter)
    goals = {places[row]: text for row, text in targets.items()}
    return Deduction(grammar, small, few, goals, meter, driver=places[written[0]]).solve(classes=True).log_mass


def _corrects(
    task: Task, matrix: MeaningMatrix, rows: Sequence[Row], corrected: int, given: set[int]
) -> NDArray[np.float64]:
    assert task.shown is not None
    first: dict[object, int] = {}
    for index, row in enumerate(task.rows):
        first.setdefault(row_key(row), index)
    order = [first[row_key(row)] for row in rows]
    wrong = np.zeros(len(matrix.behaviours))
    for place, index in enumerate(order):
        if index < order[corrected] and place not in given:
            shown = as_text(task.shown[index]) or None
            wrong += [outputs[place] != shown for outputs in matrix.behaviours]
    return math.log(OVERLOOKED) * np.minimum(wrong, MOST_OVERLOOKED)
