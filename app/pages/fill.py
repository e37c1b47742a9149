"""Fill a sheet: type one example, see the rest; what is doubtful is marked, and one question settles most."""

from __future__ import annotations

import streamlit as st

from app.pages.desk import session, start, work

st.title("Fill a sheet")
if session.sheet() is None:
    start.show()
else:
    work.show()
