"""Filling a column of a table: which cells are examples, what is learnt, what gets written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pbe
from app.cell_types import cell_type, converter
from app.programs import SavedProgram
from app.shown import quoted
from app.workbook import (
    BookError,
    CellError,
    CellWrite,
    Table,
    Target,
    Value,
    find_target,
    patch_csv,
    patch_workbook,
)
from dsl.emit import Unsupported
from dsl.emit.excel import excel, readable, safe_for_excel
from dsl.program import Program, columns, renumbered
from dsl.strings.language import relevant_columns, string_grammar
from dsl.task import ContradictoryExamples, Row, Task

if TYPE_CHECKING:
    from app.prior import Prior  # only who asks a language model needs what it imports

Progress = Callable[[int, int], None]

MOST_INPUTS = 200


@dataclass(frozen=True, slots=True)
class Filling:
    """A column, what was learnt for it, and which rows of the table are to be written.

    `inputs` are the table's columns that programs read as x1, x2, …; `rows` the table's rows in the answer's order;
    `empty` the places in `rows` whose cell gets a prediction; `task` what was asked; `note` what a language model had
    to do with it, one line, if it was asked.
    """

    table: Table
    target: Target
    inputs: tuple[int, ...]
    rows: tuple[int, ...]
    empty: tuple[int, ...]
    task: Task
    answer: pbe.Answer
    note: str | None = None

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

    @property
    def output_type(self) -> str:
        """Return the type of the examples' cells, a name of `app.cell_types`."""
        return cell_type(self.table.rows[row][self.target.column_index] for row in self.target.example_rows)

    def formulas(self, program: Program) -> Callable[[int], str]:
        """Return what gives the formula of any sheet row, as a workbook's file holds it; raises Unsupported.

        Where the examples are numbers the formula gives numbers.
        """
        letters = [self.table.columns[i] for i in self.inputs]
        marks = [f"\x01{letter}\x01" for letter in letters]
        formula = excel(program, marks)
        if self.output_type == "number":
            formula = f'IFERROR(_xlfn.NUMBERVALUE({formula},".",","),"")'
        elif self.output_type != "text":
            raise Unsupported(f"No formula is offered for cells of type {self.output_type}.")
        pieces = re.split("\x01([A-Z]+)\x01", formula)
        return lambda row: "".join(piece + str(row) if i % 2 else piece for i, piece in enumerate(pieces))

    def formula(self, program: Program, place: int) -> str:
        """Return the formula for one row, as a workbook's file holds it; raises Unsupported."""
        return self.formulas(program)(self.sheet_row(place))

    def unlike_in_excel(self, program: Program, place: int) -> int | None:
        """Return a column of the table whose cell in a row a formula would not read as the program does, if any."""
        row = self.table.rows[self.rows[place]]
        for column in columns(program):
            cell = row[self.inputs[column]]
            if isinstance(cell, CellError) or not safe_for_excel(cell, program, column):
                return self.inputs[column]
        return None

    def saved(self, program: Program) -> SavedProgram:
        """Return a program as it is saved: with the names of the columns that it reads and of the one it fills."""
        read = columns(program)
        names = tuple(self.headers[i] for i in read)
        output = self.table.headers[self.target.column_index]
        return SavedProgram(renumbered(program, read), names, output, self.output_type)

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
    prior: Prior | None = None,
) -> Filling:
    """Return what can be learnt from the filled cells of a column for its empty ones.

    Every other column that holds anything is an input. With `need_empty` false a named column may be full. Raises
    BookError when there is nothing to fill or to learn from, and for contradictory examples, naming both rows.
    """
    target = find_target(table, column, need_empty=need_empty)
    return fill_target(table, target, budget=budget, progress=progress, prior=prior)


def fill_target(
    table: Table,
    target: Target,
    *,
    told: Mapping[int, str] | None = None,
    shown: Sequence[Value] | None = None,
    budget: pbe.Budget | None = None,
    progress: Progress | None = None,
    prior: Prior | None = None,
) -> Filling:
    """Return what can be learnt for a target whose examples and empty cells are known, as `target_task` reads it.

    With a `prior` a language model is asked too, and the filling's `note` says what came of it.
    """
    task = target_task(table, target, told=told, shown=shown)
    if prior is None:
        answer, note = pbe.synthesize(task, string_grammar(task), budget=budget, progress=progress), None
    else:
        answer, note = prior.learn(task, budget, progress)
    rows = _rows(target)
    places = {row: place for place, row in enumerate(rows)}
    empty = tuple(places[row] for row in target.empty_rows)
    return Filling(table, target, _inputs(table, target), rows, empty, task, answer, note)


