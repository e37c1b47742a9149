"""Fits the weights of `pbe/weights.json` on tasks whose right outputs are known, and judges them out of fold.

Two regressions, each cross-validated with folds by family (a task's name before the dot, so that variants of
one task never stand on both sides): a conditional logit of which behaviour of a search is the right one, on its log
mass and its blanks; and a logit of whether a predicted cell is right, on what the calibrator sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

import pbe
from app.bench.columns import ColumnTask
from app.bench.suites import SuiteError
from dsl.interpreter import outputs as run
from dsl.strings.language import string_grammar
from dsl.task import ContradictoryExamples, Task, row_key
from dsl.types import as_text
from pbe.budget import BudgetSpent
from pbe.prior import Calibration, Calibrator, PriorWeights, Weights, blanks, using
from pbe.search import search

Floats = NDArray[np.float64]
FOLDS = 10
EXAMPLES = (1, 2)
CELLS_PER_TASK = 60
RIDGE = 0.002
BINS = 10


@dataclass(frozen=True, slots=True)
class Search:
    """The behaviours of one search: features (log mass, blanks, blanks after a blank example) and which are right."""

    family: str
    features: Floats
    right: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cells:
    """Predicted cells of one task: the calibrator's features and which are right."""

    family: str
    examples: int
    features: Floats
    right: NDArray[np.bool_]


def fit(tasks: Sequence[ColumnTask], budget: pbe.Budget, tick: Callable[[int, int], None]) -> tuple[Weights, str]:
    """Return weights fitted on the tasks and a report of what they are worth out of fold.

    The regressions start from the defaults of the weights' classes, so fitting again gives the same. Raises SuiteError
    where too few tasks are solved from one example and from two.
    """
    steps = len(tasks)
    start = Weights()
    searches = list(_searches(tasks, budget, lambda done: tick(done, 2 * steps)))
    prior = _fit_prior(searches, start.prior)
    weights = replace(start, prior=prior, calibration=Calibration())
    with using(replace(weights, calibration=Calibration())):
        cells = list(_cells(tasks, budget, lambda done: tick(steps + done, 2 * steps)))
    if any(len({one.family for one in cells if one.examples == k}) < 2 for k in EXAMPLES):
        raise SuiteError("weights need two families of tasks at least for which programs are found from 1 and 2 rows")
    coefficients, held_out = _cross_validated(cells)
    names = [field.name for field in fields(Calibration)]
    weights = replace(weights, calibration=Calibration(**dict(zip(names, map(float, coefficients), strict=True))))
    return weights, report(searches, start.prior, prior, cells, held_out)


Places = tuple[int, ...]
"""The rows given as examples."""


def _from_the_top(rows: int) -> tuple[Places, ...]:
    return (0,), (0, 1)


def _anywhere(rows: int) -> tuple[Places, ...]:
    """Return the first rows and one from the middle: questions are about any row, and odd rows teach what to doubt."""
    return (0,), (0, 1), (rows // 2,)


def _trials(
    tasks: Sequence[ColumnTask], given: Callable[[int], tuple[Places, ...]], done: Callable[[int], None]
) -> Iterator[tuple[ColumnTask, int, Task]]:
    """Yield each task with some of its rows as examples, and how many they are."""
    for count, source in enumerate(tasks):
        for places in given(len(source.rows)):
            examples = [(source.rows[i], source.outputs[i]) for i in places if i < len(source.rows)]
            if len({row_key(row) for row, _ in examples}) == len(set(map(row_key, source.rows))):
                continue
            try:
                yield source, len(examples), Task.of(examples, source.rows)
            except ContradictoryExamples:
                continue
        done(count + 1)


def family(task: ColumnTask) -> str:
    """Return what a task's variants share: its name before the dot."""
    return task.name.split(".")[0] if "." in task.name else task.name


def _searches(tasks: Sequence[ColumnTask], budget: pbe.Budget, done: Callable[[int], None]) -> Iterator[Search]:
    for source, _, task in _trials(tasks, _from_the_top, done):
        try:
            found = search(task, string_grammar(task), (), budget.start())
        except BudgetSpent:
            continue
        wanted = tuple(as_text(output) or None for output in source.outputs)
        right = np.array([run(b.program, source.rows) == wanted for b in found.behaviours], dtype=bool)
        after_blank = any(example.target is None for example in task.examples)
        counts = [min(blanks(found.rows, b.outputs), 8) for b in found.behaviours]
        if right.any() and not right.all():
            rows = [(b.log_mass, -n * (not after_blank), -n * after_blank) for b, n in zip(
                found.behaviours, counts, strict=True)]  # fmt: skip
            yield Search(family(source), np.array(rows, dtype=float), right)


def _cells(tasks: Sequence[ColumnTask], budget: pbe.Budget, done: Callable[[int], None]) -> Iterator[Cells]:
    for source, k, task in _trials(tasks, _anywhere, done):
        answer = pbe.learn([(e.inputs, e.output) for e in task.examples], task.rows, budget=budget)
        if answer.program is None:
            continue
        calibrator = Calibrator(task, answer.program, task.rows, answer.outputs)
        given = {row_key(example.inputs) for example in task.examples}
        places = [i for i, row in enumerate(source.rows) if row_key(row) not in given][:CELLS_PER_TASK]
        features = [calibrator.features(source.rows[i], answer.outputs[i], answer.confidence[i]) for i in places]
        right = [answer.outputs[i] == (as_text(source.outputs[i]) or None) for i in places]
        yield Cells(family(source), k, np.array(features), np.array(right, dtype=bool))


# ---------------------------------------------------------------- regressions


def _fit_prior(searches: Sequence[Search], start: PriorWeights) -> PriorWeights:
    mass, blank, after = map(float, _conditional_logit(searches, _as_vector(start)))
    return replace(start, mass=mass, blank=blank, blank_after_blank=after, most_blank=8 * blank)


def _as_vector(prior: PriorWeights) -> Floats:
    return np.array([prior.mass, prior.blank, prior.blank_after_blank])


def _conditional_logit(searches: Sequence[Search], start: Floats) -> Floats:
    """Return the weights that make the right behaviours most probable, drawn to `start` by a ridge; none below 0."""

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, slope = 0.0, np.zeros_like(weights)
        for one in searches:
            score = one.features @ weights
            p = np.exp(score - score.max())
            p /= p.sum()
            share = p * one.right
            total -= np.log(share.sum() + 1e-300)
            slope -= one.features.T @ (share / (share.sum() + 1e-300) - p)
        gap = weights - start
        return total / len(searches) + RIDGE * gap @ gap, slope / len(searches) + 2 * RIDGE * gap

    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0.0, None)] * len(start))
    return np.asarray(found.x)


