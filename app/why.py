"""Why one reading rather than another: small worlds to try, and what each listener and speaker makes of them.

A world says which utterances are true of which meanings. Stages are its tables one after another, L0, S1, L1 and on;
a verdict is the sentence that they come to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

import pbe
import rsa
from app.heat_maps import percent
from dsl.task import Task

Floats = NDArray[np.float64]

LETTERS = "ABCDEF"
"""What the readings of a sheet are called in the tables; no more than these are shown."""
MOST_UTTERANCES = 12
EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class World:
    """Utterances, meanings and which is true of which; `said` is what one might begin with, `about` a few sentences."""

    about: str
    utterances: tuple[str, ...]
    meanings: tuple[str, ...]
    truth: tuple[tuple[bool, ...], ...]
    said: tuple[str, ...]

    def explored(self, said: Sequence[str], alpha: float, depth: int) -> rsa.Exploration:
        """Return what the agents think of the world after some of its utterances, in their order."""
        places = [self.utterances.index(utterance) for utterance in said]
        return rsa.explore(
            self.truth, places, alpha=alpha, depth=depth, utterances=self.utterances, meanings=self.meanings
        )


THREE_OBJECTS = World(
    "Three things lie on a table. Somebody wants you to pick one, and may say a single word.",
    ("blue", "green", "square", "circle"),
    ("blue square", "blue circle", "green square"),
    ((True, True, False), (False, False, True), (True, False, True), (False, True, False)),
    ("blue",),
)
"""The reference game of Frank & Goodman, Predicting pragmatic reasoning in language games, 2012."""

_NAMES = ("Ana Trujillo", "Jo Ann Reyes", "Lee")
_PARTS = {
    "first word": ("Ana", "Jo", "Lee"),
    "second word": ("Trujillo", "Ann", "(blank)"),
    "last word": ("Trujillo", "Reyes", "Lee"),
}


def _column_of_names() -> World:
    outputs = [(name, out) for i, name in enumerate(_NAMES) for out in dict.fromkeys(p[i] for p in _PARTS.values())]
    truth = tuple(tuple(part[_NAMES.index(name)] == out for part in _PARTS.values()) for name, out in outputs)
    return World(
        "A column of names, and somebody who wants a part of each. An example is an utterance: it says what one row "
        "becomes. A meaning is a program.",
        tuple(f"{name} → {out}" for name, out in outputs),
        tuple(_PARTS),
        truth,
        ("Ana Trujillo → Trujillo",),
    )


COLUMN_OF_NAMES = _column_of_names()


@dataclass(frozen=True, slots=True, eq=False)
class Stage:
    """One table of the reasoning, shape (utterances, meanings): its title, how to read it, its formula.

    The first is of True and False, the others are of probabilities.
    """

    title: str
    reading: str
    formula: str
    table: Floats | NDArray[np.bool_]


def stages(exploration: rsa.Exploration) -> list[Stage]:
    """Return the tables in the order in which they follow from each other, from what is true to the last listener."""
    reading = "Which utterances fit which meanings: what everybody knows before a word is said."
    found = [Stage("What is true", reading, "true(u, w) for an utterance u and a meaning w", exploration.truth)]
    for level, listener in enumerate(exploration.listeners):
        if level:
            found.append(_speaker(level, exploration.speakers[level - 1]))
        found.append(_listener(level, listener))
    return found


def _listener(level: int, table: Floats) -> Stage:
    if level == 0:
        title, hears = "L0, the literal listener", "Hears words and believes whatever fits."
        formula = "L0(w | u) ∝ true(u, w) · prior(w)"
    else:
        title = "L1, the pragmatic listener" if level == 1 else f"L{level}, who listens to S{level}"
        hears = f"Hears words and asks which meaning makes S{level} say them."
        formula = f"L{level}(w | u) ∝ S{level}(u | w) · prior(w)"
    return Stage(title, f"{hears} Read along a row: it adds up to 100 %.", formula, table)


def _speaker(level: int, table: Floats) -> Stage:
    title = "S1, the speaker" if level == 1 else f"S{level}, who speaks to L{level - 1}"
    reading = f"Picks words from which L{level - 1} gets the meaning. Read down a column: it adds up to 100 %."
    return Stage(title, reading, f"S{level}(u | w) ∝ L{level - 1}(w | u) ^ alpha", table)


def telling(exploration: rsa.Exploration) -> list[int]:
    """Return the utterances worth showing: those said, and those that are true of some meanings but not of all."""
    said = [step.utterance for step in exploration.steps]
    count = exploration.truth.sum(axis=1)
    splitting = [int(u) for u in np.flatnonzero((count > 0) & (count < len(exploration.meanings))) if u not in said]
    return sorted([*said, *splitting][:MOST_UTTERANCES])


def verdict(exploration: rsa.Exploration) -> str:
    """Return in a few sentences what the listeners believe after all that was said, and why they differ."""
    if not exploration.steps:
        return "Nothing is said yet."
    last = exploration.steps[-1]
    if not last.possible.any():
        return "Nothing fits all of that."
    found = f"The literal listener {_belief(exploration, last.literal)}. "
    found += f"The pragmatic listener {_belief(exploration, last.pragmatic)}."
    return found + _reason(exploration, last)


def _belief(exploration: rsa.Exploration, posterior: Floats) -> str:
    best = [int(w) for w in rsa.argmax_set(np.log(np.where(posterior > 0, posterior, 1e-300)))]
    names = [f"“{exploration.meanings[w]}”" for w in best]
    chance = percent(float(posterior[best[0]]))
    if len(best) == 1:
        return f"is sure of {names[0]}" if posterior[best[0]] > 1 - EQUAL else f"bets on {names[0]} ({chance})"
    return f"cannot choose between {', '.join(names[:-1])} and {names[-1]} ({chance} each)"


def _reason(exploration: rsa.Exploration, last: rsa.Step) -> str:
    """Return what the runner-up's speaker would rather have said, at the step where that speaks loudest."""
    order = np.argsort(-last.pragmatic, kind="stable")
    if len(order) < 2 or last.pragmatic[order[1]] <= 0 or last.pragmatic[order[0]] - last.pragmatic[order[1]] < EQUAL:
        return ""
    runner = int(order[1])
    step = max(exploration.steps, key=lambda one: one.speaker[:, runner].max() - one.speaker[one.utterance, runner])
    rather, did = int(step.speaker[:, runner].argmax()), step.utterance
    if step.speaker[rather, runner] - step.speaker[did, runner] < EQUAL:
        return ""
    return (
        f" Who meant “{exploration.meanings[runner]}” would rather have said “{exploration.utterances[rather]}” "
        f"({percent(float(step.speaker[rather, runner]))}) than “{exploration.utterances[did]}” "
        f"({percent(float(step.speaker[did, runner]))})."
    )


def of_answer(
    task: Task, answer: pbe.Answer, alpha: float, depth: int, names: Sequence[str] | None = None
) -> rsa.Exploration:
    """Return what the agents think of an answer's leading candidates, called A, B, C, …, after the task's examples.

    `names` are those of the task's rows. Raises ValueError for an answer without candidates.
    """
    leading = replace(answer, candidates=answer.candidates[: len(LETTERS)])
    found = pbe.explore(task, leading, alpha=alpha, depth=depth, names=names)
    return replace(found, meanings=tuple(LETTERS[: len(found.meanings)]))
