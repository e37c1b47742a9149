"""The script that Streamlit runs: the frame around the pages. Start it with `pbe app`."""

from pathlib import Path

import streamlit as st

st.set_page_config(page_title="Pragmatic fill", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
st.navigation(
    [
        st.Page("pages/fill.py", title="Fill a sheet", icon=":material/table_edit:", url_path="fill", default=True),
        st.Page("pages/game.py", title="Robot game", icon=":material/smart_toy:", url_path="game"),
        st.Page("pages/why.py", title="Why", icon=":material/psychology:", url_path="why"),
    ],
    position="top",
).run()
