"""A sheet being worked on: columns of cells, what is filled in as a preview, and every step back.

A sheet never changes; each function returns the next one. A column is *wanted* from the moment something is typed into
one of its empty cells until its preview is accepted or dropped: its filled cells are examples, its empty ones are
predicted. The column is *due* while it is wanted and has to be learnt anew.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pbe
from app.cell_types import cell_type, converter
from app.filling import Filling, fill_target
from app.workbook import BookError, CellError, Table, Target, Value
from app.workbook.cells import column_letters, column_number
from app.workbook.table import is_blank
from dsl.types import as_text

MOST_STEPS = 100
"""Steps that can be undone."""
MOST_REMEMBERED = 2_000
"""Rows of a sheet whose previews are kept with each step."""
MOST_COLUMNS = 200
MOST_CELLS = 4_000_000
"""Of a file that is opened for a screen."""

_number = converter("number")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its cells, and what is known about filling it.

    `told` says how the examples came about that were given on screen (row → one of `dsl.task.SPEAKERS`), in their
    order; a row in it whose cell is empty is one that must stay empty. `shown` is what was on show before the last
    correction. `problem` says why nothing could be learnt.
    """

    letters: str
    header: str
    cells: tuple[Value, ...]
    added: bool = False
    wanted: bool = False
    due: bool = False
    told: Mapping[int, str] = field(default_factory=dict)
    shown: tuple[Value, ...] | None = None
    filling: Filling | None = None
    problem: str | None = None

    @property
    def preview(self) -> Filling | None:
        """Return what fills the empty cells on show, until it is accepted."""
        return self.filling if self.wanted else None

    def prediction(self, row: int) -> tuple[str | None, float] | None:
        """Return what is predicted for a row and how surely; None for a cell that is not predicted."""
        filling = self.preview
        if filling is None or filling.answer.program is None or not self.open_at(row):
            return None
        place = bisect_left(filling.rows, row)
        if place == len(filling.rows) or filling.rows[place] != row:
            return None
        return filling.answer.outputs[place], filling.answer.confidence[place]

    @property
    def asked(self) -> int | None:
        """Return the row whose output would settle most, where it is doubtful."""
        filling = self.preview
        question = filling.answer.question if filling else None
        if filling is None or question is None or question.row is None:
            return None
        return filling.rows[question.row] if filling.answer.confidence[question.row] < pbe.DOUBTFUL else None

    def open_at(self, row: int) -> bool:
        """Return whether the cell is empty and nobody said that it must be."""
        return is_blank(self.cells[row]) and row not in self.told


