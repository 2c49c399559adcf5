"""What SQLite does for each question: an index each time, never a scan, never a sort; the same at a million rows as at ten."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import TypeVar

import pytest

from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.census import SqliteJobCensus
from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from adapters.sqlite.schema import migrate
from ports.jobs import JobKind, JobStatus
from ports.paging import Cursor
from tests.contracts.stores import NOW, SECOND, made_asset, made_job

pytestmark = pytest.mark.anyio

T = TypeVar("T")
CURSOR = Cursor(NOW + SECOND, "x")


class Observed(Database):
    """A database in memory that answers at once and remembers how each statement was carried out."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.statements: list[str] = []
        connection.set_trace_callback(self.statements.append)

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        return query(self.connection)

    async def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        return await self.read(change)

    def plans(self) -> list[str]:
        self.connection.set_trace_callback(None)
        return [step for asked in self.statements for *_, step in self.connection.execute(f"EXPLAIN QUERY PLAN {asked}")]


@pytest.fixture
def observed() -> Iterator[Observed]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        yield Observed(connection)


def assert_only_indexes(plans: list[str]) -> None:
    assert any("INDEX" in plan for plan in plans)
    for plan in plans:
        assert "SCAN" not in plan, plan
        assert "TEMP B-TREE" not in plan, plan


async def test_taking_due_jobs_looks_at_indexes_only(observed: Observed) -> None:
    jobs = SqliteJobStore(observed)
    await jobs.add(made_job())
    assert await jobs.take_due(list(JobStatus), list(JobKind), NOW, NOW + SECOND, "request") is not None
    assert_only_indexes(observed.plans())


@pytest.mark.parametrize("statuses", [None, {JobStatus.QUEUED}, {JobStatus.QUEUED, JobStatus.FAILED, JobStatus.COMPLETE}])
@pytest.mark.parametrize("kinds", [None, {JobKind.PREPARE}])
@pytest.mark.parametrize("asset_id", [None, "one"])
@pytest.mark.parametrize("after", [None, CURSOR])
async def test_listing_jobs_looks_at_indexes_only(
    observed: Observed,
    statuses: set[JobStatus] | None,
    kinds: set[JobKind] | None,
    asset_id: str | None,
    after: Cursor | None,
) -> None:
    await SqliteJobStore(observed).page(statuses=statuses, kinds=kinds, asset_id=asset_id, after=after)
    assert_only_indexes(observed.plans())


async def test_the_jobs_of_an_asset_are_found_by_their_kind(observed: Observed) -> None:
    await SqliteJobStore(observed).page(statuses={JobStatus.QUEUED}, kinds={JobKind.PREPARE}, asset_id="one", limit=1)
    [plan] = observed.plans()
    assert "jobs_of_asset (asset_id=? AND kind=?" in plan


async def test_reading_and_changing_one_job_looks_at_indexes_only(observed: Observed) -> None:
    jobs = SqliteJobStore(observed)
    job = made_job()
    await jobs.add(job)
    await jobs.add(job)
    await jobs.replace(made_job(id=job.id, version=1))
    await jobs.remove(job.id)
    assert_only_indexes(observed.plans())


async def test_taking_and_listing_assets_looks_at_indexes_only(observed: Observed) -> None:
    assets = SqliteAssetStore(observed)
    await assets.add(made_asset(due=NOW))
    assert await assets.take_due(NOW, NOW + SECOND, "request") is not None
    await assets.page()
    await assets.page(after=CURSOR)
    assert_only_indexes(observed.plans())


async def test_counting_jobs_reads_an_index_and_no_row(observed: Observed) -> None:
    await SqliteJobCensus(observed).count(NOW)
    counting, *waiting = observed.plans()
    assert counting.startswith("SCAN jobs USING COVERING INDEX")
    assert waiting == ["SEARCH jobs USING COVERING INDEX jobs_due (status=? AND kind=? AND due<?)"] * len(JobKind)


async def test_a_body_that_can_not_be_read_is_a_loud_error(observed: Observed) -> None:
    jobs = SqliteJobStore(observed)
    job = made_job()
    await jobs.add(job)
    observed.connection.execute("""UPDATE jobs SET body = '{"id": 1}'""")
    with pytest.raises(ValueError, match="Expected `uuid`") as raised:
        await jobs.get(job.id)
    assert raised.value.__notes__ == [f"This is the body of {job.id} in the table jobs"]
