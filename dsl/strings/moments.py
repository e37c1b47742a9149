"""Dates and times as values: reading them by a pattern, writing them by a pattern, rounding and shifting them.

A pattern is a text such as "d MMM yyyy h:mm tt"; runs of one letter are fields, everything else stands for itself,
and letters that stand for themselves are in '…'. Nothing depends on today's date. Each function needs only those
above it and the standard library, because the Python emitter copies what a program needs from here.

    yyyy yy            year, its last two digits (00-29 are read as 2000-2029, 30-99 as 1930-1999)
    M MM MMM MMMM      month: 3, 03, Mar, March
    d dd o             day: 7, 07, 7th
    ddd dddd u U       weekday: Mon, Monday, 1-7 from Monday, 1-7 from Sunday
    n                  which of this weekday in its month: 1-5
    Q W WW G D DDD     quarter; ISO week 7, 07 and its year; day of the year 75, 075
    H HH h hh          hour: 0-23, 00-23, 1-12, 01-12
    m mm s ss          minute, second
    tt t x             AM, A, A.M.
    MMM^ ddd_ …        ^ behind a field of letters is in capitals, _ in small letters
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
]  # fmt: skip
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class Moment(NamedTuple):
    """A date, a time, or both; None is a field that is not known. `free` marks a duration: it never wraps."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None
    second: int | None = None
    free: bool = False


# ---------------------------------------------------------------- patterns


@lru_cache(maxsize=1 << 12)
def fields(pattern: str) -> tuple[tuple[str, str], ...]:
    """Return (field, "") and ("", literal) in order."""
    found: list[tuple[str, str]] = []
    for part in re.finditer(r"'((?:[^']|'')*)'|(([A-Za-z])\3*[\^_]?)|([^A-Za-z']+)", pattern):
        quoted, field, _, literal = part.groups()
        found.append((field, "") if field else ("", (quoted or "").replace("''", "'") if literal is None else literal))
    return tuple(found)


FIELD_TEXTS = {
    "yyyy": r"\d{4}", "yy": r"\d{2}", "G": r"\d{4}",
    "M": r"\d{1,2}", "MM": r"\d{2}", "d": r"\d{1,2}", "dd": r"\d{2}", "o": r"\d{1,2}(?:st|nd|rd|th)",
    "MMM": r"[a-z]{3,9}", "MMMM": r"[a-z]{3,9}", "ddd": r"[a-z]{3,9}", "dddd": r"[a-z]{3,9}", "n": r"[1-5]",
    "u": r"[1-7]",
    "Q": r"[1-4]", "W": r"\d{1,2}", "WW": r"\d{2}", "D": r"\d{1,3}", "DDD": r"\d{3}",
    "H": r"\d{1,2}", "HH": r"\d{2}", "h": r"\d{1,2}", "hh": r"\d{2}", "m": r"\d{1,4}", "mm": r"\d{2}",
    "s": r"\d{1,2}(?:[.,]\d{1,9})?", "ss": r"\d{2}(?:[.,]\d{1,9})?", "tt": r"[ap]\.?\s?m\.?|[ap]",
}  # fmt: skip
"""What a field looks like where it is read; a field that is not here is only written."""


@lru_cache(maxsize=1 << 10)
def expression(pattern: str) -> re.Pattern[str] | None:
    """Return what reads a pattern, with one group per field; None where a field cannot be read."""
    text = ""
    for field, literal in fields(pattern):
        if field and field not in FIELD_TEXTS:
            return None
        text += f"({FIELD_TEXTS[field]})" if field else re.sub(r"(?:\\?\s)+", r"\\s+", re.escape(literal))
    if pattern[-1:] in "ms":
        text += r"(?:\s?(?:z|utc|gmt|[+-]\d{2}:?\d{2}))?"
    return re.compile(text, re.ASCII | re.IGNORECASE)


def _named(word: str, names: list[str]) -> int | None:
    """Return the number, from 1, of the name that a word is or shortens (to three letters or more)."""
    folded = word.lower()
    for number, name in enumerate(names, 1):
        if name.lower().startswith(folded) and (
            len(folded) == 3 or folded in ("sept", "tues", "thur", "thurs", name.lower())
        ):
            return number
    return None


