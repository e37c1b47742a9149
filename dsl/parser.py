"""Reads programs back from their printed form: `parse(str(program), …) == program`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal

from dsl.operator import Operator
from dsl.program import Apply, Constant, Input, Program
from dsl.strings.dates import QUOTED
from dsl.strings.numbers import NUMBER, NUMBER_FORMAT, NUMBER_STYLE, STYLES, NumberFormat
from dsl.strings.tables import TABLES
from dsl.strings.tokens import CLASSES
from dsl.types import INTEGER, LITERAL, POSITION, TABLE, TEXT, TOKEN, Type

_LEXEME = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?)|(\w+)|([(),]))', re.DOTALL)


class ProgramError(ValueError):
    """A text is not a program of the language; the message says where and why."""


def parse(
    text: str, operators: Iterable[Operator], *, columns: int | None = None, inputs: Type = TEXT
) -> Program:
    """Return the program that a text spells, a TEXT program at the top; its inputs are of the type `inputs`.

    Raises ProgramError for anything else: unknown names, wrong types or counts, columns beyond `columns`.
    """
    return _Reader(text, {operator.name: operator for operator in operators}, columns, inputs).program()


class _Reader:
    def __init__(self, text: str, operators: dict[str, Operator], columns: int | None, inputs: Type) -> None:
        self.text, self.operators, self.columns, self.inputs = text, operators, columns, inputs
        self.place = 0

    def program(self) -> Program:
        try:
            program = self.term(TEXT)
        except RecursionError:
            raise ProgramError("the program is nested too deeply") from None
        if self.text[self.place :].strip():
            raise self.error("more text after the end of the program")
        return program

    def term(self, wanted: Type) -> Program:
        string, number, name, mark = self.next()
        if mark:
            raise self.error(f"{mark!r} where a {wanted} was expected")
        if string:
            if wanted is NUMBER_FORMAT:
                return Constant(self.number_format(string), wanted)
            if wanted not in (TEXT, TOKEN, LITERAL) and wanted not in QUOTED:
                raise self.error(f"a quoted text where a {wanted} was expected")
            return Constant(self.quoted(string, wanted), wanted)
        if number and wanted is NUMBER:
            return Constant(Decimal(number), wanted)
        if number:
            if "." in number or (wanted is not INTEGER and (wanted is not POSITION or number.startswith("-"))):
                raise self.error(f"a number where a {wanted} was expected")
            return Constant(int(number), wanted)
        if name in self.operators and self.peek() == "(":
            return self.application(self.operators[name], wanted)
        if wanted is TOKEN and name in CLASSES:
            return Constant(CLASSES[name], TOKEN)
        if wanted is NUMBER_STYLE and name in STYLES:
            return Constant(STYLES[name], NUMBER_STYLE)
        if wanted is TABLE and name in TABLES:
            return Constant(name, TABLE)
        if re.fullmatch(r"x[1-9]\d{0,4}", name) and wanted is self.inputs:
            index = int(name[1:]) - 1
            if self.columns is not None and index >= self.columns:
                raise self.error(f"{name} names a column, but there are only {self.columns}")
            return Input(index, wanted)
        raise self.error(f"{name!r} is not a {wanted}")

    def quoted(self, string: str, wanted: Type) -> str:
        try:
            text = str(json.loads(string, strict=False))
        except ValueError:
            raise self.error(f"{string} is not a well-formed quoted text") from None
        if not text and wanted is not TEXT:
            raise self.error(f"an empty text is no {wanted}")
        if wanted in QUOTED and not QUOTED[wanted](text):
            raise self.error(f"{string} is no {wanted}")
        return text

    def number_format(self, string: str) -> NumberFormat:
        code = self.quoted(string, NUMBER_FORMAT)
        try:
            return NumberFormat(code)
        except ValueError as error:
            raise self.error(str(error)) from None

    def application(self, operator: Operator, wanted: Type) -> Program:
        if operator.returns is not wanted:
            raise self.error(f"{operator.name} gives a {operator.returns} where a {wanted} was expected")
        self.expect("(")
        args = []
        for index, param in enumerate(operator.params):
            if index:
                self.expect(",")
            args.append(self.term(param))
        self.expect(")")
        return Apply(operator, tuple(args))

    def next(self) -> tuple[str, str, str, str]:
        match = _LEXEME.match(self.text, self.place)
        if not match:
            raise self.error("a program was expected")
        self.place = match.end()
        string, number, name, mark = match.groups(default="")
        return string, number, name, mark

    def peek(self) -> str:
        return self.text[self.place :].lstrip()[:1]

    def expect(self, mark: str) -> None:
        if self.peek() != mark:
            raise self.error(f"{mark!r} was expected")
        self.next()

    def error(self, what: str) -> ProgramError:
        return ProgramError(f"at character {self.place + 1} of the program: {what}")
