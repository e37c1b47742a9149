"""How probable a program is beyond its grammar's weights: it says nothing twice, and finds what it looks for.

A program is described with each of its parts spelt once (minimum description length, Rissanen 1978; fragments used
again, O'Donnell 2015), so that branches which share parts are likelier than such that have none in common. Inputs put
together of the examples' tell a program that was meant from one that fits by accident: where the guard has nothing to
do with the branch, the branch cuts at places that are not there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from dsl.grammar import Grammar, Head
from dsl.interpreter import evaluate
from dsl.program import Apply, Input, Program, subprograms
from dsl.sygus.texts import OUTSIDE
from dsl.task import Row
from dsl.types import BOOLEAN
from pbe.growing import CLOSED_BITS
from pbe.mutations import crossed_rows

AGAIN = 2.0
"""Bits that a part costs where it stands again."""
ASTRAY = 16.0
"""Bits that a program costs which strays on every input; one that strays on a share of them costs that share."""
CROSSED = 8
"""Examples, the first ones, whose inputs are put together."""


class Weighing:
    """Weighs programs of one grammar that fit the examples with these inputs."""

    def __init__(self, grammar: Grammar, rows: Sequence[Row]) -> None:
        known = list(dict.fromkeys(rows))[:CROSSED]
        self.rows = [*known, *crossed_rows(known)]
        self.heads: dict[Head, float] = {}
        for rule, log_weight in zip(grammar.rules, grammar.log_weights, strict=True):
            self.heads[rule.head] = max(self.heads.get(rule.head, -math.inf), log_weight)

    def log_prob(self, program: Program) -> float:
        """Return the log probability (nats, up to a constant) of a program of the grammar."""
        astray = sum([strays(program, row) for row in self.rows]) / max(1, len(self.rows))
        return self.described(program) - ASTRAY * astray * math.log(2)

    def described(self, program: Program) -> float:
        """Return the log probability (nats) of a program by its heads' weights, each distinct part counted once.

        It is -inf for a program with a head that the grammar lacks.
        """
        said: dict[Program, float] = {}

        def said_once(part: Program) -> float:
            if part in said:
                return max(said[part], -AGAIN * math.log(2))
            if isinstance(part, Apply):
                closed = not any(isinstance(leaf, Input) for leaf in subprograms(part))
                log_prob = self.heads.get(part.operator, -math.inf) + sum([said_once(arg) for arg in part.args])
                said[part] = log_prob - CLOSED_BITS * math.log(2) * closed
            else:
                said[part] = self.heads.get(part, -math.inf)
            return said[part]

        return said_once(program)


def strays(program: Program, row: Row) -> bool:
    """Return whether a program's value on a row is made of what a function gives outside its range.

    Truth values are not: whether a text holds another may be asked with either answer in mind.
    """
    if not isinstance(program, Apply) or program.type is BOOLEAN:
        return False
    if not program.operator.strict:
        guard, then, other = program.args
        return strays(then if evaluate(guard, row) else other, row)
    if any(strays(arg, row) for arg in program.args):
        return True
    return program.operator in OUTSIDE and evaluate(program, row) in (None, OUTSIDE[program.operator])
