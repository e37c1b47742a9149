"""Whether answers to SyGuS tasks are what was meant: learnt from some examples, run on others."""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from scipy.optimize import minimize
from scipy.special import expit

from app.sygus import search
from dsl.interpreter import evaluate
from dsl.program import Program
from dsl.sygus import SygusTask, read_program
from dsl.task import Example, row_key
from pbe.sygus import evidence, likely_grammar
from pbe.weighing import Weighing

Floats = NDArray[np.float64]

LONG = "-long"
SHORTER = ("", "_short", "_small", "-short")
"""A task X-long has the examples of X and of these, and more."""
FEW = range(4, 9)
"""Tasks with so many distinct examples are learnt with each left out in turn."""
LEFT_OUT = "leave one out"
AGAINST = (4, 8, 16)
"""Bits by which the examples given may speak against the left-out one: with more, no wrong answer surprises."""
FOLDS = 10
RIDGE = 0.05


@dataclass(frozen=True, slots=True)
class Trial:
    """A program learnt from `given` examples, run on others: the share of right rows, and how many conditions it has.

    Where no program was found, no row is right. For a left-out row that is wrong, `against` says how many bits more
    probable the examples given make the program than the one learnt from all of the task's examples.
    """

    task: str
    given: int
    accuracy: float
    conditions: int
    answer: str
    against: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the trial in the form that `--json` writes."""
        return {
            "task": self.task, "given": self.given, "accuracy": round(self.accuracy, 4),
            "conditions": self.conditions, "program": self.answer,
            **({} if self.against is None else {"against": round(self.against, 1)}),
        }  # fmt: skip


def distinct(task: SygusTask) -> list[int]:
    """Return the numbers of a task's examples, each with the same inputs as one before left out."""
    first: dict[Any, int] = {}
    for index, example in enumerate(task.task.examples):
        first.setdefault(row_key(example.inputs), index)
    return list(first.values())


def trial(
    name: str,
    task: SygusTask,
    given: Sequence[int],
    tested: Sequence[Example],
    seconds: float,
    *,
    pragmatic: bool = False,
) -> Trial:
    """Return how a program learnt from some of a task's examples does on others."""
    program = search(replace(task, task=task.task.only(given)), seconds, pragmatic=pragmatic).program
    if program is None:
        return Trial(name, len(given), 0.0, 0, "")
    right = statistics.fmean(evaluate(program, example.inputs) == example.output for example in tested)
    return Trial(name, len(given), right, int(evidence(program, len(given))[1]), task.define(program))


def bits_against(task: SygusTask, given: Sequence[int], learnt: Trial, whole: Program | None) -> float | None:
    """Return how many bits more probable than `whole` what was learnt from some examples is.

    None where one of the two is no program, or `whole` has a constant that only the other examples suggest.
    """
    if whole is None or not learnt.answer:
        return None
    some = replace(task, task=task.task.only(given))
    weighing = Weighing(likely_grammar(some), [example.inputs for example in some.task.examples])
    program = read_program(learnt.answer, task)
    bits = (weighing.log_prob(program) - weighing.log_prob(whole)) / math.log(2)
    return bits if math.isfinite(bits) else None


def run_trials(
    tasks: Mapping[str, SygusTask],
    seconds: float,
    tick: Callable[[int, int], None] = lambda *_: None,
    *,
    pragmatic: bool = False,
) -> dict[str, list[Trial]]:
    """Return the trials by protocol; tasks with logical constraints take no part.

    "pairs": all examples of X, tested on X-long. "first 2 of long": the first two examples of X-long, tested on all of
    its. "first 2": the same for every task with more than two. "leave one out": all examples but one, tested on that;
    what is wrong there is weighed against what all examples teach.
    """

    @cache
    def whole(name: str) -> Program | None:
        return search(tasks[name], seconds, pragmatic=pragmatic).program

    kept = {name: (task, distinct(task)) for name, task in tasks.items() if not task.constraints}
    work: dict[str, list[tuple[str, SygusTask, Sequence[int], Sequence[Example]]]] = {
        "pairs": [], "first 2 of long": [], "first 2": [], LEFT_OUT: [],
    }  # fmt: skip
    for name, (task, numbers) in kept.items():
        examples = task.task.examples
        if len(numbers) > 2:
            work["first 2"].append((name, task, numbers[:2], examples))
        if name.endswith(LONG):
            bases = [name.removesuffix(LONG) + suffix for suffix in SHORTER]
            pairs = [(f"{base} → {name}", *kept[base], examples) for base in bases if base in kept]
            work["pairs"] += pairs
            work["first 2 of long"] += [(name, task, numbers[:2], examples)] if pairs else []
        if len(numbers) in FEW:
            work[LEFT_OUT] += [
                (name, task, [n for n in numbers if n != left], [examples[left]]) for left in numbers
            ]
    total, done = sum(map(len, work.values())), 0
    found: dict[str, list[Trial]] = {}
    for protocol, trials in work.items():
        found[protocol] = []
        for name, task, given, tested in trials:
            tick(done, total)
            one = trial(name, task, given, tested, seconds, pragmatic=pragmatic)
            if protocol == LEFT_OUT and one.accuracy < 1:
                one = replace(one, against=bits_against(task, given, one, whole(name)))
            found[protocol].append(one)
            done += 1
    return found


