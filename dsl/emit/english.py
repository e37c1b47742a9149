"""Says in one sentence what a program does, in the words of people who work with spreadsheets.

Phrases of three strengths keep different programs apart: a *simple* phrase ("the first word of Name") names its
text at its end and nests by itself; a *changed* one ("Name in capitals") applies to all that stands before it; a
*joined* one ("Name, then City") is a list. A weaker phrase inside a stronger one stands in parentheses. Conditions
come first: "If Name is blank, City; otherwise Name".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from dsl.emit import Unsupported, concat_parts, dates, decision_list, english_grids, english_numbers
from dsl.program import Apply, Constant, Input, Program
from dsl.strings.tokens import TokenClass

_SIMPLE, _CHANGED, _JOINED = range(3)

_ORDINALS = ("zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")

_SPOKEN = {" ": "space", "\t": "tab", "\n": "line break", "\u00a0": "no-break space"}

_VISIBLE = str.maketrans({"\t": "⇥", "\n": "⏎", "\r": "␍", "\u00a0": "⍽"})

_KEPT = {
    "number": "numbers",
    "capitalized": "capitalized words",
    "capital": "capital letters",
    "nonblank": "characters other than blanks",
    "punctuation": "punctuation marks",
}

_TABLES = {
    "month_name": "the full name of the month abbreviated in",
    "month_abbreviation": "the three-letter abbreviation of the month named in",
    "month_name_of_number": "the name of the month whose number is in",
    "month_number_of_name": "the number of the month named in",
    "month_number_of_abbreviation": "the number of the month abbreviated in",
    "weekday_name": "the full name of the weekday abbreviated in",
    "weekday_abbreviation": "the three-letter abbreviation of the weekday named in",
    "country_code": "the two-letter code of the country named in",
    "country_code3": "the three-letter code of the country named in",
    "country_name": "the name of the country whose two-letter code is in",
    "country_name_of_code3": "the name of the country whose three-letter code is in",
    "state_code": "the two-letter code of the US state named in",
    "state_name": "the name of the US state whose two-letter code is in",
}


def english(program: Program, headers: Sequence[str] = ()) -> str:
    """Return one sentence; a column without a header is called "column 1", "column 2", …"""
    writer = _Writer(headers)
    cases, otherwise = decision_list(program)
    if cases:
        choices = "; otherwise, if ".join(f"{writer.guard(guard)}, {writer.branch(branch)}" for guard, branch in cases)
        return f"If {choices}; otherwise {writer.branch(otherwise)}."
    text = writer.phrase(program, _JOINED)
    if any(text.startswith(name) for name in writer.names):  # a header keeps its spelling
        return text + "."
    return text[:1].upper() + text[1:] + "."


class _Writer:
    def __init__(self, headers: Sequence[str]) -> None:
        names = [" ".join(header.split()) for header in headers]
        self.names = [
            f"column {i + 1}" if not name else f"{name} (column {i + 1})" if names.count(name) > 1 else name
            for i, name in enumerate(names)
        ]

    def phrase(self, program: Program, strongest: int = _SIMPLE) -> str:
        """Return a phrase; one weaker than asked for stands in parentheses."""
        text, strength = self.said(program)
        return text if strength <= strongest else f"({text})"

    def branch(self, program: Program) -> str:
        """Return what is done in one case; "then" would be misread there."""
        parts = concat_parts(program)
        if all(isinstance(part, Constant) and not part.value for part in parts):
            return "leave it blank"
        return " followed by ".join(self.phrase(part, _CHANGED) for part in parts)

    def guard(self, guard: Apply) -> str:
        """Return a condition: "Name contains digits"."""
        if guard.operator.name not in GUARDS:
            raise Unsupported(f"no English for {guard.operator.name!r} yet")
        text, *args = guard.args
        return f"{self.phrase(text)} {GUARDS[guard.operator.name](*args)}"

    def said(self, program: Program) -> tuple[str, int]:
        if isinstance(program, Input):
            known = program.index < len(self.names)
            return self.names[program.index] if known else f"column {program.index + 1}", _SIMPLE
        if isinstance(program, Constant):
            return _shown(str(program)) if not isinstance(program.value, str) else _shown(program.value), _SIMPLE
        parts = concat_parts(program)
        if len(parts) > 1:
            return ", then ".join(self.phrase(part, _CHANGED) for part in parts), _JOINED
        if parts != [program]:
            return self.said(parts[0])
        name = program.operator.name
        if name in CHANGES:
            return f"{self.phrase(program.args[0], _CHANGED)} {CHANGES[name](self, *program.args[1:])}", _CHANGED
        if name in TABLE:
            return TABLE[name](self, *program.args), _SIMPLE
        raise Unsupported(f"no English for {name!r} yet")


# ---------------------------------------------------------------- words


def _shown(text: str) -> str:
    if not text:
        return "nothing"
    if text in _SPOKEN:
        return f"a {_SPOKEN[text]}"
    return f"“{text.translate(_VISIBLE)}”"


def _fixed(program: Program) -> int | str | TokenClass:
    value: int | str | TokenClass = program.value if isinstance(program, Constant) else str(program)
    return value


def _number(program: Program) -> int:
    value = _fixed(program)
    return value if isinstance(value, int) else 0


def _ordinal(k: int) -> str:
    if k == -1:
        return "last"
    if k < 0:
        return f"{_ordinal(-k)} to last"
    if k < len(_ORDINALS):
        return _ORDINALS[k]
    ending = "th" if k % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(k % 10, "th")
    return f"{k}{ending}"


def _thing(token: Program) -> str:
    """Return the name of one match: "word", "“, ”", "space"."""
    value = _fixed(token)
    if isinstance(value, TokenClass):
        return value.singular
    return _SPOKEN.get(str(value)) or f"“{str(value).translate(_VISIBLE)}”"


def _things(token: Program) -> str:
    value = _fixed(token)
    if isinstance(value, TokenClass):
        return _KEPT.get(value.name, value.plural)
    return f"{_SPOKEN[str(value)]}s" if value in _SPOKEN else f"“{str(value).translate(_VISIBLE)}”"


def _any_of(literal: Program) -> str:
    """Return the name of every occurrence: "spaces", "any “-”"."""
    value = _fixed(literal)
    if isinstance(value, TokenClass) or value in _SPOKEN:
        return _things(literal)
    return f"any {_things(literal)}"


def _every(literal: Program) -> str:
    return f"every {_thing(literal)}"


def _characters(n: int) -> str:
    return "character" if n == 1 else f"{n} characters"


# ---------------------------------------------------------------- places and parts


def _from(text: Program, place: Program, write: _Writer) -> str:
    """Return where a part starts; "" at the start of the text."""
    kind, args = _place(place)
    if kind == "at":
        k = _number(args[-1])
        if k == 0 and not _elsewhere(text, place, write):
            return ""
        if k >= 0:
            where = f"from the {_ordinal(k + 1)} character"
        elif k == -1:
            where = "after the last character"
        else:
            where = f"from the {_ordinal(k + 1)} character"
    else:
        word = "from" if kind == "before" else "after"
        where = f"{word} the {_ordinal(_number(args[2]))} {_thing(args[1])}"
    return where + _elsewhere(text, place, write)


def _until(text: Program, place: Program, write: _Writer) -> str:
    """Return where a part ends; "" at the end of the text."""
    kind, args = _place(place)
    if kind == "at":
        k = _number(args[-1])
        if k == -1 and isinstance(place, Apply) and args[0] != text:
            return f"up to the length of {write.phrase(args[0])}"
        if k == -1:
            return ""
        if k == 0:
            where = "before the first character"
        elif k > 0:
            where = f"up to the {_ordinal(k)} character"
        else:
            where = f"before the {_ordinal(k + 1)} character"
    else:
        word = "before" if kind == "before" else "up to the end of"
        if kind == "after" and isinstance(_fixed(args[1]), str):
            word = "up to and including"
        where = f"{word} the {_ordinal(_number(args[2]))} {_thing(args[1])}"
    return where + _elsewhere(text, place, write)


def _place(place: Program) -> tuple[str, tuple[Program, ...]]:
    if isinstance(place, Apply):
        return place.operator.name, place.args
    return "at", (place,)


def _elsewhere(text: Program, place: Program, write: _Writer) -> str:
    if not isinstance(place, Apply) or place.args[0] == text:
        return ""
    return f" (counted in {write.phrase(place.args[0], _JOINED)})"


def _slice(write: _Writer, text: Program, start: Program, end: Program) -> str:
    first, last = _place(start), _place(end)
    whole = write.phrase(text)
    inside = not _elsewhere(text, start, write) and not _elsewhere(text, end, write)
    a = _number(first[1][-1]) if first[0] == "at" else None
    b = _number(last[1][-1]) if last[0] == "at" else None
    if inside and a == 0 and b == -1:
        return f"all of {whole}"
    if inside and a == 0 and b is not None and b > 0:
        return f"the first {_characters(b)} (if there are that many) of {whole}"
    if inside and b == -1 and a is not None and a < -1:
        return f"the last {_characters(-a - 1)} (if there are that many) of {whole}"
    if inside and a == 0 and b is not None and b < -1:
        return f"all but the last {_characters(-b - 1)} of {whole}"
    if inside and b == -1 and a is not None and a > 0:
        return f"all but the first {_characters(a)} of {whole}"
    if inside and a is not None and a >= 0 and b == a + 1:
        return f"the {_ordinal(b)} character of {whole}"
    where = [words for words in (_from(text, start, write), _until(text, end, write)) if words]
    if not where:
        return f"all of {whole}"
    joint = " " if where[0].startswith("from") and where[-1].startswith("up to") else " and "
    return f"the text {joint.join(where)} in {whole}"


def _beside(word: str) -> Callable[..., str]:
    def row(write: _Writer, text: Program, token: Program, k: Program) -> str:
        return f"the place {word} the {_ordinal(_number(k))} {_thing(token)} in {write.phrase(text)}"

    return row


def _at(write: _Writer, text: Program, k: Program) -> str:
    n = _number(k)
    if n in (0, -1):
        return f"the {'start' if n == 0 else 'end'} of {write.phrase(text)}"
    if n > 0:
        return f"the place after the first {_characters(n)} of {write.phrase(text)}"
    return f"the place before the last {_characters(-n - 1)} of {write.phrase(text)}"


def _field(write: _Writer, text: Program, delimiter: Program, k: Program) -> str:
    return f"the {_ordinal(_number(k))} {_thing(delimiter)}-separated part of {write.phrase(text)}"


def _between(write: _Writer, text: Program, left: Program, right: Program, k: Program) -> str:
    opening = f"the {_ordinal(_number(k))} {_thing(left)}"
    return f"the text between {opening} and the next {_thing(right)} in {write.phrase(text)}"


def _ends(which: str) -> Callable[..., str]:
    def row(write: _Writer, text: Program, n: Program) -> str:
        return f"the {which} {_characters(_number(n))} of {write.phrase(text)}"

    return row


def _token(write: _Writer, text: Program, token: Program, k: Program) -> str:
    return f"the {_ordinal(_number(k))} {_thing(token)} of {write.phrase(text)}"


def _keep(write: _Writer, text: Program, token: Program) -> str:
    every = "every " if isinstance(_fixed(token), str) else "the "
    kept = _thing(token) if isinstance(_fixed(token), str) else _things(token)
    return f"only {every}{kept} of {write.phrase(text)}"


def _lookup(write: _Writer, text: Program, table: Program) -> str:
    name = str(_fixed(table))
    words = _TABLES.get(name, f"what the table {name.replace('_', ' ')} has for")
    return f"{words} {write.phrase(text)}"


TABLE: dict[str, Callable[..., str]] = {
    "slice": _slice,
    "at": _at,
    "before": _beside("before"),
    "after": _beside("after"),
    "token": _token,
    "field": _field,
    "between": _between,
    "left": _ends("first"),
    "right": _ends("last"),
    "initials": lambda write, text: f"the initials of {write.phrase(text)}",
    "keep": _keep,
    "lookup": _lookup,
    **english_numbers.TABLE,
    **dates.ENGLISH,
    **english_grids.TABLE,
}
"""The operators said before their text, with "of" or "in"."""


def _padded(side: str) -> Callable[..., str]:
    def row(write: _Writer, n: Program, fill: Program) -> str:
        return f"filled up with {write.phrase(fill)} at the {side} to {_number(n)} characters"

    return row


CHANGES: dict[str, Callable[..., str]] = {
    "upper": lambda write: "in capitals",
    "lower": lambda write: "in small letters",
    "proper": lambda write: "with every word capitalized",
    "sentence": lambda write: "in small letters but for a capital at the start",
    "trim": lambda write: "without blanks at either end",
    "collapse": lambda write: "with single spaces and no blanks at either end",
    "remove": lambda write, literal: f"without {_any_of(literal)}",
    "replace": lambda write, old, new: f"with {_every(old)} replaced by {write.phrase(new)}",
    "drop": lambda write, token: f"without {_any_of(token)}",
    "pad_left": _padded("left"),
    "pad_right": _padded("right"),
    **english_numbers.CHANGES,
    **dates.ENGLISH_CHANGES,
}
"""The operators said after their text: what has been done to all of it."""


# ---------------------------------------------------------------- conditions

_ANY_OF = {"word": "letters or digits", "number": "digits"}

_FIRST = {
    "letters": "a letter",
    "digits": "a digit",
    "word": "a letter or digit",
    "number": "a digit",
    "uppercase": "a capital",
    "capital": "a capital",
    "lowercase": "a small letter",
    "blank": "a blank",
    "nonblank": "something other than a blank",
    "punctuation": "a punctuation mark",
}


def _has(token: Program) -> str:
    value = _fixed(token)
    if isinstance(value, TokenClass):
        return f"contains {_ANY_OF.get(value.name) or _things(token)}"
    return f"contains {_shown(str(value))}"


def _begins(token: Program) -> str:
    value = _fixed(token)
    if isinstance(value, TokenClass):
        return f"begins with {_FIRST.get(value.name) or f'a {value.singular}'}"
    return f"begins with {_shown(str(value))}"


def _comparing(verb: str) -> Callable[..., str]:
    return lambda literal: f"{verb} {_shown(str(_fixed(literal)))}"


def _longer(n: Program) -> str:
    return f"has more than {_number(n)} character{'' if _number(n) == 1 else 's'}"


GUARDS: dict[str, Callable[..., str]] = {
    "is_blank": lambda: "is blank",
    "contains": _comparing("contains"),
    "starts_with": _comparing("begins with"),
    "ends_with": _comparing("ends with"),
    "equals": _comparing("is"),
    "has": _has,
    "begins": _begins,
    "is_number": lambda: "is a number",
    "looks_like": _comparing("looks like"),
    "longer": _longer,
}
"""The guards, said after the cell that they look at."""
