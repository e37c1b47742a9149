"""From examples to an answer: the one module that knows every stage.

grammar → bank → version space → behaviours → meaning matrix → listener → answer
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dsl.grammar import Grammar, log_sum
from dsl.interpreter import outputs as run
from dsl.program import Constant, Program
from dsl.strings.language import string_grammar
from dsl.task import Row, Task, as_row, row_key
from dsl.types import TEXT, Cell
from pbe.answer import Answer, Candidate, Question
from pbe.budget import Budget, BudgetSpent, Meter, StopReason
from pbe.deduction import Deduction, cut_places, outermost
from pbe.distinguish import best_question, most_ambiguous_row
from pbe.enumeration import Bank, enumerate_bank
from pbe.meaning import MeaningMatrix, Outputs
from pbe.prior import column_evidence, is_blank, log_none
from pbe.sample import distinct_rows, sample_rows
from pbe.speakers import log_speakers
from pbe.version_space import best_by_mass

POOLED = 4000
"""Symbols with at most this many programs are enumerated bottom-up, larger ones reached by deduction."""
LISTED = 400
"""Classes of programs listed in order of mass to find the behaviours."""
BEHAVIOURS = 32
"""Behaviours whose mass is summed exactly and which the listener compares."""
CANDIDATES = 8
"""Behaviours in an answer; fewer on sheets so long that running them would take over CELLS cells."""
CELLS = 1_600_000
FINE_CUTS, COARSE_CUTS = 41, 6
"""An output with more than FINE_CUTS places to cut it is first cut at COARSE_CUTS only, so that there is an answer if
the budget ends the full search."""
EXAMPLES = 6
"""Examples searched on at first; further ones join when the best behaviour fails them."""

LISTENERS = ("pragmatic", "literal")
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What some programs do on the sampled rows: the best of them, and the log mass (nats) of all."""

    program: Program
    outputs: Outputs
    log_mass: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: behaviours on `rows` that fit every example, for the part of the task it searched on."""

    task: Task
    rows: Sequence[Row]
    bank: Bank
    behaviours: list[Behaviour]
    log_total: float
    count: int


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
    seeds: Sequence[Program] = (),
    listener: str = "pragmatic",
    budget: Budget | None = None,
    progress: Progress | None = None,
) -> Answer:
    """Return the answer for a task in a given grammar.

    `seeds` are programs, such as an LLM's, that join the candidates when they fit the examples. The listener
    "literal" ignores how the examples came about. `progress(done, total)` hears of the rows as they are filled.
    """
    if listener not in LISTENERS:
        raise ValueError(f"no listener is called {listener!r}; choose one of {', '.join(LISTENERS)}")
    meter = (budget or Budget()).start()
    if not task.examples:
        question = _first_question(task, grammar, meter)
        return _unsolved(task, StopReason.NO_EXAMPLE, meter, question)
    try:
        found = _search(task, grammar, seeds, meter)
        if not found.behaviours:
            return _unsolved(task, StopReason.EXHAUSTED, meter)
        matrix, behaviours = _matrix(found.task, found.rows, found.behaviours)
        log_listener = matrix.log_prior
        if listener == "pragmatic":
            log_listener = log_listener + log_speakers(found.task, matrix, found.rows, grammar, found.bank, meter)
    except BudgetSpent as spent:
        return _unsolved(task, spent.reason, meter)
    order, posterior = _posterior(task, behaviours, log_listener, found.log_total)
    return _answer(task, [behaviours[i] for i in order], posterior[order], meter, found.count, progress)


def first_question(rows: Iterable[Cell | Sequence[Cell]], budget: Budget | None = None) -> Question | None:
    """Return the row to ask for before there is any example: the one whose output the prior leaves most open."""
    task = Task.of((), rows)
    return _first_question(task, string_grammar(task), (budget or Budget()).start())


def _first_question(task: Task, grammar: Grammar, meter: Meter) -> Question | None:
    rows = sample_rows(task)
    if not rows:
        return None
    bank = enumerate_bank(grammar, _pooled(grammar), rows, meter)
    texts = [s for s in bank.entries if grammar.type_of(s) is TEXT]
    widest = max(texts, key=lambda symbol: grammar.sizes[symbol], default=None)
    row = most_ambiguous_row(rows, bank, widest) if widest else 0
    assert row is not None
    return Question(_places(task, rows)[row], rows[row], ())


def _pooled(grammar: Grammar) -> list[str]:
    return [symbol for symbol, size in grammar.sizes.items() if size <= POOLED]


def _search(task: Task, grammar: Grammar, seeds: Sequence[Program], meter: Meter) -> Found:
    """Return the behaviours that fit all examples, from a search on as few of them as it takes.

    The first EXAMPLES examples are searched on; the others verify, and the first that the best behaviour fails joins
    (counterexample-guided, Solar-Lezama 2008), so that many examples cost little more than a few.
    """
    part = _with_examples(task, range(min(EXAMPLES, len(task.examples))))
    while True:
        rows = sample_rows(part)
        bank = enumerate_bank(grammar, _pooled(grammar), rows, meter)
        behaviours, log_total, count = _behaviours(part, grammar, bank, rows, meter)
        behaviours += _seeded(part, grammar, rows, seeds, {b.outputs for b in behaviours})
        fitting = [b for b in behaviours if next(_failures(task, b.program), None) is None]
        if fitting or not behaviours:
            return Found(part, rows, bank, fitting, log_total, count)
        likeliest = max(behaviours, key=lambda behaviour: behaviour.log_mass)
        used = {row_key(example.inputs) for example in part.examples}
        new = next(i for i in _failures(task, likeliest.program) if row_key(task.examples[i].inputs) not in used)
        kept = [i for i, example in enumerate(task.examples) if row_key(example.inputs) in used]
        part = _with_examples(task, sorted({*kept[: len(used)], new}))


def _failures(task: Task, program: Program) -> Iterator[int]:
    """Yield the examples that a program gets wrong."""
    for index, example in enumerate(task.examples):
        if run(program, [example.inputs])[0] != example.target:
            yield index


def _with_examples(task: Task, chosen: Iterable[int]) -> Task:
    kept = list(chosen)
    return replace(
        task,
        examples=tuple([task.examples[i] for i in kept]),
        speakers=tuple([task.speakers[i] for i in kept]) if task.speakers else (),
    )


def _behaviours(
    task: Task, grammar: Grammar, bank: Bank, rows: Sequence[Row], meter: Meter
) -> tuple[list[Behaviour], float, int]:
    """Return the most probable behaviours, the log mass of all fitting programs, and how many these are."""
    place = {row_key(row): index for index, row in enumerate(rows)}
    targets = {place[row_key(example.inputs)]: example.target for example in task.examples}
    written = [row for row, target in targets.items() if target]
    if not written:
        blank = Behaviour(Constant("", TEXT), (None,) * len(rows), math.log(0.5))
        return [blank], blank.log_mass, 1
    driver = max(written, key=lambda row: (len(targets[row] or ""), -row))
    cuts = cut_places(targets[driver] or "")
    efforts = [cuts] if len(cuts) <= FINE_CUTS else [outermost(cuts, COARSE_CUTS), cuts]
    found: tuple[list[Behaviour], float, int] = ([], -math.inf, 0)
    for effort in efforts:
        try:
            found = _most_probable(Deduction(grammar, bank, rows, targets, meter, driver, effort), rows, meter)
        except BudgetSpent:
            if not found[0]:
                raise
    return found


def _most_probable(
    deduction: Deduction, rows: Sequence[Row], meter: Meter
) -> tuple[list[Behaviour], float, int]:
    space = deduction.solve(classes=True)
    listed: dict[Outputs, tuple[Program, float]] = {}
    for log_mass, program in best_by_mass(space, LISTED):
        meter.spend()
        outputs = run(program, rows)
        known = listed.get(outputs)
        listed[outputs] = (program, log_mass) if known is None else (known[0], log_sum((known[1], log_mass)))
    likely = sorted(listed.items(), key=lambda item: -item[1][1])[:BEHAVIOURS]
    found = []
    for outputs, (program, log_mass) in likely:
        meter.spend(64)
        exact = deduction.mass(dict(enumerate(outputs)), log_mass)
        found.append(Behaviour(program, outputs, max(exact, log_mass)))
    return found, space.log_mass, space.count


def _seeded(
    task: Task, grammar: Grammar, rows: Sequence[Row], seeds: Sequence[Program], known: set[Outputs]
) -> list[Behaviour]:
    """Return the behaviours of fitting seeds that the search did not find itself."""
    found = []
    for seed in seeds:
        outputs = run(seed, rows)
        fits = all(run(seed, [e.inputs])[0] == e.target for e in task.examples)
        if fits and outputs not in known:
            known.add(outputs)
            log_prob = grammar.log_prob(seed)
            found.append(Behaviour(seed, outputs, max(log_prob, log_none(task))))
    return found


def _matrix(
    task: Task, rows: Sequence[Row], behaviours: Sequence[Behaviour]
) -> tuple[MeaningMatrix, list[Behaviour]]:
    """Return the meaning matrix with the column's evidence in its prior, and the behaviours as its columns."""
    blank = [is_blank(row) for row in rows]
    log_prior = [b.log_mass + column_evidence(task, blank, b.outputs) for b in behaviours]
    order = sorted(range(len(behaviours)), key=lambda i: -log_prior[i])
    kept = [behaviours[i] for i in order]
    return MeaningMatrix.of([b.outputs for b in kept], [log_prior[i] for i in order]), kept


