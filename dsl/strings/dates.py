"""The operators on dates and times, and the rules that a column of them calls for.

A cell is read by a *reading* that was decided from all rows (`date_columns`); the moment is written by a pattern,
as it is, rounded, or shifted; a range is the step that a moment lies in, written at both ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from dsl.grammar import Rule
from dsl.operator import Domains, Facts, Operator, operator
from dsl.program import Constant, Input
from dsl.strings import moments as m
from dsl.strings.date_columns import bare, column_readings, count_inside, inner_readings
from dsl.strings.date_patterns import ATOMS, output_patterns, tokens
from dsl.strings.moments import Moment
from dsl.task import Task
from dsl.types import AMOUNT, INTEGER, LITERAL, MODE, MOMENT, PATTERN, READING, STEP, TEXT, Type, Value, as_text

MODES = {"down": 1.0, "nearest": 2.0, "up": 2.0, "next": 3.5, "last": 4.0}


def _nothing(*_: Facts) -> list[bool]:
    return []


def _from_text(out: Facts, text: Facts, *_: Facts) -> list[bool]:
    return [text.length >= 1]


moment = operator("moment", (TEXT, READING), MOMENT, abstraction=_from_text)(m.read)


@operator("nth_moment", (TEXT, READING, INTEGER), MOMENT, abstraction=_from_text)
def nth_moment(text: str, reading: str, k: int) -> Moment | None:
    """The k-th date or time that stands in a text."""
    found = m.found_moments(text, reading)
    index = k - 1 if k > 0 else len(found) + k
    return found[index] if 0 <= index < len(found) and k else None


round_moment = operator("round_moment", (MOMENT, MODE, STEP), MOMENT, abstraction=_nothing)(m.rounded)

shift_moment = operator("shift_moment", (MOMENT, AMOUNT), MOMENT, abstraction=_nothing)(m.shifted)

moment_text = operator(
    "moment_text", (MOMENT, PATTERN), TEXT, abstraction=lambda out, moment, pattern: [out.length >= 1]
)(m.written)


@lru_cache(maxsize=1 << 10)
def _starts(moment: Moment, pattern: str, steps: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the steps by how their start, for this moment, is written."""
    starts: dict[str, list[str]] = {}
    for step in steps:
        start = m.rounded(moment, "down", step)
        text = m.written(start, pattern) if start is not None else None
        if text is not None:
            starts.setdefault(text, []).append(step)
    return starts


def _range_witness(output: Value, domains: Domains) -> Iterator[tuple[Value, ...]]:
    moments, steps, lesses, patterns, marks = domains
    cuts = [(output[:at], mark, output[at + len(mark) :]) for mark in marks for at in _places(output, mark)]
    if not cuts:
        return
    listed = tuple(steps)
    for moment in moments:
        for pattern in patterns:
            starts = _starts(moment, pattern, listed)
            for left, mark, right in cuts:
                for step in starts.get(left, ()):
                    for less in lesses:
                        if m.range_end(moment, step, less, pattern) == right:
                            yield moment, step, less, pattern, mark


def _places(text: str, mark: str) -> Iterator[int]:
    at = text.find(mark)
    while at >= 0:
        yield at
        at = text.find(mark, at + 1)


@operator(
    "range_text", (MOMENT, STEP, AMOUNT, PATTERN, LITERAL), TEXT, witness=_range_witness,
    abstraction=lambda out, moment, step, less, pattern, mark: [out.length >= mark.length],
)  # fmt: skip
def range_text(moment: Moment, step: str, less: str, pattern: str, mark: str) -> str | None:
    """The start and the end of the step that a moment lies in, with a mark between; the end is less so much."""
    start = m.rounded(moment, "down", step)
    first = m.written(start, pattern) if start is not None else None
    last = m.range_end(moment, step, less, pattern) if first is not None else None
    return None if first is None or last is None else first + mark + last


OPERATORS: tuple[Operator, ...] = (moment, nth_moment, round_moment, shift_moment, moment_text, range_text)


def _is_reading(text: str) -> bool:
    return all(pattern and m.expression(pattern) is not None for pattern in text.split(" | "))


def _is_pattern(text: str) -> bool:
    known = set(ATOMS) | set(m.FIELD_TEXTS)
    return bool(text) and all(field in known or not field for field, _ in m.fields(text))


def _is_step(text: str) -> bool:
    return (m.span(text) or (0, "", 0))[0] > 0


QUOTED: dict[Type, Callable[[str], bool]] = {
    READING: _is_reading,
    PATTERN: _is_pattern,
    MODE: MODES.__contains__,
    STEP: _is_step,
    AMOUNT: lambda text: m.span(text) is not None and " from " not in text,
}
"""The types whose constants are quoted texts of some form, with what tells that form."""

