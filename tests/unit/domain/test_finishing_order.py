"""A finished job's outputs are shown once and in the right order, whoever finishes first and wherever the process ends."""

from datetime import timedelta
from itertools import permutations

import pytest
from msgspec.structs import replace

from domain.errors import StaleReport
from domain.finishing import as_told, settle
from domain.policy import LONGEST_LINK
from ports.assets import Retired, Variant
from ports.errors import OutOfSpace, Unavailable
from ports.jobs import Job, JobStatus
from ports.work import Output, ReportStatus
from tests.unit.domain.makers import MP3, NOW, PEAKS, POLICY, SECOND, House, made_job, said

pytestmark = pytest.mark.anyio

HEALING = NOW + 31 * SECOND
FIGURES = {"before": {"duration": 12.5}, "after": {"duration": 11.0}}


async def under_way(house: House, **facts: object) -> Job:
    """Return a job that a worker has, its outputs delivered."""
    job = await house.add_job(**facts)
    assert await house.start(kinds=[job.kind])
    await house.deliver(job)
    return await house.jobs.get(job.id)


async def complete(house: House, job: Job) -> bool:
    return await house.report(said(job, ReportStatus.COMPLETE, attempt=len(job.attempts), result=FIGURES))


async def test_a_complete_job_is_shown_settled_and_due_to_be_purged() -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    assert await complete(house, job)
    done = await house.jobs.get(job.id)
    asset = await house.assets.get("song")
    assert asset.renditions[Variant.PREPARED] == done.prepared
    assert (done.settled, done.due) == (True, NOW + POLICY.keep_jobs)
    assert (asset.retired, asset.due) == ((), None)


async def test_the_original_learns_its_peaks_and_its_counted_duration() -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    await complete(house, job)
    asset = await house.assets.get("song")
    assert asset.renditions[Variant.ORIGINAL].duration == 12.5
    assert asset.renditions[Variant.ORIGINAL].peaks == "audio/assets/song/original-01234567.peaks.json"
    assert asset.renditions[Variant.PREPARED].duration == 11.0


@pytest.mark.parametrize("writes", range(4))
async def test_a_crash_between_two_steps_is_healed_by_the_housekeeper(writes: int) -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    with house.fuse.of(writes):
        await complete(house, job)
    decided, shown = await house.jobs.get(job.id), await house.shown()
    assert decided.status is (JobStatus.COMPLETE if writes else JobStatus.PROCESSING)
    assert (shown is not None) == (writes >= 2), "the job is decided before the asset shows it"
    assert decided.settled == (writes >= 3)
    await house.keep(HEALING)
    healed = await house.jobs.get(job.id)
    assert healed.settled == (writes >= 1)
    assert await house.shown() == (healed.prepared.key if healed.prepared else None)


@pytest.mark.parametrize("writes", range(4))
async def test_a_crash_between_two_steps_is_healed_by_the_workers_own_retry(writes: int) -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    with house.fuse.of(writes):
        await complete(house, job)
    assert await complete(house, job) == (writes == 0)
    healed = await house.jobs.get(job.id)
    assert healed.settled
    assert healed.prepared is not None
    assert await house.shown() == healed.prepared.key


@pytest.mark.parametrize("writes", range(1, 4))
async def test_who_is_told_that_a_job_is_complete_finds_it_shown(writes: int) -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    with house.fuse.of(writes):
        await complete(house, job)
    told = await as_told(await house.jobs.get(job.id), house.jobs, house.assets, POLICY, NOW)
    assert (told.status, told.settled) == (JobStatus.COMPLETE, True)
    assert told.prepared is not None
    assert await house.shown() == told.prepared.key
    assert await house.jobs.get(job.id) == told


async def test_where_nothing_can_be_changed_a_job_is_told_as_it_is() -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    with house.fuse.of(1):
        await complete(house, job)
    decided = await house.jobs.get(job.id)

    async def full() -> None:
        raise OutOfSpace("The asset store")

    house.assets.rivals.append(full)
    assert await as_told(decided, house.jobs, house.assets, POLICY, NOW) == decided


