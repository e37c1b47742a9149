"""Readers of two published studies in which people taught a program by examples.

The pattern game: Pu et al., Program synthesis with pragmatic communication, 2020. Regular expressions: Pu et al.,
Amortizing pragmatic program synthesis with rankings, 2023.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.bench.suites import SuiteError, read_json, read_text
from dsl.grids.patterns import CELLS, COLOURS, SHAPES, SIDE, SYMBOLS

ROBOTS = ("white", "blue")
"""The literal and the pragmatic listener, as the players saw them."""
MOST_ATTEMPTS = 2
TOO_MANY_EXAMPLES = 20
EMPTY = len(SYMBOLS) - 1
_DAMAGED = (LookupError, TypeError, ValueError, AttributeError)
"""What reading a record raises where the record is not what it should be."""


@dataclass(frozen=True, slots=True)
class Round:
    """One layout taught by one person to one robot.

    `target` holds 49 symbol codes; `said` the (cell, symbol code) pairs that stood at the end, in the order in which
    they were put there; `examples_used` is the study's own count.
    """

    participant: str
    robot: str
    target_id: str
    target: tuple[int, ...]
    said: tuple[tuple[int, int], ...]
    examples_used: int


@dataclass(frozen=True, slots=True)
class GridStudy:
    """The rounds of the people kept, how many took part in all, and the targets by their ids."""

    rounds: tuple[Round, ...]
    participants: int
    targets: dict[str, tuple[int, ...]]

    def by(self, robot: str) -> list[Round]:
        """Return the rounds with one of ROBOTS."""
        return [one for one in self.rounds if one.robot == robot]


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One step of the published speaker: the (cell, symbol code) it says, and what follows from it.

    `speaker` is S1 of it, `left` the number of layouts that still fit; `posterior` is L1 of the target, `top` the
    probability that L1 answers it with ties at random, `rank` its place.
    """

    cell: int
    symbol: int
    speaker: float
    left: int
    posterior: float
    top: float
    rank: int


@dataclass(frozen=True, slots=True)
class RegexRound:
    """Sentences with which one person taught one regex, as indices: only known ones that are true of it."""

    participant: str
    target: int
    said: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class RegexStudy:
    """`truth[sentence, regex]`, the published ranking (regex indices, best first), and the rounds."""

    sentences: tuple[str, ...]
    regexes: tuple[str, ...]
    truth: NDArray[np.bool_]
    ranking: tuple[int, ...]
    rounds: tuple[RegexRound, ...]


def read_grid_study(folder: Path) -> GridStudy:
    """Return the pattern game's rounds from its two exported files and targets10.json.

    Left out, as in the study, are people without data, without a quiz or with more than two attempts at it, and those
    with any round of 20 examples or more.
    """
    exports = sorted(folder.glob("*-export.json"))
    if not exports:
        raise SuiteError(f"{folder} holds no *-export.json; give the folder grid2020 of the pattern game")
    people = {person: data for path in exports for person, data in read_json(path).items()}
    targets = read_targets(folder)
    try:
        rounds = [
            _round(person, record, targets)
            for person, data in people.items()
            if _kept(data)
            for record in data["data"].values()
        ]
    except _DAMAGED as error:
        raise SuiteError(f"{folder} holds a record that cannot be read ({error!r}); fetch the study anew.") from None
    return GridStudy(tuple(rounds), len(people), targets)


def read_targets(folder: Path) -> dict[str, tuple[int, ...]]:
    """Return the study's target layouts by id, 49 symbol codes each, from targets10.json."""
    path = folder / "targets10.json"
    targets = {}
    for name, grid in read_json(path).items():
        try:
            targets[name] = tuple([SYMBOLS.index(SYMBOLS[code]) for line in grid for code in line])
        except _DAMAGED:
            targets[name] = ()
        if len(targets[name]) != len(CELLS):
            raise SuiteError(f"{path} holds no {SIDE}×{SIDE} layout under {name}; fetch the study anew.")
    return targets


