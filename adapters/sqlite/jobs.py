"""Jobs in SQLite."""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import product
from uuid import UUID

from adapters.sqlite.database import Database
from adapters.sqlite.records import Columns, Condition, Records
from ports.jobs import Job, JobKind, JobStatus
from ports.paging import Cursor, Page


class SqliteJobStore:
    """A JobStore in the table `jobs`, and its JobAgenda."""

    def __init__(self, database: Database) -> None:
        self._records = Records(database, "jobs", Job, _columns)

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
        return await self._records.take(_of_both(statuses, kinds), now, until, request_id)

    async def due(self, statuses: Collection[JobStatus], now: datetime, limit: int) -> Sequence[Job]:
        """Return the most overdue jobs of these statuses."""
        return await self._records.due(_of_both(statuses, tuple(JobKind)), now, limit)

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
        conditions = _of_both(some, sorts) if asset_id is None else _of_asset(asset_id, some, sorts)
        return await self._records.page(conditions, after, limit)

    async def remove(self, job_id: UUID) -> None:
        """Forget the job, if it is there."""
        await self._records.remove(job_id)


def _columns(job: Job) -> Columns:
    return {"status": job.status, "kind": job.kind, "asset_id": job.asset_id}


def _of_both(statuses: Collection[JobStatus], kinds: Collection[JobKind]) -> list[Condition]:
    return [Condition("status = ? AND kind = ?", pair) for pair in product(statuses, kinds)]


def _of_asset(asset_id: str, statuses: Collection[JobStatus], kinds: Collection[JobKind]) -> list[Condition]:
    # An asset has few jobs. The plus keeps SQLite from going through all jobs of a status instead.
    marks = ", ".join("?" for _ in statuses)
    return [Condition(f"asset_id = ? AND kind = ? AND +status IN ({marks})", (asset_id, kind, *statuses)) for kind in kinds]
