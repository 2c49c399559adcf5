"""An asset is deleted: marked first, then nothing of it stays, wherever the process ends in between."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from domain.deleting import delete_asset
from domain.errors import AssetNotFound, JobNotFound
from domain.events import Started
from domain.jobs import advance
from domain.library import find_asset, find_job
from domain.policy import TAKEN_FOR
from domain.tickets import OUTLIVES_DEADLINE
from ports.assets import Retired
from ports.errors import Conflict, NotFound, Unavailable
from ports.jobs import Job, JobKind, JobStatus, Outcome
from ports.work import ReportStatus
from tests.unit.domain.makers import MP3, NOW, POLICY, SECOND, House, made_job, said

pytestmark = pytest.mark.anyio

QUIET = NOW + POLICY.deadline + OUTLIVES_DEADLINE


async def delete(house: House, asset_id: str = "song") -> None:
    await delete_asset(asset_id, assets=house.assets, jobs=house.jobs, storage=house.storage, policy=house.policy, now=NOW)


async def lived_in() -> tuple[House, list[Job]]:
    """Return a house with another asset, and one that has a job of every status and an object that retired."""
    house = House()
    await house.add_asset("other")
    asset = await house.add_asset()
    retired = await house.put("audio/assets/song/prepared-old.mp3", MP3)
    await house.assets.replace(replace(asset, version=1, retired=(Retired(retired, NOW + SECOND),)))
    jobs = [await house.add_job(due=NOW - n * SECOND) for n in range(5, 0, -1)]
    for job in jobs[:4]:
        assert await house.start()
        await house.deliver(job)
    await house.report(said(jobs[0], ReportStatus.COMPLETE, attempt=1))
    await house.report(said(jobs[1], ReportStatus.FAILED, attempt=1))
    await house.report(said(jobs[2], ReportStatus.FAILED, attempt=1, retryable=True))
    return house, jobs


def of_song(keys: set[str]) -> set[str]:
    return {key for key in keys if key.startswith("audio/assets/song/")}


async def test_a_deleted_asset_is_not_found_from_then_on() -> None:
    house, _ = await lived_in()
    await delete(house)
    with pytest.raises(AssetNotFound):
        await find_asset("song", house.assets)
    with pytest.raises(AssetNotFound):
        await delete(house)
    assert (await find_asset("other", house.assets)).id == "other"


async def test_deleting_what_is_not_there_is_refused() -> None:
    with pytest.raises(AssetNotFound):
        await delete(House())


async def test_deleting_cancels_live_jobs_and_leaves_finished_ones_as_they_ended() -> None:
    house, jobs = await lived_in()
    await delete(house)
    ended = [(await house.jobs.get(job.id)) for job in jobs]
    wanted = ["complete", "failed", "cancelled", "cancelled", "cancelled"]
    assert [job.status for job in ended] == wanted
    assert [job.attempts[-1].outcome if job.attempts else None for job in ended] == [
        Outcome.COMPLETE,
        Outcome.FAILED,
        Outcome.FAILED,
        Outcome.CANCELLED,
        None,
    ]


async def test_deleting_removes_every_byte_of_the_asset_and_no_other() -> None:
    house, _ = await lived_in()
    await delete(house)
    assert await house.keys() == {"audio/assets/other/original-01234567.wav"}


async def test_deleting_removes_what_was_laid_by_hand_and_never_registered() -> None:
    house = House()
    await house.add_asset()
    await house.add_asset("song-2")
    for name in ("song/prepared.mp3", "song/prepared.peaks.json", "song/prepared-master.wav", "song-2/prepared.mp3"):
        await house.put(f"audio/assets/{name}", MP3)
    await delete(house)
    assert not of_song(await house.keys())
    assert "audio/assets/song-2/prepared.mp3" in await house.keys()


async def test_the_record_stays_until_the_last_link_to_write_for_it_has_expired_and_then_late_bytes_go_too() -> None:
    house, jobs = await lived_in()
    await delete(house)
    late = await house.put(f"audio/assets/song/prepared-{jobs[3].id}-1.mp3", MP3)
    peaks = await house.put("audio/assets/song/original-01234567.peaks.json", b"{}")
    await house.keep(QUIET - SECOND)
    assert (await house.assets.get("song")).deleted == NOW
    assert {late, peaks} <= await house.keys()
    await house.keep(QUIET)
    with pytest.raises(NotFound):
        await house.assets.get("song")
    assert not of_song(await house.keys())


async def test_the_record_stays_for_the_latest_of_all_links() -> None:
    house = House()
    await house.add_asset()
    job = await house.add_job()
    later = NOW + 600 * SECOND
    await house.start()
    await house.report(said(job, ReportStatus.RELEASED, attempt=1), later)
    await house.start(later)
    await delete(house)
    assert (await house.assets.get("song")).due == QUIET + 600 * SECOND


async def test_an_asset_that_nobody_was_handed_is_forgotten_at_once() -> None:
    house = House()
    await house.add_asset()
    await house.add_job()
    await delete(house)
    with pytest.raises(NotFound):
        await house.assets.get("song")


async def test_the_mark_is_first() -> None:
    house, _ = await lived_in()
    before = await house.keys()
    with house.fuse.of(1):
        await delete(house)
    assert (await house.assets.get("song")).deleted == NOW
    assert await house.keys() == before
    assert len((await house.jobs.page(statuses=[JobStatus.CANCELLED])).items) == 0


@pytest.mark.parametrize("writes", range(1, 20))
async def test_what_a_crash_leaves_of_a_deletion_is_finished_by_the_housekeeper(writes: int) -> None:
    house, jobs = await lived_in()
    with house.fuse.of(writes):
        await delete(house)
    with house.fuse.of(writes):
        await house.keep(NOW + SECOND)
    await house.keep(NOW + SECOND + TAKEN_FOR)
    assert not of_song(await house.keys())
    assert not (await house.jobs.page(statuses=[JobStatus.QUEUED, JobStatus.PROCESSING])).items
    await house.keep(QUIET + TAKEN_FOR)
    with pytest.raises(NotFound):
        await house.assets.get("song")
    await house.keep(NOW + POLICY.keep_jobs + timedelta(hours=1))
    for job in jobs:
        with pytest.raises(NotFound):
            await house.jobs.get(job.id)


async def test_a_job_that_starts_while_it_is_cancelled_holds_the_record_until_its_links_have_expired() -> None:
    house = House()
    await house.add_asset()
    job = await house.add_job()
    taken = await house.jobs.take_due([JobStatus.QUEUED], [JobKind.PREPARE], NOW, NOW + TAKEN_FOR, "a dispatcher")
    assert taken is not None
    deadline = NOW + POLICY.deadline
    started = advance(taken, Started(worker="w", lease=deadline, renewal=POLICY.deadline, deadline=deadline), NOW)
    house.jobs.rivals.append(lambda: house.jobs.replace(started))
    await delete(house)
    ended = await house.jobs.get(job.id)
    assert (ended.status, len(ended.attempts)) == (JobStatus.CANCELLED, 1)
    assert (await house.assets.get("song")).due == QUIET


async def test_a_job_whose_asset_is_deleted_while_it_starts_is_cancelled() -> None:
    house = House()
    await house.add_asset()
    job = await house.add_job()
    house.jobs.rivals.append(lambda: delete(house))
    assert await house.start() is None
    assert (await house.jobs.get(job.id)).status is JobStatus.CANCELLED


async def test_a_job_that_completes_while_its_asset_is_deleted_leaves_nothing_behind() -> None:
    house = House()
    await house.add_asset()
    job = await house.add_job()
    await house.put("audio/assets/song/prepared.mp3", MP3)
    house.jobs.rivals.append(lambda: house.report(said(job, ReportStatus.COMPLETE)))
    await delete(house)
    assert (await house.jobs.get(job.id)).status is JobStatus.COMPLETE
    assert not of_song(await house.keys())


async def test_more_jobs_than_a_page_are_all_cancelled() -> None:
    house = House()
    await house.add_asset()
    for _ in range(120):
        await house.add_job(kind=JobKind.RENDER)
    await delete(house)
    assert len((await house.jobs.page(statuses=[JobStatus.CANCELLED], limit=200)).items) == 120


async def test_a_change_that_overtakes_the_mark_is_marked_too() -> None:
    house = House()
    asset = await house.add_asset()
    await house.add_job()
    await house.start()
    house.assets.rivals.append(lambda: house.assets.replace(replace(asset, version=1, name="Renamed")))
    await delete(house)
    kept = await house.assets.get("song")
    assert (kept.name, kept.deleted) == ("Renamed", NOW)


async def test_an_asset_that_another_deletes_meanwhile_is_not_found() -> None:
    house = House()
    await house.add_asset()
    house.assets.rivals.append(lambda: delete(house))
    with pytest.raises(AssetNotFound):
        await delete(house)


async def test_a_job_that_is_forgotten_while_its_asset_is_swept_keeps_nothing_from_going() -> None:
    house = House()
    await house.add_asset()
    job = await house.add_job()
    await house.start()
    house.jobs.rivals.append(lambda: house.jobs.remove(job.id))
    await delete(house)
    assert await house.keys() == set()


async def test_a_mark_that_loses_five_races_is_put_off() -> None:
    house = House()
    await house.add_asset()

    async def lose() -> None:
        raise Conflict("song")

    house.assets.rivals.extend([lose] * 5)
    with pytest.raises(Unavailable):
        await delete(house)
    assert (await house.assets.get("song")).deleted is None


async def test_a_job_that_is_not_there_is_not_found() -> None:
    with pytest.raises(JobNotFound):
        await find_job(made_job().id, House().jobs)
