"""Closed tables of pairs that everybody knows; a program looks a whole cell or a part of it up in one of them."""

from __future__ import annotations

from functools import cache

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

TABLES: dict[str, dict[str, str]] = {
    "month_name": {m[:3]: m for m in _MONTHS},
    "month_abbreviation": {m: m[:3] for m in _MONTHS},
    "month_name_of_number": {str(n): m for n, m in enumerate(_MONTHS, 1)},
    "month_number_of_name": {m: str(n) for n, m in enumerate(_MONTHS, 1)},
    "month_number_of_abbreviation": {m[:3]: str(n) for n, m in enumerate(_MONTHS, 1)},
    "weekday_name": {d[:3]: d for d in _WEEKDAYS},
    "weekday_abbreviation": {d: d[:3] for d in _WEEKDAYS},
}


@cache
def folded(table: str) -> dict[str, str]:
    """Return the table with its keys case-folded: "JAN" and "jan" are found too."""
    return {key.casefold(): value for key, value in TABLES[table].items()}
