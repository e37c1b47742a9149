"""Every operator of the string language."""

from __future__ import annotations

from dsl.strings import conditions, dates, text
from dsl.strings.numbers import NUMBER_OPERATORS

OPERATORS = (*text.OPERATORS, *NUMBER_OPERATORS, *dates.OPERATORS, *conditions.OPERATORS)
