"""The page "Fill a sheet" as a person uses it: a file, one example, a correction, the question, the copy taken away."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

NAMES = ("Jan Kotas", "Mariya Sergienko", "Anne Hellung-Larsen", "María José Núñez", "Robert Zare", "Laura Giussani")
LAST = ("Kotas", "Sergienko", "Hellung-Larsen", "Núñez", "Zare", "Giussani")


def names_book() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Name", "City", "Last name"])
    for name in NAMES:
        book.active.append([name, "Boise", None])
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def upload(page: Any, name: str, data: bytes) -> None:
    page.locator('input[type="file"]').set_input_files({"name": name, "mimeType": "", "buffer": data})


def cell(page: Any, row: int, column: int) -> Any:
    return page.locator(f'td[data-row="{row}"][data-column="{column}"]')


def put(page: Any, row: int, column: int, text: str) -> None:
    """Click a cell, type, press Enter."""
    cell(page, row, column).click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def shows(page: Any, column: int, texts: tuple[str, ...]) -> None:
    """Wait until a column of the grid shows these texts."""
    page.wait_for_function(
        """([column, texts]) => {
            const hosts = [...document.querySelectorAll("*")].filter(one => one.shadowRoot);
            const cells = hosts.flatMap(one => [...one.shadowRoot.querySelectorAll(`td[data-column="${column}"]`)]);
            return JSON.stringify(cells.map(one => one.textContent)) === JSON.stringify(texts);
        }""",
        arg=[column, list(texts)],
    )


def taken(page: Any, label: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=label, exact=True).click()
    return Path(download.value.path()).read_bytes()


def column_of(data: bytes, letter: str, formulas: bool = False) -> tuple[Any, ...]:
    sheet = openpyxl.load_workbook(io.BytesIO(data), data_only=not formulas).active
    return tuple(found.value for found in sheet[letter][1:])


def test_a_file_is_filled_corrected_asked_about_and_taken_away(page: Any) -> None:
    upload(page, "people.xlsx", names_book())
    page.get_by_role("heading", level=1, name="people.xlsx").wait_for()
    put(page, 0, 2, "Kotas")
    shows(page, 2, LAST)
    assert page.locator("td.doubtful").count() == 2
    page.get_by_text("5 cells filled from 1 example, 2 doubtful").wait_for()
    page.get_by_text("The last space-separated part of Name.").wait_for()

    page.get_by_text("What should row 4 be?").wait_for()
    page.get_by_role("button", name="Hellung-Larsen").click()
    page.get_by_text("4 cells filled from 2 examples").wait_for()

    put(page, 3, 2, "José Núñez")
    cell(page, 3, 2).and_(page.locator(".given")).wait_for()
    page.get_by_text("from 3 examples").wait_for()
    data = taken(page, "Workbook")
    assert column_of(data, "C")[0:5:2] == ("Kotas", "Hellung-Larsen", "Zare")
    page.get_by_role("button", name="↶ Undo").or_(page.get_by_role("button", name="Undo (Ctrl+Z)")).click()
    shows(page, 2, LAST)

    page.get_by_role("button", name="Accept all").click()
    page.get_by_text("Accepted.").wait_for()
    assert page.locator("td.sure, td.doubtful").count() == 0
    assert column_of(taken(page, "Workbook"), "C") == LAST
    formulas = column_of(taken(page, "With formulas"), "C", formulas=True)
    assert [str(found).startswith("=") for found in formulas] == [False, True, False, True, True, True]
    assert taken(page, "CSV").decode("utf-8-sig").splitlines()[3] == "Anne Hellung-Larsen,Boise,Hellung-Larsen"
    assert b'"format": "pbe-program"' in taken(page, "Program")

    put(page, 0, 3, "KOTAS")
    shows(page, 3, tuple(name.upper() for name in LAST))
    shows(page, 2, LAST)


def test_with_the_keyboard_alone(open_page: Callable[..., Any]) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Open Contacts").focus()
    page.keyboard.press("Enter")
    page.get_by_role("grid").wait_for()
    page.get_by_role("button", name="Add a column").focus()
    page.keyboard.press("Tab")
    if not at(page):
        page.keyboard.press("Tab")
    assert at(page) == "0,2"  # the cell that the page suggests
    page.keyboard.type("Kotas")
    page.keyboard.press("Enter")
    page.locator("td.sure").first.wait_for()
    assert at(page) == "1,2"
    page.keyboard.press("F2")
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    assert at(page) == "1,2"
    assert cell(page, 1, 2).text_content() == "Sergienko"
    page.keyboard.press("Alt+ArrowDown")
    page.wait_for_function(AT + "() === '6,2'")
    page.keyboard.press("Control+Enter")
    cell(page, 6, 2).and_(page.locator(".given")).wait_for()
    page.keyboard.press("Control+z")
    cell(page, 6, 2).and_(page.locator(".doubtful")).wait_for()
    page.keyboard.press("Control+y")
    cell(page, 6, 2).and_(page.locator(".given")).wait_for()

    page.keyboard.press("Control+ArrowUp")
    assert at(page) == "0,2"
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+c")
    page.keyboard.press("Tab")
    page.keyboard.press("Control+v")
    column = page.locator('td[data-column="3"]')
    column.nth(1).get_by_text("Kotas").wait_for()
    column.nth(2).get_by_text("Sergienko").wait_for()


AT = """(() => {
    let on = document.activeElement;
    while (on && on.shadowRoot && on.shadowRoot.activeElement) on = on.shadowRoot.activeElement;
    return on && on.dataset.row !== undefined ? `${on.dataset.row},${on.dataset.column}` : "";
})"""


def at(page: Any) -> str:
    """Return the row and column of the cell that has the focus, or nothing."""
    found: str = page.evaluate(AT + "()")
    return found


def settled(page: Any) -> None:
    """Wait until nothing runs or fades any more: axe measures colours half-way through, too."""
    page.locator('[data-test-script-state="notRunning"]').wait_for()
    page.wait_for_function("document.getAnimations().every(one => one.playState !== 'running')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(
    open_page: Callable[..., Any], serious: Callable[[Any], list[str]], scheme: str
) -> None:
    page = open_page(color_scheme=scheme)
    settled(page)
    assert serious(page) == []
    page.get_by_role("button", name="Open Contacts").click()
    put(page, 0, 2, "Kotas")
    page.locator("td.sure").first.wait_for()
    page.get_by_text("other readings").click()
    page.get_by_role("button", name=re.compile("Take this one")).first.wait_for()
    settled(page)
    assert serious(page) == []


def bomb(declared: bool) -> bytes:
    """A workbook with a sheet that unpacks to far more than it should; its directory says so, or lies."""
    book = zipfile.ZipFile(io.BytesIO(names_book()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in book.namelist():
            made.writestr(name, book.read(name) if "sheet1" not in name else b"<a>" + b" " * (80 << 20))
    data = bytearray(out.getvalue())
    if not declared:
        place = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/worksheets/sheet1.xml"))
        data[place + 24 : place + 28] = struct.pack("<I", 1000)
    return bytes(data)


def signed_encrypted() -> bytes:
    return bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600


def wide() -> bytes:
    line = ",".join(f"c{index}" for index in range(16_384))
    return f"{line}\n{line}\n{line}\n".encode()


HOSTILE = {
    "corrupt.xlsx": (names_book()[:900], "not a workbook or is damaged"),
    "plain.xlsx": (b"hello", "not a workbook"),
    "secret.xlsx": (signed_encrypted(), "encrypted with a password"),
    "bomb.xlsx": (bomb(True), "packed like a zip bomb"),
    "liar.xlsx": (bomb(False), "damaged"),
    "wide.csv": (wide(), "16,384 columns; at most 200"),
    "commas.csv": (b"a,b\n" + b"," * 5_000_000, "cells can be read|at most"),
    "binary.csv": (b"\0\1\2" * 100, "not a text file"),
    "empty.csv": (b"", "no rows of data"),
}


def test_hostile_files_get_one_sentence_and_the_page_goes_on(page: Any) -> None:
    for name, (data, sentence) in HOSTILE.items():
        upload(page, name, data)
        page.get_by_role("alert").get_by_text(re.compile(f"{name} .*({sentence})")).wait_for()
    upload(page, "people.xlsx", names_book())
    page.get_by_role("grid").wait_for()


def test_what_stands_in_cells_is_shown_and_never_run(page: Any) -> None:
    markup = '<img src=x onerror="window.ran=1">'
    book = openpyxl.Workbook()
    book.active.append(["Name", f"{markup} [link](javascript:alert(1)) :smile: $x$", "Last name"])
    texts = (markup, "=1+1", "=HYPERLINK(A1)", "<b>x</b>", ":material/check: **b**")
    for text in texts:
        book.active.append([text, text, None])
        for found in book.active[book.active.max_row][:2]:
            found.data_type = "s"
    upload(page, f"{markup.replace('/', '')}.xlsx", saved(book))
    page.get_by_role("grid").wait_for()
    assert cell(page, 0, 0).text_content() == markup
    put(page, 0, 2, f"{markup}!")
    shows(page, 2, tuple(f"{text}!" for text in texts))
    assert page.evaluate("window.ran") is None
    assert page.locator('img[src="x"], a[href^="javascript"]').count() == 0
    found = openpyxl.load_workbook(io.BytesIO(taken(page, "Workbook"))).active
    assert [(one.value, one.data_type) for one in found["C"][2:4]] == [("=1+1!", "s"), ("=HYPERLINK(A1)!", "s")]


def test_long_sheets_come_in_pages_and_are_learnt_as_a_whole(page: Any) -> None:
    lines = "".join(f"Ann Lee{index},\n" for index in range(249)) + "Eva Marie Berg,\n"
    upload(page, "long.csv", b"Name,Last\n" + lines.encode())
    page.get_by_text("Rows 1–100 of 250").wait_for()
    put(page, 0, 1, "Lee0")
    page.get_by_text("249 cells filled from 1 example").wait_for()
    page.get_by_role("button", name=re.compile("Next doubtful|doubtful cell")).click()
    page.get_by_text("Rows 201–250 of 250").wait_for()
    page.wait_for_function(AT + "() === '49,1'")
    page.get_by_role("button", name="Previous rows").click()
    page.get_by_text("Rows 101–200 of 250").wait_for()
    assert taken(page, "CSV").decode().splitlines()[200] == "Ann Lee199,Lee199"


def test_two_visitors_do_not_see_each_other(open_page: Callable[..., Any]) -> None:
    one, other = open_page(), open_page()
    upload(one, "one.csv", b"Name,Out\nJan Kotas,\nEva Lind,\n")
    upload(other, "other.csv", b"Code,Out\nA-1,\nB-2,\n")
    put(one, 0, 1, "Kotas")
    put(other, 0, 1, "1")
    shows(one, 1, ("Kotas", "Lind"))
    shows(other, 1, ("1", "2"))


def test_the_sheet_is_still_there_after_another_page(page: Any) -> None:
    page.get_by_role("button", name="Open Guests").click()
    put(page, 0, 2, "Okafor, Ada")
    page.locator("td.sure").first.wait_for()
    page.get_by_role("link", name="Robot game").first.click()
    page.get_by_role("heading", level=1, name="Robot game").wait_for()
    page.get_by_role("link", name="Fill a sheet").first.click()
    page.locator("td.sure").first.wait_for()
    put(page, 1, 2, "Bruno Lindqvist")
    cell(page, 1, 2).and_(page.locator(".given")).wait_for()


def test_where_no_rule_is_found_the_page_says_what_to_try(page: Any) -> None:
    page.get_by_role("button", name="Open Phones").click()
    for row, text in enumerate(("qwerty", "zxcvbnm", "plugh", "xyzzy")):
        put(page, row, 2, text)
        cell(page, row, 2).filter(has_text=text).wait_for()
    page.get_by_text("No rule was found that gives all your examples.").wait_for()
    page.get_by_role("button", name="Keep what I typed, fill nothing").click()
    page.get_by_text("Type one example").wait_for()
    assert cell(page, 1, 2).text_content() == "zxcvbnm"


def test_pasted_cells_are_opened(page: Any) -> None:
    page.get_by_label("Or paste cells from a spreadsheet").fill("Name\tLast\nJan Kotas\tKotas\nEva Lind\t\n")
    page.get_by_role("button", name="Open pasted cells").click()
    shows(page, 1, ("Kotas", "Lind"))