# ---------------------------------------------------------------- rules

BITS: dict[str, float] = {
    # Taken
    "written": 0.5, "rounded": 3.0, "shifted": 6.0, "range": 3.0,
    # Moment
    "whole": 0.5, "inside": 1.5, "again": 1.5, "bare": 3.0,
}  # fmt: skip

_OFFSET = 3.0
_STEPS: dict[str, dict[str, float]] = {
    "second": {
        "30 seconds": 2.5, "10 seconds": 2.5, "15 seconds": 2.5, "20 seconds": 2.5, "5 seconds": 3.0, "1 minute": 3.0,
        "30 minutes": 5.0, "15 minutes": 5.0, "1 hour": 5.0, "10 minutes": 5.5, "5 minutes": 5.5, "20 minutes": 6.0,
    },
    "minute": {
        "30 minutes": 1.5, "15 minutes": 2.0, "10 minutes": 3.0, "20 minutes": 3.0, "5 minutes": 3.0, "1 minute": 4.0,
        "1 hour": 3.0, "2 hours": 3.5, "3 hours": 4.5, "4 hours": 4.5, "6 hours": 5.0, "8 hours": 5.5, "12 hours": 5.5,
        "90 minutes": 4.0, "45 minutes": 4.5, "40 minutes": 5.0, "12 minutes": 6.0, "6 minutes": 6.0, "2 minutes": 6.0,
        "25 minutes": 6.5, "50 minutes": 6.5, "75 minutes": 6.5, "150 minutes": 6.5, "5 hours": 7.0,
    },
    "hour": {
        "2 hours": 2.0, "1 hour": 2.0, "3 hours": 3.0, "4 hours": 3.0, "6 hours": 3.0, "12 hours": 3.5, "8 hours": 4.0,
        "5 hours": 5.5, "10 hours": 6.5, "24 hours": 6.5,
    },
    "day": {
        "1 week": 2.0, "1 month": 2.0, "1 week from Sunday": 2.5, "1 quarter": 3.0, "1 year": 3.0, "1 day": 3.0,
        "6 months": 4.5, "2 weeks": 5.0, "10 years": 5.0, "2 months": 5.5, "1 week from Saturday": 5.5, "5 days": 5.5,
        "10 days": 5.5, "1 week from Friday": 6.0, "1 week from Wednesday": 6.5, "1 week from Thursday": 6.5,
    },
    "month": {
        "1 quarter": 2.0, "6 months": 2.5, "1 month": 2.5, "1 year": 3.0, "2 months": 3.0, "4 months": 3.5,
        "10 years": 5.5,
    },
    "year": {
        "10 years": 1.5, "5 years": 2.0, "100 years": 2.5, "1 year": 3.0, "20 years": 3.5, "25 years": 3.5,
        "50 years": 3.0,
        "2 years": 4.0, "4 years": 4.5, "3 years": 5.0, "15 years": 6.0, "30 years": 6.0, "1000 years": 6.0,
    },
}  # fmt: skip
"""What moments are rounded to, with bits, by the finest field that is then written."""
_FREE_STEPS = {step: bits + 0.5 for step, bits in _STEPS["minute"].items() if "hour" not in step}
"""Durations of minutes and seconds are rounded to minutes though they show seconds."""
_OFFSETS = {
    "2 hours": ("1 hour", "30 minutes"), "3 hours": ("1 hour", "2 hours"), "4 hours": ("2 hours", "1 hour", "3 hours"),
    "6 hours": ("3 hours", "2 hours"), "8 hours": ("6 hours", "7 hours", "4 hours"), "12 hours": ("6 hours",
    "7 hours", "8 hours"),
    "1 hour": ("30 minutes", "15 minutes", "45 minutes"), "30 minutes": ("15 minutes",), "20 minutes": ("10 minutes",),
    "10 minutes": ("5 minutes",), "15 minutes": ("5 minutes", "10 minutes"), "90 minutes": ("30 minutes", "1 hour"),
    "45 minutes": ("15 minutes", "30 minutes"), "30 seconds": ("15 seconds",), "20 seconds": ("10 seconds",),
    "10 seconds": ("5 seconds",),
}  # fmt: skip
for _unit in ("second", "minute", "hour"):
    _STEPS[_unit] |= {
        f"{step} from {offset}": bits + _OFFSET + rank
        for step, bits in _STEPS[_unit].items()
        for rank, offset in enumerate(_OFFSETS.get(step, ()))
        if not (_unit == "hour" and "minute" in offset)
    }

