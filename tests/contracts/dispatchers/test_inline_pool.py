"""The pool in the server's process, held to the dispatcher's port."""

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from msgspec.structs import replace

from adapters.inline.pool import InlinePool
from ports.errors import Busy
from ports.jobs import JobKind
from ports.work import Callback, Ticket

pytestmark = pytest.mark.anyio


def ticket() -> Ticket:
    return Ticket(
        job_id=uuid4(),
        attempt=1,
        kind=JobKind.PREPARE,
        callback=Callback(url="", token=""),
        lease_seconds=60,
        deadline=datetime(2030, 1, 1, tzinfo=UTC),
    )


class Bench:
    """Carries tickets out only when told to, and remembers them."""

    def __init__(self) -> None:
        self.begun: list[Ticket] = []
        self.cancelled: list[Ticket] = []
        self.go = asyncio.Event()

    async def carry_out(self, each: Ticket) -> None:
        self.begun.append(each)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled.append(each)
            raise


async def test_a_ticket_that_is_dispatched_is_carried_out() -> None:
    bench, one = Bench(), ticket()
    pool = InlinePool(1, bench.carry_out)
    await pool.dispatch(one)
    bench.go.set()
    await pool.room()
    assert bench.begun == [one]


async def test_a_full_pool_is_busy() -> None:
    bench = Bench()
    pool = InlinePool(2, bench.carry_out)
    for _ in range(2):
        await pool.dispatch(ticket())
    with pytest.raises(Busy):
        await pool.dispatch(ticket())
    await pool.close()


async def test_room_is_told_as_soon_as_there_is_some() -> None:
    bench = Bench()
    pool = InlinePool(1, bench.carry_out)
    await pool.dispatch(ticket())
    waiting = asyncio.ensure_future(pool.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    bench.go.set()
    await asyncio.wait_for(waiting, 5)
    await pool.dispatch(ticket())
    await pool.close()


async def test_a_ticket_that_breaks_its_worker_leaves_its_place() -> None:
    async def break_down(_: Ticket) -> None:
        raise RuntimeError("broken")

    pool = InlinePool(1, break_down)
    await pool.dispatch(ticket())
    await asyncio.wait_for(pool.room(), 5)
    await pool.close()


async def test_closing_cancels_what_is_carried_out_and_waits_for_its_end() -> None:
    bench, one = Bench(), ticket()
    pool = InlinePool(1, bench.carry_out)
    await pool.dispatch(one)
    await asyncio.sleep(0)
    await pool.close()
    assert bench.cancelled == [one]


async def test_closing_with_patience_lets_end_what_ends_in_time_and_cancels_the_rest() -> None:
    bench, done = Bench(), asyncio.Event()

    async def carry_out(each: Ticket) -> None:
        if each.attempt == 1:
            return await bench.carry_out(each)
        await asyncio.sleep(0)
        return done.set()

    one = ticket()
    pool = InlinePool(2, carry_out)
    await pool.dispatch(one)
    await pool.dispatch(replace(one, attempt=2))
    await pool.close(0.05)
    assert done.is_set()
    assert bench.cancelled == [one]


async def test_closing_cancels_what_was_dispatched_just_now_and_it_hears_of_it() -> None:
    bench, one = Bench(), ticket()
    pool = InlinePool(1, bench.carry_out)
    await pool.dispatch(one)
    await pool.close()
    assert bench.cancelled == [one]
