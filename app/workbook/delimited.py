"""Text separated by commas, semicolons, tabs or bars: read, and written with only the named cells changed."""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from app.workbook.cells import CellWrite, Value
from app.workbook.errors import BookError
from app.workbook.files import prepare_target, replacing
from app.workbook.splice import Planned, Progress
from app.workbook.table import Table

DELIMITERS = "\t;|,"  # in the order of preference when two fit equally well
_SNIFFED = 100
_SNIFFED_CHARACTERS = 1 << 20
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_BREAKS = re.compile(r"\r\n|\r|\n")
_STEP = 1_000
_LAST_ROW = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Delimited:
    """A text file and how it is written: byte order mark, encoding, delimiter, line ending."""

    path: Path
    mark: bytes
    encoding: str
    text: str
    delimiter: str
    ending: str


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it lies without its line ending, and where each field does, quotes included."""

    start: int
    end: int
    fields: tuple[tuple[int, int], ...]


def load(path: Path) -> Delimited:
    """The decoded file with the delimiter its first records show; BookError if it is missing or not text."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise BookError(f"There is no file {path}.") from error
    except OSError as error:
        raise BookError(f"Cannot read {path}: {error.strerror}.") from error
    mark, encoding = next(((mark, name) for mark, name in _BOMS if data.startswith(mark)), (b"", ""))
    encodings = [encoding] if encoding else ["utf-8", "cp1252"]
    text = _decoded(path, data[len(mark) :], encodings)
    if "\0" in text[1]:
        raise BookError(f"{path.name} is not a text file; use a .csv or .tsv file.")
    ending = _BREAKS.search(text[1])
    delimiter = sniff(text[1], path.suffix.lower())
    return Delimited(path, mark, text[0], text[1], delimiter, ending[0] if ending else "\n")


def sniff(text: str, suffix: str = ".csv") -> str:
    """The delimiter under which most of the first records have the same number of fields, above one."""
    best, chosen = (0.0, 0), "\t" if suffix in {".tsv", ".tab"} else ","
    for delimiter in DELIMITERS:
        widths = Counter[int]()
        for record, _ in zip(_scan(text[:_SNIFFED_CHARACTERS], delimiter), range(_SNIFFED), strict=False):
            if record.end > record.start:
                widths[len(record.fields)] += 1
        width, times = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        score = (times / max(widths.total(), 1), min(width, 2))
        if width > 1 and score > best:
            best, chosen = score, delimiter
    return chosen


def records(file: Delimited) -> list[Record]:
    """The records of the file in order; BookError naming the row whose quote is never closed."""
    found = list(_scan(file.text, file.delimiter))
    if found:
        for start, end in found[-1].fields:
            field = file.text[start:end]
            if field.startswith('"') and _closing_quote(field) < 0:
                raise BookError(
                    f"{file.path.name}, row {len(found)}: a quote is never closed; close or remove it."
                )
    return found


def read_records(path: Path, most_cells: int) -> list[list[Value]]:
    """The fields of every record as text, empty ones as None; raises BookError as `load` and `records` do.

    A file with more delimiters and line breaks than `most_cells` is refused before it is taken apart.
    """
    file = load(path)
    text = file.text
    if (cells := text.count(file.delimiter) + text.count("\n") + text.count("\r")) > most_cells:
        raise BookError(f"{path.name} has about {cells:,} cells; at most {most_cells:,} can be read.")
    return [[_unquoted(text[start:end]) or None for start, end in record.fields] for record in records(file)]


def patch_csv(
    table: Table,
    target: Path,
    writes: Iterable[CellWrite],
    progress: Progress | None = None,
    *,
    in_place: bool = False,
) -> None:
    """Writes `target`: the text file of the table with the named cells changed, every other character kept.

    Formulas and marks of doubt have no place in a text file; the values are written. Raises BookError, and
    then leaves no target, when the file cannot be read or its encoding cannot hold a value.
    """
    source, target = table.source, Path(target)
    planned = Planned(writes, last_row=_LAST_ROW)
    file = load(source)
    data = file.mark + _encoded(file, _spliced(file, planned, progress))
    prepare_target(source, target, in_place)
    with replacing(target, mode_of=source) as out:
        out.write(data)


