"""From examples to an answer: the one module that knows every stage.

grammar → bank → version space → behaviours → meaning matrix → listener → answer
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Grammar, log_sum
from dsl.interpreter import Runner
from dsl.program import Program
from dsl.strings.language import string_grammar
from dsl.strings.number_columns import only_numbers
from dsl.task import Row, Task, row_key
from dsl.types import Cell
from pbe.answer import Answer, Candidate, Question
from pbe.budget import Budget, BudgetSpent, Meter, StopReason
from pbe.distinguish import best_question, made_up_question, most_ambiguous_row
from pbe.draws import drawn_behaviours
from pbe.meaning import Behaviour, MeaningMatrix, Outputs
from pbe.mutations import made_up_rows
from pbe.prior import Calibrator, fitted, log_none, log_prior
from pbe.sample import distinct_rows, spread_rows
from pbe.search import Found, Seeds, search
from pbe.speakers import log_speakers

CANDIDATES = 8
"""Behaviours in an answer; more are compared, as many as it takes CELLS cells to run on all rows."""
CELLS = 400_000
ROWS_AT_ONCE = 2000
ROWS_TO_BEGIN_WITH = 7
"""Rows looked at before there is any example. Of a whole column, the most uncertain row of all is often an odd one."""
LISTENERS = ("pragmatic", "literal")
Progress = Callable[[int, int], None]


def learn(
    examples: Iterable[tuple[Cell | Sequence[Cell], Cell]],
    rows: Iterable[Cell | Sequence[Cell]] = (),
    *,
    speaker: str | Sequence[str] = "top_down",
    shown: Sequence[Cell] | None = None,
    listener: str = "pragmatic",
    budget: Budget | None = None,
    hint: str | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Return the programs that examples ask for, with a prediction and a probability for every row.

    `examples` are (inputs, output) with inputs a cell or a tuple of cells; `rows` are all rows to fill, the examples'
    rows included (those missing are put in front). `speaker` says how the examples came about (`dsl.task.SPEAKERS`),
    one name or one per example; `shown` is the fill on screen before a correction. Raises ValueError for unknown
    names, rows of different widths and contradictory examples (ContradictoryExamples).
    """
    task = Task.of(examples, rows, speaker=speaker, shown=shown, hint=hint)
    return synthesize(task, string_grammar(task), listener=listener, budget=budget, progress=progress)


