"""What a server does by itself, and that it stops when it is told to."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from msgspec.structs import replace

from adapters.ffmpeg.locate import locate
from adapters.memory.jobs import MemoryJobStore
from domain.intake import take_in
from domain.ordering import Order, order_job
from entrypoints.background.housekeeper import keep_house_forever
from entrypoints.background.loops import hand_out_forever
from entrypoints.clock import utc_now
from entrypoints.parts import Parts
from entrypoints.settings import load_settings
from entrypoints.wiring.server import running
from entrypoints.work import health
from ports.errors import Busy, Forgotten
from ports.jobs import Job, JobStatus, Outcome
from ports.work import Ticket
from tests.unit.domain.makers import WAV

pytestmark = pytest.mark.anyio

BREAKABLE_FFMPEG = """#!/bin/sh
[ -e "{folder}/broken" ] || exec "{ffmpeg}" "$@"
[ "$1" = -version ] && echo >> "{folder}/asked"
exit 1
"""


class Desk:
    """Takes tickets, or is busy as often as it was told."""

    def __init__(self, parts: Parts, busy: int = 0) -> None:
        self.tickets: list[Ticket] = []
        self._parts = parts
        self._busy = busy

    async def dispatch(self, ticket: Ticket) -> None:
        if self._busy:
            self._busy -= 1
            raise Busy
        await self._parts.jobs.get(ticket.job_id)  # a stop may fall here
        self.tickets.append(ticket)

    async def room(self) -> None:
        return None


class SlowToAnswer(MemoryJobStore):
    """Stores a change, and answers only when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.stored = asyncio.Event()
        self.answer = asyncio.Event()

    async def replace(self, job: Job) -> None:
        await super().replace(job)
        self.stored.set()
        await self.answer.wait()


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    environment = {"GREENROOM_DATA_DIR": str(tmp_path / "data"), "GREENROOM_DISPATCH": "pull"}
    async with running(load_settings(environment, tmp_path / ".env")) as parts:
        yield parts


async def new_job(parts: Parts) -> Job:
    async def body() -> AsyncIterator[bytes]:
        yield WAV

    now, assets, policy = parts.clock(), parts.assets, parts.policy
    asset = await take_in(body(), "", new_id=uuid4(), assets=assets, storage=parts.storage, policy=policy, now=now)
    return await order_job(Order(), asset.id, new_id=uuid4(), jobs=parts.jobs, assets=assets, policy=policy, now=now)


async def ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    async with asyncio.timeout(10):
        await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()


async def until(parts: Parts, job: Job, status: JobStatus) -> Job:
    async with asyncio.timeout(10):
        while True:
            found = await parts.jobs.get(job.id)
            if found.status is status:
                return found


async def test_a_queued_job_is_handed_out(parts: Parts) -> None:
    desk, job = Desk(parts), await new_job(parts)
    loop = asyncio.create_task(hand_out_forever(parts, desk, desk.room))
    await until(parts, job, JobStatus.PROCESSING)
    await ended(loop)
    assert [ticket.job_id for ticket in desk.tickets] == [job.id]


async def test_a_loop_that_is_woken_as_it_is_stopped_stops(parts: Parts) -> None:
    desk = Desk(parts)
    for ticks in range(40):
        loop = asyncio.create_task(hand_out_forever(parts, desk, desk.room))
        for _ in range(ticks):
            await asyncio.sleep(0)
        parts.wake.ring()
        await ended(loop)


async def test_an_attempt_that_was_started_as_the_loop_is_stopped_has_its_worker(parts: Parts) -> None:
    slow = SlowToAnswer()
    parts = replace(parts, jobs=slow)
    desk, job = Desk(parts), await new_job(parts)
    loop = asyncio.create_task(hand_out_forever(parts, desk, desk.room))
    await slow.stored.wait()
    loop.cancel()
    await asyncio.sleep(0)
    slow.answer.set()
    await ended(loop)
    assert [ticket.job_id for ticket in desk.tickets] == [job.id]


async def test_a_job_that_nobody_has_room_for_is_given_back_and_costs_no_attempt(parts: Parts) -> None:
    desk, job = Desk(parts, busy=1), await new_job(parts)
    loop = asyncio.create_task(hand_out_forever(parts, desk, desk.room))
    await until(parts, job, JobStatus.PROCESSING)
    found = await until(parts, job, JobStatus.QUEUED)
    await ended(loop)
    assert [attempt.outcome for attempt in found.attempts] == [Outcome.RELEASED]
    assert found.due > parts.clock()


async def test_a_server_whose_engine_breaks_starts_no_other_job_until_it_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FIRST_REST", timedelta(milliseconds=20))
    ffmpeg, broken, asked = tmp_path / "ffmpeg", tmp_path / "broken", tmp_path / "asked"
    ffmpeg.write_text(BREAKABLE_FFMPEG.format(folder=tmp_path, ffmpeg=locate(None)))
    ffmpeg.chmod(0o755)
    broken.touch()
    environment = {"GREENROOM_DATA_DIR": str(tmp_path / "data"), "FFMPEG_PATH": str(ffmpeg), "GREENROOM_INLINE_WORKERS": "1"}
    async with running(load_settings(environment, tmp_path / ".env")) as parts:
        first, second = await new_job(parts), await new_job(parts)
        parts.wake.ring()
        async with asyncio.timeout(10):
            while not asked.exists() or len(asked.read_text()) < 3:
                assert (await parts.jobs.get(second.id)).attempts == ()
        assert [attempt.outcome for attempt in (await parts.jobs.get(first.id)).attempts] == [Outcome.FAILED]
        broken.unlink()
        await until(parts, second, JobStatus.COMPLETE)


async def test_the_housekeeper_forgets_which_job_changed_when_after_a_day(parts: Parts) -> None:
    await new_job(parts)
    newest = await parts.feed.newest()
    loop = asyncio.create_task(keep_house_forever(replace(parts, clock=lambda: utc_now() + timedelta(hours=25))))
    async with asyncio.timeout(10):
        while await changes_known(parts):
            pass
    await ended(loop)
    assert await parts.feed.newest() == newest


async def changes_known(parts: Parts) -> bool:
    try:
        return bool(await parts.feed.since(0))
    except Forgotten:
        return False
