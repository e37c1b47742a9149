"""What all providers share: how samples are drawn, what a model is to the application, and what goes wrong."""

from __future__ import annotations

from dataclasses import dataclass

from llm_bridge.client import Client, ClientError, Completion


class ProviderError(ValueError):
    """A provider is unknown, not installed or not set up; one sentence that says what to do."""


class TryAgain(ClientError):
    """A model gave nothing now but may later; `after` is the wait (seconds) that its server asked for."""

    def __init__(self, message: str, after: float = 0.0) -> None:
        super().__init__(message)
        self.after = after


@dataclass(frozen=True, slots=True)
class Sampling:
    """How samples are drawn: the temperature, and the tokens at which one is cut."""

    temperature: float = 1.0
    tokens: int = 256


@dataclass(frozen=True, slots=True)
class Model:
    """A model ready to be asked: its name as a person reads it and its client.

    `patience` is the time (seconds) that it has unless the user says otherwise; `constrains` tells whether a grammar
    constrains what is sampled; `trust` is the share, from 0 to 1, that its opinion has in what a cell probably holds.
    """

    name: str
    client: Client
    patience: float
    constrains: bool
    trust: float = 0.6


def written(completions: list[Completion], sampling: Sampling) -> list[Completion]:
    """Return the samples that hold anything; raises ClientError where none does."""
    found = [completion for completion in completions if completion.text.strip()]
    if not found:
        raise ClientError(
            f"the model wrote nothing within {sampling.tokens} tokens; PBE_LLM_TOKENS sets how many each sample has"
        )
    return found
