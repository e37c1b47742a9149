"""The zip package of a workbook: which parts it has, and whether it may be touched at all."""

from __future__ import annotations

import contextlib
import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from app.workbook.cells import Area, parse_area
from app.workbook.errors import BookError
from app.workbook.xmlbytes import MAIN, Element, as_utf8, parse

CHUNK = 1 << 20
MAX_UNPACKED = 1 << 30
MAX_RATIO, RATIO_FROM = (
    400,
    64 << 20,
)  # a part that unpacks to more than 64 MiB, 400 times its size, is no workbook
MAX_SMALL_PART = 256 << 20

CONTENT_TYPES = "[Content_Types].xml"
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")


@dataclass(frozen=True, slots=True)
class Sheet:
    """One worksheet of a book and the part that holds it."""

    name: str
    part: str
    visible: bool


@dataclass(frozen=True, slots=True)
class Book:
    """What the small parts of a workbook say: its worksheets in order, and where things are kept."""

    path: Path
    workbook: str
    sheets: tuple[Sheet, ...]
    active: str | None
    date1904: bool
    styles: str | None
    calc_chain: str | None

    @property
    def relations(self) -> str:
        """The part with the relations of the workbook part."""
        return relations_of(self.workbook)

    def sheet(self, name: str | None) -> Sheet:
        """The sheet of that name, or the active (else first visible) one; else BookError lists the names."""
        if name is None:
            visible = [sheet for sheet in self.sheets if sheet.visible] or list(self.sheets)
            if not visible:
                raise BookError(f"{self.path.name} has no worksheet.")
            return next((sheet for sheet in visible if sheet.name == self.active), visible[0])
        for wanted, fold in ((name, str), (name.strip().casefold(), str.casefold)):
            for sheet in self.sheets:
                if fold(sheet.name) == wanted:
                    return sheet
        names = ", ".join(f"“{sheet.name}”" for sheet in self.sheets)
        raise BookError(f"{self.path.name} has no sheet “{name}”; it has {names}.")


@contextlib.contextmanager
def open_package(path: Path) -> Iterator[zipfile.ZipFile]:
    """The opened zip of a workbook that is safe to read; BookError for anything else, or while it is read."""
    if not path.exists():
        raise BookError(f"There is no file {path}.")
    try:
        with path.open("rb") as stream:
            _check_kind(path, stream.read(8))
            with zipfile.ZipFile(stream) as archive:
                _check_entries(path, archive)
                yield archive
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError) as error:
        raise BookError(f"{path.name} is not a workbook or is damaged ({error}).") from error
    except OSError as error:
        raise BookError(f"Cannot read {path}: {error.strerror or error}.") from error


def inspect(path: Path, archive: zipfile.ZipFile) -> Book:
    """The book behind an opened package; BookError if it is no spreadsheet or lacks parts."""
    names = {name.casefold(): name for name in archive.namelist()}
    if CONTENT_TYPES.casefold() not in names or "_rels/.rels" not in names:
        raise BookError(f"{path.name} is a zip file but not a workbook.")
    workbook = _related(read_tree(archive, names["_rels/.rels"]), "", names).get(
        "officeDocument", [("", "")]
    )[0][1]
    if workbook.endswith(".bin"):
        raise BookError(f"{path.name} is a binary workbook (.xlsb); save it as .xlsx first.")
    if not workbook:
        raise BookError(f"{path.name} is a zip file but not a workbook.")
    tree = read_tree(archive, workbook)
    if tree.name != "workbook" or tree.space not in MAIN:
        raise BookError(f"{path.name} is an Office document but not a spreadsheet.")
    relations: dict[str, list[tuple[str, str]]] = {}
    if relations_of(workbook).casefold() in names:
        relations_part = names[relations_of(workbook).casefold()]
        relations = _related(read_tree(archive, relations_part), posixpath.dirname(workbook), names)
    sheets, active = _sheets(tree, dict(relations.get("worksheet", [])))
    properties = tree.child("workbookPr")
    return Book(
        path=path,
        workbook=workbook,
        sheets=sheets,
        active=active,
        date1904=properties is not None and properties.attributes.get("date1904", "0") in {"1", "true"},
        styles=next((part for _, part in relations.get("styles", [])), None),
        calc_chain=next((part for _, part in relations.get("calcChain", [])), None),
    )


def related_parts(archive: zipfile.ZipFile, part: str, kind: str) -> list[str]:
    """The parts that a part points to with relations of one kind, such as "table"."""
    names = {name.casefold(): name for name in archive.namelist()}
    relations_part = names.get(relations_of(part).casefold())
    if relations_part is None:
        return []
    return [
        target
        for _, target in _related(read_tree(archive, relations_part), posixpath.dirname(part), names).get(
            kind, []
        )
    ]


