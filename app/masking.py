"""Rows with their letters and digits replaced, so that a model sees their shape and not what they say.

Each letter stands for one other letter of its script and case, in all rows and outputs alike, and each digit but 0 for
another (zeros pad). So a program that takes, cuts, joins or recases parts of cells does to the masked rows what it does
to the rows, and the model's program is unmasked by its constants. This is a disguise and no encryption: lengths,
marks, zeros and what recurs remain to be seen.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

from dsl.program import Apply, Constant, Program
from dsl.strings.tokens import kinds
from dsl.task import Example, Row, Task
from dsl.types import LITERAL, TEXT, TOKEN, Cell, as_text

BLOCK = 128
"""A letter stands for another of its kind among so many neighbours in Unicode."""


class _Substitution(dict[int, str]):
    """What each character stands for, as `str.translate` wants it; drawn by a seed, found as it is needed."""

    def __init__(self, seed: str, backwards: bool) -> None:
        self.seed, self.backwards = seed, backwards

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if _recases(char) and char.lower() != char:
            self[code] = self[ord(char.lower())].upper()
        else:
            order = _alike(char)
            Random(f"{self.seed} {order}").shuffle(order)
            step = -1 if self.backwards else 1
            self.update({ord(one): order[(i + step) % len(order)] for i, one in enumerate(order)})
        return self[code]


def _recases(char: str) -> bool:
    """Return whether a character is one of a small letter and a capital that are always each other's."""
    small, capital = char.lower(), char.lower().upper()
    paired = len(small) == len(capital) == 1 and small != capital and capital.lower() == small
    return paired and char in (small, capital) and small != "σ"  # at the end of a word, a small sigma is another


def _alike(char: str) -> list[str]:
    """Return the characters that may stand for one: itself alone where it is neither a letter nor a digit from 1 on.

    A letter that has none like it nearby, such as İ, stands for itself too.
    """
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return [chr(ord(char) - digit + n) for n in range(1, 10)] if digit else [char]
    kind = kinds(char)
    if kind not in "Ulo":
        return [char]
    first = ord(char) // BLOCK * BLOCK
    block = map(chr, range(first, first + BLOCK))
    return [other for other in block if kinds(other) == kind and _recases(other) == _recases(char)]


@dataclass(frozen=True)
class Mask:
    """A substitution of characters and the one that undoes it."""

    forwards: _Substitution
    backwards: _Substitution

    @classmethod
    def of(cls, task: Task) -> Mask:
        """Return the mask of a task: the same for equal rows, and not to be guessed by who does not know them all."""
        cells = [*(example.output for example in task.examples), *(cell for row in task.rows for cell in row)]
        seed = hashlib.sha256(repr(cells).encode("utf-8", "surrogatepass")).hexdigest()
        return cls(_Substitution(seed, backwards=False), _Substitution(seed, backwards=True))

    def masked(self, task: Task) -> Task:
        """Return the task with all cells masked, as texts; the hint stays as it is."""
        examples = [Example(self._row(e.inputs), self._cell(e.output)) for e in task.examples]
        shown = None if task.shown is None else self._row(task.shown)
        return replace(task, examples=tuple(examples), rows=tuple(map(self._row, task.rows)), shown=shown)

    def unmasked(self, program: Program) -> Program:
        """Return a program for masked rows as one for the rows; formats and the like in it stay as they are."""
        if isinstance(program, Apply):
            return Apply(program.operator, tuple(map(self.unmasked, program.args)))
        if isinstance(program, Constant) and isinstance(program.value, str) and program.type in (TEXT, LITERAL, TOKEN):
            return Constant(program.value.translate(self.backwards), program.type)
        return program

    def _row(self, row: Iterable[Cell]) -> Row:
        return tuple(map(self._cell, row))

    def _cell(self, cell: Cell) -> Cell:
        text = as_text(cell)
        return None if text is None else text.translate(self.forwards)
