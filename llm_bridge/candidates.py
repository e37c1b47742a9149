"""What to do with a model's programs themselves: keep those that fit, gather what agrees, have the others repaired."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from dsl.interpreter import outputs
from dsl.program import Program, size
from dsl.task import Row, Task
from llm_bridge.client import Client, ClientError, Completion, Prompt
from llm_bridge.completions import Reading, read_completions
from llm_bridge.prompt import repairing
from llm_bridge.syntax import Syntax
from llm_bridge.weights import closeness

ROWS = 60
"""Rows on which behaviours are compared."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Programs that write the same on the rows compared, the best first, and the completions that gave one.

    `agreement` is the share of cells, from 0 to 1, on which the answer of a completion drawn at random agrees with
    these: the cluster with the most has the least risk (minimum Bayes risk, Kumar & Byrne 2004; Shi et al. 2022).
    """

    programs: tuple[Program, ...]
    outputs: tuple[str | None, ...]
    count: float
    agreement: float
    fits: bool


def clusters(reading: Reading, task: Task) -> list[Cluster]:
    """Return the behaviours of the answers on the task's rows (AlphaCode, Li et al. 2022), those that fit first.

    Then by agreement. Within a cluster, and between equals, programs that the model found more probable come first
    (mean log probability, Codex, Chen et al. 2021), then smaller ones.
    """
    rows = _compared(task)
    targets = tuple([example.target for example in task.examples])
    given = [example.inputs for example in task.examples]
    grouped: dict[tuple[str | None, ...], list[Program]] = {}
    for program in sorted(reading.answers, key=lambda p: (-reading.log_probs.get(p, 0.0), size(p), str(p))):
        grouped.setdefault(outputs(program, [*given, *rows]), []).append(program)
    counts = {written: sum([reading.answers[p] for p in programs]) for written, programs in grouped.items()}
    total = sum(counts.values())
    found = [
        Cluster(
            tuple(programs),
            written,
            counts[written],
            sum([count * _share_alike(written, other) for other, count in counts.items()]) / total,
            written[: len(targets)] == targets,
        )
        for written, programs in grouped.items()
    ]
    return sorted(found, key=lambda cluster: (not cluster.fits, -cluster.agreement))


def seeds(reading: Reading, task: Task) -> dict[Program, float]:
    """Return a program for each behaviour that gives all examples' outputs with its count, the most agreed on first."""
    return {cluster.programs[0]: cluster.count for cluster in clusters(reading, task) if cluster.fits}


def ask(
    client: Client,
    prompt: Prompt,
    task: Task,
    syntax: Syntax,
    n: int,
    *,
    rounds: int = 0,
    grammar: str | None = None,
    seconds: float = 10.0,
) -> Reading:
    """Return what a model says of a task: `n` samples, then as many for each round of repair while nothing fits.

    In a round, the program nearest to the examples goes back with what it wrote. All rounds share the time (seconds);
    raises ClientError where the first gives nothing, while a later one that fails ends the rounds.
    """
    deadline = time.monotonic() + seconds
    completions: list[Completion] = list(client.complete(prompt, n, grammar=grammar, seconds=seconds))[:n]
    reading = read_completions(completions, syntax)
    for _ in range(rounds):
        left = deadline - time.monotonic()
        if left <= 0 or not reading.answers or seeds(reading, task):
            break
        nearest = max(reading.answers, key=lambda program: (closeness(program, task), reading.answers[program]))
        try:
            asked = repairing(prompt, task, nearest, syntax)
            completions += client.complete(asked, n, grammar=grammar, seconds=left)[:n]
        except ClientError:
            break
        reading = read_completions(completions, syntax)
    return reading


def _compared(task: Task) -> Sequence[Row]:
    return task.rows[:: -(-len(task.rows) // ROWS) or 1]


def _share_alike(first: Sequence[str | None], second: Sequence[str | None]) -> float:
    return sum([a == b for a, b in zip(first, second, strict=True)]) / len(first) if first else 1.0
