"""Learning in a thread of its own, so that a page can show how far it is and stop it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pbe
from app.sheets.opinion import heard
from app.sheets.sheet import Column, Sheet, learn, learnt

if TYPE_CHECKING:
    from app.prior import Prior

SECONDS = 10.0
"""How long the search may take; running its programs on all rows comes on top."""


class _Stopped(Exception):
    """Raised inside the thread when nobody waits for the result any more."""


class Job:
    """A column of a sheet being learnt, or its preview being reconsidered with what a language model says."""

    def __init__(self, sheet: Sheet, column: int, prior: Prior | None = None) -> None:
        self.sheet, self.column, self.prior = sheet, column, prior
        self.share = 0.0
        self.error: Exception | None = None
        self._result: Column | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait for at most so long; return whether the job has ended."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """Ask the thread to end soon; its result is dropped."""
        self._stop.set()

    def serves(self, sheet: Sheet) -> bool:
        """Return whether this job, unless stopped, learns what the sheet waits for."""
        return sheet.columns is self.sheet.columns and not self._stop.is_set()

    def result(self, sheet: Sheet) -> Sheet:
        """Return a sheet that this job serves with what was learnt; raises what went wrong in the thread."""
        if self.error is not None:
            raise self.error
        assert self._result is not None
        return learnt(sheet, self.column, self._result)

    def _run(self) -> None:
        budget = pbe.Budget(seconds=SECONDS, cancelled=self._stop.is_set)
        try:
            if self.prior is None:
                self._result = learn(self.sheet, self.column, budget, self._tick)
            else:
                self._result = heard(self.sheet, self.column, self.prior, budget, self._tick)
        except _Stopped:
            pass
        except Exception as error:  # for the page to raise, where a person sees it
            self.error = error

    def _tick(self, done: int, total: int) -> None:
        self.share = done / max(1, total)
        if self._stop.is_set():
            raise _Stopped
