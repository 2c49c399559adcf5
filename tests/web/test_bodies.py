"""Reading request bodies: limits, patience, and clients that leave, over real connections."""

from collections.abc import Iterator

import pytest
from litestar import Litestar, Response, post
from litestar.testing import TestClient

from entrypoints.web.bodies import AnyRequest, BodyStalled, BodyTooLarge, ClientGone, streamed, whole
from tests.web.real_server import Connection, eventually, served

LIMIT = 1_000
IDLE = 0.3
seen: list[int | str] = []


@post("/whole", request_max_body_size=10)
async def read_whole(request: AnyRequest) -> bytes:
    return await whole(request, limit=LIMIT, idle=IDLE)


@post("/streamed", request_max_body_size=10)
async def read_streamed(request: AnyRequest) -> str:
    sizes = [len(chunk) async for chunk in streamed(request, limit=20_000_000, idle=IDLE)]
    assert 0 not in sizes
    seen.append(sum(sizes))
    return str(sum(sizes))


def answered(_: AnyRequest, error: Exception) -> Response[dict[str, str]]:
    seen.append(type(error).__name__)
    status = {BodyTooLarge: 413, BodyStalled: 408, ClientGone: 400}[type(error)]
    return Response({"error": str(error)}, status_code=status, headers={"Connection": "close"})


def app() -> Litestar:
    return Litestar(
        [read_whole, read_streamed],
        exception_handlers={BodyTooLarge: answered, BodyStalled: answered, ClientGone: answered},
    )


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(app()) as port:
        yield port


@pytest.fixture
def connection(port: int) -> Iterator[Connection]:
    seen.clear()
    with Connection(port) as connection:
        yield connection


@pytest.mark.parametrize("size", [0, 1, 11, LIMIT])
def test_a_body_is_read_whole_up_to_its_limit_whatever_litestar_s_own_is(size: int) -> None:
    with TestClient(app()) as client:
        answer = client.post("/whole", content=b"x" * size)
    assert (answer.status_code, len(answer.content)) == (201, size)


def test_a_body_over_the_limit_is_refused_by_its_content_length() -> None:
    with TestClient(app()) as client:
        answer = client.post("/whole", content=b"x" * (LIMIT + 1))
    assert answer.status_code == 413
    assert answer.json() == {"error": "The request body is larger than 1000 bytes"}


def test_a_body_over_the_limit_is_refused_before_it_is_sent(connection: Connection) -> None:
    connection.send(b"POST /whole HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n")
    answer = connection.rest()
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nconnection: close\r\n" in answer.lower()


def test_a_body_without_length_is_refused_when_it_goes_over_the_limit(connection: Connection) -> None:
    connection.send(b"POST /whole HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(11):
        connection.send(b"64\r\n" + b"x" * 100 + b"\r\n")
    assert connection.rest().startswith(b"HTTP/1.1 413 ")


def test_a_body_without_length_is_read_to_its_end(connection: Connection) -> None:
    connection.send(b"POST /whole HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.send(b"5\r\nhello\r\n0\r\n\r\n")
    assert connection.rest().endswith(b"hello")


@pytest.mark.parametrize("sent", [b"", b"half"])
def test_a_body_that_stalls_is_given_up_and_the_connection_closed(connection: Connection, sent: bytes) -> None:
    connection.send(b"POST /whole HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n" + sent)
    answer = connection.rest()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"No more of the request body arrived for 0.3 seconds" in answer


def test_a_body_that_keeps_coming_may_take_longer_than_the_patience(connection: Connection) -> None:
    connection.send(b"POST /whole HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 5\r\n\r\n")
    for byte in b"hello":
        eventually_sent(connection, bytes([byte]))
    assert connection.rest().endswith(b"hello")


def test_a_client_that_leaves_half_way_is_noticed(port: int) -> None:
    seen.clear()
    with Connection(port) as connection:
        connection.send(b"POST /streamed HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf")
    eventually(lambda: seen == ["ClientGone"])


def test_an_end_before_the_announced_length_counts_as_leaving() -> None:
    with TestClient(app()) as client:
        assert client.post("/whole", content=b"half", headers={"Content-Length": "10"}).status_code == 400


def test_a_large_body_is_read_in_chunks(connection: Connection) -> None:
    size = 11 * 1024 * 1024
    connection.send(f"POST /streamed HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {size}\r\n\r\n".encode())
    connection.send(bytes(size))
    assert connection.rest().endswith(str(size).encode())
    assert seen == [size]


def eventually_sent(connection: Connection, byte: bytes) -> None:
    """Send after a pause that is shorter than the patience."""
    connection.socket.settimeout(0.1)
    with pytest.raises(TimeoutError):
        connection.socket.recv(1)
    connection.socket.settimeout(10)
    connection.send(byte)
