"""The demo's own server: it talks to that one, whoever else answers on a port."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from entrypoints.commands import ownserver
from tests.services.freeport import free_port


class AnotherServer(BaseHTTPRequestHandler):
    """Says of itself that it is ready."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()


@pytest.fixture
def taken() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), AnotherServer) as other:
        thread = threading.Thread(target=other.serve_forever, args=[0.01])
        thread.start()
        yield other.server_port
        other.shutdown()
        thread.join()


def test_a_port_that_another_server_took_first_is_not_taken_for_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, taken: int
) -> None:
    free = free_port()
    monkeypatch.setattr(ownserver, "PORTS", [taken, free])
    monkeypatch.setattr(ownserver, "_is_free", lambda _: True)  # it was, a moment ago
    with ownserver.own_server(tmp_path) as server, server.client() as client:
        assert server.url.endswith(f":{free}")
        assert client.get("/readyz").json()["status"] == "ok"


def test_a_server_that_cannot_start_is_said_to_be_in_its_log(tmp_path: Path) -> None:
    (tmp_path / "greenroom.db").mkdir()
    with pytest.raises(ownserver.NoServer, match=r"server\.log says why"), ownserver.own_server(tmp_path):
        pass
