"""The way in: a file, a paste, or a built-in example."""

from __future__ import annotations

from functools import partial

import streamlit as st

from app.pages.desk import session
from app.pages.desk.plain import plain
from app.sheets.examples import CASES, Case
from app.sheets.opening import MOST_BYTES, example, pasted_text, uploaded

KINDS = ["xlsx", "xlsm", "csv", "tsv", "txt"]


def show() -> None:
    """Show the three ways to open a sheet."""
    st.title("Fill a sheet")
    st.markdown(
        "Type **one example** into a column. The rest is filled in as a preview, cells that deserve a second look are "
        "marked, and what was learnt is a formula you can keep."
    )
    problem = session.desk().problem
    if problem:
        st.error(plain(problem), icon=":material/error:")
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Open your own")
        st.file_uploader(
            "A workbook or a text table", type=KINDS, max_upload_size=MOST_BYTES >> 20, key="upload", on_change=_upload
        )
        st.text_area("Or paste cells from a spreadsheet", key="pasted", height=122)
        st.button("Open pasted cells", on_click=_paste)
        st.caption(
            "Everything stays on this machine, unless you ask a language model elsewhere. Your file is never changed; "
            "you download a copy."
        )
    with right:
        st.header("Or try one of these")
        for case in CASES:
            with st.container(border=True, horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{case.about}**  \n{plain(case.given)} → {plain(case.first)}", width="stretch")
                st.button(f"Open {case.name}", key=f"case {case.name}", on_click=partial(_open_case, case))


def _upload() -> None:
    file = st.session_state.upload
    if file is not None:
        data = file.getvalue()
        session.open_next(partial(uploaded, file.name, data), file.name)


def _paste() -> None:
    session.open_next(partial(pasted_text, st.session_state.pasted), "Pasted cells")


def _open_case(case: Case) -> None:
    session.open_next(partial(example, case), case.name, case.first)
