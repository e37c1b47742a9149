"""Answers read from a JSON file: for tests, demonstrations and work without a network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.providers.provider import ProviderError
from llm_bridge.client import Completion, Prompt


@dataclass(frozen=True, slots=True)
class Recorded:
    """A model that says the same on every task."""

    path: Path
    completions: tuple[Completion, ...]

    @classmethod
    def read(cls, path: Path) -> Recorded:
        """Return the samples in a file, a list of texts or of objects {"text", "logprob", "ended"}.

        Raises ProviderError where it holds none.
        """
        try:
            items = json.loads(path.read_text(encoding="utf-8"))
            completions = tuple([_completion(item) for item in items]) if isinstance(items, list) else ()
        except OSError as error:
            raise ProviderError(f"{path} cannot be read ({error.strerror}); name a JSON file of completions.") from None
        except (ValueError, TypeError, KeyError):
            completions = ()
        if not completions:
            raise ProviderError(f'{path} holds no completions; write a JSON list of them, such as ["upper(x1)"].')
        return cls(path, completions)

    def complete(
        self, prompt: Prompt, n: int, *, grammar: str | None = None, seconds: float = 10.0
    ) -> list[Completion]:
        """Return the first `n` completions of the file."""
        return list(self.completions[:n])


def _completion(item: Any) -> Completion:
    fields = {"text": item} if isinstance(item, str) else item
    if not isinstance(fields["text"], str):
        raise TypeError
    return Completion(**fields)
