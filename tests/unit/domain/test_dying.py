"""A housekeeper may die after any call that changes something: the next one brings the house to the same end."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from msgspec.structs import replace

from adapters.memory.notices import MemoryNotifier
from domain.completing import complete_upload
from domain.events import Completed
from domain.jobs import advance
from domain.policy import LONGEST_LINK, REMEMBERED, SENT_WITHIN, STILL_ARRIVING, TAKEN_FOR
from domain.tickets import OUTLIVES_DEADLINE
from ports.assets import Asset, Retired
from ports.jobs import Delivery, Job, JobKind
from ports.work import ReportStatus
from tests.unit.domain.makers import NOW, POLICY, SECOND, WAV, Fuse, House, Killed, said
from tests.unit.domain.test_uploading import opened, sent

pytestmark = pytest.mark.anyio

MONTH = POLICY.keep_jobs
LATE = NOW + 60 * SECOND
TELLING = replace(POLICY, notifies=True)
Scene = Callable[[House], Awaitable[datetime]]


class FusedNotifier(MemoryNotifier):
    """An app in memory, and those who tell it behind a fuse: they may die before it hears."""

    def __init__(self, fuse: Fuse, status: int = 200) -> None:
        super().__init__(status)
        self.fuse = fuse

    async def notify(self, job: Job, now: datetime) -> Delivery:
        self.fuse.burn()
        return await super().notify(job, now)


async def ordered(house: House, **facts: Any) -> Job:
    """Add a job. Its id is the same in every run."""
    number = len((await house.jobs.page()).items)
    return await house.add_job(id=UUID(int=number), **facts)


async def begun(house: House, **facts: Any) -> Job:
    await house.add_asset()
    job = await ordered(house, **facts)
    await house.start()
    return job


async def a_silent_attempt(house: House) -> datetime:
    await begun(house)
    return LATE


async def a_silent_last_attempt(house: House) -> datetime:
    await begun(house, max_attempts=1)
    return LATE


async def not_settled(house: House) -> datetime:
    job = await begun(house)
    await house.deliver(job)
    with house.fuse.of(1):
        await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
    return LATE


async def not_settled_and_overtaken_by_a_later_job(house: House) -> datetime:
    await not_settled(house)
    later = await ordered(house, created=NOW + SECOND)
    await house.start()
    await house.finish(later)
    return LATE


async def not_settled_and_without_an_asset(house: House) -> datetime:
    job = await begun(house)
    keys = await house.deliver(job)
    kept = await house.jobs.get(job.id)
    await house.jobs.replace(advance(kept, Completed(due=NOW), NOW))
    await house.assets.remove("song")
    assert keys
    return LATE


async def a_failed_job_to_forget(house: House) -> datetime:
    job = await begun(house)
    await house.deliver(job)
    await house.report(said(job, ReportStatus.FAILED, attempt=1))
    return NOW + MONTH


async def a_complete_job_to_forget(house: House) -> datetime:
    await house.finish(await begun(house))
    return NOW + MONTH


async def a_job_to_tell_of(house: House) -> datetime:
    house.policy, house.notifier = TELLING, FusedNotifier(house.fuse)
    await house.finish(await begun(house))
    return NOW


async def a_job_that_nobody_hears_of(house: House) -> datetime:
    house.policy, house.notifier = TELLING, FusedNotifier(house.fuse, 500)
    await house.report(said(await begun(house), ReportStatus.FAILED, attempt=1))
    return NOW


async def a_job_that_nobody_is_told_of_any_more(house: House) -> datetime:
    await a_job_to_tell_of(house)
    house.policy, house.notifier = POLICY, None
    return NOW


async def a_deleted_asset(house: House) -> datetime:
    job = await begun(house)
    await house.finish(job)
    await house.put("audio/assets/song/prepared-by-hand.mp3", b"x")
    for _ in range(2):
        await ordered(house)
    await house.start()
    asset = await house.assets.get("song")
    await house.assets.replace(replace(asset, version=asset.version + 1, deleted=NOW, due=NOW))
    return NOW + POLICY.deadline + OUTLIVES_DEADLINE


async def a_deleted_asset_to_which_links_are_still_good(house: House) -> datetime:
    await a_deleted_asset(house)
    return NOW


async def retired_objects(house: House) -> datetime:
    await house.add_asset()
    asset = await house.assets.get("song")
    keys = [await house.put(f"audio/assets/song/prepared-{number}.mp3", b"x") for number in range(3)]
    retired = tuple(Retired(key, NOW + number * LONGEST_LINK) for number, key in enumerate(keys))
    await house.assets.replace(replace(asset, version=1, retired=retired, due=NOW))
    return NOW + LONGEST_LINK


async def an_upload_never_completed(house: House) -> datetime:
    upload = await opened(house, in_parts_of=1000)
    await sent(house, upload, WAV, 1)
    return NOW + SENT_WITHIN + STILL_ARRIVING


async def an_upload_that_nobody_completes_after_its_end(house: House) -> datetime:
    await an_upload_never_completed(house)
    await house.keep(NOW + SENT_WITHIN + STILL_ARRIVING)
    return NOW + SENT_WITHIN + REMEMBERED


async def an_upload_of_one_request_never_completed(house: House) -> datetime:
    await sent(house, await opened(house))
    return NOW + SENT_WITHIN + REMEMBERED


async def an_upload_that_is_decided(house: House) -> datetime:
    upload = await opened(house, in_parts_of=1000)
    await sent(house, upload)
    with house.fuse.of(2):
        await complete_upload(upload.id, house=house.whole, now=NOW)
    return NOW + TAKEN_FOR


async def an_upload_to_forget(house: House) -> datetime:
    upload = await opened(house)
    await sent(house, upload)
    await complete_upload(upload.id, house=house.whole, now=NOW)
    await house.assets.remove(upload.id)
    return NOW + SENT_WITHIN + REMEMBERED


async def everything(house: House) -> datetime:
    """Leave a bit of it all, for one long round."""
    for scene in (a_failed_job_to_forget, a_silent_attempt):
        other = House(house.fuse, house.policy)
        await scene(other)
        await moved(other, house, f"{scene.__name__}")
    await retired_objects(house)
    for number in range(2):
        deleted = Asset(id=f"gone-{number}", name="x", created=NOW, deleted=NOW, due=NOW)
        await house.assets.add(deleted)
        await house.put(f"audio/assets/gone-{number}/prepared.mp3", b"x")
    await ordered(house, kind=JobKind.RENDER)
    return NOW + MONTH


async def moved(house: House, to: House, asset_id: str) -> None:
    """Bring the jobs of a house into another, as those of an asset that is not there."""
    for job in (await house.jobs.page()).items:
        await to.jobs.add(replace(job, id=UUID(bytes=asset_id.encode()[:16]), asset_id=asset_id))


SCENES: list[Scene] = [
    a_silent_attempt,
    a_silent_last_attempt,
    not_settled,
    not_settled_and_overtaken_by_a_later_job,
    not_settled_and_without_an_asset,
    a_failed_job_to_forget,
    a_complete_job_to_forget,
    a_job_to_tell_of,
    a_job_that_nobody_hears_of,
    a_job_that_nobody_is_told_of_any_more,
    a_deleted_asset,
    a_deleted_asset_to_which_links_are_still_good,
    retired_objects,
    an_upload_never_completed,
    an_upload_that_nobody_completes_after_its_end,
    an_upload_of_one_request_never_completed,
    an_upload_that_is_decided,
    an_upload_to_forget,
    everything,
]
PASSING = frozenset({"version", "due", "started", "ended", "lease", "deadline", "until", "deliveries"})
"""What differs with the moment at which it was done."""


@pytest.mark.parametrize("scene", SCENES)
async def test_whichever_call_was_the_last_the_next_housekeeper_comes_to_the_same_end(scene: Scene) -> None:
    wanted = await end_of(scene, None)
    calls = 0
    while (found := await end_of(scene, calls)) is not None:
        assert found == wanted, f"after {calls} calls"
        calls += 1
    assert calls > 1, "there was something to do"


@pytest.mark.parametrize("scene", SCENES)
async def test_nor_does_it_matter_if_each_dies_after_one_call_more_than_the_one_before(scene: Scene) -> None:
    house = House()
    now = await scene(house)
    for calls in range(1, 60):
        with house.fuse.of(calls):
            await house.keep(now)
        now += TAKEN_FOR
    undisturbed = House()
    await scene(undisturbed)
    await undisturbed.keep(now)
    assert await state_of(house) == await state_of(undisturbed)


async def end_of(scene: Scene, calls: int | None) -> Any:
    """Return how the house stands after a housekeeper that died after so many calls, and another. None if it did not die."""
    house = House()
    now = await scene(house)
    if calls is not None and not await died(house, now, calls):
        return None
    await house.keep(now + TAKEN_FOR)
    return await state_of(house)


async def died(house: House, now: datetime, calls: int) -> bool:
    house.fuse.left = calls
    try:
        await house.keep(now)
    except Killed:
        return True
    finally:
        house.fuse.left = None
    return False


async def state_of(house: House) -> Any:
    """Return all that is kept, but for moments."""
    records = [*house.jobs._records._all(), *house.assets._records._all(), *house.uploads._records._all()]
    return sorted(str(_lasting(msgspec.to_builtins(record))) for record in records), sorted(await house.keys())


def _lasting(value: Any) -> Any:
    match value:
        case dict():
            return {name: _lasting(part) for name, part in value.items() if name not in PASSING}
        case list() | tuple():
            return [_lasting(part) for part in value]
        case _:
            return value
