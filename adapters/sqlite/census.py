"""The census of the jobs in SQLite."""

import sqlite3
from datetime import datetime

from adapters.sqlite.database import Database
from adapters.sqlite.records import microseconds, moment
from ports.census import Census, Waiting
from ports.jobs import JobKind, JobStatus

_COUNTS = "SELECT status, kind, count(*) FROM jobs GROUP BY status, kind"
_WAITING = "SELECT count(*), min(due) FROM jobs WHERE status = 'queued' AND kind = ? AND due <= ?"


class SqliteJobCensus:
    """A JobCensus that goes through an index of the table `jobs`: about 60 ms where there are a million."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def count(self, now: datetime) -> Census:
        """Count the jobs, and those that are due at `now` and wait."""

        def count(connection: sqlite3.Connection) -> Census:
            counts = {(JobStatus(status), JobKind(kind)): number for status, kind, number in connection.execute(_COUNTS)}
            found = {kind: connection.execute(_WAITING, [kind, microseconds(now)]).fetchone() for kind in JobKind}
            return Census(counts, {kind: Waiting(number, moment(due)) for kind, (number, due) in found.items() if number})

        return await self._database.read(count)
