"""What a model wrote, read as programs: tolerantly, in bounded effort, and without running anything.

A completion may hold prose, fences and several answers. What cannot be read as a whole still counts a little: the
parts that can be read, and the names it mentions (as HySynth's non-strict mode counts them, Barke et al. 2024).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsl.grammar import Head
from dsl.program import Apply, Program, size
from llm_bridge.client import Completion
from llm_bridge.syntax import Syntax

LONGEST = 8_000
"""Characters of an answer; a longer one is not read."""
EFFORT = 40_000
"""Characters of one completion that are given to the parser, all tries together."""
MOST_BLOCKS = 8
"""Fenced blocks of a completion that are looked at, the last ones."""
LARGEST, DEEPEST = 200, 100
"""Nodes of a program, and of a path in it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What some completions say, each weighing 1 in all.

    `answers` are the well-typed programs with the number of completions that give them (one with two answers counts
    half for each), `parts` the programs of any type inside what is no program as a whole, and `mentions` the operators
    and inputs named beside them, with the number of completions that do. `dropped` counts completions without an answer
    by the reason. `log_probs` are the mean log probabilities per character (nats) of the completions that gave an
    answer, where the model tells.
    """

    completions: int
    answers: Mapping[Program, float]
    parts: Mapping[Program, float]
    mentions: Mapping[Head, float]
    dropped: Mapping[str, int]
    log_probs: Mapping[Program, float]


def read_completions(completions: Sequence[Completion], syntax: Syntax) -> Reading:
    """Return what completions say; no text raises."""
    answers: dict[Program, float] = {}
    parts: Counter[Program] = Counter()
    mentions: Counter[Head] = Counter()
    dropped: Counter[str] = Counter()
    logs: dict[Program, list[float]] = {}
    known: dict[str, _Text] = {}
    for completion in completions:
        read = known.get(completion.text)
        if read is None:
            read = known[completion.text] = _Text(completion.text, syntax)
        for answer in read.answers:
            answers[answer] = answers.get(answer, 0.0) + 1 / len(read.answers)
            if completion.logprob is not None:
                logs.setdefault(answer, []).append(completion.logprob / max(1, len(completion.text)))
        if not read.answers:
            dropped[read.reason if completion.ended else "cut off at the token limit"] += 1
        parts.update(read.parts)
        mentions.update(read.mentions)
    means = {answer: sum(values) / len(values) for answer, values in logs.items()}
    return Reading(len(completions), answers, parts, mentions, dropped, means)


def blocks(text: str) -> list[str]:
    """Return the fenced blocks of a completion, the last ones if there are many; all of it where there is none."""
    found = [match[1] for match in _FENCED.finditer(text)]
    return found[-MOST_BLOCKS:] or [text]


class _Text:
    """One completion, read: its answers, or else its readable parts, what it mentions, and why there is no answer."""

    def __init__(self, text: str, syntax: Syntax) -> None:
        self.syntax = syntax
        self.effort = EFFORT
        self.reason = ""
        self.parts: dict[Program, int] = {}
        self.mentions: dict[Head, int] = {}
        found = [block.strip() for block in blocks(text) if block.strip()]
        short = [block for block in found if len(block) <= LONGEST]
        if found and not short:
            self.reason = f"longer than {LONGEST:,} characters"
        self.answers = list(dict.fromkeys(answer for block in short for answer in self._answers(block)))
        self.reason = self.reason or "empty"
        if not self.answers:
            for block in short:
                self._salvage(block)

    def _answers(self, block: str) -> Iterator[Program]:
        """Yield the program that a block is, or those that stand in it side by side."""
        whole = self._try(block, part=False)
        if whole is not None:
            yield whole
            return
        for start, end, outermost in self.syntax.spans(block):
            if outermost and (answer := self._try(block[start:end], part=False)) is not None:
                yield answer

    def _salvage(self, block: str) -> None:
        """Collect the largest parts of a block that can be read, and the names outside them."""
        reached, rest = 0, []
        for start, end, _ in self.syntax.spans(block):
            if start >= reached and (part := self._try(block[start:end], part=True)) is not None:
                self.parts[part] = 1
                rest.append(block[reached:start])
                reached = end
        rest.append(block[reached:])
        self.mentions.update((self.syntax.names[word], 1) for text in rest for word in self.syntax.words(text))

    def _try(self, text: str, *, part: bool) -> Program | None:
        if self.effort < len(text):
            return None
        self.effort -= len(text)
        try:
            program = self.syntax.read_part(text) if part else self.syntax.read(text)
        except ValueError as error:
            self.reason = self.reason or _PLACE.sub("", str(error))[:60]
            return None
        if size(program) > LARGEST or _depth(program) > DEEPEST:
            self.reason = self.reason or "a program too large"
            return None
        return program


def _depth(program: Program) -> int:
    return 1 + max(map(_depth, program.args), default=0) if isinstance(program, Apply) else 1


_FENCED = re.compile(r"```[^\n`]*\n(.*?)(?:```|\Z)", re.DOTALL)
_PLACE = re.compile(r"^(?:line \d+, column \d+: |at character \d+ of the program: )")
