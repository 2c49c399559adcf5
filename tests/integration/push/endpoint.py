"""An endpoint that tickets are sent to, in a thread of the test: it answers as it is told, and remembers what it was sent."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
from msgspec import Struct

from tests.integration.server.process import Server, running_server
from tests.integration.worker.proxy import Proxy
from tests.services.freeport import free_port

TOKEN = "a-token-of-this-test"


class Posted(Struct, frozen=True):
    """A ticket as it came, and how often it had come before."""

    headers: dict[str, str]
    ticket: dict[str, Any]
    before: int

    @property
    def key(self) -> str:
        """What it is known by."""
        return self.headers["idempotency-key"]

    def report(self, **said: object) -> httpx.Response:
        """Report on its attempt, as a worker does that was handed it."""
        callback, body = self.ticket["callback"], {"jobId": self.ticket["jobId"], **said}
        return httpx.post(callback["url"], json=body, headers={"Authorization": f"Bearer {callback['token']}"}, timeout=30)


Answer = Callable[[Posted], int | None]
"""Returns the status to answer with, None to hang up without a word."""


class Endpoint:
    """Where tickets come: `answer` says what each is answered, `body` in which words."""

    def __init__(self, port: int, answer: Answer) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/start"
        self.answer = answer
        self.body = b"{}"
        self.posted: list[Posted] = []

    def keys(self) -> list[str]:
        """Return what was sent, each time that it was."""
        return [each.key for each in self.posted]

    def of(self, job: str) -> list[Posted]:
        """Return what was sent for a job."""
        return [each for each in self.posted if each.ticket["jobId"] == job]

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        headers, ticket = {name.lower(): value for name, value in handler.headers.items()}, json.loads(body)
        posted = Posted(headers, ticket, self.keys().count(headers["idempotency-key"]))
        self.posted.append(posted)
        status = self.answer(posted)
        with suppress(OSError):  # who asked may be gone
            if status is not None:
                handler.send_response(status)
                handler.send_header("Content-Length", str(len(self.body)))
                handler.end_headers()
                handler.wfile.write(self.body)


@contextmanager
def running_endpoint(answer: Answer, port: int | None = None) -> Iterator[Endpoint]:
    """Run an endpoint, on a free port if none is given."""
    endpoint = Endpoint(port or free_port(), answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            endpoint.take(self)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", endpoint.port), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield endpoint
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def pushing(folder: Path, url: str, proxy: Proxy, **environment: str) -> Iterator[tuple[Server, httpx.Client]]:
    """Run a server that sends its tickets to `url`. Workers reach it by the proxy, whose address it can be told."""
    told = {
        "GREENROOM_DISPATCH": "push",
        "GREENROOM_DISPATCH_URL": url,
        "GREENROOM_DISPATCH_TOKEN": TOKEN,
        "GREENROOM_PUBLIC_URL": proxy.url,
    }
    with running_server(folder, (), **told | environment) as server:
        proxy.target = int(server.url.rpartition(":")[2])
        with httpx.Client(base_url=server.url, timeout=30) as client:
            yield server, client


def order(client: httpx.Client, **params: object) -> str:
    """Order a job that owes nothing; return its id."""
    made = client.post("/api/jobs", json={"params": params}).raise_for_status()
    job: str = made.json()["id"]
    return job
