"""Jobs, the attempts at them, and the store that keeps them."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from msgspec import Struct

from ports.assets import Rendition
from ports.audio import Recipe
from ports.paging import Cursor, Page


class JobKind(StrEnum):
    """What a job owes: `prepare` owes prepared audio; `render` owes nothing, and keeps its result as sent."""

    PREPARE = "prepare"
    RENDER = "render"


class JobStatus(StrEnum):
    """Where a job is. The first two are live, the others final."""

    QUEUED = "queued"
    PROCESSING = "processing"
    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"


LIVE = frozenset({JobStatus.QUEUED, JobStatus.PROCESSING})
FINAL = frozenset({JobStatus.COMPLETE, JobStatus.FAILED, JobStatus.CANCELLED})


class Outcome(StrEnum):
    """How an attempt ended. `lost`: its lease or deadline went by in silence. `released`: its worker gave it back."""

    COMPLETE = "complete"
    FAILED = "failed"
    RELEASED = "released"
    LOST = "lost"
    CANCELLED = "cancelled"


class Attempt(Struct, frozen=True, kw_only=True, rename="camel"):
    """One worker's try at a job.

    It may stay silent until `lease`; each heartbeat renews that by `renewal` seconds, never beyond `deadline`.
    `message` is the last thing said of it, by its worker or by us; `code` a word for programs once it has ended badly.
    `unanswered` counts how often its ticket was sent to an endpoint in vain: 0 before it is sent, None once a worker has it.
    """

    number: int
    worker: str
    started: datetime
    lease: datetime
    renewal: float
    deadline: datetime
    progress: float | None = None
    message: str | None = None
    ended: datetime | None = None
    outcome: Outcome | None = None
    code: str | None = None
    unanswered: int | None = None


class Delivery(Struct, frozen=True, kw_only=True, rename="camel"):
    """One try at telling the user's app that a job has ended: `status` is its answer's, None where there was none.

    `error` says in a sentence why it does not count as told, None where it does.
    """

    at: datetime
    status: int | None = None
    error: str | None = None


class Job(Struct, frozen=True, kw_only=True, rename="camel"):
    """One piece of work, and everything that has happened to it.

    `version` rises by one with each change. `due` is when somebody should look at the job next: a queued one may start then,
    a processing one has been silent for too long, a finished one shows its outputs, is told of, or is purged.
    `prepared` and `original_peaks` are what a finished job found in storage; `settled` says that its asset shows them.
    `deliveries` are the tries at telling the user's app that it has ended, the last ones of many; `told` says that one succeeded.
    `traceparent` is the trace that it was ordered in (W3C Trace Context).
    """

    id: UUID
    kind: JobKind
    created: datetime
    due: datetime
    asset_id: str | None = None
    recipe: Recipe | None = None
    params: dict[str, Any] | None = None
    retry_of: UUID | None = None
    status: JobStatus = JobStatus.QUEUED
    version: int = 0
    max_attempts: int = 3
    attempts: tuple[Attempt, ...] = ()
    ended: datetime | None = None
    result: dict[str, Any] | None = None
    error: str | None = None
    code: str | None = None
    prepared: Rendition | None = None
    original_peaks: str | None = None
    settled: bool = False
    told: bool = False
    deliveries: tuple[Delivery, ...] = ()
    traceparent: str | None = None


class JobStore(Protocol):
    """Keeps jobs. Every change is durable when the call returns.

    Every method raises Unavailable if the store can't be reached, and every change raises OutOfSpace if its disk is full;
    then nothing was changed. Times are aware and in UTC, kept to the microsecond.
    """

    async def get(self, job_id: UUID) -> Job:
        """Return the job. Raise NotFound if there is none."""
        ...

    async def add(self, job: Job) -> None:
        """Keep a new job. Adding an equal job again succeeds; raise AlreadyExists if another has its id."""
        ...

    async def replace(self, job: Job) -> None:
        """Store `job`, of version n + 1, over version n.

        Raise Conflict if the version kept is another, and NotFound if there is no such job. Storing the version that is kept
        again, with equal content, succeeds (a client may send a command twice): who must be the only one to make a change lets
        the change say who made it.
        """
        ...

    async def take_due(
        self, statuses: Collection[JobStatus], kinds: Collection[JobKind], now: datetime, until: datetime, request_id: str
    ) -> Job | None:
        """Hand out the most overdue job of these statuses and kinds: due at `now` or before. None if there is none.

        Its due time moves to `until` and its version rises by one, nothing else changes: a taker that dies leaves the job as it
        was. No job is handed out twice before `until`. The same `request_id` again gets the same job again, whatever it
        asks for, for as long as nothing else has changed it; a request that found nothing leaves no trace.
        """
        ...

    async def page(
        self,
        *,
        statuses: Collection[JobStatus] | None = None,
        kinds: Collection[JobKind] | None = None,
        asset_id: str | None = None,
        after: Cursor | None = None,
        limit: int = 50,
    ) -> Page[Job]:
        """List jobs newest first, those of the statuses, kinds and asset where given, `limit` at most."""
        ...

    async def remove(self, job_id: UUID) -> None:
        """Forget the job. Forgetting one that is not there succeeds."""
        ...
