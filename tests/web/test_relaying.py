"""Bytes passed on over real connections: at the listener's pace, and no longer than it listens."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime
from typing import Any

import pytest
from litestar import Litestar, Request, get
from litestar.types import ASGIApp

from entrypoints.web.delivery import Manner, relayed
from entrypoints.web.sending import RelayAnswer
from ports.errors import Unavailable
from ports.storage import Storage, StoredObject
from tests.web.real_server import Connection, eventually, served

MIB = 1024 * 1024
SIZE = 64 * MIB
AHEAD = 16 * MIB
"""What the buffers of two sockets and of the server hold at most."""

OBJECT = StoredObject(key="a.mp3", size=SIZE, content_type="audio/mpeg", etag='"1"', modified=datetime(2026, 1, 1, tzinfo=UTC))
MANNER = Manner(content_type="audio/mpeg", disposition="inline", caching="no-cache")
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


class Counting:
    """Gives zeros, `most` chunks of them, and knows how many were taken and how many readers there are; then it may break."""

    def __init__(self) -> None:
        self.taken = self.readers = 0
        self.most = 1_000_000
        self.breaks = False

    async def read(self, key: str, start: int = 0, length: int | None = None) -> AsyncGenerator[bytes]:
        self.readers += 1
        try:
            for _ in range(min(self.most, (length or 0) // (MIB // 8))):
                self.taken += MIB // 8
                yield bytes(MIB // 8)
            if self.breaks:
                raise Unavailable("storage")
        finally:
            self.readers -= 1


@pytest.fixture
def counting() -> Counting:
    return Counting()


@pytest.fixture
def port(counting: Counting) -> Iterator[int]:
    storage: Any = counting

    @get("/", status_code=200)
    async def listen(request: Request[Any, Any, Any]) -> ASGIApp:
        only_reads: Storage = storage
        return relayed(request, only_reads, OBJECT, MANNER, datetime.now(UTC))

    with served(Litestar([listen])) as port:
        yield port


def test_no_more_is_read_than_the_listener_takes(counting: Counting, port: int) -> None:
    received = 0
    with Connection(port) as connection:
        connection.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, MIB)
        connection.send(GET)
        while piece := connection.some():
            received += len(piece)
            assert counting.taken < received + AHEAD
    assert received > SIZE
    eventually(lambda: counting.readers == 0)


def test_a_listener_who_leaves_ends_the_reading(counting: Counting, port: int) -> None:
    with Connection(port) as connection:
        connection.send(GET)
        assert connection.some().startswith(b"HTTP/1.1 200 ")
        assert counting.readers == 1
    eventually(lambda: counting.readers == 0)
    assert counting.taken < SIZE


@pytest.mark.parametrize("chunks", [0, 5])
def test_an_object_that_is_shorter_than_promised_is_never_taken_for_whole(counting: Counting, port: int, chunks: int) -> None:
    counting.most = chunks
    with Connection(port) as connection:
        connection.send(GET)
        answer = connection.rest()
    assert answer.startswith(b"HTTP/1.1 200 " if chunks else b"HTTP/1.1 500 ")
    assert len(answer) < SIZE
    eventually(lambda: counting.readers == 0)


def test_a_storage_that_goes_away_meanwhile_ends_the_answer(counting: Counting, port: int) -> None:
    counting.most, counting.breaks = 5, True
    with Connection(port) as connection:
        connection.send(GET)
        answer = connection.rest()
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert 5 * MIB // 8 < len(answer) < SIZE
    eventually(lambda: counting.readers == 0)


@pytest.mark.anyio
async def test_which_is_no_fault_and_before_the_answer_has_begun_it_is_an_error_to_answer(counting: Counting) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def receive() -> Any:
        await asyncio.Event().wait()

    for counting.most, counting.breaks in ((1, True), (0, True)):
        answer: Any = RelayAnswer(200, {}, counting.read("a.mp3", 0, SIZE), SIZE)
        with nullcontext() if counting.most else pytest.raises(Unavailable):
            await answer({"path": "/"}, receive, send)
    assert sent == ["http.response.start", "http.response.body"]
