"""Tickets by HTTP: what is sent, what each answer means, and what of it a person gets to read."""

import asyncio
import json
import time
from pathlib import Path

import httpx
import pytest
from msgspec.structs import replace

from adapters.remote.push import PushDispatcher
from adapters.remote.refusals import READ_OF_IT
from ports.errors import Busy, TicketRefused, Unavailable
from ports.work import Ticket
from tests.unit.remote.scripted import answer, scripted
from tests.unit.remote.tickets import JOB, ticket

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[3] / "docs" / "worker.md").read_text()
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
PROOF = {"Authorization": "Bearer 5ecret", "Modal-Key": "wk-1", "Modal-Secret": "ws-5ecret"}


def to(client: httpx.AsyncClient, url: str, patience: float = 5) -> PushDispatcher:
    return PushDispatcher(client, httpx.URL(f"{url}/start?way=5ecret"), PROOF, patience)


async def refused(client: httpx.AsyncClient, told: bytes) -> str:
    async with scripted(told) as server:
        with pytest.raises(TicketRefused) as refusal:
            await to(client, server.url).dispatch(ticket(server.url))
    return refusal.value.sentence


async def test_a_ticket_is_posted_with_its_key_and_our_proof(client: httpx.AsyncClient) -> None:
    sent = replace(ticket("https://greenroom.example"), traceparent=TRACE)
    async with scripted(answer(202, b'{"accepted": true}')) as server:
        await to(client, server.url).dispatch(sent)
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/start?way=5ecret")
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["idempotency-key"] == f"{JOB}.2"
    assert [asked.headers[name] for name in ("authorization", "modal-key", "modal-secret")] == list(PROOF.values())
    assert asked.headers["traceparent"][:36] == TRACE[:36]
    assert asked.headers["traceparent"] != TRACE
    body = json.loads(asked.body)
    assert set(body) == set(Ticket.__struct_encode_fields__)
    assert (body["jobId"], body["attempt"], body["callback"]["token"]) == (str(JOB), 2, "t0ken")


@pytest.mark.parametrize(
    ("told", "meaning"),
    [
        *((answer(status), Busy) for status in (429, 503)),
        *((answer(status), TicketRefused) for status in (400, 401, 403, 404, 405, 409, 410, 413, 418, 422, 451)),
        *((answer(status), Unavailable) for status in (408, 425, 500, 501, 502, 504, 507, 529)),
        *(
            (answer(status, Location="https://other.example/start?way=5ecret"), Unavailable)
            for status in (301, 302, 303, 307, 308)
        ),
        (answer(304), Unavailable),
        (b"", Unavailable),
        (b"HTTP/1.1 2", Unavailable),
        (b"nonsense\r\n\r\n", Unavailable),
    ],
)
async def test_each_answer_has_its_meaning(client: httpx.AsyncClient, told: bytes, meaning: type[Exception]) -> None:
    async with scripted(told) as server:
        with pytest.raises(meaning) as found:
            await to(client, server.url).dispatch(ticket(server.url))
    assert len(server.asked) == 1
    assert "5ecret" not in str(found.value)


@pytest.mark.parametrize("told", [answer(200), answer(204), answer(202, b"x", length=2**40), answer(201, b"\xff")])
async def test_any_2xx_is_a_yes_whatever_follows(client: httpx.AsyncClient, told: bytes) -> None:
    async with scripted(told) as server:
        await to(client, server.url).dispatch(ticket(server.url))


def as_told() -> dict[str, type[Exception] | None]:
    """Return what the page for those who write workers says of each answer."""
    chapter = PAGE.split("## Or be sent the tickets\n", 1)[1].split("\n## ", 1)[0]
    does = {
        "takes it as accepted": None,
        "takes the ticket back": Busy,
        "lets the job fail": TicketRefused,
        "sends the same": Unavailable,
    }
    rows = [(row.split("|")[1], row.split("|")[2].strip()) for row in chapter.splitlines() if row.startswith("| ")]
    return {
        answered.strip(): meaning
        for names, told in rows
        for answered in names.split(",")
        for words, meaning in does.items()
        if told.startswith(words)
    }


