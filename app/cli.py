"""The command line: `pbe fill`, `pbe learn`, `pbe apply`, `pbe sygus`, `pbe bench`.

Exit status 0: done; 1: no program found; 2: bad input. Errors are one sentence on standard error.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from threading import Timer
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn

import pbe
import rsa
from app import report
from app.applying import apply_program
from app.bench import patterns as pattern_game
from app.bench import people, regexes
from app.bench.columns import PROTOCOL, ColumnTask, Outcome, by_feature, run_tasks, summary
from app.bench.figures import Figure, show_figures, show_measured, show_steps, write_figures
from app.bench.fitting import fit
from app.bench.humans import read_regex_study
from app.bench.report import FEATURES, show_features, show_speakers, show_suite, write_json
from app.bench.speakers import PROTOCOL as SPEAKERS_PROTOCOL
from app.bench.speakers import Trial, run_trials
from app.bench.speakers import summary as speaker_summary
from app.bench.suites import SuiteError, read_columns, read_playgol, read_prose
from app.filling import Filling, fill_table, question_beyond, refuse_formulas, write_filled
from app.programs import SavedProgram
from app.shown import clean
from app.workbook import BookError, Table, read_table
from app.workbook.files import refuse_taken, replacing, same_file
from dsl.emit import Unsupported
from dsl.emit.english import english
from dsl.emit.python import python
from dsl.program import Program, columns, renumbered
from dsl.task import ContradictoryExamples

app = typer.Typer(
    name="pbe",
    help="Fill a column from one or two examples, and know which cells to look at twice.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
bench_app = typer.Typer(help="Run a published suite and print its figures.", no_args_is_help=True)
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
Seconds = Annotated[float, typer.Option("--seconds", min=0.05, help="Time for the search.")]
Out = Annotated[Path | None, typer.Option("--out", help="Where the filled copy goes.")]
InPlace = Annotated[bool, typer.Option("--in-place", help="Write into the file itself; a backup is made beside it.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there under the name of --out.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a report.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the figures of every task here.")]


class Form(StrEnum):
    """What `pbe learn` prints."""

    REPORT = "report"
    PROGRAM = "program"
    PYTHON = "python"
    EXCEL = "excel"
    ENGLISH = "english"


class Rival(StrEnum):
    """Solvers that `pbe bench sygus` can run beside."""

    CVC5 = "cvc5"


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
) -> None:
    """Fill the empty cells of a column from its filled ones, in a copy of the file."""
    table = _read(book, sheet, header)
    target = _target(book, out, in_place, overwrite)
    _refuse_save(save, overwrite, book, target)
    filling = _fill(table, column, seconds)
    program = _solved(filling)
    if formulas:
        refuse_formulas(filling)
    if save is not None:
        _saved(filling, program).save(save, overwrite)
    with _progress("writing") as tick:
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
) -> None:
    """Learn a program from a table of examples and print it; nothing is filled."""
    table = _read(examples, sheet, header)
    _refuse_save(save, overwrite, examples)
    filling = _fill(table, column or _last_column(table), seconds, need_empty=False)
    program = _solved(filling)
    if save is not None:
        _saved(filling, program).save(save, overwrite)
    if form is Form.REPORT:
        report.show_filling(report.console(), filling)
        with _progress("looking for what tells programs apart"):
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
    with _progress("applying") as tick:
        done = apply_program(saved, table, target, column, in_place=in_place, progress=tick)
    typer.echo(f"{report.counted(done.filled, 'cell')} filled in column {done.column}, {done.blank:,} left blank")
    typer.echo(f"Written to {clean(str(target))}")


@bench_app.command()
def playgol(
    folder: Annotated[Path, typer.Argument(help="The folder of probs.txt.")],
    json_file: JsonFile = None,
    seconds: Seconds = 4.0,
) -> None:
    """Playgol's string transformations (Cropper 2019)."""
    _bench("playgol", read_playgol(folder), json_file, seconds)


@bench_app.command()
def prose(
    folder: Annotated[Path, typer.Argument(help="The PROSE suite's folder, or its Transformation.Text.")],
    json_file: JsonFile = None,
    seconds: Seconds = 4.0,
    features: Annotated[
        str | None, typer.Option(help="Only tasks with no other features, such as Substring,Casing,Multicolumn.")
    ] = None,
) -> None:
    """The public PROSE suite's text transformations (Microsoft)."""
    wanted = frozenset(features.split(",")) if features else None
    _bench("prose", read_prose(folder, wanted), json_file, seconds)


