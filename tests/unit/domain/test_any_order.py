"""Whatever happens to two pieces of audio, in any order, with processes that die: in the end all is told of and tidied up."""

import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from uuid import uuid4

import pytest
from msgspec.structs import replace

from adapters.memory.notices import MemoryNotifier
from domain.deleting import delete_asset
from domain.errors import AssetNotFound, IllegalTransition, JobNotFound, NothingToPrepare, OutputsMissing, StaleReport
from domain.labelling import Labels, label_asset
from domain.layout import own_output_keys, shown_keys
from domain.library import find_asset
from domain.offering import accept, miss, refuse, take_back
from domain.schedule import give_back
from domain.steering import cancel_job, retry_job
from ports.errors import NotFound, Unavailable
from ports.jobs import FINAL, Job, JobStatus
from ports.work import Report, ReportStatus, Ticket
from tests.unit.domain.makers import NOW, POLICY, House, Killed

pytestmark = pytest.mark.anyio

REFUSED = (AssetNotFound, IllegalTransition, JobNotFound, NothingToPrepare, OutputsMissing, StaleReport, Unavailable)
PAUSES = [0, 0, 1, 5, 31, 61, 400]
SONGS = ["first", "second"]


class Bustle:
    """People, workers and housekeepers, who do what comes to their minds. Any of them may die, or be overtaken by another."""

    def __init__(self, seed: int) -> None:
        self.mind = random.Random(seed)
        self.app = MemoryNotifier()
        self.house = House(policy=replace(POLICY, notifies=True), notifier=self.app)
        self.now = NOW
        self.tickets: list[Ticket] = []
        self.ended: dict[str, JobStatus] = {}
        report, keep = self.report, self.keep
        self.deeds: list[Callable[[], Awaitable[object]]] = [
            *(self.order, self.start, self.start, report, report, report, self.return_ticket, keep, keep),
            *(self.cancel, self.retry, self.delete, self.rename, self.send, self.send_again, self.answer, self.answer),
        ]

    async def go_on(self) -> None:
        """Do something, up to a write where it dies, or all of it."""
        self.house.fuse.left = self.mind.choice([None, None, None, 0, 1, 2, 3, 5])
        self.house.jobs.rivals = self.house.assets.rivals = [self.undisturbed] * (self.mind.random() < 0.3)
        with suppress(Killed, *REFUSED):
            await self.mind.choice(self.deeds)()
        self.house.fuse.left = None
        self.now += timedelta(seconds=self.mind.choice(PAUSES))

    async def undisturbed(self) -> None:
        left, self.house.fuse.left = self.house.fuse.left, None
        with suppress(*REFUSED):
            await self.mind.choice(self.deeds)()
        self.house.fuse.left = left

    async def jobs(self) -> list[Job]:
        return list((await self.house.jobs.page(limit=1000)).items)

    async def some_job(self) -> Job:
        jobs = await self.jobs()
        return self.mind.choice(jobs) if jobs else await self.house.add_job(asset_id=SONGS[0], created=self.now, due=self.now)

    async def order(self) -> None:
        song = await find_asset(self.mind.choice(SONGS), self.house.assets)
        await self.house.add_job(asset_id=song.id, created=self.now, due=self.now, max_attempts=2)

    async def start(self) -> None:
        if (ticket := await self.house.start(self.now)) is not None:
            self.tickets.append(ticket)

    async def send(self) -> None:
        if (ticket := await self.house.start(self.now, sent=True)) is not None:
            self.tickets.append(ticket)

    async def send_again(self) -> None:
        if (ticket := await self.house.send_again(self.now)) is not None:
            sent = next(each for each in self.tickets if (each.job_id, each.attempt) == (ticket.job_id, ticket.attempt))
            assert ticket.callback == sent.callback

    async def answer(self) -> None:
        ticket, jobs = self.mind.choice(self.tickets[-4:] or [None]), self.house.jobs
        if ticket is None:
            return
        await self.mind.choice(
            [
                partial(accept, ticket, jobs, self.now),
                partial(miss, ticket, "No answer", jobs, self.now, self.mind.random()),
                partial(take_back, ticket, jobs, self.now),
                partial(refuse, ticket, "No", jobs, self.house.policy, self.now),
            ]
        )()

    async def report(self) -> None:
        ticket = self.mind.choice(self.tickets[-4:] or [None])
        if ticket is None:
            return
        status = self.mind.choice(list(ReportStatus))
        if status is ReportStatus.COMPLETE and self.now < ticket.deadline:
            with suppress(NotFound):
                await self.house.deliver(await self.house.jobs.get(ticket.job_id), ticket.attempt)
        said = Report(job_id=ticket.job_id, attempt=ticket.attempt, status=status, retryable=self.mind.random() < 0.5)
        await self.house.report(said, self.now, self.mind.random())

    async def return_ticket(self) -> None:
        with suppress(NotFound, IndexError):
            await give_back(self.mind.choice(self.tickets), self.house.jobs, self.now)

    async def keep(self) -> None:
        self.app.status = self.mind.choice([200, 500, None])
        await self.house.keep(self.now, self.mind.random())

    async def cancel(self) -> None:
        await cancel_job((await self.some_job()).id, jobs=self.house.jobs, policy=self.house.policy, now=self.now)

    async def retry(self) -> None:
        job, house = await self.some_job(), self.house
        await retry_job(job.id, new_id=uuid4(), jobs=house.jobs, assets=house.assets, now=self.now)

    async def delete(self) -> None:
        house, song = self.house, self.mind.choice(SONGS)
        if self.mind.random() < 0.3:
            await delete_asset(
                song, assets=house.assets, jobs=house.jobs, storage=house.storage, policy=house.policy, now=self.now
            )

    async def rename(self) -> None:
        await label_asset(self.mind.choice(SONGS), Labels(name=f"{self.now}"), assets=self.house.assets)

    async def shown(self) -> set[str]:
        return {key for asset in (await self.house.assets.page()).items for key in shown_keys(asset)}

    async def rest(self, days: float, rounds: int = 40) -> None:
        """Let time go by. Workers claim, and are never heard of; housekeepers live, and the app hears."""
        self.app.status = 200
        self.house.jobs.rivals = self.house.assets.rivals = []
        for _ in range(rounds):
            self.now += timedelta(days=days) / rounds
            while await self.house.start(self.now):
                pass
            await self.house.keep(self.now)