def _decoded(path: Path, data: bytes, encodings: list[str]) -> tuple[str, str]:
    for encoding in encodings:
        try:
            return encoding, data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BookError(f"{path.name} is not text in UTF-8 or Windows-1252; save it as UTF-8.")


def _encoded(file: Delimited, text: str) -> bytes:
    try:
        return text.encode(file.encoding)
    except UnicodeEncodeError as error:
        character = error.object[error.start]
        hint = "change that value" if file.encoding == "utf-8" else "save the file as UTF-8 first"
        raise BookError(
            f"{file.path.name} is in {file.encoding}, which cannot hold {character!r}; {hint}."
        ) from error


def _scan(text: str, delimiter: str) -> Iterator[Record]:
    """The records of a text; a quote counts only at the start of a field, as spreadsheets read it."""
    field = re.compile(rf'(?:"[^"]*+(?:""[^"]*+)*+"?)?[^{re.escape(delimiter)}\r\n]*+')
    position, start, size = 0, 0, len(text)
    fields: list[tuple[int, int]] = []
    while start < size or fields:
        match = field.match(text, position)
        assert match is not None
        end = match.end()
        fields.append((position, end))
        if text.startswith(delimiter, end):
            position = end + 1
            continue
        yield Record(start, end, tuple(fields))
        fields = []
        position = start = end + (2 if text.startswith("\r\n", end) else 1)


def _closing_quote(field: str) -> int:
    """The offset of the quote that closes a quoted field, or -1."""
    position = 1
    while (position := field.find('"', position)) >= 0:
        if field.startswith('""', position):
            position += 2
            continue
        return position
    return -1


def _unquoted(field: str) -> str:
    if not field.startswith('"'):
        return field
    end = _closing_quote(field)
    if end < 0:
        return field[1:].replace('""', '"')
    return field[1:end].replace('""', '"') + field[end + 1 :]


def _spliced(file: Delimited, planned: Planned, progress: Progress | None) -> str:
    """The text of the file with the planned cells in it."""
    text, found = file.text, records(file)
    quoted = _quotes_all(file, found)
    pieces: list[str] = []
    fresh_rows: dict[int, str] = {}
    done = count = 0
    for row, group in groupby(
        zip(planned.rows, planned.columns, planned.cells, strict=True), key=itemgetter(0)
    ):
        cells = {
            column - 1: _field(shown(write.value), file.delimiter, quoted) for _, column, write in group
        }
        count += len(cells)
        if row > len(found):
            fresh_rows[row] = file.delimiter.join(cells.get(index, "") for index in range(max(cells) + 1))
        else:
            done = _rewrite(file, found[row - 1], cells, pieces, done)
        if progress is not None and count % _STEP < len(cells):
            progress(count, len(planned))
    pieces.append(text[done:])
    if fresh_rows:
        if text and not text.endswith(("\r", "\n")):
            pieces.append(file.ending)
        pieces += [
            fresh_rows.get(row, "") + file.ending for row in range(len(found) + 1, max(fresh_rows) + 1)
        ]
    if progress is not None:
        progress(count, len(planned))
    return "".join(pieces)


def _rewrite(file: Delimited, record: Record, cells: dict[int, str], pieces: list[str], done: int) -> int:
    """Adds the text up to the record's last new field; returns the offset up to which the text is used."""
    width = len(record.fields)
    for index in sorted(cells):
        if index < width:
            start, end = record.fields[index]
            pieces += (file.text[done:start], cells[index])
            done = end
    if max(cells) >= width:
        added = [cells.get(index, "") for index in range(width, max(cells) + 1)]
        pieces += (file.text[done : record.end], *(file.delimiter + field for field in added))
        done = record.end
    return done


def _quotes_all(file: Delimited, found: list[Record]) -> bool:
    """True when the file quotes every field that is not empty, judged by its first records."""
    fields = [
        file.text[start:end] for record in found[:_SNIFFED] for start, end in record.fields if end > start
    ]
    return bool(fields) and all(field.startswith('"') for field in fields)


def shown(value: Value) -> str:
    """A value as a text file spells it."""
    match value:
        case None:
            return ""
        case bool():
            return "TRUE" if value else "FALSE"
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case _:
            return str(value)


def _field(value: str, delimiter: str, quoted: bool) -> str:
    special = delimiter in value or '"' in value or "\n" in value or "\r" in value or value != value.strip()
    return '"' + value.replace('"', '""') + '"' if special or (quoted and value) else value