def _logit(cells: Sequence[Cells]) -> Floats:
    x, y, w = _stacked(cells)
    w = w / w.sum()

    def loss(weights: Floats) -> tuple[float, Floats]:
        q = 1 / (1 + np.exp(-(x @ weights)))
        total = -np.sum(w * np.where(y, np.log(q + 1e-12), np.log(1 - q + 1e-12)))
        gap = weights.copy()
        gap[0] = 0.0
        return total + RIDGE * gap @ gap, x.T @ (w * (q - y)) + 2 * RIDGE * gap

    return np.asarray(minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B").x)


def _stacked(cells: Sequence[Cells]) -> tuple[Floats, NDArray[np.bool_], Floats]:
    """Return features, right or wrong, and weights: every task counts the same, however many cells it has."""
    return (
        np.concatenate([one.features for one in cells]),
        np.concatenate([one.right for one in cells]),
        np.concatenate([np.full(len(one.right), 1 / len(one.right)) for one in cells]),
    )


def _cross_validated(cells: Sequence[Cells]) -> tuple[Floats, list[Floats]]:
    """Return the coefficients from all cells, and for each task's cells the probabilities from the other folds."""
    folds = _folds(one.family for one in cells)
    models = [_logit([c for c, f in zip(cells, folds, strict=True) if f != fold]) for fold in range(FOLDS)]
    held_out = [1 / (1 + np.exp(-(one.features @ models[fold]))) for one, fold in zip(cells, folds, strict=True)]
    return _logit(cells), held_out


def _folds(families: Iterable[str]) -> list[int]:
    names = list(families)
    shuffled = np.random.default_rng(0).permutation(sorted(set(names)))
    place = {str(name): i % FOLDS for i, name in enumerate(shuffled)}
    return [place[name] for name in names]


# ---------------------------------------------------------------- what it is worth


def report(
    searches: Sequence[Search],
    start: PriorWeights,
    prior: PriorWeights,
    cells: Sequence[Cells],
    held_out: Sequence[Floats],
) -> str:
    """Return the figures as lines of text: ranking and calibration, out of fold."""
    folds = _folds(one.family for one in searches)
    by_fold = [
        _conditional_logit([s for s, f in zip(searches, folds, strict=True) if f != fold], _as_vector(start))
        for fold in range(FOLDS)
    ]
    hits = [one.right[np.argmax(one.features @ by_fold[f])] for one, f in zip(searches, folds, strict=True)]
    before = [one.right[np.argmax(one.features @ _as_vector(start))] for one in searches]
    lines = [
        f"ranking: the right behaviour leads in {np.mean(before):.3f} of {len(searches)} searches with the default "
        f"weights, {np.mean(hits):.3f} out of fold",
        f"prior: {', '.join([f'{name} {weight:.4f}' for name, weight in asdict(prior).items()])}",
    ]
    for k in EXAMPLES:
        chosen = [(c, q) for c, q in zip(cells, held_out, strict=True) if c.examples == k]
        q = np.concatenate([q for _, q in chosen])
        _, y, w = _stacked([c for c, _ in chosen])
        w = w / w.sum()
        raw = 1 / (1 + np.exp(-np.concatenate([c.features[:, 1] for c, _ in chosen])))
        lines.append(
            f"{k} example{'s' if k > 1 else ''}: {np.sum(w * y):.3f} of cells right, expected calibration error "
            f"{calibration_error(raw, y, w):.3f} raw, {calibration_error(q, y, w):.3f} out of fold"
        )
        lines += [f"  doubt below {t:.2f}: {_doubted(q, y, w, t)}" for t in (0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98)]
    return "\n".join(lines)


def _doubted(q: Floats, y: NDArray[np.bool_], w: Floats, threshold: float) -> str:
    doubted = q < threshold
    wrong = w[doubted & ~y].sum() / max(w[~y].sum(), 1e-12)
    right = w[doubted & y].sum() / max(w[y].sum(), 1e-12)
    return f"{wrong:.3f} of the wrong cells, {right:.3f} of the right ones"


def calibration_error(q: Floats, y: NDArray[np.bool_], w: Floats) -> float:
    """Return the expected calibration error over ten bins of equal width (Naeini et al. 2015)."""
    bins = np.minimum((q * BINS).astype(int), BINS - 1)
    total = 0.0
    for b in range(BINS):
        inside = bins == b
        if inside.any():
            total += abs(np.sum(w[inside] * (q[inside] - y[inside])))
    return float(total / w.sum())
