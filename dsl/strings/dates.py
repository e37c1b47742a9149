"""The operators on dates and times, and the rules that a column of them calls for.

A cell is read by a *reading* that was decided from all rows (`date_columns`); the moment is written by a pattern,
as it is, rounded, or shifted; a range is the step that a moment lies in, written at both ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from dsl.grammar import Rule
from dsl.operator import Domains, Facts, Operator, operator
from dsl.program import Constant
from dsl.strings import moments as m
from dsl.strings.date_columns import bare, column_readings, count_inside, inner_readings
from dsl.strings.date_patterns import ATOMS, output_patterns
from dsl.strings.moments import Moment
from dsl.task import Task
from dsl.types import AMOUNT, INTEGER, LITERAL, MODE, MOMENT, PATTERN, READING, STEP, TEXT, Type, Value, as_text

MODES = {"down": 1.0, "nearest": 2.0, "up": 2.0, "next": 3.5, "last": 4.0}


def _nothing(*_: Facts) -> list[bool]:
    return []


@operator("moment", (TEXT, READING), MOMENT, abstraction=_nothing)
def moment(text: str, reading: str) -> Moment | None:
    """The date or time that a whole text spells by the first pattern of the reading that fits."""
    return m.read(text, reading)


@operator("nth_moment", (TEXT, READING, INTEGER), MOMENT, abstraction=_nothing)
def nth_moment(text: str, reading: str, k: int) -> Moment | None:
    """The k-th date or time that stands in a text."""
    found = m.found_moments(text, reading)
    index = k - 1 if k > 0 else len(found) + k
    return found[index] if 0 <= index < len(found) and k else None


@operator("round_moment", (MOMENT, MODE, STEP), MOMENT, abstraction=_nothing)
def round_moment(moment: Moment, mode: str, step: str) -> Moment | None:
    """The moment rounded to a step: down, up, nearest, to the next step, or to the last moment before that."""
    return m.rounded(moment, mode, step)


@operator("shift_moment", (MOMENT, AMOUNT), MOMENT, abstraction=_nothing)
def shift_moment(moment: Moment, amount: str) -> Moment | None:
    """The moment so much later, or earlier."""
    return m.shifted(moment, amount)


@operator("moment_text", (MOMENT, PATTERN), TEXT, abstraction=_nothing)
def moment_text(moment: Moment, pattern: str) -> str | None:
    """The moment written by a pattern."""
    return m.written(moment, pattern)


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
_SECOND_STEPS = {"30 seconds": 3.5, "10 seconds": 4.0, "15 seconds": 4.0, "20 seconds": 4.0, "5 seconds": 4.5}
_TIME_STEPS = {
    "1 hour": 2.0, "30 minutes": 2.0, "15 minutes": 2.5, "2 hours": 3.0, "10 minutes": 3.0, "20 minutes": 3.5,
    "5 minutes": 3.5, "1 minute": 3.5, "3 hours": 4.0, "4 hours": 4.0, "6 hours": 4.0, "12 hours": 4.0, "8 hours": 4.5,
    "90 minutes": 4.5, "45 minutes": 5.0, "40 minutes": 5.5, "12 minutes": 6.0, "6 minutes": 6.0, "5 hours": 6.0,
    "2 minutes": 6.0, "150 minutes": 7.0, "75 minutes": 7.0,
}  # fmt: skip
_OFFSETS = {
    "2 hours": ("1 hour", "30 minutes"), "3 hours": ("1 hour", "2 hours"), "4 hours": ("2 hours", "1 hour", "3 hours"),
    "6 hours": ("3 hours", "2 hours"), "8 hours": ("4 hours", "6 hours", "7 hours"), "12 hours": ("6 hours", "7 hours", "8 hours"),
    "1 hour": ("30 minutes", "15 minutes", "45 minutes"), "30 minutes": ("15 minutes",), "20 minutes": ("10 minutes",),
    "10 minutes": ("5 minutes",), "15 minutes": ("5 minutes", "10 minutes"), "90 minutes": ("30 minutes", "1 hour"),
    "45 minutes": ("15 minutes", "30 minutes"), "30 seconds": ("15 seconds",), "20 seconds": ("10 seconds",),
    "10 seconds": ("5 seconds",),
}  # fmt: skip
_DATE_STEPS = {
    "1 month": 2.0, "1 day": 2.5, "1 week": 2.5, "1 week from Sunday": 3.0, "1 quarter": 3.0, "1 year": 2.5, "10 years": 3.5,
    "6 months": 4.0, "5 years": 4.0, "100 years": 4.5, "2 months": 5.0, "4 months": 5.5, "2 weeks": 5.0, "20 years": 5.5,
    "25 years": 5.5, "50 years": 5.0, "2 years": 5.5, "1 week from Saturday": 5.5, "1 week from Friday": 6.0,
}  # fmt: skip
_YEAR_STEPS = {step: bits for step, bits in _DATE_STEPS.items() if step.endswith(("year", "years"))}
_MONTH_STEPS = {s: bits for s, bits in _DATE_STEPS.items() if s.endswith(("month", "months", "quarter"))} | _YEAR_STEPS

_RANGE_PATTERNS = {
    "time": {
        "htt": 2.5, "h:mmtt": 2.5, "h:mm tt": 3.0, "h tt": 3.5, "H:mm": 2.5, "HH:mm": 3.0, "H": 4.0, "HH": 4.5, "h": 5.0,
        "h:mm": 4.5, "htt_": 4.0, "h:mmtt_": 4.0, "h:mm tt_": 4.5, "h tt_": 5.0, "m": 4.5, "mm": 4.5, "s": 5.0, "ss": 5.0,
        "m:ss": 5.0, "mm:ss": 5.0, "HHmm": 6.0, "hh:mm tt": 5.0, "hh:mmtt": 5.0, "H:mm:ss": 5.0, "HH:mm:ss": 5.0,
        "h:mm:ss tt": 5.5, "hhtt": 6.0, "hh tt": 6.0,
    },
    "date": {"yyyy": 3.0, "MMM": 4.0, "MMMM": 4.0, "M": 5.0, "d": 5.0, "yy": 6.0, "MMM yyyy": 4.0, "MMMM yyyy": 4.5, "MM": 6.0},
}  # fmt: skip
_MARKS = {"-": 1.0, " - ": 2.0, " to ": 2.5, "–": 3.5, " – ": 3.5, " and ": 4.0, "~": 5.0, " / ": 6.0, "/": 6.0, "..": 6.0,
          " until ": 6.0, "—": 5.0, " — ": 5.0, "to": 6.0, " through ": 6.0, ", ": 6.0, " ~ ": 6.0}  # fmt: skip

Weights = list[tuple[Rule, float]]


def date_rules(task: Task, columns: Sequence[int]) -> Weights:
    """Return the weighted rules for the columns that hold dates or times; none where there are none.

    They define Moment and what is made of it, and add to `Taken` what moments are written as.
    """
    outputs = [example.target for example in task.examples if example.target]
    rules: Weights = []
    plain: list[Moment] = []
    sample: list[Moment] = []
    for index in columns:
        cells = [text for row in task.rows if (text := as_text(row[index]))]
        readings = column_readings(cells, outputs)
        inside = [] if readings else inner_readings(cells)
        if not readings and not inside:
            continue
        cell, reading = f"x{index + 1}", f"Reading of x{index + 1}"
        found = readings or inside
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


def _written_rules(sample: Sequence[Moment], plain: list[Moment], outputs: Sequence[str]) -> Weights:
    dated = any(v.day is not None and v.year is not None for v in sample)
    timed = any(v.hour is not None or v.minute is not None for v in sample)
    steps: dict[str, float] = {}
    if timed:
        steps |= _TIME_STEPS
        if any(v.second for v in sample):
            steps |= _SECOND_STEPS
        steps |= {f"{s} from {o}": bits + _OFFSET + i for s, bits in steps.items() for i, o in enumerate(_OFFSETS.get(s, ()))}
    if dated:
        steps |= _DATE_STEPS
    elif any(v.month is not None and v.year is not None for v in sample):
        steps |= _MONTH_STEPS
    elif any(v.year is not None for v in sample):
        steps |= _YEAR_STEPS
    patterns = dict(ATOMS)
    for output in outputs[:2]:
        patterns |= output_patterns(output, list(dict.fromkeys(plain)))
    ranged = {p: bits for p, bits in patterns.items() if p not in ATOMS}
    ranged |= (_RANGE_PATTERNS["time"] if timed else {}) | (_RANGE_PATTERNS["date"] if any(v.year for v in sample) else {})
    rules: Weights = [(Rule("Taken", moment_text, ("Moment", "Pattern")), _w("written"))]
    rules += [(Rule("Pattern", Constant(p, PATTERN)), 2.0**-bits) for p, bits in patterns.items()]
    if steps:
        rules += [
            (Rule("Taken", moment_text, ("Rounded", "Pattern")), _w("rounded")),
            (Rule("Rounded", round_moment, ("Moment", "Mode", "Step")), 1.0),
            (Rule("Taken", range_text, ("Moment", "Step", "Less", "Range pattern", "Range mark")), _w("range")),
        ]
        rules += [(Rule("Mode", Constant(mode, MODE)), 2.0**-bits) for mode, bits in MODES.items()]
        rules += [(Rule("Step", Constant(step, STEP)), 2.0**-bits) for step, bits in steps.items()]
        rules += [(Rule("Range pattern", Constant(p, PATTERN)), 2.0**-bits) for p, bits in ranged.items()]
        rules += [(Rule("Range mark", Constant(mark, LITERAL)), 2.0**-bits) for mark, bits in _MARKS.items()]
        lesses = {"0 minutes": 0.5}
        lesses |= {"1 minute": 2.5, "1 second": 4.0, "1 hour": 5.0, "10 minutes": 5.0, "5 minutes": 5.0} if timed else {}
        lesses |= {"15 minutes": 6.0, "30 minutes": 5.5, "2 hours": 7.0} if timed else {}
        lesses |= {"1 day": 2.0} if dated else {}
        lesses |= {"1 year": 2.0} if any(v.year is not None for v in sample) else {}
        lesses |= {"1 month": 3.0} if any(v.month is not None for v in sample) else {}
        rules += [(Rule("Less", Constant(less, AMOUNT)), 2.0**-bits) for less, bits in lesses.items()]
    amounts = _amounts(dated, timed)
    if amounts:
        rules += [
            (Rule("Taken", moment_text, ("Shifted", "Pattern")), _w("shifted")),
            (Rule("Shifted", shift_moment, ("Moment", "Shift")), 1.0),
        ]
        rules += [(Rule("Shift", Constant(text, AMOUNT)), weight) for text, weight in amounts.items()]
    return rules


def _amounts(dated: bool, timed: bool) -> dict[str, float]:
    """Return how far moments are shifted, with weights: the likelier the rounder."""
    units = {"day": (1, 2, 3, 7, 10, 14, 30, 60, 90), "month": (1, 2, 3, 6), "year": (1, 2, 5, 10)} if dated else {}
    units |= {"hour": (1, 2, 3, 4, 5, 6, 8, 12), "minute": (1, 5, 10, 15, 20, 30, 45)} if timed else {}
    return {
        f"{sign * n} {unit}{'s' if n > 1 else ''}": 1.0 / (1 + index) / (1 if sign > 0 else 2)
        for unit, counts in units.items()
        for index, n in enumerate(counts)
        for sign in (1, -1)
    }


def _w(name: str) -> float:
    return float(2.0 ** -BITS[name])
