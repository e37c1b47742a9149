"""XML parts as bytes: where each element lies, and small edits that leave every other byte alone."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from app.workbook.errors import BookError

MAIN = frozenset(
    {
        "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        "http://purl.oclc.org/ooxml/spreadsheetml/main",
    }
)
_CHUNK = 1 << 18
_DECLARED = re.compile(rb"""^<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_DECLARATION = re.compile(r"^<\?xml[^>]*\?>")
_TAG = re.compile(rb"""<[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
_NAME = re.compile(rb"<([^\s/>]+)")
_ATTRIBUTE = r"""\s+{name}\s*=\s*("[^"]*"|'[^']*')"""


@dataclass(slots=True)
class Element:
    """One element of a part: byte offsets of its start tag [start, inner) and of the whole [start, end)."""

    space: str
    name: str
    attributes: dict[str, str]
    start: int
    inner: int
    parent: Element | None
    closed: bool  # written as <a/>
    inner_end: int = 0
    end: int = 0
    children: list[Element] = field(default_factory=list)

    def child(self, name: str) -> Element | None:
        """The first child of that local name, or None."""
        return next((child for child in self.children if child.name == name), None)

    def all(self, name: str) -> list[Element]:
        """The children of that local name."""
        return [child for child in self.children if child.name == name]


def new_parser(part: str) -> expat.XMLParserType:
    """A namespace-aware parser ("space name") that refuses document types, and so entity bombs."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def refuse(*_: object) -> None:
        raise BookError(
            f"The part {part} declares a document type, which no spreadsheet program writes; refused."
        )

    parser.StartDoctypeDeclHandler = refuse
    parser.buffer_text = True
    return parser


def broken(part: str, error: expat.ExpatError) -> BookError:
    """The error to raise for XML that does not parse."""
    return BookError(
        f"The part {part} is damaged ({error}); open the workbook in Excel, save it, and try again."
    )


def split_name(name: str) -> tuple[str, str]:
    """(namespace, local name) of a name as `new_parser` reports it."""
    space, _, local = name.rpartition(" ")
    return space, local


def tag_end(data: bytes | bytearray, start: int) -> int:
    """The offset just behind the tag that starts at `start`."""
    match = _TAG.match(data, start)
    if match is None:
        raise BookError(
            "A tag of the sheet cannot be read; open the workbook in Excel, save it, and try again."
        )
    return match.end()


def encoding_of(head: bytes) -> str:
    """The name of the encoding of a part, told from its first bytes; "utf-8" for ASCII too."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(b"<\x00?\x00"):
        return "utf-16-le"
    if head.startswith(b"\x00<\x00?"):
        return "utf-16-be"
    match = _DECLARED.match(head.removeprefix(codecs.BOM_UTF8))
    name = match[1].decode("ascii").lower() if match else "utf-8"
    return "utf-8" if name in {"utf-8", "utf8", "us-ascii", "ascii"} else name


def as_utf8(data: bytes, part: str) -> bytes:
    """The part in UTF-8: the same bytes if it was, else transcoded with its declaration adapted."""
    encoding = encoding_of(data[:200])
    if encoding == "utf-8":
        return data
    try:
        text = data.decode(encoding)
    except (LookupError, UnicodeDecodeError) as error:
        raise BookError(
            f"The part {part} cannot be decoded as {encoding}; save the workbook in Excel first."
        ) from error
    fresh = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return _DECLARATION.sub(fresh, text.lstrip("\ufeff"), count=1).encode("utf-8")


def utf8_chunks(source: IO[bytes], part: str) -> Iterator[bytes]:
    """The bytes of a part in UTF-8, piece by piece; only a part in another encoding is held as a whole."""
    head = source.read(_CHUNK)
    if encoding_of(head[:200]) != "utf-8":
        yield as_utf8(head + source.read(), part)
        return
    while head:
        yield head
        head = source.read(_CHUNK)


def parse(data: bytes, part: str) -> Element:
    """The tree of a part in UTF-8, every element with its byte offsets; BookError if it does not parse."""
    parser = new_parser(part)
    root: list[Element] = []
    stack: list[Element] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        offset = parser.CurrentByteIndex
        inner = tag_end(data, offset)
        space, local = split_name(name)
        parent = stack[-1] if stack else None
        element = Element(space, local, attributes, offset, inner, parent, data[inner - 2 : inner] == b"/>")
        (parent.children if parent else root).append(element)
        stack.append(element)

    def end(_: str) -> None:
        element = stack.pop()
        element.inner_end = element.inner if element.closed else parser.CurrentByteIndex
        element.end = element.inner if element.closed else tag_end(data, element.inner_end)

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise broken(part, error) from error
    return root[0]


def prefix_of(tag: bytes) -> str:
    """The namespace prefix of a tag with its colon, or ""."""
    match = _NAME.match(tag)
    prefix, colon, _ = (match[1] if match else b"").rpartition(b":")
    return (prefix + colon).decode("utf-8")


def without_attributes(tag: bytes, *names: str) -> bytes:
    """The tag without those (unprefixed) attributes."""
    for name in names:
        tag = re.sub(_ATTRIBUTE.format(name=name).encode(), b"", tag, count=1)
    return tag


def with_attribute(tag: bytes, name: str, value: str) -> bytes:
    """The tag with one attribute set: replaced where it stands, or added at the end of the tag."""
    found = re.search(_ATTRIBUTE.format(name=name).encode(), tag)
    if found is not None:
        return tag[: found.start(1)] + f'"{value}"'.encode() + tag[found.end(1) :]
    tail = len(tag) - (2 if tag.endswith(b"/>") else 1)
    return tag[:tail].rstrip() + f' {name}="{value}"'.encode() + tag[tail:]


def opened(tag: bytes) -> bytes:
    """The start tag of an element that was written as <a/>, without the slash."""
    return tag[:-2].rstrip() + b">" if tag.endswith(b"/>") else tag


def closing(tag: bytes) -> bytes:
    """The end tag that belongs to a start tag."""
    match = _NAME.match(tag)
    return b"</" + (match[1] if match else b"") + b">"


def edited(data: bytes, edits: Iterable[tuple[int, int, bytes]]) -> bytes:
    """The bytes with each [start, end) replaced; the edits must not overlap."""
    pieces: list[bytes] = []
    position = 0
    for start, end, replacement in sorted(edits, key=lambda edit: edit[:2]):
        pieces += (data[position:start], replacement)
        position = end
    return b"".join([*pieces, data[position:]])


def appended(
    data: bytes, element: Element, new: bytes, count: int | None = None
) -> list[tuple[int, int, bytes]]:
    """The edits that put `new` at the end of an element, and set its `count` attribute where it has one."""
    tag = data[element.start : element.inner]
    fresh = (
        with_attribute(tag, "count", str(count))
        if count is not None and "count" in element.attributes
        else tag
    )
    if element.closed:
        return [(element.start, element.end, opened(fresh) + new + closing(tag))]
    edits = [(element.inner_end, element.inner_end, new)]
    return edits if fresh == tag else [(element.start, element.inner, fresh), *edits]
