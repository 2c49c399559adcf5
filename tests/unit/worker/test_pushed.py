"""The endpoint of a worker that is sent its tickets: whom it believes, what it takes, and how long it gives the work."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import msgspec
import pytest
from msgspec.structs import replace

from entrypoints.work.pushed import LARGEST_TICKET, ticket_endpoint, time_allowed
from ports.jobs import JobKind
from ports.work import Ticket
from tests.unit.remote.tickets import DEADLINE, JOB, ticket

pytestmark = pytest.mark.anyio

TICKET = ticket("https://greenroom.example")
BODY = msgspec.json.encode(TICKET)
PROOF = {"Authorization": "Bearer a-token"}
KEY = f"{JOB}.2"
DAY = timedelta(days=1)


class Started(list[tuple[str, Ticket]]):
    """What was started."""

    async def start(self, key: str, each: Ticket) -> None:
        self.append((key, each))


@pytest.fixture
def started() -> Started:
    return Started()


@pytest.fixture
async def client(started: Started) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(ticket_endpoint(b"a-token", started.start))  # type: ignore[arg-type]  # Litestar's own types
    async with httpx.AsyncClient(transport=transport, base_url="https://worker.example") as client:
        yield client


async def test_a_ticket_is_started_under_its_key_and_answered_at_once(client: httpx.AsyncClient, started: Started) -> None:
    answer = await client.post("/", content=BODY, headers=PROOF | {"Idempotency-Key": KEY})
    assert (answer.status_code, answer.json()) == (202, {"accepted": True})
    assert started == [(KEY, TICKET)]


async def test_a_ticket_without_a_key_is_known_by_its_job_and_attempt(client: httpx.AsyncClient, started: Started) -> None:
    assert (await client.post("/", content=BODY, headers=PROOF)).status_code == 202
    assert [key for key, _ in started] == [KEY]


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [("Authorization", "Bearer")],
        [("Authorization", "Bearer ")],
        [("Authorization", "Bearer another")],
        [("Authorization", "Basic a-token")],
        [("Authorization", "a-token")],
        [("Authorization", "Bearer a-tok\u00e9n".encode())],
        [("Authorization", "Bearer a-token"), ("Authorization", "Bearer a-token")],
    ],
)
async def test_strangers_are_refused_before_anything_is_read(
    client: httpx.AsyncClient, started: Started, headers: list[tuple[str, str]]
) -> None:
    answer = await client.post("/", content=b"x" * (LARGEST_TICKET + 1), headers=headers)
    assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})
    assert not started


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{}", 400),
        (b"[]", 400),
        (b"\xff", 400),
        (b'{"jobId": "\xff"}', 400),
        (b"[" * 5000, 400),
        (BODY.replace(b'"attempt":2', b'"attempt":"two"'), 400),
        (msgspec.json.encode(replace(TICKET, kind=JobKind.RENDER)), 422),
        (b" " * (LARGEST_TICKET + 1), 413),
    ],
)
async def test_what_is_no_ticket_for_it_is_refused_in_a_sentence(
    client: httpx.AsyncClient, started: Started, body: bytes, status: int
) -> None:
    answer = await client.post("/", content=body, headers=PROOF)
    assert answer.status_code == status
    assert isinstance(answer.json()["error"], str)
    assert not started


async def test_a_key_of_another_ticket_is_refused(client: httpx.AsyncClient, started: Started) -> None:
    answer = await client.post("/", content=BODY, headers=PROOF | {"Idempotency-Key": f"{JOB}.3"})
    assert answer.status_code == 400
    assert not started


async def test_there_is_nothing_else_to_call(client: httpx.AsyncClient) -> None:
    assert [(await client.get(path, headers=PROOF)).status_code for path in ("/", "/schema", "/other")] == [405, 404, 404]


def test_an_endpoint_without_a_token_is_none(started: Started) -> None:
    with pytest.raises(ValueError, match="token"):
        ticket_endpoint(b"", started.start)


@pytest.mark.parametrize(
    ("left", "allowed"),
    [
        (timedelta(hours=1), timedelta(minutes=90)),
        (timedelta(hours=1, seconds=-20), timedelta(minutes=75)),
        (timedelta(seconds=-5), timedelta(minutes=30)),
        (timedelta(days=6), DAY),
    ],
)
def test_the_work_may_take_as_long_as_its_ticket_and_a_last_report_in_few_different_lengths(
    left: timedelta, allowed: timedelta
) -> None:
    assert time_allowed(TICKET, DEADLINE - left, DAY) == allowed.total_seconds()
