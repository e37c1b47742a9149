"""A listener for the pattern game fitted to people, judged on people it has never seen.

Forms of the speaker (which features, how many kinds, what is maximised) are fitted without each fold of participants
and without each pair of folds; the pairs let every fold choose a form without a look at its own people.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations_with_replacement

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from rich.text import Text

import rsa
from app.bench.humans import ROBOTS
from app.bench.patterns import PatternGame
from app.bench.records import HEARD, LAST, RIVALS, Records, with_features
from app.people.features import FEATURES
from app.people.listener import TEXTBOOK, Speakers

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Means = Mapping[str, Mapping[int, float]]

FOLDS = 5
RIDGE = 1.0
RESAMPLES = 10_000
SHOWN = range(2, LAST + 1)
JUDGED = {"white": range(3, LAST + 1), "blue": range(2, 4)}
"""Columns that choose a form; later ones of blue say little, since there the published robot ended the record."""
PROTOCOL = (
    f"{FOLDS} folds of participants; every record is scored by a fit that never saw its participant. L1 top-1, ties at "
    "random; a shorter record carries its last value. Maximum likelihood of the cells shown with a ridge of "
    f"{RIDGE:g}; 'by what is heard' maximises L1 of the target after {HEARD} examples among its {RIVALS} strongest "
    "rivals. A fold chooses the form that is best on the other folds, by fits without either fold: mean top-1 over the "
    "columns white k = 3 to 8 and blue k = 2 and 3."
)


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the speaker: its features, how many kinds, and whether it is fitted by what L1 hears."""

    name: str
    features: tuple[str, ...] = ()
    kinds: int = 1
    heard: bool = False

    def fit(self, records: Records, kept: Bools) -> rsa.Fit:
        """Return this form fitted to some records."""
        if not self.heard:
            spoken = with_features(records.spoken, self.features)
            return rsa.fit_speaker(spoken.among(kept), kinds=self.kinds, ridge=RIDGE)
        choices, record, meant = records.rivals
        inside = kept[record]
        trial = np.unique(record[inside], return_inverse=True)[1]
        return rsa.fit_listener(
            with_features(choices, self.features).among(inside), trial, meant[inside], kinds=self.kinds, ridge=RIDGE
        )


FIGURE = ("corner", "inner corner", "beside")
TURNS = ("new shape", "new symbol")
FIVE = (*FIGURE, *TURNS)
FORMS = (
    Form("alpha alone"),
    Form("corner", ("corner",)),
    Form("figure", FIGURE),
    Form("turns", TURNS),
    Form("five", FIVE),
    Form("five and empty", (*FIVE, "empty")),
    Form("five and plenty", (*FIVE, "plenty")),
    Form("five and below", (*FIVE, "below")),
    Form("five and far", (*FIVE, "far")),
    Form("all nine", tuple(FEATURES)),
    Form("five, two kinds", FIVE, kinds=2),
    Form("five, three kinds", FIVE, kinds=3),
    Form("five, by what is heard", FIVE, heard=True),
)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """What a listener guesses: mean top-1 by robot and number of examples, and how many folds chose it."""

    name: str
    top: Means
    chosen: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """All rows, and the form that is best over all folds, fitted to everybody."""

    rows: tuple[Row, ...]
    form: Form
    fit: rsa.Fit

    @property
    def speakers(self) -> Speakers:
        """Return the fitted speakers, as a listener takes them."""
        return Speakers.of_fit(self.form.features, self.fit)

    def as_json(self) -> dict[str, object]:
        """Return rows, fit and standard errors in the form that `--json` writes."""
        rows = [
            {"listener": row.name, "folds that chose it": row.chosen}
            | {f"{robot}, k = {k}": value for robot, values in row.top.items() for k, value in values.items()}
            for row in self.rows
        ]
        errors = {"alpha": self.fit.alpha_errors.tolist(), "weights": self.fit.weights_errors.tolist()}
        return {"protocol": PROTOCOL, "rows": rows, "fit": asdict(self.speakers), "standard errors": errors}


