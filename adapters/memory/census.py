"""The census of jobs in memory."""

from collections import Counter
from datetime import datetime

from adapters.memory.jobs import MemoryJobStore
from ports.census import Census, Waiting
from ports.jobs import Job, JobKind, JobStatus


class MemoryJobCensus:
    """A JobCensus that looks at every job."""

    def __init__(self, jobs: MemoryJobStore) -> None:
        self._jobs = jobs

    async def count(self, now: datetime) -> Census:
        """Count the jobs, and those that are due at `now` and wait."""
        jobs = (await self._jobs.page(limit=2**31)).items
        overdue = {kind: [job.due for job in jobs if _waits(job, kind, now)] for kind in JobKind}
        counts = Counter((job.status, job.kind) for job in jobs)
        return Census(counts, {kind: Waiting(len(times), min(times)) for kind, times in overdue.items() if times})


def _waits(job: Job, kind: JobKind, now: datetime) -> bool:
    return job.status is JobStatus.QUEUED and job.kind is kind and job.due <= now
