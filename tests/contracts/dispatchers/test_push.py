"""Tickets that are sent to an endpoint, held to the dispatcher's port."""

import json
from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.remote.client import new_client
from adapters.remote.push import PushDispatcher
from ports.errors import Busy, TicketRefused, Unavailable
from tests.unit.remote.scripted import answer, scripted
from tests.unit.remote.tickets import ticket

pytestmark = pytest.mark.anyio


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with new_client("greenroom-test") as client:
        yield client


def to(client: httpx.AsyncClient, url: str) -> PushDispatcher:
    return PushDispatcher(client, httpx.URL(url), {}, patience=5)


async def test_a_ticket_that_is_dispatched_is_at_a_worker(client: httpx.AsyncClient) -> None:
    async with scripted(answer(202)) as server:
        await to(client, server.url).dispatch(ticket(server.url))
    assert [json.loads(asked.body)["attempt"] for asked in server.asked] == [2]


async def test_busy_if_no_worker_has_room_now(client: httpx.AsyncClient) -> None:
    async with scripted(answer(429)) as server:
        with pytest.raises(Busy):
            await to(client, server.url).dispatch(ticket(server.url))


async def test_refused_if_the_ticket_will_never_be_taken(client: httpx.AsyncClient) -> None:
    async with scripted(answer(422)) as server:
        with pytest.raises(TicketRefused):
            await to(client, server.url).dispatch(ticket(server.url))


async def test_unavailable_if_nobody_knows_who_has_it(client: httpx.AsyncClient) -> None:
    async with scripted(b"") as server:
        with pytest.raises(Unavailable):
            await to(client, server.url).dispatch(ticket(server.url))


async def test_the_same_ticket_may_be_dispatched_again_and_is_known_by_its_key(client: httpx.AsyncClient) -> None:
    async with scripted(b"", answer(202)) as server:
        with pytest.raises(Unavailable):
            await to(client, server.url).dispatch(ticket(server.url))
        await to(client, server.url).dispatch(ticket(server.url))
    first, second = server.asked
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]
    assert first.body == second.body
