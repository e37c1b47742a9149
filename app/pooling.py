"""Two answers to one task made one: a linear opinion pool (Stone, The opinion pool, 1961)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pbe


def pooled(plain: pbe.Answer, guided: pbe.Answer, trust: float) -> pbe.Answer:
    """Return the answer whose probabilities are (1 - trust) times those of `plain` and trust times those of `guided`.

    Both have found a program, and have the same rows. A cell on which they differ is at most as sure as the one that
    its output comes from weighs; the question is that of the answer whose reading prevails, if it has one.
    """
    shares = ((plain, 1 - trust), (guided, trust))
    merged: dict[tuple[str | None, ...], pbe.Candidate] = {}
    for answer, share in shares:
        for candidate in answer.candidates:
            known = merged.get(candidate.outputs)
            before = 0.0 if known is None else known.probability
            merged[candidate.outputs] = replace(candidate, probability=before + share * candidate.probability)
    most = max(len(answer.candidates) for answer, _ in shares)
    candidates = sorted(merged.values(), key=lambda candidate: -candidate.probability)[:most]
    best = candidates[0]
    leading, other = (guided, plain) if best.outputs == guided.outputs else (plain, guided)
    return replace(
        leading,
        program=best.program,
        outputs=best.outputs,
        confidence=tuple([_confidence(shares, row, output) for row, output in enumerate(best.outputs)]),
        candidates=tuple(candidates),
        question=leading.question or other.question,
        found=sum([share * answer.found for answer, share in shares]),
        seconds=plain.seconds + guided.seconds,
    )


def _confidence(shares: Sequence[tuple[pbe.Answer, float]], row: int, output: str | None) -> float:
    chance = sum([share * _chance(answer, row, output) for answer, share in shares])
    behind = sum([share for answer, share in shares if answer.outputs[row] == output])
    return min(chance, behind) if behind else chance


def _chance(answer: pbe.Answer, row: int, output: str | None) -> float:
    """Return the probability that an answer gives a row's output: calibrated for its own, else from its candidates."""
    if answer.outputs[row] == output:
        return answer.confidence[row]
    return sum([candidate.probability for candidate in answer.candidates if candidate.outputs[row] == output])