def table_header(table: Element) -> Area | None:
    """The header cells of an Excel table, told from its part; None if it has no header row."""
    reference = table.attributes.get("ref", "")
    if not reference or table.attributes.get("headerRowCount", "1") == "0":
        return None
    area = parse_area(reference)
    return Area(area.top, area.left, area.top, area.right)


def read_tree(archive: zipfile.ZipFile, part: str) -> Element:
    """The parsed tree of a small part; BookError if it is missing or does not parse."""
    return parse(read_part(archive, part), part)


def read_part(archive: zipfile.ZipFile, part: str) -> bytes:
    """The bytes of a small part in UTF-8; BookError if it is missing or too large."""
    try:
        info = archive.getinfo(part)
    except KeyError as error:
        raise BookError(
            f"The workbook refers to {part}, which is not in it; open it in Excel and save it."
        ) from error
    if info.file_size > MAX_SMALL_PART:
        raise BookError(f"The part {part} is too large to be read ({info.file_size >> 20} MiB).")
    return as_utf8(archive.read(info), part)


def relations_of(part: str) -> str:
    """The name of the part that holds the relations of a part."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def verify(archive: zipfile.ZipFile) -> None:
    """Reads every part once, so that damage and false sizes show before another reader trusts the file."""
    for info in archive.infolist():
        with archive.open(info) as stream:
            while stream.read(CHUNK):
                pass


def _check_kind(path: Path, head: bytes) -> None:
    if head == _OLE:
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise BookError(f"{path.name} is encrypted with a password; remove the password in Excel first.")
        raise BookError(f"{path.name} is an old Excel file (.xls); save it as .xlsx first.")
    if not head.startswith(b"PK"):
        raise BookError(f"{path.name} is not a workbook: an .xlsx file starts differently.")


def _check_entries(path: Path, archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len({entry.filename.casefold() for entry in entries}) < len(entries):
        raise BookError(f"{path.name} holds two parts of one name; open it in Excel and save it first.")
    if any(entry.flag_bits & 1 for entry in entries):
        raise BookError(f"{path.name} is an encrypted zip file; remove the password first.")
    total = sum(entry.file_size for entry in entries)
    if total > MAX_UNPACKED:
        raise BookError(
            f"{path.name} unpacks to {total >> 20:,} MiB; more than {MAX_UNPACKED >> 20:,} MiB is refused."
        )
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1):
            raise BookError(f"{path.name} is refused: {entry.filename} is packed like a zip bomb.")
        if entry.filename.casefold().startswith("_xmlsignatures/"):
            raise BookError(
                f"{path.name} is digitally signed, which a change would break; save an unsigned copy."
            )


def _related(tree: Element, folder: str, names: dict[str, str]) -> dict[str, list[tuple[str, str]]]:
    """Kind → (relation id, part) of the relations to parts of the package; external ones are left out."""
    found: dict[str, list[tuple[str, str]]] = {}
    for relation in tree.all("Relationship"):
        attributes = relation.attributes
        if attributes.get("TargetMode") == "External":
            continue
        target = unquote(attributes.get("Target", ""))
        part = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        kind = attributes.get("Type", "").rsplit("/", 1)[-1]
        found.setdefault(kind, []).append((attributes.get("Id", ""), names.get(part.casefold(), part)))
    return found


def _sheets(tree: Element, parts: dict[str, str]) -> tuple[tuple[Sheet, ...], str | None]:
    """The worksheets in order, and the name of the active one when it is a visible worksheet."""
    listed = tree.child("sheets")
    entries = [] if listed is None else listed.all("sheet")
    sheets: list[Sheet] = []
    by_position: dict[int, Sheet] = {}
    for position, entry in enumerate(entries):
        identity = next(
            (value for name, value in entry.attributes.items() if name.endswith("/relationships id")), ""
        )
        if identity in parts:
            visible = entry.attributes.get("state", "visible") == "visible"
            by_position[position] = Sheet(entry.attributes.get("name", ""), parts[identity], visible)
            sheets.append(by_position[position])
    views = tree.child("bookViews")
    view = views.child("workbookView") if views is not None else None
    tab = view.attributes.get("activeTab", "0") if view is not None else "0"
    active = by_position.get(int(tab)) if tab.isdigit() else None
    return tuple(sheets), active.name if active is not None and active.visible else None
