"""Writes contacts.xlsx, the example workbook: the column of last names waits to be filled from one example."""

from __future__ import annotations

from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.properties import PageSetupProperties

HERE = Path(__file__).parent

PEOPLE = [
    ("Jan Kotas", "jan.kotas@northwind.example", "12 Ashton St, Seattle, WA 98101", "+1 (206) 555-0143"),
    ("Mariya Sergienko", "mariya.sergienko@northwind.example", "4 Hill Rd, Kirkland, WA 98033", "+1 (425) 555-0119"),
    ("Steven Thorpe", "s.thorpe@contoso.example", "1900 Oak Ave, Portland, OR 97205", "+1 (503) 555-0187"),
    ("Michael Neipper", "michael.neipper@contoso.example", "77 Lake Dr, Boise, ID 83702", "+1 (208) 555-0102"),
    ("Robert Zare", "robert.zare@fabrikam.example", "31 Pine Ct, Spokane, WA 99201", "+1 (509) 555-0166"),
    ("Laura Giussani", "laura.giussani@fabrikam.example", "8 Quay St, Astoria, OR 97103", "+1 (503) 555-0131"),
    ("Anne Hellung-Larsen", "anne.hellung@tailspin.example", "215 Elm St, Tacoma, WA 98402", "+1 (253) 555-0178"),
    ("María José Núñez", "mj.nunez@tailspin.example", "60 Bay Rd, Eugene, OR 97401", "+1 (541) 555-0125"),
    ("Cornelia Weiß", "cornelia.weiss@wingtip.example", "9 Mill Ln, Yakima, WA 98901", "+1 (509) 555-0190"),
    ("Amritansh Raghav", "amritansh.raghav@wingtip.example", "140 Fir St, Salem, OR 97301", "+1 (503) 555-0158"),
]


def main() -> None:
    """Write the workbook beside this file."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Contacts"
    sheet.append(["Name", "Email", "Address", "Phone", "Last name"])
    for row, person in enumerate(PEOPLE):
        sheet.append([*person, "Kotas" if row == 0 else None])
    line = Side(style="thin", color="FFD0D7DE")
    for cell in sheet[1]:
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", fgColor="FF2F5D8A")
        cell.alignment = Alignment(vertical="center")
    for cells in sheet.iter_rows(min_row=2):
        for cell in cells:
            cell.border = Border(bottom=line)
    for letter, width in zip("ABCDE", (22, 36, 36, 20, 18), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.row_dimensions[1].height = 20
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    book.save(HERE / "contacts.xlsx")


if __name__ == "__main__":
    main()
