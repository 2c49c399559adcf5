"""Jobs in memory."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from adapters.memory.feed import MemoryJobFeed
from adapters.memory.records import MemoryRecords
from ports.jobs import Job, JobKind, JobStatus
from ports.paging import Cursor, Page


class MemoryJobStore:
    """A JobStore, and a JobAgenda, that forgets everything with its process. It notes its changes in the feed."""

    def __init__(self, feed: MemoryJobFeed | None = None) -> None:
        self._records = MemoryRecords(Job, (feed or MemoryJobFeed()).note)

    async def get(self, job_id: UUID) -> Job:
        """Return the job. Raise NotFound if there is none."""
        return self._records.get(job_id)

    async def add(self, job: Job) -> None:
        """Keep a new job. Raise AlreadyExists if an unequal one has its id."""
        self._records.add(job)

    async def replace(self, job: Job) -> None:
        """Store `job` over the version before it. Raise Conflict if that is not the one kept, NotFound if there is none."""
        self._records.replace(job)

    async def take_due(
        self, statuses: Collection[JobStatus], kinds: Collection[JobKind], now: datetime, until: datetime, request_id: str
    ) -> Job | None:
        """Hand out the most overdue job of these statuses and kinds, until `until`. None if there is none."""

        def due(job: Job) -> bool:
            return job.status in statuses and job.kind in kinds and job.due <= now

        return self._records.take(due, until, request_id)

    async def due(self, statuses: Collection[JobStatus], now: datetime, limit: int) -> Sequence[Job]:
        """Return the most overdue jobs of these statuses."""
        return self._records.due(lambda job: job.status in statuses and job.due <= now, limit)

    async def page(
        self,
        *,
        statuses: Collection[JobStatus] | None = None,
        kinds: Collection[JobKind] | None = None,
        asset_id: str | None = None,
        after: Cursor | None = None,
        limit: int = 50,
    ) -> Page[Job]:
        """List jobs newest first, those of the statuses, kinds and asset where given."""

        def shown(job: Job) -> bool:
            chosen = (statuses is None or job.status in statuses) and (kinds is None or job.kind in kinds)
            return chosen and asset_id in {None, job.asset_id}

        return self._records.page(shown, after, limit)

    async def remove(self, job_id: UUID) -> None:
        """Forget the job, if it is there."""
        self._records.remove(job_id)
