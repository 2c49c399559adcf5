"""Asking for work: every answer has its meaning, and none shows the secret."""

import json
from datetime import datetime, timedelta

import httpx
import msgspec
import pytest

from adapters.remote.claims import HttpClaims
from adapters.remote.client import new_client
from ports.errors import ClaimRefused, Unavailable
from ports.jobs import JobKind
from ports.work import Ticket
from tests.services.freeport import free_port
from tests.unit.remote.scripted import answer, scripted
from tests.unit.remote.tickets import DEADLINE, ticket

pytestmark = pytest.mark.anyio

SECRET = b"s3cret \xc3\xa9"


async def claimed(client: httpx.AsyncClient, server: str, now: datetime = DEADLINE) -> Ticket | None:
    return await HttpClaims(client, server, SECRET, lambda: now).claim("w1", [JobKind.PREPARE], 0.25)


def written(told: Ticket) -> bytes:
    return msgspec.json.encode(told)


async def test_the_server_is_asked_by_its_secret_for_these_kinds_within_this_time(client: httpx.AsyncClient) -> None:
    async with scripted(answer(204)) as server:
        assert await claimed(client, f"{server.url}/below") is None
    [asked] = server.asked
    assert (asked.method, asked.path) == ("POST", "/below/api/worker/claim")
    assert asked.headers["authorization"].encode("latin-1") == b"Bearer " + SECRET
    assert json.loads(asked.body) == {"worker": "w1", "kinds": ["prepare"], "wait": 0.25}


async def test_a_ticket_comes_as_it_was_written_and_fields_of_later_releases_are_ignored(client: httpx.AsyncClient) -> None:
    sent = ticket("http://127.0.0.1:9")
    later = json.dumps(json.loads(written(sent)) | {"mood": "good"}).encode()
    async with scripted(answer(200, later)) as server:
        assert await claimed(client, server.url) == sent


@pytest.mark.parametrize(("hours", "moved"), [(0, 0), (3, 3), (-3, -3)])
async def test_a_deadline_is_told_by_our_own_clock_however_wrong_that_is(
    client: httpx.AsyncClient, hours: int, moved: int
) -> None:
    now = datetime.fromisoformat("2025-12-31T23:00:00+00:00") + timedelta(hours=hours)
    told = answer(200, written(ticket("http://127.0.0.1:9")), Date="Wed, 31 Dec 2025 23:00:00 GMT")
    async with scripted(told) as server:
        got = await claimed(client, server.url, now)
    assert got is not None
    assert got.deadline == DEADLINE + timedelta(hours=moved)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        (answer(400, b'{"error": "worker: expected text", "field": "worker"}'), "worker: expected text"),
        (answer(401, b'{"error": "Unauthorized"}'), "does not accept the INTERNAL_WEBHOOK_SECRET"),
        (answer(403, b"<html>no</html>"), "refuses to hand out work: answered 403"),
        (answer(404, b"<html>no</html>"), "no Greenroom"),
        (answer(405), "no Greenroom"),
        (answer(500, b'{"error": "Webhook secret not configured"}'), "Webhook secret not configured"),
        (answer(301, Location="https://other.example/api/worker/claim?x=5ecret"), r"redirects to https://other\.example:"),
        (answer(302), "redirects"),
        (answer(200, b"<html>welcome</html>"), "are both of one release"),
        (answer(200, b'{"jobId": "1"}'), "are both of one release"),
    ],
)
async def test_a_server_that_will_not_have_us_is_said_in_a_sentence(
    client: httpx.AsyncClient, told: bytes, sentence: str
) -> None:
    async with scripted(told) as server:
        with pytest.raises(ClaimRefused, match=sentence) as refused:
            await claimed(client, server.url)
    assert "cret" not in refused.value.sentence.replace("INTERNAL_WEBHOOK_SECRET", "").replace("Webhook secret", "")


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (answer(503, Retry_After="7"), 7),
        (answer(429, Retry_After="100000"), 300),
        (answer(503, Retry_After="Wed, 31 Dec 2025 23:00:09 GMT", Date="Wed, 31 Dec 2025 23:00:00 GMT"), 9),
        (answer(503, Retry_After="Wed, 31 Dec 2025 22:00:00 GMT", Date="Wed, 31 Dec 2025 23:00:00 GMT"), 0),
        (answer(503, Retry_After="soon"), 0),
        (answer(503, Retry_After="9" * 5000), 0),
        (answer(503, Retry_After="Wed, 31 Dec 2025 23:00:09 GMT"), 0),
        (answer(500, b'{"error": "Something went wrong here; it has been logged"}'), 0),
        (answer(502), 0),
        (answer(504), 0),
        (answer(408), 0),
        (b"", 0),
        (b"nonsense\r\n\r\n", 0),
    ],
)
async def test_a_server_that_cannot_answer_now_is_unavailable_for_as_long_as_it_says(
    client: httpx.AsyncClient, told: bytes, seconds: int
) -> None:
    async with scripted(told) as server:
        with pytest.raises(Unavailable) as trouble:
            await claimed(client, server.url)
    assert trouble.value.retry_after == seconds


async def test_a_server_that_is_away_is_unavailable_and_its_address_is_not_told(client: httpx.AsyncClient) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(Unavailable) as trouble:
        await claimed(client, nobody)
    assert "http" not in str(trouble.value)
    assert trouble.value.__cause__ is None
    assert trouble.value.__suppress_context__


async def test_a_redirect_is_not_followed_with_a_secret_in_hand(client: httpx.AsyncClient) -> None:
    async with scripted(answer(204)) as other, scripted(answer(307, Location=other.url)) as server:
        with pytest.raises(ClaimRefused):
            await claimed(client, server.url)
        assert not other.asked


async def test_no_proxy_is_asked_for_this_machine_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted(answer(204)) as proxy, scripted(answer(204)) as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        async with new_client("greenroom-test") as client:
            await claimed(client, server.url)
            await claimed(client, "http://greenroom.invalid")
    assert len(server.asked) == 1
    assert [asked.path for asked in proxy.asked] == ["http://greenroom.invalid/api/worker/claim"]
