"""`pbe sygus`: a SyGuS-IF file in, a function of its own grammar out."""

from __future__ import annotations

from pathlib import Path

import pbe
from app.report import NO_PROGRAM, counted
from app.shown import clean
from app.workbook import BookError
from dsl.sygus import SygusError, SygusTask, read_sygus
from pbe.rivals import Rival, find_rival, reheard
from pbe.sygus import Solution, solve

UNLIMITED = 10**12
"""Candidates: what limits these searches is time alone."""


def read_task(path: Path) -> SygusTask:
    """Return the task in a file; raises BookError when it is none, or contradicts itself."""
    return parse_task(read_text(path), path)


def read_text(path: Path) -> str:
    """Return the text of a file; raises BookError when there is none."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise BookError(f"There is no file {path}.") from None
    except OSError as error:
        raise BookError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BookError(f"{path} is no text file: line {line} is not UTF-8; give a SyGuS-IF file (.sl).") from None


def parse_task(text: str, path: Path) -> SygusTask:
    """Return the task that a file's text spells; raises BookError when it is none, or contradicts itself."""
    if not text.strip():
        raise BookError(f"{path} is empty; give a SyGuS-IF file (.sl).")
    try:
        return read_sygus(text)
    except SygusError as error:
        raise BookError(f"{path}: {error}.") from None


def search(task: SygusTask, seconds: float, *, pragmatic: bool = False) -> Solution:
    """Return the answer found in so many seconds; if `pragmatic`, chosen by why these examples were given."""
    budget = pbe.Budget(seconds=seconds, candidates=UNLIMITED)
    solution = solve(task, budget)
    return reheard(task, solution, budget) if pragmatic else solution


def explained(task: SygusTask, solution: Solution) -> str:
    """Return in a sentence what was verified of an answer, or why there is none."""
    if solution.program is None:
        if solution.alike is not None:
            first, second = [number + 1 for number in solution.alike]
            return f"The grammar cannot tell examples {first} and {second} apart: it has no rule for where they differ."
        if solution.stop is pbe.StopReason.EXHAUSTED:
            return f"The grammar was searched to its end without a program that is {clean(task.function.name)}."
        return NO_PROGRAM[solution.stop]
    if not solution.verified:
        reason = clean(solution.verdict.reason if solution.verdict else "")
        return (
            f"A program was found that is right wherever it was run, but z3 could not tell whether it always is "
            f"({reason}): {task.define(solution.program)}"
        )
    demands = [counted(len(task.task.examples), "example")] if task.task.examples else []
    if task.constraints:
        names = ", ".join([v.name for v in task.variables])
        values = f" for all values of {clean(names)}" if names else ""
        demands.append(f"{counted(len(task.constraints), 'constraint')}{values}")
    found = f"solved in {solution.seconds:.2f} s; z3 verified {' and '.join(demands) or 'that nothing is asked'}"
    return found if solution.confidence == 1 else f"{found}; confidence on one more {solution.confidence:.0%}"


def rival(task: SygusTask, solution: Solution, seconds: float) -> Rival | None:
    """Return another function found that fits the examples too, None where there is none or the answer is unproved."""
    if not solution.verified or solution.program is None:
        return None
    return find_rival(task, solution.program, pbe.Budget(seconds=seconds, candidates=UNLIMITED))


def told_apart(task: SygusTask, other: Rival) -> str:
    """Return in a sentence what else fits a task's examples, and the example that would decide."""
    write = task.notation.constant
    inputs = [f"{p.name} = {write(cell)}" for p, cell in zip(task.parameters, other.inputs, strict=True)]
    ours, theirs = map(write, other.outputs)
    return clean(f"also fits: {task.define(other.program)}; they differ on {', '.join(inputs)}: {ours} or {theirs}")
