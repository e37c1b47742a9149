"""Fill a sheet: type one example, see the rest."""

import streamlit as st

st.title("Fill a sheet")