def compare(game: PatternGame, tick: Callable[[int, int], None]) -> Comparison:
    """Return what every form of the listener guesses of people it has not seen, and the best form fitted to all."""
    records = Records(game)
    folds = rsa.folds_by_person(records.person, FOLDS)
    everybody = np.ones(len(records), dtype=np.bool_)
    pairs = list(combinations_with_replacement(range(FOLDS), 2))
    steps, done = len(FORMS) * len(pairs) + FOLDS**2, 0

    def judged(form: Form, without: Bools, scored: Bools) -> Floats:
        nonlocal done
        done += 1
        tick(done, steps)
        return records.top(Speakers.of_fit(form.features, form.fit(records, ~without)), scored)

    outer = {form: np.empty((len(records), LAST)) for form in FORMS}
    inner = {form: np.empty(FOLDS) for form in FORMS}
    for form in FORMS:
        left_out = {pair: judged(form, np.isin(folds, pair), np.isin(folds, pair)) for pair in pairs}
        for fold in range(FOLDS):
            seen = np.full((len(records), LAST), np.nan)
            for other in range(FOLDS):
                top = left_out[min(fold, other), max(fold, other)]
                (outer[form] if other == fold else seen)[folds == other] = top[folds == other]
            inner[form][fold] = _score(records, seen)

    picks = [max(FORMS, key=lambda form: inner[form][fold]) for fold in range(FOLDS)]
    chosen = np.choose(folds[:, np.newaxis], [outer[form] for form in picks])
    best = max(FORMS, key=lambda form: _score(records, outer[form]))
    group = np.unique(records.target, return_inverse=True)[1] % FOLDS
    new_layouts = np.empty((len(records), LAST))
    for fold in range(FOLDS):
        for layouts in range(FOLDS):
            scored = (folds == fold) & (group == layouts)
            new_layouts[scored] = judged(best, (folds == fold) | (group == layouts), scored)[scored]

    published = records.top(TEXTBOOK, everybody)
    low, high = _interval(records, chosen - published)
    rows = (
        Row("published L1", _means(records, published)),
        *[Row(form.name, _means(records, outer[form]), picks.count(form)) for form in FORMS],
        Row("chosen by each fold", _means(records, chosen)),
        Row("  less published", _means(records, chosen - published)),
        Row("  95 % from", low),
        Row("  to", high),
        Row(f"{best.name}, new layouts too", _means(records, new_layouts)),
    )
    return Comparison(rows, best, best.fit(records, everybody))


def _means(records: Records, top: Floats) -> Means:
    """Return the means by robot and number of examples over the records that are not nan."""
    return {robot: {k: float(np.nanmean(top[records.robot == robot, k - 1])) for k in SHOWN} for robot in ROBOTS}


def _score(records: Records, top: Floats) -> float:
    """Return the mean over the columns that choose a form."""
    means = _means(records, top)
    return float(np.mean([means[robot][k] for robot, columns in JUDGED.items() for k in columns]))


def _interval(records: Records, gain: Floats) -> tuple[Means, Means]:
    """Return the 2.5 % and 97.5 % quantiles of the means when participants are drawn anew (bootstrap)."""
    people, person = np.unique(records.person, return_inverse=True)
    drawn = np.random.default_rng(0).multinomial(len(people), np.full(len(people), 1 / len(people)), RESAMPLES)
    bounds: tuple[dict[str, dict[int, float]], ...] = ({}, {})
    for robot in ROBOTS:
        mine = records.robot == robot
        count = drawn @ np.bincount(person[mine], minlength=len(people))
        total = np.stack([drawn @ np.bincount(person[mine], gain[mine, k - 1], len(people)) for k in SHOWN], axis=1)
        for bound, line in zip(bounds, np.quantile(total / count[:, np.newaxis], (0.025, 0.975), axis=0), strict=True):
            bound[robot] = dict(zip(SHOWN, line.tolist(), strict=True))
    return bounds[0], bounds[1]


def show_comparison(console: Console, found: Comparison) -> None:
    """Print a line for each listener, and the weights of the best form."""
    console.print("A listener fitted to people: L1 top-1 on participants it has not seen", style="bold")
    console.print(f"figure: {', '.join(FIGURE)}; turns: {', '.join(TURNS)}; five: both")
    for robot in ROBOTS:
        grid = Table(box=None, padding=(0, 1, 0, 0), header_style="dim", title=f"\n{robot}", title_justify="left")
        for name in ("listener", *[f"k = {k}" for k in SHOWN], "folds"):
            grid.add_column(name, justify="left" if name == "listener" else "right", no_wrap=True)
        for row in found.rows:
            cells = [f"{value:.3f}".replace("0.", ".", 1) for value in row.top[robot].values()]
            grid.add_row(Text(row.name), *cells, str(row.chosen) if row.chosen else "")
        console.print(grid)
    console.print(f"\nFitted to everybody: {found.form.name}")
    for kind, share in enumerate(found.fit.shares):
        if len(found.fit.shares) > 1:
            console.print(f"  kind {kind + 1}: share {share:.2f} ± {found.fit.shares_errors[kind]:.2f}")
        lines = [("alpha", found.fit.alpha[kind], found.fit.alpha_errors[kind], "how much what a cell tells counts")]
        lines += [
            (name, weight, error, FEATURES[name].why)
            for name, weight, error in zip(
                found.form.features, found.fit.weights[kind], found.fit.weights_errors[kind], strict=True
            )
        ]
        for name, value, error, why in lines:
            console.print(Text(f"  {name:<14}{value:+.2f} ± {error:.2f}   {why}"))
    console.print()
