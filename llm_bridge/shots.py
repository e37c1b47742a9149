"""Solved tasks to show a model, and which of them are most like a task: written for this project, from no suite."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dsl.strings.tokens import shape
from dsl.task import Task
from dsl.types import Cell, as_text
from llm_bridge.syntax import Syntax

SHOWN = 4
COMPARED = 200
"""Characters of a cell that are compared."""
HINT = 3
"""Pairs of characters that a word of the hint is worth."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A solved task: examples ((cells), output), a sentence that says what is wanted, and the program.

    The program is written in our own language, or in SMT-LIB's notation if it begins with a parenthesis.
    """

    hint: str
    examples: tuple[tuple[tuple[str, ...], str], ...]
    program: str


def _shot(hint: str, program: str, *examples: tuple[str, ...]) -> Shot:
    return Shot(hint, tuple([(tuple(cells), output) for *cells, output in examples]), program)


SHOTS = (
    _shot("the last name", 'field(x1, " ", -1)', ("Ada Byron", "Byron"), ("Jan van Loon", "Loon")),
    _shot("first name and initial", 'concat(field(x1, " ", 1), concat(" ", concat(left(field(x1, " ", 2), 1), ".")))',
          ("Ada Byron", "Ada B."), ("Noor Maas", "Noor M.")),
    _shot("last name, first name", 'concat(field(x1, " ", 2), concat(", ", field(x1, " ", 1)))',
          ("Ada Byron", "Byron, Ada"), ("Noor Maas", "Maas, Noor")),
    _shot("the initials", "initials(x1)", ("Ada Byron", "AB"), ("Jan van Loon", "JvL")),
    _shot("both columns as one name", 'concat(proper(x1), concat(" ", upper(x2)))',
          ("ada", "Byron", "Ada BYRON"), ("noor", "Maas", "Noor MAAS")),
    _shot("the user of the address", 'field(x1, "@", 1)',
          ("ada@mill.example", "ada"), ("n.maas@lab.example", "n.maas")),
    _shot("the domain without its ending", 'between(x1, "@", ".", 1)',
          ("ada@mill.example", "mill"), ("n.maas@lab.example", "lab")),
    _shot("the name of the file", 'field(field(x1, "/", -1), ".", 1)',
          ("/srv/plans/roof.pdf", "roof"), ("/tmp/a.txt", "a")),
    _shot("what is in brackets", 'between(x1, "(", ")", 1)', ("oak (old) 3", "old"), ("elm (young) 12", "young")),
    _shot("the number", "token(x1, digits, 1)", ("row 41 of B", "41"), ("row 7", "7")),
    _shot("the last number", "token(x1, number, -1)", ("3 boxes at 12.50", "12.50"), ("1 box at 3", "3")),
    _shot("only the digits", "keep(x1, digits)", ("(030) 44-12", "0304412"), ("(0171) 3-9", "017139")),
    _shot("digits in groups", 'concat(left(x1, 3), concat("-", right(x1, 4)))',
          ("5550199", "555-0199"), ("5550142", "555-0142")),
    _shot("four digits, zeros in front", 'pad_left(x1, 4, "0")', ("41", "0041"), ("7", "0007")),
    _shot("no dashes", 'remove(x1, "-")', ("a-41-b", "a41b"), ("c-7", "c7")),
    _shot("underscores for blanks, small letters", 'lower(replace(x1, " ", "_"))',
          ("Roof Plan Final", "roof_plan_final"), ("A b", "a_b")),
    _shot("tidy blanks", "collapse(x1)", ("  old   oak ", "old oak"), ("elm ", "elm")),
    _shot("the date in ISO form", 'moment_text(moment(x1, "d/M/yyyy"), "yyyy-MM-dd")',
          ("17/3/2024", "2024-03-17"), ("2/11/2023", "2023-11-02")),
    _shot("month and year", 'moment_text(moment(x1, "yyyy-MM-dd"), "MMM yyyy")',
          ("2024-03-17", "Mar 2024"), ("2023-11-02", "Nov 2023")),
    _shot("two decimals", 'number_text(number(x1, point), "0.00")', ("41.5", "41.50"), ("7", "7.00")),
    _shot("rounded down to tens", 'number_text(round_down(number(x1, point), 10), "0")', ("47", "40"), ("81", "80")),
    _shot("none where it is blank", 'when(is_blank(x1), "none", x1)', ("oak", "oak"), (" ", "none")),
    _shot("the first word", '(str.substr x1 0 (str.indexof x1 " " 0))', ("old oak", "old"), ("young elm", "young")),
    _shot("what comes after the colon", '(str.substr x1 (+ (str.indexof x1 ":" 0) 1) (str.len x1))',
          ("wood:oak", "oak"), ("tree:elm", "elm")),
    _shot("without the last character", "(str.substr x1 0 (- (str.len x1) 1))", ("oak.", "oak"), ("elm;", "elm")),
    _shot("both with a dash between", '(str.++ x1 (str.++ "-" x2))', ("oak", "3", "oak-3"), ("elm", "7", "elm-7")),
    _shot("the comma becomes a dash", '(str.replace x1 "," " -")', ("oak, old", "oak - old"), ("elm, 3", "elm - 3")),
    _shot("yes if it is there", '(ite (str.contains x1 "oak") "yes" "no")', ("old oak", "yes"), ("elm", "no")),
)  # fmt: skip


def similar(task: Task, syntax: Syntax, most: int = SHOWN) -> list[Shot]:
    """Return the shots in a task's language that are most like it, the most similar last, next to the task itself.

    Alike are tasks whose cells have the same runs of kinds of characters and whose hints share words (cosine).
    """
    usable = [shot for shot in SHOTS if _usable(shot, syntax)]
    mine = _features([(example.inputs, example.output) for example in task.examples], task.hint or "")
    ranked = sorted(usable, key=lambda shot: -_cosine(mine, _features(shot.examples, shot.hint)))
    return ranked[:most][::-1]


def _usable(shot: Shot, syntax: Syntax) -> bool:
    """Return whether a shot is written in a syntax, with functions that its grammar has."""
    if shot.program.startswith("(") == syntax.name_first:
        return False
    heads = {match[1] for match in (_BEFORE if syntax.name_first else _BEHIND).finditer(shot.program)}
    return heads <= set(syntax.names)


_BEFORE, _BEHIND = re.compile(r"(\w+)\("), re.compile(r"\(([^\s()]+)")


def _features(examples: Iterable[tuple[Sequence[Cell], Cell]], hint: str) -> Counter[str]:
    found: Counter[str] = Counter({f"hint {word}": HINT for word in re.findall(r"\w+", hint.lower())})
    for inputs, output in examples:
        for place, cell in (*((f"x{i}", cell) for i, cell in enumerate(inputs)), ("output", output)):
            looks = shape((as_text(cell) or "")[:COMPARED])
            found.update(f"{place} {looks[i : i + 2]}" for i in range(len(looks)))
    return found


def _cosine(a: Counter[str], b: Counter[str]) -> float:
    norm = math.sqrt(sum(n * n for n in a.values()) * sum(n * n for n in b.values()))
    return sum(n * b[feature] for feature, n in a.items()) / norm if norm else 0.0
