"""The contract of `ports.work.Claims`, kept by a worker's way to new tickets."""

import sqlite3
import time
from contextlib import closing

import pytest

from adapters.remote.claims import HttpClaims
from adapters.sqlite import transactions
from entrypoints.clock import utc_now
from ports.errors import ClaimRefused, Unavailable
from ports.jobs import JobKind
from ports.work import Ticket
from tests.contracts.ways.harness import Server

pytestmark = pytest.mark.anyio

HERE = "http://127.0.0.1:8000"


async def claimed(server: Server, *, secret: bytes = b"s", wait: float = 0, kind: JobKind = JobKind.PREPARE) -> Ticket | None:
    return await HttpClaims(server.client, HERE, secret, utc_now).claim("w1", [kind], wait)


async def test_the_ticket_is_of_an_attempt_at_the_most_overdue_job(server: Server) -> None:
    first, second = [await server.order() for _ in range(2)]
    tickets = [await claimed(server) for _ in range(2)]
    assert [ticket and ticket.job_id for ticket in tickets] == [first, second]
    [attempt] = (await server.parts.jobs.get(first)).attempts
    assert (attempt.number, attempt.worker) == (1, "w1")


async def test_no_ticket_is_of_another_kind(server: Server) -> None:
    await server.order()
    assert await claimed(server, kind=JobKind.RENDER) is None


async def test_none_comes_if_no_job_came_up_in_time(server: Server) -> None:
    began = time.monotonic()
    assert await claimed(server, wait=0.2) is None
    assert 0.2 <= time.monotonic() - began < 5


async def test_a_server_that_will_not_have_us_refuses(server: Server) -> None:
    with pytest.raises(ClaimRefused):
        await claimed(server, secret=b"another")


async def test_a_server_that_can_not_answer_now_is_unavailable(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    await server.order()
    monkeypatch.setattr(transactions, "PATIENCE", 0.2)
    with closing(sqlite3.connect(server.storage_folder.parent / "greenroom.db", isolation_level=None)) as another:
        another.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable) as trouble:
            await claimed(server)
        another.execute("ROLLBACK")
    assert trouble.value.retry_after > 0
    assert await claimed(server) is not None
