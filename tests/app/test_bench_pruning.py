"""`pbe bench pruning`: its protocol and the form of its JSON, on tasks made up here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from commandline import run

from app.bench import pruning
from app.bench.pruning import compare, read_tasks, summary
from app.bench.suites import SuiteError
from pbe.pruning import Pruning

TASK = """(set-logic SLIA)
(synth-fun f ((x String)) String (
  (S String (x "" "-" "." (str.++ S S) (str.substr S I I)))
  (I Int (0 1 2 3 (str.len S) (str.indexof S S I)))))
(constraint (= (f "ab-cd") "cd."))
(constraint (= (f "efg-h") "h."))
(check-synth)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two files, one of them no SyGuS-IF; nothing is too quick to be compared."""
    monkeypatch.setattr(pruning, "SLOW", 0.0)
    (tmp_path / "made.sl").write_text(TASK, encoding="utf-8")
    (tmp_path / "broken.sl").write_text("(", encoding="utf-8")
    return tmp_path


def test_every_setting_looks_at_the_same_sketches(folder: Path) -> None:
    tasks = read_tasks(folder)
    assert [task.name for task in tasks] == ["made"]
    (comparison,) = compare(tasks, 30_000, 1)
    counts = {setting: run.counts for setting, run in comparison.runs.items()}
    assert set(counts) == set(Pruning) and not any(run.stopped for run in comparison.runs.values())
    assert len({count.sketches for count in counts.values()}) == 1
    assert counts[Pruning.OFF].spared == 0 < counts[Pruning.INTERVALS].spared <= counts[Pruning.GATED].spared
    assert len({count.completions + count.spared for count in counts.values()}) == 1
    figures = summary([comparison], 1)
    assert figures["compared"] == 1 and figures["geometric mean"] == round(comparison.ratio, 3)
    assert figures["off"]["pruned by intervals"] == figures["intervals"]["pruned by z3"] == 0


def test_columns_are_searched_on_their_first_rows_that_differ(tmp_path: Path) -> None:
    place = tmp_path / "Transformation.Text" / "Made.1"
    place.mkdir(parents=True)
    rows = [("Jan-K", "Jan"), ("Jan-K", "Jan"), ("x", ""), ("Mia-W", "Mia"), ("Bo-L", "Bo")]
    examples = [{"Input": [left], "Output": right} for left, right in rows]
    (place / "spec.json").write_text(json.dumps({"Examples": examples}), encoding="utf-8")
    (task,) = read_tasks(tmp_path)
    assert [example.inputs for example in task.examples] == [("Jan-K",), ("Mia-W",), ("Bo-L",)]


def test_the_command_writes_its_figures(folder: Path) -> None:
    out = folder / "figures.json"
    result = run("bench", "pruning", str(folder), "--candidates", "5000", "--repeats", "1", "--json", str(out))
    assert result.code == 0 and "geometric mean" in result.out
    data = json.loads(out.read_text(encoding="utf-8"))
    assert list(data) == ["suite", "protocol", "tasks", "summary"] and data["suite"] == "pruning"
    assert set(data["tasks"][0]["runs"]) == {setting.value for setting in Pruning}


def test_a_folder_without_tasks_is_named(tmp_path: Path) -> None:
    with pytest.raises(SuiteError, match="Transformation"):
        read_tasks(tmp_path)
