"""Local links over real connections: clients that leave, stall or read slowly, and files that change under way."""

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar

from adapters.local.links import LocalLinks
from adapters.local.storage import LocalStorage
from entrypoints.settings import Settings
from tests.unit.local.inspecting import names, open_files
from tests.web.local_app import local_app
from tests.web.real_server import Connection, eventually, served

LINKS = LocalLinks([b"k" * 32])
SIZE = 32 * 1024 * 1024
IDLE = 0.3


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with (tmp_path / "a.mp3").open("wb") as file:
        file.writelines(bytes([number]) * 1024 * 1024 for number in range(32))
    return tmp_path


@pytest.fixture
def app(root: Path) -> Litestar:
    return local_app(LocalStorage(root), LINKS, Settings(idle_seconds=IDLE))


@pytest.fixture
def port(app: Litestar) -> Iterator[int]:
    with served(app) as port:
        yield port


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(hours=1)


def get(headers: str = "") -> bytes:
    url = LINKS.get("a.mp3", content_type="audio/mpeg", disposition="inline", expires_at=soon()).url
    return f"GET {url} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode()


def put(headers: str) -> bytes:
    url = LINKS.put("new/b.mp3", content_type="audio/mpeg", expires_at=soon()).url
    fixed = "Host: localhost\r\nContent-Type: audio/mpeg\r\nIf-None-Match: *\r\n"
    return f"PUT {url} HTTP/1.1\r\n{fixed}{headers}\r\n".encode()


def nothing_is_left(root: Path) -> bool:
    return names(root / ".partial") == [] and not (root / "new").exists()


def test_a_client_that_leaves_half_way_leaves_no_file_open(port: int) -> None:
    before = open_files()
    for _ in range(5):
        with Connection(port) as connection:
            connection.send(get())
            assert connection.some().startswith(b"HTTP/1.1 200 ")
    eventually(lambda: open_files() == before)


def test_a_file_that_becomes_shorter_cuts_the_connection_and_is_closed(port: int, root: Path) -> None:
    before = open_files()
    with Connection(port) as connection:
        connection.send(get())
        connection.some()
        os.truncate(root / "a.mp3", SIZE // 2)
        assert len(connection.rest()) < SIZE
    eventually(lambda: open_files() == before)


def test_a_file_that_becomes_longer_is_sent_as_promised(port: int, root: Path) -> None:
    with Connection(port) as connection:
        connection.send(get("Connection: close\r\n"))
        received = connection.some()
        with (root / "a.mp3").open("ab") as file:
            file.write(b"more")
        received += connection.rest()
    assert received.endswith(b"\r\n\r\n" + (root / "a.mp3").read_bytes()[:SIZE])


def test_an_object_that_is_removed_while_it_is_sent_is_sent_to_its_end(port: int, root: Path) -> None:
    content = (root / "a.mp3").read_bytes()
    with Connection(port) as connection:
        connection.send(get("Connection: close\r\n"))
        received = connection.some()
        (root / "a.mp3").unlink()
        assert (received + connection.rest()).endswith(content)


def test_one_connection_serves_many_ranges(port: int, root: Path) -> None:
    content = (root / "a.mp3").read_bytes()
    before = open_files()
    with Connection(port) as connection:
        for start in range(0, SIZE, SIZE // 20):
            connection.send(get(f"Range: bytes={start}-{start + 9}\r\n"))
            answer = connection.some()
            while not answer.endswith(b"\r\n\r\n" + content[start : start + 10]):
                answer += connection.some()
            assert answer.startswith(b"HTTP/1.1 206 ")
    eventually(lambda: open_files() == before)


def test_many_listeners_at_once_get_their_bytes(port: int, root: Path) -> None:
    content = (root / "a.mp3").read_bytes()

    def listen(number: int) -> bool:
        first, last = number * 1_000_003, number * 1_000_003 + 3_000_000
        with Connection(port) as connection:
            connection.send(get(f"Connection: close\r\nRange: bytes={first}-{last}\r\n"))
            return connection.rest().endswith(content[first : last + 1])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(listen, range(24)))


def test_a_body_that_stalls_answers_408_and_leaves_nothing(port: int, root: Path) -> None:
    with Connection(port) as connection:
        connection.send(put("Content-Length: 3000000\r\n") + bytes(2_000_000))
        answer = connection.rest()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert nothing_is_left(root)


def test_a_client_that_leaves_half_way_leaves_nothing_behind(port: int, root: Path) -> None:
    before = open_files()
    with Connection(port) as connection:
        connection.send(put("Content-Length: 3000000\r\n") + bytes(2_000_000))
        eventually(lambda: names(root / ".partial"))
    eventually(lambda: nothing_is_left(root))
    eventually(lambda: open_files() == before)


@pytest.mark.parametrize(
    ("headers", "status"), [(f"Content-Length: {6 * 2**30}\r\n", b"413"), ("Transfer-Encoding: chunked\r\n", b"411")]
)
def test_a_body_that_is_not_wanted_is_refused_before_it_is_sent(port: int, root: Path, headers: str, status: bytes) -> None:
    with Connection(port) as connection:
        connection.send(put(f"{headers}Expect: 100-continue\r\n"))
        assert connection.some().startswith(b"HTTP/1.1 " + status)
    assert nothing_is_left(root)


def test_of_writers_that_race_one_wins_and_the_other_gets_412(port: int, root: Path) -> None:
    def write(number: int) -> bytes:
        with Connection(port) as connection:
            connection.send(put("Content-Length: 500000\r\nConnection: close\r\n") + bytes([number]) * 500_000)
            return connection.rest()[9:12]

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write, range(8))) == [b"200"] + [b"412"] * 7
    assert len(set((root / "new" / "b.mp3").read_bytes())) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("moment", ["http.response.start", "http.response.body"])
@pytest.mark.parametrize("error", [asyncio.CancelledError(), OSError("sending failed")], ids=repr)
async def test_an_answer_that_is_cancelled_or_fails_leaves_no_file_open(app: Litestar, moment: str, error: BaseException) -> None:
    path, _, query = get().split(b" ")[1].partition(b"?")
    scope: dict[str, Any] = {
        "type": "http",
        "method": "GET",
        "path": path.decode(),
        "raw_path": path,
        "query_string": query,
        "headers": [],
        "client": None,
    }

    async def receive() -> dict[str, object]:
        return await asyncio.Future()

    async def send(message: dict[str, object]) -> None:
        if message["type"] == moment:
            raise error

    before = open_files()
    with pytest.raises(BaseException) as raised:  # noqa: PT011  (whichever it is, it is the one raised above)
        await app(scope, receive, send)  # type: ignore[arg-type]
    assert error in (raised.value, raised.value.__cause__, raised.value.__context__)
    assert open_files() == before
