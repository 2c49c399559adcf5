"""A server is killed while parts arrive: what it has answered for counts, what was cut off does not."""

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from tests.integration.server.process import running_server, wait_for
from tests.web.calls import wav

MIB = 2**20
CONTENT = wav(1000)[: 12 * MIB]


def test_a_part_that_was_being_sent_when_the_server_was_killed_is_sent_again(tmp_path: Path) -> None:
    with serving(tmp_path) as server, httpx.Client(base_url=server.url) as client:
        wanted = {"filename": "talk.wav", "size": len(CONTENT), "prepare": False}
        upload = client.post("/api/audio/uploads", json=wanted).json()
        first, second, _ = upload["parts"]
        put(client, first)
        with half_sent(second):
            data = next((server.data / "storage" / ".uploads").rglob("data"))
            wait_for(lambda: data.stat().st_size > 5 * MIB, "bytes of the second part to be written")
            server.kill()
    with serving(tmp_path) as server, httpx.Client(base_url=server.url) as client:
        path = f"/api/audio/uploads/{upload['id']}"
        shown = client.get(path).json()
        assert [part["number"] for part in shown["present"]] == [1]
        for part in shown["parts"]:
            put(client, part)
        asset = client.post(f"{path}/complete").json()["asset"]
        played = client.get(f"/api/audio/assets/{asset['id']}/stream", follow_redirects=True)
        assert played.content == CONTENT
        assert client.delete(f"/api/audio/assets/{asset['id']}").status_code == 204


def serving(folder: Path) -> Any:
    return running_server(folder, GREENROOM_DISPATCH="pull", GREENROOM_PART_BYTES="5MiB")


def put(client: httpx.Client, part: Any) -> None:
    body = CONTENT[part["offset"] : part["offset"] + part["size"]]
    assert client.put(part["url"], content=body, headers=part["headers"]).status_code == 200


def half_sent(part: Any) -> socket.socket:
    """Open a connection on which half of a part has been sent."""
    url = urlsplit(part["url"])
    connection = socket.create_connection((url.hostname or "", url.port or 0))
    head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {part['size']}\r\n\r\n"
    connection.sendall(head.encode() + CONTENT[part["offset"] : part["offset"] + part["size"] // 2])
    return connection
