"""Fill a sheet: type one example, see the rest; what is doubtful is marked, and one question settles most."""

import streamlit as st

from app.pages.desk import session, start, work

st.html("<style>.stMainBlockContainer h2 { font-size: 1.6rem; padding-top: 0.25rem; }</style>")
if session.desk().arriving is not None:
    with st.spinner("Opening the file …"):
        session.open_arrived()
if session.sheet() is None:
    start.show()
else:
    work.show()
