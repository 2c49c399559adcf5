"""Telling the user's app: of each job that has ended, once it has, until it was heard or the job is forgotten."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace

from adapters.memory.notices import MemoryNotifier
from domain.deeds import Deed, Tally
from domain.deleting import delete_asset
from domain.jobs import DELIVERIES_KEPT
from domain.notifying import put_off
from domain.policy import TAKEN_FOR
from domain.steering import cancel_job
from ports.assets import Variant
from ports.errors import NotFound
from ports.jobs import Delivery, Job, JobKind, JobStatus
from ports.work import ReportStatus
from tests.unit.domain.makers import NOW, POLICY, SECOND, House, said

pytestmark = pytest.mark.anyio

TELLING = replace(POLICY, notifies=True)
MONTH = POLICY.keep_jobs
MINUTE = 60 * SECOND
End = Callable[[House, Job], Awaitable[object]]


def app_of(house: House) -> MemoryNotifier:
    assert isinstance(house.notifier, MemoryNotifier)
    return house.notifier


async def working(status: int | None = 200, **facts: object) -> tuple[House, Job]:
    """Return a house whose app answers so, and a job in it that somebody works on."""
    house = House(policy=TELLING, notifier=MemoryNotifier(status))
    await house.add_asset()
    job = await house.add_job(**facts)
    await house.start()
    return house, job


async def failed(house: House, job: Job) -> None:
    await house.report(said(job, ReportStatus.FAILED, attempt=1))


async def cancelled(house: House, job: Job) -> None:
    await cancel_job(job.id, jobs=house.jobs, policy=house.policy, now=NOW)


async def deleted(house: House, _: Job) -> None:
    policy = house.policy
    await delete_asset("song", assets=house.assets, jobs=house.jobs, storage=house.storage, policy=policy, now=NOW)


async def lost(house: House, job: Job) -> None:
    kept = await house.jobs.get(job.id)
    await house.jobs.replace(replace(kept, version=kept.version + 1, max_attempts=1))
    assert (await house.keep(NOW + MINUTE))[Deed.LOST] == 1


async def orphaned(house: House, job: Job) -> None:
    await house.report(said(job, ReportStatus.RELEASED, attempt=1))
    asset = await house.assets.get("song")
    await house.assets.replace(replace(asset, version=asset.version + 1, deleted=NOW))
    assert await house.start() is None


async def complete(house: House, job: Job) -> None:
    await house.finish(job)


@pytest.mark.parametrize("end", [complete, failed, cancelled, deleted, lost, orphaned])
async def test_the_app_is_told_of_each_job_at_once_however_it_ended(end: End) -> None:
    house, job = await working()
    await end(house, job)
    ended = await house.jobs.get(job.id)
    assert ended.ended is not None
    if end is not lost:  # the housekeeper that gave it up told it in the same round
        assert ended.due == ended.ended
        assert (await house.keep(ended.due))[Deed.TOLD] == 1
    [heard] = app_of(house).heard
    assert (heard.id, heard.status) == (job.id, ended.status)
    kept = await house.jobs.get(job.id)
    assert (kept.told, len(kept.deliveries), kept.due) == (True, 1, ended.ended + MONTH)


async def test_it_is_told_once_and_the_job_is_then_forgotten_in_its_time() -> None:
    house, job = await working()
    await house.finish(job)
    for now in (NOW, NOW + MINUTE, NOW + MONTH - SECOND):
        await house.keep(now)
    assert len(app_of(house).heard) == 1
    assert (await house.keep(NOW + MONTH))[Deed.PURGED] == 1


async def test_a_job_is_told_of_only_when_its_asset_shows_its_outputs() -> None:
    house, job = await working()
    await house.deliver(job)
    with house.fuse.of(1):  # dies between the decision and the asset
        await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    assert (await house.jobs.get(job.id)).status is JobStatus.COMPLETE
    await house.keep(NOW)
    assert app_of(house).heard == []
    await house.keep(NOW + MINUTE)
    assert await house.shown(Variant.PREPARED) is not None
    assert [heard.settled for heard in app_of(house).heard] == [True]


async def test_an_app_that_does_not_hear_is_told_again_later_and_later_an_hour_apart_at_most() -> None:
    house, job = await working(500)
    await failed(house, job)
    waits, now = [], NOW
    for _ in range(14):
        assert (await house.keep(now, chance=1))[Deed.NOT_TOLD] == 1
        due = (await house.jobs.get(job.id)).due
        assert (await house.keep(due - timedelta(microseconds=1))) == Tally()
        waits.append(due - now)
        now = due
    assert [wait.total_seconds() for wait in waits[:5]] == [5, 10, 20, 40, 80]
    assert waits[-4:] == [timedelta(hours=1)] * 4
    app_of(house).status = 204
    assert (await house.keep(now))[Deed.TOLD] == 1
    kept = await house.jobs.get(job.id)
    assert [each.status for each in kept.deliveries] == [500] * 14 + [204]
    assert kept.told


async def test_the_last_twenty_tries_are_kept() -> None:
    house, job = await working(None)
    await failed(house, job)
    now = NOW
    for _ in range(DELIVERIES_KEPT + 3):
        await house.keep(now)
        now = (await house.jobs.get(job.id)).due
    kept = await house.jobs.get(job.id)
    assert (len(kept.deliveries), kept.told) == (20, False)
    assert kept.deliveries[-1].at > kept.deliveries[0].at > NOW


async def test_a_job_that_nobody_would_hear_of_is_forgotten_in_its_time() -> None:
    house, job = await working(None)
    await failed(house, job)
    now = NOW
    while now < NOW + MONTH:
        assert await house.keep(now, chance=1) == Tally([Deed.NOT_TOLD])
        now = (await house.jobs.get(job.id)).due
    assert now == NOW + MONTH
    await house.keep(now)
    with pytest.raises(NotFound):
        await house.jobs.get(job.id)


async def test_a_job_that_ended_before_there_was_anybody_to_tell_is_forgotten_and_not_told_of() -> None:
    house, job = await working()
    house.policy = POLICY
    await failed(house, job)
    house.policy = TELLING
    assert await house.keep(NOW + MONTH - SECOND) == Tally()
    assert await house.keep(NOW + MONTH) == Tally([Deed.PURGED])
    assert app_of(house).heard == []


async def test_when_nobody_is_to_be_told_any_more_a_job_waits_for_its_time() -> None:
    house, job = await working()
    await failed(house, job)
    house.policy, house.notifier = POLICY, None
    assert await house.keep(NOW) == Tally([Deed.PUT_OFF])
    kept = await house.jobs.get(job.id)
    assert (kept.due, kept.deliveries, kept.told) == (NOW + MONTH, (), False)
    assert await house.keep(NOW + MONTH) == Tally([Deed.PURGED])


async def test_who_dies_between_telling_and_writing_it_down_is_followed_by_another_with_the_same_notice() -> None:
    house, job = await working()
    await failed(house, job)
    with house.fuse.of(2):  # a look at silent jobs, the taking, and no more than the telling
        await house.keep(NOW)
    assert len(app_of(house).heard) == 1
    assert not (await house.jobs.get(job.id)).told
    assert await house.keep(NOW + TAKEN_FOR - SECOND) == Tally()
    await house.keep(NOW + TAKEN_FOR)
    assert [heard.id for heard in app_of(house).heard] == [job.id, job.id]
    assert (await house.jobs.get(job.id)).told


@pytest.mark.parametrize(
    ("waited", "longest"),
    [(0 * SECOND, MINUTE), (MINUTE / 2, MINUTE), (5 * MINUTE, 5 * MINUTE), (MONTH / 2, 60 * MINUTE)],
)
async def test_a_job_that_is_put_off_waits_as_long_again_at_most_but_no_more_than_an_hour(
    waited: timedelta, longest: timedelta
) -> None:
    house, job = await working()
    await failed(house, job)
    ended, now = await house.jobs.get(job.id), NOW + waited
    for chance in (1, 0.5):
        assert await put_off(ended, house.jobs, house.policy, now=now, chance=chance)
        ended = await house.jobs.get(job.id)
        assert ended.due == now + longest * chance


async def test_a_job_that_is_put_off_is_forgotten_in_its_time() -> None:
    house, job = await working()
    await failed(house, job)
    ended = await house.jobs.get(job.id)
    await put_off(ended, house.jobs, house.policy, now=NOW + MONTH - MINUTE, chance=1)
    assert (await house.jobs.get(job.id)).due == NOW + MONTH


async def test_a_job_that_another_housekeeper_was_faster_with_is_not_counted_twice() -> None:
    house, job = await working()
    await house.deliver(job)
    with house.fuse.of(1):
        await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    house.jobs.rivals.append(lambda: house.jobs.remove(job.id))
    assert await house.keep(NOW + MINUTE) == Tally()


async def test_a_live_job_is_not_told_of() -> None:
    house, _ = await working(kind=JobKind.RENDER)
    await house.keep(NOW + MINUTE)
    assert app_of(house).heard == []


class Slow(MemoryNotifier):
    """An app that takes its time, and a clock that shows it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW

    async def notify(self, job: Job, now: datetime) -> Delivery:
        self.now += 9 * SECOND
        return await super().notify(job, now)


async def test_in_a_long_round_each_job_is_told_of_at_its_own_time() -> None:
    app = Slow()
    house = House(policy=TELLING, notifier=app)
    for number in range(40):
        await house.add_job(id=UUID(int=number), kind=JobKind.RENDER, status=JobStatus.FAILED, settled=True, ended=NOW)
    await house.keep_by(lambda: app.now)
    told = [job.deliveries[0].at for job in (await house.jobs.page()).items]
    assert sorted(told) == [NOW + number * 9 * SECOND for number in range(40)]
