"""One cell as the XML of a sheet part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from app.workbook.cells import (
    MAX_FORMULA,
    CellWrite,
    Value,
    check_text,
    escape_text,
    escape_xml,
    needs_preserve,
    number_text,
    serial,
)
from app.workbook.errors import BookError
from app.workbook.styles import DATE_FORMAT, DATETIME_FORMAT, TIME_FORMAT, StyleTable
from app.workbook.xmlbytes import prefix_of, with_attribute, without_attributes

_REWRITTEN = ("t", "cm", "vm")  # the type, and pointers to metadata of the old content


@dataclass(frozen=True, slots=True)
class CellRenderer:
    """Writes cells in the styles and the calendar of one workbook."""

    styles: StyleTable
    date1904: bool

    def new(self, write: CellWrite, prefix: str, base: int) -> bytes:
        """The bytes of a cell that was not there, in the format `base`; none if empty and unmarked."""
        style = self._style(write, base)
        if write.value is None and write.formula is None and not write.doubtful:
            return b""
        mark = f' s="{style}"' if style else ""
        return self._cell(f'<{prefix}c r="{write.address}"{mark}>'.encode(), write, prefix)

    def replaced(self, write: CellWrite, tag: bytes, base: int) -> bytes:
        """The bytes of a cell that was there, from its old start tag: everything but its content stays."""
        style = self._style(write, base)
        fresh = without_attributes(tag, *_REWRITTEN)
        if fresh.endswith(b"/>"):
            fresh = fresh[:-2].rstrip() + b">"
        if style != base:
            fresh = with_attribute(fresh, "s", str(style))
        return self._cell(fresh, write, prefix_of(tag))

    def _style(self, write: CellWrite, base: int) -> int:
        wanted = _date_format(write.value)
        if wanted is not None and self.styles.shows_dates(base):
            wanted = None
        return self.styles.variant(base, wanted, write.doubtful)

    def _cell(self, tag: bytes, write: CellWrite, prefix: str) -> bytes:
        kind, content = self._content(write, prefix)
        if not content:
            return tag[:-1] + b"/>"
        return (with_attribute(tag, "t", kind) if kind else tag) + content.encode() + f"</{prefix}c>".encode()

    def _content(self, write: CellWrite, prefix: str) -> tuple[str, str]:
        """The type attribute and the children of the cell."""
        value, where, p = write.value, write.address, prefix
        if write.formula is not None:
            kind, shown = ("str", "") if value is None else self._shown(value, where)
            return kind, f"<{p}f>{_formula(write.formula, where)}</{p}f><{p}v>{shown}</{p}v>"
        if value is None:
            return "", ""
        kind, shown = self._shown(value, where)
        if kind == "str":
            space = ' xml:space="preserve"' if needs_preserve(str(value)) else ""
            return "inlineStr", f"<{p}is><{p}t{space}>{shown}</{p}t></{p}is>"
        return kind, f"<{p}v>{shown}</{p}v>"

    def _shown(self, value: Value, where: str) -> tuple[str, str]:
        """The type attribute and the text of a value in a <v>."""
        match value:
            case bool():
                return "b", "1" if value else "0"
            case int() | float():
                return "", number_text(value, where)
            case datetime() | date() | time():
                return "", number_text(serial(value, self.date1904, where), where)
            case str():
                check_text(value, where)
                return "str", escape_text(value)
            case _:
                raise BookError(
                    f"The value for {where} is a {type(value).__name__}, which a cell cannot hold."
                )


def _date_format(value: Value) -> int | None:
    match value:
        case datetime():
            return DATETIME_FORMAT
        case date():
            return DATE_FORMAT
        case time():
            return TIME_FORMAT
        case _:
            return None


def _formula(text: str, where: str) -> str:
    bare = text.removeprefix("=").strip()
    if not bare:
        raise BookError(f"The formula for {where} is empty.")
    if len(bare) > MAX_FORMULA:
        raise BookError(
            f"The formula for {where} has {len(bare):,} characters; Excel takes at most {MAX_FORMULA:,}."
        )
    return escape_xml(bare)
