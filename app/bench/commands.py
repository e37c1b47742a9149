"""`pbe bench …` and `pbe fit`: published suites, run and printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

import pbe
import rsa
from app import report
from app.bench import patterns as pattern_game
from app.bench import people, regexes, unfitted
from app.bench.columns import PROTOCOL, ColumnTask, Outcome, by_feature, run_tasks, summary
from app.bench.figures import Figure, show_figures, show_measured, show_steps, write_figures
from app.bench.fitting import fit
from app.bench.humans import read_regex_study
from app.bench.report import FEATURES, show_features, show_speakers, show_suite, show_unfitted, write_json
from app.bench.speakers import PROTOCOL as SPEAKERS_PROTOCOL
from app.bench.speakers import Trial, run_trials
from app.bench.speakers import summary as speaker_summary
from app.bench.suites import read_columns, read_playgol, read_prose, read_suites
from app.progress import progress
from app.workbook import BookError
from app.workbook.files import refuse_taken, replacing

bench_app = typer.Typer(help="Run a published suite and print its figures.", no_args_is_help=True)

Seconds = Annotated[float, typer.Option("--seconds", min=0.05, help="Time for the search.")]
JsonFile = Annotated[Path | None, typer.Option("--json", help="Write the figures of every task here.")]


class Listener(StrEnum):
    """How examples are heard: as true, or as chosen by somebody to be understood."""

    LITERAL = "literal"
    PRAGMATIC = "pragmatic"


Heard = Annotated[
    Listener, typer.Option("--listener", help="Whether to ask why just these examples were given (pragmatic).")
]


class Rival(StrEnum):
    """Solvers that `pbe bench sygus` can run beside."""

    CVC5 = "cvc5"


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
    with progress("patterns") as tick:
        found = pattern_game.sections(game, tick)
        measured = pattern_game.times(game, tick)
    if not fit_people:
        _compare("patterns", pattern_game.PROTOCOL, found, measured, json_file)
        return
    with progress("fitting to people") as tick:
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
    with progress("regex") as tick:
        found = regexes.sections(study, lexicon, tick)
        measured = regexes.distilled(study, lexicon) | regexes.times(study, lexicon, tick)
    _compare("regex", regexes.PROTOCOL, found, measured, json_file)


class Prior(StrEnum):
    """What is known of a language before any example."""

    FITTED = "fitted"
    RULES = "rules"
    BEHAVIOURS = "behaviours"


@bench_app.command()
def speakers(
    folders: Annotated[
        list[Path],
        typer.Argument(metavar="DIR", help="Folders of Playgol's probs.txt or of the PROSE suite, one or more."),
    ],
    prior: Annotated[
        Prior,
        typer.Option(
            "--prior",
            help="The fitted weights; or all rules of a symbol alike, which still prefers short programs; or all "
            "behaviours alike: no prior, whose place the pragmatic listener takes.",
        ),
    ] = Prior.FITTED,
    json_file: JsonFile = None,
    seconds: Seconds = 4.0,
) -> None:
    """Simulated people with the literal and the pragmatic listener, and what the questions are worth."""
    suites = read_suites(folders)
    _refuse_figures(json_file)
    total, done = sum(map(len, suites.values())), 0
    budget = pbe.Budget(seconds=seconds)
    names = ", ".join(suites)
    with progress(names) as tick:

        def count(_: object) -> None:
            nonlocal done
            done += 1
            tick(done, total)

        figures: dict[str, Any]
        trials: list[Trial] | list[unfitted.Trial]
        if prior is Prior.BEHAVIOURS:
            trials = [one for name, tasks in suites.items() for one in unfitted.run_trials(name, tasks, budget, count)]
            figures, show, protocol = unfitted.summary(trials), show_unfitted, unfitted.PROTOCOL
        else:
            alike = prior is Prior.RULES
            trials = [one for name, tasks in suites.items() for one in run_trials(name, tasks, budget, alike, count)]
            figures, show, protocol = speaker_summary(trials), show_speakers, SPEAKERS_PROTOCOL
    show(report.console(), figures)
    if json_file is not None:
        write_json(json_file, names, protocol, trials, figures, prior=prior)


@bench_app.command("sygus")
def bench_sygus(
    folder: Annotated[Path, typer.Argument(help="A folder of SyGuS-IF tasks (.sl), such as the PBE_SLIA track.")],
    seconds: Seconds = 10.0,
    against: Annotated[Rival | None, typer.Option("--against", help="Run this solver on the same tasks.")] = None,
    generalise: Annotated[
        bool, typer.Option("--generalise", help="Learn from some examples, test on others.")
    ] = False,
    listener: Heard = Listener.LITERAL,
    json_file: JsonFile = None,
) -> None:
    """Tasks of the SyGuS competition, by the clock."""
    from app.bench import cvc5, generalising, sygus  # here, since z3 takes a tenth of a second to import

    if listener is Listener.PRAGMATIC and not generalise:
        raise BookError("--listener pragmatic is measured on unseen rows; say --generalise too.")
    _refuse_figures(json_file)
    files = sygus.find_tasks(folder)
    if against is Rival.CVC5:
        cvc5.refuse_without_cvc5()
    with progress("sygus") as tick:
        outcomes = sygus.run_files(files, seconds, against_cvc5=against is Rival.CVC5, tick=tick)
    figures = sygus.summary(outcomes, seconds)
    sygus.show_run(report.console(), outcomes, figures)
    trials = {}
    if generalise:
        with progress("generalising") as tick:
            trials = generalising.run_trials(
                sygus.read_tasks(files), seconds, tick, pragmatic=listener is Listener.PRAGMATIC
            )
        figures["generalisation"] = measured = generalising.generalisation(trials)
        generalising.show_trials(report.console(), trials, measured)
    if json_file is not None:
        each = {name: [one.as_json() for one in some] for name, some in trials.items()}
        write_json(json_file, "sygus", sygus.PROTOCOL, outcomes, figures, **({"trials": each} if each else {}))


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
    with progress("pruning") as tick:
        comparisons = pruning_bench.compare(tasks, candidates, repeats, lambda done: tick(done, len(tasks)))
    figures = pruning_bench.summary(comparisons, len(tasks))
    pruning_bench.show(report.console(), comparisons, figures)
    if json_file is not None:
        write_json(json_file, "pruning", pruning_bench.PROTOCOL, comparisons, figures)


@bench_app.command("app")
def app_command(
    json_file: JsonFile = None,
    trials: Annotated[int, typer.Option(min=1, help="Sheets of 1,000 rows.")] = 24,
    sessions: Annotated[int, typer.Option(min=1, help="Visitors at the same time.")] = 10,
    seconds: Annotated[float, typer.Option(min=1, help="How long they stay.")] = 120.0,
) -> None:
    """How fast the page "Fill a sheet" answers in a real browser, alone and with others."""
    from app.bench import pages

    _refuse_figures(json_file)
    browser = pages.find_browser()
    with pages.served() as server, progress("app") as tick:
        short, long, many, peak = pages.measure(
            browser, server, trials=trials, sessions=sessions, seconds=seconds, tick=tick
        )
    groups = {
        f"{pages.ROWS:,} rows, first example": [one for one in short if one.kind == "first"],
        f"{pages.ROWS:,} rows, correction": [one for one in short if one.kind == "correction"],
        f"{pages.MANY_ROWS:,} rows, first example": [one for one in long if one.kind == "first"],
        f"{pages.MANY_ROWS:,} rows, correction": [one for one in long if one.kind == "correction"],
        f"{sessions} sessions at once, {pages.ROWS:,} rows each": many,
    }
    summary: dict[str, object] = {name: pages.figures(some) for name, some in groups.items()}
    summary |= {"peak MiB": None if peak is None else round(peak), "load": pages.load()}
    pages.show(report.console(), summary)
    if json_file is not None:
        write_json(json_file, "app", pages.PROTOCOL, [*short, *long, *many], summary)


@bench_app.command("llm")
def bench_llm(
    folder: Annotated[
        Path, typer.Argument(help="A folder of SyGuS-IF tasks (.sl), with *completions*.json of a model or without.")
    ],
    seconds: Seconds = 10.0,
    candidates: Annotated[int, typer.Option(min=1000, help="How far each task is searched.")] = 10**12,
    draws: Annotated[int, typer.Option(min=1, help="Choices of 1 and of 10 completions: the first, then drawn.")] = 1,
    json_file: JsonFile = None,
) -> None:
    """What a language model's completions are worth to a search without deduction, and what bad ones cost."""
    from app.bench import llm, llm_figures  # here, since z3 takes a tenth of a second to import

    _refuse_figures(json_file)
    tasks, recorded = llm.read_suite(folder)
    with progress("llm") as tick:
        trials = llm.run_tasks(tasks, recorded, pbe.Budget(seconds=seconds, candidates=candidates), draws, tick)
    figures = llm_figures.summary(trials)
    llm_figures.show(report.console(), trials, figures)
    if json_file is not None:
        write_json(json_file, "llm", llm.PROTOCOL, trials, figures)


