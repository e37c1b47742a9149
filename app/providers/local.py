"""SmolLM2-135M on this machine: a real model without a network or a key, served on loopback by a child process.

The process is started by the first question and ends with ours, however ours ends: it reads our end of a pipe.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
from dataclasses import dataclass, field

from app.providers.local_server import MODEL, SLOTS
from app.providers.openai_compatible import OpenAICompatible
from app.providers.provider import Sampling
from llm_bridge.client import ClientError, Completion, Prompt

STARTING = 120.0
"""Seconds that the server may take to load the model; a second on a fast machine."""


@dataclass(slots=True)
class Local:
    """The local model; `server` is where the child process serves it, once there is one."""

    sampling: Sampling
    server: OpenAICompatible | None = field(default=None, init=False)
    _process: subprocess.Popen[str] | None = field(default=None, init=False)
    _starting: threading.Lock = field(default_factory=threading.Lock, init=False)

    @property
    def identity(self) -> tuple[str | float | None, ...]:
        """Return the model and the sampling."""
        return "local", MODEL, self.sampling.temperature, self.sampling.tokens

    def complete(
        self, prompt: Prompt, n: int, *, grammar: str | None = None, seconds: float = 10.0
    ) -> list[Completion]:
        """Return `n` samples, at most SLOTS of them; starts the server when it is not running."""
        return self._running().complete(prompt, min(n, SLOTS), grammar=grammar, seconds=seconds)

    def stop(self) -> None:
        """End the server, if there is one."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def _running(self) -> OpenAICompatible:
        with self._starting:
            if self.server is None or self._process is None or self._process.poll() is not None:
                key = secrets.token_hex(16)
                self._process = subprocess.Popen(
                    [sys.executable, "-P", "-m", "app.providers.local_server"],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                )  # fmt: skip
                assert self._process.stdin is not None and self._process.stdout is not None
                patience = threading.Timer(STARTING, self._process.kill)
                patience.start()
                try:
                    self._process.stdin.write(f"{key}\n")
                    self._process.stdin.flush()
                    url = self._process.stdout.readline().strip()
                except OSError:
                    url = ""
                finally:
                    patience.cancel()
                if not url:
                    raise ClientError("the local model's server did not start")
                self.server = OpenAICompatible(MODEL, f"{url}/v1", key, self.sampling, constrains=True, direct=True)
            return self.server