@bench_app.command()
def patterns(
    folder: Annotated[Path, typer.Argument(help="The folder grid2020: two exports, targets10.json, s1_chains.json.")],
    json_file: JsonFile = None,
    fit_people: Annotated[bool, typer.Option("--fit", help="Also fit listeners to the people, out of fold.")] = False,
    weights: Annotated[
        Path | None, typer.Option("--weights", help="With --fit: where the best speaker's weights go.")
    ] = None,
) -> None:
    """The pattern game (Pu et al. 2020): language, people and listeners beside the published figures."""
    _refuse_figures(json_file)
    if weights is not None and not fit_people:
        raise BookError("--weights saves what --fit finds; say --fit too.")
    _refuse_figures(weights)
    game = pattern_game.read_pattern_game(folder)
    with _progress("patterns") as tick:
        found = pattern_game.sections(game, tick)
        measured = pattern_game.times(game, tick)
    if not fit_people:
        _compare("patterns", pattern_game.PROTOCOL, found, measured, json_file)
        return
    with _progress("fitting to people") as tick:
        fitted = people.compare(game, tick)
    extra = {"fitted to people": fitted.as_json()}
    _compare("patterns", pattern_game.PROTOCOL, found, measured, json_file, extra)
    people.show_comparison(report.console(), fitted)
    if weights is not None:
        _write(weights, fitted.speakers.write())


@bench_app.command()
def regex(
    folder: Annotated[Path, typer.Argument(help="The folder regex350: mm.npy, replay.csv, Rank.txt and two lists.")],
    json_file: JsonFile = None,
) -> None:
    """The regex study (Pu et al. 2023): replays and listeners beside the published figures."""
    _refuse_figures(json_file)
    study = read_regex_study(folder)
    lexicon = rsa.Lexicon.of_truth(study.truth)
    with _progress("regex") as tick:
        found = regexes.sections(study, lexicon, tick)
        measured = regexes.distilled(study, lexicon) | regexes.times(study, lexicon, tick)
    _compare("regex", regexes.PROTOCOL, found, measured, json_file)


@bench_app.command()
def speakers(
    folder: Annotated[Path, typer.Argument(help="The folder of Playgol's probs.txt or of the PROSE suite.")],
    uniform: Annotated[bool, typer.Option("--uniform", help="Without fitted rule weights: all rules alike.")] = False,
    json_file: JsonFile = None,
    seconds: Seconds = 4.0,
) -> None:
    """Simulated people with the literal and the pragmatic listener, and what the questions are worth."""
    suite, tasks = read_columns(folder)
    if json_file is not None:
        refuse_taken(json_file, overwrite=True)
    done = 0
    with _progress(suite) as tick:

        def count(_: Trial) -> None:
            nonlocal done
            done += 1
            tick(done, len(tasks))

        trials = run_trials(tasks, pbe.Budget(seconds=seconds), uniform, count)
    figures = speaker_summary(trials)
    name = f"{suite}, uniform weights" if uniform else suite
    show_speakers(report.console(), name, figures)
    if json_file is not None:
        write_json(json_file, name, SPEAKERS_PROTOCOL, trials, figures)


@bench_app.command("sygus")
def bench_sygus(
    folder: Annotated[Path, typer.Argument(help="A folder of SyGuS-IF tasks (.sl), such as the PBE_SLIA track.")],
    seconds: Seconds = 10.0,
    against: Annotated[Rival | None, typer.Option("--against", help="Run this solver on the same tasks.")] = None,
    generalise: Annotated[
        bool, typer.Option("--generalise", help="Learn from some examples, test on others.")
    ] = False,
    json_file: JsonFile = None,
) -> None:
    """Tasks of the SyGuS competition, by the clock."""
    from app.bench import cvc5, generalising, sygus  # here, since z3 takes a tenth of a second to import

    _refuse_figures(json_file)
    files = sygus.find_tasks(folder)
    if against is Rival.CVC5:
        cvc5.refuse_without_cvc5()
    with _progress("sygus") as tick:
        outcomes = sygus.run_files(files, seconds, against_cvc5=against is Rival.CVC5, tick=tick)
    figures = sygus.summary(outcomes, seconds)
    sygus.show_run(report.console(), outcomes, figures)
    trials = {}
    if generalise:
        with _progress("generalising") as tick:
            trials = generalising.run_trials(sygus.read_tasks(files), seconds, tick)
        figures["generalisation"] = measured = generalising.generalisation(trials)
        generalising.show_trials(report.console(), trials, measured)
    if json_file is not None:
        each = {name: [one.as_json() for one in some] for name, some in trials.items()}
        write_json(json_file, "sygus", sygus.PROTOCOL, outcomes, figures, **({"trials": each} if each else {}))


@app.command("sygus")
def sygus_command(
    file: Annotated[Path, typer.Argument(help="A synthesis task in SyGuS-IF 1.0 or 2.1 (.sl).")],
    seconds: Seconds = 10.0,
) -> None:
    """Find the function that a SyGuS-IF file asks for, and print it as a define-fun."""
    from app import sygus  # here, since z3 takes a tenth of a second to import

    task = sygus.read_task(file)
    with _progress("searching"):
        solution = sygus.search(task, seconds)
    if solution.verified and solution.program is not None:
        typer.echo(task.define(solution.program))
    typer.echo(f"pbe: {sygus.explained(task, solution)}", err=True)
    if not solution.verified:
        raise typer.Exit(1)