def target_task(
    table: Table,
    target: Target,
    *,
    told: Mapping[int, str] | None = None,
    shown: Sequence[Value] | None = None,
) -> Task:
    """Return the task that a column to fill is, with the headers as its hint.

    `told` says of rows how their examples came about (`dsl.task.SPEAKERS`), where the file alone does not tell; they
    are the last examples, in this order. `shown` is what was on show in the column before a correction, one cell per
    row of the table. Raises BookError for contradictory examples, naming both rows, and for more columns than a
    program can be looked for in.
    """
    inputs, rows = _inputs(table, target), _rows(target)
    if len(inputs) > MOST_INPUTS:
        raise BookError(
            f"The table has {len(inputs) + 1:,} columns; programs are looked for in at most {MOST_INPUTS + 1}. "
            "Keep those that matter."
        )
    places = {row: place for place, row in enumerate(rows)}
    cells = [input_row(table, inputs, row) for row in rows]
    told = told or {}
    filled = [row for row in target.example_rows if row not in told]
    given = [*filled, *(row for row in told if row in places)]
    speaker = [*speakers([places[row] for row in filled]), *(told[row] for row in given[len(filled) :])]
    examples = [(cells[places[row]], table.rows[row][target.column_index]) for row in given]
    on_show = None if shown is None else [shown[row] for row in rows]
    try:
        task = Task.of(examples, cells, speaker=speaker, shown=on_show)
        named = [f"x{i + 1} is {table.headers[inputs[i]]}" for i in relevant_columns(task)]
        return replace(task, hint=f"{', '.join(named)}; the output is {table.headers[target.column_index]}.")
    except ContradictoryExamples as error:
        first, second = sorted(table.sheet_row(given[i]) for i in error.rows)
        one, other = (quoted(table.rows[row - table.first_row][target.column_index], 40) for row in (first, second))
        raise BookError(
            f"Rows {first} and {second} have the same input but different values in column "
            f"{table.name(target.column_index)} ({one} and {other}); correct one of them."
        ) from None


def _inputs(table: Table, target: Target) -> tuple[int, ...]:
    return tuple(i for i in range(len(table.columns)) if i != target.column_index)


def _rows(target: Target) -> tuple[int, ...]:
    return tuple(sorted((*target.example_rows, *target.empty_rows)))


def speakers(given: Sequence[int]) -> list[str]:
    """Return how each example came about, as far as a file tells, from the places of the filled cells.

    An unbroken run from the top was filled from the top. Any other cell may answer our question, correct a fill that is
    no longer there or be the person's own choice; since the file does not tell, nothing is read into it: `requested`.
    """
    return ["top_down" if place == order else "requested" for order, place in enumerate(given)]


def question_beyond(filling: Filling, budget: pbe.Budget | None = None) -> pbe.Question | None:
    """Return a made-up input that would tell the program from others, where every row of the table is an example."""
    if filling.empty or filling.answer.program is None:
        return None
    cells = [input_row(filling.table, filling.inputs, row) for row in filling.rows]
    outputs = [filling.table.rows[row][filling.target.column_index] for row in filling.rows]
    return pbe.distinguishing_question(list(zip(cells, outputs, strict=True)), budget=budget)


def input_row(table: Table, inputs: Sequence[int], row: int) -> Row:
    """Return the cells that a program reads; error values such as #N/A are blanks to it."""
    cells = table.rows[row]
    return tuple([None if isinstance(cells[i], CellError) else cells[i] for i in inputs])


def writes(filling: Filling, formulas: bool = False) -> Iterator[CellWrite]:
    """Yield the cells to write; with `formulas` as live formulas that show the predicted values.

    With formulas, call `refuse_formulas` first.
    """
    table, answer = filling.table, filling.answer
    letters = table.columns[filling.target.column_index]
    convert = converter(filling.output_type)
    doubtful = set(filling.doubtful)
    formula = filling.formulas(answer.program) if formulas and answer.program else None
    for place in filling.empty:
        row, text = filling.sheet_row(place), answer.outputs[place]
        if formula is None:
            yield CellWrite(row, letters, convert(text), doubtful=place in doubtful)
        else:
            value = convert(text) if text else ""
            yield CellWrite(row, letters, value, formula(row), place in doubtful)


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
        reason = str(error)
        reason = reason[:1].upper() + reason[1:].rstrip(".")
        raise BookError(f"{reason}; leave out --formulas to write values.") from None
    for place in filling.empty:
        index = filling.unlike_in_excel(program, place)
        if index is not None:
            cell = filling.table.rows[filling.rows[place]][index]
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
