"""What to take away from the sheet: a workbook with values or with formulas, text, the program."""

from __future__ import annotations

import streamlit as st

from app.filling import Filling
from app.pages.desk.plain import plain
from app.sheets import downloads as files
from app.sheets.sheet import Sheet
from dsl.emit import Unsupported


def downloads(sheet: Sheet) -> None:
    """Show what can be taken away from a sheet."""
    stem = sheet.table.source.stem
    macros = sheet.table.source.suffix.lower() == ".xlsm"
    suffix = ".xlsm" if macros else ".xlsx"
    filling = sheet.filling
    formulas = _formula_problem(filling)
    st.markdown("**Download a copy**")
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Workbook", data=lambda: files.workbook(sheet), file_name=f"{stem}-filled{suffix}", on_click="ignore"
        )
        st.download_button(
            "With formulas", data=lambda: files.workbook(sheet, formulas=True), on_click="ignore",
            file_name=f"{stem}-formulas{suffix}", disabled=formulas is not None, help=formulas,
        )  # fmt: skip
        st.download_button(
            "CSV", data=lambda: files.delimited(sheet), file_name=f"{stem}-filled.csv", on_click="ignore"
        )
        column = sheet.column
        if column is not None and column.filling is not None and column.filling.answer.program is not None:
            st.download_button(
                "Program", data=lambda: files.program(column), file_name=f"{stem}.pbe", on_click="ignore",
                help="For `pbe apply` on other files with the same columns.",
            )  # fmt: skip


def _formula_problem(filling: Filling | None) -> str | None:
    """Return why there is no workbook with formulas, if there is none."""
    if filling is None or filling.answer.program is None:
        return "Nothing is learnt yet."
    try:
        filling.shown_formula(filling.answer.program)
    except Unsupported as error:
        return plain(str(error))
    return None
