"""How fast the page "Fill a sheet" answers, measured in a real browser: from Enter to the preview, and many at once."""

from __future__ import annotations

import asyncio
import math
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from rich.console import Console
from rich.table import Table

from app.workbook import BookError

PROTOCOL = (
    "A file is uploaded, an example is typed into its empty last column; seconds from the Enter key to the first "
    "predicted cell on screen (first), then from correcting a predicted cell to its mark as an example (correction). "
    "Sessions: each with a file of its own, an edit every few seconds as a person makes them; a cell on show that "
    "stems from another session's file counts as mixed."
)
ROWS, MANY_ROWS = 1_000, 50_000
THINKING = 2.0, 5.0
"""Seconds between a person's edits."""
WAIT_SECONDS = 60
BROWSER = ("--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync")

FIRST = ["Ada", "Bruno", "Chiara", "Dmitri", "Emi", "Farah", "Grace", "Hugo", "Ines", "Jonas"]
LAST = ["Okafor", "Lindqvist", "Rossi", "Volkov", "Tanaka", "Haddad", "Weber", "Costa", "Nielsen", "Moreau"]
TOWNS = ["Boise", "Eugene", "Salem", "Tacoma", "Yakima", "Spokane", "Astoria", "Seattle"]

PREDICTED = "td:is(.sure, .doubtful)"
WATCH = """(done) => {
    const host = [...document.querySelectorAll("*")].find(one => one.shadowRoot?.querySelector("table[role=grid]"));
    const table = host.shadowRoot.querySelector("table");
    window.preview = new Promise(resolve => {
        let start = null;
        table.addEventListener("keydown", event => {
            if (event.key === "Enter") start = performance.now();
        }, { capture: true, once: true });
        const watcher = new MutationObserver(() => {
            if (start === null || !host.shadowRoot.querySelector(`table:not([aria-busy=true]) ${done}`)) return;
            watcher.disconnect();
            requestAnimationFrame(() => resolve((performance.now() - start) / 1000));
        });
        watcher.observe(host.shadowRoot, { subtree: true, childList: true, attributes: true });
    });
}"""


@dataclass(frozen=True, slots=True)
class Case:
    """One kind of file: a row from a random source and a session's tag, and what its last column should hold."""

    name: str
    header: tuple[str, ...]
    row: Callable[[random.Random, str], tuple[str, ...]]
    output: Callable[[tuple[str, ...]], str]

    def file(self, rows: int, tag: str, seed: int = 0) -> tuple[bytes, list[str]]:
        """Return a text table whose last column is empty, and what that column should hold."""
        chance = random.Random(seed)
        cells = [self.row(chance, tag) for _ in range(rows)]
        lines = ["\t".join((*line, "")) for line in (self.header, *cells)]
        lines[0] += "Out"
        return "\n".join(lines).encode(), [self.output(line) for line in cells]


