"""Jobs in Redis."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import product
from uuid import UUID

from adapters.redis.client import Server
from adapters.redis.records import Marks, Records, mark
from ports.jobs import Job, JobKind, JobStatus
from ports.paging import Cursor, Page

NAME = "jobs"


class RedisJobStore:
    """A JobStore under `jobs`, and its JobAgenda."""

    def __init__(self, server: Server) -> None:
        self._records = Records(
            server,
            NAME,
            Job,
            indexes=("created", "of-asset"),
            marks=_marks,
            group=lambda job: group_of(job.status, job.kind),
            told=True,
        )

    async def get(self, job_id: UUID) -> Job:
        """Return the job. Raise NotFound if there is none."""
        return await self._records.get(job_id)

    async def add(self, job: Job) -> None:
        """Keep a new job. Raise AlreadyExists if an unequal one has its id."""
        await self._records.add(job)

    async def replace(self, job: Job) -> None:
        """Store `job` over the version before it. Raise Conflict if that is not the one kept, NotFound if there is none."""
        await self._records.replace(job)

    async def take_due(
        self, statuses: Collection[JobStatus], kinds: Collection[JobKind], now: datetime, until: datetime, request_id: str
    ) -> Job | None:
        """Hand out the most overdue job of these statuses and kinds, until `until`. None if there is none."""
        return await self._records.take(_groups(statuses, kinds), now, until, request_id)

    async def due(self, statuses: Collection[JobStatus], now: datetime, limit: int) -> Sequence[Job]:
        """Return the most overdue jobs of these statuses."""
        return await self._records.due(_groups(statuses, tuple(JobKind)), now, limit)

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
        some: Collection[JobStatus] = tuple(JobStatus) if statuses is None else statuses
        sorts: Collection[JobKind] = tuple(JobKind) if kinds is None else kinds
        groups = _groups(some, sorts)
        if asset_id is None:
            return await self._records.page("created", groups, after, limit)
        return await self._records.page("of-asset", [f"{asset_id} {group}" for group in groups], after, limit)

    async def remove(self, job_id: UUID) -> None:
        """Forget the job, if it is there."""
        await self._records.remove(job_id)


def group_of(status: JobStatus, kind: JobKind) -> str:
    """Return what the marks of such jobs begin with."""
    return f"{status} {kind} "


def _groups(statuses: Collection[JobStatus], kinds: Collection[JobKind]) -> list[str]:
    return [group_of(status, kind) for status, kind in product(statuses, kinds)]


def _marks(job: Job) -> Marks:
    created = group_of(job.status, job.kind) + mark(job)
    return {"created": created, "of-asset": "" if job.asset_id is None else f"{job.asset_id} {created}"}
