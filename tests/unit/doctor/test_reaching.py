"""What the doctor finds of those who are to be reached."""

import asyncio
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from entrypoints.doctor.findings import State
from entrypoints.doctor.reaching import answer_of, examine_called, examine_server, examine_webhook
from entrypoints.settings import Settings, load_settings
from tests.services.freeport import free_port
from tests.unit.doctor.answering import answering

pytestmark = pytest.mark.anyio

URL = "http://audio.example"
SECRET = {"INTERNAL_WEBHOOK_SECRET": "a secret of this test"}


def settings(folder: Path, **environment: str) -> Settings:
    return load_settings(environment, folder / ".env")


async def test_a_server_that_answers_is_good(tmp_path: Path) -> None:
    [finding] = await examine_server(URL, settings(tmp_path), answering({"GET": 200}))
    assert finding.state is State.GOOD


@pytest.mark.parametrize(
    ("status", "named"),
    [(301, "redirects to https://audio.example/healthz: workers don't follow"), (404, "/healthz answers 404: is it a Greenroom")],
)
async def test_a_public_url_that_leads_elsewhere_is_trouble(tmp_path: Path, status: int, named: str) -> None:
    elsewhere = answering({"GET": status}, {"Location": "https://audio.example/healthz"})
    [finding] = await examine_server(URL, settings(tmp_path, GREENROOM_PUBLIC_URL=URL), elsewhere)
    assert (finding.state, named in finding.says) == (State.TROUBLE, True)


@pytest.mark.parametrize(("public", "state"), [(True, State.TROUBLE), (False, State.WARNING)])
async def test_a_server_that_is_not_reached_is_trouble_where_others_are_sent_to_it(
    tmp_path: Path, public: bool, state: State
) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    chosen = settings(tmp_path, **({"GREENROOM_PUBLIC_URL": url} if public else {}))
    async with httpx.AsyncClient(trust_env=False) as client:
        [finding] = await examine_server(url, chosen, client)
    assert (finding.state, finding.says.startswith(f"No server is reached at {url}")) == (state, True)


@pytest.mark.parametrize(
    ("status", "state", "named"),
    [
        (400, State.GOOD, "their secret is believed"),
        (401, State.TROUBLE, "another INTERNAL_WEBHOOK_SECRET"),
        (500, State.TROUBLE, "no INTERNAL_WEBHOOK_SECRET"),
        (403, State.TROUBLE, "something in front of the server"),
        (302, State.TROUBLE, "answers 302"),
    ],
)
async def test_the_webhook_s_answer_says_whether_callbacks_arrive(tmp_path: Path, status: int, state: State, named: str) -> None:
    [finding] = await examine_webhook(URL, settings(tmp_path, **SECRET), answering({"POST": status}))
    assert (finding.state, named in finding.says) == (state, True)


async def test_without_a_secret_there_is_no_webhook_to_ask(tmp_path: Path) -> None:
    assert await examine_webhook(URL, settings(tmp_path), answering({})) == []


async def test_those_who_are_called_are_named_where_nobody_answers(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/?key=hush"
    chosen = settings(
        tmp_path,
        GREENROOM_DISPATCH="push",
        GREENROOM_PUBLIC_URL=URL,
        GREENROOM_DISPATCH_URL=nobody,
        GREENROOM_NOTIFY_URL=nobody,
        GREENROOM_NOTIFY_SECRET=f"whsec_{'A' * 32}",
    )
    async with httpx.AsyncClient(trust_env=False) as client:
        found = await examine_called(chosen, client)
    assert [(finding.what, finding.state) for finding in found] == [
        ("GREENROOM_DISPATCH_URL", State.TROUBLE),
        ("GREENROOM_NOTIFY_URL", State.TROUBLE),
    ]
    assert "hush" not in str(found)
    there = await examine_called(chosen, answering({"OPTIONS": 405}))
    assert {finding.state for finding in there} == {State.GOOD}


async def test_a_server_that_sends_a_little_now_and_then_is_not_waited_for() -> None:
    async def drip(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b".")
                await writer.drain()
                await asyncio.sleep(0.01)
        writer.close()
        gone.set()

    gone = asyncio.Event()
    async with await asyncio.start_server(drip, "127.0.0.1", 0) as dripping, httpx.AsyncClient(trust_env=False) as client:
        host, port = dripping.sockets[0].getsockname()
        assert await answer_of(client, "GET", f"http://{host}:{port}", within=0.2) == "it does not answer in time"
        await gone.wait()


@pytest.mark.parametrize(
    ("url", "header", "told"),
    [
        ("http://127.0.0.1:hush/", b"", "no web address"),
        ("hush://127.0.0.1/", b"", "no web address"),
        ("http://127.0.0.1:1/?hush", b"", "connection"),
        ("http://127.0.0.1:{port}/", b"Bearer hush\x00", "a character that can't be sent"),
    ],
)
async def test_why_nobody_answers_is_told_without_secrets(url: str, header: bytes, told: str) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with server, httpx.AsyncClient(trust_env=False) as client:
        where = url.replace("{port}", str(server.sockets[0].getsockname()[1]))
        said = await answer_of(client, "GET", where, headers={b"Authorization": header})
    assert (isinstance(said, str), told in str(said), "hush" in str(said)) == (True, True, False), said
