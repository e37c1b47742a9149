"""Cell values and how a workbook file spells them: addresses, text, numbers, dates."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time

from app.workbook.errors import BookError

Value = str | int | float | bool | datetime | date | time | None

MAX_ROW, MAX_COLUMN, MAX_TEXT, MAX_FORMULA = 1_048_576, 16_384, 32_767, 8_192

_ILLEGAL = "\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ud800-\udfff\ufffe\uffff"  # what XML 1.0 cannot hold, and CR
_ESCAPES = re.compile(f"[{_ILLEGAL}]|_(?=x[0-9A-Fa-f]{{4}}(?:_|[{_ILLEGAL}]))")
_NEEDS_PRESERVE = re.compile(r"^\s|\s$|[\t\n]|\s\s")
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")


class CellError(str):
    """An error value such as #N/A, kept apart from text that a person typed."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class CellWrite:
    """One cell to write: what it shows, and its formula without "=" but with its _xlfn. prefixes."""

    row: int
    column: str
    value: Value
    formula: str | None = None
    doubtful: bool = False

    @property
    def address(self) -> str:
        """The address as people write it, such as B7."""
        return f"{self.column}{self.row}"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of cells, 1-based and inclusive."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """True when the cell lies inside."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right

    def __str__(self) -> str:
        first = f"{column_letters(self.left)}{self.top}"
        last = f"{column_letters(self.right)}{self.bottom}"
        return first if first == last else f"{first}:{last}"


def column_letters(number: int) -> str:
    """The letters of a 1-based column number: 1 is A, 27 is AA."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The 1-based number of column letters; BookError if they name no column of a sheet."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise BookError(f"“{letters}” is not a column; use letters such as B or AC.")
        number = number * 26 + ord(letter) - 64
    if not 1 <= number <= MAX_COLUMN:
        raise BookError(f"“{letters}” is not a column of a sheet; the last one is XFD.")
    return number


def parse_address(text: str) -> tuple[int, int]:
    """(row, column) of an address such as B7, both 1-based; BookError if it is none."""
    match = _ADDRESS.fullmatch(text)
    if match is None:
        raise BookError(f"“{text}” is not a cell address; the sheet is damaged, open and save it in Excel.")
    return int(match[2]), column_number(match[1])


def parse_area(text: str) -> Area:
    """The rectangle of a reference such as B2:C9 or B2; BookError if it is none."""
    first, _, last = text.partition(":")
    top, left = parse_address(first)
    bottom, right = parse_address(last) if last else (top, left)
    return Area(min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def escape_xml(text: str) -> str:
    """The text with the three characters escaped that element content may not hold."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_text(text: str) -> str:
    """The text as cell content: XML-escaped, what XML cannot hold as _xHHHH_, lookalikes protected."""
    return escape_xml(_ESCAPES.sub(lambda match: f"_x{ord(match[0]):04X}_", text))


def needs_preserve(text: str) -> bool:
    """True when blanks in the text would be lost without xml:space="preserve"."""
    return _NEEDS_PRESERVE.search(text) is not None


def check_text(text: str, where: str) -> None:
    """Raises BookError when the text is longer than a cell can hold (counted in UTF-16 units)."""
    if len(text) * 2 <= MAX_TEXT:
        return
    units = len(text) + sum(1 for character in text if character > "\uffff")
    if units > MAX_TEXT:
        raise BookError(f"The text for {where} has {units:,} characters; a cell holds at most {MAX_TEXT:,}.")


def number_text(value: int | float, where: str) -> str:
    """The number as a file spells it; BookError for infinities and NaN."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise BookError(f"The value for {where} is {value}; a cell can hold finite numbers only.")
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if abs(value) > 10**308:
        raise BookError(f"The number for {where} is too large for a cell.")
    return str(value)


def serial(value: datetime | date | time, date1904: bool, where: str) -> int | float:
    """The serial number of a date or time; BookError for what the workbook's calendar cannot hold."""
    if isinstance(value, time):
        return _day_part(value)
    if isinstance(value, datetime) and value.tzinfo is not None:
        raise BookError(f"The time for {where} has a time zone; a cell cannot hold one, convert it first.")
    day = value.date() if isinstance(value, datetime) else value
    if date1904:
        days = day.toordinal() - date(1904, 1, 1).toordinal()
    else:
        days = day.toordinal() - date(1899, 12, 30).toordinal()
        days -= 1 if days <= 60 else 0  # the calendar of 1900 has a 29 February, which is serial 60
    if days < (0 if date1904 else 1):
        raise BookError(f"The date {day.isoformat()} for {where} lies before the calendar of the workbook.")
    return days + _day_part(value.time()) if isinstance(value, datetime) else days


def _day_part(value: time) -> int | float:
    micros = ((value.hour * 60 + value.minute) * 60 + value.second) * 1_000_000 + value.microsecond
    return micros / 86_400_000_000 if micros else 0
