"""How the programs of a task are written and read: the one place that tells our own language from SyGuS-IF."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from dsl.grammar import Grammar, Head
from dsl.operator import Operator
from dsl.parser import parse
from dsl.program import Input, Program
from dsl.strings.language import OPERATORS
from dsl.sygus import SygusTask, read_part, read_program
from dsl.sygus.functions import sort_of, symbol_of
from dsl.sygus.sexpr import symbol
from dsl.types import Type


@dataclass(frozen=True, slots=True)
class Syntax:
    """The notation of a task's programs.

    `read` returns the program that a text spells, `read_part` one of any type; both raise ValueError for anything else.
    `write` is the inverse of `read`. `names` says what words stand for, and `type_name` what types are called.
    `lexeme` matches a quoted text, a parenthesis (its group 1) or a word (its group 2). With `name_first` a function's
    name stands before its parenthesis rather than behind it.
    """

    grammar: Grammar
    read: Callable[[str], Program]
    read_part: Callable[[str], Program]
    write: Callable[[Program], str]
    names: Mapping[str, Head]
    type_name: Callable[[Type], str]
    lexeme: re.Pattern[str]
    name_first: bool

    def words(self, text: str) -> Iterator[str]:
        """Yield the words of a text that stand for something."""
        return (match[2] for match in self.lexeme.finditer(text) if match[2] in self.names)

    def spans(self, text: str) -> list[tuple[int, int, bool]]:
        """Return where the applications in a text begin and end, and whether each stands in no other parenthesis.

        Outer ones come before what is in them; parentheses that do not match are passed over.
        """
        open_: list[int] = []
        found: list[tuple[int, int, bool]] = []
        begin, word_end = 0, -1
        for match in self.lexeme.finditer(text):
            if match[1] == "(":
                open_.append(begin if self.name_first and word_end == match.start() else match.start())
            elif match[1] == ")" and open_:
                start = open_.pop()
                found.append((start, match.end(), not open_))
            elif match[2]:
                begin, word_end = match.span()
        return sorted(found, key=lambda span: (span[0], -span[1]))


def text_syntax(grammar: Grammar) -> Syntax:
    """Return the notation of our own text programs, as far as a task's grammar uses it."""
    inputs = {str(rule.head): rule.head for rule in grammar.rules if isinstance(rule.head, Input)}
    operators = {rule.head.name: rule.head for rule in grammar.rules if isinstance(rule.head, Operator)}
    columns = 1 + max((head.index for head in inputs.values()), default=-1)

    def read(text: str) -> Program:
        return parse(text, OPERATORS, columns=columns)

    return Syntax(grammar, read, read, str, {**inputs, **operators}, str, _OURS, name_first=True)


def sygus_syntax(task: SygusTask) -> Syntax:
    """Return the notation of a SyGuS task's programs."""
    names: dict[str, Head] = {
        symbol(variable.name): Input(index, variable.type) for index, variable in enumerate(task.parameters)
    }
    for rule in task.grammar.rules:
        if isinstance(rule.head, Operator):
            names.setdefault(task.notation.spelled.get(rule.head) or symbol_of(rule.head), rule.head)
    return Syntax(
        task.grammar,
        lambda text: read_program(text, task),
        lambda text: read_part(text, task),
        task.notation.term,
        names,
        sort_of,
        _SYGUS,
        name_first=False,
    )


_OURS = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|([()])|(\w+)', re.DOTALL)
_SYGUS = re.compile(r'"[^"]*(?:"|\Z)|([()])|([^\s()";|]+)')
