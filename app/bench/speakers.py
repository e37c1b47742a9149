"""What the pragmatic listener and the questions are worth in filling a column, with simulated people.

Each person knows the right column and gives one row after another until the sheet is right (at most 10; unsolved
counts 11): `requested` answers the row that was asked for, `top_down` gives the rows in order, `corrects` starts with
the first and then corrects the first wrong row of the fill, `chooses` shows the row that a fixed speaker S1 likes best
(Frank & Goodman 2012, alpha 1, every behaviour as likely as any other): the one whose right output fewest behaviours
share, among those that agree with what was said. The behaviours are what a literal search finds from each other row
alone (a row's own would all agree with it); where the right column is not among them, `chooses` corrects the first
wrong row. No person looks at the listener.
A task that the literal listener does not get right with 10 corrections counts 11 with everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pbe
from app.bench.columns import CAP, ColumnTask
from app.bench.paired import by_suite, column, difference, mean
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
MOST_ROWS = 8
"""Rows that `chooses` chooses from: this many, spread over the column."""

Outputs = tuple[str | None, ...]
Given = tuple[int, ...]
"""The rows given so far, in order."""


@dataclass(slots=True)
class Trial:
    """What happened on one task: examples needed, by speaker and listener, and what asking took.

    `with_rows_above` is the number of corrections needed if each of them also gave all rows above as examples: what
    a correction can say at most. `from_question` is the number needed when the first row is the one asked
    for and the others are corrections; `asked` the number of questions until every cell passes, `asked_right` whether
    the sheet was right then.
    """

    suite: str
    task: str
    needed: dict[str, dict[str, int]] = field(default_factory=dict)
    with_rows_above: int = CAP + 1
    from_question: int = CAP + 1
    asked: int = CAP + 1
    asked_right: bool = False

    @property
    def adaptive(self) -> int:
        """Return the number needed by the protocol of the other benches: row 1, then the first wrong row."""
        return self.needed["corrects"][LITERAL]

    def as_json(self) -> dict[str, Any]:
        """Return the trial in the form that `--json` writes."""
        return {
            "suite": self.suite,
            "task": self.task,
            "needed": self.needed,
            "with_rows_above": self.with_rows_above,
            "from_question": self.from_question,
            "asked": self.asked,
            "asked_right": self.asked_right,
        }


class Sheet:
    """A column task and a listener's answers to any examples of it, each learnt once."""

    def __init__(self, task: ColumnTask, budget: pbe.Budget, uniform: bool) -> None:
        self.task, self.budget, self.uniform = task, budget, uniform
        self.keys = [row_key(row) for row in task.rows]
        self.targets = tuple([as_text(output) or None for output in task.outputs])
        self._answers: dict[tuple[Given, str, Outputs | None], pbe.Answer | None] = {}
        self._pools: dict[int, list[Outputs]] | None = None

    def answer(
        self, given: Given, told: str = LITERAL, shown: Outputs | None = None
    ) -> pbe.Answer | None:
        """Return the answer to some rows; None where they contradict each other."""
        if told == "corrects" and shown is None:
            told = LITERAL  # nothing was on show, so there was nothing to correct
        key = given, told, shown if told == "corrects" else None
        if key not in self._answers:
            self._answers[key] = self._learn(*key)
        return self._answers[key]

    def _learn(self, given: Given, told: str, shown: Outputs | None) -> pbe.Answer | None:
        speaker = "top_down" if told == LITERAL else told
        try:
            task = self.examples(given, speaker, shown)
        except ContradictoryExamples:
            return None
        return pbe.synthesize(task, self.grammar(task), budget=self.budget)

    def examples(self, given: Given, speaker: str = "top_down", shown: Sequence[str | None] | None = None) -> Task:
        """Return the task with these rows as its examples."""
        pairs = [(self.task.rows[i], self.task.outputs[i]) for i in given]
        return Task.of(pairs, self.task.rows, speaker=speaker, shown=shown)

    def grammar(self, task: Task) -> Grammar:
        """Return the language, with every rule of a symbol as likely as any other if that is asked for."""
        grammar = string_grammar(task)
        return grammar.unweighted() if self.uniform else grammar

    def unsaid(self, given: Given) -> list[int]:
        """Return the rows with other inputs than those given."""
        said = {self.keys[i] for i in given}
        return [i for i, key in enumerate(self.keys) if key not in said]

    def wrong(self, answer: pbe.Answer | None, given: Given) -> list[int]:
        """Return the rows, not given, that an answer gets wrong: all of them where there is none."""
        if answer is None or answer.program is None:
            return self.unsaid(given)
        return [i for i, out in enumerate(answer.outputs) if out != self.targets[i] and i not in given]

    def first_question(self) -> int:
        """Return the row to ask for first."""
        question = pbe.first_question(self.task.rows, self.budget)
        return 0 if question is None or question.row is None else question.row

    def next_question(self, answer: pbe.Answer | None) -> int | None:
        """Return the row to ask for next; None where the answer asks for none."""
        return None if answer is None or answer.question is None else answer.question.row

    def choice(self, given: Given) -> int | None:
        """Return the row that S1 shows next, the first of equals; None where no other row finds the right column."""

        def agrees(outputs: Outputs, rows: Sequence[int]) -> bool:
            return all(outputs[i] == self.targets[i] for i in rows)

        def shared(row: int) -> int:
            return sum(agrees(b, (*given, row)) for other, pool in self.pools().items() if other != row for b in pool)

        if not any(self.targets in pool for pool in self.pools().values()):
            return None
        return min(_spread(self.unsaid(given)), key=lambda row: (shared(row), row), default=None)

    def pools(self) -> dict[int, list[Outputs]]:
        """Return, for each row that may be chosen, the behaviours that a search finds from it alone."""
        if self._pools is None:
            self._pools = {}
            for row in _spread(self.unsaid(())):
                task = self.examples((row,))
                try:
                    behaviours = search(task, self.grammar(task), (), self.budget.start()).behaviours
                except BudgetSpent:
                    continue
                self._pools[row] = list(dict.fromkeys(run(b.program, self.task.rows) for b in behaviours))
        return self._pools