@bench_app.command("local-llm")
def local_llm(
    folder: Annotated[Path, typer.Argument(help="The folder of Playgol's probs.txt or of the PROSE suite.")],
    json_file: JsonFile = None,
    seconds: Seconds = 4.0,
) -> None:
    """The local language model on the first 20 tasks: what it writes, and what it changes."""
    from app.bench import local_llm as bench  # here, since no other command needs language models
    from app.prior import find_prior

    _refuse_figures(json_file)
    _, tasks = read_columns(folder)
    prior = find_prior("local", {"PBE_LLM_CACHE": "off"}, seconds=600.0)
    with progress("local-llm") as tick:
        trials = bench.run_tasks(tasks, prior, pbe.Budget(seconds=seconds), tick)
    figures = bench.summary(trials)
    bench.show(report.console(), trials, figures)
    if json_file is not None:
        write_json(json_file, "local-llm", bench.PROTOCOL, trials, figures)


def fit_command(
    playgol: Annotated[Path, typer.Argument(help="The folder of Playgol's probs.txt.")],
    prose: Annotated[Path, typer.Argument(help="The PROSE suite's folder.")],
    out: Annotated[Path, typer.Option("--out", help="The weights file to write.")] = Path("pbe/weights.json"),
    seconds: Seconds = 4.0,
) -> None:
    """Fit the prior's and the calibration's weights on solved tasks, cross-validated by family."""
    tasks = [*read_playgol(playgol), *read_prose(prose)]
    with progress("fitting") as tick:
        weights, figures = fit(tasks, pbe.Budget(seconds=seconds), tick)
    typer.echo(figures)
    _write(out, weights.write())


def _bench(suite: str, tasks: list[ColumnTask], json_file: Path | None, seconds: float) -> None:
    _refuse_figures(json_file)
    done: list[Outcome] = []
    with progress(suite) as tick:

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


def _refuse_figures(json_file: Path | None) -> None:
    """Raise BookError, before any work is done, when there is no place for the figures."""
    if json_file is not None:
        refuse_taken(json_file, overwrite=True)


def _write(file: Path, text: str) -> None:
    """Write weights, whole or not at all, and say where."""
    try:
        with replacing(file) as written:
            written.write(text.encode())
    except OSError as error:
        raise BookError(f"Cannot write {file}: {error.strerror}.") from None
    typer.echo(f"written to {file}")
