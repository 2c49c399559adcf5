"""What is decided before and after the application is asked: heads that never end or are no HTTP, answers that nobody takes."""

import asyncio
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.types import ASGIApp, Receive, Scope, Send

from entrypoints import protocol
from entrypoints.protocol import LARGEST_HEAD, CarefulProtocol
from tests.web.real_server import Connection, eventually, served

END = b"Connection: close\r\n\r\n"


@post("/", status_code=200)
async def told(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Answer what arrived, in as many seconds as it says."""
    await asyncio.sleep(float(request.headers.get("x-seconds", 0)))
    return {"body": (await request.body()).decode(), "upgrade": request.headers.get("upgrade")}


@post("/refused", status_code=401)
async def refused() -> None:
    """Answer without looking at the body."""


@pytest.fixture
def connection() -> Iterator[Connection]:
    with served(Litestar([told]), CarefulProtocol) as port, Connection(port) as connection:
        yield connection


def parted(answer: bytes) -> tuple[int, Any]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize("offer", [b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings", b"UPGRADE: x\r\nConnection: upgrade"])
def test_an_offer_to_upgrade_is_not_taken_and_costs_no_body(connection: Connection, offer: bytes) -> None:
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\n" + offer + b"\r\nContent-Length: 12\r\n\r\n\r\nupgrade: h"
    for _ in range(2):
        connection.send(request)
        assert parted(connection.answer()) == (200, {"body": "\r\nupgrade: h", "upgrade": None})


def test_a_body_keeps_what_looks_like_an_offer(connection: Connection) -> None:
    connection.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 14\r\n" + END)
    connection.send(b"\r\nUpgrade: me!")
    assert parted(connection.rest()) == (200, {"body": "\r\nUpgrade: me!", "upgrade": None})


def test_a_head_that_goes_on_and_on_is_refused(connection: Connection) -> None:
    connection.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nX: ")
    for _ in range(1000):
        connection.send(b"x" * 1024)
        if connection.answers(within=0.01):
            break
    assert parted(connection.rest()) == (431, {"error": "The request's headers are too large"})


def test_a_long_body_is_no_long_head(connection: Connection) -> None:
    size = 3 * LARGEST_HEAD
    for _ in range(3):
        connection.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % size + b"x" * size)
        answer = connection.answer()
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.count(b"x") >= size


@pytest.mark.parametrize("begun", [b"", b"POST / HT", b"POST / HTTP/1.1\r\nHost: localhost\r\nX: "])
def test_a_connection_that_brings_no_whole_head_is_closed(monkeypatch: pytest.MonkeyPatch, begun: bytes) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.1)
    with served(Litestar([told]), CarefulProtocol) as port, Connection(port) as connection:
        connection.send(begun)
        assert parted(connection.rest()) == (408, {"error": "The request did not arrive in time"})


def test_a_head_that_stalls_after_an_answer_is_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.1)
    with served(Litestar([told]), CarefulProtocol) as port, Connection(port) as connection:
        connection.send(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        assert parted(connection.answer())[0] == 200
        connection.send(b"POST / HT")
        assert parted(connection.rest())[0] == 408


@pytest.mark.parametrize("later", [b"x", b"x" * 1000, b"x" * 1000 + b"\r\n"])
def test_a_connection_with_an_answer_before_the_end_of_the_body_is_closed_in_time(
    monkeypatch: pytest.MonkeyPatch, later: bytes
) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.1)
    with served(Litestar([refused]), CarefulProtocol) as port, Connection(port) as connection:
        connection.send(b"POST /refused HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n")
        assert connection.answer().startswith(b"HTTP/1.1 401 ")
        connection.send(later)
        assert connection.rest() == b""


def test_after_a_body_that_came_late_the_next_request_is_answered() -> None:
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n"
    with served(Litestar([refused, told]), CarefulProtocol) as port, Connection(port) as connection:
        connection.send(request.replace(b"/ ", b"/refused ", 1))
        assert connection.answer().startswith(b"HTTP/1.1 401 ")
        connection.send(b"x" + request)
        connection.send(b"y")
        assert parted(connection.answer())[1]["body"] == "y"


def test_what_is_no_http_is_told_so_in_json(connection: Connection) -> None:
    connection.send(b"\x16\x03\x01\x02\x00")
    assert parted(connection.rest()) == (400, {"error": "Invalid HTTP request received"})


def test_a_head_that_waits_for_the_answer_before_it_is_given_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "HEAD_WITHIN", 0.1)
    request = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nX-Seconds: 0.3\r\n"
    with served(Litestar([told]), CarefulProtocol) as port, Connection(port) as connection:
        connection.send(request + b"\r\n" + request)
        assert connection.answer().startswith(b"HTTP/1.1 200 ")
        connection.send(END)
        assert parted(connection.rest())[0] == 200


LOTS = b"x" * 64 * 1024 * 1024
"""More than the network takes by itself."""

lost = threading.Event()
made: list[CarefulProtocol] = []


class Watched(CarefulProtocol):
    """Tells of the connection, and when it is gone for the server."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as its parent's
        super().connection_made(transport)
        made.append(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        lost.set()


@get("/")
async def unfinished() -> ASGIApp:
    """Begin an answer, and give up on it."""

    async def answer(_: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": LOTS, "more_body": True})

    return answer


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Connection]:
    monkeypatch.setattr(protocol, "TAKE_WITHIN", request.param)
    lost.clear()
    with served(Litestar([unfinished]), Watched) as port, Connection(port) as connection:
        connection.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        yield connection


@pytest.mark.parametrize("asked", [0.1], indirect=True)
def test_a_client_that_takes_nothing_of_an_answer_that_was_given_up_is_cut_off(asked: Connection) -> None:
    assert asked.some().startswith(b"HTTP/1.1 200 ")
    eventually(lost.is_set)


@pytest.mark.parametrize("asked", [60], indirect=True)
def test_a_stop_waits_for_no_client_that_takes_nothing(asked: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "TAKE_FAREWELL_WITHIN", 0.1)
    assert asked.some().startswith(b"HTTP/1.1 200 ")
    made[-1].loop.call_soon_threadsafe(made[-1].shutdown)
    eventually(lost.is_set)


@pytest.mark.parametrize("asked", [0.8], indirect=True)
def test_a_client_that_takes_it_slowly_is_not_cut_off(asked: Connection) -> None:
    taken = 0
    for megabytes in range(8, 64, 8):
        while taken < megabytes * 2**20 and (some := asked.some()):
            taken += len(some)
        lost.wait(0.2)
    assert taken + len(asked.rest()) > len(LOTS)
