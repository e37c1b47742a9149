"""What a sheet part says that the fast reader does not: which cells hold formulas, which hold errors."""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from xml.parsers import expat

from app.workbook.cells import column_letters, column_number
from app.workbook.errors import BookError
from app.workbook.xmlbytes import broken, new_parser, split_name, utf8_chunks

MAX_CELLS = 50_000_000
_OVERLAP = 256
_WORTH_PARSING = re.compile(rb"""<(?:[\w.-]+:)?f[\s/>]|\st\s*=\s*["']e["']""")
_FILLED = re.compile(rb"""<(?:[\w.-]+:)?c\s[^<>]*?\br\s*=\s*["']([A-Z]{1,3})([0-9]+)["'](?:[^<>]*[^/<>])?>""")
_DIGITS = "0123456789"


@dataclass(slots=True)
class SheetFacts:
    """(row, column letters) of formulas, and (row, column number) → text of error values."""

    formulas: set[tuple[int, str]] = field(default_factory=set)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def scan_sheet(archive: zipfile.ZipFile, part: str, most_cells: int = MAX_CELLS) -> SheetFacts:
    """The facts of one sheet part; BookError if it does not parse or its cells spread too far."""
    return _Scanner(part).run(archive) if _survey(archive, part, most_cells) else SheetFacts()


def _survey(archive: zipfile.ZipFile, part: str, most_cells: int) -> bool:
    """True when the part is worth a full parse; refuses a few cells that span more than memory holds."""
    worth, rows, columns, tail = False, 0, set[bytes](), b""
    with archive.open(part) as stream:
        for chunk in utf8_chunks(stream, part):
            window = tail + chunk
            worth = worth or _WORTH_PARSING.search(window) is not None
            for letters, row in _FILLED.findall(window):
                columns.add(letters)
                rows = max(rows, int(row))
            tail = window[-_OVERLAP:]
    width = max((column_number(letters.decode()) for letters in columns), default=0)
    if rows * width > most_cells:
        corner = f"{column_letters(width)}{rows}"
        raise BookError(
            f"The cells of {part} reach to {corner}, too far to be read; delete the unused rows or columns."
        )
    return worth


class _Scanner:
    def __init__(self, part: str) -> None:
        self._part = part
        self._facts = SheetFacts()
        self._row = self._column = 0
        self._error: list[str] | None = None
        self._letters: dict[str, tuple[int, str]] = {}
        self._parser = new_parser(part)
        self._parser.StartElementHandler = self._root

    def run(self, archive: zipfile.ZipFile) -> SheetFacts:
        try:
            with archive.open(self._part) as stream:
                for chunk in utf8_chunks(stream, self._part):
                    self._parser.Parse(chunk, False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise broken(self._part, error) from error
        except BookError:
            raise
        except ValueError as error:
            raise BookError(
                f"The part {self._part} is damaged ({error}); open the workbook in Excel and save it."
            ) from error
        return self._facts

    def _root(self, name: str, _: dict[str, str]) -> None:
        space, _local = split_name(name)
        self._c, self._f, self._v, self._row_name = (f"{space} {word}" for word in ("c", "f", "v", "row"))
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if name == self._c:
            reference = attributes.get("r")
            self._column = (
                self._column + 1 if reference is None else self._place(reference.rstrip(_DIGITS))[0]
            )
            self._error = [] if attributes.get("t") == "e" else None
        elif name == self._row_name:
            self._row = int(attributes.get("r", self._row + 1))
            self._column = 0
        elif name == self._f and self._column:
            self._facts.formulas.add((self._row, self._place(column_letters(self._column))[1]))
        elif name == self._v and self._error is not None:
            self._parser.CharacterDataHandler = self._error.append

    def _end(self, name: str) -> None:
        if self._error is not None and name == self._v:
            self._parser.CharacterDataHandler = None
            self._facts.errors[self._row, self._column] = "".join(self._error)
            self._error = None

    def _place(self, letters: str) -> tuple[int, str]:
        """(number, letters) of a column, the same objects every time."""
        if letters not in self._letters:
            self._letters[letters] = (column_number(letters), letters)
        return self._letters[letters]