def generalisation(found: Mapping[str, Sequence[Trial]]) -> dict[str, Any]:
    """Return the figures of the trials."""
    pairs = found["pairs"]
    figures: dict[str, Any] = {
        "pairs": len(pairs),
        "pairs with every row right": _share([trial.accuracy == 1.0 for trial in pairs]),
    }
    for protocol, trials in found.items():
        figures[f"{protocol}: mean row accuracy"] = _share([trial.accuracy for trial in trials])
        for conditional, words in ((False, "without a condition"), (True, "with one or more")):
            some = [trial.accuracy for trial in trials if bool(trial.conditions) is conditional and trial.answer]
            figures[f"{protocol}: {words}"] = f"{_share(some)} of {len(some)}"
    wrong = [math.inf if one.against is None else one.against for one in found[LEFT_OUT] if one.accuracy < 1]
    for bits in AGAINST:
        open_to_it = len(found[LEFT_OUT]) - sum(against > bits for against in wrong)
        right = open_to_it - sum(against <= bits for against in wrong)
        figures[f"{LEFT_OUT}: at most {bits} bits against it"] = f"{right} right of {open_to_it}"
    return figures | confidence_figures([*found["first 2"], *found[LEFT_OUT]])


# ---------------------------------------------------------------- confidence


def confidence_figures(trials: Sequence[Trial]) -> dict[str, Any]:
    """Return the log odds that fit best, every task counting the same, and what they tell out of fold (by family)."""
    answered = [trial for trial in trials if trial.answer]
    families = sorted({_family(trial) for trial in answered})
    if len(families) < FOLDS:
        return {}
    fold = np.array([families.index(_family(trial)) % FOLDS for trial in answered])
    x = np.array([(1.0, trial.conditions, trial.given) for trial in answered])
    y = np.array([trial.accuracy for trial in answered])
    count = Counter(trial.task for trial in answered)
    w = np.array([1 / count[trial.task] for trial in answered])
    told = np.empty(len(answered))
    for left in range(FOLDS):
        learnt = fold != left
        told[~learnt] = expit(x[~learnt] @ _fitted(x[learnt], y[learnt], w[learnt]))
    figures: dict[str, Any] = {"confidence: log odds": tuple(_fitted(x, y, w).round(2).tolist())}
    for words, some in (("without a condition", x[:, 1] == 0), ("with one", x[:, 1] == 1), ("with more", x[:, 1] > 1)):
        if some.any():
            means = [float(np.average(values[some], weights=w[some])) for values in (told, y)]
            figures[f"confidence {words}"] = f"told {means[0]:.3f}, right {means[1]:.3f} of {some.sum()}"
    return figures


def _fitted(x: Floats, y: Floats, w: Floats) -> Floats:
    """Return the weights of a logistic regression, drawn to 0 a little but for the first."""

    def loss(beta: Floats) -> float:
        z = x @ beta
        return float(w @ (np.logaddexp(0, z) - y * z) + RIDGE * (beta[1:] @ beta[1:]))

    return np.asarray(minimize(loss, np.zeros(x.shape[1])).x)


def _family(trial: Trial) -> str:
    """Return what tells a task's variants apart from other tasks: its name without the ending that says how many."""
    return re.split(r"[-_](?:short|small|long)", trial.task)[0]


def _share(values: Sequence[float]) -> float | None:
    return round(statistics.fmean(values), 4) if values else None


def show_trials(console: Console, found: Mapping[str, Sequence[Trial]], figures: Mapping[str, Any]) -> None:
    """Print the pairs that are not wholly right, then the figures."""
    console.print("\ngeneralisation", style="bold")
    for one in found["pairs"]:
        if one.accuracy < 1:
            console.print(f"  {one.task}: {one.accuracy:.1%} of rows right", markup=False, highlight=False)
    for name, value in figures.items():
        console.print(f"  {name:<42}{value}", markup=False)
