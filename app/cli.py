"""The command line: `pbe fill`, `pbe learn`, `pbe apply`, `pbe sygus`, `pbe app`, `pbe bench`.

Exit status 0: done; 1: no program found; 2: bad input. Errors are one sentence on standard error.
"""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import pbe
from app import report
from app.applying import apply_program
from app.bench.commands import Heard, Listener, Seconds, bench_app, fit_command
from app.bench.suites import SuiteError
from app.filling import Filling, fill_table, question_beyond, refuse_formulas, target_task, write_filled
from app.programs import SavedProgram
from app.progress import progress
from app.providers.provider import ProviderError
from app.shown import clean
from app.workbook import BookError, Table, find_target, read_table
from app.workbook.files import refuse_taken, same_file
from dsl.emit import Unsupported
from dsl.emit.english import english
from dsl.emit.python import python
from dsl.program import Program
from dsl.task import ContradictoryExamples

if TYPE_CHECKING:
    from app.prior import Prior

app = typer.Typer(
    name="pbe",
    help="Fill a column from one or two examples, and know which cells to look at twice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(bench_app, name="bench")

Sheet = Annotated[str | None, typer.Option("--sheet", help="The sheet; by default the one the book opens on.")]
Column = Annotated[
    str | None,
    typer.Option("--column", help="The column to fill, header or letter; by default the partly filled one."),
]
OutputColumn = Annotated[
    str | None, typer.Option("--column", help="The column of outputs, header or letter; by default the last one.")
]
Header = Annotated[
    bool | None, typer.Option("--header/--no-header", help="Whether the first row holds headers; by default looked at.")
]
Out = Annotated[Path | None, typer.Option("--out", help="Where the filled copy goes.")]
InPlace = Annotated[bool, typer.Option("--in-place", help="Write into the file itself; a backup is made beside it.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there under the name of --out.")]
_LLM = "Language model (none is asked unless you say so)"
Llm = Annotated[
    str | None,
    typer.Option(
        "--llm", metavar="PROVIDER[:MODEL]", rich_help_panel=_LLM,
        help="Ask a language model too: openai, llama.cpp, anthropic, local, or recorded:FILE.",
    ),
]  # fmt: skip
LlmShow = Annotated[
    bool, typer.Option("--llm-show", rich_help_panel=_LLM, help="Print all that would be sent, and stop.")
]
LlmMask = Annotated[
    bool, typer.Option("--llm-mask", rich_help_panel=_LLM, help="Send cells with their letters and digits replaced.")
]
LlmSeconds = Annotated[
    float | None,
    typer.Option("--llm-seconds", min=0.1, rich_help_panel=_LLM, help="Time for the model: 10, for the local one 60."),
]
LlmHint = Annotated[
    str | None, typer.Option("--llm-hint", rich_help_panel=_LLM, help="What the column should hold, in your words.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a report.")]


class Form(StrEnum):
    """What `pbe learn` prints."""

    REPORT = "report"
    PROGRAM = "program"
    PYTHON = "python"
    EXCEL = "excel"
    ENGLISH = "english"


@app.command()
def fill(
    book: Annotated[Path, typer.Argument(help="A workbook (.xlsx, .xlsm) or a text table (.csv, .tsv).")],
    sheet: Sheet = None,
    column: Column = None,
    formulas: Annotated[bool, typer.Option("--formulas", help="Write live formulas instead of values.")] = False,
    out: Out = None,
    in_place: InPlace = False,
    overwrite: Overwrite = False,
    header: Header = None,
    seconds: Seconds = 4.0,
    save: Annotated[Path | None, typer.Option("--save", help="Save the program for `pbe apply`.")] = None,
    as_json: Json = False,
    llm: Llm = None,
    llm_show: LlmShow = False,
    llm_mask: LlmMask = False,
    llm_seconds: LlmSeconds = None,
    llm_hint: LlmHint = None,
) -> None:
    """Fill the empty cells of a column from its filled ones, in a copy of the file."""
    prior = _prior(llm, llm_show, llm_mask, llm_seconds, llm_hint)
    table = _read(book, sheet, header)
    if prior is not None and llm_show:
        _show_prompt(prior, table, column)
        return
    target = _target(book, out, in_place, overwrite)
    _refuse_save(save, overwrite, book, target)
    filling = _fill(table, column, seconds, prior)
    program = _solved(filling)
    if formulas:
        refuse_formulas(filling)
    if save is not None:
        filling.saved(program).save(save, overwrite)
    with progress("writing") as tick:
        write_filled(filling, target, formulas=formulas, in_place=in_place, progress=tick)
    if as_json:
        typer.echo(json.dumps(_as_json(filling, target), ensure_ascii=False, indent=2))
        return
    report.show_filling(report.console(), filling)
    mark = ", with the doubtful cells in amber" if filling.doubtful and table.sheet is not None else ""
    typer.echo(f"\nWritten to {clean(str(target))}{mark}")


@app.command()
def learn(
    examples: Annotated[Path, typer.Argument(help="A table with one partly or wholly filled column of outputs.")],
    sheet: Sheet = None,
    column: OutputColumn = None,
    header: Header = None,
    seconds: Seconds = 4.0,
    form: Annotated[Form, typer.Option("--print", help="What to print.")] = Form.REPORT,
    save: Annotated[Path | None, typer.Option("--save", help="Save the program for `pbe apply`.")] = None,
    overwrite: Overwrite = False,
    llm: Llm = None,
    llm_show: LlmShow = False,
    llm_mask: LlmMask = False,
    llm_seconds: LlmSeconds = None,
    llm_hint: LlmHint = None,
) -> None:
    """Learn a program from a table of examples and print it; nothing is filled."""
    prior = _prior(llm, llm_show, llm_mask, llm_seconds, llm_hint)
    table = _read(examples, sheet, header)
    column = column or _last_column(table)
    if prior is not None and llm_show:
        _show_prompt(prior, table, column, need_empty=False)
        return
    _refuse_save(save, overwrite, examples)
    filling = _fill(table, column, seconds, prior, need_empty=False)
    program = _solved(filling)
    if save is not None:
        filling.saved(program).save(save, overwrite)
    if form is Form.REPORT:
        report.show_filling(report.console(), filling)
        with progress("looking for what tells programs apart"):
            question = question_beyond(filling, pbe.Budget(seconds=seconds))
        if question is not None:
            typer.echo(f"To tell it from other programs, add an example {report.question_line(filling, question)}")
        return
    try:
        texts: dict[Form, Callable[[], str]] = {
            Form.PROGRAM: lambda: str(program),
            Form.PYTHON: lambda: python(program, columns=filling.headers).rstrip("\n"),
            Form.EXCEL: lambda: filling.shown_formula(program),
            Form.ENGLISH: lambda: english(program, filling.headers),
        }
        typer.echo(texts[form]())
    except Unsupported as error:
        typer.echo(f"pbe: {error}", err=True)
        raise typer.Exit(1) from None


@app.command("apply")
def apply_command(
    program: Annotated[Path, typer.Argument(help="A program file, from --save.")],
    file: Annotated[Path, typer.Argument(help="The workbook or text table to fill.")],
    sheet: Sheet = None,
    column: Column = None,
    out: Out = None,
    in_place: InPlace = False,
    overwrite: Overwrite = False,
    header: Header = None,
) -> None:
    """Apply a saved program to another file: its output column is filled where empty, or added."""
    saved = SavedProgram.load(program)
    table = _read(file, sheet, header)
    target = _target(file, out, in_place, overwrite)
    with progress("applying") as tick:
        done = apply_program(saved, table, target, column, in_place=in_place, progress=tick)
    typer.echo(f"{report.counted(done.filled, 'cell')} filled in column {done.column}, {done.blank:,} left blank")
    typer.echo(f"Written to {clean(str(target))}")


@app.command("sygus")
def sygus_command(
    file: Annotated[Path, typer.Argument(help="A synthesis task in SyGuS-IF 1.0 or 2.1 (.sl).")],
    seconds: Seconds = 10.0,
    listener: Heard = Listener.LITERAL,
) -> None:
    """Find the function that a SyGuS-IF file asks for, and print it as a define-fun."""
    from app import sygus  # here, since z3 takes a tenth of a second to import

    task = sygus.read_task(file)
    with progress("searching"):
        solution = sygus.search(task, seconds, pragmatic=listener is Listener.PRAGMATIC)
    if solution.verified and solution.program is not None:
        typer.echo(task.define(solution.program))
    typer.echo(f"pbe: {sygus.explained(task, solution)}", err=True)
    if not solution.verified:
        raise typer.Exit(1)
    with progress("looking for what else fits"):
        rival = sygus.rival(task, solution, seconds)
    if rival is not None:
        typer.echo(f"pbe: {sygus.told_apart(task, rival)}", err=True)


@app.command("app")
def app_command(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Where the pages are served.")] = 8501,
    headless: Annotated[bool, typer.Option("--headless", help="Open no browser.")] = False,
) -> None:
    """Open the pages in the browser: fill a sheet, play the robot game, see why. Ctrl+C ends it."""
    from app.serving import serve  # here, since no other command needs a web server

    serve(port, headless)


app.command("fit")(fit_command)


def _target(source: Path, out: Path | None, in_place: bool, overwrite: bool) -> Path:
    """Return where the copy goes; never a file that is there already unless the user said so."""
    if in_place:
        if out is not None:
            raise BookError("Say either --in-place or --out, not both.")
        return source
    if out is not None:
        refuse_taken(out, overwrite)
        if out.suffix.lower() != source.suffix.lower():
            raise BookError(f"{out} would hold a {source.suffix} file; give it a name that ends in {source.suffix}.")
        return out
    target = source.with_name(f"{source.stem}-filled{source.suffix}")
    number = 2
    while target.exists():
        target = source.with_name(f"{source.stem}-filled-{number}{source.suffix}")
        number += 1
    return target


def _refuse_save(save: Path | None, overwrite: bool, *others: Path) -> None:
    """Raise BookError when the program cannot be saved there, before any work is done and any file written."""
    if save is None:
        return
    if any(same_file(other, save) for other in others):
        raise BookError(f"{save} is a table itself; give --save another name.")
    refuse_taken(save, overwrite)


def _read(file: Path, sheet: str | None, header: bool | None) -> Table:
    with progress("reading"):
        return read_table(file, sheet, header)


def _prior(llm: str | None, show: bool, mask: bool, seconds: float | None, hint: str | None) -> Prior | None:
    """Return the language model to ask, None where none is wanted."""
    if llm is not None:
        from app.prior import find_prior  # here, since no other use needs language models

        return find_prior(llm, os.environ, seconds=seconds, masked=mask, said=hint)
    for option, given in {"show": show, "mask": mask, "seconds": seconds, "hint": hint}.items():
        if given:
            raise BookError(f"--llm-{option} is about a language model; name one with --llm.")
    return None


def _show_prompt(prior: Prior, table: Table, column: str | None, need_empty: bool = True) -> None:
    target = find_target(table, column, need_empty=need_empty)
    typer.echo("\n".join(map(clean, prior.shown(target_task(table, target)).split("\n"))))


def _fill(
    table: Table, column: str | None, seconds: float, prior: Prior | None = None, need_empty: bool = True
) -> Filling:
    asking = f", and asking {prior.model.name}" if prior else ""
    with progress(f"filling{asking}") as tick:
        budget = pbe.Budget(seconds=seconds)
        filling = fill_table(table, column, budget=budget, progress=tick, need_empty=need_empty, prior=prior)
    if filling.note is not None:
        typer.echo(f"pbe: {clean(filling.note)}", err=True)
    return filling


def _solved(filling: Filling) -> Program:
    """Return the program; without one, say why and leave with status 1."""
    if filling.answer.program is None:
        typer.echo(f"pbe: {report.NO_PROGRAM[filling.answer.stop]}", err=True)
        raise typer.Exit(1)
    return filling.answer.program


def _last_column(table: Table) -> str | None:
    if not table.columns:
        return None
    header = table.headers[-1]  # rather than the letter, which may head another column
    return header if table.headers.count(header) == 1 else table.columns[-1]


def _as_json(filling: Filling, target: Path) -> dict[str, object]:
    answer = filling.answer
    return {
        "written": str(target),
        "program": str(answer.program),
        "english": english(answer.program, filling.headers) if answer.program else None,
        "cells": [
            {
                "row": filling.sheet_row(place),
                "output": answer.outputs[place],
                "confidence": round(answer.confidence[place], 4),
                "doubtful": answer.confidence[place] < pbe.DOUBTFUL,
            }
            for place in filling.empty
        ],
        "candidates": [
            {"program": str(c.program), "probability": round(c.probability, 4)} for c in answer.candidates
        ],
        "question": None
        if answer.question is None or answer.question.row is None
        else {
            "row": filling.sheet_row(answer.question.row),
            "options": [{"output": output, "probability": round(p, 4)} for output, p in answer.question.options],
        },
    }


def main() -> None:
    """Run the command line; bad input ends with one sentence and status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character gets another, not a traceback
    try:
        app()
    except (BookError, SuiteError, ProviderError, ContradictoryExamples) as error:
        print(f"pbe: {clean(str(error))}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
