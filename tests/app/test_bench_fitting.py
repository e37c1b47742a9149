"""`pbe fit`: weights from columns made up here whose outputs are known."""

from __future__ import annotations

from dataclasses import asdict

import pytest

import pbe
from app.bench import fitting
from app.bench.columns import ColumnTask
from app.bench.fitting import fit
from app.bench.suites import SuiteError
from dsl.task import row_key
from pbe.prior import NoneWeights, PriorWeights, Weights

ROWS = (("Jan Kotas",), ("Ana-Mia Lind",), ("Eva Moos",), ("Robert de Zare",), ("Cher",))
TASKS = [
    ColumnTask("names.1", ROWS, ("Jan", "Ana-Mia", "Eva", "Robert", "Cher")),
    ColumnTask("names.2", ROWS, ("Kotas", "Lind", "Moos", "Zare", "Cher")),
    ColumnTask("marks", (("7 kg",), ("12 kg",), ("n/a",), ("9 kg",), ("31 kg",)), ("7", "12", None, "9", "31")),
    ColumnTask("short", (("a",), ("b",)), ("A", "B")),
    ColumnTask("one", (("a",), ("a",)), ("A", "A")),
]


def test_examples_are_taken_from_everywhere_and_leave_a_row() -> None:
    trials = list(fitting._trials(TASKS, fitting._anywhere, lambda _: None))
    given = {(one.name, tuple(one.rows.index(e.inputs) for e in task.examples)) for one, _, task in trials}
    assert {places for name, places in given if name == "marks"} == {(0,), (2,), (0, 1)}
    assert {places for name, places in given if name == "short"} == {(0,), (1,)}
    assert not [name for name, _ in given if name == "one"], "its rows are all one"
    for one, k, task in trials:
        assert k == len(task.examples) and task.rows == one.rows
        assert {row_key(e.inputs) for e in task.examples} < set(map(row_key, one.rows))


def test_fitted_weights_are_the_same_every_time_and_read_back() -> None:
    done: list[tuple[int, int]] = []
    weights, figures = fit(TASKS, pbe.Budget(seconds=300), lambda *at: done.append(at))
    again, same = fit(TASKS, pbe.Budget(seconds=300), lambda *_: None)
    assert (weights, figures) == (again, same)
    assert done[-1] == (2 * len(TASKS),) * 2
    prior = asdict(weights.prior)
    assert all(weight >= 0 for weight in prior.values())
    assert prior["most_blank"] == pytest.approx(8 * prior["blank"])
    assert weights.prior != PriorWeights() and weights.none == NoneWeights(), "the latter is set by hand"
    assert Weights.read(weights.write()).write() == weights.write()
    with pytest.raises(SuiteError, match="two families"):
        fit(TASKS[:2], pbe.Budget(seconds=300), lambda *_: None)
    assert f"prior: mass {prior['mass']:.4f}, blank " in figures and "2 examples: " in figures
