"""The style table of a workbook: cell formats that are only ever appended."""

from __future__ import annotations

import re

from app.workbook.xmlbytes import Element, appended, closing, edited, opened, parse, prefix_of, with_attribute

FILL = "FFFFE699"  # soft amber: this cell is doubtful
DATE_FORMAT, TIME_FORMAT, DATETIME_FORMAT = 14, 21, 22
_BUILT_IN_DATES = frozenset((*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
_LITERALS = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ORDER = ("numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs")

EMPTY_STYLES = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<styleSheet xmlns="%s">'
    b'<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    b'<fills count="2"><fill><patternFill patternType="none"/></fill>'
    b'<fill><patternFill patternType="gray125"/></fill></fills>'
    b'<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    b'<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    b'<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    b'<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class StyleTable:
    """The cell formats of one styles part, to ask for variants of and to write out with what was appended."""

    def __init__(self, data: bytes, part: str) -> None:
        """Reads the part (UTF-8); BookError if it does not parse."""
        self._root = parse(data, part)
        if self._root.closed:  # a table without any entry: give it room for some
            tag = data[self._root.start : self._root.inner]
            data = data[: self._root.start] + opened(tag) + closing(tag) + data[self._root.end :]
            self._root = parse(data, part)
        self._data = data
        self._prefix = prefix_of(data[self._root.start : self._root.inner])
        self._fills = self._entries("fills", "fill")
        self._formats = self._entries("cellXfs", "xf")
        self._old_fills, self._old_formats = len(self._fills), len(self._formats)
        self._places: dict[bytes, int] = {}
        for place, entry in enumerate(self._formats):
            self._places.setdefault(entry, place)
        self._variants: dict[tuple[int, int | None, bool], int] = {}
        self._custom = self._custom_formats()

    @property
    def changed(self) -> bool:
        """True once something was appended."""
        return len(self._formats) > self._old_formats

    def variant(self, base: int, number_format: int | None = None, doubtful: bool = False) -> int:
        """The index of the format `base` with another number format, the amber fill, or both."""
        if number_format is None and not doubtful:
            return base
        key = (base, number_format, doubtful)
        if key not in self._variants:
            entry = self._formats[base] if base < len(self._formats) else self._default()
            if number_format is not None:
                entry = self._set(entry, "numFmtId", str(number_format), "applyNumberFormat")
            if doubtful:
                entry = self._set(entry, "fillId", str(self._amber()), "applyFill")
            self._variants[key] = self._place(entry)
        return self._variants[key]

    def shows_dates(self, base: int) -> bool:
        """True when a number in that format shows as a date or a time."""
        if base >= len(self._formats):
            return False
        match = re.search(rb"""\snumFmtId\s*=\s*["'](\d+)""", self._formats[base])
        number = int(match[1]) if match else 0
        code = self._custom.get(number)
        return number in _BUILT_IN_DATES if code is None else _is_date_code(code)

    def result(self) -> bytes:
        """The part with the new entries appended; the very same bytes when there are none."""
        edits = self._extended("fills", self._fills, self._old_fills)
        edits += self._extended("cellXfs", self._formats, self._old_formats)
        return edited(self._data, edits)

    def _entries(self, container: str, name: str) -> list[bytes]:
        element = self._root.child(container)
        return [] if element is None else [self._data[one.start : one.end] for one in element.all(name)]

    def _custom_formats(self) -> dict[int, str]:
        element = self._root.child("numFmts")
        codes = [] if element is None else [one.attributes for one in element.all("numFmt")]
        return {
            int(one["numFmtId"]): one.get("formatCode", "")
            for one in codes
            if one.get("numFmtId", "").isdigit()
        }

    def _default(self) -> bytes:
        return f'<{self._prefix}xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'.encode()

    def _set(self, entry: bytes, name: str, value: str, apply: str) -> bytes:
        end = entry.index(b">") + 1
        tag = with_attribute(with_attribute(entry[:end], name, value), apply, "1")
        return tag + entry[end:]

    def _amber(self) -> int:
        p = self._prefix
        if not self._fills:  # the first two places are reserved by every reader
            self._fills += [
                f'<{p}fill><{p}patternFill patternType="{kind}"/></{p}fill>'.encode()
                for kind in ("none", "gray125")
            ]
        fill = (
            f'<{p}fill><{p}patternFill patternType="solid"><{p}fgColor rgb="{FILL}"/>'
            f'<{p}bgColor indexed="64"/></{p}patternFill></{p}fill>'
        ).encode()
        if fill not in self._fills:
            self._fills.append(fill)
        return self._fills.index(fill)

    def _place(self, entry: bytes) -> int:
        if not self._formats:
            self._formats.append(self._default())
        if entry not in self._places:
            self._formats.append(entry)
            self._places[entry] = len(self._formats) - 1
        return self._places[entry]

    def _extended(self, container: str, entries: list[bytes], old: int) -> list[tuple[int, int, bytes]]:
        if len(entries) == old:
            return []
        new = b"".join(entries[old:])
        element = self._root.child(container)
        if element is not None:
            return appended(self._data, element, new, len(entries))
        name = f"{self._prefix}{container}".encode()
        whole = b'<%s count="%d">%s</%s>' % (name, len(entries), new, name)
        place = self._place_of(container)
        return [(place, place, whole)]

    def _place_of(self, container: str) -> int:
        before = set(_ORDER[: _ORDER.index(container)])
        earlier: list[Element] = [child for child in self._root.children if child.name in before]
        return earlier[-1].end if earlier else self._root.inner


def _is_date_code(code: str) -> bool:
    bare = _LITERALS.sub("", code.split(";")[0]).lower()
    return "general" not in bare and any(letter in bare for letter in "dmyhs")