@pytest.mark.parametrize("writes", range(6))
async def test_a_housekeeper_that_dies_while_healing_is_followed_by_another(writes: int) -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    with house.fuse.of(1):
        await complete(house, job)
    with house.fuse.of(writes):
        await house.keep(HEALING)
    await house.keep(HEALING + 31 * SECOND)
    assert (await house.jobs.get(job.id)).settled
    assert await house.shown() is not None


async def test_an_asset_store_out_of_reach_loses_nothing() -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)

    async def out_of_reach() -> None:
        raise Unavailable("The asset store")

    house.assets.rivals.append(out_of_reach)
    with pytest.raises(Unavailable):
        await complete(house, job)
    assert (await house.jobs.get(job.id)).status is JobStatus.COMPLETE
    assert not await complete(house, job)
    assert await house.shown() is not None


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
async def test_the_later_created_job_wins_whichever_finishes_first(order: tuple[int, ...]) -> None:
    house = House()
    await house.add_asset()
    jobs = [await under_way(house, created=NOW + n * SECOND, due=NOW) for n in range(3)]
    for n in order:
        await complete(house, jobs[n])
    winner = await house.jobs.get(jobs[2].id)
    asset = await house.assets.get("song")
    assert asset.renditions[Variant.PREPARED] == winner.prepared
    assert all([(await house.jobs.get(job.id)).settled for job in jobs])
    losing = {key for key in await house.keys() if "/prepared-" in key and str(winner.id) not in key}
    assert {item.key for item in asset.retired} == losing
    assert len(losing) == 4


async def test_jobs_created_at_the_same_time_have_one_winner_whichever_finishes_first() -> None:
    winners = set[str | None]()
    made = [made_job(), made_job()]
    for order in permutations(made):
        house = House()
        await house.add_asset()
        for job in made:
            await house.jobs.add(job)
            assert await house.start()
            await house.deliver(job)
        for job in order:
            await house.report(said(job, ReportStatus.COMPLETE, attempt=1))
        winners.add(await house.shown())
    assert len(winners) == 1


async def test_what_nobody_made_by_a_job_gives_way_to_any_job() -> None:
    house = House()
    asset = await house.add_asset()
    adopted = replace(asset.renditions[Variant.ORIGINAL], key="audio/assets/song/prepared.wav")
    await house.assets.replace(replace(asset, version=1, renditions={**asset.renditions, Variant.PREPARED: adopted}))
    job = await under_way(house)
    await complete(house, job)
    changed = await house.assets.get("song")
    assert changed.renditions[Variant.PREPARED].job_id == job.id
    assert changed.retired == (Retired("audio/assets/song/prepared.wav", NOW + LONGEST_LINK),)


async def test_what_loses_stays_until_its_longest_link_has_expired_and_then_goes() -> None:
    house = House()
    await house.add_asset()
    first = await under_way(house)
    await complete(house, first)
    second = await under_way(house, created=NOW + SECOND)
    await complete(house, second)
    losing = {key for key in await house.keys() if str(first.id) in key}
    assert len(losing) == 2
    await house.keep(NOW + LONGEST_LINK - SECOND)
    assert losing <= await house.keys()
    await house.keep(NOW + LONGEST_LINK)
    left = await house.keys()
    assert not losing & left
    assert await house.shown() in left
    asset = await house.assets.get("song")
    assert (asset.retired, asset.due) == ((), None)


async def test_what_a_lost_attempt_left_goes_too() -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    await house.keep(NOW + 61 * SECOND)
    await house.start(NOW + 61 * SECOND)
    lost = await house.deliver(job, 1)
    await house.deliver(job, 2)
    await house.report(said(job, ReportStatus.COMPLETE, attempt=2), NOW + 62 * SECOND)
    retired = {item.key for item in (await house.assets.get("song")).retired}
    assert retired == {lost[Output.PREPARED], lost[Output.PREPARED_PEAKS]}


