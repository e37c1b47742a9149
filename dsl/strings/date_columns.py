"""How a column's dates and times are to be read: decided from all its rows, never cell by cell.

Cells that look alike (same runs, 1 and 2 digits alike) are read by one pattern, the one that reads most of them; so a
day above 12 settles the order of day and month for its look. What no row settles is settled for all looks together,
each way being one reading of the column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from dsl.strings.date_patterns import LONGEST, guesses, look
from dsl.strings.moments import MONTHS, found_moments, read

SAMPLE = 400
LOOKS = 24
READINGS = 4
LEAST_SHARE = 0.3
"""The share of a column's cells that must be dates or times."""

_BARE = re.compile(r"[^A-Za-z]*(?:(?!MMM|ddd)([A-Za-z])\1*|Hmm|HHmmss|yyyyMM|yyMMdd|ddMMyy|MMddyy)[^A-Za-z]*")
"""Patterns of digits alone, which mean a date or a time only where the outputs say so."""

_MONTH = "|".join(name[:3] for name in MONTHS)
_DAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? )?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b\.?)?"
_INSIDE = re.compile(
    rf"(?<!\w)(?<!\d[-/.:])(?:{_DAY}(?:\d{{1,4}}([-/. ])(?:\d{{1,2}}|(?:{_MONTH})[a-z]*)\1\d{{1,4}}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTH})[a-z]*\.?,? \d{{2,4}}"
    rf"|(?:{_MONTH})[a-z]*\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}|(?:{_MONTH})[a-z]* \d{{4}}|20\d{{6}}|19\d{{6}})"
    rf"(?:(?:,? | @ | at |T|:){_CLOCK})?|{_CLOCK})(?!\w|[-/.:]\d)",
    re.IGNORECASE,
)

_HINTS = re.compile(
    rf"\d:\d\d|(?<![a-z])(?:{_MONTH})[a-z]*|(?<![a-z])[ap]\.?m\b|\d\s?[ap]m?\b|\b[qw]\d|day\b|\b(?:mon|tue|wed|thu|fri|sat|sun)\b",
    re.IGNORECASE,
)


def column_readings(cells: Sequence[str], outputs: Sequence[str]) -> list[tuple[str, float]]:
    """Return the readings, with weights that sum to 1, of a column whose cells are dates or times; [] if they are not.

    Columns of digits alone are dates only where the examples' outputs look like dates.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    sample = list(dict.fromkeys(cells))[:SAMPLE]
    for cell in sample:
        if (len(cell) <= LONGEST and any(char.isdigit() for char in cell)) or _HINTS.search(cell):
            groups.setdefault(look(cell.strip()), []).append(cell)
    return _readings(groups, len(sample), outputs)


def inner_readings(cells: Sequence[str]) -> list[tuple[str, float]]:
    """Return the readings of the dates and times that stand inside a column's cells."""
    groups: dict[tuple[str, ...], list[str]] = {}
    sample = list(dict.fromkeys(cells))[:SAMPLE]
    having = 0
    for cell in sample:
        found = [match[0] for match in _INSIDE.finditer(cell[:2000])]
        having += bool(found)
        for part in found[:6]:
            groups.setdefault(look(part), []).append(part)
    if having < LEAST_SHARE * len(sample) or not having:
        return []
    return _readings(groups, sum(map(len, groups.values())), ())


def _readings(groups: dict[tuple[str, ...], list[str]], total: int, outputs: Sequence[str]) -> list[tuple[str, float]]:
    hinted = any(_HINTS.search(output) for output in outputs)
    ways: list[list[tuple[str, float]]] = []
    covered, dated = 0, False
    for cells in sorted(groups.values(), key=len, reverse=True)[:LOOKS]:
        fitting, count = _fitting(cells, hinted)
        if fitting:
            ways.append(fitting)
            covered += count
            dated = dated or any(not _BARE.fullmatch(pattern) for pattern, _ in fitting)
    if not ways or covered < LEAST_SHARE * total or not (dated or (hinted and covered == total)):
        return []
    found: dict[str, float] = {}
    for first, second in (("d", "M"), ("M", "d")):
        chosen = [min(way, key=lambda guess: guess[1] + _against(guess[0], first, second))[0] for way in ways]
        for pattern, bits in ways[0][:4]:
            if pattern == chosen[0] or not _against(pattern, first, second):
                reading = " | ".join(dict.fromkeys([pattern, *chosen[1:]]))
                found[reading] = max(found.get(reading, 0.0), 2.0 ** (ways[0][0][1] - bits))
    top = sorted(found.items(), key=lambda item: -item[1])[:READINGS]
    whole = sum(weight for _, weight in top)
    return [(reading, weight / whole) for reading, weight in top]


def _against(pattern: str, first: str, second: str) -> float:
    """Return a charge where a pattern has day and month, both in digits, the other way round."""
    day, month = re.search("(?<!d)d{1,2}(?!d)", pattern), re.search("(?<!M)M{1,2}(?!M)", pattern)
    if not day or not month or pattern.startswith("yyyy"):
        return 0.0
    return 0.0 if (day.start() < month.start()) == (first == "d") else 20.0


def _fitting(cells: Sequence[str], hinted: bool) -> tuple[list[tuple[str, float]], int]:
    """Return the patterns that read most cells of one look, with bits, and how many cells that is."""
    candidates: dict[str, float] = {}
    for cell in cells[:: max(1, len(cells) // 12)]:
        for pattern, bits in guesses(cell):
            candidates[pattern] = min(candidates.get(pattern, 99.0), bits)
    counts = {pattern: sum(read(cell, pattern) is not None for cell in cells) for pattern in candidates}
    most = max(counts.values(), default=0)
    if most < 0.6 * len(cells):
        return [], 0
    fitting = [(p, candidates[p]) for p, n in counts.items() if n == most]
    if hinted:
        fitting = [(p, bits - (6.0 if p in ("H", "Hmm") else 0.0)) for p, bits in fitting]
    return sorted(fitting, key=lambda guess: guess[1]), most


def count_inside(cells: Sequence[str], reading: str) -> int:
    """Return how many dates or times most cells hold, counted up to 4."""
    counts = Counter(min(4, len(found_moments(cell, reading))) for cell in cells[:100])
    return max((n for n in counts if n), default=0)


def bare(reading: str) -> bool:
    """Return whether a reading is of digits alone."""
    return all(_BARE.fullmatch(pattern) for pattern in reading.split(" | "))
