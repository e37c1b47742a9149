"""What speaks for a behaviour beside its mass, and how sure that leaves a cell: the fitted weights and their use.

The weights lie in weights.json, written by `pbe fit` from tasks whose right outputs are known.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files

from dsl.program import Program, columns
from dsl.strings.tokens import kinds, shape
from dsl.task import Row, Task, row_key
from dsl.types import as_text

CHARACTERS_LOOKED_AT = 200
LEAST, MOST = 0.1, 0.9995
"""Posteriors beyond these say no more: what is left is whether the language has what is meant at all."""


@dataclass(frozen=True, slots=True)
class PriorWeights:
    """Log factors (nats) of a behaviour.

    `mass` multiplies the log mass of its programs. Each row on which it is undefined, though there is something in the
    row, takes `blank` away, at most `most_blank` in all; `blank_after_blank` where an example is blank too.
    """

    mass: float = 1.0
    blank: float = 2.08
    blank_after_blank: float = 0.2
    most_blank: float = 16.6


@dataclass(frozen=True, slots=True)
class NoneWeights:
    """Bits of "none of my programs": `bits` at first, then some for each character of the examples' outputs.

    An output that was there before costs `again`: it need not be written out, but none of ours might have changed it.
    """

    bits: float = 5.0
    mark: float = 2.5
    letter: float = 3.2
    digit: float = 2.6
    again: float = 2.0


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic regression from what is known of a cell to the probability that it is right.

    `logit` multiplies the log odds of the cell's posterior, bounded to LEAST … MOST; added are `new_look` where the
    cells read look like no example's, `blank` where the program leaves the cell blank, `unlike` where the output looks
    like no example's, `more` where there are several examples, and `idle` where the program does nothing on any row.
    """

    bias: float = 0.0
    logit: float = 1.0
    new_look: float = 0.0
    blank: float = 0.0
    unlike: float = 0.0
    more: float = 0.0
    idle: float = 0.0


@dataclass(frozen=True, slots=True)
class Weights:
    """All fitted numbers."""

    prior: PriorWeights = PriorWeights()
    none: NoneWeights = NoneWeights()
    calibration: Calibration = Calibration()

    @classmethod
    def read(cls, text: str) -> Weights:
        """Return the weights in a JSON text, as `write` gives it; raises ValueError or TypeError for anything else."""
        data = json.loads(text)
        return cls(PriorWeights(**data["prior"]), NoneWeights(**data["none"]), Calibration(**data["calibration"]))

    def write(self) -> str:
        """Return the weights as JSON text, rounded to 4 places."""
        parts = {name: {k: round(v, 4) for k, v in part.items()} for name, part in asdict(self).items()}
        lines = [f"  {json.dumps(name)}: {json.dumps(part)}" for name, part in parts.items()]
        return "{\n" + ",\n".join(lines) + "\n}\n"


@cache
def _shipped() -> Weights:
    return Weights.read(files("pbe").joinpath("weights.json").read_text(encoding="utf-8"))


_in_use: ContextVar[Weights | None] = ContextVar("weights in use", default=None)


def fitted() -> Weights:
    """Return the weights that ship with the package, or those of the enclosing `using`."""
    return _in_use.get() or _shipped()


@contextmanager
def using(weights: Weights) -> Iterator[None]:
    """Use other weights inside the block, as fitting does."""
    token = _in_use.set(weights)
    try:
        yield
    finally:
        _in_use.reset(token)


def log_prior(task: Task, rows: Sequence[Row], log_mass: float, outputs: Sequence[str | None]) -> float:
    """Return the log prior (nats, not normalised) of a behaviour, given its mass and its outputs on sampled rows."""
    weights = fitted().prior
    blank_example = any(example.target is None for example in task.examples)
    each = weights.blank_after_blank if blank_example else weights.blank
    return weights.mass * log_mass - min(each * blanks(rows, outputs), weights.most_blank)


def blanks(rows: Sequence[Row], outputs: Sequence[str | None]) -> int:
    """Return on how many rows that have something in them the output is blank."""
    return sum(1 for row, output in zip(rows, outputs, strict=True) if output is None and not is_blank(row))


def idle(task: Task, rows: Sequence[Row], outputs: Sequence[str | None]) -> bool:
    """Return whether all outputs, some of them not given, are one column as it is, or all the same.

    Nobody needs a program for that. An example that is like that is often one case of several.
    """
    given = {row_key(example.inputs) for example in task.examples}
    if all(row_key(row) in given for row in rows):
        return False
    return len(set(outputs)) == 1 or any(
        all((as_text(row[column]) or None) == output for row, output in zip(rows, outputs, strict=True))
        for column in range(len(rows[0]))
    )


def log_none(task: Task) -> float:
    """Return the log mass (nats) of the examples' outputs under "none of my programs".

    What lies outside the language is described as a text written out character by character; so the more the
    examples confirm a program, the less remains for it.
    """
    weights = fitted().none
    given = {row_key(example.inputs): example.target for example in task.examples}
    targets = dict.fromkeys(given.values())
    bits = weights.bits + weights.again * (len(given) - len(targets))
    for target in targets:
        for kind in kinds(target or ""):
            bits += weights.digit if kind == "d" else weights.letter if kind in "Ulo" else weights.mark
    return -bits * math.log(2)


def is_blank(row: Row) -> bool:
    """Return whether a row has nothing in it."""
    return not any(as_text(cell) for cell in row)


class Calibrator:
    """Turns a cell's posterior probability into the probability that the cell is right, for one program.

    `rows` and `outputs` are all the sheet's, as the program writes them.
    """

    def __init__(self, task: Task, program: Program, rows: Sequence[Row], outputs: Sequence[str | None]) -> None:
        self.weights = fitted().calibration
        self.read = columns(program)
        self.looks = {self.look(example.inputs) for example in task.examples}
        self.outputs = {shape((example.target or "")[:CHARACTERS_LOOKED_AT]) for example in task.examples}
        self.more = len(task.examples) > 1
        self.idle = idle(task, rows, outputs)

    def look(self, row: Row) -> tuple[str, ...]:
        """Return what the cells look like that the program reads."""
        return tuple([shape((as_text(row[i]) or "")[:CHARACTERS_LOOKED_AT]) for i in self.read])

    def features(self, row: Row, output: str | None, probability: float) -> tuple[float, ...]:
        """Return the regression's inputs, in the order of Calibration's fields."""
        return (
            1.0,
            _log_odds(probability),
            float(self.look(row) not in self.looks),
            float(output is None),
            float(output is not None and shape(output[:CHARACTERS_LOOKED_AT]) not in self.outputs),
            float(self.more),
            float(self.idle),
        )

    def __call__(self, row: Row, output: str | None, probability: float) -> float:
        """Return the calibrated probability."""
        w = self.weights
        weights = (w.bias, w.logit, w.new_look, w.blank, w.unlike, w.more, w.idle)
        score = sum(a * b for a, b in zip(weights, self.features(row, output, probability), strict=True))
        return 1 / (1 + math.exp(-score)) if score > -700 else 0.0


def _log_odds(probability: float) -> float:
    bounded = min(max(probability, LEAST), MOST)
    return math.log(bounded / (1 - bounded))