async def test_what_is_shown_again_is_not_to_go_any_more() -> None:
    house = House()
    await house.add_asset()
    by_hand = await house.put("audio/assets/song/prepared.mp3", MP3)
    await house.put("audio/assets/song/prepared.peaks.json", PEAKS)
    first = await house.add_job()
    await house.report(said(first, ReportStatus.COMPLETE))
    second = await under_way(house, created=NOW + SECOND)
    await complete(house, second)
    assert by_hand in {item.key for item in (await house.assets.get("song")).retired}
    third = await house.add_job(created=NOW + 2 * SECOND)
    await house.report(said(third, ReportStatus.COMPLETE))
    assert await house.shown() == by_hand
    await house.keep(NOW + LONGEST_LINK)
    assert {by_hand, "audio/assets/song/prepared.peaks.json"} <= await house.keys()
    assert str(second.id) not in " ".join(await house.keys())


async def test_a_key_laid_by_hand_again_stays_with_the_job_that_found_it_last() -> None:
    house = House()
    await house.add_asset()
    key = await house.put("audio/assets/song/prepared.mp3", MP3)
    await house.report(said(await house.add_job(), ReportStatus.COMPLETE))
    await house.storage.remove(key)
    await house.put(key, MP3 * 2)
    again = await house.add_job(created=NOW + SECOND)
    await house.report(said(again, ReportStatus.COMPLETE))
    asset = await house.assets.get("song")
    assert (asset.renditions[Variant.PREPARED].job_id, asset.renditions[Variant.PREPARED].size) == (again.id, len(MP3) * 2)
    assert key not in {item.key for item in asset.retired}


async def test_settling_again_changes_nothing() -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    await complete(house, job)
    done, asset = await house.jobs.get(job.id), await house.assets.get("song")
    await settle(done, house.jobs, house.assets, POLICY, NOW + SECOND)
    await settle(replace(done, settled=False, version=done.version - 1), house.jobs, house.assets, POLICY, NOW + SECOND)
    assert (await house.jobs.get(job.id), await house.assets.get("song")) == (done, asset)


async def test_a_deleted_asset_shows_nothing_any_more_and_the_job_is_settled() -> None:
    house = House()
    asset = await house.add_asset()
    job = await under_way(house)
    deleted = replace(asset, version=1, deleted=NOW, due=NOW + timedelta(hours=1))
    await house.assets.replace(deleted)
    await complete(house, job)
    assert await house.assets.get("song") == deleted
    assert (await house.jobs.get(job.id)).settled


async def test_an_asset_that_is_deleted_while_its_job_is_shown_stays_deleted() -> None:
    house = House()
    asset = await house.add_asset()
    job = await under_way(house)
    house.assets.rivals.append(lambda: house.assets.replace(replace(asset, version=1, deleted=NOW)))
    await complete(house, job)
    kept = await house.assets.get("song")
    assert (kept.deleted, Variant.PREPARED in kept.renditions) == (NOW, False)


async def test_an_asset_that_is_forgotten_while_its_job_is_shown_stays_forgotten() -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    house.assets.rivals.append(lambda: house.assets.remove("song"))
    assert await complete(house, job)
    assert (await house.jobs.get(job.id)).settled


async def test_an_asset_that_changes_while_its_job_is_shown_keeps_that_change() -> None:
    house = House()
    asset = await house.add_asset()
    job = await under_way(house)
    house.assets.rivals.append(lambda: house.assets.replace(replace(asset, version=1, name="Renamed")))
    await complete(house, job)
    kept = await house.assets.get("song")
    assert (kept.name, Variant.PREPARED in kept.renditions) == ("Renamed", True)


@pytest.mark.parametrize("status", [ReportStatus.FAILED, ReportStatus.RELEASED])
async def test_what_is_not_complete_is_not_shown(status: ReportStatus) -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    await house.report(said(job, status, attempt=1))
    assert await house.shown() is None


async def test_a_cancelled_job_shows_nothing_even_if_its_outputs_are_there() -> None:
    house = House()
    await house.add_asset()
    job = await under_way(house)
    await house.cancel(job.id)
    with pytest.raises(StaleReport):
        await complete(house, job)
    assert await house.shown() is None
