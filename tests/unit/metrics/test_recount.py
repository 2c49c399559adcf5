"""How often the jobs are counted, however many ask."""

import asyncio
from datetime import datetime

import pytest

from entrypoints.metrics.recount import Recount
from ports.census import Census
from ports.errors import Unavailable
from tests.contracts.stores import NOW

pytestmark = pytest.mark.anyio


class Counted:
    """A census that says how often it was taken."""

    def __init__(self, error: Exception | None = None, *, hangs: bool = False) -> None:
        self.error = error
        self.hangs = hangs
        self.asked = 0

    async def count(self, now: datetime) -> Census:
        assert now is NOW
        self.asked += 1
        await (asyncio.Event().wait() if self.hangs else asyncio.sleep(0))
        if self.error:
            raise self.error
        return Census({}, {})


async def test_jobs_are_counted_once_in_five_seconds_however_many_ask() -> None:
    time = [100.0]
    census = Counted()
    recount = Recount(census, lambda: time[0], lambda: NOW)
    for _ in range(3):
        assert await asyncio.gather(*(recount.latest() for _ in range(50))) == [Census({}, {})] * 50
    assert census.asked == 1
    time[0] += 4.99
    await recount.latest()
    assert census.asked == 1
    time[0] += 0.02
    await recount.latest()
    assert census.asked == 2


@pytest.mark.parametrize("census", [Counted(Unavailable("store")), Counted(hangs=True)])
async def test_a_store_that_can_not_say_is_not_waited_for_again_and_again(census: Counted) -> None:
    async with asyncio.timeout(5):
        recount = Recount(census, lambda: 0.0, lambda: NOW, patience=0.05)
        assert [await recount.latest() for _ in range(3)] == [None] * 3
    assert census.asked == 1
