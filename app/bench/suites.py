"""Readers of the published column suites."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.bench.columns import ColumnTask
from dsl.task import row_key


class SuiteError(ValueError):
    """A folder does not hold the suite it should; one sentence."""


def read_columns(folder: Path) -> tuple[str, list[ColumnTask]]:
    """Return the name of the suite that a folder holds, Playgol or PROSE, and its tasks."""
    if (folder / "probs.txt").is_file():
        return "playgol", read_playgol(folder)
    try:
        return "prose", read_prose(folder)
    except SuiteError:
        if any(folder.glob("**/spec.json")):
            raise
    raise SuiteError(f"{folder} holds neither Playgol's probs.txt nor PROSE's */spec.json; give the folder of one")


def read_suites(folders: Sequence[Path]) -> dict[str, list[ColumnTask]]:
    """Return the tasks of each folder's suite by its name, which says the folder too where a suite comes twice.

    Raises SuiteError for a folder without a suite, without a task that has two distinct inputs, or given twice.
    """
    suites: dict[str, list[ColumnTask]] = {}
    for index, folder in enumerate(folders):
        if folder.resolve() in [other.resolve() for other in folders[:index]]:
            raise SuiteError(f"{folder} is given twice, and its tasks would count twice; give it once")
        name, tasks = read_columns(folder)
        if not any(len(set(map(row_key, task.rows))) > 1 for task in tasks):
            raise SuiteError(f"{folder} holds no task with two distinct inputs, so there is nothing to learn and test")
        suites[f"{name} in {folder}" if name in suites else name] = tasks
    return suites


def read_playgol(folder: Path) -> list[ColumnTask]:
    """Return the Playgol string tasks (Cropper 2019) in `probs.txt`: `%p7` headers, then `input => output` lines."""
    path = folder / "probs.txt"
    if not path.is_file():
        raise SuiteError(f"{folder} holds no probs.txt; give the folder of the Playgol string problems")
    tasks: dict[str, list[tuple[str, str]]] = {}
    lines: list[tuple[str, str]] = []
    for line in read_text(path).splitlines():
        if re.fullmatch(r"%p\d+\s*", line):
            lines = tasks.setdefault(line[1:].strip(), [])
        elif "=>" in line and not line.startswith("%"):
            left, right = line.split("=>", 1)
            lines.append((left[:-1] if left.endswith(" ") else left, right[1:] if right.startswith(" ") else right))
    return [
        ColumnTask(name, tuple((left,) for left, _ in pairs), tuple(right for _, right in pairs))
        for name, pairs in tasks.items()
        if pairs
    ]


def read_prose(folder: Path, features: frozenset[str] | None = None) -> list[ColumnTask]:
    """Return the tasks of the PROSE benchmark suite's Transformation.Text folder.

    With `features`, only tasks whose meta.json names no other feature.
    """
    root = folder / "Transformation.Text" if (folder / "Transformation.Text").is_dir() else folder
    tasks = []
    for spec in sorted(root.glob("*/spec.json")):
        meta = spec.with_name("meta.json")
        named = set(read_json(meta).get("Features", [])) if meta.is_file() else set()
        if features is not None and not named <= features:
            continue
        try:
            pairs = [(tuple(example["Input"]), example["Output"]) for example in read_json(spec)["Examples"]]
        except (KeyError, TypeError):
            raise SuiteError(f"{spec} lacks Examples with Input and Output; fetch the suite anew.") from None
        rows, outputs = tuple(row for row, _ in pairs), tuple(out for _, out in pairs)
        tasks.append(ColumnTask(spec.parent.name, rows, outputs, tuple(sorted(named))))
    if not tasks:
        raise SuiteError(f"{folder} holds no */spec.json; give the folder Transformation.Text of the PROSE suite")
    return tasks


def read_json(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file; raises SuiteError where there is none."""
    try:
        data = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise SuiteError(f"{path} is not JSON ({error}); fetch the suite anew.") from None
    if not isinstance(data, dict):
        raise SuiteError(f"{path} holds no JSON object; fetch the suite anew.")
    return data


def read_text(path: Path) -> str:
    """Return the text of a file; raises SuiteError where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SuiteError(f"{path} cannot be read ({error}); fetch the suite anew.") from None