def _posterior(
    task: Task, behaviours: Sequence[Behaviour], log_listener: NDArray[np.float64], log_total: float
) -> tuple[list[int], NDArray[np.float64]]:
    """Return the behaviours' order and posterior; what is missing to 1 is for other programs and for none of them."""
    log_listed = log_sum(b.log_mass for b in behaviours)
    log_seen = log_sum(float(x) for x in log_listener)
    unlisted = math.log(max(1e-300, -math.expm1(min(0.0, log_listed - log_total)))) + log_total
    log_other = unlisted + log_seen - log_listed
    log_all = log_sum((log_seen, log_other, log_none(task)))
    posterior = np.exp(log_listener - log_all)
    return sorted(range(len(behaviours)), key=lambda i: -posterior[i]), posterior


def _answer(
    task: Task,
    behaviours: Sequence[Behaviour],
    posterior: NDArray[np.float64],
    meter: Meter,
    count: int,
    progress: Progress | None,
) -> Answer:
    """Return the answer: the leading behaviours run on all rows, and what they agree on."""
    distinct, index = distinct_rows(task.rows)
    leading = behaviours[: max(2, min(CANDIDATES, CELLS // max(1, len(distinct))))]
    columns: list[Outputs] = []
    for behaviour in leading:
        columns.append(_run_all(behaviour.program, distinct, progress, len(columns), len(leading)))
    merged: dict[Outputs, float] = {}
    programs: dict[Outputs, Program] = {}
    for behaviour, outputs, probability in zip(leading, columns, posterior, strict=False):
        merged[outputs] = merged.get(outputs, 0.0) + float(probability)
        programs.setdefault(outputs, behaviour.program)
    ranked = sorted(merged, key=lambda outputs: -merged[outputs])
    distributions: list[dict[str | None, float]] = [{} for _ in distinct]
    for outputs in ranked:
        mass = merged[outputs]
        for distribution, output in zip(distributions, outputs, strict=True):
            distribution[output] = distribution.get(output, 0.0) + mass
    places = {row_key(row): i for i, row in enumerate(distinct)}
    given = {places[row_key(example.inputs)]: example.target for example in task.examples}
    predicted = [given.get(i, output) for i, output in enumerate(ranked[0])]
    sure = [1.0 if i in given else min(1.0, distributions[i][ranked[0][i]]) for i in range(len(distinct))]
    first: dict[int, int] = {}
    for i, place in enumerate(index):
        first.setdefault(place, i)
    question = best_question(distinct, distributions, set(given), [first[i] for i in range(len(distinct))])
    return Answer(
        program=programs[ranked[0]],
        outputs=tuple([predicted[i] for i in index]),
        confidence=tuple([sure[i] for i in index]),
        candidates=tuple(
            Candidate(programs[outputs], merged[outputs], tuple([outputs[i] for i in index])) for outputs in ranked
        ),
        question=question,
        stop=StopReason.SOLVED,
        count=count,
        seconds=meter.seconds,
    )


def _run_all(
    program: Program, rows: Sequence[Row], progress: Progress | None, part: int, parts: int, step: int = 5000
) -> Outputs:
    cells: list[str | None] = []
    for start in range(0, len(rows), step):
        cells += run(program, rows[start : start + step])
        if progress is not None:
            progress(part * len(rows) + len(cells), parts * len(rows))
    return tuple(cells)


def _places(task: Task, rows: Sequence[Row]) -> list[int]:
    first: dict[object, int] = {}
    for index, row in enumerate(task.rows):
        first.setdefault(row_key(row), index)
    return [first[row_key(row)] for row in rows]


def _unsolved(task: Task, stop: StopReason, meter: Meter, question: Question | None = None) -> Answer:
    given = {row_key(example.inputs): example.target for example in task.examples}
    outputs = tuple(given.get(row_key(row)) for row in task.rows)
    confidence = tuple(1.0 if row_key(row) in given else 0.0 for row in task.rows)
    return Answer(None, outputs, confidence, (), question, stop, 0, meter.seconds)


__all__ = ["Behaviour", "as_row", "first_question", "learn", "synthesize"]