Columns = tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The table as it was read, its columns as they are now, and the steps before and after.

    `active` is the column last worked on that has something to show beside the grid.
    """

    table: Table
    columns: Columns
    active: int | None = None
    past: tuple[tuple[Columns, int | None], ...] = ()
    future: tuple[tuple[Columns, int | None], ...] = ()

    @property
    def height(self) -> int:
        """Return the number of rows."""
        return len(self.table.rows)

    @property
    def column(self) -> Column | None:
        """Return the column last worked on."""
        return None if self.active is None else self.columns[self.active]

    @property
    def filling(self) -> Filling | None:
        """Return what was learnt for the column last worked on."""
        return self.column.filling if self.column else None

    @property
    def answer(self) -> pbe.Answer | None:
        """Return the answer for the column last worked on."""
        return self.filling.answer if self.filling else None

    @property
    def due(self) -> int | None:
        """Return the first column that has to be learnt."""
        return next((index for index, column in enumerate(self.columns) if column.due), None)


def sheet_of(table: Table) -> Sheet:
    """Return a table on the desk; BookError for one that is too large for a screen."""
    if not table.rows:
        raise BookError(f"{table.source.name} has no rows of data.")
    if len(table.columns) > MOST_COLUMNS:
        raise BookError(
            f"{table.source.name} has {len(table.columns):,} columns; at most {MOST_COLUMNS} can be worked on here. "
            "Keep those that matter and try again."
        )
    cells = zip(*table.rows, strict=True)
    columns = [Column(*head) for head in zip(table.columns, table.headers, cells, strict=True)]
    return Sheet(table, tuple(columns))


def with_column(sheet: Sheet) -> Sheet:
    """Return the sheet with one more empty column behind the last."""
    return _step(sheet, (*sheet.columns, _fresh_column(sheet.columns, sheet.height)), sheet.active)


def named(sheet: Sheet, column: int, header: str) -> Sheet:
    """Return the sheet with an added column renamed; the columns of a file keep their names."""
    header = " ".join(header.split())
    if not sheet.columns[column].added or not header:
        return sheet
    present = replace(sheet.columns[column], header=header)
    return _step(sheet, _put_changed(sheet.columns, column, present), sheet.active)


def edited(sheet: Sheet, row: int, column: int, text: str) -> Sheet:
    """Return the sheet after text was typed into a cell; the column behind the last one is made when typed into."""
    return pasted(sheet, row, column, ((text,),))


def pasted(sheet: Sheet, row: int, column: int, block: Sequence[Sequence[str]]) -> Sheet:
    """Return the sheet after a block of cells was put in with its first cell there; what lies outside is left out."""
    columns, active = sheet.columns, sheet.active
    width = max((len(line) for line in block if any(line)), default=0) or max(map(len, block), default=0)
    while column + width > len(columns) and len(columns) < MOST_COLUMNS and any(map(any, block)):
        columns = (*columns, _fresh_column(columns, sheet.height))
    for index in range(column, min(len(columns), column + width)):
        texts = {
            row + down: line[index - column]
            for down, line in enumerate(block[: sheet.height - row])
            if index - column < len(line)
        }
        changed = _typed(columns, index, texts)
        if changed is not columns[index]:
            columns = _put_changed(columns, index, changed)
            active = index if changed.wanted else active
    return sheet if columns is sheet.columns else _step(sheet, columns, active)


def erased(sheet: Sheet, row: int, column: int, height: int = 1, width: int = 1) -> Sheet:
    """Return the sheet with a rectangle of cells made empty; a predicted cell is thereby said to stay empty."""
    width = min(width, len(sheet.columns) - column)
    return pasted(sheet, row, column, [[""] * width] * height) if width > 0 else sheet


def accepted(sheet: Sheet, column: int, row: int) -> Sheet:
    """Return the sheet with one predicted cell taken as right, which makes it an example."""
    prediction = sheet.columns[column].prediction(row)
    if prediction is None:
        return sheet
    changed = _typed(sheet.columns, column, {row: prediction[0] or ""}, speaker="requested")
    return _step(sheet, _put(sheet.columns, column, changed), column)


def accepted_all(sheet: Sheet, column: int) -> Sheet:
    """Return the sheet with the preview of a column taken over: its cells stay what was shown."""
    present = sheet.columns[column]
    filling = present.preview
    if filling is None or filling.answer.program is None or present.due:
        return sheet
    convert = converter(filling.output_type)
    cells = list(present.cells)
    for place in filling.empty:
        if present.open_at(filling.rows[place]):
            cells[filling.rows[place]] = convert(filling.answer.outputs[place])
    done = replace(present, cells=tuple(cells), wanted=False, told={}, shown=None)
    return _step(sheet, _put_changed(sheet.columns, column, done), column)


def cleared(sheet: Sheet, column: int) -> Sheet:
    """Return the sheet without the preview of a column; what was typed stays."""
    present = sheet.columns[column]
    if not present.wanted:
        return sheet
    plain = Column(present.letters, present.header, present.cells, present.added)
    return _step(sheet, _put(sheet.columns, column, plain), None if sheet.active == column else sheet.active)


def answered(sheet: Sheet, column: int, text: str | None) -> Sheet:
    """Return the sheet with the question about a column answered: an example in the row that was asked for."""
    row = sheet.columns[column].asked
    return sheet if row is None else _given(sheet, column, {row: text or ""})


def chosen(sheet: Sheet, column: int, reading: int) -> Sheet:
    """Return the sheet with another reading chosen: its outputs become examples where they tell it from the others."""
    filling = sheet.columns[column].preview
    if filling is None or not 0 < reading < len(filling.answer.candidates):
        return sheet
    outputs = filling.answer.candidates[reading].outputs
    rivals = [candidate.outputs for candidate in filling.answer.candidates if candidate.outputs != outputs]
    telling: dict[int, str] = {}
    while rivals:
        place = max(filling.empty, key=lambda i: sum(rival[i] != outputs[i] for rival in rivals))
        left = [rival for rival in rivals if rival[place] == outputs[place]]
        if len(left) == len(rivals):
            break
        rivals = left
        telling[filling.rows[place]] = outputs[place] or ""
    return _given(sheet, column, telling)


def wanted(sheet: Sheet, column: int) -> Sheet:
    """Return the sheet with a partly filled column to be filled from its filled cells."""
    present = sheet.columns[column]
    return replace(sheet, columns=_put(sheet.columns, column, replace(present, wanted=True, due=True)), active=column)


def undone(sheet: Sheet) -> Sheet:
    """Return the sheet as it was a step earlier."""
    if not sheet.past:
        return sheet
    present = (sheet.columns, sheet.active)
    columns, active = sheet.past[-1]
    return replace(sheet, columns=columns, active=active, past=sheet.past[:-1], future=(*sheet.future, present))


def redone(sheet: Sheet) -> Sheet:
    """Return the sheet with the step last undone done again."""
    if not sheet.future:
        return sheet
    present = (sheet.columns, sheet.active)
    columns, active = sheet.future[-1]
    return replace(sheet, columns=columns, active=active, past=(*sheet.past, present), future=sheet.future[:-1])


def learn(
    sheet: Sheet, column: int, budget: pbe.Budget | None = None, progress: Callable[[int, int], None] | None = None
) -> Column:
    """Return the column with what its examples teach, or with the problem why they teach nothing."""
    present = replace(sheet.columns[column], due=False)
    try:
        table, target = _target(sheet, column)
        if not target.example_rows:
            return replace(present, filling=None, wanted=False)
        filling = fill_target(
            table, target, told=present.told, shown=present.shown, budget=budget, progress=progress
        )
    except BookError as error:
        return replace(present, filling=None, problem=str(error))
    return replace(present, filling=filling, problem=None)


def learnt(sheet: Sheet, column: int, result: Column) -> Sheet:
    """Return the sheet with a column as `learn` returned it; no step of its own."""
    return replace(sheet, columns=_put(sheet.columns, column, result))


def given_up(sheet: Sheet, column: int) -> Sheet:
    """Return the sheet with the learning of a column stopped; the next change begins it anew."""
    stopped = replace(sheet.columns[column], due=False, filling=None, problem="Stopped before anything was found.")
    return learnt(sheet, column, stopped)


def current_table(sheet: Sheet, column: int | None = None) -> Table:
    """Return the sheet as a table; for a column to fill, of it and all that may be read: no previews, nothing empty."""
    kept = [
        present
        for index, present in enumerate(sheet.columns)
        if column is None or index == column or not (present.wanted or all(map(is_blank, present.cells)))
    ]
    return replace(
        sheet.table,
        headers=tuple([present.header for present in kept]),
        columns=tuple([present.letters for present in kept]),
        rows=list(zip(*[present.cells for present in kept], strict=True)),
    )


def _target(sheet: Sheet, column: int) -> tuple[Table, Target]:
    table = current_table(sheet, column)
    present = sheet.columns[column]
    place = table.columns.index(present.letters)
    target = Target(place, [], [])
    for row, cells in enumerate(table.rows):
        if all(is_blank(cell) for other, cell in enumerate(cells) if other != place):
            continue
        if present.open_at(row):
            if not table.has_formula(row, place):
                target.empty_rows.append(row)
        elif not isinstance(cells[place], CellError):
            target.example_rows.append(row)
    return table, target


def _typed(columns: Columns, index: int, texts: Mapping[int, str], speaker: str | None = None) -> Column:
    """Return a column after texts were put into some of its rows, from the top, each with how it came about."""
    column = columns[index]
    cells, told, wanted = list(column.cells), dict(column.told), column.wanted
    blank = all(map(is_blank, cells))
    convert = _number if blank else converter(cell_type(cells))
    first_blank = _first_blank(cells, 0)
    for row, text in texts.items():
        value = convert(text) if text.strip() else None
        prediction = column.prediction(row)
        if prediction is not None:
            told[row] = speaker or _how_on_preview(column, row, prediction[0], value)
        elif as_text(value) == as_text(cells[row]) or (value is None and is_blank(cells[row])):
            continue
        elif value is None:
            told.pop(row, None)
        elif is_blank(cells[row]):
            told[row] = speaker or ("top_down" if row == first_blank else "chooses" if blank else "requested")
            wanted, blank = True, False
        cells[row] = value
        first_blank = _first_blank(cells, first_blank) if row == first_blank else min(row, first_blank)
    if tuple(cells) == column.cells and told == column.told:
        return column
    corrected = any(told[row] == "corrects" and column.prediction(row) for row in texts if row in told)
    return replace(
        column, cells=tuple(cells), told=told if wanted else {}, shown=_on_show(column) if corrected else column.shown,
        wanted=wanted, due=wanted, problem=None,
    )  # fmt: skip


def _first_blank(cells: Sequence[Value], start: int) -> int:
    """Return the place of the first empty cell from `start` on, or how many cells there are."""
    return next((row for row in range(start, len(cells)) if is_blank(cells[row])), len(cells))


def _how_on_preview(column: Column, row: int, predicted: str | None, value: Value) -> str:
    """Asked for, found right (which says as much), or corrected with the preview in view."""
    return "requested" if column.asked == row or (as_text(value) or None) == predicted else "corrects"


def _on_show(column: Column) -> tuple[Value, ...]:
    shown = list(column.cells)
    if column.preview is not None:
        for place in column.preview.empty:
            shown[column.preview.rows[place]] = column.preview.answer.outputs[place]
    return tuple(shown)


def _given(sheet: Sheet, column: int, texts: Mapping[int, str]) -> Sheet:
    """Return the sheet with examples that were asked for."""
    changed = _typed(sheet.columns, column, texts, speaker="requested")
    return sheet if changed is sheet.columns[column] else _step(sheet, _put(sheet.columns, column, changed), column)


def _put_changed(columns: Columns, index: int, changed: Column) -> Columns:
    """Return the columns with one changed; the other previews are due anew if they can read it or could before."""
    read = not (changed.wanted and columns[index].wanted)
    others = [replace(column, due=True) if read and column.wanted else column for column in columns]
    return _put(tuple(others), index, changed)


def _step(sheet: Sheet, columns: Columns, active: int | None) -> Sheet:
    past = (*sheet.past, (_remembered(sheet), sheet.active))[-MOST_STEPS:]
    return replace(sheet, columns=columns, active=active, past=past, future=())


def _remembered(sheet: Sheet) -> Columns:
    """Return the columns for a later undo: the previews of a long sheet are learnt again then, to save memory."""
    if sheet.height <= MOST_REMEMBERED:
        return sheet.columns
    return tuple([replace(one, filling=None, due=True) if one.wanted else one for one in sheet.columns])


def _put(columns: Columns, index: int, column: Column) -> Columns:
    return (*columns[:index], column, *columns[index + 1 :])


def _fresh_column(columns: Columns, height: int) -> Column:
    letters = column_letters(max((column_number(column.letters) for column in columns), default=0) + 1)
    return Column(letters, letters, (None,) * height, added=True)
