"""The feed of jobs in SQLite."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import takewhile
from uuid import UUID

from adapters.sqlite.database import Database
from adapters.sqlite.records import microseconds
from ports.errors import Forgotten
from ports.events import Change

LOOK_EVERY = 0.25
"""Seconds between two looks for the changes of other processes: nothing tells of those."""

_NEWEST = "SELECT seq FROM sqlite_sequence WHERE name = 'changes'"
_OLDEST = "SELECT number, made FROM changes ORDER BY number LIMIT ?"
_AFTER = "SELECT number, job_id FROM changes WHERE number > ? ORDER BY number LIMIT ?"
_AFTER_OF_JOB = "SELECT number, job_id FROM changes WHERE number > ? AND job_id = ? ORDER BY number LIMIT ?"
_FORGET_AT_ONCE = 5000


class SqliteJobFeed:
    """A JobFeed from the table `changes`, which triggers of the table `jobs` fill."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def newest(self) -> int:
        """Return the number of the last change, 0 before the first."""
        return await self._database.read(_newest)

    async def since(self, number: int, limit: int = 500, job_id: UUID | None = None) -> Sequence[Change]:
        """Return the changes after `number`, those of the job where one is given. Raise Forgotten if not all are known."""

        def select(connection: sqlite3.Connection) -> list[tuple[int, str]]:
            # Looked at afterwards, for what is forgotten meanwhile: each statement sees what stands there at its time.
            found = _select(connection, number, limit, job_id)
            _demand_known(connection, number)
            return found

        return [Change(each, UUID(changed)) for each, changed in await self._database.read(select)]

    async def wait(self, number: int, seconds: float) -> None:
        """Return once there is a change after `number`, or after so many seconds."""
        # not wait_for: on Python 3.11 it loses a cancellation that comes with the commit
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not await self._is_news(number):
                    pass

    async def forget(self, before: datetime) -> None:
        """Forget the changes that were made before this time."""
        end = microseconds(before)
        while await self._database.read(lambda connection: _is_older(connection, end)):
            await self._database.write(lambda connection: _forget(connection, end))

    async def _is_news(self, number: int) -> bool:
        """Look for a change after `number`; where there is none, wait until it is worth another look."""
        committed = self._database.next_commit
        if await self.newest() > number:
            return True
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY):
                await committed.wait()
        return False


def _newest(connection: sqlite3.Connection) -> int:
    row = connection.execute(_NEWEST).fetchone()
    return int(row[0]) if row else 0


def _select(connection: sqlite3.Connection, number: int, limit: int, job_id: UUID | None) -> list[tuple[int, str]]:
    if job_id is None:
        return connection.execute(_AFTER, [number, limit]).fetchall()
    return connection.execute(_AFTER_OF_JOB, [number, str(job_id), limit]).fetchall()


def _demand_known(connection: sqlite3.Connection, number: int) -> None:
    oldest = connection.execute(_OLDEST, [1]).fetchone()
    newest = _newest(connection)
    forgotten = oldest[0] - 1 if oldest else newest
    if not forgotten <= number <= newest:
        raise Forgotten(number)


def _is_older(connection: sqlite3.Connection, end: int) -> bool:
    oldest = connection.execute(_OLDEST, [1]).fetchone()
    return oldest is not None and oldest[1] < end


def _forget(connection: sqlite3.Connection, end: int) -> None:
    # From the oldest on, and no further than the first that stays: what is known is always what came after some number.
    oldest = connection.execute(_OLDEST, [_FORGET_AT_ONCE]).fetchall()
    old = [number for number, _ in takewhile(lambda row: row[1] < end, oldest)]
    connection.execute("DELETE FROM changes WHERE number <= ?", old[-1:] or [0])