CASES = (
    Case(
        "last names", ("Name", "Town"),
        lambda c, tag: (f"{c.choice(FIRST)} {c.choice(LAST)}{tag}{c.randrange(10**6)}", c.choice(TOWNS)),
        lambda row: row[0].split(" ")[1],
    ),
    Case(
        "two columns", ("First", "Last", "Town"),
        lambda c, tag: (c.choice(FIRST), f"{c.choice(LAST)}{tag}{c.randrange(10**6)}", c.choice(TOWNS)),
        lambda row: f"{row[1]}, {row[0]}",
    ),
    Case(
        "domains", ("Email", "Town"),
        lambda c, tag: (f"{c.choice(FIRST).lower()}.{c.choice(LAST).lower()}@{tag}{c.randrange(10**6)}.example", "x"),
        lambda row: row[0].split("@")[1],
    ),
    Case(
        "codes", ("Code", "Town"),
        lambda c, tag: (f"PX-{c.randrange(100, 999)}/{tag}{c.randrange(10**6)} {c.choice(TOWNS)}", c.choice(TOWNS)),
        lambda row: row[0].split("/")[1].split(" ")[0].upper(),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """One wait for a preview: seconds, and whether the page then showed the right cells and none of another's.

    `processor` is the server's processor time (seconds) from the Enter key to what was waited for, where one session
    was alone and the system tells.
    """

    task: str
    kind: str
    seconds: float
    processor: float | None
    right: bool
    mixed: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the trial as `--json` writes it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Server:
    """A server of the pages in a process of its own."""

    url: str
    pid: int

    @property
    def processor(self) -> float | None:
        """Return the seconds that the process has kept processors busy; None where the system does not tell."""
        try:
            fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def peak_mib(self) -> float | None:
        """Return the most memory that the process has held so far; None where the system does not tell."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return None
        return next((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), None)


@contextmanager
def served() -> Iterator[Server]:
    """Serve the pages on a free port until the block ends; BookError where they do not come up."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "app.cli", "app", "--headless", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{url}/_stcore/health", process)
        yield Server(url, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urlopen(url, timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise BookError("The pages did not come up; run `pbe app` and see what it says.")


def find_browser() -> str:
    """Return the system's Chromium; BookError where it or Playwright is missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise BookError("There is no Chromium to measure in; install chromium.")
    try:
        import playwright  # noqa: F401
    except ImportError:
        raise BookError("Playwright is missing; install it with pip install 'pragmatic-pbe[dev]'.") from None
    return found


def measure(
    browser: str, server: Server, *, trials: int, sessions: int, seconds: float, tick: Callable[[int, int], None]
) -> tuple[list[Trial], list[Trial], list[Trial], float | None]:
    """Return the trials on 1,000 rows, on 50,000 rows, of sessions at once, and the server's peak before the last."""
    return asyncio.run(_measure(browser, server, trials, sessions, seconds, tick))


async def _measure(
    browser: str, server: Server, trials: int, sessions: int, seconds: float, tick: Callable[[int, int], None]
) -> tuple[list[Trial], list[Trial], list[Trial], float | None]:
    total = trials + len(CASES) + 1
    short, long = [], []
    async with _chromium(browser) as chromium:
        await _one(chromium, server, CASES[0], ROWS, 0)  # the first of all loads what the next ones find loaded
        for number in range(trials):
            short += await _one(chromium, server, CASES[number % len(CASES)], ROWS, number + 1)
            tick(number + 1, total)
        for number, case in enumerate(CASES):
            long += await _one(chromium, server, case, MANY_ROWS, number)
            tick(trials + number + 1, total)
        peak = server.peak_mib
        until = time.monotonic() + seconds
        many = await asyncio.gather(
            *[_session(chromium, server.url, number, until) for number in range(sessions)]
        )
        tick(total, total)
    return short, long, [trial for one in many for trial in one], peak


@asynccontextmanager
async def _chromium(path: str) -> AsyncIterator[Any]:
    from playwright.async_api import async_playwright  # an extra of developers

    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=path, args=list(BROWSER))
        yield browser
        await browser.close()


@asynccontextmanager
async def _opened(chromium: Any, url: str, name: str, data: bytes) -> AsyncIterator[Any]:
    context = await chromium.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    page.set_default_timeout(WAIT_SECONDS * 1000)
    await page.goto(url)
    files = {"name": name, "mimeType": "", "buffer": data}
    await page.locator('input[type="file"]').set_input_files(files)
    await page.get_by_role("grid").wait_for()
    yield page
    await context.close()


async def _one(chromium: Any, server: Server, case: Case, rows: int, seed: int) -> list[Trial]:
    """Return a first preview and a correction on a file of its own."""
    data, outputs = case.file(rows, "q", seed)
    async with _opened(chromium, server.url, "bench.tsv", data) as page:
        steps = (("first", 0, outputs[0], PREDICTED), ("correction", 3, f"{outputs[3]}!", 'td.given[data-row="3"]'))
        trials = []
        for kind, row, text, done in steps:
            before = server.processor
            seconds = await _typed(page, case, row, text, done)
            after = server.processor
            busy = None if before is None or after is None else round(after - before, 2)
            shown = await _column(page, case)
            right = kind == "correction" or shown == outputs[: len(shown)]
            trials.append(Trial(f"{rows:,} rows, {case.name}", kind, seconds, busy, right))
        return trials


async def _session(chromium: Any, url: str, number: int, until: float) -> list[Trial]:
    """Return the waits of one person who types examples and takes them back until the time is over."""
    case, tag, chance = CASES[number % len(CASES)], f"s{number}z", random.Random(number)
    data, outputs = case.file(ROWS, tag, number)
    trials: list[Trial] = []
    async with _opened(chromium, url, f"session{number}.tsv", data) as page:
        while time.monotonic() < until:
            await asyncio.sleep(chance.uniform(*THINKING))
            row = chance.randrange(8)
            seconds = await _typed(page, case, row, outputs[row], PREDICTED)
            shown = await _column(page, case)
            mixed = any(tag.casefold() not in text.casefold() for text in shown)
            right = shown == outputs[: len(shown)]
            trials.append(Trial(f"session {number}, {case.name}", "session", seconds, None, right, mixed))
            await asyncio.sleep(chance.uniform(*THINKING))
            await page.get_by_role("button", name="Undo").click()
            await page.locator(PREDICTED).first.wait_for(state="hidden")
    return trials


async def _typed(page: Any, case: Case, row: int, text: str, done: str) -> float:
    """Type into a cell of the last column; return the seconds from Enter until what is waited for is on screen."""
    await page.locator(f'td[data-row="{row}"][data-column="{len(case.header)}"]').click()
    await page.keyboard.type(text)
    await page.evaluate(WATCH, done)
    await page.keyboard.press("Enter")
    return float(await page.evaluate("window.preview"))


async def _column(page: Any, case: Case) -> list[str]:
    texts: list[str] = await page.locator(f'td[data-column="{len(case.header)}"]').all_text_contents()
    return texts


def figures(trials: Sequence[Trial]) -> dict[str, Any]:
    """Return how many waits there were; their median, 95th percentile and most in seconds; the median of the server's
    processor seconds; and what went wrong."""
    seconds = sorted(trial.seconds for trial in trials)
    busy = [trial.processor for trial in trials if trial.processor is not None]
    return {
        "waits": len(seconds),
        "median": round(median(seconds), 3) if seconds else None,
        "p95": round(seconds[math.ceil(0.95 * len(seconds)) - 1], 3) if seconds else None,
        "most": round(seconds[-1], 3) if seconds else None,
        "processor": round(median(busy), 3) if busy else None,
        "wrong": sum(not trial.right for trial in trials),
        "mixed": sum(trial.mixed for trial in trials),
    }


def load() -> str:
    """Return how busy the machine is, for waits grow with it."""
    return f"{os.getloadavg()[0]:.1f} processes wanted to run on {os.cpu_count()} cores in the last minute"


def show(console: Console, summary: dict[str, Any]) -> None:
    """Print a line per kind of wait, then the memory."""
    grid = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    grid.add_column("from Enter to what is seen, seconds")
    columns = ("waits", "median", "p95", "most", "processor", "wrong", "mixed")
    for name in columns:
        grid.add_column(name, justify="right")
    for name, one in summary.items():
        if isinstance(one, dict):
            grid.add_row(name, *["–" if one[key] is None else str(one[key]) for key in columns])
    console.print(grid)
    console.print(f"the server's memory after one sheet of {MANY_ROWS:,} rows after another: {summary['peak MiB']} MiB")
    console.print(f"the machine: {summary['load']}")
