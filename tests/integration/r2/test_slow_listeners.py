"""Listeners who hardly take anything of what comes from a bucket through the server (`GREENROOM_DELIVERY=proxy`)."""

import re
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.integration.server.process import Server, running_server, wait_for
from tests.services.bucketed import bucket_settings
from tests.services.buckets import empty_bucket
from tests.web.calls import wav

LISTENERS = 200
MOST_EACH = 1024 * 1024
SECONDS = 1000


def test_they_cost_little_memory_and_nothing_once_they_have_left(tmp_path: Path) -> None:
    settings = {"GREENROOM_DELIVERY": "proxy", "GREENROOM_DISPATCH": "pull"}
    with (
        empty_bucket(tmp_path) as bucket,
        running_server(tmp_path, (), **bucket_settings(bucket, tmp_path), **settings) as server,
    ):
        made = httpx.post(f"{server.url}/api/audio/assets?prepare=false", content=wav(SECONDS)).json()
        stream = f"/api/audio/assets/{made['asset']['id']}/stream"
        httpx.get(f"{server.url}{stream}")
        before, open_before = peak(server), open_files(server)
        with ExitStack() as listening:
            listeners = [listening.enter_context(listener(server, stream)) for _ in range(LISTENERS)]
            for each in listeners:
                assert each.recv(12) == b"HTTP/1.1 200"
            assert open_files(server) >= open_before + LISTENERS
            assert peak(server) - before < LISTENERS * MOST_EACH
        wait_for(lambda: open_files(server) <= open_before + 60, "what they held to be let go", 20)


def listener(server: Server, path: str) -> socket.socket:
    """Ask for the whole, with room for a few KiB of it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    connection.settimeout(30)
    connection.connect(("127.0.0.1", urlsplit(server.url).port))
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    return connection


def peak(server: Server) -> int:
    """Return the most memory that the server has had so far, in bytes."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024


def open_files(server: Server) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/fd").iterdir()))
