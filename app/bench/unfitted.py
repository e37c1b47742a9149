"""What pragmatic inference is worth where there is no prior at all: each behaviour is as likely as any other.

This is what a language has that nobody has fitted weights for (`pbe.Language`). Here it is the column's own language
without its weights: programs are enumerated on the sheet's rows with all rules of a symbol alike, and what a search
finds from the first example joins them. Nothing else of the sheet's outputs is looked at. Where nothing known fits the
examples so far, what a search finds from them joins for that moment.

A person starts with row 1, whose output lends the language its constants, and corrects the first wrong row of the fill
until the sheet is right (at most 10 rows; unsolved counts 11). Of fills that are equally good to a listener one is
taken at random. A task counts 11 with every listener where the right column is neither among what is known nor found by
a search from the whole sheet.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

import pbe
from app.bench.columns import CAP, ColumnTask
from app.bench.paired import by_suite, column, difference, mean
from dsl.grammar import Grammar
from dsl.interpreter import outputs as run
from dsl.program import Constant, Program, subprograms
from dsl.strings.language import string_grammar
from dsl.task import ContradictoryExamples, Task, row_key
from dsl.types import TEXT, as_text
from pbe.budget import BudgetSpent
from pbe.language import CANDIDATES
from pbe.meaning import MeaningMatrix, Outputs
from pbe.sample import distinct_rows
from pbe.search import search
from pbe.speakers import log_overlooked

PROTOCOL = (
    "without a prior; row 1, then the first wrong row until every row is right, cap 10; ties broken at random, mean of "
    "5 draws; intervals: 95 % bootstrap over tasks"
)
LITERAL, L1, RANKING, BY_CELL, CHEAPEST = "literal", "L1", "ranking", "by cell", "cheapest"
LISTENERS = (LITERAL, L1, RANKING, BY_CELL, CHEAPEST)
"""All programs that fit are alike; L1 of the sequence speaker, told of corrections; the first in the order distilled
from L1. Without pragmatics: in each cell what most of the behaviours that fit write; the cheapest program, which is a
prior after all, that of size."""
DRAWS = 5
"""Times that a person is met with a listener that breaks ties."""
CELLS = 4_000_000
"""Cells that programs are enumerated on: long sheets get fewer programs."""

Given = tuple[int, ...]
"""The distinct rows given so far, in order."""


@dataclass(slots=True)
class Trial:
    """What happened on one task: examples needed with each listener, in the mean, and the behaviours there were.

    `fitting` is how many of the language's `behaviours` fit row 1.
    """

    suite: str
    task: str
    needed: dict[str, float] = field(default_factory=dict)
    behaviours: int = 0
    fitting: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the trial in the form that `--json` writes."""
        return {
            "suite": self.suite,
            "task": self.task,
            "needed": self.needed,
            "behaviours": self.behaviours,
            "fitting": self.fitting,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """The behaviours that fit what was given, the cheapest first: their outputs, log L1 (nats), and place in the order.

    Behaviours of one place are tied.
    """

    outputs: list[Outputs]
    log_listener: NDArray[np.float64]
    rank: NDArray[np.intp]


class Sheet:
    """A column's distinct rows, and what can be heard in any examples of it, each learnt once."""

    def __init__(self, task: ColumnTask, budget: pbe.Budget) -> None:
        distinct, index = distinct_rows(task.rows)
        self.rows, self.budget = distinct, budget
        self.targets = tuple([as_text(task.outputs[index.index(place)]) or None for place in range(len(distinct))])
        self._finds: dict[Given, list[Program]] = {}
        self._languages: dict[Given, pbe.Language] = {}
        self._heard: dict[Given, Heard] = {}

    def heard(self, given: Given) -> Heard:
        """Return what fits the examples in their order, of all that is known and, if nothing does, may be found."""
        if given not in self._heard:
            heard = listen(self.language(), self.targets, given)
            self._heard[given] = heard if heard.outputs else listen(self._wider(given), self.targets, given)
        return self._heard[given]

    def language(self) -> pbe.Language:
        """Return the language that is known after row 1: what was enumerated, and a search's finds."""
        if () not in self._languages:
            finds = self.found((0,))
            said = Constant(self.targets[0] or "", TEXT)
            constants = [part for find in finds for part in subprograms(find) if isinstance(part, Constant)]
            self._languages[()] = pbe.Language.of(
                self.grammar((0,)).closed([said, *constants]),
                self.rows,
                candidates=max(1, min(CANDIDATES, CELLS // len(self.rows))),
                seeds=finds,
                budget=pbe.Budget(seconds=600),
            )
        return self._languages[()]

    def solvable(self) -> bool:
        """Return whether the right column is among what is known, or a search from the whole sheet finds it."""
        return self.targets in self.language().matrix.behaviours or bool(self.found(tuple(range(len(self.rows)))))

    def found(self, given: Given) -> list[Program]:
        """Return the programs that a search finds from some rows, the most probable first."""
        key = tuple(sorted(given))
        if key not in self._finds:
            try:
                behaviours = search(self._task(key), self.grammar(key), (), self.budget.start()).behaviours
            except (BudgetSpent, ContradictoryExamples):
                behaviours = []
            self._finds[key] = [b.program for b in sorted(behaviours, key=lambda b: -b.log_mass)]
        return self._finds[key]

    def grammar(self, given: Given) -> Grammar:
        """Return the column's language as some rows show it, every rule of a symbol as likely as any other."""
        return string_grammar(self._task(given)).unweighted()

    def unsaid(self, given: Given) -> list[int]:
        """Return the rows not given."""
        return [row for row in range(len(self.rows)) if row not in given]

    def _task(self, given: Given) -> Task:
        return Task.of([(self.rows[row], self.targets[row]) for row in given], self.rows)

    def _wider(self, given: Given) -> pbe.Language:
        """Return the language with what a search finds from some rows."""
        key = tuple(sorted(given))
        if key not in self._languages:
            known = self.language()
            merged = dict(zip(known.matrix.behaviours, known.programs, strict=True))
            for program in self.found(key):
                merged.setdefault(run(program, self.rows), program)
            matrix = MeaningMatrix.of(list(merged), [0.0] * len(merged))
            self._languages[key] = pbe.Language(known.rows, tuple(merged.values()), matrix, known.complete)
        return self._languages[key]


# ---------------------------------------------------------------- listeners


def listen(language: pbe.Language, targets: Outputs, given: Given) -> Heard:
    """Return what fits some rows of the language, shown with their targets in this order.

    That a row must stay blank is no utterance, but rules out what writes there.
    """
    matrix, lexicon = language.matrix, language.lexicon
    fitting = np.zeros(0, dtype=np.intp)
    left = lexicon.conversation()
    if all(targets[row] in matrix.labels[row] for row in given):
        codes = {row: matrix.labels[row].index(targets[row]) for row in given}
        left = left.say(*[lexicon.utterance(row, code) for row, code in codes.items() if targets[row] is not None])
        fits = [matrix.codes[row, left.meanings] == code for row, code in codes.items()]
        fitting = left.meanings[np.all(fits, axis=0)]
    outputs = [matrix.behaviours[meaning] for meaning in fitting]
    return Heard(outputs, left.pragmatic_listener()[fitting], language.ranking.rank[fitting])


def fills(heard: Heard, listener: str, overlooked: NDArray[np.intp]) -> list[Outputs]:
    """Return the fills that are equally good to a listener.

    `overlooked` counts, for each behaviour heard, the cells of the fill on show above the corrected one that would be
    wrong if it were meant; only L1 looks at them.
    """
    if listener == BY_CELL:
        return [tuple([Counter(cells).most_common(1)[0][0] for cells in zip(*heard.outputs, strict=True)])]
    if listener == CHEAPEST:
        return heard.outputs[:1]
    score = np.zeros(len(heard.outputs))
    if listener == L1:
        score = heard.log_listener + log_overlooked(overlooked)
    elif listener == RANKING:
        score = -heard.rank.astype(np.float64)
    return [heard.outputs[k] for k in np.flatnonzero(score >= score.max() - 1e-9)]


# ---------------------------------------------------------------- people


def needed(sheet: Sheet, listener: str, draw: int) -> int:
    """Return how many rows a person gives until the sheet is right."""
    random = np.random.default_rng(draw)
    given: Given = (0,)
    shown: Outputs | None = None
    while len(given) <= CAP and sheet.unsaid(given):
        heard = sheet.heard(given)
        best = fills(heard, listener, _overlooked(heard, given, shown)) if heard.outputs else []
        shown = best[random.integers(len(best))] if best else None
        wrong = [row for row in sheet.unsaid(given) if shown is None or shown[row] != sheet.targets[row]]
        if not wrong:
            return len(given)
        given = (*given, wrong[0])
    return CAP + 1


def _overlooked(heard: Heard, given: Given, shown: Outputs | None) -> NDArray[np.intp]:
    """Return, per behaviour, the cells shown above the corrected one, not given, that it says are wrong."""
    if shown is None:
        return np.zeros(len(heard.outputs), dtype=np.intp)
    above = [row for row in range(given[-1]) if row not in given]
    return np.array([sum([outputs[row] != shown[row] for row in above]) for outputs in heard.outputs], dtype=np.intp)


def run_trials(
    suite: str, tasks: Iterable[ColumnTask], budget: pbe.Budget, tick: Callable[[Trial], None] = lambda _: None
) -> list[Trial]:
    """Return one trial per task that has at least two distinct inputs."""
    trials = []
    for task in tasks:
        if len(set(map(row_key, task.rows))) > 1:
            trials.append(run_trial(suite, task, budget))
            tick(trials[-1])
    return trials


def run_trial(suite: str, task: ColumnTask, budget: pbe.Budget) -> Trial:
    """Return the trial of one task: the person with every listener."""
    sheet = Sheet(task, budget)
    trial = Trial(suite, task.name, {}, len(sheet.language().programs), len(sheet.heard((0,)).outputs))
    solvable = sheet.solvable()
    for listener in LISTENERS:
        counts = [needed(sheet, listener, draw) if solvable else CAP + 1 for draw in range(DRAWS)]
        trial.needed[listener] = sum(counts) / DRAWS
    return trial


def summary(trials: Sequence[Trial]) -> dict[str, dict[str, Any]]:
    """Return each suite's figures: means, and paired differences to the literal listener with their intervals."""
    return by_suite(trials, _figures)


def _figures(trials: Sequence[Trial]) -> dict[str, Any]:
    counts = {listener: column(t.needed[listener] for t in trials) for listener in LISTENERS}
    return {
        "tasks": len(trials),
        "means": {listener: mean(counts[listener]) for listener in LISTENERS},
        "differences": {one: difference(counts[one], counts[LITERAL]) for one in LISTENERS if one != LITERAL},
    }
