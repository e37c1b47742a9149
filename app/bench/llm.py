"""What completions of a language model are worth to a search: programs looked at until the first solution.

The search goes by the grammar's own weights; with completions, a search in the weights they make has its share of the
candidates (`pbe.portfolio`). Both are bottom-up without deduction; with it, as `pbe sygus` searches, is reported too.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pbe
from app.bench.hostile import HOSTILE
from app.bench.suites import SuiteError, read_json
from app.bench.sygus import find_tasks
from app.sygus import read_task
from app.workbook import BookError
from dsl.interpreter import outputs
from dsl.program import Program
from dsl.sygus import SygusTask
from llm_bridge.client import Completion
from llm_bridge.completions import Reading, read_completions
from llm_bridge.syntax import sygus_syntax
from llm_bridge.weights import SEARCHING, guided
from pbe.budget import BudgetSpent, StopReason
from pbe.goals import Examples
from pbe.growing import growth
from pbe.portfolio import GUIDED, Member, first_found, looked_at
from pbe.sygus import likely_grammar, solve

NUMBERS = (1, 10, 100)
"""Completions that weights are made from, beside none."""
PRIOR = "none"
PROTOCOL = (
    "bottom-up search without deduction, observational equivalence, cheapest first; candidates of both searches until "
    "a program gives every example's output; unsolved counts as the number at the cut-off; k completions: the first k, "
    "and further seeded draws where asked for"
)


@dataclass(frozen=True, slots=True)
class Run:
    """One search: candidates and seconds until it found its program, or until it was cut off."""

    candidates: int
    seconds: float
    program: str
    stop: str

    @property
    def solved(self) -> bool:
        """Return whether a program was found."""
        return bool(self.program)

    def as_json(self) -> dict[str, Any]:
        """Return the run in the form that `--json` writes."""
        return {
            "solved": self.solved, "candidates": self.candidates, "seconds": round(self.seconds, 3),
            "program": self.program, "stop": self.stop,
        }  # fmt: skip


@dataclass(slots=True)
class Trial:
    """All runs on one task by their settings, without deduction and with; and the model alone.

    `samples` counts the completions, `answered` those with a well-typed program, `right` those whose program gives all
    outputs and is in the grammar, `loosely` those that give all outputs. `agreed` says whether the behaviour that most
    completions agree on is the right one. `dropped` counts the others by the reason.
    """

    task: str
    runs: dict[str, list[Run]] = field(default_factory=dict)
    deduced: dict[str, Run] = field(default_factory=dict)
    samples: int = 0
    answered: float = 0.0
    right: int = 0
    loosely: int = 0
    agreed: bool = False
    dropped: Mapping[str, int] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the trial in the form that `--json` writes."""
        return {
            "task": self.task,
            "solved": any(run.solved for runs in self.runs.values() for run in runs),
            "runs": {name: [run.as_json() for run in runs] for name, runs in self.runs.items()},
            "with deduction": {name: run.as_json() for name, run in self.deduced.items()},
            "model alone": {
                "samples": self.samples, "well typed": self.answered, "right": self.right,
                "right, if outside the grammar too": self.loosely, "most agreed on is right": self.agreed,
                "dropped": dict(self.dropped),
            },
        }  # fmt: skip


def read_suite(folder: Path) -> tuple[dict[str, SygusTask], dict[str, list[str]]]:
    """Return the tasks of a folder by their files' names, and the recorded completions, if there are any.

    These are in a file *completions*.json: {"name.sl": {"completions": [text, …]}, …}.
    """
    tasks: dict[str, SygusTask] = {}
    for file in find_tasks(folder):
        try:
            task = read_task(file)
        except BookError:
            continue  # `pbe bench sygus` says why
        if task.task.examples and not task.constraints:
            tasks[file.name] = task
    if not tasks:
        raise SuiteError(f"{folder} holds no task of input/output pairs; give a folder of such .sl files.")
    found = sorted(folder.glob("*completions*.json"))
    if len(found) > 1:
        raise SuiteError(f"{folder} holds {len(found)} files *completions*.json; leave one.")
    recorded = {}
    for name, one in (read_json(found[0]) if found else {}).items():
        texts = one.get("completions") if isinstance(one, dict) else None
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise SuiteError(f'{found[0]}: {name} needs {{"completions": [text, …]}}.')
        recorded[name] = texts
    return tasks, recorded


