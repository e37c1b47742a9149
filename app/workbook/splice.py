"""Writes cells into a sheet part while it streams by; every byte that is not theirs stays as it was."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import BinaryIO
from xml.parsers import expat

from app.workbook.cells import MAX_ROW, Area, CellWrite, column_number, parse_area
from app.workbook.errors import BookError
from app.workbook.render import CellRenderer
from app.workbook.xmlbytes import (
    MAIN,
    broken,
    closing,
    new_parser,
    opened,
    prefix_of,
    split_name,
    tag_end,
    utf8_chunks,
    with_attribute,
    without_attributes,
)

Progress = Callable[[int, int], None]
_STEP = 1_000
_DIGITS = "0123456789"


class Planned:
    """The cells to write in sheet order, to be looked up by row and by rectangle."""

    def __init__(self, writes: Iterable[CellWrite], last_row: int = MAX_ROW) -> None:
        """Sorts the writes; BookError for a cell outside a sheet or written twice."""
        numbers: dict[str, int] = {}
        placed: list[tuple[int, int, CellWrite]] = []
        for write in writes:
            number = numbers.get(write.column)
            if number is None:
                number = numbers[write.column] = column_number(write.column)
            if not 1 <= write.row <= last_row:
                raise BookError(f"Row {write.row} is outside a sheet; rows go from 1 to {last_row:,}.")
            placed.append((write.row, number, write))
        placed.sort(key=lambda one: one[:2])
        self.rows = [one[0] for one in placed]
        self.columns = [one[1] for one in placed]
        self.cells = [one[2] for one in placed]
        for index in range(1, len(placed)):
            if placed[index][:2] == placed[index - 1][:2]:
                raise BookError(f"The cell {self.cells[index].address} is to be written twice.")

    def __len__(self) -> int:
        return len(self.cells)

    def within(self, area: Area) -> CellWrite | None:
        """The first write that lies in the rectangle, or None."""
        index = bisect_left(self.rows, area.top)
        while index < len(self.rows) and self.rows[index] <= area.bottom:
            if area.left <= self.columns[index] <= area.right:
                return self.cells[index]
            index += 1
        return None

    def bounds(self) -> Area | None:
        """The smallest rectangle around all writes, or None when there are none."""
        if not self.cells:
            return None
        return Area(self.rows[0], min(self.columns), self.rows[-1], max(self.columns))


class SheetSplicer:
    """One pass over one sheet part."""

    def __init__(
        self, planned: Planned, renderer: CellRenderer, part: str, progress: Progress | None
    ) -> None:
        self.formula_overwritten = False
        self._planned, self._renderer, self._part, self._progress = planned, renderer, part, progress
        self._next = 0  # the first write not yet done
        self._row_stop = 0  # where the writes of the current row end
        self._row = self._column = 0
        self._row_style: int | None = None
        self._column_styles: list[tuple[int, int, int]] = []
        self._in_data = self._seen_data = False
        self._prefix = ""
        self._held: tuple[int, bytes, dict[str, str]] | None = (
            None  # the cell being replaced: end of tag, tag, attributes
        )
        self._pieces: list[bytes] = []
        self._buffer = b""
        self._base = self._done = self._safe = (
            0  # offsets in the part: of the buffer, of what is copied, of what may be
        )
        self._parser = new_parser(part)
        self._parser.StartElementHandler = self._root
        self._parser.EndElementHandler = self._end
        self._c = self._f = self._row_name = self._data = self._merge = self._dimension = self._col = ""

    def run(self, source: BinaryIO, out: BinaryIO) -> None:
        """Copies the part with the writes in it; BookError if it is damaged or a write would break it."""
        try:
            for chunk in utf8_chunks(source, self._part):
                self._buffer += chunk
                self._parser.Parse(chunk, False)
                self._flush(out)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise broken(self._part, error) from error
        except BookError:
            raise
        except (ValueError, KeyError) as error:  # a row, a style or a span that is no number
            raise self._disorder(f"it has a malformed attribute ({error})") from error
        if not self._seen_data:
            raise BookError(f"The part {self._part} has no cells to write to; choose a worksheet with data.")
        self._copy(self._base + len(self._buffer))
        self._flush(out)
        self._report(final=True)

    # -- the buffer --

    def _flush(self, out: BinaryIO) -> None:
        if self._held is None:
            self._copy(self._safe)
        out.writelines(self._pieces)
        self._pieces.clear()
        self._buffer = self._buffer[self._done - self._base :]
        self._base = self._done

    def _copy(self, offset: int) -> None:
        if offset > self._done:
            self._pieces.append(self._buffer[self._done - self._base : offset - self._base])
            self._done = offset

    def _tag(self, start: int) -> bytes:
        return self._buffer[start - self._base : tag_end(self._buffer, start - self._base)]

    def _swap_tag(self, start: int, tag: bytes, fresh: bytes) -> None:
        self._copy(start)
        self._pieces.append(fresh)
        self._done = start + len(tag)

    # -- events --

    def _root(self, name: str, _: dict[str, str]) -> None:
        space, local = split_name(name)
        if local != "worksheet" or space not in MAIN:
            raise BookError(f"The part {self._part} is not a worksheet; choose a sheet with cells.")
        self._c, self._f, self._row_name, self._data, self._merge, self._dimension, self._col = (
            f"{space} {word}" for word in ("c", "f", "row", "sheetData", "mergeCell", "dimension", "col")
        )
        self._parser.StartElementHandler = self._start

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if self._in_data:
            if name == self._c:
                if self._next < self._row_stop:
                    self._start_cell(attributes)
            elif name == self._row_name:
                self._start_row(attributes)
            elif name == self._f:
                self._start_formula(attributes)
            return
        self._safe = self._parser.CurrentByteIndex
        if name == self._data:
            self._start_data()
        elif name == self._merge:
            self._check_area(attributes.get("ref", ""), "lies in the merged cells {}; unmerge them first")
        elif name == self._col:
            style = attributes.get("style", "0")
            self._column_styles.append((int(attributes["min"]), int(attributes["max"]), int(style)))
        elif name == self._dimension:
            self._widen_dimension(attributes.get("ref", ""))

    def _end(self, name: str) -> None:
        if self._held is not None and name == self._c:
            self._end_cell()
        elif name == self._row_name:
            offset = self._safe = self._parser.CurrentByteIndex
            if self._next < self._row_stop:
                self._copy(offset)
                self._insert_cells(self._row_stop)
        elif name == self._data and self._in_data:
            self._in_data = False
            self._insert_rows(MAX_ROW + 1, self._parser.CurrentByteIndex)

    def _start_data(self) -> None:
        if self._seen_data:
            return
        self._in_data = self._seen_data = True
        start = self._safe = self._parser.CurrentByteIndex
        tag = self._tag(start)
        self._prefix = prefix_of(tag)
        if tag.endswith(b"/>") and len(self._planned):
            self._swap_tag(start, tag, opened(tag))
            self._insert_rows(MAX_ROW + 1, self._done)
            self._pieces.append(closing(tag))
            self._in_data = False

    def _start_row(self, attributes: dict[str, str]) -> None:
        text = attributes.get("r")
        number = self._row + 1 if text is None else int(text)
        if number <= self._row:
            raise self._disorder(f"row {number} comes after row {self._row}")
        start = self._safe = self._parser.CurrentByteIndex
        self._insert_rows(number, start)
        self._row, self._column = number, 0
        while self._row_stop < len(self._planned) and self._planned.rows[self._row_stop] == number:
            self._row_stop += 1
        if self._next == self._row_stop:
            return
        self._row_style = (
            int(attributes.get("s", "0")) if attributes.get("customFormat") in {"1", "true"} else None
        )
        tag = self._tag(start)
        fresh = tag if self._spans(attributes.get("spans", "")) else without_attributes(tag, "spans")
        if tag.endswith(b"/>"):
            self._swap_tag(start, tag, opened(fresh))
            self._insert_cells(self._row_stop)
            self._pieces.append(closing(tag))
        elif fresh != tag:
            self._swap_tag(start, tag, fresh)

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        column = self._column + 1 if reference is None else column_number(reference.rstrip(_DIGITS))
        if column <= self._column:
            raise self._disorder(f"the cells of row {self._row} are not in order")
        self._column = column
        start = self._safe = self._parser.CurrentByteIndex
        stop = bisect_left(self._planned.columns, column, self._next, self._row_stop)
        if stop > self._next:
            self._copy(start)
            self._insert_cells(stop)
        if self._next < self._row_stop and self._planned.columns[self._next] == column:
            self._copy(start)
            tag = self._tag(start)
            self._held = (start + len(tag), tag, attributes)

    def _end_cell(self) -> None:
        assert self._held is not None
        inner, tag, attributes = self._held
        write = self._planned.cells[self._next]
        self._pieces.append(self._renderer.replaced(write, tag, int(attributes.get("s", "0"))))
        if not tag.endswith(b"/>"):
            offset = self._parser.CurrentByteIndex - self._base
            inner = self._base + tag_end(self._buffer, offset)
        self._done = self._safe = inner
        self._held = None
        self._advance()

    def _start_formula(self, attributes: dict[str, str]) -> None:
        kind, reference = attributes.get("t", "normal"), attributes.get("ref", "")
        if self._held is not None:
            self.formula_overwritten = True
            if kind == "shared" and ":" in reference:
                cell = self._planned.cells[self._next].address
                raise BookError(
                    f"{cell} holds the formula that {reference} shares; clear or retype it in Excel first."
                )
        if kind in {"array", "dataTable"} and ":" in reference:
            self._check_area(reference, "lies in the array formula of {}; clear it first")

    # -- what is put in --

    def _insert_rows(self, before: int, offset: int) -> None:
        """Rows that are not in the part, up to the row `before`, put in at the offset."""
        planned = self._planned
        while self._next < len(planned) and planned.rows[self._next] < before:
            self._copy(offset)
            row = planned.rows[self._next]
            while self._row_stop < len(planned) and planned.rows[self._row_stop] == row:
                self._row_stop += 1
            self._row_style = None
            mark = len(self._pieces)
            self._insert_cells(self._row_stop)
            if any(self._pieces[mark:]):
                self._pieces.insert(mark, f'<{self._prefix}row r="{row}">'.encode())
                self._pieces.append(f"</{self._prefix}row>".encode())

    def _insert_cells(self, stop: int) -> None:
        while self._next < stop:
            write = self._planned.cells[self._next]
            base = self._base_style(self._planned.columns[self._next])
            self._pieces.append(self._renderer.new(write, self._prefix, base))
            self._advance()

    def _base_style(self, column: int) -> int:
        if self._row_style is not None:
            return self._row_style
        return next((style for first, last, style in self._column_styles if first <= column <= last), 0)

    def _widen_dimension(self, reference: str) -> None:
        bounds = self._planned.bounds()
        if bounds is None or not reference:
            return
        old = parse_area(reference)
        wide = Area(
            min(old.top, bounds.top),
            min(old.left, bounds.left),
            max(old.bottom, bounds.bottom),
            max(old.right, bounds.right),
        )
        if wide != old:
            start = self._safe = self._parser.CurrentByteIndex
            tag = self._tag(start)
            self._swap_tag(start, tag, with_attribute(tag, "ref", str(wide)))

    # -- checks --

    def _spans(self, spans: str) -> bool:
        """True when the spans of the row hold all its writes, or it has none."""
        first, _, last = spans.partition(":")
        if not (first.isdigit() and last.isdigit()):
            return not spans
        columns = self._planned.columns
        return int(first) <= columns[self._next] and columns[self._row_stop - 1] <= int(last)

    def _check_area(self, reference: str, trouble: str) -> None:
        write = self._planned.within(parse_area(reference))
        if write is not None:
            raise BookError(f"The cell {write.address} {trouble.format(reference)}.")

    def _disorder(self, what: str) -> BookError:
        return BookError(f"The part {self._part} is damaged: {what}; open the workbook in Excel and save it.")

    def _advance(self) -> None:
        self._next += 1
        if self._next % _STEP == 0:
            self._report(final=False)

    def _report(self, final: bool) -> None:
        if self._progress is not None and (final or self._next < len(self._planned)):
            self._progress(self._next, len(self._planned))
