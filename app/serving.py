"""Serves the pages on this machine: nothing listens to, or asks, the network."""

from __future__ import annotations

import socket
from pathlib import Path

from app.workbook import BookError

FRAME = Path(__file__).with_name("pages") / "frame.py"
LOOPBACK = "127.0.0.1"
UPLOAD_MEGABYTES = 50

OPTIONS = {
    "server.address": LOOPBACK,
    "server.maxUploadSize": UPLOAD_MEGABYTES,
    "server.fileWatcherType": "none",
    "server.showEmailPrompt": "false",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "viewer",
    "client.showErrorDetails": "none",
    "client.showErrorLinks": "false",
    "runner.magicEnabled": "false",
    "runner.postScriptGC": "false",  # a full collection after every step of every visitor costs more than the step
    "theme.light.primaryColor": "#1a5fb4",
    "theme.light.backgroundColor": "#ffffff",
    "theme.light.secondaryBackgroundColor": "#f2f4f7",
    "theme.light.textColor": "#1b1f24",
    "theme.light.linkColor": "#1a5fb4",
    "theme.dark.primaryColor": "#2b72c9",
    "theme.dark.backgroundColor": "#14181d",
    "theme.dark.secondaryBackgroundColor": "#1f252c",
    "theme.dark.textColor": "#e8ecf1",
    "theme.dark.linkColor": "#8cc1ff",
}
"""Streamlit's configuration, by the names it documents; nothing of the user's own is needed or written."""


def serve(port: int, headless: bool) -> None:
    """Serve the pages until stopped; a browser opens unless `headless`. Raises BookError where the port is taken."""
    from streamlit.web.cli import main  # here, since it takes half a second to import

    with socket.socket() as probe:
        if probe.connect_ex((LOOPBACK, port)) == 0:
            raise BookError(f"Port {port} is in use by another program; name another with --port.")
    options = {**OPTIONS, "server.port": port, "server.headless": str(headless).lower()}
    main(["run", str(FRAME), *[f"--{name}={value}" for name, value in options.items()]], standalone_mode=False)
