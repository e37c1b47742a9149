"""Writes programs in the languages that people use: an Excel formula, a Python function, an English sentence.

One module per target, in each one table from operator name to the function that writes it. A target that cannot
say exactly what the program does raises `Unsupported`; nothing is guessed.
"""

from __future__ import annotations

from dsl.program import Apply, Constant, Program
from dsl.types import TEXT


class Unsupported(ValueError):
    """The target language has no exact and readable form of this program; the message is one sentence."""


def concat_parts(program: Program) -> list[Program]:
    """Return what a program joins, left to right: nested concat flattened, neighbouring constants made one."""
    if not (isinstance(program, Apply) and program.operator.name == "concat"):
        return [program]
    parts: list[Program] = []
    for part in (part for arg in program.args for part in concat_parts(arg)):
        last = parts[-1] if parts else None
        if isinstance(part, Constant) and isinstance(last, Constant):
            parts[-1] = Constant(last.value + part.value, TEXT)
        else:
            parts.append(part)
    return parts


def overlaps_itself(literal: str) -> bool:
    """Return whether two occurrences of a literal can share characters, as "--" does in "---"."""
    return any(literal.endswith(literal[:n]) for n in range(1, len(literal)))