@bench_app.command()
def pruning(
    folder: Annotated[Path, typer.Argument(help="A folder of SyGuS-IF files, or the PROSE suite's.")],
    json_file: JsonFile = None,
    candidates: Annotated[
        int, typer.Option(min=1000, help="How far each task is searched, with intervals.")
    ] = 20_000_000,
    repeats: Annotated[int, typer.Option(min=1, help="Runs of the two settings compared, in turn.")] = 3,
) -> None:
    """What pruning sketches is worth where nothing is deduced: off, intervals, intervals + z3, z3."""
    from app.bench import pruning as pruning_bench  # here, since z3 takes a tenth of a second to import

    if json_file is not None:
        refuse_taken(json_file, overwrite=True)
    tasks = pruning_bench.read_tasks(folder)
    with _progress("pruning") as tick:
        comparisons = pruning_bench.compare(tasks, candidates, repeats, lambda done: tick(done, len(tasks)))
    figures = pruning_bench.summary(comparisons, len(tasks))
    pruning_bench.show(report.console(), comparisons, figures)
    if json_file is not None:
        write_json(json_file, "pruning", pruning_bench.PROTOCOL, comparisons, figures)


@app.command("fit")
def fit_command(
    playgol: Annotated[Path, typer.Argument(help="The folder of Playgol's probs.txt.")],
    prose: Annotated[Path, typer.Argument(help="The PROSE suite's folder.")],
    out: Annotated[Path, typer.Option("--out", help="The weights file to write.")] = Path("pbe/weights.json"),
    seconds: Seconds = 4.0,
) -> None:
    """Fit the prior's and the calibration's weights on solved tasks, cross-validated by family."""
    tasks = [*read_playgol(playgol), *read_prose(prose)]
    with _progress("fitting") as tick:
        weights, figures = fit(tasks, pbe.Budget(seconds=seconds), tick)
    typer.echo(figures)
    _write(out, weights.write())


def _bench(suite: str, tasks: list[ColumnTask], json_file: Path | None, seconds: float) -> None:
    _refuse_figures(json_file)
    done: list[Outcome] = []
    with _progress(suite) as tick:

        def count(outcome: Outcome) -> None:
            done.append(outcome)
            tick(len(done), len(tasks))

        outcomes = run_tasks(tasks, pbe.Budget(seconds=seconds), count)
    figures = summary(outcomes)
    show_suite(report.console(), suite, outcomes, figures)
    if features := by_feature(tasks, outcomes):
        figures[FEATURES] = features
        show_features(report.console(), features)
    if json_file is not None:
        write_json(json_file, suite, PROTOCOL, outcomes, figures)


def _write(file: Path, text: str) -> None:
    """Write weights, whole or not at all, and say where."""
    try:
        with replacing(file) as written:
            written.write(text.encode())
    except OSError as error:
        raise BookError(f"Cannot write {file}: {error.strerror}.") from None
    typer.echo(f"written to {file}")


def _refuse_figures(json_file: Path | None) -> None:
    """Raise BookError, before any work is done, when there is no place for the figures."""
    if json_file is not None:
        refuse_taken(json_file, overwrite=True)


def _compare(
    suite: str,
    protocol: str,
    sections: Sequence[tuple[str, Sequence[Figure]]],
    measured: Mapping[str, Mapping[str, float]],
    json_file: Path | None,
    extra: Mapping[str, Mapping[str, object]] | None = None,
) -> None:
    """Print published figures beside ours and what was measured; save them, and what else belongs into the summary."""
    console = report.console()
    for title, figures in sections:
        stepwise = all(": " in figure.name for figure in figures)
        (show_steps if stepwise else show_figures)(console, title, figures)
    show_measured(console, measured)
    everything = [figure for _, figures in sections for figure in figures]
    console.print(f"{sum(figure.agrees for figure in everything)} of {len(everything)} published figures agree")
    if json_file is not None:
        write_figures(json_file, suite, protocol, everything, {**measured, **(extra or {})})


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
    with _progress("reading"):
        return read_table(file, sheet, header)


def _fill(table: Table, column: str | None, seconds: float, need_empty: bool = True) -> Filling:
    with _progress("filling") as tick:
        budget = pbe.Budget(seconds=seconds)
        return fill_table(table, column, budget=budget, progress=tick, need_empty=need_empty)


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


def _saved(filling: Filling, program: Program) -> SavedProgram:
    read = columns(program)
    names = tuple(filling.headers[i] for i in read)
    output = filling.table.headers[filling.target.column_index]
    return SavedProgram(renumbered(program, read), names, output, filling.output_type)


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


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a callback (done, total) that moves a bar, which appears once the work has taken a second."""
    console = Console(stderr=True)
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
        console=console, transient=True, disable=not console.is_terminal,
    )  # fmt: skip
    task = bar.add_task(what, total=None)
    appear = Timer(1.0, bar.start)
    appear.daemon = True
    appear.start()
    try:
        yield lambda done, total: bar.update(task, completed=done, total=total)
    finally:
        appear.cancel()
        appear.join()
        bar.stop()


def main() -> None:
    """Run the command line; bad input ends with one sentence and status 2."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character gets another, not a traceback
    try:
        app()
    except (BookError, SuiteError, ContradictoryExamples) as error:
        print(f"pbe: {clean(str(error))}", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
