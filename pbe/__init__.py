"""Pragmatic programming by example: one or two examples in, the right program out, and what is unsure said aloud.

    answer = pbe.learn([("Jan Kotas", "Jan")], rows=["Jan Kotas", "Mariya Sergienko"])
    answer.program, answer.outputs, answer.confidence, answer.candidates, answer.question, answer.stop
"""

import rsa

if getattr(rsa, "__project__", None) != "pragmatic-pbe":
    raise ImportError(
        f"the package `rsa` found at {rsa.__file__} is another project of that name (RSA encryption on PyPI); install "
        "pragmatic-pbe into a virtual environment of its own, as `make fill` does"
    )

from dsl.task import Example, Task
from pbe.answer import DOUBTFUL, Answer, Candidate, Question
from pbe.budget import Budget, StopReason
from pbe.explorer import explore
from pbe.language import Language
from pbe.synthesizer import distinguishing_question, first_question, learn, synthesize

__all__ = [
    "DOUBTFUL",
    "Answer",
    "Budget",
    "Candidate",
    "Example",
    "Language",
    "Question",
    "StopReason",
    "Task",
    "distinguishing_question",
    "explore",
    "first_question",
    "learn",
    "synthesize",
]
