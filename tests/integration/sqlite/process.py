"""A process of its own beside the tests: takes jobs, or adds them, and says on its standard output what was acknowledged."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from msgspec.structs import replace

from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from ports.jobs import Job, JobKind, JobStatus

NOW = datetime(2026, 11, 22, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)


def say(job: Job) -> None:
    sys.stdout.write(f"ack {job.id}\n")
    sys.stdout.flush()


async def take(jobs: SqliteJobStore) -> None:
    """Take due jobs and complete each, until there are none."""
    while job := await jobs.take_due([JobStatus.QUEUED], list(JobKind), NOW, LATER, str(uuid4())):
        await jobs.replace(replace(job, version=job.version + 1, status=JobStatus.COMPLETE))
        say(job)


async def add(jobs: SqliteJobStore, count: int) -> None:
    """Add jobs one after the other."""
    for _ in range(count):
        job = Job(id=uuid4(), kind=JobKind.RENDER, created=NOW, due=NOW)
        await jobs.add(job)
        say(job)


async def main(path: str, task: str, together: str, count: str) -> None:
    async with await Database.open(Path(path)) as database:
        jobs = SqliteJobStore(database)
        await asyncio.gather(*(take(jobs) if task == "take" else add(jobs, int(count)) for _ in range(int(together))))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
