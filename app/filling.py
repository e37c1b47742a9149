"""Filling a column of a table: which cells are examples, what is learnt, what gets written."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path

import pbe
from app.shown import quoted
from app.workbook import BookError, CellError, CellWrite, Table, Target, find_target, patch_csv, patch_workbook
from app.workbook.table import is_blank
from dsl.emit import Unsupported
from dsl.emit.excel import excel, readable, safe_for_excel
from dsl.program import Program, columns
from dsl.task import ContradictoryExamples, Row
from dsl.types import Cell, as_text

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Filling:
    """A column, what was learnt for it, and which rows of the table are to be written.

    `inputs` are the table's columns that programs read as x1, x2, …; `rows` the table's rows in the answer's order;
    `empty` the places in `rows` whose cell gets a prediction.
    """

    table: Table
    target: Target
    inputs: tuple[int, ...]
    rows: tuple[int, ...]
    empty: tuple[int, ...]
    answer: pbe.Answer

    @property
    def headers(self) -> tuple[str, ...]:
        """Return the names of the input columns."""
        return tuple(self.table.headers[i] for i in self.inputs)

    @property
    def doubtful(self) -> tuple[int, ...]:
        """Return the places in `rows` that are filled with a confidence below `pbe.DOUBTFUL`."""
        doubtful = set(self.answer.doubtful)
        return tuple(place for place in self.empty if place in doubtful)

    def sheet_row(self, place: int) -> int:
        """Return the row number in the sheet."""
        return self.table.sheet_row(self.rows[place])

    def formula(self, program: Program, place: int) -> str:
        """Return the formula for one row, as a workbook's file holds it; raises Unsupported."""
        number = self.sheet_row(place)
        return excel(program, [f"{self.table.columns[i]}{number}" for i in self.inputs])

    def shown_formula(self, program: Program) -> str:
        """Return the formula for the first filled row as one types it; raises Unsupported."""
        return "=" + readable(self.formula(program, self.empty[0] if self.empty else 0))


def fill_table(
    table: Table,
    column: str | None = None,
    *,
    budget: pbe.Budget | None = None,
    progress: Progress | None = None,
    need_empty: bool = True,
) -> Filling:
    """Return what can be learnt from the filled cells of a column for its empty ones.

    Every other column that holds anything is an input. With `need_empty` false a named column may be full. Raises BookError when there is nothing to fill or to learn
    from, and for contradictory examples, naming both rows.
    """
    target = find_target(table, column, need_empty=need_empty)
    inputs = tuple(i for i in range(len(table.columns)) if i != target.column_index)
    rows = tuple(sorted((*target.example_rows, *target.empty_rows)))
    empty = set(target.empty_rows)
    cells = [input_row(table, inputs, row) for row in rows]
    given = [place for place, row in enumerate(rows) if row not in empty]
    examples = [(cells[place], table.rows[rows[place]][target.column_index]) for place in given]
    try:
        answer = pbe.learn(examples, cells, budget=budget, progress=progress)
    except ContradictoryExamples as error:
        first, second = (given[i] for i in error.rows)
        one, other = (examples[i][1] for i in error.rows)
        raise BookError(
            f"Rows {table.sheet_row(rows[first])} and {table.sheet_row(rows[second])} have the same input but different "
            f"values in column {table.name(target.column_index)} ({quoted(one, 40)} and {quoted(other, 40)}); correct "
            "one of them."
        ) from None
    places = tuple(place for place, row in enumerate(rows) if row in empty)
    return Filling(table, target, inputs, rows, places, answer)


def input_row(table: Table, inputs: Sequence[int], row: int) -> Row:
    """Return the cells that a program reads; error values such as #N/A are blanks to it."""
    cells = table.rows[row]
    return tuple([None if isinstance(cells[i], CellError) else cells[i] for i in inputs])


def writes(filling: Filling, formulas: bool = False) -> Iterator[CellWrite]:
    """Yield the cells to write; with `formulas` as live formulas that show the predicted values.

    Raises BookError when no formula can stand for the program on these cells.
    """
    table, answer = filling.table, filling.answer
    letters = table.columns[filling.target.column_index]
    examples = [table.rows[row][filling.target.column_index] for row in filling.target.example_rows]
    convert = _converter(examples)
    doubtful = set(filling.doubtful)
    if formulas:
        refuse_formulas(filling)
    for place in filling.empty:
        formula = filling.formula(answer.program, place) if formulas and answer.program else None
        text = answer.outputs[place]
        value: Cell = (text or "") if formula else convert(text)
        yield CellWrite(filling.sheet_row(place), letters, value, formula, place in doubtful)


def refuse_formulas(filling: Filling) -> None:
    """Raise BookError when formulas would not show what the program computes, saying why."""
    program = filling.answer.program
    if filling.table.sheet is None:
        raise BookError("A text file holds no formulas; leave out --formulas, or fill a workbook.")
    if program is None or not filling.empty:
        return
    try:
        filling.formula(program, filling.empty[0])
    except Unsupported as error:
        raise BookError(f"{error} Leave out --formulas to write values.") from None
    for column in columns(program):
        index = filling.inputs[column]
        for place in filling.empty:
            cell = filling.table.rows[filling.rows[place]][index]
            if isinstance(cell, CellError) or not safe_for_excel(cell, program, column):
                raise BookError(
                    f"Cell {filling.table.columns[index]}{filling.sheet_row(place)} holds {quoted(cell, 40)}, which a "
                    "formula would not read as the program does; leave out --formulas to write values."
                )


def write_filled(
    filling: Filling,
    target: Path,
    *,
    formulas: bool = False,
    in_place: bool = False,
    progress: Progress | None = None,
) -> None:
    """Write a copy of the table's file with the column filled; raises BookError and then leaves no half-written file.

    In a workbook doubtful cells get a fill colour; a text file holds values only.
    """
    write_cells(filling.table, target, writes(filling, formulas), in_place=in_place, progress=progress)


def write_cells(
    table: Table, target: Path, cells: Iterable[CellWrite], *, in_place: bool = False, progress: Progress | None = None
) -> None:
    """Write a copy of a table's file, workbook or text, with some cells changed."""
    if table.sheet is None:
        patch_csv(table, target, cells, progress, in_place=in_place)
    else:
        patch_workbook(table.source, target, table.sheet, cells, progress, in_place=in_place)


def _converter(examples: Sequence[Cell]) -> Callable[[str | None], Cell]:
    """Return what turns predicted text into the type of the examples; text that does not fit it stays text."""
    kinds = {type(example) for example in examples if not is_blank(example)}
    if kinds and kinds <= {int, float}:
        return _number
    for kind in (bool, datetime, date, time):
        if kinds == {kind}:
            return lambda text: _typed(kind, text)
    return lambda text: text


def _number(text: str | None) -> Cell:
    try:
        number = float(text or "")
    except ValueError:
        return text
    exact: Cell = int(number) if math.isfinite(number) and number.is_integer() else number
    return exact if as_text(exact) == text else text


def _typed(kind: type, text: str | None) -> Cell:
    if kind is bool:
        return {"TRUE": True, "FALSE": False}.get(text or "", text)
    try:
        value: Cell = kind.fromisoformat(text or "")  # type: ignore[attr-defined]
    except ValueError:
        return text
    return value if as_text(value) == text else text
