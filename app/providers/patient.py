"""Asking again where that may help, and waiting for nobody longer than was agreed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.providers.provider import TryAgain
from llm_bridge.client import Client, ClientError, Completion, Prompt

TRIES = 4
FIRST_WAIT = 0.5
"""Seconds before the second try; each further wait is twice the one before, or what the server asks for if longer."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patient:
    """A client that asks another again, up to TRIES times, while there is time."""

    client: Client
    sleep: Callable[[float], None] = time.sleep

    def complete(
        self, prompt: Prompt, n: int, *, grammar: str | None = None, seconds: float = 10.0
    ) -> list[Completion]:
        """Return up to `n` samples; raises the last ClientError once more tries or waiting would be too much."""
        deadline = time.monotonic() + seconds
        wait = FIRST_WAIT
        for tries_left in reversed(range(TRIES)):
            try:
                return self.client.complete(prompt, n, grammar=grammar, seconds=deadline - time.monotonic())
            except TryAgain as error:
                pause = max(wait, error.after)
                if not tries_left or time.monotonic() + pause >= deadline:
                    raise
                self.sleep(pause)
                wait *= 2
        raise AssertionError("the last try returns or raises")


class Beside(Generic[T]):
    """Work under way beside other work, to be done within a time or not at all.

    Whoever does not come back in time is left alone: the thread ends by itself, or with the process.
    """

    def __init__(self, work: Callable[[], T], seconds: float) -> None:
        self.deadline = time.monotonic() + seconds
        self.seconds = seconds
        self._future: Future[T] = Future()
        threading.Thread(target=self._run, args=(work,), daemon=True).start()

    def _run(self, work: Callable[[], T]) -> None:
        try:
            self._future.set_result(work())
        except BaseException as error:  # raised where it is waited for
            self._future.set_exception(error)

    def result(self) -> T:
        """Return what the work returned, waiting for it as long as was agreed.

        Raises ClientError when the time is over and when the work failed, in whatever way: it is never needed.
        """
        try:
            return self._future.result(max(0.0, self.deadline - time.monotonic()))
        except Late:
            raise ClientError(f"no answer within {self.seconds:g} s") from None
        except ClientError:
            raise
        except Exception as error:
            raise ClientError(f"{type(error).__name__}: {error}") from error
