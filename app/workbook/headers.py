"""Whether the first row of a table names its columns or is data already."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.workbook.cells import CellError, Value

_SAMPLE = 200
_LONG = 22  # few names of columns are longer
_DATA_TEXT = re.compile(
    r"[\s$€£¥(+-]*\d[\d.,' ]*\s*[%€$£)]?"  # a number or an amount
    r"|\d{1,4}([-/.])\d{1,2}\1\d{1,4}.*"  # a date
    r"|\d{1,2}:\d{2}(:\d{2})?(\s*[AaPp]\.?[Mm]\.?)?"  # a time
    r"|\S+@\S+\.\S+"  # a mail address
    r"|(https?://|www\.)\S+"
)
_RUNS = (
    (re.compile(r"[A-ZÀ-ÖØ-Þ][a-zß-öø-ÿ]+"), "C"),
    (re.compile(r"[A-ZÀ-ÖØ-Þ]+"), "A"),
    (re.compile(r"[a-zß-öø-ÿ]+"), "a"),
)
_NUMBERS = re.compile(r"\d+")
_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        account address age amount area author birthday category city client code color colour comment company
        contact cost count country county currency customer date day department description email employee
        expected extension family file first forename formatted full gender given group hours id initials
        input invoice item job key label last lastname location mail manager middle minutes mobile month name
        names nickname note notes number order output owner parsed path person phone position postcode price
        product quantity rate ref region result role salary score sex size sku source start state status
        street subject suffix surname target tax team tel telephone text time title total type unit url user
        username value version website week weight year zip adresse artikel betrag datum geburtstag kunde land
        menge nachname nummer ort plz preis stadt strasse straße telefon titel vorname apellido ciudad codigo
        código correo fecha nombre numero número pais país precio teléfono nom numéro pays prenom prénom prix
        rue ville téléphone cognome nome città indirizzo
        """,
    )
)


def looks_like_header(first: Sequence[Value], below: Sequence[Sequence[Value]]) -> bool:
    """True when the first row reads as names of columns, judged against the rows below it.

    A number, a date or text that looks like one says data at once. Else every column votes: words that head
    columns and text over other types say header; a value that comes back below, or the same shape as the
    values below, says data.
    """
    cells = [(index, value) for index, value in enumerate(first) if value is not None]
    if not below or not cells:
        return False
    texts: list[tuple[int, str]] = []
    for index, value in cells:
        if not isinstance(value, str) or isinstance(value, CellError) or _DATA_TEXT.fullmatch(value.strip()):
            return False
        texts.append((index, value.strip()))
    if any(not text for _, text in texts):
        return False
    sample = below[:_SAMPLE]
    return sum(_vote(text, [row[index] for row in sample]) for index, text in texts) >= 0


def shape(text: str) -> str:
    """The character classes of a text, run by run: "Jan Kotas" is "C C", "AB-12" is "A-9"."""
    pieces = re.split(r"([\W_]|\d+)", text)
    return "".join(_shape_of(piece) for piece in pieces)


def _shape_of(piece: str) -> str:
    if not piece or not piece[0].isalnum():
        return piece
    if _NUMBERS.fullmatch(piece):
        return "9"
    return next((sign for pattern, sign in _RUNS if pattern.fullmatch(piece)), "x")


def _names_a_column(text: str) -> bool:
    """True for a few words without digits, one of which often heads a column."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return len(words) <= 3 and not re.search(r"\d", text) and not _WORDS.isdisjoint(words)


def _vote(text: str, below: list[Value]) -> int:
    """Positive for a header, negative for data."""
    values = [value for value in below if value is not None and not isinstance(value, CellError)]
    strings = [value.strip() for value in values if isinstance(value, str)]
    common = sum(1 for value in strings if _names_a_column(value)) * 10 >= max(len(values), 1) * 3
    known = 2 if _names_a_column(text) and not common else 0
    if not values:
        return known
    if len(strings) * 2 < len(values):
        return known + 2
    if text in strings:
        return known - 2
    typical = sorted(len(value) for value in strings)[len(strings) // 2]
    if len(text) > _LONG and len(text) <= 2 * typical:  # a long text over texts as long
        return known - 2
    if sum(1 for value in strings if _DATA_TEXT.fullmatch(value)) * 2 > len(strings):
        return known + 2
    alike = sum(1 for value in strings if shape(value) == shape(text))
    if alike == 0:
        return known + 1
    return known - 1 if alike * 10 >= len(values) * 3 else known
