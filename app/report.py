"""What a person sees in the terminal after a fill: the cells, the program, the doubts, the question."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import islice

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

import pbe
from app.filling import Filling
from app.shown import cell_text, clean, quoted
from dsl.emit import Unsupported
from dsl.emit.english import english
from dsl.emit.excel import needs, readable
from dsl.program import Program, columns
from dsl.types import as_text

PIPE_WIDTH = 110
MOST_ROWS = 14
MOST_DOUBTFUL = 10
MOST_INPUTS = 4
MOST_READINGS = 3
LEAST_PROBABILITY = 0.001
"""Of the other readings that are shown, as a part of the best one's."""
CELL_WIDTH = 44
LONG_FORMULA = 80

NO_PROGRAM = {
    pbe.StopReason.EXHAUSTED: (
        "No program of the language gives all examples; look for a typing slip in them, or fill the rows that follow "
        "another rule by hand."
    ),
    pbe.StopReason.OUT_OF_TIME: "The time ran out before a program was found; allow more with --seconds.",
    pbe.StopReason.OUT_OF_CANDIDATES: "The search looked at all it may look at and found no program.",
    pbe.StopReason.CANCELLED: "The search was stopped before it found a program.",
    pbe.StopReason.NO_EXAMPLE: "There is no example to learn from; type one or two values into the column first.",
}


def show_filling(screen: Console, filling: Filling) -> None:
    """Print the filled cells, the program in words and as a formula, other readings, and the question."""
    if not screen.is_terminal:
        with screen.capture() as printed:
            _show(screen, filling)
        screen.file.writelines(line.rstrip() + "\n" for line in printed.get().splitlines())
        return
    _show(screen, filling)


def _show(screen: Console, filling: Filling) -> None:
    screen.print(headline(filling))
    screen.print(cells_grid(filling))
    for title, body in sections(filling):
        screen.print(Text(title, style="bold"))
        screen.print(Padding(body, (0, 0, 0, 2)))


def console() -> Console:
    """Return the console of reports: as wide as the terminal, and roomy where there is none."""
    made = Console(highlight=False)
    return made if made.is_terminal else Console(highlight=False, width=PIPE_WIDTH)


def headline(filling: Filling) -> Text:
    """Return one line: where, how many cells from how many examples, how many are doubtful."""
    table, examples = filling.table, len(filling.target.example_rows)
    sheet = f" · {table.sheet}" if table.sheet else ""
    doubtful = len(filling.doubtful)
    column = table.name(filling.target.column_index)
    line = Text(f"{clean(table.source.name)}{clean(sheet)} · column {clean(column)}: ")
    line.append(f"{counted(len(filling.empty), 'cell')} filled from {counted(examples, 'example')}", style="bold")
    line.append(f", {doubtful} doubtful" if doubtful else ", none doubtful", style="yellow" if doubtful else "green")
    return line


