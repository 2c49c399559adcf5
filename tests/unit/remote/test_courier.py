"""A ticket's files by HTTP: resumed, verified, tried again, and never held in memory."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from adapters.remote.courier import HttpCourier
from ports.errors import Altered, LinkRefused, NotFound, OutOfSpace, Unavailable
from ports.work import Output
from tests.unit.remote.scripted import Asked, answer, scripted
from tests.unit.remote.tickets import SIGNED, ticket

pytestmark = pytest.mark.anyio

DATA = bytes(range(256)) * 12_000
DIGEST = hashlib.sha256(DATA).hexdigest()
OTHER = bytes(reversed(DATA))
ETAG = '"v1"'
BIG = 32 * 2**20

Server = Callable[[Asked], bytes]


def serving(data: bytes = DATA, breaks_after: int | None = None, etag: str = ETAG) -> Server:
    """Return a server of these bytes that knows ranges, and whose connections break."""

    def told(asked: Asked) -> bytes:
        start = 0
        if "range" in asked.headers and asked.headers["if-range"] == etag:
            start = int(asked.headers["range"].removeprefix("bytes=").rstrip("-"))
        if start >= len(data):
            return answer(416, Content_Range=f"bytes */{len(data)}")
        rest = data[start:]
        if start:
            sent = {"Content_Range": f"bytes {start}-{len(data) - 1}/{len(data)}", "ETag": etag}
            return answer(206, rest[:breaks_after], len(rest), **sent)
        return answer(200, rest[:breaks_after], len(rest), ETag=etag)

    return told


def sizes(folder: Path) -> list[int]:
    return [path.stat().st_size for path in folder.iterdir()]


def courier(client: httpx.AsyncClient, patience: float = 20) -> HttpCourier:
    return HttpCourier(client, patience)


async def test_an_input_comes_whole_over_connections_that_break_and_no_byte_twice(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    async with scripted(serving(breaks_after=1_200_000)) as server:
        path = await courier(client).fetch(ticket(server.url, len(DATA), DIGEST), tmp_path)
    assert path.read_bytes() == DATA
    assert path.name == "input.wav"
    assert [asked.headers.get("range") for asked in server.asked] == [None, "bytes=1200000-", "bytes=2400000-"]
    assert {asked.headers["if-range"] for asked in server.asked[1:]} == {ETAG}
    assert {asked.headers["accept-encoding"] for asked in server.asked} == {"identity"}


async def test_an_input_that_changes_between_two_connections_is_fetched_anew(client: httpx.AsyncClient, tmp_path: Path) -> None:
    script = [serving(OTHER, 2_000_000, '"v0"'), serving(DATA)]
    async with scripted(*script) as server:
        path = await courier(client).fetch(ticket(server.url, len(DATA), DIGEST), tmp_path)
    assert path.read_bytes() == DATA


async def test_without_a_strong_etag_nothing_is_resumed(client: httpx.AsyncClient, tmp_path: Path) -> None:
    script = [serving(breaks_after=2_000_000, etag='W/"weak"'), serving()]
    async with scripted(*script) as server:
        path = await courier(client).fetch(ticket(server.url, len(DATA), DIGEST), tmp_path)
    assert path.read_bytes() == DATA
    assert all("range" not in asked.headers for asked in server.asked)


async def test_an_input_with_a_wrong_checksum_is_fetched_anew_once(client: httpx.AsyncClient, tmp_path: Path) -> None:
    async with scripted(serving(OTHER), serving(DATA)) as server:
        path = await courier(client).fetch(ticket(server.url, len(DATA), DIGEST), tmp_path)
    assert path.read_bytes() == DATA
    folder = tmp_path / "again"
    folder.mkdir()
    async with scripted(serving(OTHER)) as server:
        with pytest.raises(Altered):
            await courier(client).fetch(ticket(server.url, len(DATA), DIGEST), folder)
    assert len(server.asked) == 2


@pytest.mark.parametrize("data", [DATA + b"more", DATA[:-1], b""])
async def test_an_input_of_another_size_is_not_taken(client: httpx.AsyncClient, tmp_path: Path, data: bytes) -> None:
    async with scripted(serving(data)) as server:
        with pytest.raises(Altered):
            await courier(client).fetch(ticket(server.url, len(DATA)), tmp_path)
    assert len(server.asked) <= 4
    assert all(size <= len(DATA) for size in sizes(tmp_path))


async def test_a_range_that_was_not_asked_for_is_not_believed(client: httpx.AsyncClient, tmp_path: Path) -> None:
    shifted = answer(206, DATA[7:], Content_Range=f"bytes 7-{len(DATA) - 1}/{len(DATA)}", ETag=ETAG)
    async with scripted(shifted, serving()) as server:
        path = await courier(client).fetch(ticket(server.url, len(DATA), DIGEST), tmp_path)
    assert path.read_bytes() == DATA
    assert len(server.asked) == 2


async def test_a_storage_that_has_trouble_for_a_while_is_waited_for(client: httpx.AsyncClient, tmp_path: Path) -> None:
    async with scripted(answer(503), b"", serving()) as server:
        path = await courier(client).fetch(ticket(server.url, len(DATA), DIGEST), tmp_path)
    assert path.read_bytes() == DATA
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(404, NotFound), (410, NotFound), (403, LinkRefused), (400, LinkRefused), (302, LinkRefused), (507, OutOfSpace)],
)
async def test_what_no_waiting_helps_is_said_at_once(
    client: httpx.AsyncClient, tmp_path: Path, status: int, meaning: type[Exception]
) -> None:
    async with scripted(answer(status)) as server:
        with pytest.raises(meaning) as found:
            await courier(client).fetch(ticket(server.url, len(DATA)), tmp_path)
    assert len(server.asked) == 1
    assert SIGNED not in str(found.value)


async def test_a_storage_that_stays_away_is_unavailable_and_no_link_is_told(client: httpx.AsyncClient, tmp_path: Path) -> None:
    async with scripted(b"") as server:
        with pytest.raises(Unavailable) as found:
            await courier(client, 0.001).fetch(ticket(server.url, len(DATA)), tmp_path)
    assert SIGNED not in str(found.value)


async def test_an_output_is_put_with_the_tickets_headers_and_its_length(client: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "out").write_bytes(DATA)
    async with scripted(answer(200)) as server:
        await courier(client).send(ticket(server.url), Output.PREPARED, tmp_path / "out")
    [asked] = server.asked
    assert (asked.method, asked.path, asked.body) == ("PUT", f"/out.mp3{SIGNED}", DATA)
    assert asked.headers["content-length"] == str(len(DATA))
    assert (asked.headers["content-type"], asked.headers["if-none-match"]) == ("audio/mpeg", "*")
    assert "transfer-encoding" not in asked.headers


async def test_an_output_that_the_ticket_has_no_place_for_is_left_out(client: httpx.AsyncClient, tmp_path: Path) -> None:
    async with scripted(answer(500)) as server:
        await courier(client).send(ticket(server.url), Output.ORIGINAL_PEAKS, tmp_path / "out")
    assert not server.asked


@pytest.mark.parametrize("trouble", [b"", answer(409), answer(503)])
async def test_an_output_is_sent_again_after_trouble_and_one_that_arrived_after_all_is_fine(
    client: httpx.AsyncClient, tmp_path: Path, trouble: bytes
) -> None:
    (tmp_path / "out").write_bytes(DATA)
    async with scripted(trouble, answer(412)) as server:
        await courier(client).send(ticket(server.url), Output.PREPARED, tmp_path / "out")
    assert [len(asked.body) for asked in server.asked] == [len(DATA)] * 2


@pytest.mark.parametrize(("status", "meaning"), [(403, LinkRefused), (413, LinkRefused), (307, LinkRefused), (507, OutOfSpace)])
async def test_an_output_that_is_refused_is_not_sent_again(
    client: httpx.AsyncClient, tmp_path: Path, status: int, meaning: type[Exception]
) -> None:
    (tmp_path / "out").write_bytes(b"audio")
    async with scripted(answer(status)) as server:
        with pytest.raises(meaning) as found:
            await courier(client).send(ticket(server.url), Output.PREPARED, tmp_path / "out")
    assert len(server.asked) == 1
    assert SIGNED not in str(found.value)


async def test_no_file_is_held_in_memory(client: httpx.AsyncClient, tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(BIG)
    async with dripping() as url:
        tracemalloc.start()
        try:
            await courier(client).send(ticket(url), Output.PREPARED, tmp_path / "big")
            path = await courier(client).fetch(ticket(url, BIG), tmp_path)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert path.stat().st_size == BIG
    assert peak < 8 * 2**20


@asynccontextmanager
async def dripping() -> AsyncIterator[str]:
    """Serve a big object, or take one, a little at a time."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        left = BIG if head.startswith(b"PUT") else 0
        while left:
            left -= len(await reader.read(min(left, 2**16)))
        length = 0 if head.startswith(b"PUT") else BIG
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % length)
        for _ in range(length // 2**16):
            writer.write(bytes(2**16))
            await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
