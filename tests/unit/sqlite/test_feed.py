"""The feed in its file: who makes a change does not matter, and what is asked for is found by its number."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from adapters.sqlite import feed
from adapters.sqlite.database import Database
from adapters.sqlite.feed import SqliteJobFeed
from adapters.sqlite.jobs import SqliteJobStore
from adapters.sqlite.schema import migrate
from ports.errors import Unavailable
from tests.contracts.stores import NOW, made_job

pytestmark = pytest.mark.anyio

COLUMNS = "version, created, due, body, status, kind, asset_id, taken"


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with await Database.open(tmp_path / "greenroom.db") as opened:
        yield opened


async def test_what_a_process_of_an_older_version_does_is_numbered_too(database: Database, tmp_path: Path) -> None:
    first, second = made_job(), made_job()
    await SqliteJobStore(database).add(first)
    statements = [
        f"INSERT INTO jobs (id, {COLUMNS}) SELECT '{second.id}', {COLUMNS} FROM jobs WHERE TRUE ON CONFLICT (id) DO NOTHING",
        f"UPDATE jobs SET version = 1, body = body, taken = NULL WHERE id = '{second.id}'",
        f"UPDATE jobs SET version = version + 1, due = 7, taken = 'r' WHERE id = '{second.id}'",
        f"DELETE FROM jobs WHERE id = '{second.id}'",
    ]
    with closing(sqlite3.connect(tmp_path / "greenroom.db", isolation_level=None)) as other:
        assert [other.execute(statement).rowcount for statement in statements] == [1, 1, 1, 1]
    changes = await SqliteJobFeed(database).since(1)
    assert [(change.number, change.job_id) for change in changes] == [(2, second.id), (3, second.id), (4, second.id)]


async def test_a_change_that_is_rolled_back_was_none(database: Database, tmp_path: Path) -> None:
    job = made_job()
    await SqliteJobStore(database).add(job)
    with closing(sqlite3.connect(tmp_path / "greenroom.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM jobs")
        other.execute("ROLLBACK")
    await SqliteJobStore(database).remove(job.id)
    changes = await SqliteJobFeed(database).since(0)
    assert [change.number for change in changes] == [1, 2]


async def test_a_feed_that_can_not_be_reached_is_unavailable(database: Database) -> None:
    await database.close()
    unreachable = SqliteJobFeed(database)
    for call in (
        unreachable.newest,
        partial(unreachable.since, 0),
        partial(unreachable.wait, 0, 10),
        partial(unreachable.forget, NOW),
    ):
        with pytest.raises(Unavailable):
            await call()


def test_changes_are_found_by_their_number() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        for statement, values in ((feed._AFTER, [0, 1]), (feed._AFTER_OF_JOB, [0, "x", 1])):
            [(*_, plan)] = connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            assert plan == "SEARCH changes USING INTEGER PRIMARY KEY (rowid>?)"
        [(*_, plan)] = connection.execute(f"EXPLAIN QUERY PLAN {feed._OLDEST}", [1])
        assert plan == "SCAN changes"  # in the order of the key, and no further than the limit
