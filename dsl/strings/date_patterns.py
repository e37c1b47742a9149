"""Which patterns a text may be written by: how the readings of a column and the patterns of an output are found.

A text is cut into runs of digits, letters and marks; each run gets the fields it could be; the sequences of fields
that people write are listed below with their bits. So the patterns are a closed set, of which a task sees those that
its own cells look like.
"""

from __future__ import annotations

import re
from functools import lru_cache

from dsl.strings.moments import MONTHS, WEEKDAYS, Moment, written

Guess = tuple[str, float]
"""A pattern and its bits."""

_DATES = {
    "yMd": 1.0, "dMy": 1.0, "Mdy": 1.0, "ydM": 4.0, "My": 2.0, "yM": 2.0, "dM": 3.0, "Md": 3.0, "y": 5.0, "yD": 2.5,
    "Dy": 3.5, "yQ": 2.0, "Qy": 2.0, "GW": 2.0, "WG": 2.0, "EGW": 2.0, "GWE": 2.0, "EWG": 2.0, "WGE": 2.0,
    "EnMy": 2.0, "MyEn": 2.5, "nEMy": 2.0, "E": 3.0, "M": 3.0, "Q": 4.0, "W": 4.0, "EW": 3.0, "En": 4.0,
}  # fmt: skip
_DATES |= {a + s + b: _DATES[s] + 0.5 for s in ("yMd", "dMy", "Mdy", "dM", "Md") for a, b in (("E", ""), ("", "E"))}
_TIMES = {"Hms": 1.0, "Hm": 1.0, "hmst": 1.0, "hmt": 1.0, "ht": 1.5, "ms": 4.0, "H": 7.0}
SEQUENCES = _DATES | _TIMES
SEQUENCES |= {d + t: x + y - 1 for d, x in _DATES.items() for t, y in _TIMES.items() if t not in ("ms", "H")}
SEQUENCES |= {t + d: x + y for d, x in _DATES.items() for t, y in _TIMES.items() if t not in ("ms", "H")}
_PREFIXES = {sequence[:n] for sequence in SEQUENCES for n in range(len(sequence) + 1)}

_TOKEN = re.compile(
    r"(?P<noon>(?<![^\W\d_])[ap]\.\s?m\.|(?<![^\W\d_])[ap]m?(?![^\W\d_]))|(?P<ordinal>[0-9]{1,2}(?:st|nd|rd|th)(?![^\W\d_]))"
    r"|(?P<digits>[0-9]+)|(?P<word>[^\W\d_]+)|(?P<mark>[^0-9]+?(?=[0-9]|[^\W\d_]|$))",
    re.IGNORECASE,
)
_JOINING = {
    "of", "in", "at", "on", "the", "and", "to", "day", "q", "w", "wk", "week", "t", "h", "hr", "hrs", "m", "min", "s",
    "sec",
}  # fmt: skip
"""The words that may stand between fields."""
_UNIT_WORDS = ("h", "hr", "hrs", "m", "min", "s", "sec")
_MARKS = re.compile(r"\s*[-/.,:#@'()|_]{0,2}\s*")
_NUMERIC = re.compile(r"\s?(?:[-/.]{1,2})\s?|\s")
_TAIL = re.compile(r"(:[0-9]{2})(?:[.,][0-9]{1,9})?(?:\s?(?:Z|UTC|GMT|[+-][0-9]{2}:?[0-9]{2}))?$", re.IGNORECASE)
"""Fractions of a second and time zones, which are read over."""
LONGEST = 48

_MONTH_WORDS = {name[:n].lower() for name in MONTHS for n in (3, len(name))} | {"sept"}
_DAY_WORDS = {name[:n].lower() for name in WEEKDAYS for n in (3, len(name))} | {"tues", "thur", "thurs"}


@lru_cache(maxsize=1 << 12)
def tokens(text: str) -> tuple[tuple[str, str], ...]:
    """Return (kind, text) runs: digits, ordinal, noon (am, pm), month, weekday, word, mark."""
    found = []
    for match in _TOKEN.finditer(text):
        kind, part = str(match.lastgroup), match[0]
        if kind == "word":
            folded = part.lower()
            kind = "month" if folded in _MONTH_WORDS else "weekday" if folded in _DAY_WORDS else "word"
        found.append((kind, part))
    return tuple(found)


def look(text: str) -> tuple[str, ...]:
    """Return what tells patterns apart: the runs with digits by their number (1 and 2 alike), names as such."""
    looks = []
    for kind, part in tokens(text):
        if kind == "digits":
            looks.append("0" * max(2, len(part)))
        else:
            looks.append(part.lower() if kind in ("mark", "word") else kind)
    return tuple(looks)


