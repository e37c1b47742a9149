"""Writes programs in the languages that people use: an Excel formula, a Python function, an English sentence.

One module per target, in each one table from operator name to the function that writes it. A target that cannot
say exactly what the program does raises `Unsupported`; nothing is guessed.
"""

from __future__ import annotations

from dsl.program import Apply, Constant, Input, Program, subprograms
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


def decision_list(program: Program) -> tuple[list[tuple[Apply, Program]], Program]:
    """Return the cases of a program, guard and text each, in their order, and the text on all other rows.

    A program without conditions has no cases. Raises Unsupported for a condition inside a text.
    """
    cases: list[tuple[Apply, Program]] = []
    while isinstance(program, Apply) and program.operator.name == "when":
        guard, branch, program = program.args
        if not isinstance(guard, Apply):
            raise Unsupported("conditions are written for guards on cells only")
        cases.append((guard, branch))
    for part in (program, *(part for case in cases for part in case)):
        if any(isinstance(node, Apply) and node.operator.name == "when" for node in subprograms(part)):
            raise Unsupported("conditions are written at the top of a program only, one after the other")
    return cases, program


def guarded_column(guard: Apply) -> int:
    """Return the column that a guard looks at; raises Unsupported for a guard on something computed."""
    if isinstance(guard.args[0], Input):
        return guard.args[0].index
    raise Unsupported("conditions are written on whole cells only")


def known_filled(guard: Apply, holds: bool) -> frozenset[int]:
    """Return the columns whose cell cannot be blank where a guard holds (or does not)."""
    tells = holds != (guard.operator.name == "is_blank")
    return frozenset({guarded_column(guard)} if tells else ())


def overlaps_itself(literal: str) -> bool:
    """Return whether two occurrences of a literal can share characters, as "--" does in "---"."""
    return any(literal.endswith(literal[:n]) for n in range(1, len(literal)))
