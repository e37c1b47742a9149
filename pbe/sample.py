"""Which rows a search looks at: every distinct look of a row, then a spread over the rest."""

from __future__ import annotations

from collections.abc import Sequence

from dsl.strings.tokens import shape
from dsl.task import Row, RowKey, Task, row_key
from dsl.types import as_text

MOST_ROWS = 48
MOST_CHARACTERS = 60_000
CHARACTERS_LOOKED_AT = 400


def distinct_rows(rows: Sequence[Row]) -> tuple[list[Row], list[int]]:
    """Return the distinct rows in order, and for each given row the index of its distinct one."""
    places: dict[RowKey, int] = {}
    distinct: list[Row] = []
    index = []
    for row in rows:
        key = row_key(row)
        place = places.get(key)
        if place is None:
            place = places[key] = len(distinct)
            distinct.append(row)
        index.append(place)
    return distinct, index


def spread_rows(rows: Sequence[Row], most: int) -> list[Row]:
    """Return at most `most` distinct rows, evenly spread over those that have something in them, the first included."""
    distinct, _ = distinct_rows([row for row in rows if any(as_text(cell) for cell in row)])
    if len(distinct) <= most:
        return distinct
    return [distinct[k * len(distinct) // most] for k in range(most)]


def sample_rows(task: Task, most: int = MOST_ROWS) -> list[Row]:
    """Return distinct rows to search on: the examples' first, then one of every look, then an even spread.

    At most `most` rows beside the examples', fewer where cells are long.
    """
    chosen = {row_key(example.inputs): example.inputs for example in task.examples}
    rest, _ = distinct_rows([row for row in task.rows if row_key(row) not in chosen])
    spread = rest if len(rest) <= 20 * most else rest[:: len(rest) // (20 * most)]
    looks: dict[tuple[str, ...], Row] = {}
    for row in spread:
        looks.setdefault(tuple([shape((as_text(cell) or "")[:CHARACTERS_LOOKED_AT]) for cell in row]), row)
    firsts = list(looks.values())[: max(1, most * 3 // 4)]
    step = max(1, len(spread) // max(1, most - len(firsts)))
    characters = sum(_length(row) for row in chosen.values())
    for row in (*firsts, *spread[::step], *spread):
        if len(chosen) >= most + len(task.examples):
            break
        characters += 0 if row_key(row) in chosen else _length(row)
        if characters > MOST_CHARACTERS:
            break
        chosen.setdefault(row_key(row), row)
    return list(chosen.values())


def _length(row: Row) -> int:
    return sum(len(as_text(cell) or "") for cell in row)
