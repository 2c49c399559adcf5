"""A person steers a job: cancelled at once and for good, tried again as another job."""

from uuid import uuid4

import pytest

from domain.errors import AssetNotFound, IllegalTransition, JobNotFound, KeyReused, NothingToPrepare, StaleReport
from domain.steering import cancel_job, retry_job
from ports.assets import Asset
from ports.audio import Format, Recipe
from ports.errors import Unavailable
from ports.jobs import Job, JobKind, JobStatus, Outcome
from ports.work import ReportStatus
from tests.unit.domain.makers import NOW, SECOND, House, said

pytestmark = pytest.mark.anyio

ENDS = {JobStatus.COMPLETE: ReportStatus.COMPLETE, JobStatus.FAILED: ReportStatus.FAILED}


async def house_with_a_job(**facts: object) -> tuple[House, Job]:
    house = House()
    await house.add_asset()
    return house, await house.add_job(**facts)


async def cancel(house: House, job: Job) -> Job:
    return await cancel_job(job.id, jobs=house.jobs, policy=house.policy, now=NOW + SECOND)


async def retry(house: House, job: Job, **facts: object) -> Job:
    usual: dict[str, object] = {"new_id": uuid4(), "jobs": house.jobs, "assets": house.assets, "now": NOW + SECOND}
    return await retry_job(job.id, **usual | facts)  # type: ignore[arg-type]  # each as its name says


async def ended(house: House, job: Job, status: JobStatus) -> None:
    """Let an attempt at the job come to this end."""
    assert await house.start()
    if status is JobStatus.COMPLETE:
        await house.deliver(job)
    await house.report(said(job, ENDS[status], attempt=1))


async def test_a_queued_job_ends_at_once() -> None:
    house, job = await house_with_a_job()
    cancelled = await cancel(house, job)
    assert (cancelled.status, cancelled.ended) == (JobStatus.CANCELLED, NOW + SECOND)
    assert cancelled.due == NOW + SECOND + house.policy.keep_jobs
    assert await house.jobs.get(job.id) == cancelled
    assert await house.start(NOW + 2 * SECOND) is None


async def test_a_job_under_way_ends_and_its_worker_learns_it_from_the_answer_to_its_next_report() -> None:
    house, job = await house_with_a_job()
    assert await house.start()
    cancelled = await cancel(house, job)
    assert [attempt.outcome for attempt in cancelled.attempts] == [Outcome.CANCELLED]
    for status in ReportStatus:
        with pytest.raises(StaleReport):
            await house.report(said(job, status, attempt=1))


async def test_a_job_that_is_cancelled_already_stays_as_it_is() -> None:
    house, job = await house_with_a_job()
    cancelled = await cancel(house, job)
    assert await cancel_job(job.id, jobs=house.jobs, policy=house.policy, now=NOW + 9 * SECOND) == cancelled


@pytest.mark.parametrize("status", ENDS)
async def test_a_job_that_has_ended_otherwise_is_not_cancelled(status: JobStatus) -> None:
    house, job = await house_with_a_job()
    await ended(house, job, status)
    with pytest.raises(IllegalTransition, match=f"A job that is {status} cannot be cancelled"):
        await cancel(house, job)
    assert (await house.jobs.get(job.id)).status is status


async def test_an_unknown_job_is_neither_cancelled_nor_retried() -> None:
    house, job = await house_with_a_job()
    await house.jobs.remove(job.id)
    for steer in (cancel, retry):
        with pytest.raises(JobNotFound):
            await steer(house, job)


async def test_a_job_that_changes_meanwhile_is_cancelled_as_it_is_then() -> None:
    house, job = await house_with_a_job()
    house.jobs.rivals = [house.start]
    cancelled = await cancel(house, job)
    assert [attempt.outcome for attempt in cancelled.attempts] == [Outcome.CANCELLED]


async def test_a_job_that_never_stands_still_is_unavailable() -> None:
    house, job = await house_with_a_job()
    assert await house.start()
    house.jobs.rivals = [lambda: house.report(said(job, ReportStatus.PROCESSING, attempt=1))] * 5
    with pytest.raises(Unavailable):
        await cancel(house, job)


@pytest.mark.parametrize("status", [JobStatus.FAILED, JobStatus.CANCELLED])
async def test_what_failed_or_was_cancelled_is_tried_again_as_another_job(status: JobStatus) -> None:
    house, job = await house_with_a_job(recipe=Recipe(format=Format.OPUS), max_attempts=7)
    await (cancel(house, job) if status is JobStatus.CANCELLED else ended(house, job, status))
    again = await retry(house, job)
    assert (again.status, again.retry_of, again.attempts) == (JobStatus.QUEUED, job.id, ())
    assert (again.kind, again.asset_id, again.recipe, again.max_attempts) == (job.kind, "song", job.recipe, 7)
    assert (await house.jobs.get(job.id)).status is status
    assert await house.jobs.get(again.id) == again
    ticket = await house.start(NOW + SECOND)
    assert ticket is not None
    assert ticket.job_id == again.id


async def test_a_job_that_is_live_or_complete_is_not_tried_again() -> None:
    house, job = await house_with_a_job()
    for prepare in (None, house.start, lambda: ended_now(house, job)):
        if prepare is not None:
            await prepare()
        status = (await house.jobs.get(job.id)).status
        with pytest.raises(IllegalTransition, match=f"A job that is {status} cannot be retried"):
            await retry(house, job)
    assert status is JobStatus.COMPLETE


async def ended_now(house: House, job: Job) -> None:
    await house.finish(job)


async def test_a_job_whose_asset_is_gone_is_not_tried_again() -> None:
    house, job = await house_with_a_job()
    await cancel(house, job)
    await house.assets.remove("song")
    with pytest.raises(AssetNotFound):
        await retry(house, job)
    await house.assets.add(Asset(id="song", name="x", created=NOW))
    with pytest.raises(NothingToPrepare):
        await retry(house, job)
    assert len((await house.jobs.page()).items) == 1


async def test_a_render_job_of_no_asset_is_tried_again_with_its_params() -> None:
    house, job = await house_with_a_job(kind=JobKind.RENDER, asset_id=None, recipe=None, params={"scene": [1]})
    await cancel(house, job)
    assert (await retry(house, job)).params == {"scene": [1]}


async def test_a_retry_under_the_same_id_is_the_same_job_and_another_one_is_refused() -> None:
    house, job = await house_with_a_job()
    other = await house.add_job()
    for each in (job, other):
        await cancel(house, each)
    again = await retry(house, job)
    assert await retry(house, job, new_id=again.id, now=NOW + 9 * SECOND) == again
    with pytest.raises(KeyReused):
        await retry(house, other, new_id=again.id)
