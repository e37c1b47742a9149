"""Writes cells into a copy of a workbook: one sheet part changes, everything else stays byte for byte."""

from __future__ import annotations

import posixpath
import tempfile
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, BinaryIO, cast

from app.workbook.cells import CellWrite
from app.workbook.errors import BookError
from app.workbook.files import prepare_target, replacing
from app.workbook.package import (
    CHUNK,
    CONTENT_TYPES,
    Book,
    inspect,
    open_package,
    read_part,
    read_tree,
    related_parts,
    table_header,
)
from app.workbook.render import CellRenderer
from app.workbook.splice import Planned, Progress, SheetSplicer
from app.workbook.styles import EMPTY_STYLES, StyleTable
from app.workbook.xmlbytes import Element, appended, edited, parse, prefix_of, with_attribute

_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_BEFORE_CALCULATION = {
    *("fileVersion", "fileSharing", "workbookPr", "workbookProtection", "bookViews", "sheets"),
    *("functionGroups", "externalReferences", "definedNames"),
}


def patch_workbook(
    source: Path,
    target: Path,
    sheet: str,
    writes: Iterable[CellWrite],
    progress: Progress | None = None,
    *,
    in_place: bool = False,
) -> None:
    """Writes `target`: the source with the cells of one sheet written, and all else as it was.

    Doubtful cells get an amber fill. `progress` hears (cells done, cells in all). With `in_place` the target
    may be the source, of which a backup is made first. Raises BookError, and then leaves no target, when the
    file is no workbook that can be written, the sheet is missing, or a cell is merged, part of an array
    formula, or cannot hold its value.
    """
    source, target = Path(source), Path(target)
    planned = Planned(writes)
    with open_package(source) as archive, tempfile.TemporaryFile() as fresh_sheet:
        book = inspect(source, archive)
        part = book.sheet(sheet).part
        styles = _styles(book, archive)
        splicer = SheetSplicer(planned, CellRenderer(styles, book.date1904), part, progress)
        if part not in archive.namelist():
            raise BookError(
                f"The workbook refers to {part}, which is not in it; open it in Excel and save it."
            )
        _refuse_table_headers(archive, part, planned)
        with archive.open(part) as stream:
            splicer.run(cast(BinaryIO, stream), cast(BinaryIO, fresh_sheet))
        added = any(write.formula is not None for write in planned.cells)
        changes = _changed_parts(book, archive, styles, added, splicer.formula_overwritten)
        prepare_target(source, target, in_place)
        with replacing(target, mode_of=source) as out:
            _write_package(archive, out, part, fresh_sheet, changes)


def _refuse_table_headers(archive: zipfile.ZipFile, part: str, planned: Planned) -> None:
    """The header cells of an Excel table repeat the names in the table part; one alone must not change."""
    for table in related_parts(archive, part, "table"):
        area = table_header(read_tree(archive, table))
        write = None if area is None else planned.within(area)
        if write is not None:
            raise BookError(f"The cell {write.address} is a header of an Excel table; rename it in Excel.")


def _styles(book: Book, archive: zipfile.ZipFile) -> StyleTable:
    if book.styles is not None:
        return StyleTable(read_part(archive, book.styles), book.styles)
    space = parse(read_part(archive, book.workbook), book.workbook).space
    return StyleTable(EMPTY_STYLES % space.encode(), "xl/styles.xml")


def _changed_parts(
    book: Book, archive: zipfile.ZipFile, styles: StyleTable, formulas: bool, formula_overwritten: bool
) -> dict[str, bytes | None]:
    """Part → its new bytes, or None for a part that goes away; what is not named stays as it is."""
    changes: dict[str, bytes | None] = {}
    relations = read_part(archive, book.relations)
    types = read_part(archive, CONTENT_TYPES)
    if formulas:
        changes[book.workbook] = _recalculated(read_part(archive, book.workbook), book.workbook)
    if formula_overwritten and book.calc_chain is not None:
        changes[book.calc_chain] = None
        changes[book.relations] = relations = _without_relation(relations, book.relations, "calcChain")
        changes[CONTENT_TYPES] = types = _without_override(types, book.calc_chain)
    if styles.changed and book.styles is not None:
        changes[book.styles] = styles.result()
    elif styles.changed:
        part = posixpath.join(posixpath.dirname(book.workbook), "styles.xml")
        if part in archive.namelist():
            raise BookError(
                f"{book.path.name} has a style part that nothing refers to; open it in Excel and save it."
            )
        changes[part] = styles.result()
        changes[book.relations] = _with_styles_relation(relations, book.relations)
        changes[CONTENT_TYPES] = _with_styles_type(types, part)
    return changes


