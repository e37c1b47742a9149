"""What a language model is to this project: something that completes a prompt. No vendor and no network here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class ClientError(Exception):
    """A model gave nothing usable; the message is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is told: the instructions, which never hold a user's text, and the task."""

    instructions: str
    task: str


@dataclass(frozen=True, slots=True)
class Completion:
    """One sample of a model: its text, the log probability of it (nats; None where the server does not tell), and
    whether it ended by itself rather than at the token limit."""

    text: str
    logprob: float | None = None
    ended: bool = True


class Client(Protocol):
    """A language model."""

    def complete(
        self, prompt: Prompt, n: int, *, grammar: str | None = None, seconds: float = 10.0
    ) -> list[Completion]:
        """Return up to `n` samples within a time limit (seconds); raises ClientError where there are none.

        `grammar` (GBNF) constrains what is sampled where the server can; whoever calls parses all the same.
        """
        ...
