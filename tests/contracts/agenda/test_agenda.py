"""What is due is read as it would be taken, and stays as it was."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from adapters.sqlite.uploads import SqliteUploadStore
from ports.errors import Unavailable
from ports.jobs import FINAL, JobKind, JobStatus
from tests.contracts.stores import HARNESSES, NOW, SECOND, Harness, Stores, made_asset, made_job

pytestmark = pytest.mark.anyio


@pytest.fixture(params=HARNESSES, ids=lambda harness: harness.name)
async def stores(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stores]:
    harness: Harness = request.param
    async with harness.open(tmp_path) as stores:
        yield stores


async def test_jobs_that_are_due_now_or_before_the_most_overdue_first_and_no_other(stores: Stores) -> None:
    seconds = [3, 9, 0, 7]
    due = [made_job(due=NOW - each * SECOND, kind=kind) for each, kind in zip(seconds, list(JobKind) * 2, strict=True)]
    for job in [*due, made_job(due=NOW + SECOND / 1_000_000)]:
        await stores.jobs.add(job)
    found = await stores.due_jobs.due([JobStatus.QUEUED], NOW, 10)
    assert list(found) == sorted(due, key=lambda job: job.due)


@pytest.mark.parametrize("statuses", [{JobStatus.PROCESSING}, FINAL, set()])
async def test_only_jobs_of_the_statuses_asked_for(stores: Stores, statuses: set[JobStatus]) -> None:
    for status in JobStatus:
        await stores.jobs.add(made_job(status=status))
    found = await stores.due_jobs.due(statuses, NOW, 10)
    assert {job.status for job in found} == statuses
    assert len(found) == len(statuses)


async def test_assets_that_are_due_deleted_ones_too_and_none_that_never_is(stores: Stores) -> None:
    due = [made_asset(due=NOW - each * SECOND, deleted=deleted) for each, deleted in ((1, None), (5, NOW), (0, None))]
    for asset in [*due, made_asset(due=None), made_asset(due=NOW + SECOND / 1_000_000)]:
        await stores.assets.add(asset)
    found = await stores.due_assets.due(NOW, 10)
    assert [asset.id for asset in found] == [due[1].id, due[0].id, due[2].id]


async def test_no_more_than_the_limit(stores: Stores) -> None:
    for each in range(5):
        await stores.jobs.add(made_job(due=NOW - each * SECOND))
        await stores.assets.add(made_asset(due=NOW - each * SECOND))
    assert [job.due for job in await stores.due_jobs.due([JobStatus.QUEUED], NOW, 2)] == [NOW - 4 * SECOND, NOW - 3 * SECOND]
    assert len(await stores.due_assets.due(NOW, 2)) == 2


async def test_nothing_is_taken_and_nothing_changed(stores: Stores) -> None:
    job, asset = made_job(), made_asset(due=NOW)
    await stores.jobs.add(job)
    await stores.assets.add(asset)
    before = await stores.feed.newest()
    for _ in range(2):
        assert list(await stores.due_jobs.due([JobStatus.QUEUED], NOW, 10)) == [job]
        assert list(await stores.due_assets.due(NOW, 10)) == [asset]
    assert (await stores.jobs.get(job.id), await stores.assets.get(asset.id)) == (job, asset)
    assert await stores.feed.newest() == before
    assert await stores.jobs.take_due([JobStatus.QUEUED], list(JobKind), NOW, NOW + SECOND, "request") is not None


async def test_what_is_taken_is_not_due(stores: Stores) -> None:
    await stores.jobs.add(made_job())
    await stores.jobs.take_due([JobStatus.QUEUED], list(JobKind), NOW, NOW + SECOND, "request")
    assert not await stores.due_jobs.due([JobStatus.QUEUED], NOW, 10)


async def test_what_is_due_in_a_store_that_is_closed_is_not_available(tmp_path: Path) -> None:
    database = await Database.open(tmp_path / "greenroom.db")
    await database.close()
    with pytest.raises(Unavailable):
        await SqliteJobStore(database).due([JobStatus.QUEUED], NOW, 1)
    with pytest.raises(Unavailable):
        await SqliteAssetStore(database).due(NOW, 1)
    with pytest.raises(Unavailable):
        await SqliteUploadStore(database).due(NOW, 1)