def synthesize(
    task: Task,
    grammar: Grammar,
    *,
    seeds: Seeds = (),
    listener: str = "pragmatic",
    budget: Budget | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Return the answer for a task in a given grammar.

    `seeds` are programs, such as an LLM's, that join the candidates when they fit the examples, or a mapping from them
    to how often each was proposed: together they are worth at most as much as all that is found. The listener
    "literal" ignores how the examples came about. `progress(done, total)` hears of the rows as they are filled.
    """
    if listener not in LISTENERS:
        raise ValueError(f"no listener is called {listener!r}; choose one of {', '.join(LISTENERS)}")
    meter = (budget or Budget()).start()
    if not task.examples:
        return _unsolved(task, StopReason.NO_EXAMPLE, meter, _first_question(task, grammar, meter))
    try:
        found = search(task, grammar, seeds, meter)
    except BudgetSpent as spent:
        return _unsolved(task, spent.reason, meter)
    if not found.behaviours:
        return _unsolved(task, StopReason.EXHAUSTED, meter)
    matrix, behaviours = _matrix(task, found.rows, found.behaviours)
    log_listener = matrix.log_prior
    if listener == "pragmatic":
        log_masses = np.array([b.log_mass for b in behaviours])
        try:
            log_listener = log_listener + log_speakers(
                found.task, matrix, log_masses, found.rows, grammar, found.bank, meter
            )
        except BudgetSpent as spent:
            found = replace(found, stop=spent.reason)
    order, posterior = _posterior(task, behaviours, log_listener, found.log_total)
    return _answer(task, [behaviours[i] for i in order], posterior[order], found, meter, progress)


def first_question(rows: Iterable[Cell | Sequence[Cell]], budget: Budget | None = None) -> Question | None:
    """Return the row to ask for before there is any example: the one whose output the prior leaves most open.

    It is the first of a column of numbers, and where no other is clearly more open. None where there are no rows, none
    has anything to read, or the budget ends before they were compared.
    """
    task = Task.of((), rows)
    return _first_question(task, string_grammar(task), (budget or Budget()).start())


def distinguishing_question(
    examples: Iterable[tuple[Cell | Sequence[Cell], Cell]],
    rows: Iterable[Cell | Sequence[Cell]] = (),
    budget: Budget | None = None,
) -> Question | None:
    """Return a made-up input, an example's changed a little, on which programs that fit the examples differ.

    For programs that will meet other inputs than `rows`; on the rows themselves `Answer.question` asks. Its `row` is
    None and its options are written outputs. None where nothing fits, or what fits agrees on all inputs made up.
    """
    task = Task.of(examples, rows)
    known = set(map(row_key, task.rows))
    made_up = [row for row in made_up_rows([e.inputs for e in task.examples]) if row_key(row) not in known]
    wider = replace(task, rows=task.rows + tuple(made_up))
    answer = synthesize(wider, string_grammar(task), budget=budget)
    return made_up_question(answer.candidates, made_up, range(len(task.rows), len(wider.rows)))


def _first_question(task: Task, grammar: Grammar, meter: Meter) -> Question | None:
    """Return the row to begin with: the one whose output the prior leaves most open.

    Of numbers alone the first: which programs on numbers the language of columns has is read off the examples, so
    before any there are none to compare.
    """
    rows = spread_rows(task.rows, ROWS_TO_BEGIN_WITH)
    if not rows:
        return None
    if only_numbers(rows) and grammar == string_grammar(task):
        return Question(_places(task, rows)[0], rows[0], ())
    try:
        row = most_ambiguous_row(rows, drawn_behaviours(grammar, rows, meter))
    except BudgetSpent:
        return None
    return Question(_places(task, rows)[row], rows[row], ())


def _matrix(
    task: Task, rows: Sequence[Row], behaviours: Sequence[Behaviour]
) -> tuple[MeaningMatrix, list[Behaviour]]:
    """Return the meaning matrix with the column's evidence in its prior, and the behaviours as its columns."""
    scored = [(log_prior(task, rows, b.log_mass, b.outputs), b) for b in behaviours]
    scored.sort(key=lambda item: -item[0])
    kept = [behaviour for _, behaviour in scored]
    return MeaningMatrix.of([b.outputs for b in kept], [score for score, _ in scored]), kept


def _posterior(
    task: Task, behaviours: Sequence[Behaviour], log_listener: NDArray[np.float64], log_total: float
) -> tuple[list[int], NDArray[np.float64]]:
    """Return the behaviours' order and posterior; what is missing to 1 is for other programs and for none of them."""
    scale = fitted().prior.mass
    log_listed = log_sum(b.log_mass for b in behaviours)
    log_seen = log_sum(float(x) for x in log_listener)
    unlisted = math.log(max(1e-300, -math.expm1(min(0.0, log_listed - log_total)))) + log_total
    log_other = log_seen + scale * (unlisted - log_listed)
    log_all = log_sum((log_seen, log_other, scale * log_none(task)))
    posterior = np.exp(log_listener - log_all)
    return sorted(range(len(behaviours)), key=lambda i: -posterior[i]), posterior


def _answer(
    task: Task,
    behaviours: Sequence[Behaviour],
    posterior: NDArray[np.float64],
    found: Found,
    meter: Meter,
    progress: Progress | None,
) -> Answer:
    """Return the answer: the leading behaviours run on all rows, and what they agree on."""
    distinct, index = distinct_rows(task.rows)
    leading = behaviours[: max(2, CELLS // max(1, len(distinct)))]
    columns = _run_all([behaviour.program for behaviour in leading], distinct, progress)
    candidates = _candidates(leading, columns, posterior)
    distributions = _distributions(candidates, len(distinct))
    places = {row_key(row): i for i, row in enumerate(distinct)}
    given = {places[row_key(example.inputs)]: example.target for example in task.examples}
    best = candidates[0]
    calibrated = Calibrator(task, best.program, distinct, best.outputs)
    cells = [
        (given[i], 1.0) if i in given else (output, calibrated(row, output, distribution[output]))
        for i, (row, output, distribution) in enumerate(zip(distinct, best.outputs, distributions, strict=True))
    ]
    first: dict[int, int] = {}
    for i, place in enumerate(index):
        first.setdefault(place, i)
    return Answer(
        program=best.program,
        outputs=tuple([cells[i][0] for i in index]),
        confidence=tuple([cells[i][1] for i in index]),
        candidates=tuple([replace(c, outputs=tuple([c.outputs[i] for i in index])) for c in candidates[:CANDIDATES]]),
        question=best_question(
            distinct,
            distributions,
            [confidence for _, confidence in cells],
            set(given),
            [first[i] for i in range(len(distinct))],
        ),
        stop=found.stop,
        count=found.count,
        found=min(1.0, sum(candidate.probability for candidate in candidates)),
        seconds=meter.seconds,
    )


def _candidates(
    behaviours: Sequence[Behaviour], columns: Sequence[Outputs], posterior: NDArray[np.float64]
) -> list[Candidate]:
    """Return the behaviours as candidates, most probable first; those that agree on all rows are one."""
    merged: dict[Outputs, Candidate] = {}
    for behaviour, outputs, probability in zip(behaviours, columns, posterior, strict=False):
        known = merged.get(outputs)
        if known is None:
            merged[outputs] = Candidate(behaviour.program, float(probability), outputs)
        else:
            merged[outputs] = replace(known, probability=min(1.0, known.probability + float(probability)))
    return sorted(merged.values(), key=lambda candidate: -candidate.probability)


def _distributions(candidates: Sequence[Candidate], rows: int) -> list[dict[str | None, float]]:
    """Return, per row, the probability of each output that a candidate gives it."""
    distributions: list[dict[str | None, float]] = [{} for _ in range(rows)]
    for candidate in candidates:
        for distribution, output in zip(distributions, candidate.outputs, strict=True):
            distribution[output] = distribution.get(output, 0.0) + candidate.probability
    return distributions


def _run_all(programs: Sequence[Program], rows: Sequence[Row], progress: Progress | None) -> list[Outputs]:
    """Return every program's outputs, run on ROWS_AT_ONCE rows at a time."""
    found: list[list[str | None]] = [[] for _ in programs]
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        runner = Runner(part)
        for cells, program in zip(found, programs, strict=True):
            cells += runner.outputs(program)
        if progress is not None:
            progress(start + len(part), len(rows))
    return [tuple(cells) for cells in found]


def _places(task: Task, rows: Sequence[Row]) -> list[int]:
    first: dict[object, int] = {}
    for index, row in enumerate(task.rows):
        first.setdefault(row_key(row), index)
    return [first[row_key(row)] for row in rows]


def _unsolved(task: Task, stop: StopReason, meter: Meter, question: Question | None = None) -> Answer:
    given = {row_key(example.inputs): example.target for example in task.examples}
    outputs = tuple(given.get(row_key(row)) for row in task.rows)
    confidence = tuple(1.0 if row_key(row) in given else 0.0 for row in task.rows)
    return Answer(None, outputs, confidence, (), question, stop, seconds=meter.seconds)