def read_chains(folder: Path) -> dict[str, tuple[ChainStep, ...]]:
    """Return what the published speaker says of each target, by the target's id, from s1_chains.json."""
    path = folder / "s1_chains.json"
    letters = {f"{shape[0]}{colour[0]}".upper(): code for code, (shape, colour) in enumerate(product(SHAPES, COLOURS))}
    letters["E"] = EMPTY
    try:
        return {
            name: tuple([
                ChainStep(_cell(*step["cell"]), letters[step["sym"]], step["S1"], step["V"], step["L1_posterior"],
                          step["L1_top1"], step["L1_rank"])
                for step in chain
            ])
            for name, chain in read_json(path).items()
        }  # fmt: skip
    except _DAMAGED as error:
        raise SuiteError(f"{path} holds a step that cannot be read ({error!r}); fetch the study anew.") from None


def _kept(person: dict[str, Any]) -> bool:
    attempts = len(person.get("quiz", {}).get("quiz_answers", ()))
    records = person.get("data", {}).values()
    few = all(record["examples_used"] < TOO_MANY_EXAMPLES for record in records)
    return 1 <= attempts <= MOST_ATTEMPTS and bool(records) and few


def _round(person: str, record: dict[str, Any], targets: dict[str, tuple[int, ...]]) -> Round:
    target_id = str(record["target_id"])
    return Round(
        person,
        ROBOTS[record["robot_id"]],
        target_id,
        targets[target_id],
        _surviving(record["all_examples"]),
        record["examples_used"],
    )


def _surviving(moves: Sequence[str]) -> tuple[tuple[int, int], ...]:
    """Return the (cell, symbol) pairs left by moves like "4,1 0,2 9700": cell, shape and colour (or delete), ms.

    A cell set again counts as said last.
    """
    board: dict[int, int] = {}
    for move in moves:
        place, what, _ = move.split()
        cell = _cell(*map(int, place.split(",")))
        board.pop(cell, None)
        if what != "delete":
            shape, colour = map(int, what.split(","))
            board[cell] = min(3 * shape + colour, EMPTY)
    return tuple(board.items())


def _cell(row: int, column: int) -> int:
    if not (0 <= row < SIDE and 0 <= column < SIDE):
        raise ValueError(f"({row}, {column}) is no cell")
    return SIDE * row + column


def read_regex_study(folder: Path) -> RegexStudy:
    """Return the regex study of 350 regexes and 2,000 sentences, with the rounds of robot "g"."""
    if not (folder / "mm.npy").is_file():
        raise SuiteError(f"{folder} holds no mm.npy; give the folder regex350 of the regex study")
    sentences = {sentence: u for u, sentence in enumerate(read_text(folder / "sentences.txt").split())}
    anchored = read_text(folder / "regexes.txt").split()
    regexes = {regex.removeprefix("^").removesuffix("$"): w for w, regex in enumerate(anchored)}
    try:
        truth = np.load(folder / "mm.npy").astype(bool)
        ranking = tuple(map(int, read_text(folder / "Rank.txt").split(",")))
        with (folder / "replay.csv").open(newline="", encoding="utf-8") as file:
            lines = [line for line in csv.reader(file) if line[2] == "g"]
        rounds = [RegexRound(line[0], regexes[line[1]], _known(line[3:], sentences, truth, regexes[line[1]]))
                  for line in lines]  # fmt: skip
    except (OSError, ValueError, KeyError, IndexError) as error:
        raise SuiteError(f"{folder} cannot be read ({error}); fetch the study anew.") from None
    if truth.shape != (len(sentences), len(regexes)):
        raise SuiteError(f"mm.npy in {folder} has shape {truth.shape}, not {len(sentences)} × {len(regexes)}")
    return RegexStudy(tuple(sentences), tuple(anchored), truth, ranking, tuple(rounds))


def _known(
    words: Sequence[str], sentences: dict[str, int], truth: NDArray[np.bool_], target: int
) -> tuple[int, ...]:
    rows = [sentences[word] for word in words if word in sentences]
    return tuple([row for row in rows if truth[row, target]])
