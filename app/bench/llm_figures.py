"""The figures of `pbe bench llm`: each setting against none, the model alone, and what hostile completions cost."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.bench.hostile import HOSTILE
from app.bench.llm import NUMBERS, PRIOR, Run, Trial
from app.shown import cell_text, clean

SHOWN = 40
"""Characters of a task's name."""
LEFT = ("", "task", "completions")
"""Columns of text in the tables."""
SETTINGS = (PRIOR, *map(str, NUMBERS))


def pass_at(k: int, samples: int, right: int) -> float:
    """Return the probability that k of the samples drawn without replacement hold a right one (Chen et al. 2021)."""
    if samples - right < k:
        return 1.0
    return 1.0 - math.prod([1.0 - k / n for n in range(samples - right + 1, samples + 1)])


def summary(trials: Sequence[Trial]) -> dict[str, Any]:
    """Return the figures of a run: each setting against none, the model alone, and what hostile completions cost."""
    figures: dict[str, Any] = {"tasks": len(trials)}
    asked = [trial for trial in trials if trial.samples]
    if asked:
        figures["without deduction"] = {
            name: _against(asked, name) for name in SETTINGS if all(name in t.runs for t in asked)
        }
        figures["with deduction"] = {
            name: _deduced(asked, name) for name in SETTINGS if all(name in t.deduced for t in asked)
        }
        figures["model alone"] = _alone(asked)
    plain = [{name: runs[0] for name, runs in trial.runs.items()} for trial in trials]
    figures["hostile"] = _costs(plain)
    figures["hostile, with deduction"] = _costs([trial.deduced for trial in trials])
    return figures


def _against(trials: Sequence[Trial], name: str) -> dict[str, Any]:
    """Return one setting's figures; `same cut-off` counts what is unsolved as the most any setting looked at there."""
    counts, same, lost, gained = [], [], 0, 0
    for trial in trials:
        runs, prior = trial.runs[name], trial.runs[PRIOR][0]
        most = max(run.candidates for some in trial.runs.values() for run in some)
        counts.append(statistics.fmean(math.log(run.candidates) for run in runs))
        same.append(statistics.fmean(math.log(run.candidates if run.solved else most) for run in runs))
        lost += sum(prior.solved and not run.solved for run in runs)
        gained += sum(run.solved and not prior.solved for run in runs)
    draws = len(trials[0].runs[name])
    found = {
        "solved": round(sum(run.solved for trial in trials for run in trial.runs[name]) / draws, 2),
        "newly solved": round(gained / draws, 2), "no longer solved": lost, "draws": draws,
        "geometric mean": round(math.exp(statistics.fmean(counts))),
        "geometric mean, same cut-off": round(math.exp(statistics.fmean(same))),
    }  # fmt: skip
    if name != PRIOR:
        before = _against(trials, PRIOR)
        found["times fewer"] = round(before["geometric mean"] / found["geometric mean"], 2)
        key = "geometric mean, same cut-off"
        found["times fewer, same cut-off"] = round(before[key] / found[key], 2)
    return found


def _deduced(trials: Sequence[Trial], name: str) -> dict[str, Any]:
    runs = [trial.deduced[name] for trial in trials]
    both = [(t.deduced[PRIOR], t.deduced[name]) for t in trials if t.deduced[PRIOR].solved and t.deduced[name].solved]
    return {
        "solved": sum(run.solved for run in runs),
        "no longer solved": sum(t.deduced[PRIOR].solved and not t.deduced[name].solved for t in trials),
        "geometric mean where both solve": round(_mean([run.candidates for _, run in both])),
        "times fewer": round(_mean([prior.candidates / run.candidates for prior, run in both]), 2),
    }


def _alone(trials: Sequence[Trial]) -> dict[str, Any]:
    dropped: Counter[str] = Counter()
    for trial in trials:
        dropped.update(trial.dropped)
    samples = sum(trial.samples for trial in trials)
    return {
        "completions": samples,
        "well typed": round(sum(trial.answered for trial in trials)),
        **{
            f"pass@{k}": round(statistics.fmean(pass_at(k, t.samples, t.right) for t in trials), 4)
            for k in NUMBERS if all(k <= t.samples for t in trials)
        },
        **{
            f"pass@{k}, outside the grammar too": round(
                statistics.fmean(pass_at(k, t.samples, t.loosely) for t in trials), 4
            )
            for k in NUMBERS if all(k <= t.samples for t in trials)
        },
        "most agreed on, without the examples": sum(trial.agreed for trial in trials),
        "dropped": dict(dropped.most_common(8)),
    }  # fmt: skip


def _costs(trials: Sequence[Mapping[str, Run]]) -> dict[str, Any]:
    """Return what hostile completions cost on the tasks that are solved without any."""
    met = [runs for runs in trials if all(name in runs for name in HOSTILE)]
    figures: dict[str, Any] = {"tasks": len(met)}
    for name in HOSTILE if met else ():
        ratios = [runs[name].candidates / runs[PRIOR].candidates for runs in met]
        figures[name] = {
            "times more": round(_mean(ratios), 3), "worst": round(max(ratios), 3),
            "no longer solved": sum(not runs[name].solved for runs in met),
        }  # fmt: skip
    return figures


def _mean(numbers: Sequence[float]) -> float:
    return math.exp(statistics.fmean(map(math.log, numbers))) if numbers else 0.0


def show(console: Console, trials: Sequence[Trial], figures: Mapping[str, Any]) -> None:
    """Print what was looked at on each task that some setting solves, then the figures."""
    settings = [name for name in SETTINGS if any(name in trial.runs for trial in trials)]
    solved = [t for t in trials if any(run.solved for name in settings for run in t.runs.get(name, ()))]
    if len(settings) > 1:
        grid = _grid("task", *settings)
        for trial in solved:
            runs = [trial.runs[name][0] for name in settings]
            cells = [f"{run.candidates:,}" if run.solved else "·" for run in runs]
            grid.add_row(Text(cell_text(trial.task, SHOWN)), *cells)
        console.print(grid)
    console.print(f"\nllm, {len(trials)} tasks; in columns: completions that weights are from", style="bold")
    for title in ("without deduction", "with deduction"):
        if title in figures:
            _show_settings(console, title, figures[title])
    if "model alone" in figures:
        console.print("\nthe model alone", style="bold")
        for name, value in figures["model alone"].items():
            if name != "dropped":
                console.print(f"  {name:<40}{value:,}")
        for reason, count in figures["model alone"]["dropped"].items():
            console.print(f"    dropped {count:>4}: {clean(reason)}", markup=False, highlight=False)
    for title in ("hostile", "hostile, with deduction"):
        costs = figures[title]
        console.print(f"\n{title}: the {costs['tasks']} tasks solved without completions", style="bold")
        grid = _grid("completions", "times more", "worst", "no longer solved")
        for name in HOSTILE:
            if name in costs:
                grid.add_row(name, *map(str, costs[name].values()))
        if costs["tasks"]:
            console.print(grid)


def _show_settings(console: Console, title: str, settings: Mapping[str, Mapping[str, Any]]) -> None:
    console.print(f"\n{title}", style="bold")
    grid = _grid("", *settings)
    for name in dict.fromkeys(name for one in settings.values() for name in one):
        values = [one.get(name) for one in settings.values()]
        grid.add_row(name, *["" if value is None else f"{value:,}" for value in values])
    console.print(grid)


def _grid(*columns: str) -> Table:
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name in columns:
        grid.add_column(name, no_wrap=True, justify="left" if name in LEFT else "right")
    return grid
