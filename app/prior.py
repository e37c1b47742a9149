"""A language model's opinion on a task, for weights and seeds and no more: asked beside the search, within a time.

task → prompt → completions → reweighted grammar and seeds → search; the search without the model is done meanwhile, and
holds when the model gives nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import pbe
from app.masking import Mask
from app.providers.patient import Beside
from app.providers.provider import Model
from app.providers.registry import find_model
from dsl.grammar import Grammar
from dsl.interpreter import outputs
from dsl.program import Program
from dsl.strings.language import string_grammar
from dsl.task import Task
from llm_bridge.client import ClientError, Completion, Prompt
from llm_bridge.completions import Reading, read_completions
from llm_bridge.decoding import gbnf
from llm_bridge.prompt import task_prompt
from llm_bridge.syntax import Syntax, text_syntax
from llm_bridge.weights import guided

SAMPLES = 10


@dataclass(frozen=True, slots=True)
class Proposal:
    """What completions come to: the grammar with their weights, their programs, the most frequent first, and how many
    of how many completions are programs."""

    grammar: Grammar
    seeds: tuple[Program, ...]
    programs: int
    samples: int

    def fitting(self, task: Task) -> int:
        """Return how many of the seeds give all examples."""
        inputs, targets = [e.inputs for e in task.examples], tuple(e.target for e in task.examples)
        return sum(outputs(seed, inputs) == targets for seed in self.seeds)


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

        It is the answer without the model when that gives nothing in time, or its weights lead to no program.
        """
        asked = Beside(lambda: self.propose(task, self.ask(task)), self.seconds)
        plain = pbe.synthesize(task, string_grammar(task), budget=budget, progress=progress)
        try:
            proposal = asked.result()
        except ClientError as error:
            return plain, f"{self.model.name} did not help ({error}); learnt without it."
        answer = pbe.synthesize(task, proposal.grammar, seeds=proposal.seeds, budget=budget, progress=progress)
        if answer.program is None:
            answer = plain
        return answer, self._summary(task, proposal, plain, answer)

    def ask(self, task: Task) -> list[Completion]:
        """Return the model's completions for a task; raises ClientError where there are none."""
        seen = self._seen(task)
        constraint = gbnf(seen.syntax.grammar) if self.model.constrains else None
        return self.model.client.complete(seen.prompt, SAMPLES, grammar=constraint, seconds=self.seconds)

    def propose(self, task: Task, completions: Sequence[Completion]) -> Proposal:
        """Return what completions for a task come to."""
        reading = self._seen(task).read(completions)
        seeds = sorted(reading.answers, key=lambda program: -reading.answers[program])
        programs = len(completions) - sum(reading.dropped.values())
        return Proposal(guided(string_grammar(task), reading, task), tuple(seeds), programs, len(completions))

    def shown(self, task: Task) -> str:
        """Return all that is sent for a task, as a person reads it."""
        seen = self._seen(task)
        parts = {"Instructions": seen.prompt.instructions, "Task": seen.prompt.task}
        if self.model.constrains:
            parts["Grammar"] = gbnf(seen.syntax.grammar)
        return "\n\n".join(f"--- {title} to {self.model.name}\n{text.rstrip()}" for title, text in parts.items())

    def _seen(self, task: Task) -> _Seen:
        """Return the task as the model gets to see it."""
        hint = "; ".join(part for part in (self.said, task.hint) if part)
        task = replace(task, hint=hint or None)
        mask = Mask.of(task) if self.masked else None
        seen = mask.masked(task) if mask else task
        syntax = text_syntax(string_grammar(seen))
        return _Seen(task_prompt(seen, syntax), syntax, mask)

    def _summary(self, task: Task, proposal: Proposal, plain: pbe.Answer, answer: pbe.Answer) -> str:
        changed = sum(one != other for one, other in zip(plain.outputs, answer.outputs, strict=True))
        written = f"{proposal.programs} of {proposal.samples} samples are programs"
        different = len(proposal.seeds)
        fits = f", {proposal.fitting(task)} of the {different} different ones fit the examples" if different else ""
        cells = f"{changed} cells differ" if changed > 1 else "1 cell differs"
        result = f"{cells} from what it would be without it" if changed else "the result is the same without it"
        return f"{self.model.name}: {written}{fits}; {result}."


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a model sees of a task, and how its programs are read back."""

    prompt: Prompt
    syntax: Syntax
    mask: Mask | None

    def read(self, completions: Sequence[Completion]) -> Reading:
        """Return what completions say, in terms of the task as it is."""
        reading = read_completions(completions, self.syntax)
        if self.mask is None:
            return reading
        back = self.mask.unmasked
        return replace(
            reading,
            answers={back(program): count for program, count in reading.answers.items()},
            parts={back(program): count for program, count in reading.parts.items()},
            log_probs={back(program): log for program, log in reading.log_probs.items()},
        )


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