def _write_package(
    archive: zipfile.ZipFile,
    out: BinaryIO,
    sheet: str,
    fresh_sheet: IO[bytes],
    changes: dict[str, bytes | None],
) -> None:
    """Writes the zip anew: same names, same order, same times, with the changed parts in their places."""
    with zipfile.ZipFile(out, "w") as package:
        package.comment = archive.comment
        for entry in archive.infolist():
            if changes.get(entry.filename, b"") is None:
                continue
            copy = _entry_like(entry)
            replacement = changes.get(entry.filename)
            if replacement is not None:
                package.writestr(copy, replacement)
            elif entry.filename == sheet:
                copy.file_size = fresh_sheet.tell()
                fresh_sheet.seek(0)
                _copy(fresh_sheet, package, copy)
            else:
                with archive.open(entry) as stream:
                    _copy(stream, package, copy)
        known = set(archive.namelist())
        for name, data in changes.items():
            if name not in known and data is not None:
                package.writestr(name, data, zipfile.ZIP_DEFLATED)


def _entry_like(entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
    copy = zipfile.ZipInfo(entry.filename, entry.date_time)
    copy.compress_type, copy.comment = entry.compress_type, entry.comment
    copy.external_attr, copy.create_system, copy.file_size = (
        entry.external_attr,
        entry.create_system,
        entry.file_size,
    )
    return copy


def _copy(stream: IO[bytes], package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    with package.open(entry, "w") as out:
        while chunk := stream.read(CHUNK):
            out.write(chunk)


def _recalculated(data: bytes, part: str) -> bytes:
    """The workbook part that asks for a calculation when it is opened."""
    root = parse(data, part)
    settings = root.child("calcPr")
    if settings is not None:
        tag = data[settings.start : settings.inner]
        return edited(data, [(settings.start, settings.inner, with_attribute(tag, "fullCalcOnLoad", "1"))])
    prefix = prefix_of(data[root.start : root.inner])
    new = f'<{prefix}calcPr fullCalcOnLoad="1"/>'.encode()
    earlier = [child for child in root.children if child.name in _BEFORE_CALCULATION]
    place = earlier[-1].end if earlier else root.inner
    return edited(data, [(place, place, new)])


def _without_relation(data: bytes, part: str, kind: str) -> bytes:
    relations = parse(data, part).all("Relationship")
    return _without(data, [one for one in relations if one.attributes.get("Type", "").endswith(f"/{kind}")])


def _without_override(data: bytes, part: str) -> bytes:
    overrides = parse(data, CONTENT_TYPES).all("Override")
    name = f"/{part}".casefold()
    return _without(data, [one for one in overrides if one.attributes.get("PartName", "").casefold() == name])


def _without(data: bytes, elements: list[Element]) -> bytes:
    return edited(data, [(one.start, one.end, b"") for one in elements])


def _with_styles_relation(data: bytes, part: str) -> bytes:
    root = parse(data, part)
    taken = {one.attributes.get("Id", "") for one in root.children}
    identity = next(
        name for number in range(1, len(taken) + 2) if (name := f"rIdStyles{number}") not in taken
    )
    kinds = [one.attributes.get("Type", "") for one in root.children]
    folder = next(kind for kind in kinds if kind.endswith("/worksheet")).rsplit("/", 1)[
        0
    ]  # transitional or strict
    prefix = prefix_of(data[root.start : root.inner])
    new = f'<{prefix}Relationship Id="{identity}" Type="{folder}/styles" Target="styles.xml"/>'
    return edited(data, appended(data, root, new.encode()))


def _with_styles_type(data: bytes, part: str) -> bytes:
    root = parse(data, CONTENT_TYPES)
    prefix = prefix_of(data[root.start : root.inner])
    new = f'<{prefix}Override PartName="/{part}" ContentType="{_STYLES_TYPE}"/>'
    return edited(data, appended(data, root, new.encode()))