_LESS: dict[str, dict[str, float]] = {
    "second": {"0 minutes": 0.5, "1 second": 2.0, "1 minute": 2.5},
    "minute": {
        "0 minutes": 0.5, "1 minute": 2.0, "10 minutes": 5.0, "5 minutes": 5.0, "15 minutes": 5.5, "30 minutes": 5.5,
        "20 minutes": 6.0, "1 hour": 6.0,
    },
    "hour": {"0 minutes": 0.5, "1 hour": 3.0, "1 minute": 5.0, "2 hours": 7.0},
    "day": {"1 day": 1.0, "0 minutes": 1.0},
    "month": {"1 month": 1.0, "0 minutes": 1.0},
    "year": {"1 year": 1.0, "0 minutes": 1.0},
}  # fmt: skip
"""How much before the next step a range ends."""
_SHIFTS = {
    "minute": (1, 5, 10, 15, 20, 30, 45, 90), "hour": (1, 2, 3, 4, 5, 6, 8, 12), "day": (1, 2, 3, 7, 10, 14, 30,
    60, 90),
    "month": (1, 2, 3, 6), "year": (1, 2, 5, 10),
}  # fmt: skip
_UNITS = ("second", "minute", "hour", "day", "month", "year")

_RANGED = {
    "htt": 2.0, "h:mmtt": 2.0, "h:mm tt": 2.5, "h tt": 3.0, "H:mm": 2.5, "HH:mm": 3.0, "H": 3.0, "HH": 4.0, "h": 4.0,
    "h:mm": 4.0, "htt_": 3.5, "h:mmtt_": 3.5, "h:mm tt_": 4.0, "h tt_": 4.5, "m": 4.0, "mm": 4.5, "s": 3.0, "ss": 3.5,
    "m:ss": 4.0, "mm:ss": 5.0, "HHmm": 6.0, "hh:mm tt": 5.0, "hh:mmtt": 5.0, "H:mm:ss": 4.0, "HH:mm:ss": 4.0,
    "h:mm:ss tt": 4.5, "hhtt": 6.0, "hh tt": 6.0, "yyyy": 2.5, "MMM": 3.0, "MMMM": 3.0, "M": 4.0, "d": 4.0, "dd": 4.5,
    "yy": 5.0, "MMM yyyy": 3.5, "MMMM yyyy": 4.0, "MM": 5.0,
}  # fmt: skip
"""The patterns of a range's ends beside those that the outputs show."""
_MARKS = {
    "-": 1.0, " - ": 2.0, " to ": 2.5, "–": 3.5, " – ": 3.5, " and ": 4.0, "~": 5.0, " / ": 6.0, "/": 6.0, "..": 6.0,
    " until ": 6.0, "—": 5.0, " — ": 5.0, "to": 6.0, " through ": 6.0, ", ": 6.0, " ~ ": 6.0,
}  # fmt: skip

MOST_FURTHER = 8

Weights = list[tuple[Rule, float]]


def date_rules(task: Task, columns: Sequence[int]) -> Weights:
    """Return the weighted rules for the columns that hold dates or times; none where there are none.

    They define Moment and what is made of it, and add to `Taken` what moments are written as.
    """
    outputs = [example.target for example in task.examples if example.target]
    rules: Weights = []
    plain: list[Moment] = []
    sample: list[Moment] = []
    for index in [*columns, *_further(task, columns)]:
        cells = [text for row in task.rows if (text := as_text(row[index]))]
        readings = column_readings(cells, outputs)
        inside = [] if readings else inner_readings(cells)
        if not readings and not inside:
            continue
        cell, reading = f"x{index + 1}", f"Reading of x{index + 1}"
        found = readings or inside
        rules.append((Rule(cell, Input(index)), 1.0))
        rules += [(Rule(reading, Constant(text, READING)), weight) for text, weight in found]
        if readings:
            weight = _w("bare") if all(bare(text) for text, _ in readings) else 1.0
            rules.append((Rule("Moment", moment, (cell, reading)), weight))
            sample += [value for c in cells[:60] for text, _ in found if (value := m.read(c, text))]
        else:
            rules.append((Rule("Moment", nth_moment, (cell, reading, f"Moment of x{index + 1}")), _w("inside")))
            most = max(count_inside(cells, text) for text, _ in found)
            for k in [*range(1, most + 1), *([-1] if most > 1 else [])]:
                bits = BITS["again"] * (k - 1 if k > 0 else 1)
                rules.append((Rule(f"Moment of x{index + 1}", Constant(k, INTEGER)), 2.0**-bits))
            sample += [value for c in cells[:60] for text, _ in found for value in m.found_moments(c, text)]
        for example in task.examples[:2]:
            text = as_text(example.inputs[index]) or ""
            for way, _ in found:
                plain += [v for v in ([m.read(text, way)] if readings else m.found_moments(text, way)[:4]) if v]
    return rules + _written_rules(sample, plain, outputs) if sample else []


