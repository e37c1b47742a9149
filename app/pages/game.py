"""The robot game."""

import streamlit as st

st.title("Robot game")
