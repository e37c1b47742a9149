"""Any server that speaks OpenAI's chat protocol, through the openai SDK."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.providers.provider import Sampling, written
from app.providers.sdk import Body, breaking_off, failure
from llm_bridge.client import ClientError, Completion, Prompt

OPENAI = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class OpenAICompatible:
    """A model behind an OpenAI-compatible server.

    With `constrains` the server is llama.cpp's or like it: it takes a grammar and a seed, so that equal questions get
    equal answers, and tells log probabilities. With `direct` no proxy stands between, whatever the environment says.
    """

    model: str
    base_url: str
    key: str
    sampling: Sampling
    constrains: bool = False
    direct: bool = False

    @property
    def identity(self) -> tuple[str | float | None, ...]:
        """Return the server, the model and the sampling; the key changes no sample."""
        return "openai", self.base_url, self.model, self.sampling.temperature, self.sampling.tokens, self.constrains

    def complete(
        self, prompt: Prompt, n: int, *, grammar: str | None = None, seconds: float = 10.0
    ) -> list[Completion]:
        """Return up to `n` samples; raises ClientError, and TryAgain where another try may help."""
        import openai  # here: it takes long to import, and comes with the extra llm

        body = Body(seconds)
        try:
            with (
                openai.OpenAI(
                    base_url=self.base_url,
                    api_key=self.key,
                    timeout=seconds,
                    max_retries=0,
                    http_client=openai.DefaultHttpxClient(trust_env=False) if self.direct else None,
                ) as client,
                client.chat.completions.with_streaming_response.create(**self._request(prompt, n, grammar)) as response,
                breaking_off(),
            ):
                for chunk in response.iter_bytes():
                    body.add(chunk)
        except openai.OpenAIError as error:
            raise failure(openai, error, self.base_url, seconds) from None
        return written(_completions(body.bytes), self.sampling)

    def _request(self, prompt: Prompt, n: int, grammar: str | None) -> dict[str, Any]:
        limit = "max_completion_tokens" if self.base_url.rstrip("/") == OPENAI else "max_tokens"
        request: dict[str, Any] = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": prompt.instructions},
                {"role": "user", "content": prompt.task},
            ],
            "n": n,
            "temperature": self.sampling.temperature,
            limit: self.sampling.tokens,
        }
        if self.constrains:
            request |= {"logprobs": True, "seed": 0}
            if grammar is not None:
                request["extra_body"] = {"grammar": grammar}
        return request


def _completions(body: bytearray) -> list[Completion]:
    """Return the samples in an answer; raises ClientError where it is none of the protocol."""
    try:
        return [
            Completion(_text(choice), _logprob(choice), choice.get("finish_reason") != "length")
            for choice in json.loads(body)["choices"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ClientError("the server's answer is not a chat completion") from None


def _text(choice: Mapping[str, Any]) -> str:
    content = choice["message"]["content"]
    if not isinstance(content, str | None):
        raise TypeError
    return content or ""


def _logprob(choice: Mapping[str, Any]) -> float | None:
    """Return the log probability (nats) of a sample, None where the server does not tell."""
    content = (choice.get("logprobs") or {}).get("content")
    total = sum(float(token["logprob"]) for token in content) if content else math.nan
    return total if math.isfinite(total) else None