def _spread(rows: Sequence[int]) -> list[int]:
    return [rows[i * len(rows) // MOST_ROWS] for i in range(MOST_ROWS)] if len(rows) > MOST_ROWS else list(rows)


# ---------------------------------------------------------------- people


def needed(sheet: Sheet, speaker: str, told: str, first: int | None = None) -> int:
    """Return how many rows a person gives until the sheet is right; `first` is where they start if not as usual."""
    given: Given = (_first(sheet, speaker) if first is None else first,)
    shown: Outputs | None = None
    while len(given) <= CAP and sheet.unsaid(given):
        answer = sheet.answer(given, told, shown)
        wrong = sheet.wrong(answer, given)
        if not wrong:
            return len(given)
        following = _following(sheet, speaker, answer, given)
        given = (*given, wrong[0] if following is None else following)
        shown = None if answer is None or answer.program is None else answer.outputs
    return CAP + 1


def _first(sheet: Sheet, speaker: str) -> int:
    if speaker == "requested":
        return sheet.first_question()
    return (sheet.choice(()) or 0) if speaker == "chooses" else 0


def _following(sheet: Sheet, speaker: str, answer: pbe.Answer | None, given: Given) -> int | None:
    """Return the row that a person gives next, None for the first wrong one."""
    if speaker == "requested":
        return sheet.next_question(answer)
    if speaker == "top_down":
        return sheet.unsaid(given)[0]
    return sheet.choice(given) if speaker == "chooses" else None


def with_rows_above(sheet: Sheet) -> int:
    """Return how many corrections it takes if the listener is given every row above a corrected one as well."""
    given: Given = (0,)
    for steps in range(1, CAP + 1):
        wrong = sheet.wrong(sheet.answer(given), given)
        if not wrong:
            return steps
        given = tuple(sorted({*given, *range(wrong[0] + 1)}))
    return CAP + 1


def asked(sheet: Sheet) -> tuple[int, bool]:
    """Return how many rows are asked for until every cell passes `pbe.DOUBTFUL`, and whether the sheet is right."""
    given: Given = (sheet.first_question(),)
    while True:
        answer = sheet.answer(given)
        unsure = answer is None or answer.program is None or bool(answer.doubtful)
        if not unsure or not sheet.unsaid(given) or len(given) >= CAP:
            return len(given), not sheet.wrong(answer, given)
        following = sheet.next_question(answer)
        if following is None:
            following = sheet.unsaid(given)[0]  # no program yet: any row will do
        given = (*given, following)


def run_trials(
    suite: str,
    tasks: Iterable[ColumnTask],
    budget: pbe.Budget,
    uniform: bool,
    tick: Callable[[Trial], None] = lambda _: None,
) -> list[Trial]:
    """Return one trial per task that has at least two distinct inputs.

    With `uniform`, in the language without its fitted weights.
    """
    unfitted = Weights(PriorWeights(), calibration=fitted().calibration)
    trials = []
    with using(unfitted if uniform else fitted()):
        for task in tasks:
            if len(set(map(row_key, task.rows))) > 1:
                trials.append(run_trial(suite, task, budget, uniform))
                tick(trials[-1])
    return trials


def run_trial(suite: str, task: ColumnTask, budget: pbe.Budget, uniform: bool = False) -> Trial:
    """Return the trial of one task: every speaker with every listener, and the questions."""
    sheet, trial = Sheet(task, budget, uniform), Trial(suite, task.name)
    solvable = needed(sheet, "corrects", LITERAL) <= CAP
    for speaker in SPEAKERS:
        trial.needed[speaker] = {told: needed(sheet, speaker, told) if solvable else CAP + 1 for told in LISTENERS}
    if solvable:
        trial.with_rows_above = with_rows_above(sheet)
        trial.from_question = needed(sheet, "corrects", LITERAL, sheet.first_question())
        trial.asked, trial.asked_right = asked(sheet)
    return trial


# ---------------------------------------------------------------- figures


def summary(trials: Sequence[Trial]) -> dict[str, dict[str, Any]]:
    """Return each suite's figures: means, and paired differences with their intervals."""
    return by_suite(trials, _figures)


def _figures(trials: Sequence[Trial]) -> dict[str, Any]:
    speakers: dict[str, Any] = {}
    for speaker in SPEAKERS:
        matched = speaker if speaker in LISTENERS else LITERAL
        counts = {told: column(t.needed[speaker][told] for t in trials) for told in LISTENERS}
        speakers[speaker] = {
            "literal": mean(counts[LITERAL]),
            "matched": mean(counts[matched]),
            "difference": difference(counts[matched], counts[LITERAL]),
            "mismatched": {
                told: difference(counts[told], counts[LITERAL])
                for told in LISTENERS
                if told not in (LITERAL, matched)
            },
        }
    adaptive, from_question = column(t.adaptive for t in trials), column(t.from_question for t in trials)
    solvable = [t for t in trials if t.adaptive <= CAP]
    return {
        "tasks": len(trials),
        "speakers": speakers,
        "corrects, rows above given too": {
            "mean": mean(column(t.with_rows_above for t in trials)),
            "difference": difference(column(t.with_rows_above for t in trials), adaptive),
        },
        "first question": {
            "row 1": mean(adaptive),
            "asked for": mean(from_question),
            "difference": difference(from_question, adaptive),
        },
        "ask until sure": {
            "tasks in the language": len(solvable),
            "interactions": mean(column(t.asked for t in solvable)),
            "adaptive": mean(column(t.adaptive for t in solvable)),
            "sheets right": mean(column(t.asked_right for t in solvable)),
        },
    }
