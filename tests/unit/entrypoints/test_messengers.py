"""Messengers: several at a time, and nobody waits for those that are held up."""

import asyncio

import pytest

from entrypoints.background import messengers
from entrypoints.background.messengers import Messengers
from ports.jobs import Job
from tests.unit.domain.makers import made_job

pytestmark = pytest.mark.anyio


class Door:
    """Where messengers wait until it is opened."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.there = 0
        self.most = 0

    async def tell(self, _: Job) -> None:
        self.there += 1
        self.most = max(self.most, self.there)
        try:
            await self.open.wait()
        finally:
            self.there -= 1


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_no_more_are_out_at_a_time_than_there_are() -> None:
    door = Door()
    sent = Messengers(door.tell, most=3)
    waiting = [asyncio.create_task(sent.send(made_job())) for _ in range(7)]
    await settled()
    assert (door.there, sum(task.done() for task in waiting)) == (3, 3)
    door.open.set()
    assert all(await asyncio.gather(*waiting))
    await settled()
    assert (door.there, door.most) == (0, 3)


async def test_while_the_last_was_held_up_nobody_waits_for_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messengers, "HELD_UP", 0)  # everybody is
    door = Door()
    sent = Messengers(door.tell, most=2)
    door.open.set()
    assert await sent.send(made_job())
    await settled()
    door.open.clear()
    assert [await sent.send(made_job()) for _ in range(4)] == [True, True, False, False]
    door.open.set()
    await settled()
    assert await sent.send(made_job())
    await sent.recall()


async def test_once_they_are_quick_again_they_are_waited_for() -> None:
    door = Door()
    sent = Messengers(door.tell, most=1)
    assert await sent.send(made_job())
    waiting = asyncio.create_task(sent.send(made_job()))
    await settled()
    assert not waiting.done()
    door.open.set()
    assert await waiting


async def test_recalled_they_may_come_back_if_they_are_quick() -> None:
    door, told = Door(), list[Job]()

    async def tell(job: Job) -> None:
        await door.tell(job)
        told.append(job)

    sent = Messengers(tell)
    await sent.send(made_job())
    recalled = asyncio.create_task(sent.recall())
    await settled()
    door.open.set()
    await recalled
    assert len(told) == 1


async def test_recalled_they_all_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messengers, "HELD_UP", 0.01)
    door = Door()
    sent = Messengers(door.tell)
    for _ in range(5):
        await sent.send(made_job())
    await settled()
    assert door.there == 5
    await sent.recall()
    assert door.there == 0