def cells_grid(filling: Filling) -> RenderableType:
    """Return the table of rows: number, inputs, prediction, confidence; doubtful cells are marked."""
    answer, table = filling.answer, filling.table
    shown = _shown_inputs(filling)
    grid = Grid(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    grid.add_column("row", justify="right", style="dim")
    for i in shown:
        grid.add_column(Text(clean(table.headers[filling.inputs[i]])), overflow="ellipsis", max_width=CELL_WIDTH)
    grid.add_column(Text(clean(table.headers[filling.target.column_index])), overflow="ellipsis", max_width=CELL_WIDTH)
    grid.add_column("confidence", justify="right")
    empty, doubtful = set(filling.empty), set(filling.doubtful)
    last = -1
    for place in _shown_rows(filling):
        if place != last + 1:
            grid.add_row("⋮")
        last = place
        inputs = [Text(cell_text(table.rows[filling.rows[place]][filling.inputs[i]])) for i in shown]
        if place in empty:
            style = "black on yellow" if place in doubtful else "cyan"
            output = answer.outputs[place]
            cell = Text(cell_text(output) if output is not None else "(blank)", style=style)
            sure = Text(percent(answer.confidence[place]) + (" ?" if place in doubtful else "  "))
        else:
            cell = Text(cell_text(table.rows[filling.rows[place]][filling.target.column_index]), style="bold")
            sure = Text("example  ", style="dim")
        grid.add_row(str(filling.sheet_row(place)), *inputs, cell, sure)
    if last + 1 < len(filling.rows):
        grid.add_row("⋮", *[""] * len(shown), f"… {len(filling.rows):,} rows in all")
    return Padding(grid, (1, 0, 1, 2))


def sections(filling: Filling) -> Iterator[tuple[str, RenderableType]]:
    """Yield titled parts of the report: program, other readings, question."""
    answer = filling.answer
    if answer.program is None:
        return
    yield "Program", Group(*program_lines(filling, answer.program))
    readings = Grid.grid(padding=(0, 2, 0, 0))
    readings.add_column(justify="right", no_wrap=True)
    for probability, reading in islice(other_readings(filling), MOST_READINGS):
        readings.add_row(percent(probability), reading)
    if readings.row_count:
        yield "Other readings", readings
    if filling.doubtful and answer.question is not None and answer.question.row is not None:
        letters = filling.table.columns[filling.target.column_index]
        yield (
            f"To settle most, fill in {letters}{filling.sheet_row(answer.question.row)} and run again",
            question_line(filling, answer.question),
        )


def question_line(filling: Filling, question: pbe.Question) -> Text:
    """Return a question as text: the cells and the outputs to choose from."""
    cells = [question.inputs[i] for i in _shown_inputs(filling)]
    asked = ", ".join(f"“{cell_text(cell)}”" for cell in cells if as_text(cell))
    telling = any(p >= 0.01 for _, p in question.options)
    offered = [quoted(output) + (f" ({percent(p)})" if telling else "") for output, p in question.options[:3]]
    choice = " or ".join(offered if len(offered) > 1 else [*offered, "something else"])
    return Text(f"for {asked[:120]}: {choice}?")


def program_lines(filling: Filling, program: Program) -> Iterator[Text]:
    """Yield the program in English, and its formula for the first filled row or why there is none."""
    yield Text(_sentence(filling, program))
    if filling.table.sheet is None:
        return
    try:
        formula = filling.shown_formula(program)
        version = needs(readable(formula))
        place = filling.empty[0] if filling.empty else 0
        letters = filling.table.columns[filling.target.column_index]
        gap = "\n" if len(formula) > LONG_FORMULA else "   "
        note = "" if version == "any Excel" else f"{gap}needs {version}"
        yield Text.assemble((f"{letters}{filling.sheet_row(place)}  ", "dim"), clean(formula), (note, "dim"))
    except Unsupported as error:
        yield Text(clean(str(error)), style="dim")


def other_readings(filling: Filling) -> Iterator[tuple[float, Text]]:
    """Yield, for each further candidate, its probability, its English and what it would write where it differs."""
    answer = filling.answer
    empty = set(filling.empty)
    for candidate in answer.candidates[1:]:
        if candidate.probability < LEAST_PROBABILITY * answer.candidates[0].probability:
            return
        differing = [
            (place, ours, theirs)
            for place, (ours, theirs) in enumerate(zip(answer.outputs, candidate.outputs, strict=True))
            if place in empty and ours != theirs
        ]
        if not differing:
            continue
        place, ours, theirs = differing[0]
        line = Text(_sentence(filling, candidate.program))
        gap = "\n" if "\n" in line.plain else "  "
        line.append(f"{gap}row {filling.sheet_row(place)}: {quoted(theirs)} instead of {quoted(ours)}", style="dim")
        if len(differing) > 1:
            line.append(f" and {len(differing) - 1} more", style="dim")
        yield candidate.probability, line


def _sentence(filling: Filling, program: Program) -> str:
    """Return the program in English, each of its cases on a line of its own."""
    return clean(english(program, filling.headers)).replace("; otherwise", ";\notherwise")


def _shown_inputs(filling: Filling) -> list[int]:
    read = {i for candidate in filling.answer.candidates[:4] for i in columns(candidate.program)}
    shown = sorted(read) or list(range(len(filling.inputs)))
    return shown[:MOST_INPUTS]


def _shown_rows(filling: Filling) -> list[int]:
    """Return the places to show: all of a short sheet, else the first ones and the doubtful ones."""
    total = len(filling.rows)
    if total <= MOST_ROWS:
        return list(range(total))
    empty = set(filling.empty)
    examples = [place for place in range(total) if place not in empty][:3]
    return sorted({*examples, *filling.empty[: MOST_ROWS - 6], *filling.doubtful[:MOST_DOUBTFUL]})


def percent(probability: float) -> str:
    """Return a probability as a percentage that never claims certainty it lacks."""
    if probability < 0.01:
        return "<1 %"
    return f"{min(99, math.floor(100 * probability))} %" if probability < 0.9995 else "100 %"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: "1 cell", "2,000 cells"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