@lru_cache(maxsize=1 << 11)
def guesses(text: str, exact: bool = False) -> tuple[Guess, ...]:
    """Return the patterns that a whole text may be written by, likeliest first.

    Patterns to read by are lenient about leading zeros and names; `exact` ones write the text as it stands.
    """
    stripped = text if exact else _TAIL.sub(r"\1", text.strip())
    if not 1 <= len(stripped) <= LONGEST:
        return ()
    runs = tokens(stripped)
    if len(runs) > 17 or "".join(part for _, part in runs) != stripped:
        return ()
    found: dict[str, float] = {}
    for sequence, parts, bits in _assigned(runs, exact):
        total = SEQUENCES.get(sequence)
        if total is None or not _separated(sequence, parts):
            continue
        pattern = "".join([field or _literal(literal) for field, literal in parts])
        bits += total
        if sequence.strip("HhmstE") in ("My", "yM") and "MMM" not in pattern and "yyyy" not in pattern:
            bits += 3.0
        if exact:
            widths = {len(field) for field, _ in parts if field in ("d", "dd", "M", "MM")}
            bits += 2.0 if len(widths) > 1 else 0.0
            bits += (
                1.5
                if "MMM" in pattern and ("dd", "") in parts and not re.search("(?<![0-9])0[0-9](?![0-9])", text)
                else 0.0
            )
        if bits < found.get(pattern, 99.0):
            found[pattern] = bits
    return tuple(sorted(found.items(), key=lambda guess: guess[1])[:24])


def _literal(text: str) -> str:
    return re.sub(r"[A-Za-z']+", lambda match: "'" + match[0].replace("'", "''") + "'", text)


Part = tuple[str, str]


def _assigned(runs: tuple[tuple[str, str], ...], exact: bool) -> list[tuple[str, list[Part], float]]:
    """Return (sequence, parts, bits) for every way to give the runs fields that begins some known sequence."""
    noon = any(kind == "noon" for kind, _ in runs)
    states: list[tuple[str, list[Part], float]] = [("", [], 0.0)]
    for index, (kind, part) in enumerate(runs):
        before = runs[index - 1][1] if index else ""
        after = runs[index + 1][1] if index + 1 < len(runs) else ""
        if index > 1 and not before.strip() and runs[index - 2][0] == "word":
            before = runs[index - 2][1]
        options = _options(kind, part, before, after, noon, exact)
        grown = []
        for sequence, parts, bits in states:
            for letters, field, cost in options:
                longer = sequence + letters
                if longer in _PREFIXES:
                    grown.append((longer, [*parts, (field, "" if field else part)], bits + cost))
        states = grown
        if not states or len(states) > 400:
            return []
    return states


def _options(kind: str, part: str, before: str, after: str, noon: bool, exact: bool) -> list[tuple[str, str, float]]:
    """Return (letters of the sequence, field, bits) that one run may be; no letters and no field is a literal."""
    if kind == "mark":
        return [("", "", 0.0)] if _MARKS.fullmatch(part) else []
    if kind == "word":
        folded = part.lower()
        if folded in _JOINING or folded in ("z", "utc", "gmt"):
            return [("", "", 0.0)]
        return []
    if kind in ("month", "weekday"):
        letter = "M" if kind == "month" else "d"
        short = len(part) == 3
        fields = [letter * 3, letter * 4] if short and part.lower() == "may" else [letter * (3 if short else 4)]
        case = "^" if part.isupper() else "_" if part.islower() else ""
        return [("M" if kind == "month" else "E", f + case if exact else letter * 3, 0.0) for f in fields]
    if kind == "noon":
        field = "tt" if not exact else "t" if len(part) == 1 else "x" if "." in part else "tt"
        return [("t", field + ("_" if exact and part.islower() else ""), 0.0)]
    if kind == "ordinal":
        return [("d", "o", 0.0)]
    return _digit_options(part, before, after, noon, exact)


