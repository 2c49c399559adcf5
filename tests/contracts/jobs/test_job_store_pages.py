"""How a job store lists its jobs."""

from uuid import UUID

import pytest

from ports.jobs import Job, JobKind, JobStatus, JobStore
from ports.paging import Cursor, Page
from tests.contracts.stores import NOW, SECOND, made_job

pytestmark = pytest.mark.anyio


async def fill(jobs: JobStore) -> list[Job]:
    """Add 30 jobs of all statuses and kinds and three assets, three of each moment, and return them newest first."""
    added = [
        made_job(
            id=UUID(int=number * 7919 % 30),
            created=NOW + number // 3 * SECOND,
            status=list(JobStatus)[number % 5],
            kind=list(JobKind)[number // 2 % 2],
            asset_id=["one", "two", None][number % 3],
        )
        for number in range(30)
    ]
    for job in added:
        await jobs.add(job)
    return sorted(added, key=lambda job: (job.created, str(job.id)), reverse=True)


async def all_pages(
    jobs: JobStore,
    limit: int,
    statuses: set[JobStatus] | None = None,
    kinds: set[JobKind] | None = None,
    asset_id: str | None = None,
) -> list[Job]:
    page: Page[Job] = await jobs.page(statuses=statuses, kinds=kinds, asset_id=asset_id, limit=limit)
    listed = list(page.items)
    while page.next:
        page = await jobs.page(statuses=statuses, kinds=kinds, asset_id=asset_id, after=page.next, limit=limit)
        listed += page.items
    return listed


async def test_no_jobs_are_one_empty_page(jobs: JobStore) -> None:
    assert await jobs.page() == Page(())


async def test_jobs_are_listed_newest_first_and_by_id_where_equally_new(jobs: JobStore) -> None:
    newest_first = await fill(jobs)
    assert (await jobs.page()).items == tuple(newest_first)


async def test_fifty_are_listed_where_no_limit_is_given(jobs: JobStore) -> None:
    for _ in range(51):
        await jobs.add(made_job())
    page = await jobs.page()
    assert len(page.items) == 50
    assert page.next is not None
    assert len((await jobs.page(after=page.next)).items) == 1


@pytest.mark.parametrize("limit", [1, 2, 7, 30, 31])
async def test_pages_together_list_every_job_once(jobs: JobStore, limit: int) -> None:
    newest_first = await fill(jobs)
    assert await all_pages(jobs, limit) == newest_first


async def test_the_last_page_has_no_next_even_if_it_is_full(jobs: JobStore) -> None:
    await fill(jobs)
    assert (await jobs.page(limit=30)).next is None
    assert (await jobs.page(limit=29)).next is not None


@pytest.mark.parametrize("statuses", [{JobStatus.QUEUED}, {JobStatus.FAILED, JobStatus.CANCELLED}, set(JobStatus), set()])
@pytest.mark.parametrize("kinds", [{JobKind.PREPARE}, set(JobKind), set()])
@pytest.mark.parametrize("asset_id", [None, "one", "nobody's"])
async def test_only_jobs_of_the_statuses_the_kinds_and_the_asset_are_listed(
    jobs: JobStore, statuses: set[JobStatus], kinds: set[JobKind], asset_id: str | None
) -> None:
    newest_first = await fill(jobs)
    wanted = [job for job in newest_first if job.status in statuses and job.kind in kinds and asset_id in {None, job.asset_id}]
    assert await all_pages(jobs, 2, statuses, kinds, asset_id) == wanted


async def test_only_jobs_of_the_kinds_are_listed(jobs: JobStore) -> None:
    newest_first = await fill(jobs)
    rendering = [job for job in newest_first if job.kind is JobKind.RENDER]
    assert 0 < len(rendering) < len(newest_first)
    assert await all_pages(jobs, 4, kinds={JobKind.RENDER}) == rendering


async def test_only_jobs_of_the_asset_are_listed(jobs: JobStore) -> None:
    newest_first = await fill(jobs)
    assert await all_pages(jobs, 4, asset_id="two") == [job for job in newest_first if job.asset_id == "two"]


async def test_a_page_starts_behind_a_cursor_whose_row_is_gone(jobs: JobStore) -> None:
    newest_first = await fill(jobs)
    cursor = Cursor(newest_first[10].created, str(newest_first[10].id))
    await jobs.remove(newest_first[10].id)
    assert (await jobs.page(after=cursor)).items == tuple(newest_first[11:])


async def test_a_job_that_was_taken_is_listed_with_its_due_time_and_version(jobs: JobStore) -> None:
    job = made_job()
    await jobs.add(job)
    taken = await jobs.take_due({job.status}, {job.kind}, NOW, NOW + SECOND, "r")
    assert (await jobs.page()).items == (taken,)