def run_tasks(
    tasks: Mapping[str, SygusTask],
    recorded: Mapping[str, Sequence[str]],
    budget: pbe.Budget,
    draws: int,
    tick: Callable[[int, int], None],
) -> list[Trial]:
    """Return one trial per task: no completions, 1, 10, 100 of those recorded, then hostile ones.

    Of k completions out of more there are `draws` runs: the first k, then seeded draws. What cannot be had where there
    are no recorded completions is left out, and hostile ones where the search does not get there without any.
    """
    trials = []
    for name, task in tasks.items():
        tick(len(trials), len(tasks))
        trial = Trial(name.removesuffix(".sl"))
        trial.runs[PRIOR] = [run_one(task, None, budget)]
        trial.deduced[PRIOR] = deduce(task, None, budget)
        texts = recorded.get(name, [])
        if texts:
            judge(trial, task, texts)
            for number in NUMBERS:
                if number <= len(texts):
                    drawn = subsets(texts, number, draws)
                    trial.runs[str(number)] = [run_one(task, reading(task, some), budget) for some in drawn]
                    trial.deduced[str(number)] = deduce(task, reading(task, drawn[0]), budget)
        for label, write in HOSTILE.items():
            said = reading(task, write(task))
            if trial.runs[PRIOR][0].solved:
                trial.runs[label] = [run_one(task, said, budget)]
            if trial.deduced[PRIOR].solved:
                trial.deduced[label] = deduce(task, said, budget)
        trials.append(trial)
    return trials


def subsets(texts: Sequence[str], number: int, draws: int) -> list[list[str]]:
    """Return the first `number` texts, then seeded draws of as many, `draws` lists in all; one if that is all texts."""
    found = [list(texts[:number])]
    for seed in range(1, draws if number < len(texts) else 1):
        found.append(random.Random(seed).sample(list(texts), number))
    return found


def reading(task: SygusTask, texts: Sequence[str]) -> Reading:
    """Return what completions say in a task's notation."""
    return read_completions([Completion(text) for text in texts], sygus_syntax(task))


def run_one(task: SygusTask, said: Reading | None, budget: pbe.Budget) -> Run:
    """Return the search without deduction, with what a model said or without."""
    prior = likely_grammar(task)
    grammars = [(prior, 1.0)]
    if said is not None and (guide := guided(prior, said, task.task, SEARCHING)) is not prior:
        grammars = [(prior, 1 - GUIDED), (guide, GUIDED)]
    members = []
    for grammar, share in grammars:
        meter = budget.start()
        goal = Examples(task.task.examples)
        members.append(Member(growth(grammar, goal, (), meter, deduce=False), meter, share))
    program, stop = "", StopReason.EXHAUSTED
    try:
        if winner := first_found(members):
            program, stop = task.notation.term(winner[1][1]), StopReason.SOLVED
    except BudgetSpent as spent:
        stop = spent.reason
    return Run(looked_at(members), members[0].meter.seconds, program, stop.value)


def deduce(task: SygusTask, said: Reading | None, budget: pbe.Budget) -> Run:
    """Return the search with deduction, in the grammar's weights or in those that a model makes."""
    prior = likely_grammar(task)
    guide = prior if said is None else guided(prior, said, task.task, SEARCHING)
    solution = solve(task, budget, guide=None if guide is prior else guide)
    if solution.program is None or not solution.verified:
        return Run(solution.candidates, solution.seconds, "", solution.stop.value)
    program = task.notation.term(solution.program)
    return Run(solution.first_candidates, solution.first_seconds, program, solution.stop.value)


def judge(trial: Trial, task: SygusTask, texts: Sequence[str]) -> None:
    """Fill in what the model is worth alone."""
    syntax = sygus_syntax(task)
    behaviours: Counter[tuple[str | None, ...]] = Counter()
    targets = tuple([example.target for example in task.task.examples])
    rows = [example.inputs for example in task.task.examples]
    trial.samples = len(texts)
    right: dict[Program, bool] = {}
    for text in texts:
        said = read_completions([Completion(text)], syntax).answers
        trial.answered += bool(said)
        for program in said:
            if program not in right:
                right[program] = outputs(program, rows) == targets
        fitting = [program for program in said if right[program]]
        trial.loosely += bool(fitting)
        trial.right += any(task.grammar.derives(program) for program in fitting)
        behaviours.update({outputs(program, rows) for program in said})
    trial.agreed = bool(behaviours) and behaviours.most_common(1)[0][0] == targets
    trial.dropped = reading(task, texts).dropped
