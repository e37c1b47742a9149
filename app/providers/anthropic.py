"""Anthropic's models, through their SDK: one sample per request, all requests under way at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from app.providers.provider import Sampling, written
from app.providers.sdk import failure
from llm_bridge.client import ClientError, Completion, Prompt

ANTHROPIC = "https://api.anthropic.com"


@dataclass(frozen=True, slots=True)
class Anthropic:
    """A model of Anthropic's, which samples at a temperature of its own."""

    model: str
    key: str
    base_url: str
    sampling: Sampling

    @property
    def identity(self) -> tuple[str | float | None, ...]:
        """Return the server, the model and the sampling; the key changes no sample."""
        return "anthropic", self.base_url, self.model, self.sampling.tokens

    def complete(
        self, prompt: Prompt, n: int, *, grammar: str | None = None, seconds: float = 10.0
    ) -> list[Completion]:
        """Return those of `n` samples that came; a grammar is ignored. Raises ClientError where none came."""
        import anthropic  # here: it takes long to import, and comes with the extra anthropic

        try:
            answers = asyncio.run(self._answers(anthropic, prompt, n, seconds))
        except anthropic.AnthropicError as error:
            raise failure(anthropic, error, self.base_url, seconds) from None
        return written([_completion(answer) for answer in answers], self.sampling)

    async def _answers(self, anthropic: Any, prompt: Prompt, n: int, seconds: float) -> list[Any]:
        """Return the answers to `n` requests, without those that failed; raises the first failure where all did."""
        async with anthropic.AsyncAnthropic(
            api_key=self.key, base_url=self.base_url, timeout=seconds, max_retries=0
        ) as client:
            requests = [
                client.messages.create(
                    model=self.model,
                    system=prompt.instructions,
                    messages=[{"role": "user", "content": prompt.task}],
                    max_tokens=self.sampling.tokens,
                )
                for _ in range(n)
            ]
            answers = await asyncio.gather(*requests, return_exceptions=True)
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        if len(failures) == len(answers):
            raise failures[0]
        return [answer for answer in answers if not isinstance(answer, BaseException)]


def _completion(answer: Any) -> Completion:
    """Return a message's text; raises ClientError where the answer is no message."""
    try:
        text = "".join(block.text for block in answer.content if block.type == "text")
        return Completion(text, ended=answer.stop_reason != "max_tokens")
    except (AttributeError, TypeError):
        raise ClientError("the server's answer is not a message") from None
