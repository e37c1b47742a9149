"""How the examples came about, and what that says about meanings: the listener inverts the speaker it is told of.

`requested` and `top_down` say nothing (the row was not the speaker's choice). `chooses` is the pragmatic speaker of
Frank & Goodman (2012) over the rows that could have been shown; but in a column only the first row is a free choice,
since whoever adds another has seen the fill and adds it for being wrong. `corrects` had the present fill in view:
whoever corrects a row would most often have corrected a wrong one above it first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from dsl.grammar import Grammar, log_sum
from dsl.interpreter import cell
from dsl.task import Row, Task, row_key
from dsl.types import as_text
from pbe.budget import Meter
from pbe.deduction import deducible
from pbe.distinguish import entropy
from pbe.enumeration import Bank, Entry
from pbe.inside import Inside
from pbe.meaning import MeaningMatrix
from rsa import log_code_masses, speaker_from_codes

ALPHA = 0.1
"""How far a chosen row is trusted to have been chosen well where a prior is fitted: enough to tell apart what the prior
holds to be about as likely. With ¼ a reading that the prior knows to be right loses as often as a better one wins."""
TEXTBOOK_ALPHA = 1.0
"""The same where all programs are listed and pragmatics stands in for a prior (Frank & Goodman 2012)."""
OVERLOOKED = 0.05
"""The probability that a person overlooks a wrong cell above the one they correct."""
MOST_OVERLOOKED = 2
MOST_ROWS_TO_CHOOSE_FROM = 8


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
    corrected = [step for step, speaker in enumerate(task.speakers) if speaker == "corrects"]
    for step, speaker in enumerate(task.speakers):
        free = step == 0 or grammar.start in bank  # nothing is filled where a language is listened to as a whole
        if speaker == "chooses" and free and said[step] not in said[:step]:
            before = {said[k]: task.examples[k].target for k in range(step)}
            log_factor += _chooses(matrix, log_masses, rows, grammar, bank, meter, before, said[step])
        elif step in corrected[-1:] and task.shown is not None:  # what was on show before the others is not known
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
    listed = grammar.start in bank
    most = len(rows) if listed else MOST_ROWS_TO_CHOOSE_FROM
    compared = _rows_to_compare(matrix, before, chosen, most)
    codes = matrix.codes[compared]
    labels = [matrix.labels[row] for row in compared]
    if listed:
        masses = _masses_in(bank.entries[grammar.start], labels, compared, before)
    elif not deducible(grammar):
        masses = [np.full(len(known), -np.inf) for known in labels]
    else:
        masses = [_masses_alone(Inside(grammar, bank, rows, meter, row), labels[i]) for i, row in enumerate(compared)]
    masses = [
        np.maximum(known, found)  # at least the mass of the behaviours at hand: the inside sums leave out conditions
        for known, found in zip(log_code_masses(codes, log_masses), masses, strict=True)
    ]
    log_speaker = speaker_from_codes(codes, masses, alpha=TEXTBOOK_ALPHA if listed else ALPHA)
    return np.asarray(log_speaker[compared.index(chosen)], dtype=np.float64)


def _rows_to_compare(
    matrix: MeaningMatrix, before: Mapping[int, str | None], chosen: int, most: int
) -> list[int]:
    """Return the chosen row and those still unsaid on which the behaviours differ most, at most so many, in order.

    A row on which all agree is worth the same to each of them.
    """
    posterior = np.exp(matrix.log_prior - matrix.log_prior.max())
    spread = [entropy(distribution) for distribution in matrix.distributions(posterior)]
    unsaid = [row for row in range(len(spread)) if row not in before and row != chosen]
    others = sorted(unsaid, key=lambda row: -spread[row])
    return sorted([chosen, *others[: most - 1]])


def _masses_alone(inside: Inside, labels: Sequence[str | None]) -> NDArray[np.float64]:
    """Return the log mass of all that writes each label; a blank has all: nobody shows one to say what they mean."""
    return np.array([inside.log_mass(label) if label else 0.0 for label in labels])


def _masses_in(
    language: Sequence[Entry],
    labels: Sequence[Sequence[str | None]],
    compared: Sequence[int],
    before: Mapping[int, str | None],
) -> list[NDArray[np.float64]]:
    """Return the log masses of labels within what agrees with the examples before, all programs being listed."""
    could = [entry for entry in language if all(cell(entry.values[row]) == text for row, text in before.items())]
    masses = []
    for row, wanted in zip(compared, labels, strict=True):
        by_label: dict[str | None, list[float]] = {}
        for entry in could:
            by_label.setdefault(cell(entry.values[row]), []).append(entry.log_mass)
        masses.append(np.array([log_sum(by_label.get(label, ())) if label else 0.0 for label in wanted]))
    return masses


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
    return log_overlooked(wrong)


def log_overlooked(wrong: ArrayLike) -> NDArray[np.float64]:
    """Return the log probability (nats), up to a constant, that a person leaves so many wrong cells uncorrected."""
    return math.log(OVERLOOKED) * np.minimum(np.asarray(wrong, dtype=np.float64), MOST_OVERLOOKED)
