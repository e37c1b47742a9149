"""What the environment says about language models."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.providers.provider import ProviderError, Sampling
from app.providers.spending import Limits

Environment = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Settings:
    """The model's name, how samples are drawn, what a run may spend, and where answers are kept (None: nowhere).

    | variable               | what it sets                                                | otherwise            |
    |------------------------|-------------------------------------------------------------|----------------------|
    | PBE_LLM_MODEL          | the model, where `--llm PROVIDER:MODEL` names none          |                      |
    | PBE_LLM_TOKENS         | the tokens at which a sample is cut                         | 256                  |
    | PBE_LLM_BUDGET_TOKENS  | the tokens that a run may spend                             | 200,000              |
    | PBE_LLM_BUDGET_DOLLARS | the dollars that a run may spend; needs the price           | no limit             |
    | PBE_LLM_PRICE          | dollars per million tokens, read/written, such as 0.15/0.60 |                      |
    | PBE_LLM_CACHE          | the file that answers are kept in, or `off`                 | in the user's caches |
    """

    model: str
    sampling: Sampling
    limits: Limits
    cache: Path | None

    @classmethod
    def of(cls, environment: Environment) -> Settings:
        """Return the settings; raises ProviderError where one cannot be read."""
        dollars, price = environment.get("PBE_LLM_BUDGET_DOLLARS"), environment.get("PBE_LLM_PRICE")
        if dollars and not price:
            raise ProviderError(
                "PBE_LLM_BUDGET_DOLLARS needs PBE_LLM_PRICE; set it to dollars per million tokens, as in 0.15/0.60."
            )
        read, _, written = (price or "0/0").partition("/")
        return cls(
            environment.get("PBE_LLM_MODEL", ""),
            Sampling(tokens=int(_number("PBE_LLM_TOKENS", environment.get("PBE_LLM_TOKENS") or "256"))),
            Limits(
                int(_number("PBE_LLM_BUDGET_TOKENS", environment.get("PBE_LLM_BUDGET_TOKENS") or "200000")),
                _number("PBE_LLM_BUDGET_DOLLARS", dollars) if dollars else None,
                _number("PBE_LLM_PRICE", read),
                _number("PBE_LLM_PRICE", written),
            ),
            _cache(environment),
        )


def _number(name: str, text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < 1e15:
        example = "0.15/0.60, dollars per million tokens read and written" if name == "PBE_LLM_PRICE" else "a number"
        raise ProviderError(f"{name} holds {text!r}; set it to {example}.")
    return number


def _cache(environment: Environment) -> Path | None:
    named = environment.get("PBE_LLM_CACHE")
    if named:
        return None if named == "off" else Path(named)
    caches = environment.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(caches) / "pragmatic-pbe" / "completions.sqlite"
