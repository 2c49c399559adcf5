"""A server in a process of its own, for as long as somebody needs it: what the demo talks to."""

import errno
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
from msgspec import Struct

PORTS = range(8000, 9000)
READY_WITHIN = 30.0
"""Seconds that the server may take to start."""


class NoServer(Exception):
    """The server can't be started; the sentence says why."""


class OwnServer(Struct, frozen=True):
    """A running server: where it is, and the webhook secret that it alone has."""

    url: str
    secret: str
    process: "subprocess.Popen[bytes]"

    def client(self) -> httpx.Client:
        """Return a client to it, whatever proxies the environment names."""
        return httpx.Client(base_url=self.url, timeout=60, trust_env=False)


@contextmanager
def own_server(folder: Path) -> Iterator[OwnServer]:
    """Run `greenroom serve` on the first free port from 8000, its data in the existing `folder`. Raise NoServer.

    It has settings of its own: neither the environment's, but for FFMPEG_PATH, nor those of a `.env`.
    """
    log = folder / "server.log"
    with ExitStack() as running:
        server = _first_that_serves(folder, log, running)
        _wait_until_ready(server, log)
        yield server


def _first_that_serves(folder: Path, log: Path, running: ExitStack) -> OwnServer:
    secret = secrets.token_urlsafe(32)
    for port in filter(_is_free, PORTS):
        before = log.stat().st_size if log.exists() else 0
        process = running.enter_context(_serving(port, _environment(folder, secret), log))
        if _has_the_port(process, log, before):
            return OwnServer(f"http://127.0.0.1:{port}", secret, process)
    raise NoServer(f"No port from {PORTS[0]} on is free")


@contextmanager
def _serving(port: int, environment: Mapping[str, str], log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "entrypoints", "serve", "--port", str(port)]
    with (
        log.open("ab") as output,
        subprocess.Popen(  # noqa: S603  (our own command)
            command, env=environment, cwd=log.parent, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()


def _has_the_port(process: "subprocess.Popen[bytes]", log: Path, before: int) -> bool:
    """Wait until it says that it serves. Return False if another was faster, whoever would answer there. Raise NoServer."""
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        said = log.read_bytes()[before:].decode(errors="replace")
        if '"event":"serving"' in said:
            return True
        if ended and os.strerror(errno.EADDRINUSE) in said:
            return False
        if ended:
            break
        time.sleep(0.05)
    raise NoServer(f"The server did not start; {log} says why")


def _environment(folder: Path, secret: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GREENROOM_", "INTERNAL_WEBHOOK_"))}
    own = {"GREENROOM_DATA_DIR": str(folder), "INTERNAL_WEBHOOK_SECRET": secret}
    ffmpeg = os.environ.get("FFMPEG_PATH")
    return inherited | own | ({"FFMPEG_PATH": str(Path(ffmpeg).absolute())} if ffmpeg else {})


def _wait_until_ready(server: OwnServer, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN
    with server.client() as client:
        while time.monotonic() < deadline and server.process.poll() is None:
            with suppress(httpx.TransportError):
                if client.get("/readyz").is_success:
                    return
            time.sleep(0.05)
    raise NoServer(f"The server did not start; {log} says why")


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
