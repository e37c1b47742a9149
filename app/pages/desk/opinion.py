"""The switch for a language model's opinion: which model, what it gets to see, and what came of it.

Nothing is asked before the visitor turns it on. The preview without the model is always on show first.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from app.pages.desk import session
from app.pages.desk.plain import plain
from app.sheets.job import Job
from app.sheets.opinion import awaiting, forgotten, unasked
from app.sheets.sheet import Column, Sheet
from app.shown import clean

if TYPE_CHECKING:
    from app.prior import Prior
    from app.providers.provider import Model

LOCAL = "local"
HOW_TO_GET_ONE = (
    "No language model is set up here: pip install 'pragmatic-pbe[local-llm]' brings a small one that runs on this "
    "machine; with OPENAI_API_KEY (extra llm) or ANTHROPIC_API_KEY (extra anthropic) set when the pages are started, "
    "those can be asked."
)
MASKING = (
    "Other letters and digits are put in the place of those in the cells, the same everywhere. Lengths, marks, zeros, "
    "headers and your words remain as they are."
)


def hear() -> None:
    """Take what a model has answered, and have it asked about the next preview if the visitor wants that.

    One question of a session is under way at a time: what is typed meanwhile is asked about all at once.
    """
    place, present = session.desk(), session.sheet()
    assert present is not None
    if place.asking is not None:
        wanted = place.wish.on and place.asking.serves(present)
        if not wanted:
            place.asking.stop()
        if place.asking.wait(0):
            answered, place.asking = place.asking, None
            if wanted:
                present = answered.result(present)
                session.put(present)
    column = awaiting(present) if place.wish.on and present.due is None else None
    if column is not None and place.asking is None:
        prior = _prior(place.wish, present, present.columns[column])
        if not isinstance(prior, str):
            place.asking = Job(present, column, prior)


def show_note(column: Column) -> None:
    """Show what a model had to do with a column's preview, or that it is being asked."""
    if column.filling is not None and column.filling.note is not None:
        st.caption(f":material/forum: {plain(column.filling.note)}")
    elif column.wanted and session.desk().wish.on and session.desk().asking is not None:
        _asking()


@st.fragment(run_every=0.4)
def _asking() -> None:
    job = session.desk().asking
    if job is None or job.wait(0):
        st.rerun()
    assert job is not None and job.prior is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f":material/forum: Asking {plain(job.prior.model.name)} too …", width="stretch")
        st.button("Do not wait", type="tertiary", on_click=_stop_asking)


def show(sheet: Sheet) -> None:
    """Show the switch and what belongs to it, closed until wanted."""
    box = st.expander("Ask a language model too", key="opinion open", icon=":material/forum:", on_change="rerun")
    if not box.open:
        return
    with box:
        providers = _providers()
        if providers:
            _choices(sheet, providers)
        else:
            st.markdown(plain(HOW_TO_GET_ONE))


def _choices(sheet: Sheet, providers: tuple[str, ...]) -> None:
    wish, column = session.desk().wish, sheet.column
    st.caption(
        "It is told the examples, a few more rows, the headers and your words, and only makes some of the rules that "
        "fit likelier."
    )
    _kept(st.radio, "provider", "Provider", providers, providers.index(_provider(wish)), horizontal=True)
    if _provider(wish) != LOCAL:
        _kept(st.text_input, "model", "Model", wish.model or os.environ.get("PBE_LLM_MODEL", ""), max_chars=200)
    if column is not None:
        place = (sheet.table.sheet, column.letters)
        st.text_input(
            f"Column {plain(column.header)}, in your words", wish.said.get(place, ""), key=f"opinion said {place}",
            max_chars=500, placeholder="such as: the family name, without titles", on_change=_say, args=place,
        )  # fmt: skip
    _kept(st.checkbox, "masked", "Mask the cells", wish.masked, help=MASKING)
    prior = _prior(wish, sheet, column)
    if isinstance(prior, str):
        st.caption(plain(prior))
        return
    filling = column.preview if column is not None else None
    with st.container(horizontal=True, vertical_alignment="center"):
        key = f"opinion on {_provider(wish)} {wish.model}"
        _kept(st.toggle, "on", f"Ask {plain(prior.model.name)}", wish.on, key=key)
        if filling is not None and st.button("Show what is sent"):
            _sent(prior.shown(filling.task))


@st.dialog("What is sent", width="large")
def _sent(text: str) -> None:
    st.caption("Where no rule that comes back fits the examples, one goes out once more, with what it wrote.")
    st.code("\n".join(map(clean, text.split("\n"))), language=None, wrap_lines=True, height=520)


def _prior(wish: session.Wish, sheet: Sheet, column: Column | None) -> Prior | str:
    """Return the model with all that the visitor said of it, or why it cannot be asked."""
    from app.prior import Prior  # here, since most visitors never ask for one
    from app.providers.provider import ProviderError

    provider = _provider(wish)
    try:
        model = _model(provider if provider == LOCAL or not wish.model else f"{provider}:{wish.model}")
    except ProviderError as error:
        return str(error)
    said = wish.said.get((sheet.table.sheet, column.letters)) if column is not None else None
    return Prior(model, model.patience, wish.masked, said)


def _provider(wish: session.Wish) -> str:
    return wish.provider or _providers()[0]


@st.cache_resource(show_spinner=False)
def _providers() -> tuple[str, ...]:
    from app.providers.registry import ready

    return ready(os.environ)


@st.cache_resource(show_spinner=False)
def _model(name: str) -> Model:
    """Return a model by its name: one for all sessions, since the limit on its spending holds for all together."""
    from app.providers.registry import find_model

    return find_model(name, os.environ)


def _kept(widget: Any, name: str, label: str, *args: Any, key: str | None = None, **options: Any) -> None:
    """Show a widget whose value is kept as a field of the wish."""
    key = key or f"opinion {name}"
    widget(label, *args, key=key, on_change=_wish, args=(name, key), **options)


def _wish(name: str, key: str) -> None:
    """Take the value of a widget; another model is not asked before that is turned on for it."""
    value = st.session_state[key]
    fields = {name: value.strip() if isinstance(value, str) else value}
    _change(**fields if name in ("on", "masked") else {**fields, "on": False})


def _say(sheet: str | None, letters: str) -> None:
    place = (sheet, letters)
    text = st.session_state[f"opinion said {place}"].strip()
    _change(said={**session.desk().wish.said, place: text})


def _change(**fields: Any) -> None:
    """Take a change of the wish; what was said under the old one is forgotten."""
    place = session.desk()
    place.wish = replace(place.wish, **fields)
    if place.asking is not None:
        place.asking.stop()
    session.change(forgotten)


def _stop_asking() -> None:
    place, present = session.desk(), session.sheet()
    column = None if present is None else awaiting(present)
    if present is not None and column is not None and place.asking is not None:
        place.asking.stop()
        session.put(unasked(present, column, "The language model was not waited for; learnt without it."))
