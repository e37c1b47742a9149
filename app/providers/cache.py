"""Answers kept in an sqlite file, so that the same question is asked, and paid for, once."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from llm_bridge.client import Client, Completion, Prompt

_WAIT = 1.0
"""Seconds that another process may hold the file."""


@dataclass(frozen=True, slots=True)
class Cached:
    """A client whose answers are kept under all that they depend on: `identity`, prompt, number and grammar.

    What was asked is kept as a hash only; what was answered is kept as it is, in a file that only its owner may read.
    A file that cannot be read or written is no cache, and no error.
    """

    client: Client
    identity: tuple[str | float | None, ...]
    path: Path

    def complete(
        self, prompt: Prompt, n: int, *, grammar: str | None = None, seconds: float = 10.0
    ) -> list[Completion]:
        """Return the samples kept for this question, else those of the client."""
        key = self._key(prompt, n, grammar)
        found = self._read(key)
        if found is None:
            found = self.client.complete(prompt, n, grammar=grammar, seconds=seconds)
            self._write(key, found)
        return found

    def _key(self, prompt: Prompt, n: int, grammar: str | None) -> str:
        question = [self.identity, prompt.instructions, prompt.task, n, grammar]
        return hashlib.sha256(json.dumps(question).encode()).hexdigest()

    def _read(self, key: str) -> list[Completion] | None:
        if not self.path.is_file():
            return None
        try:
            with closing(sqlite3.connect(self.path, timeout=_WAIT)) as base:
                row = base.execute("SELECT completions FROM answers WHERE question = ?", (key,)).fetchone()
            return None if row is None else [Completion(**item) for item in json.loads(row[0])]
        except (sqlite3.Error, ValueError, TypeError):
            return None

    def _write(self, key: str, completions: list[Completion]) -> None:
        text = json.dumps([asdict(completion) for completion in completions])
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
            with closing(sqlite3.connect(self.path, timeout=_WAIT)) as base, base:
                base.execute("CREATE TABLE IF NOT EXISTS answers (question TEXT PRIMARY KEY, completions TEXT)")
                base.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, text))
        except (sqlite3.Error, OSError):
            return
