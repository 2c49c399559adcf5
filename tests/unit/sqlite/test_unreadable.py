"""A record whose body can't be read: as loud as it must be, and in nobody's way."""

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from ports.jobs import Job, JobKind, JobStatus
from tests.contracts.stores import NOW, SECOND, made_asset, made_job

pytestmark = pytest.mark.anyio

UNTIL = NOW + 30 * SECOND


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "greenroom.db") as opened:
        yield opened


async def spoil(database: Database, table: str, record_id: object) -> None:
    change = f"UPDATE {table} SET body = '{{}}' WHERE id = ?"
    await database.write(lambda connection: connection.execute(change, [str(record_id)]).rowcount)


async def test_a_job_that_can_not_be_read_has_had_its_turn_and_those_behind_it_have_theirs(database: Database) -> None:
    jobs = SqliteJobStore(database)
    broken, behind = made_job(due=NOW - SECOND), made_job()
    await jobs.add(broken)
    await jobs.add(behind)
    await spoil(database, "jobs", broken.id)

    async def take(request_id: str) -> Job | None:
        return await jobs.take_due([JobStatus.QUEUED], list(JobKind), NOW, UNTIL, request_id)

    with pytest.raises(msgspec.ValidationError) as raised:
        await take("one")
    assert raised.value.__notes__ == [f"This is the body of {broken.id} in the table jobs"]
    taken = await take("two")
    assert taken is not None
    assert taken.id == behind.id
    with pytest.raises(msgspec.ValidationError):
        await take("one")
    assert await take("three") is None


async def test_an_asset_that_can_not_be_read_has_had_its_turn_and_those_behind_it_have_theirs(database: Database) -> None:
    assets = SqliteAssetStore(database)
    broken, behind = made_asset(due=NOW - SECOND), made_asset(due=NOW)
    await assets.add(broken)
    await assets.add(behind)
    await spoil(database, "assets", broken.id)
    with pytest.raises(msgspec.ValidationError):
        await assets.take_due(NOW, UNTIL, "one")
    taken = await assets.take_due(NOW, UNTIL, "two")
    assert taken is not None
    assert taken.id == behind.id
