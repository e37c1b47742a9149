"""Writes a program as one Excel formula that gives, on every row, what the interpreter gives.

A formula is written only where agreement holds for every row of `safe_for_excel` cells; everything else raises
`Unsupported`. Rows on which the program is undefined or empty get "", and so do rows with a blank cell among the
inputs of the branch that is taken (to Excel, "" and a blank cell are the same).

Excel counts UTF-16 units where the interpreter counts characters, and it has its own opinion on a few letters:
ask `safe_for_excel` of every cell before offering a formula for it. No formula relies on a function being lifted
over an array, so none needs an array mark in the file. An Excel older than `needs` says gives #NAME?, which IFERROR
turns into "": ask before writing the formula into somebody's workbook.

No formula is written for dates that stand in texts (moment, nth_moment, round_moment, shift_moment, moment_text,
range_text: Excel reads them by the user's locale and holds none before 1900), nor for number_in, significant, plain,
ordinal and spelled.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dsl.emit import (
    Unsupported,
    concat_parts,
    dates,
    decision_list,
    excel_numbers,
    guarded_column,
    known_filled,
    overlaps_itself,
)
from dsl.program import Apply, Constant, Input, Program, columns, subprograms
from dsl.strings.tables import TABLES
from dsl.strings.text import BLANKS
from dsl.strings.tokens import CLASSES, TokenClass, shape
from dsl.types import Cell

SINCE = {
    "IFERROR": 2007,
    "UNICHAR": 2013,
    "NUMBERVALUE": 2013,
    "SWITCH": 2019,
    "LET": 2021,
    "TEXTBEFORE": 2024, "TEXTAFTER": 2024, "TEXTSPLIT": 2024, "CHOOSECOLS": 2024, "CHOOSEROWS": 2024, "TOCOL": 2024,
    "LAMBDA": 2024, "REDUCE": 2024,
    "REGEXEXTRACT": 365, "REGEXREPLACE": 365, "REGEXTEST": 365,
}  # fmt: skip
"""The functions that some Excel in use lacks, and the release that brought each; 365 is Microsoft 365 only."""

_MAX_FORMULA, _MAX_LITERAL, _MAX_NESTING = 8192, 255, 64
_MAX_READABLE = 500
_OUTSIDE_QUOTES = re.compile(r'"(?:[^"]|"")*"|\'(?:[^\']|\'\')*\'|\b([A-Z]+)(?=\()|(_xlfn\.(?:_xlws\.)?|_xlpm\.)')


def excel(program: Program, references: Sequence[str]) -> str:
    """Return the formula, without the leading "=", as a workbook file stores it (with `_xlfn.` and `_xlpm.`).

    `references` holds the cell reference of each input column, such as ["A2", "C2"]. Raises Unsupported when Excel
    has no exact formula for the program, ValueError when a column has no reference.
    """
    read = columns(program)
    if read and read[-1] >= len(references):
        raise ValueError(f"the program reads column {read[-1] + 1}, but there are only {len(references)} references")
    cases, otherwise = decision_list(program)
    filled: frozenset[int] = frozenset()
    formula = ""
    for guard, branch in cases:
        case = _branch(branch, references, filled | known_filled(guard, True))
        formula += f"IF({_guard(guard, references)},{case},"
        filled |= known_filled(guard, False)
    formula += _branch(otherwise, references, filled) + ")" * len(cases)
    return _checked(_with_prefixes(formula))


def _branch(program: Program, references: Sequence[str], filled: Collection[int]) -> str:
    """Return the formula of a program without conditions; the columns in `filled` are known not to be blank."""
    writer = _Writer(references)
    formula = writer.root(program)
    read = [i for i in columns(program) if i not in filled]
    blank = [f'{references[i]}=""' for i in read if _when_blank(program, i) == _ANY]
    undefined = list(dict.fromkeys(blank + writer.undefined))
    if undefined:
        test = undefined[0] if len(undefined) == 1 else f"OR({','.join(undefined)})"
        formula = f'IF({test},"",{formula})'
    if writer.fails:
        formula = f'IFERROR({formula},"")'
    return formula


def readable(formula: str) -> str:
    """Return the formula as people type it: without the prefixes that only the file needs."""
    return _OUTSIDE_QUOTES.sub(lambda match: "" if match[2] else match[0], formula)


def needs(formula: str) -> str:
    """Return the oldest Excel that can calculate the formula: "any Excel", "Excel 2024", "Microsoft 365", …"""
    years = {SINCE.get(match[1], 0) for match in _OUTSIDE_QUOTES.finditer(readable(formula))}
    if 365 in years:
        return "Microsoft 365"
    newest = max(years, default=0)
    return f"Excel {newest}" if newest > 2010 else "any Excel"


def safe_for_excel(cell: Cell, program: Program | None = None, column: int | None = None) -> bool:
    """Return whether formulas agree with the interpreter on this cell; with a program, whether its formula does.

    With `column` the cell stands in that column of the program's inputs; where it reads numbers, they must be plain.

    Texts: no character beyond the basic plane (Excel counts two), none whose casing is not one to one or whose
    Unicode category and casing disagree (ß, İ, Σ, ª, Ⅳ, ǅ), no combining mark, no digit beyond 0 to 9, no invisible
    or control character but tab and line ends. Numbers: those that Excel writes out as the interpreter does.
    Dates and times are numbers to Excel, so never. A program that neither changes nor looks at casing or classes of
    characters takes any letter of the basic plane.
    """
    if program is not None and not excel_numbers.plain_cell(cell, program, column):
        return False
    if cell is None or isinstance(cell, bool):
        return True
    if isinstance(cell, str):
        letters = program is not None and not any(map(_looks_at_characters, subprograms(program)))
        return len(cell) <= 32767 and all(
            _safe_character(char) or (letters and char <= "\uffff" and unicodedata.category(char)[0] == "L")
            for char in cell
        )
    if isinstance(cell, int | float):
        return cell == 0 or 1e-4 <= abs(cell) < 1e15
    return False


_BY_CHARACTER = {"upper", "lower", "proper", "sentence", "initials", "trim", "collapse", "lookup", "looks_like"}


def _looks_at_characters(program: Program) -> bool:
    if isinstance(program, Apply):
        return program.operator.name in _BY_CHARACTER
    return isinstance(program, Constant) and isinstance(program.value, TokenClass)


@lru_cache(maxsize=1 << 16)
def _safe_character(char: str) -> bool:
    category = unicodedata.category(char)
    if char < "\x80":
        return category != "Cc" or char in "\t\n\r"
    upper, lower = char.upper(), char.lower()
    return (
        char <= "\uffff"
        and category not in ("Cc", "Cf", "Cs", "Cn", "Co", "Nd", "Mn", "Mc", "Me")
        and len(upper) == len(lower) == 1
        and char.title() == upper
        and char in (upper.lower(), lower.upper())
        and char.isupper() == (category == "Lu")
        and char.islower() == (category == "Ll")
        and (char.isupper() or char.islower() or upper == char == lower)
        and char.isspace() == (category in ("Zs", "Zl", "Zp"))
        and char not in "Σσ"  # small sigma has two forms, and engines choose differently
        and min(upper, lower, char.casefold()) >= "\x80"
    )


# ---------------------------------------------------------------- text of formulas


def _with_prefixes(formula: str) -> str:
    return _OUTSIDE_QUOTES.sub(
        lambda match: f"_xlfn.{match[0]}" if SINCE.get(match[1], 2007) != 2007 else match[0], formula
    )


def _checked(formula: str) -> str:
    if len(formula) > _MAX_FORMULA:
        raise Unsupported(f"the formula would have {len(formula)} characters; Excel takes {_MAX_FORMULA}")
    if len(readable(formula)) > _MAX_READABLE:
        raise Unsupported(f"the formula would have {len(readable(formula))} characters, too many to read")
    depth = deepest = 0
    for char in re.sub(r'"(?:[^"]|"")*"', "", formula):
        depth += (char == "(") - (char == ")")
        deepest = max(deepest, depth)
    if deepest > _MAX_NESTING:
        raise Unsupported(f"the formula would nest {deepest} functions deep; Excel takes {_MAX_NESTING}")
    return formula


_SPOKEN = {"\t": "CHAR(9)", "\n": "CHAR(10)", "\r": "CHAR(13)", "\u00a0": "UNICHAR(160)"}


def _literal(text: str) -> str:
    """Return a text as a formula; blanks that cannot be told apart on screen are written by their number."""
    pieces = [piece for piece in re.split("([\t\n\r\u00a0])", text) if piece]
    for piece in pieces:
        if len(piece) > _MAX_LITERAL:
            raise Unsupported(f"a fixed text of {len(piece)} characters is too long for a formula ({_MAX_LITERAL})")
        if piece not in _SPOKEN and any(unicodedata.category(char) in ("Cc", "Cs") for char in piece):
            raise Unsupported("a fixed text with control characters cannot stand in a formula")
    return "&".join([_SPOKEN.get(p) or '"' + p.replace('"', '""') + '"' for p in pieces]) or '""'


def _basic(text: str) -> str:
    if any(char > "\uffff" for char in text):
        raise Unsupported("Excel counts some characters of a fixed text, such as emoji, as two")
    return text


# ---------------------------------------------------------------- token classes as regular expressions

_SETS = {
    "letters": r"\p{L}\p{M}",
    "digits": r"\d",
    "word": r"\p{L}\p{M}\d",
    "uppercase": r"\p{Lu}",
    "lowercase": r"\p{Ll}\p{M}",
    "blank": r"\s\p{Z}",
    "nonblank": r"^\s\p{Z}",
    "punctuation": r"^\p{L}\p{M}\d\s\p{Z}",
}
"""The classes that are runs of one set of characters; a set that starts with ^ is what is not in it."""

_PATTERNS = {
    "number": r"\d+(?:[.,]\d+)*",
    "capitalized": r"\p{Lu}[\p{Ll}\p{M}]+",
    "capital": r"\p{Lu}",
}

_SHORT = {r"\d": r"\d", r"^\d": r"\D", r"\p{Lu}": r"\p{Lu}", r"^\p{Lu}": r"\P{Lu}"}


def _one_of(characters: str) -> str:
    return _SHORT.get(characters) or f"[{characters}]"


def _none_of(characters: str) -> str:
    return _one_of(characters[1:] if characters.startswith("^") else f"^{characters}")


def _pattern(token: TokenClass) -> str:
    if token.name in _SETS:
        return _one_of(_SETS[token.name]) + "+"
    if token.name in _PATTERNS:
        return _PATTERNS[token.name]
    raise Unsupported(f"no Excel formula for {token.plural} yet")


def _times(pattern: str, count: int) -> str:
    return "" if count == 0 else f"(?:{pattern})" if count == 1 else f"(?:{pattern}){{{count}}}"


# ---------------------------------------------------------------- places in a text


@dataclass(frozen=True, slots=True)
class _Place:
    """A whole number: the sum of `plus`, less the sum of `minus`, and an offset."""

    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()
    offset: int = 0

    def __add__(self, offset: int) -> _Place:
        return _Place(self.plus, self.minus, self.offset + offset)

    def less(self, other: _Place) -> _Place:
        plus, minus = list(self.plus + other.minus), list(self.minus + other.plus)
        for term in tuple(plus):
            if term in minus:
                plus.remove(term)
                minus.remove(term)
        return _Place(tuple(plus), tuple(minus), self.offset - other.offset)

    def __str__(self) -> str:
        text = "+".join(self.plus) or str(self.offset)
        text += "".join(f"-{term}" for term in self.minus)
        return text + f"{self.offset:+}" if self.plus and self.offset else text


def _literal_place(text: str, literal: str, k: int, side: int) -> _Place:
    ahead = len(literal) * side
    if k in (1, 2):
        first = f"FIND({_literal(literal)},{text})"
        if k == 1:
            return _Place((first,), (), ahead - 1)
        return _Place((f"FIND({_literal(literal)},{text},{first}+{len(literal)})",), (), ahead - 1)
    if overlaps_itself(literal):
        raise Unsupported(f"no Excel formula counts occurrences of {literal!r} exactly, because they can overlap")
    found = f"LEN(TEXTBEFORE({_led(text, literal, k)},{_literal(literal)},{k}))"
    return _Place((found,), (), ahead - int(k < 0))


def _led(text: str, literal: str, k: int) -> str:
    """Return the text, led by one more character when a literal is counted from its end.

    Not for Excel: engines differ on TEXTBEFORE("-a", "-", -1), a match that starts the text.
    """
    lead = next(char for char in (" ", "|", ".", "x") if char not in literal[:1])
    return text if k > 0 else f'"{lead}"&{text}'


def _class_place(text: str, token: TokenClass, k: int, side: int) -> _Place:
    def matched(pattern: str) -> str:
        return f'LEN(REGEXEXTRACT({text},"{pattern}"))'

    name = token.name
    if name == "number" and k == 1 and side:
        return _Place((matched(r"^\D*" + _PATTERNS["number"]),))
    if name == "number" and (k, side) in ((1, 0), (-1, 1)):
        name = "digits"  # the first number starts with the first digit, the last one ends with the last
    if name == "capitalized" and (k, side) == (1, 0):
        return _Place((f'FIND(REGEXEXTRACT({text},"{_pattern(token)}"),{text})',), (), -1)
    if name == "capital":
        if k > 0:
            return _Place((matched("^" + _times(r"\P{Lu}*\p{Lu}", k)),), (), side - 1)
        return _Place((f"LEN({text})",), (matched(_times(r"\p{Lu}\P{Lu}*", -k) + r"\z"),), side)
    if name not in _SETS:
        raise Unsupported(f"no Excel formula for places beside {token.plural} yet")
    one, none = _one_of(_SETS[name]), _none_of(_SETS[name])
    if k > 0 and side:
        return _Place((matched(f"^{none}*{one}+" + _times(f"{none}+{one}+", k - 1)),))
    if k > 0:
        return _Place((matched(f"^{none}*" + _times(f"{one}+{none}+", k - 1) + one),), (), -1)
    if side:
        rest = matched(one + _times(f"{none}+{one}+", -k - 1) + none + r"*\z")
        if k == -1:
            return _Place((f"LEN({text})",), (rest,), 1)
        raise Unsupported(f"no Excel formula for the place after the {-k}. {token.singular} from the end yet")
    return _Place((f"LEN({text})",), (matched(f"{one}+" + _times(f"{none}+{one}+", -k - 1) + none + r"*\z"),))


# ---------------------------------------------------------------- operators


class _Writer:
    """Writes one formula; gathers when it is undefined and whether it can end in an error (then it is, too)."""

    def __init__(self, references: Sequence[str]) -> None:
        self.references = references
        self.undefined: list[str] = []
        self.fails = False
        self.names = 0
        self.whole: Program | None = None
        self.outermost = False

    def root(self, program: Program) -> str:
        parts = concat_parts(program)
        if len(parts) == 1:
            if isinstance(program, Input):
                return f'{self.text(program)}&""'
            self.whole = program
        return "&".join([_literal(p.value) if isinstance(p, Constant) else self.text(p) for p in parts])

    def text(self, program: Program) -> str:
        """Return the formula of a text; wherever the program is undefined, the formula is an error."""
        if isinstance(program, Input):
            return self.references[program.index]
        if isinstance(program, Constant):
            return _literal(_basic(program.value))
        row = TABLE.get(program.operator.name)
        self.outermost = program is self.whole  # then "" will do where the program is undefined
        if row is None:
            raise Unsupported(f"no Excel formula for {program.operator.name!r} yet")
        return row(self, *program.args)

    def failing(self, formula: str) -> str:
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


def _integer(program: Program) -> int:
    if isinstance(program, Constant) and isinstance(program.value, int):
        return program.value
    raise Unsupported("Excel formulas are written for fixed counts only")


def _count(program: Program) -> int:
    k = _integer(program)
    if k == 0:
        raise Unsupported("a program that asks for occurrence 0 never gives a value")
    return k


def _size(program: Program) -> int:
    n = _integer(program)
    if n <= 0:
        raise Unsupported(f"a program that asks for {n} characters never gives a value")
    return n


def _token(program: Program) -> TokenClass | str:
    token = program.value if isinstance(program, Constant) else None
    if not isinstance(token, TokenClass | str):
        raise Unsupported("Excel formulas are written for fixed tokens only")
    if token == "":
        raise Unsupported("no Excel formula searches for an empty text")
    return _basic(token) if isinstance(token, str) else token


def _delimiter(program: Program) -> str:
    token = _token(program)
    if isinstance(token, TokenClass):
        raise Unsupported(f"no Excel formula for {token.plural} as a delimiter")
    return token


def _function(name: str) -> Callable[..., str]:
    def row(write: _Writer, text: Program) -> str:
        return f"{name}({write.text(text)})"

    return row


def _concat(write: _Writer, first: Program, second: Program) -> str:
    return "&".join([write.text(first), write.text(second)])


def _slice(write: _Writer, text: Program, start: Program, end: Program) -> str:
    outermost = write.outermost
    first, last = _edge(text, start), _edge(text, end)
    if first == ("at", 0) and last[0] == "before" and (outermost or last[2] > 0):
        found = _split_by_literal("TEXTBEFORE", write, text, last[1], last[2])
        if found:
            return found
    if last == ("at", -1) and first[0] == "after":
        found = _split_by_literal("TEXTAFTER", write, text, first[1], first[2])
        if found:
            return found
    if first == ("at", 0) and last == ("at", -1):
        return write.text(text) + '&""'

    def body(v: str) -> str:
        def unless_shorter(n: int, formula: str) -> str:
            return write.unless(f"LEN({v})<{n}", text, formula)

        if first[0] == "at" and last == ("at", -1):
            k = first[1]
            if k < 0:
                return unless_shorter(-k - 1, f"RIGHT({v},{-k - 1})")
            rest = f"MID({v},{k + 1},LEN({v}))"
            return rest if outermost else unless_shorter(k, rest)
        a, b = _place(v, *first), _place(v, *last)
        if last == ("at", -1):
            return write.failing(f"MID({v},{a + 1},LEN({v}))")
        formula = f"LEFT({v},{b})" if first == ("at", 0) else f"MID({v},{a + 1},{b.less(a)})"
        fixed_end = last[0] == "at" and last[1] > 0
        if not (fixed_end and first[0] == "at" and first[1] >= 0):
            write.fails = True
        elif first[1] > last[1]:
            raise Unsupported("a program whose part ends before it starts never gives a value")
        return unless_shorter(last[1], formula) if fixed_end else formula

    return write.shared(text, body)


def _split_by_literal(name: str, write: _Writer, text: Program, literal: str | TokenClass, k: int) -> str | None:
    if isinstance(literal, TokenClass) or (k != 1 and overlaps_itself(literal)):
        return None
    if k == 1 and isinstance(text, Input):
        return None  # LEFT, MID and FIND say it in every Excel
    formula = write.text(text) if name == "TEXTBEFORE" else _led(write.text(text), literal, k)
    return write.failing(f"{name}({formula},{_literal(literal)}{'' if k == 1 else f',{k}'})")


def _edge(text: Program, place: Program) -> tuple[Any, ...]:
    if isinstance(place, Constant):
        if place.value < 0:
            raise Unsupported("a place before the start of a text is in no cell")
        return "at", place.value
    if not isinstance(place, Apply) or place.operator.name not in ("at", "before", "after"):
        raise Unsupported("no Excel formula for this kind of place yet")
    if place.args[0] != text:
        raise Unsupported("no Excel formula for a place that was found in another text")
    if place.operator.name == "at":
        return "at", _integer(place.args[1])
    return place.operator.name, _token(place.args[1]), _count(place.args[2])


def _place(text: str, kind: str, what: Any, k: int = 0) -> _Place:
    if kind == "at":
        return _Place((), (), what) if what >= 0 else _Place((f"LEN({text})",), (), what + 1)
    find = _literal_place if isinstance(what, str) else _class_place
    return find(text, what, k, int(kind == "after"))


def _token_row(write: _Writer, text: Program, token: Program, k: Program) -> str:
    what, count = _token(token), _count(k)
    if isinstance(what, str):
        if count != 1:
            raise Unsupported("no Excel formula counts whether a fixed text occurs that often yet")
        return write.failing(f"MID({_literal(what)},1+0*FIND({_literal(what)},{write.text(text)}),{len(what)})")
    return write.failing(_match(write.text(text), _pattern(what), count))


def _match(text: str, pattern: str, k: int) -> str:
    if k == 1:
        return f'REGEXEXTRACT({text},"{pattern}")'
    found = f'REGEXEXTRACT({text},"{pattern}",1)'
    return f"INDEX({found},{k})" if k > 0 else f"CHOOSEROWS(TOCOL({found}),{k})"


def _field(write: _Writer, text: Program, delimiter: Program, k: Program) -> str:
    between, count = _delimiter(delimiter), _count(k)
    mark = _literal(between)
    if not overlaps_itself(between):
        if count == 1 and isinstance(text, Input):
            x = write.text(text)
            return f"LEFT({x},FIND({mark},{x}&{mark})-1)"
        if count == 1:
            return f"TEXTBEFORE({write.text(text)}&{mark},{mark})"
    write.fails = True
    parts = f"TEXTSPLIT({write.text(text)},{mark})"
    return f"INDEX({parts},{count})" if count > 0 else f"CHOOSECOLS({parts},{count})"


def _between(write: _Writer, text: Program, left: Program, right: Program, k: Program) -> str:
    opening, closing, count = _delimiter(left), _delimiter(right), _count(k)
    if count != 1 and overlaps_itself(opening):
        raise Unsupported(f"no Excel formula counts occurrences of {opening!r} exactly, because they can overlap")
    instance = "" if count == 1 else f",{count}"
    after = f"TEXTAFTER({_led(write.text(text), opening, count)},{_literal(opening)}{instance})"
    return write.failing(f"TEXTBEFORE({after},{_literal(closing)})")


def _left(write: _Writer, text: Program, n: Program) -> str:
    return f"LEFT({write.text(text)},{_size(n)})"


def _right(write: _Writer, text: Program, n: Program) -> str:
    return f"RIGHT({write.text(text)},{_size(n)})"


def _sentence(write: _Writer, text: Program) -> str:
    return write.shared(text, lambda v: f"UPPER(LEFT({v},1))&LOWER(MID({v},2,LEN({v})))")


def _over_matches(text: str, pattern: str, each: str) -> str:
    lambda_ = f"LAMBDA(_xlpm.all,_xlpm.one,_xlpm.all&{each})"
    return f'REDUCE("",REGEXEXTRACT({text},"{pattern}",1),{lambda_})'


def _initials(write: _Writer, text: Program) -> str:
    return write.failing(_over_matches(write.text(text), _pattern(CLASSES["word"]), "LEFT(_xlpm.one,1)"))


_BLANK = r"[ \t\n\r\xA0]"


def _trim(write: _Writer, text: Program) -> str:
    if _free_of_blanks(text):
        return write.text(text)
    return f'REGEXREPLACE({write.text(text)},"^{_BLANK}+|{_BLANK}+$","")'


def _collapse(write: _Writer, text: Program) -> str:
    return f'TRIM(REGEXREPLACE({write.text(text)},"{_BLANK.replace(" ", "")}"," "))'


def _free_of_blanks(program: Program) -> bool:
    """Return whether no value of the program holds a blank, so that trimming it changes nothing."""
    if not isinstance(program, Apply):
        return isinstance(program, Constant) and not any(char in BLANKS for char in program.value)
    if program.operator.name in ("upper", "lower", "proper", "sentence", "left", "right", "slice"):
        return _free_of_blanks(program.args[0])
    if program.operator.name == "initials":
        return True
    if program.operator.name not in ("token", "keep"):
        return False
    token = _token(program.args[1])
    return isinstance(token, TokenClass) and token.name in {*_SETS, *_PATTERNS} - {"blank"}


def _remove(write: _Writer, text: Program, literal: Program) -> str:
    return f'SUBSTITUTE({write.text(text)},{_literal(_delimiter(literal))},"")'


def _replace(write: _Writer, text: Program, old: Program, new: Program) -> str:
    return f"SUBSTITUTE({write.text(text)},{_literal(_delimiter(old))},{write.text(new)})"


def _drop(write: _Writer, text: Program, token: Program) -> str:
    what = _token(token)
    if isinstance(what, str):
        return f'SUBSTITUTE({write.text(text)},{_literal(what)},"")'
    return f'REGEXREPLACE({write.text(text)},"{_pattern(what)}","")'


def _keep(write: _Writer, text: Program, token: Program) -> str:
    outermost = write.outermost
    what = _token(token)
    if isinstance(what, str):
        raise Unsupported("no Excel formula keeps only a fixed text yet")
    if what.name == "capital":
        what = CLASSES["uppercase"]
    if what.name not in _SETS:
        return write.failing(_over_matches(write.text(text), _pattern(what), "_xlpm.one"))
    kept = f'REGEXREPLACE({write.text(text)},"{_none_of(_SETS[what.name])}+","")'
    return kept if outermost else write.failing(f'REGEXEXTRACT({kept},"{_pattern(what)}")')


def _pad(name: str) -> Callable[..., str]:
    def row(write: _Writer, text: Program, n: Program, fill: Program) -> str:
        length = _size(n)
        if not isinstance(fill, Constant) or len(fill.value) != 1:
            raise Unsupported("Excel formulas fill up with one fixed character only")
        char = _basic(fill.value)
        padding = _literal(char * length) if length <= 10 else f"REPT({_literal(char)},{length})"

        def body(v: str) -> str:
            filled = f"{padding}&{v}" if name == "RIGHT" else f"{v}&{padding}"
            return f"{name}({filled},MAX({length},LEN({v})))"

        return write.shared(text, body)

    return row


def _lookup(write: _Writer, text: Program, table: Program) -> str:
    name = str(table.value) if isinstance(table, Constant) else ""
    if name not in TABLES:
        raise Unsupported(f"there is no table {name!r} to look up in")
    pairs = ",".join(f"{_literal(key)},{_literal(value)}" for key, value in TABLES[name].items())
    return write.failing(f"SWITCH({_trim(write, text)},{pairs})")


TABLE: dict[str, Callable[..., str]] = {
    "concat": _concat,
    "slice": _slice,
    "token": _token_row,
    "field": _field,
    "between": _between,
    "left": _left,
    "right": _right,
    "upper": _function("UPPER"),
    "lower": _function("LOWER"),
    "proper": _function("PROPER"),
    "sentence": _sentence,
    "initials": _initials,
    "trim": _trim,
    "collapse": _collapse,
    "remove": _remove,
    "replace": _replace,
    "drop": _drop,
    "keep": _keep,
    "pad_left": _pad("RIGHT"),
    "pad_right": _pad("LEFT"),
    "lookup": _lookup,
    **excel_numbers.TABLE,
    **dates.EXCEL,
}
"""The operators that give a text, each with what writes it."""

PLACES = ("at", "before", "after")
"""The operators that give a place; `slice` writes them."""

# ---------------------------------------------------------------- conditions


def _guard(guard: Apply, references: Sequence[str]) -> str:
    name, cell = guard.operator.name, references[guarded_column(guard)]
    if name not in GUARDS:
        raise Unsupported(f"no Excel formula for {name!r} yet")
    return GUARDS[name](cell, *guard.args[1:])


def _contains(cell: str, literal: Program) -> str:
    return f"ISNUMBER(FIND({_literal(_delimiter(literal))},{cell}))"


def _at_end(function: str) -> Callable[[str, Program], str]:
    def row(cell: str, literal: Program) -> str:
        text = _delimiter(literal)
        return f"EXACT({function}({cell},{len(text)}),{_literal(text)})"

    return row


def _matching(start: str, literally: Callable[[str, Program], str]) -> Callable[[str, Program], str]:
    """Return what writes whether there is a match, or one at the start: one character of a run is enough."""

    def row(cell: str, token: Program) -> str:
        what = _token(token)
        if isinstance(what, str):
            return literally(cell, token)
        pattern = r"\d" if what.name == "number" else _pattern(what).removesuffix("+")
        return f'REGEXTEST({cell},"{start}{pattern}")'

    return row


_KINDS = {
    "W": r"(?:\p{Lu}\p{Ll}+)+",
    "U": r"\p{Lu}+",
    "l": r"\p{Ll}+",
    "o": r"[\p{Lo}\p{Lm}]+",
    "d": r"\d+",
    "s": r"[\s\p{Z}]+",
    "c": "[.,]+",
    "p": r"[^\p{L}\p{M}\d\s\p{Z}.,]+",
}
"""What a letter of a text's shape stands for, on safe cells, which hold no marks."""


