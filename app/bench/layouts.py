"""The layouts of the pattern game as a table, enumerated from their grammar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import pbe
from dsl.grids.patterns import CELLS, SYMBOLS, pattern_grammar
from dsl.program import Program
from pbe.enumeration import enumerate_bank

CODE = {symbol: code for code, symbol in enumerate(SYMBOLS)}


@dataclass(frozen=True, slots=True, eq=False)
class Layouts:
    """All distinct layouts, in the order of their symbols read row by row.

    `codes[cell, w]` numbers, as SYMBOLS does, what layout w puts into a cell (row by row, 49 of them); `programs[w]` is
    one of its programs and `counts[w]` says how many there are.
    """

    codes: NDArray[np.uint8]
    programs: tuple[Program, ...]
    counts: NDArray[np.intp]

    def index(self) -> dict[bytes, int]:
        """Return the place of each layout by its 49 symbols."""
        return {column.tobytes(): w for w, column in enumerate(self.codes.T)}


def enumerate_layouts() -> Layouts:
    """Return every layout of the language, found by the same search as programs over sheets."""
    grammar = pattern_grammar()
    meter = pbe.Budget(seconds=300).start()
    entries = enumerate_bank(grammar, grammar.reachable(grammar.start), CELLS, meter).entries[grammar.start]
    spelled = {bytes([CODE[symbol] for symbol in entry.values]): entry for entry in entries}
    ordered = sorted(spelled)
    return Layouts(
        np.frombuffer(b"".join(ordered), dtype=np.uint8).reshape(len(ordered), len(CELLS)).T.copy(),
        tuple([spelled[layout].best[1] for layout in ordered]),
        np.array([spelled[layout].count for layout in ordered]),
    )