@pytest.mark.parametrize("seed", range(100))
async def test_whatever_happens_all_comes_to_rest(seed: int) -> None:
    bustle = Bustle(seed)
    for song in SONGS:
        await bustle.house.add_asset(song)
    for _ in range(bustle.mind.randrange(10, 60)):
        await bustle.go_on()
        await assert_sound(bustle)
    await bustle.rest(days=1)
    assert all(job.status in FINAL and job.settled and job.told for job in await bustle.jobs())
    await bustle.rest(days=8)
    fruitless = [key for job in await bustle.jobs() if job.prepared is None for key in own_output_keys(job)]
    assert await prepared(bustle) - set(fruitless) <= await bustle.shown(), "what lost is gone"
    await bustle.rest(days=31)
    assert not await bustle.jobs()
    assert await prepared(bustle) <= await bustle.shown()


async def assert_sound(bustle: Bustle) -> None:
    """Fail unless all that is shown is there, and what has ended stays as it ended."""
    assert await bustle.shown() <= await bustle.house.keys()
    for job in await bustle.jobs():
        assert bustle.ended.get(str(job.id), job.status) is job.status
        if job.status in FINAL:
            bustle.ended[str(job.id)] = job.status


async def prepared(bustle: Bustle) -> set[str]:
    return {key for key in await bustle.house.keys() if "/prepared-" in key}
