"""Closed tables of pairs that everybody knows; a program looks a whole cell or a part of it up in one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache

import pycountry

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _countries(key: str, value: str) -> Callable[[], dict[str, str]]:
    return lambda: {getattr(c, key): getattr(c, value) for c in sorted(pycountry.countries, key=lambda c: c.alpha_2)}


@cache
def _states() -> dict[str, str]:
    """Return the states of the USA, with their district and territories, by ISO 3166-2 code without "US-"."""
    states = [place for place in pycountry.subdivisions if place.country_code == "US"]
    return {state.code[3:]: state.name for state in sorted(states, key=lambda state: state.code)}


_BUILDERS: dict[str, Callable[[], dict[str, str]]] = {
    "month_name": lambda: {m[:3]: m for m in _MONTHS},
    "month_abbreviation": lambda: {m: m[:3] for m in _MONTHS},
    "month_name_of_number": lambda: {str(n): m for n, m in enumerate(_MONTHS, 1)},
    "month_number_of_name": lambda: {m: str(n) for n, m in enumerate(_MONTHS, 1)},
    "month_number_of_abbreviation": lambda: {m[:3]: str(n) for n, m in enumerate(_MONTHS, 1)},
    "weekday_name": lambda: {d[:3]: d for d in _WEEKDAYS},
    "weekday_abbreviation": lambda: {d: d[:3] for d in _WEEKDAYS},
    "country_code": _countries("name", "alpha_2"),
    "country_code3": _countries("name", "alpha_3"),
    "country_name": _countries("alpha_2", "name"),
    "country_name_of_code3": _countries("alpha_3", "name"),
    "state_name": lambda: dict(_states()),
    "state_code": lambda: {name: code for code, name in _states().items()},
}


class _Tables(Mapping[str, dict[str, str]]):
    """The tables by name, each made when it is first looked into."""

    def __init__(self) -> None:
        self._made: dict[str, dict[str, str]] = {}

    def __getitem__(self, name: str) -> dict[str, str]:
        if name not in self._made:
            self._made[name] = _BUILDERS[name]()
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_BUILDERS)

    def __len__(self) -> int:
        return len(_BUILDERS)

    def __contains__(self, name: object) -> bool:
        return name in _BUILDERS


TABLES = _Tables()


@cache
def folded(table: str) -> dict[str, str]:
    """Return the table with its keys case-folded: "JAN" and "jan" are found too."""
    return {key.casefold(): value for key, value in TABLES[table].items()}
