"""Telling the user's app: by every adapter alike, and by HTTP as receivers of other makers verify it."""

import base64
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import standardwebhooks
import svix

from adapters.memory.notices import MemoryNotifier
from adapters.standardwebhooks.notifier import WebhookNotifier, new_client
from entrypoints.background.notice import written
from ports.jobs import Job, JobStatus
from ports.notices import Notifier
from tests.contracts.stores import made_job
from tests.userapp import App, running_app

pytestmark = pytest.mark.anyio

KEY, OLD = b"k" * 32, b"o" * 32
RECEIVERS = [standardwebhooks.Webhook, svix.Webhook]


def now() -> datetime:
    return datetime.now(UTC)


def ended(**facts: Any) -> Job:
    return made_job(**{"status": JobStatus.COMPLETE, "ended": now(), "result": {"name": "Größe"}} | facts)


@dataclass(frozen=True)
class Line:
    """A notifier, and how the app at its other end is made to answer: with a status, or by being gone."""

    notifier: Notifier
    answer: Callable[[int | None], None]


@pytest.fixture
def app() -> Iterator[App]:
    with running_app() as app:
        yield app


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with new_client("greenroom/test") as client:
        yield client


def by_http(client: httpx.AsyncClient, url: str, patience: float = 10) -> WebhookNotifier:
    return WebhookNotifier(client, httpx.URL(url), [KEY], written, patience)


@pytest.fixture(params=["memory", "http"])
def line(request: pytest.FixtureRequest, app: App, client: httpx.AsyncClient) -> Line:
    if request.param == "memory":
        kept = MemoryNotifier()
        return Line(kept, lambda status: setattr(kept, "status", status))
    notifier = by_http(client, app.url)

    def answer(status: int | None) -> None:
        app.answers.append(status or 0)  # 0 is no status at all: the answer is malformed

    return Line(notifier, answer)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
async def test_the_app_was_told_if_it_answered_with_200_to_299(line: Line, status: int) -> None:
    line.answer(status)
    at = now()
    delivery = await line.notifier.notify(ended(), at)
    assert (delivery.at, delivery.status, delivery.error) == (at, status, None)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 404, 410, 429, 500, 503])
async def test_any_other_answer_has_its_error(line: Line, status: int) -> None:
    line.answer(status)
    delivery = await line.notifier.notify(ended(), now())
    assert (delivery.status, delivery.error) == (status, f"It answered {status}")


async def test_an_app_that_is_gone_is_no_error_here(line: Line) -> None:
    line.answer(None)
    delivery = await line.notifier.notify(ended(), now())
    assert (delivery.status, delivery.error) == (None, "It could not be reached")


@pytest.mark.parametrize("receiver", RECEIVERS)
async def test_receivers_of_other_makers_verify_a_notice(app: App, client: httpx.AsyncClient, receiver: Any) -> None:
    job = ended()
    await by_http(client, app.url).notify(job, now())
    [heard] = app.heard
    secret = f"whsec_{base64.b64encode(KEY).decode()}"
    receiver(secret).verify(heard.body, dict(heard.headers))
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        receiver(secret).verify(heard.body + b" ", dict(heard.headers))
    told = json.loads(heard.body)
    assert (told["type"], told["data"]["id"], told["data"]["result"]) == ("job.complete", str(job.id), {"name": "Größe"})
    assert (heard.path, heard.headers["content-type"]) == ("/told", "application/json")


async def test_told_again_it_is_the_same_notice(app: App, client: httpx.AsyncClient) -> None:
    notifier, job = by_http(client, app.url), ended()
    for _ in range(2):
        await notifier.notify(job, now())
    await notifier.notify(ended(), now())
    ids = [heard.headers["webhook-id"] for heard in app.heard]
    assert ids[0] == ids[1] != ids[2]
    assert app.heard[0].body == app.heard[1].body


@pytest.mark.parametrize("key", [KEY, OLD])
async def test_while_the_secret_is_being_changed_both_sign(app: App, client: httpx.AsyncClient, key: bytes) -> None:
    await WebhookNotifier(client, httpx.URL(app.url), [KEY, OLD], written).notify(ended(), now())
    standardwebhooks.Webhook(key).verify(app.heard[0].body, dict(app.heard[0].headers))


async def test_it_is_signed_for_the_time_it_is_told_at(app: App, client: httpx.AsyncClient) -> None:
    await by_http(client, app.url).notify(ended(), now() - timedelta(seconds=301))
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(KEY).verify(app.heard[0].body, dict(app.heard[0].headers))


async def test_no_redirect_is_followed(app: App, client: httpx.AsyncClient) -> None:
    app.answers.append(307)
    await by_http(client, app.url).notify(ended(), now())
    assert [heard.path for heard in app.heard] == ["/told"]


async def test_an_app_that_does_not_answer_in_time_was_not_told(app: App, client: httpx.AsyncClient) -> None:
    app.answering.clear()
    delivery = await by_http(client, app.url, patience=0.2).notify(ended(), now())
    assert (delivery.status, delivery.error) == (None, "It did not answer within 0.2 seconds")


async def test_an_answer_without_end_is_not_waited_for(client: httpx.AsyncClient) -> None:
    with answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n") as url:
        delivery = await by_http(client, url).notify(ended(), now())
    assert (delivery.status, delivery.error) == (200, None)


@pytest.mark.parametrize(
    "answer", [b"", b"\x00\xff" * 400, b"HTTP/1.1 2000 Oops\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a" * 200_000]
)
async def test_an_answer_that_is_none_is_no_error_here(client: httpx.AsyncClient, answer: bytes) -> None:
    with answering(answer, hang_up=True) as url:
        delivery = await by_http(client, url).notify(ended(), now())
    assert (delivery.status, delivery.error) == (None, "It could not be reached")


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://nowhere.invalid/", "https://127.0.0.1:1/?key=hush"])
async def test_an_address_that_leads_nowhere_is_no_error_here(client: httpx.AsyncClient, url: str) -> None:
    delivery = await by_http(client, url).notify(ended(), now())
    assert (delivery.status, delivery.error) == (None, "It could not be reached")


async def test_what_the_address_holds_proves_us_and_is_not_shown(
    app: App, client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    url = app.url.replace("http://", "http://me:hush@") + "?key=hush"
    app.answers.append(500)
    delivery = await by_http(client, url).notify(ended(), now())
    assert app.heard[0].path == "/told?key=hush"
    assert app.heard[0].headers["authorization"] == f"Basic {base64.b64encode(b'me:hush').decode()}"
    assert "hush" not in f"{delivery}"
    assert not [record for record in caplog.records if record.levelname not in {"DEBUG", "INFO"}]


@contextmanager
def answering(answer: bytes, *, hang_up: bool = False) -> Iterator[str]:
    """Listen for one connection, answer it with these bytes, and hang up then or at the end."""
    over = threading.Event()

    def serve() -> None:
        with closing(listener.accept()[0]) as peer:
            peer.recv(65536)
            peer.sendall(answer)
            over.wait(0 if hang_up else 30)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        over.set()
        thread.join()
