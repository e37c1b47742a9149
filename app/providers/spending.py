"""A limit on what is spent in one run: tokens, and money where the prices are known."""

from __future__ import annotations

from dataclasses import dataclass, field

from llm_bridge.client import Client, ClientError, Completion, Prompt

CHARACTERS_PER_TOKEN = 3
"""Of a prompt, so that its tokens are rather over- than underestimated."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may spend: tokens, and dollars at a price of so many dollars per million tokens."""

    tokens: int = 200_000
    dollars: float | None = None
    price_read: float = 0.0
    price_written: float = 0.0


@dataclass(slots=True)
class Thrifty:
    """A client that is not asked when what is spent could pass the limits.

    Each request is charged before it is sent, with all that it could come to: servers do not all tell what they
    counted, and what fails may have been billed. `sample_tokens` is the length at which a sample is cut; with
    `prompt_per_sample` the prompt is sent for each of them.
    """

    client: Client
    sample_tokens: int
    limits: Limits = Limits()
    prompt_per_sample: bool = False
    tokens: int = field(default=0, init=False)
    dollars: float = field(default=0.0, init=False)

    def complete(
        self, prompt: Prompt, n: int, *, grammar: str | None = None, seconds: float = 10.0
    ) -> list[Completion]:
        """Return up to `n` samples; raises ClientError where the limits would be passed."""
        length = (len(prompt.instructions) + len(prompt.task)) // CHARACTERS_PER_TOKEN + 1
        read = length * (n if self.prompt_per_sample else 1)
        written = n * self.sample_tokens
        tokens = self.tokens + read + written
        dollars = self.dollars + (read * self.limits.price_read + written * self.limits.price_written) / 1e6
        if tokens > self.limits.tokens:
            raise ClientError(f"this run may spend {self.limits.tokens:,} tokens (PBE_LLM_BUDGET_TOKENS)")
        if self.limits.dollars is not None and dollars > self.limits.dollars:
            raise ClientError(f"this run may spend {self.limits.dollars:g} dollars (PBE_LLM_BUDGET_DOLLARS)")
        self.tokens, self.dollars = tokens, dollars
        return self.client.complete(prompt, n, grammar=grammar, seconds=seconds)
