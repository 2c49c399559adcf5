"""A user's app: a real little HTTP server that hears what it is told, and answers as a test wants."""

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec


@dataclass(frozen=True)
class Heard:
    """A notice as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def job_id(self) -> str:
        """Which job it is about."""
        return str(msgspec.json.decode(self.body)["data"]["id"])


@dataclass
class App:
    """What it has heard, and how it answers: with the next of `answers`, else 200; not before `answering` is set."""

    url: str
    heard: list[Heard] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)
    answering: threading.Event = field(default_factory=threading.Event)
    body: bytes = b"thanks"


@contextmanager
def running_app() -> Iterator[App]:
    """Run one on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            app.heard.append(Heard(self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            app.answering.wait(30)
            with suppress(ConnectionError):  # whoever asked may not wait for it
                self._answer()

        def _answer(self) -> None:
            status = app.answers.popleft() if app.answers else 200
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", "/elsewhere")
            self.send_header("content-length", str(len(app.body)))
            self.end_headers()
            self.wfile.write(app.body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    app = App(f"http://127.0.0.1:{server.server_port}/told")
    app.answering.set()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield app
    finally:
        app.answering.set()
        server.shutdown()
        thread.join()
        server.server_close()
