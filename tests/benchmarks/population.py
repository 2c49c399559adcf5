"""The jobs of a store under test: we change half of them, the rival the other half, so that neither meets the other's."""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import msgspec

from ports.jobs import Job, JobKind, JobStatus
from tests.benchmarks.seeding import BEGINNING

OURS, RIVALS = "00000000", "11111111"
"""What the ids of each half begin with; they end with a number of twelve digits."""

CHANGED_AT_MOST = 500
"""How many jobs one process changes, again and again."""


def job_id(half: str, number: int) -> UUID:
    """Return the id of the job of that number."""
    return UUID(f"{half}-0000-0000-0000-{number:012d}")


def population(count: int) -> Iterator[Job]:
    """Make so many jobs that are due, of which the first half is ours."""
    for number in range(count):
        half, place = (OURS, number) if number < count // 2 else (RIVALS, number - count // 2)
        yield job(job_id(half, place), BEGINNING + timedelta(milliseconds=number))


def job(its_id: UUID, created: datetime) -> Job:
    """Make a job as it is when it has been ordered."""
    params = {"template": "daily", "voice": "low", "lines": [1, 2, 3]}
    return Job(id=its_id, kind=JobKind.RENDER, created=created, due=created, params=params)


def new_job() -> Job:
    """Make one that nobody has seen."""
    return job(uuid4(), datetime.now(UTC))


def own(half: str, count: int, process: int, processes: int) -> Sequence[UUID]:
    """Return the jobs that this process of so many changes."""
    numbers = range(process, count // 2, processes)
    return [job_id(half, number) for number in numbers[:CHANGED_AT_MOST]]


def changed(before: Job) -> Job:
    """Return the next version of a job: another status and due time, as a change of status has it."""
    status = JobStatus.PROCESSING if before.status is JobStatus.QUEUED else JobStatus.QUEUED
    return msgspec.structs.replace(before, version=before.version + 1, status=status, due=before.due + timedelta(milliseconds=1))


def request() -> str:
    """Return the id of a request that asks for the first time."""
    return os.urandom(16).hex()