def _digit_options(part: str, before: str, after: str, noon: bool, exact: bool) -> list[tuple[str, str, float]]:
    size, value = len(part), int(part)
    led = before.strip().lower()
    options: list[tuple[str, str, float]] = []

    def add(letter: str, field: str, bits: float = 0.0) -> None:
        """Add the field in the width that fits: one letter without a leading zero, two with."""
        if not exact:
            options.append((letter, field, bits))
        elif size == 2:
            options.append((letter, field * 2, bits))
            if value >= 10:
                options.append((letter, field, bits + (0.5 if letter in "MdHh" else 2.0)))
        elif size == 1:
            options.append((letter, field, bits))

    if led in ("w", "wk", "week", "#", "q"):
        if led == "#":
            return [("n", "n", 0.0)] if size == 1 and 1 <= value <= 5 else []
        if led == "q":
            return [("Q", "Q", 0.0)] if size == 1 and 1 <= value <= 4 else []
        if size <= 2 and 1 <= value <= 53:
            add("W", "W")
        return options
    if size <= 2:
        timed = before[-1:] == ":" or after[:1] == ":"
        hours = timed or noon or after.strip().lower() in ("h", "hr", "hrs") or (not before and not after)
        if hours and value <= 23:
            if noon and 1 <= value <= 12:
                add("h", "h")
                options = [(a, f, 2.0 if f == "hh" and value >= 10 else b) for a, f, b in options]
            elif not noon:
                add("H", "H")
        if timed or after.strip().lower() in ("m", "min", "s", "sec") or led in ("h", "hr", "hrs", "m", "min", "."):
            if value <= 59 or (after == ":" and not before):
                add("m", "m", 0.0 if timed else 1.0)
            if value <= 59:
                add("s", "s", 0.0 if timed else 1.0)
        if not timed or before[-1:] != ":" or after[:1] != ":":
            if 1 <= value <= 12:
                add("M", "M")
            if 1 <= value <= 31:
                add("d", "d")
            if size == 2:
                options.append(("y", "yy", 1.0))
        if size == 1 and 1 <= value <= 5:
            options.append(("n", "n", 1.0))
    if size == 3 and 1 <= value <= 366:
        options.append(("D", "D" if part[0] != "0" else "DDD", 0.0))
    elif size <= 2 and value >= 1:
        add("D", "D", 2.0)
    if size == 4 and value:
        options += [("y", "yyyy", 0.0), ("G", "G", 0.0)]
    if size in (3, 4) and not before and not after:
        options.append(("Hm", "HHmm" if exact and size == 4 else "Hmm", 1.0))
    if size == 6 and (exact or (not before and not after)):
        options += [("Hms", "HHmmss", 4.0), ("yMd", "yyMMdd", 5.0), ("yM", "yyyyMM", 4.0)]
        options += [("dMy", "ddMMyy", 5.0), ("Mdy", "MMddyy", 5.0)]
    if size == 6 and before.strip().upper() in ("T", "") and before:
        options.append(("Hms", "HHmmss", 1.0))
    if size in (7, 8):
        options += [
            ("Mdy", "Mddyyyy" if size == 7 else "MMddyyyy", 2.0),
            ("dMy", "dMMyyyy" if size == 7 else "ddMMyyyy", 2.0),
        ]
    if size == 8:
        options.append(("yMd", "yyyyMMdd", 1.0 if 1500 <= value // 10000 <= 2500 else 4.0))
    if size in (12, 14):
        options.append(("yMdHm" + "s" * (size == 14), "yyyyMMddHHmm" + "ss" * (size == 14), 1.0))
    return options


def _separated(sequence: str, parts: list[Part]) -> bool:
    """Return whether the marks between the fields are those that stand there: ":" in times, one mark in dates."""
    numeric: set[str] = set()
    last, gap = "", ""
    known = False
    end = parts[-1][1].lower()
    counted = len(parts) > 1 and parts[-2][0][:1] in ("H", "h", "m", "s")
    ended = not end or end == "." or (end in _UNIT_WORDS and counted)
    if not ended or not (parts[0][0] or parts[0][1].lower() in "qw"):
        return False
    named = any(field[:3] == "MMM" for field, _ in parts)
    for field, literal in parts:
        if not field:
            gap += literal
            continue
        if known:
            kind = field[0]
            if last[0] in "Hhm" and kind in "ms":
                allowed = gap.strip().lower() in (":", ".", "", *_UNIT_WORDS)
            elif ":" in gap:
                allowed = gap == ":" and kind in "Hh" and last == "yyyy"
            elif kind == "t":
                allowed = not gap.strip()
            elif "D" in (kind, last[0]):
                allowed = gap in (" ", "-", "/") and "yyyy" in (last, field)
            else:
                allowed = True
            if not allowed:
                return False
            if not named and _plain(last) and _plain(field) and gap.strip().lower() not in ("w", "q", "of"):
                if not (_NUMERIC.fullmatch(gap) or (gap == "" and len(last) > 2)):
                    return False
                numeric.add(gap)
        last, gap, known = field, "", True
    if len(numeric) > 1:
        return False
    short = sequence.strip("HhmstE") in ("dM", "Md") and not any(len(field.rstrip("^_")) > 2 for field, _ in parts)
    if short and numeric - {"/"}:
        return False
    return not (sequence.strip("HhmstE") in ("yM", "My") and numeric & {".", " "})


def _plain(field: str) -> bool:
    return field in ("d", "dd", "M", "MM", "yy", "yyyy", "D")


# ---------------------------------------------------------------- outputs

ATOMS = {
    "yyyy": 2.5, "yy": 4.0, "M": 3.5, "MM": 4.0, "MMM": 3.0, "MMMM": 3.0, "d": 3.0, "dd": 3.5, "o": 4.5, "ddd": 3.5,
    "dddd": 3.5, "H": 3.0, "HH": 3.5, "h": 4.0, "hh": 5.0, "m": 4.5, "mm": 3.5, "s": 5.0, "ss": 4.0, "tt": 4.5,
    "tt_": 5.0,
    "Q": 4.0, "'Q'Q": 3.5, "W": 5.0, "WW": 5.0, "'W'W": 5.0, "'W'WW": 5.0, "G": 6.0, "D": 5.0, "DDD": 6.0,
    "n": 6.0, "u": 6.5, "U": 6.5, "t": 7.0, "t_": 7.0,
    "x": 7.0, "x_": 7.0, "MMM^": 5.5, "MMMM^": 6.0, "ddd^": 6.0, "dddd^": 6.5, "MMM_": 7.0, "MMMM_": 7.0, "ddd_": 7.0,
    "dddd_": 7.0,
}  # fmt: skip
"""The single fields that an output may show, with their bits."""
MOST_PATTERNS = 24


def output_patterns(text: str, moments: list[Moment]) -> dict[str, float]:
    """Return the patterns, with their bits, by which parts of an output may be written.

    Those of the sequences above wherever they stand whole between marks, and any other sequence of fields that
    writes one of the moments: what a row's cell reads as.
    """
    runs = tokens(text[:200])
    found: dict[str, float] = {}
    for first in range(len(runs)):
        for last in range(first if len(runs[first][1]) in (4, 6, 8) else first + 1, min(len(runs), first + 14)):
            if runs[first][0] == "mark" or runs[last][0] == "mark":
                continue
            part = "".join([piece for _, piece in runs[first : last + 1]])
            for pattern, bits in guesses(part, True)[:6]:
                found[pattern] = min(
                    found.get(pattern, 99.0), 2.5 + bits + 0.5 * len(re.findall(r"[A-Za-z]+", pattern))
                )
    for moment in moments:
        for pattern, bits in _aligned(text[:80], moment):
            found[pattern] = min(found.get(pattern, 99.0), bits)
    long, short = sorted(found.items(), key=_per_field), sorted(found.items(), key=lambda item: item[1])
    return dict(long[:MOST_PATTERNS] + short[:MOST_PATTERNS])


_AFTER = {"m": ("", "H", "h"), "s": ("m",), "t": ("h", "m", "s"), "x": ("h", "m", "s")}
"""What must stand before a field in a pattern of any order, if not anything may."""


def _aligned(text: str, moment: Moment) -> list[Guess]:
    """Return patterns of two fields and more that write a part of a text from one moment."""
    spelt: dict[str, list[Guess]] = {}
    for atom, bits in ATOMS.items():
        value = written(moment, atom)
        if value is not None:
            spelt.setdefault(value, []).append((atom, bits))
    runs = tokens(text)
    found: dict[str, float] = {}
    for first in range(len(runs)):
        states: list[tuple[str, str, float, int]] = [("", "", 3.0, 0)]
        for kind, part in runs[first : first + 14]:
            options = sorted(spelt.get(part, ()), key=lambda option: option[1])[:3]
            grown: list[tuple[str, str, float, int]] = []
            for pattern, used, bits, count in states:
                for atom, cost in options:
                    kind_of = atom.lstrip("'")[0]
                    if kind_of in used or pattern[-1:] == atom[0] or used[-1:] not in _AFTER.get(kind_of, used[-1:]):
                        continue
                    odd = 3.0 if atom in ("u", "U", "n", "Q") and pattern[-1:] != "#" else 0.0
                    odd += 4.0 if atom[0] == "D" and set(used) & set("Md") else 0.0
                    grown.append((pattern + atom, used + kind_of, bits + 0.6 * cost + odd, count + 1))
                literal = len(part) <= {"mark": 3, "word": 4}.get(kind, 0)
                if pattern and literal and not options:
                    price = 1.5 * len(part) if kind == "mark" else 4.0 * len(part)
                    grown.append((pattern + _literal(part), used, bits + price, count))
            states = sorted(grown, key=lambda state: state[2])[:8]
            for pattern, _, bits, count in states:
                if count > 1 and (pattern[-1:].isalpha() or pattern[-1:] in "^_"):
                    widths = {len(field) for field in re.findall(r"d+|M+|[Hh]+", pattern) if len(field) < 3}
                    found[pattern] = min(found.get(pattern, 99.0), bits + 2.0 * (len(widths) > 1))
    return sorted(found.items(), key=_per_field)[:16]


def _per_field(guess: Guess) -> float:
    """Return a guess's bits with an allowance for each field, so that short patterns do not crowd out long ones."""
    return guess[1] - 4.0 * len(re.findall(r"([A-Za-z])\1*", guess[0]))
