"""A language model's opinion on a task, for weights and seeds and no more: asked beside the search, within a time.

task → prompt → completions → reweighted grammar and seeds → search; the search without the model is done meanwhile, and
holds when the model gives nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import pbe
from app.masking import Mask
from app.pooling import pooled
from app.providers.patient import Beside
from app.providers.provider import Model
from app.providers.registry import find_model
from dsl.grammar import Grammar
from dsl.program import Program
from dsl.strings.language import string_grammar
from dsl.task import Task
from llm_bridge.candidates import ask, seeds
from llm_bridge.client import ClientError, Prompt
from llm_bridge.completions import Reading
from llm_bridge.decoding import gbnf
from llm_bridge.prompt import task_prompt
from llm_bridge.syntax import Syntax, text_syntax
from llm_bridge.weights import guided

SAMPLES = 10
REPAIRS = 1
"""Rounds in which a program that fails an example goes back, where none fits."""


@dataclass(frozen=True, slots=True)
class Question:
    """A task as a model gets to see it, in the language of its own grammar; `mask` is what it does not see through."""

    task: Task
    syntax: Syntax
    mask: Mask | None

    @property
    def prompt(self) -> Prompt:
        """Return what the model is told."""
        return task_prompt(self.task, self.syntax)

    @property
    def grammar(self) -> str:
        """Return the grammar (GBNF) of what the model may write."""
        return gbnf(self.syntax.grammar)

    def unmasked(self, reading: Reading) -> Reading:
        """Return what the model said, in terms of the task as it is."""
        if self.mask is None:
            return reading
        plain = self.mask.unmasked
        return replace(
            reading,
            answers={plain(program): count for program, count in reading.answers.items()},
            parts={plain(program): count for program, count in reading.parts.items()},
            log_probs={plain(program): log for program, log in reading.log_probs.items()},
        )


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a model's completions come to: the grammar with their weights, and a program for each behaviour that fits.

    Each program counts as often as its behaviour was proposed. Of `samples` completions, `programs` are programs, and
    `fitting` fit the examples.
    """

    grammar: Grammar
    seeds: Mapping[Program, float]
    samples: int
    programs: int
    fitting: int

    @classmethod
    def of(cls, reading: Reading, task: Task) -> Proposal:
        """Return what completions about a task come to."""
        fitting = seeds(reading, task)
        return cls(
            guided(string_grammar(task), reading, task),
            fitting,
            reading.completions,
            reading.completions - sum(reading.dropped.values()),
            round(sum(fitting.values())),
        )


@dataclass(frozen=True, slots=True)
class Prior:
    """A model to ask and the seconds it has; whether it sees masked rows only; what the user says of the column."""

    model: Model
    seconds: float
    masked: bool = False
    said: str | None = None

    def learn(
        self, task: Task, budget: pbe.Budget | None = None, progress: Callable[[int, int], None] | None = None
    ) -> tuple[pbe.Answer, str]:
        """Return the answer for a task, and a line on what the model had to do with it.

        It is the answer without the model when that gives nothing in time, or its weights lead to no program; else
        both have a say in it.
        """
        asked = Beside(lambda: self.ask(task), self.seconds)
        plain = pbe.synthesize(task, string_grammar(task), budget=budget, progress=progress)
        return self._settled(asked, task, plain, budget, progress)

    def reconsider(
        self,
        task: Task,
        plain: pbe.Answer,
        budget: pbe.Budget | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> tuple[pbe.Answer, str]:
        """Return what `learn` does, where the answer without the model is there already and may be on show."""
        return self._settled(Beside(lambda: self.ask(task), self.seconds), task, plain, budget, progress)

    def _settled(
        self,
        asked: Beside[Proposal],
        task: Task,
        plain: pbe.Answer,
        budget: pbe.Budget | None,
        progress: Callable[[int, int], None] | None,
    ) -> tuple[pbe.Answer, str]:
        try:
            proposal = asked.result()
        except ClientError as error:
            return plain, f"{self.model.name} did not help ({error}); learnt without it."
        try:
            answer = self.heed(proposal, task, plain, budget, progress)
        except (ArithmeticError, RecursionError) as error:  # what programs may run into; a defect of ours shows
            return plain, f"{self.model.name} did not help ({type(error).__name__} in its programs); learnt without it."
        return answer, self._note(proposal, plain, answer)

    def ask(self, task: Task) -> Proposal:
        """Return what the model proposes for a task; raises ClientError where it says nothing."""
        question = self.question(task)
        reading = ask(
            self.model.client,
            question.prompt,
            question.task,
            question.syntax,
            SAMPLES,
            rounds=REPAIRS,
            grammar=question.grammar if self.model.constrains else None,
            seconds=self.seconds,
        )
        return Proposal.of(question.unmasked(reading), task)

    def heed(
        self,
        proposal: Proposal,
        task: Task,
        plain: pbe.Answer,
        budget: pbe.Budget | None = None,
        progress: Callable[[int, int], None] | None = None,
    ) -> pbe.Answer:
        """Return the answer in which a proposal has a say beside the answer without it."""
        guided = pbe.synthesize(task, proposal.grammar, seeds=proposal.seeds, budget=budget, progress=progress)
        if guided.program is None or plain.program is None:
            return guided if plain.program is None else plain
        return pooled(plain, guided, self.model.trust)

    def question(self, task: Task) -> Question:
        """Return the task as the model gets to see it."""
        hint = "; ".join(part for part in (self.said, task.hint) if part)
        task = replace(task, hint=hint or None)
        mask = Mask.of(task) if self.masked else None
        seen = mask.masked(task) if mask else task
        return Question(seen, text_syntax(string_grammar(seen)), mask)

    def shown(self, task: Task) -> str:
        """Return all that is sent for a task at first, as a person reads it."""
        question = self.question(task)
        parts = {"Instructions": question.prompt.instructions, "Task": question.prompt.task}
        if self.model.constrains:
            parts["Grammar"] = question.grammar
        return "\n\n".join(f"--- {title} to {self.model.name}\n{text.rstrip()}" for title, text in parts.items())

    def _note(self, proposal: Proposal, plain: pbe.Answer, answer: pbe.Answer) -> str:
        changed = sum(one != other for one, other in zip(plain.outputs, answer.outputs, strict=True))
        cells = f"{changed} cells differ" if changed > 1 else "1 cell differs"
        result = f"{cells} from what it would be without it" if changed else "the result is the same without it"
        written = f"{proposal.programs} of {proposal.samples} samples are programs, {proposal.fitting} fit the examples"
        return f"{self.model.name}: {written}; {result}."


def find_prior(
    name: str,
    environment: Mapping[str, str],
    *,
    seconds: float | None = None,
    masked: bool = False,
    said: str | None = None,
) -> Prior:
    """Return the prior of the model that a name stands for (`app.providers.registry`); raises ProviderError."""
    model = find_model(name, environment)
    return Prior(model, model.patience if seconds is None else seconds, masked, said)
