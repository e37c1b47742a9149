"""A language model's server on loopback that answers as it is told to, badly too."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Fake:
    """The server: `answers` are given one after the other, the last one again and again; `asked` are the requests."""

    url: str
    answers: Sequence[Reply]
    asked: list[dict[str, Any]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Reply:
    """One answer: a status, headers and a body, of `promised` bytes; `hangs` sends nothing, `endless` the body again
    and again."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    hangs: bool = False
    endless: bool = False
    promised: int | None = None


def says(*texts: str, finish: str = "stop") -> Reply:
    """An answer of these samples."""
    choices = [{"message": {"role": "assistant", "content": text}, "finish_reason": finish} for text in texts]
    return Reply(json.dumps({"choices": choices}).encode())


def refuses(status: int, message: str = "no", retry_after: str | None = None) -> Reply:
    """An answer of an error."""
    headers = (("Retry-After", retry_after),) if retry_after is not None else ()
    return Reply(json.dumps({"error": {"message": message}}).encode(), status, headers)


HANGS = Reply(hangs=True)
BAD = {
    "it times out": HANGS,
    "429": refuses(429, "slow down", retry_after="1000"),
    "500": refuses(500, "broken\nin two lines"),
    "503, endless": Reply(b"x" * 4096, 503, endless=True),
    "truncated JSON": Reply(says("x1").body[:-9]),
    "cut off on the way": replace(says("x1"), promised=10_000),
    "wrong schema": Reply(b'{"choices": [{"text": 7}]}'),
    "no object": Reply(b"[1, 2]"),
    "no content": Reply(b'{"choices": [{"message": {"content": null}}]}'),
    "content of another type": Reply(b'{"choices": [{"message": {"content": ["x1"]}}]}'),
    "deep nesting": Reply(b"[" * 100_000),
    "empty": says("", "  "),
    "HTML": Reply(b"<html>hello</html>"),
    "an endless stream": Reply(b'{"choices": [' + b" " * 65536, endless=True),
    "1 MB of noise": says("x1 ( \\ \" ' \x00 concat(" * 50_000),
    "a refusal": refuses(401, "Incorrect API key provided"),
}  # fmt: skip
"""Ways to answer badly."""


@contextmanager
def serving(*answers: Reply) -> Iterator[Fake]:
    """Serve on loopback inside the block."""
    turn = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            request = json.loads(self.rfile.read(length))
            with turn:
                reply = fake.answers[min(len(fake.asked), len(fake.answers) - 1)]
                fake.asked.append(request)
            if reply.hangs:
                fake.released.wait(60)
                return
            self.send_response(reply.status)
            for name, value in reply.headers:
                self.send_header(name, value)
            if not reply.endless:
                self.send_header("Content-Length", str(reply.promised or len(reply.body)))
            self.end_headers()
            try:
                self.wfile.write(reply.body)
                while reply.endless and not fake.released.wait(0.001):
                    self.wfile.write(reply.body)
            except OSError:
                pass

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    fake = Fake(f"http://127.0.0.1:{server.server_port}/v1", answers)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        server.server_close()
