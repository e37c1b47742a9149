"""Small workbooks for the tests of app.workbook, built by hand and part by part, and what libraries read from one."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import openpyxl
from python_calamine import CalamineWorkbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT_OFFICE = "http://purl.oclc.org/ooxml/officeDocument/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"

STYLES = (
    '<styleSheet xmlns="{ns}">'
    '<numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>'
    '<fonts count="2"><font><name val="Arial"/></font><font><b/><name val="Arial"/></font></fonts>'
    '<fills count="3"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill>'
    '<fill><patternFill patternType="solid"><fgColor rgb="FF00FF00"/></patternFill></fill></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0"><alignment horizontal="center"/></xf>'
    "<xf numFmtId='49' fontId='0' fillId='0' borderId='0' xfId='0'/></cellXfs>"
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)
OPAQUE = {  # parts that nobody here understands, and that must come through untouched
    "xl/drawings/drawing1.xml": b"<xdr:wsDr xmlns:xdr='x'>  <!-- shapes --> </xdr:wsDr>",
    "xl/comments1.xml": b"<comments xmlns='x'>\r\n</comments>",
    "xl/vbaProject.bin": bytes(range(256)) * 9,
    "xl/media/image1.png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 50,
    "customXml/item1.xml": "<a>Änderung</a>".encode("utf-16"),
}


def sheet_xml(rows: str, before: str = "", after: str = "", ns: str = MAIN) -> str:
    """A worksheet part with the given rows, and text before and after its sheetData."""
    return (
        f'<worksheet xmlns="{ns}" xmlns:r="{OFFICE}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
    )


def text_cell(address: str, text: str, extra: str = "") -> str:
    """A cell with an inline string."""
    return f'<c r="{address}"{extra} t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'


def write_book(
    path: Path,
    sheet: str | bytes,
    *,
    ns: str = MAIN,
    styles: str | None = STYLES,
    workbook_extra: str = "",
    date1904: bool = False,
    calc_chain: bool = False,
    extra: dict[str, bytes] | None = None,
    shared: str | None = None,
    prefix: str = "",
) -> Path:
    """A workbook with one visible sheet "Data" (and a hidden one before it) whose sheet part is given."""
    office = OFFICE if ns == MAIN else STRICT_OFFICE
    parts: dict[str, bytes] = {}
    overrides = {
        "xl/workbook.xml": "sheet.main",
        "xl/worksheets/sheet1.xml": "worksheet",
        "xl/worksheets/hidden.xml": "worksheet",
    }
    relations = [("worksheet", "worksheets/hidden.xml"), ("worksheet", "/xl/worksheets/sheet1.xml")]
    if styles is not None:
        relations.append(("styles", "styles.xml"))
        overrides["xl/styles.xml"] = "styles"
    if shared is not None:
        relations.append(("sharedStrings", "sharedStrings.xml"))
        overrides["xl/sharedStrings.xml"] = "sharedStrings"
    if calc_chain:
        relations.append(("calcChain", "calcChain.xml"))
        overrides["xl/calcChain.xml"] = "calcChain"
    parts["[Content_Types].xml"] = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Default Extension="png" ContentType="image/png"/><Default Extension="bin" ContentType="x/y"/>'
        + "".join(f'<Override PartName="/{k}" ContentType="{KIND}.{v}+xml"/>' for k, v in overrides.items())
        + "</Types>"
    ).encode()
    parts["_rels/.rels"] = (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ).encode()
    p = prefix
    declared = f'xmlns:{p[:-1]}="{ns}"' if p else f'xmlns="{ns}"'
    parts["xl/workbook.xml"] = (
        f'<{p}workbook {declared} xmlns:r="{office}"><{p}workbookPr date1904="{int(date1904)}"/>'
        f'<{p}sheets><{p}sheet name="Secret" sheetId="1" state="hidden" r:id="rId1"/>'
        f'<{p}sheet name="Data" sheetId="2" r:id="rId2"/></{p}sheets>{workbook_extra}</{p}workbook>'
    ).encode()
    parts["xl/_rels/workbook.xml.rels"] = (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{number}" Type="{office}/{kind}" Target="{target}"/>'
            for number, (kind, target) in enumerate(relations, 1)
        )
        + "</Relationships>"
    ).encode()
    parts["xl/worksheets/hidden.xml"] = sheet_xml("", ns=ns).encode()
    parts["xl/worksheets/sheet1.xml"] = sheet.encode() if isinstance(sheet, str) else sheet
    if styles is not None:
        parts["xl/styles.xml"] = styles.format(ns=ns).encode()
    if shared is not None:
        parts["xl/sharedStrings.xml"] = shared.encode()
    if calc_chain:
        parts["xl/calcChain.xml"] = f'<calcChain xmlns="{ns}"><c r="B2" i="2"/></calcChain>'.encode()
    parts.update(OPAQUE if extra is None else extra)
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, data) in enumerate(parts.items()):
            archive.writestr(name, data, zipfile.ZIP_STORED if number % 3 == 0 else zipfile.ZIP_DEFLATED)
    return path


def parts_of(path: Path) -> dict[str, bytes]:
    """Part name → bytes, in the order of the zip."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed_parts(before: Path, after: Path) -> set[str]:
    """The parts that were changed, added or dropped; the others must stand in the same order."""
    old, new = parts_of(before), parts_of(after)
    assert [name for name in old if name in new] == [name for name in new if name in old]
    return {name for name in old | new if old.get(name) != new.get(name)}


def digest(path: Path) -> str:
    """A fingerprint of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


ROWS = (
    '<row r="1" spans="1:2">' + text_cell("A1", "Name") + text_cell("B1", "Short") + "</row>"
    '<row r="2" ht="20">' + text_cell("A2", "Jan Kotas") + text_cell("B2", "Jan") + "</row>"
    '<row r="4" spans="1:1">' + text_cell("A4", "Mariya Sergienko") + "</row>"
)
"""A sheet of names with a missing row and a cell to fill."""


def fast(path: Path, sheet: str = "Data") -> list[list[object]]:
    """What calamine reads from a sheet, row by row."""
    with CalamineWorkbook.from_path(path) as book:
        return list(book.get_sheet_by_name(sheet).iter_rows())


def slow(path: Path, address: str, sheet: str = "Data") -> object:
    """What openpyxl reads from a cell."""
    return openpyxl.load_workbook(path, data_only=True)[sheet][address].value