async def test_the_page_for_workers_says_what_each_answer_means(client: httpx.AsyncClient) -> None:
    told = as_told()
    assert len(told) == 9
    for name, meaning in told.items():
        status = int(
            name.replace("any other 4xx", "418").replace("any other 5xx", "529").replace("or none", "0").replace("xx", "07")
        )
        async with scripted(answer(status) if status else b"") as server:
            found: type[Exception] | None = None
            try:
                await to(client, server.url).dispatch(ticket(server.url))
            except (Busy, TicketRefused, Unavailable) as error:
                found = type(error)
        assert found is meaning, name


async def test_a_busy_endpoint_says_when_to_come_back(client: httpx.AsyncClient) -> None:
    async with scripted(answer(503, Retry_After="17")) as server:
        with pytest.raises(Busy) as busy:
            await to(client, server.url).dispatch(ticket(server.url))
    assert busy.value.retry_after == 17


async def test_a_redirect_names_where_to_and_the_setting_to_look_at(client: httpx.AsyncClient) -> None:
    async with scripted(answer(308, Location="https://other.example/?token=5ecret")) as server:
        with pytest.raises(Unavailable, match=r"redirects to https://other.example: is GREENROOM_DISPATCH_URL its address\?"):
            await to(client, server.url).dispatch(ticket(server.url))


async def test_an_endpoint_that_never_answers_is_given_up_in_time(client: httpx.AsyncClient) -> None:
    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as silent:
        url = f"http://127.0.0.1:{silent.sockets[0].getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(Unavailable, match="no answer in time"):
            await to(client, url, patience=0.2).dispatch(ticket(url))
        assert time.monotonic() - began < 3


async def test_an_endpoint_that_is_not_there_is_unavailable(client: httpx.AsyncClient) -> None:
    for url in ("http://127.0.0.1:9", "http://127.0.0.1:0"):
        with pytest.raises(Unavailable):
            await to(client, url).dispatch(ticket(url))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"error": "No such kind"}', ": No such kind"),
        (b'{"detail": "Not enough credits"}', ": Not enough credits"),
        (b'{"detail": [{"loc": ["body"], "msg": "gone"}]}', ': {"detail": [{"loc": ["body"], "msg": "gone"}]}'),
        (b"modal-http: invalid function call\n", ": modal-http: invalid function call"),
        (b"two\nlines \x1b[31mand a colour\x00", ": two lines [31mand a colour"),
        (b"<!doctype html><html>...", ""),
        (b"\x1f\x8b\x08\xff\xfe", ""),
        (b"", ""),
        (b'"' + b"[" * 2000, ': "' + "[" * 299),
    ],
)
async def test_a_refusal_says_why_in_the_endpoints_words_short_and_without_tricks(
    client: httpx.AsyncClient, body: bytes, reason: str
) -> None:
    assert await refused(client, answer(400, body)) == f"The endpoint refused the ticket (400){reason}"


async def test_a_refusal_whose_words_stall_or_break_or_never_end_is_one_all_the_same(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.remote.refusals.SAID_WITHIN", 0.2)
    assert "(400)" in await refused(client, answer(400, b"No", length=100))
    assert len(await refused(client, answer(400, b"No " * READ_OF_IT))) < 400

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 410 Gone\r\nContent-Length: 100\r\n\r\nNo")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(stall, "127.0.0.1", 0) as stalling:
        url = f"http://127.0.0.1:{stalling.sockets[0].getsockname()[1]}"
        with pytest.raises(TicketRefused, match="410"):
            await to(client, url).dispatch(ticket(url))


@pytest.mark.parametrize(("status", "setting"), [(401, "TOKEN"), (403, "TOKEN"), (404, "URL"), (405, "URL")])
async def test_a_refusal_that_is_hardly_about_the_ticket_names_the_setting_to_look_at(
    client: httpx.AsyncClient, status: int, setting: str
) -> None:
    assert f"GREENROOM_DISPATCH_{setting}" in await refused(client, answer(status, b'{"error": "Unauthorized"}'))
