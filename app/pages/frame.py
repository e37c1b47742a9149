"""The script that Streamlit runs: the frame around the pages. Start it with `pbe app`.

It stands among the pages, since Streamlit takes a folder `pages` beside its script for a navigation of its own.
"""

import gc
from pathlib import Path

import streamlit as st

STYLE = """
.stMainBlockContainer { padding-top: 4.5rem; }
.stApp [data-testid="stCaptionContainer"] { opacity: 0.8; }
.stApp [data-testid="stSliderThumbValue"] { color: inherit; }
"""
"""Less air above the titles; captions and numbers that everybody can read."""


COLLECTED_AFTER = 100_000
"""New objects after which the garbage collector looks at them."""


@st.cache_resource(show_spinner=False)
def settle(page: str) -> None:
    """Spare the garbage collector what a page loads once for all visitors.

    Streamlit collects after every run, and going through all modules takes it longer than most runs last. The outputs
    of a long sheet are many small objects and no garbage: with Python's threshold of 700 they set it off all the time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECTED_AFTER)


st.set_page_config(page_title="Pragmatic fill", page_icon=str(Path(__file__).with_name("icon.svg")), layout="wide")
st.html(f"<style>{STYLE}</style>")
page = st.navigation(
    [
        st.Page("fill.py", title="Fill a sheet", icon=":material/table_edit:", url_path="fill", default=True),
        st.Page("game.py", title="Robot game", icon=":material/smart_toy:", url_path="game"),
        st.Page("why.py", title="Why", icon=":material/psychology:", url_path="why"),
    ],
    position="top",
)
page.run()
settle(page.url_path)
