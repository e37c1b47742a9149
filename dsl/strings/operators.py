"""All operators of the string language."""

from __future__ import annotations

from dsl.strings import text
from dsl.strings.numbers import NUMBER_OPERATORS

OPERATORS = (*text.OPERATORS, *NUMBER_OPERATORS)
