"""Anthropic's models, through their SDK: one sample per request, all requests under way at once."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from app.providers.provider import Sampling, written
from app.providers.sdk import Body, breaking_off, failure
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

    async def _answers(self, anthropic: Any, prompt: Prompt, n: int, seconds: float) -> list[bytearray]:
        """Return the answers to `n` requests, without those that failed; raises the first failure where all did."""
        async with anthropic.AsyncAnthropic(
            api_key=self.key, base_url=self.base_url, timeout=seconds, max_retries=0
        ) as client:
            requests = [self._answer(client, prompt, seconds) for _ in range(n)]
            answers = await asyncio.gather(*requests, return_exceptions=True)
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        if len(failures) == len(answers):
            raise failures[0]
        return [answer for answer in answers if not isinstance(answer, BaseException)]

    async def _answer(self, client: Any, prompt: Prompt, seconds: float) -> bytearray:
        body = Body(seconds)
        async with client.messages.with_streaming_response.create(
            model=self.model,
            system=prompt.instructions,
            messages=[{"role": "user", "content": prompt.task}],
            max_tokens=self.sampling.tokens,
        ) as response:
            with breaking_off():
                async for chunk in response.iter_bytes():
                    body.add(chunk)
        return body.bytes


def _completion(body: bytearray) -> Completion:
    """Return a message's text; raises ClientError where the answer is no message."""
    try:
        message = json.loads(body)
        text = "".join([block["text"] for block in message["content"] if block["type"] == "text"])
        return Completion(text, ended=message.get("stop_reason") != "max_tokens")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ClientError("the server's answer is not a message") from None
