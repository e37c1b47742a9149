"""What writes one formula, and the fixed arguments that operators take from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from dsl.emit import Unsupported, concat_parts
from dsl.emit.excel.formula import basic, literal_text
from dsl.program import Constant, Input, Program
from dsl.strings.tokens import TokenClass


class Writer:
    """Writes one formula; gathers when it is undefined and whether it can end in an error (then it is, too)."""

    def __init__(self, references: Sequence[str], table: Mapping[str, Callable[..., str]]) -> None:
        self.references = references
        self.table = table
        self.undefined: list[str] = []
        self.fails = False
        self.names = 0
        self.whole: Program | None = None
        self.outermost = False

    def root(self, program: Program) -> str:
        """Return the formula of a whole program: its parts joined."""
        parts = concat_parts(program)
        if len(parts) == 1:
            if isinstance(program, Input):
                return f'{self.text(program)}&""'
            self.whole = program
        return "&".join([literal_text(p.value) if isinstance(p, Constant) else self.text(p) for p in parts])

    def text(self, program: Program) -> str:
        """Return the formula of a text; wherever the program is undefined, the formula is an error."""
        if isinstance(program, Input):
            return self.references[program.index]
        if isinstance(program, Constant):
            return literal_text(basic(program.value))
        row = self.table.get(program.operator.name)
        self.outermost = program is self.whole  # then "" will do where the program is undefined
        if row is None:
            raise Unsupported(f"no Excel formula for {program.operator.name!r} yet")
        return row(self, *program.args)

    def failing(self, formula: str) -> str:
        """Return the formula, which may end in an error."""
        self.fails = True
        return formula

    def shared(self, program: Program, body: Callable[[str], str]) -> str:
        """Return the body for a text that it reads more than once."""
        if isinstance(program, Input):
            return body(self.text(program))
        self.names += 1
        name = "_xlpm.part" + (f"_{self.names}" if self.names > 1 else "")
        text = self.text(program)
        return f"LET({name},{text},{body(name)})"

    def unless(self, condition: str, program: Program, formula: str) -> str:
        """Return the formula, undefined where the condition on the program's text holds."""
        if isinstance(program, Input):
            self.undefined.append(condition)
            return formula
        return self.failing(f"IF({condition},NA(),{formula})")


def fixed_integer(program: Program) -> int:
    """Return a constant whole number; raises Unsupported for anything else."""
    if isinstance(program, Constant) and isinstance(program.value, int):
        return program.value
    raise Unsupported("Excel formulas are written for fixed counts only")


def fixed_count(program: Program) -> int:
    """Return the number of an occurrence; raises Unsupported where there is none."""
    k = fixed_integer(program)
    if k == 0:
        raise Unsupported("a program that asks for occurrence 0 never gives a value")
    return k


def fixed_size(program: Program) -> int:
    """Return a number of characters; raises Unsupported where it is not positive."""
    n = fixed_integer(program)
    if n <= 0:
        raise Unsupported(f"a program that asks for {n} characters never gives a value")
    return n


def fixed_token(program: Program) -> TokenClass | str:
    """Return a constant token that Excel can search for; raises Unsupported for anything else."""
    token = program.value if isinstance(program, Constant) else None
    if not isinstance(token, TokenClass | str):
        raise Unsupported("Excel formulas are written for fixed tokens only")
    if token == "":
        raise Unsupported("no Excel formula searches for an empty text")
    return basic(token) if isinstance(token, str) else token


def fixed_delimiter(program: Program) -> str:
    """Return a constant text to search for; raises Unsupported for anything else."""
    token = fixed_token(program)
    if isinstance(token, TokenClass):
        raise Unsupported(f"no Excel formula for {token.plural} as a delimiter")
    return token