def _of_fields(pattern: str, found: tuple[str, ...]) -> Moment | None:
    """Return the moment that the texts of a pattern's fields name."""
    values: dict[str, int] = {}
    afternoon: bool | None = None
    for (field, _), text in zip([f for f in fields(pattern) if f[0]], found, strict=True):
        if field in ("MMM", "MMMM", "ddd", "dddd"):
            number = _named(text, MONTHS if field[0] == "M" else WEEKDAYS)
            if number is None:
                return None
            values["M" if field[0] == "M" else "u"] = number
        elif field == "tt":
            afternoon = text[0] in "pP"
        elif field == "yy":
            values["y"] = int(text) + (2000 if int(text) < 30 else 1900)
        else:
            values["d" if field == "o" else field[0]] = int(re.split("[a-zA-Z.,]", text)[0])
    hour, minute, second = values.get("H"), values.get("m"), values.get("s")
    if "h" in values:
        if not 1 <= values["h"] <= 12 or afternoon is None:
            return None
        hour = values["h"] % 12 + (12 if afternoon else 0)
    free = hour is None and minute is not None
    if (hour or 0) > 23 or (second or 0) > 59 or ((minute or 0) > 59 and not free):
        return None
    year, month, day = values.get("y", values.get("G")), values.get("M"), values.get("d")
    weekday = values.get("u")
    try:
        if "W" in values and year is not None:
            found_day = date.fromisocalendar(year, values["W"], weekday or 1)
            year, month, day = found_day.year, found_day.month, found_day.day
        elif "D" in values and year is not None:
            if not 1 <= values["D"] <= (366 if date(year, 12, 31).timetuple().tm_yday == 366 else 365):
                return None
            found_day = date(year, 1, 1) + timedelta(values["D"] - 1)
            month, day = found_day.month, found_day.day
        elif "n" in values and year is not None and month is not None and weekday is not None:
            first = date(year, month, 1).isoweekday()
            day = 1 + (weekday - first) % 7 + 7 * (values["n"] - 1)
        elif "Q" in values:
            month = 3 * values["Q"] - 2
        date(2000 if year is None else year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        return None
    return Moment(year, month, day, hour, minute, second, free)


@lru_cache(maxsize=1 << 16)
def read(text: str, reading: str) -> Moment | None:
    """The date or time that a whole text spells by the first pattern of the reading that fits."""
    stripped = text.strip()
    for pattern in reading.split(" | "):
        form = expression(pattern)
        match = form.fullmatch(stripped) if form else None
        moment = _of_fields(pattern, match.groups()) if match else None
        if moment is not None:
            timed = re.search("[Hh]", reading) and moment.day is not None and moment.hour is None
            return moment._replace(hour=0, minute=0, second=0) if timed else moment
    return None


@lru_cache(maxsize=1 << 14)
def found_moments(text: str, reading: str) -> tuple[Moment, ...]:
    """Return the moments that stand in a text, left to right, without overlaps."""
    found: list[tuple[int, int, int, Moment]] = []
    for rank, pattern in enumerate(reading.split(" | ")):
        form = expression(pattern)
        if form is None:
            continue
        for match in re.finditer(rf"(?<!\w)(?<!\d[-/.:])(?:{form.pattern})(?!\w|[-/.:]\d)", text, form.flags):
            moment = _of_fields(pattern, match.groups())
            if moment is not None:
                found.append((match.start(), -match.end(), rank, moment))
    kept: list[Moment] = []
    last = -1
    for start, end, _, moment in sorted(found, key=lambda item: item[:3]):
        if start > last:
            kept.append(moment)
            last = -end - 1
    return tuple(kept)


# ---------------------------------------------------------------- writing


def _ordinal(n: int) -> str:
    return f"{n}{'th' if n // 10 == 1 else {1: 'st', 2: 'nd', 3: 'rd'}.get(n % 10, 'th')}"


@lru_cache(maxsize=1 << 14)
def _field_text(moment: Moment, field: str) -> str | None:
    """Return one field of a moment; None where it is not known."""
    year, month, day, hour, minute, second, _ = moment
    kind, width = field[0], len(field.rstrip("^_"))
    text: str | None = None
    number: int | None = None
    if kind == "y" and year is not None:
        text = f"{year:04d}" if width == 4 else f"{year % 100:02d}"
    elif kind == "M" and month is not None:
        number = month
        text = MONTHS[month - 1][: 3 if width == 3 else None] if width > 2 else None
    elif kind == "d" and width < 3:
        number = day
    elif kind == "o" and day is not None:
        text = _ordinal(day)
    elif kind == "n" and day is not None:
        number = (day + 6) // 7
    elif kind == "Q" and month is not None:
        number = (month + 2) // 3
    elif kind in "duUWGD" and year and month and day:
        whole = date(year, month, day)
        week = whole.isocalendar()
        if kind == "d":
            text = WEEKDAYS[week[2] - 1][: 3 if width == 3 else None]
        elif kind == "G":
            text = f"{week[0]:04d}"
        elif kind == "D":
            number = whole.timetuple().tm_yday
        else:
            number = {"u": week[2], "U": week[2] % 7 + 1, "W": week[1]}[kind]
    elif kind in "Hh" and hour is not None:
        number = hour if kind == "H" else (hour + 11) % 12 + 1
    elif kind == "m" and (hour is not None or minute is not None):
        number = minute or 0
    elif kind == "s" and (hour is not None or minute is not None):
        number = second or 0
    elif kind in "tx" and hour is not None:
        half = "P" if hour % 24 >= 12 else "A"
        text = half if field[0] == "t" and width == 1 else f"{half}M" if kind == "t" else f"{half}.M."
    if text is None and number is not None:
        text = str(number).zfill(width)
    if text is not None and field[-1] in "^_":
        text = text.upper() if field[-1] == "^" else text.lower()
    return text


@lru_cache(maxsize=1 << 16)
def written(moment: Moment, pattern: str) -> str | None:
    """The moment written by a pattern; undefined where it lacks a field."""
    parts = [_field_text(moment, field) if field else literal for field, literal in fields(pattern)]
    return None if None in parts else "".join([part or "" for part in parts])


# ---------------------------------------------------------------- arithmetic

SECONDS = {"second": 1, "minute": 60, "hour": 3600}
MONTHS_IN = {"month": 1, "quarter": 3, "year": 12}
DAYS_IN = {"day": 1, "week": 7}


@lru_cache(maxsize=1 << 10)
def span(text: str) -> tuple[int, str, int] | None:
    """Return (count, unit, offset) of "30 minutes", "2 hours from 1 hour", "-1 month", "1 week from Sunday".

    An offset is in seconds, or in days after Monday.
    """
    match = re.fullmatch(r"(-?\d{1,6}) ([a-z]+?)s?(?: from (?:(\d{1,4}) ([a-z]+?)s?|([A-Z][a-z]+)))?", text)
    if not match:
        return None
    count, unit = int(match[1]), match[2]
    if unit not in SECONDS and unit not in MONTHS_IN and unit not in DAYS_IN:
        return None
    offset = 0
    if match[5]:
        if unit != "week" or match[5] not in WEEKDAYS:
            return None
        offset = WEEKDAYS.index(match[5])
    elif match[4]:
        if match[4] not in SECONDS or unit not in SECONDS:
            return None
        offset = int(match[3]) * SECONDS[match[4]]
    return count, unit, offset


def _with_seconds(moment: Moment, total: int) -> Moment | None:
    """Return the moment at so many seconds after the midnight before it; times without a date and durations stay."""
    if moment.free:
        return None if total < 0 else moment._replace(minute=total // 60, second=total % 60)
    days, rest = divmod(total, 86400)
    hour, minute, second = rest // 3600, rest // 60 % 60, rest % 60
    moved = _with_days(moment, days) if days and moment.day is not None else moment
    return moved and Moment(moved.year, moved.month, moved.day, hour, minute, second)


def _with_days(moment: Moment, days: int) -> Moment | None:
    if moment.year is None or moment.month is None or moment.day is None:
        return None
    ordinal = date(moment.year, moment.month, moment.day).toordinal() + days
    if not 1 <= ordinal <= date.max.toordinal():
        return None
    moved = date.fromordinal(ordinal)
    return Moment(moved.year, moved.month, moved.day, *moment[3:])


def _seconds(moment: Moment) -> int:
    return (moment.hour or 0) * 3600 + (moment.minute or 0) * 60 + (moment.second or 0)


def _has_time(moment: Moment) -> bool:
    return moment.hour is not None or moment.minute is not None


@lru_cache(maxsize=1 << 16)
def shifted(moment: Moment, amount: str) -> Moment | None:
    """The moment so much later, or earlier; the day is the month's last where the month has fewer."""
    parsed = span(amount)
    if parsed is None:
        return None
    count, unit, _ = parsed
    if unit in SECONDS:
        return _with_seconds(moment, _seconds(moment) + count * SECONDS[unit]) if _has_time(moment) else None
    if unit in DAYS_IN:
        return _with_days(moment, count * DAYS_IN[unit])
    if moment.year is None or (moment.month is None and unit != "year"):
        return None
    year, month = divmod(moment.year * 12 + (moment.month or 1) - 1 + count * MONTHS_IN[unit], 12)
    if not 1 <= year <= 9999:
        return None
    last = 31 if month == 11 else (date(year, month + 2, 1) - timedelta(1)).day
    day = None if moment.day is None else min(moment.day, last)
    return moment._replace(year=year, month=None if moment.month is None else month + 1, day=day)


def _share(moment: Moment, past: int, size: int) -> float:
    """Return which share of a step of months, of which so many are past, has gone by at a moment."""
    if moment.year is None or moment.month is None or moment.day is None:
        return past / size
    first = moment.year * 12 + moment.month - 1 - past
    years, months = zip(divmod(first, 12), divmod(first + size, 12), strict=True)
    if not 1 <= years[0] <= years[1] <= 9999:
        return past / size
    start = date(years[0], months[0] + 1, 1).toordinal()
    days = date(moment.year, moment.month, moment.day).toordinal() - start + _seconds(moment) / 86400
    return days / (date(years[1], months[1] + 1, 1).toordinal() - start)


@lru_cache(maxsize=1 << 16)
def rounded(moment: Moment, mode: str, step: str) -> Moment | None:
    """The moment rounded to a step: down, up, nearest, to the next step, or to the last moment before that."""
    parsed = span(step)
    if parsed is None or parsed[0] < 1:
        return None
    count, unit, offset = parsed
    down: Moment | None
    if unit in SECONDS:
        if not _has_time(moment):
            return None
        size = count * SECONDS[unit]
        seconds = _seconds(moment)
        down = _with_seconds(moment, seconds - (seconds - offset) % size)
        beyond: float = 2 * ((seconds - offset) % size) / size
    else:
        start = moment
        if _has_time(moment):
            start = Moment(moment.year, moment.month, moment.day, 0, 0, 0)
        if unit in DAYS_IN:
            if moment.year is None or moment.month is None or moment.day is None or moment.free:
                return None
            days = date(moment.year, moment.month, moment.day).toordinal() - 1 - offset
            size = count * DAYS_IN[unit]
            down = _with_days(start, -(days % size))
            beyond = 2 * (days % size + _seconds(moment) / 86400) / size
        else:
            if moment.year is None or (moment.month is None and unit != "year"):
                return None
            size = count * MONTHS_IN[unit]
            months = moment.year * 12 + (moment.month or 1) - 1
            year, month = divmod(months - months % size, 12)
            if year < 1:
                return None
            down = start._replace(
                year=year, month=None if moment.month is None else month + 1, day=None if moment.day is None else 1
            )
            beyond = 2 * _share(moment, months % size, size)
    if down is None or mode == "down" or (mode == "up" and beyond == 0) or (mode == "nearest" and beyond < 1):
        return down
    after = shifted(down, f"{count} {unit}")
    if mode != "last" or after is None:
        return after
    return shifted(after, f"-1 {'second' if unit == 'second' else 'minute' if unit in SECONDS else 'day'}")


@lru_cache(maxsize=1 << 16)
def range_end(moment: Moment, step: str, less: str, pattern: str) -> str | None:
    """Return the end of the step that a moment lies in, less so much, written; "40-60" counts on where a field ends."""
    end = rounded(moment, "next", step)
    if end is not None and span(less) not in (None, (0, "minute", 0)):
        end = shifted(end, f"-{less}")
    if end is None:
        return None
    if pattern in ("m", "mm", "s", "ss"):
        start = rounded(moment, "down", step)
        text = start and written(start, pattern)
        last = written(end, pattern)
        return str(int(last) + 60) if text and last and int(last) < int(text) else last
    return written(end, pattern)
