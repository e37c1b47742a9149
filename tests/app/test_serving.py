"""`pbe app` serves on this machine only, tells nobody, and says what is wrong with its port."""

from __future__ import annotations

import socket

import pytest
from commandline import run

from app import serving


def test_a_port_in_use_is_refused_in_a_sentence() -> None:
    with socket.socket() as other:
        other.bind((serving.LOOPBACK, 0))
        other.listen()
        port = other.getsockname()[1]
        result = run("app", "--headless", "--port", str(port))
    assert (result.code, result.out) == (2, "")
    assert result.err == f"pbe: Port {port} is in use by another program; name another with --port.\n"


@pytest.mark.parametrize("port", ["0", "65536", "eighty"])
def test_a_port_that_cannot_be_is_refused(port: str) -> None:
    assert run("app", "--port", port).code == 2


def test_streamlit_is_told_to_stay_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlit.web import cli

    told: list[str] = []
    monkeypatch.setattr(cli, "main", lambda arguments, standalone_mode: told.extend(arguments))
    serving.serve(8765, headless=True)
    assert told[:2] == ["run", str(serving.FRAME)] and serving.FRAME.is_file()
    assert {
        "--server.address=127.0.0.1",
        "--server.port=8765",
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
        "--server.showEmailPrompt=false",
    } <= set(told)


def test_streamlit_knows_every_option_it_is_given() -> None:
    from streamlit import config

    config.get_config_options()
    assert {name for name in serving.OPTIONS if name not in config.get_config_options()} == set()