def _further(task: Task, columns: Sequence[int]) -> list[int]:
    """Return the other columns, if the outputs have numbers or names of a calendar that these columns lack.

    A weekday shares no text with the date that it comes from.
    """
    for example in task.examples:
        given = " ".join([as_text(example.inputs[index]) or "" for index in columns]).casefold()
        for kind, part in tokens((example.target or "")[:200]):
            if kind not in ("mark", "word") and part.casefold() not in given:
                return [index for index in range(len(example.inputs)) if index not in columns][:MOST_FURTHER]
    return []


def _written_rules(sample: Sequence[Moment], plain: list[Moment], outputs: Sequence[str]) -> Weights:
    patterns = dict(ATOMS)
    for output in outputs[:2]:
        patterns |= output_patterns(output, list(dict.fromkeys(plain)))
    known, free = _known(sample), any(value.free for value in sample)
    rules: Weights = [(Rule("Taken", moment_text, ("Moment", "Pattern")), _w("written"))]
    rules += [(Rule("Pattern", Constant(p, PATTERN)), 2.0**-bits) for p, bits in patterns.items()]
    rules += [(Rule("Mode", Constant(mode, MODE)), 2.0**-bits) for mode, bits in MODES.items()]
    rules += [(Rule("Range mark", Constant(mark, LITERAL)), 2.0**-bits) for mark, bits in _MARKS.items()]
    for unit in _UNITS:
        shown = {p: bits for p, bits in patterns.items() if finest(p) == unit}
        if unit not in known or not shown:
            continue
        rules += [
            (Rule("Taken", moment_text, (f"Rounded to show {unit}", f"Pattern of {unit}")), _w("rounded") / len(known)),
            (Rule(f"Rounded to show {unit}", round_moment, ("Moment", "Mode", f"Step of {unit}")), 1.0),
            (
                Rule(
                    "Taken", range_text, ("Moment", f"Step of {unit}", f"Less {unit}", f"Range of {unit}", "Range mark")
                ),
                _w("range") / len(known),
            ),
        ]
        rules += [(Rule(f"Pattern of {unit}", Constant(p, PATTERN)), 2.0**-bits) for p, bits in shown.items()]
        rules += [
            (Rule(f"Step of {unit}", Constant(step, STEP)), 2.0**-bits)
            for step, bits in {**_STEPS[unit], **(_FREE_STEPS if unit == "second" and free else {})}.items()
            if _unit_of(step) in known or free
        ]
        rules += [(Rule(f"Less {unit}", Constant(less, AMOUNT)), 2.0**-bits) for less, bits in _LESS[unit].items()]
        ranged = {p: bits for p, bits in shown.items() if p not in ATOMS}
        ranged |= {p: bits for p, bits in _RANGED.items() if finest(p) == unit}
        rules += [(Rule(f"Range of {unit}", Constant(p, PATTERN)), 2.0**-bits) for p, bits in ranged.items()]
        if unit in _SHIFTS:
            shift = f"Shifted to show {unit}"
            rules += [
                (Rule("Taken", moment_text, (shift, f"Pattern of {unit}")), _w("shifted") / len(known)),
                (Rule(shift, shift_moment, ("Moment", f"Shift of {unit}")), 1.0),
            ]
            rules += [
                (Rule(f"Shift of {unit}", Constant(f"{sign * n} {part}{'s' if n > 1 else ''}", AMOUNT)), weight)
                for rank, part in enumerate((unit, *_COARSER.get(unit, ())))
                for place, n in enumerate(_SHIFTS[part])
                for sign, weight in ((1, 1.0 / (1 + place) / (1 + rank)), (-1, 0.5 / (1 + place) / (1 + rank)))
            ]
    return rules


_COARSER = {"minute": ("hour",), "day": ("month", "year"), "month": ("year",)}


def finest(pattern: str) -> str:
    """Return the unit of the finest field that a pattern writes."""
    letters = {field[0] for field, _ in m.fields(pattern) if field}
    for unit, kinds in zip(_UNITS, ("s", "m", "Hhtx", "douUWGDn", "MQ", "y"), strict=True):
        if letters & set(kinds):
            return unit
    return ""


def _known(sample: Sequence[Moment]) -> set[str]:
    """Return the units that some moments have."""
    known = set()
    for value in sample:
        known |= {"minute", "second"} if value.free else set()
        known |= {"hour", "minute"} if value.hour is not None else set()
        known |= {"second"} if value.second else set()
        known |= {"year"} if value.year is not None else set()
        known |= {"month"} if value.year is not None and value.month is not None else set()
        known |= {"day"} if value.year is not None and value.month is not None and value.day is not None else set()
    return known


def _unit_of(step: str) -> str:
    unit = (m.span(step) or (1, "", 0))[1]
    return {"week": "day", "quarter": "month"}.get(unit, unit)


def _w(name: str) -> float:
    return float(2.0 ** -BITS[name])
