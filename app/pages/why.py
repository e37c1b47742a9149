"""Why this answer."""

import streamlit as st

st.title("Why")
