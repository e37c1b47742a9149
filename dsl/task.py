"""What a person gives: examples, the rows to fill, and how the examples came about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, time

from dsl.types import Cell, as_text

Row = tuple[Cell, ...]
RowKey = tuple[Cell | type, ...]

SPEAKERS = ("requested", "top_down", "corrects", "chooses")


class ContradictoryExamples(ValueError):
    """Two examples have the same input and different outputs; `rows` are their places among the examples."""

    def __init__(self, message: str, rows: tuple[int, int]) -> None:
        super().__init__(message)
        self.rows = rows


@dataclass(frozen=True, slots=True)
class Example:
    """One row with its output; output None means that the cell must be blank."""

    inputs: Row
    output: Cell

    @property
    def target(self) -> str | None:
        """Return the output as text, with "" and None both as None: a blank cell."""
        return as_text(self.output) or None


@dataclass(frozen=True, slots=True)
class Task:
    """Examples, all rows (the examples' rows included), and what is known about how they were given.

    `hint` is free text about the column (headers, a sentence). `speakers` names for each example how it came
    about (one of SPEAKERS); `shown` is the fill that was displayed before the last correction, one cell per row.
    """

    examples: tuple[Example, ...]
    rows: tuple[Row, ...]
    hint: str | None = None
    speakers: tuple[str, ...] = ()
    shown: tuple[Cell, ...] | None = None

    def __post_init__(self) -> None:
        widths = {len(row) for row in self.rows} | {len(example.inputs) for example in self.examples}
        if len(widths) > 1:
            raise ValueError(f"rows and examples must all have the same number of inputs, found {sorted(widths)}")
        unknown = sorted(set(self.speakers) - set(SPEAKERS))
        if unknown:
            raise ValueError(f"no speaker is called {unknown[0]!r}; choose among {', '.join(SPEAKERS)}")
        if self.shown is not None and len(self.shown) != len(self.rows):
            raise ValueError(f"`shown` needs one cell per row: {len(self.rows)} rows, {len(self.shown)} cells")
        missing = {row_key(example.inputs) for example in self.examples}
        for row in self.rows:
            if not missing:
                break
            missing.discard(row_key(row))
        if missing:
            raise ValueError("a task's rows must include those of its examples; Task.of puts missing ones in front")
        if self.speakers and len(self.speakers) != len(self.examples):
            raise ValueError(f"{len(self.examples)} examples need as many speakers, found {len(self.speakers)}")
        first: dict[RowKey, int] = {}
        for index, example in enumerate(self.examples):
            known = first.setdefault(row_key(example.inputs), index)
            if self.examples[known].target != example.target:
                raise ContradictoryExamples(
                    f"examples {known + 1} and {index + 1} have the same input {_show(example.inputs)} but different "
                    f"outputs, {self.examples[known].output!r} and {example.output!r}; correct one of them",
                    (known, index),
                )

    def only(self, chosen: Iterable[int]) -> Task:
        """Return the task with only these of its examples."""
        kept = list(chosen)
        return replace(
            self,
            examples=tuple([self.examples[i] for i in kept]),
            speakers=tuple([self.speakers[i] for i in kept]) if self.speakers else (),
        )

    @classmethod
    def of(
        cls,
        examples: Iterable[tuple[Cell | Sequence[Cell], Cell]],
        rows: Iterable[Cell | Sequence[Cell]] = (),
        *,
        speaker: str | Sequence[str] = "top_down",
        shown: Sequence[Cell] | None = None,
        hint: str | None = None,
    ) -> Task:
        """Return the task for loosely given examples and rows; rows that lack an example's row get it in front."""
        given = tuple(Example(as_row(inputs), output) for inputs, output in examples)
        table = tuple(as_row(row) for row in rows)
        present = set(map(row_key, table))
        absent = {row_key(e.inputs): e.inputs for e in given if row_key(e.inputs) not in present}
        missing = tuple(absent.values())
        speakers = (speaker,) * len(given) if isinstance(speaker, str) else tuple(speaker)
        if len(speakers) != len(given):
            raise ValueError(f"name one speaker, or one per example: {len(given)} examples, {len(speakers)} names")
        if shown is not None and missing:
            shown = (None,) * len(missing) + tuple(shown)
        return cls(given, missing + table, hint, speakers, None if shown is None else tuple(shown))


def row_key(row: Row) -> RowKey:
    """Return what tells rows apart: cells with their types, since 1, 1.0 and True are equal in Python."""
    return (*row, *map(type, row))


def as_row(inputs: Cell | Sequence[Cell]) -> Row:
    """Return a row: a single cell becomes a row of one."""
    if inputs is None or isinstance(inputs, (str, int, float, date, time)):
        return (inputs,)
    return tuple(inputs)


def _show(row: Row) -> str:
    text = ", ".join(repr(cell) for cell in row)
    return text if len(text) <= 80 else text[:77] + "…"
