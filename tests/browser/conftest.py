"""A real server and a real browser: `app_url` is `pbe app` on a free port, `page` a tab of the system's Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
WAIT_MILLISECONDS = 60_000
"""How long a test waits for what should appear at once, on a busy machine."""
QUIET = (
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""It runs in containers too, and asks nobody for anything."""

Served = Callable[..., AbstractContextManager[str]]


@pytest.fixture(scope="session")
def app_url(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the pages, served by `pbe app` until the session ends."""
    with served(tmp_path_factory.mktemp("app")) as url:
        yield url


@pytest.fixture(scope="session")
def served() -> Served:
    """Return what serves the pages inside a block: it takes a folder for the log, and variables of the environment."""
    return _served


@contextmanager
def _served(folder: Path, **environment: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder / "log.txt"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "app.cli", "app", "--headless", "--port", str(port)]
        server = subprocess.Popen(
            command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **environment}
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for_health(url, server, log)
        yield url
    finally:
        server.terminate()
        try:
            server.wait(timeout=20)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_for_health(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=5) as reply:
                if reply.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    pytest.fail(f"the pages did not come up: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium, without a window."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("chromium is not installed")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Any, app_url: str) -> Iterator[Callable[..., Any]]:
    """Open a path of the pages in a fresh profile; options as for a Playwright context (color_scheme, viewport, …)."""
    contexts = []

    def opened(path: str = "", **options: Any) -> Any:
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options}))
        tab = contexts[-1].new_page()
        tab.set_default_timeout(WAIT_MILLISECONDS)
        tab.goto(f"{app_url}/{path}")
        tab.get_by_role("heading", level=1).first.wait_for()
        return tab

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    """The first page, opened at 1280 × 900 in the light theme."""
    return open_page()


@pytest.fixture
def serious() -> Callable[[Any], list[str]]:
    """Return what axe-core calls serious or critical on a page: rule, and where."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

    def found(tab: Any) -> list[str]:
        violations = axe.Axe().run(tab).response["violations"]
        return [
            f"{one['id']}: {node['target']} {node['html'][:160]}"
            for one in violations
            if one["impact"] in {"serious", "critical"}
            for node in one["nodes"]
        ]

    return found