def _looks_like(cell: str, sample: Program) -> str:
    letters = shape(_delimiter(sample))
    if "m" in letters:
        raise Unsupported("no Excel formula compares the look of texts with combining marks")
    return f'REGEXTEST({cell},"^{"".join(_KINDS[letter] for letter in letters)}\\z")'


def _longer(cell: str, n: Program) -> str:
    if _integer(n) < 0:
        raise Unsupported("a condition that asks for a length below 0 never holds")
    return f"LEN({cell})>{_integer(n)}"


GUARDS: dict[str, Callable[..., str]] = {
    "is_blank": lambda cell: f'TRIM(CLEAN(SUBSTITUTE({cell},{_SPOKEN[chr(160)]},"")))=""',
    "contains": _contains,
    "starts_with": _at_end("LEFT"),
    "ends_with": _at_end("RIGHT"),
    "equals": lambda cell, literal: f"EXACT({cell},{_literal(_delimiter(literal))})",
    "has": _matching("", _contains),
    "begins": _matching("^", _at_end("LEFT")),
    "is_number": lambda cell: f'REGEXTEST({cell},"^{_BLANK}*[-+−]?{_PATTERNS["number"]}{_BLANK}*\\z")',
    "looks_like": _looks_like,
    "longer": _longer,
}
"""The guards, each with what writes it of a cell; on a blank cell all but the first are FALSE, and none is an error."""

# ---------------------------------------------------------------- blank cells

_ANY, _NOTHING, _ERROR = range(3)


def _when_blank(program: Program, column: int) -> int:
    """Return what the formula gives when a column's cell is blank: an error, "" or an error, or perhaps a text."""
    if not isinstance(program, Apply):
        return _NOTHING if isinstance(program, Input) and program.index == column else _ANY
    levels = [_when_blank(arg, column) for arg in program.args]
    name = program.operator.name
    if name in excel_numbers.NUMBERS or name in excel_numbers.TABLE:
        return _ANY
    if _ERROR in levels:
        return _ERROR
    if name == "concat":
        return min(levels)
    if levels[0] == _ANY or name in ("pad_left", "pad_right"):
        return _ANY
    if name in ("token", "between", "before", "after", "initials", "keep", "lookup"):
        return _ERROR
    if name == "field":
        return _NOTHING if abs(_integer(program.args[2])) == 1 else _ERROR
    return _NOTHING
