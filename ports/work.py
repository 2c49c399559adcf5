"""Work that is handed out: tickets, reports, and how they travel."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Protocol
from uuid import UUID

from msgspec import Meta, Struct, field

from ports.audio import Recipe
from ports.jobs import JobKind


class Output(StrEnum):
    """A file that a `prepare` job may leave in storage. Only `prepared` is owed."""

    PREPARED = "prepared"
    PREPARED_PEAKS = "preparedPeaks"
    ORIGINAL_PEAKS = "originalPeaks"


class Input(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a worker reads: a link, the sniffed type, the size in bytes, and the SHA-256 (hex) where we know it."""

    url: str
    content_type: str
    size: int
    sha256: str | None = None


class Target(Struct, frozen=True, kw_only=True):
    """Where a worker writes one output: a signed request."""

    url: str
    method: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


class Callback(Struct, frozen=True, kw_only=True):
    """Where a worker reports, and the bearer token that proves its attempt."""

    url: str
    token: str


class Ticket(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a worker is handed for one attempt. It needs nothing else: no storage credentials, no shared secret.

    `traceparent` is the trace that the job was ordered in (W3C Trace Context): the worker's reports go on with it.
    """

    job_id: UUID
    attempt: int
    kind: JobKind
    callback: Callback
    lease_seconds: float
    deadline: datetime
    recipe: Recipe | None = None
    params: dict[str, Any] | None = None
    input: Input | None = None
    outputs: dict[Output, Target] = field(default_factory=dict[Output, Target])
    traceparent: str | None = None


class ReportStatus(StrEnum):
    """What a worker can say of an attempt."""

    PROCESSING = "processing"
    COMPLETE = "complete"
    FAILED = "failed"
    RELEASED = "released"


class Report(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """What a worker says of an attempt: the body of a callback. Fields it does not know are ignored."""

    job_id: UUID
    status: ReportStatus
    attempt: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None
    result: dict[str, Any] | None = None
    error: str | None = None
    progress: Annotated[float, Meta(ge=0, le=1)] | None = None
    message: str | None = None
    retryable: bool = False


class Claims(Protocol):
    """A worker's way to new tickets."""

    async def claim(self, worker: str, kinds: Collection[JobKind], wait: float) -> Ticket | None:
        """Return the ticket of an attempt at the most overdue job of these kinds; None if none came up within `wait` seconds.

        Raise Unavailable if the server can't be reached or is not able to answer now, ClaimRefused if it will not have us.
        """
        ...


class Dispatcher(Protocol):
    """Hands tickets to workers."""

    async def dispatch(self, ticket: Ticket) -> None:
        """See that a worker has the ticket. Raise Busy if none has room now: the attempt is released and comes up again.

        Raise TicketRefused if it will never be taken, Unavailable if nobody knows who has it: then the same ticket may be
        dispatched again, and whoever has it already is not handed it twice.
        """
        ...


class Courier(Protocol):
    """Carries a ticket's files for a worker."""

    async def fetch(self, ticket: Ticket, into: Path) -> Path:
        """Bring the ticket's input below the folder `into` and return its path. Raise NotFound if it is gone.

        Raise Altered if what comes is not what the ticket promises, LinkRefused if the ticket's link is not believed,
        Unavailable if the storage stays out of reach. What is wrong with the disk here stays the OSError that it is.
        """
        ...

    async def send(self, ticket: Ticket, output: Output, file: Path) -> None:
        """Put an output where the ticket says. Sending one that is there already succeeds, and leaves the first.

        Raise OutOfSpace if the storage is full, LinkRefused and Unavailable as `fetch` does.
        """
        ...


class Reporter(Protocol):
    """Carries a worker's reports to the server."""

    async def report(self, report: Report) -> None:
        """Deliver the report, once. Raise AttemptOver if the attempt is not the job's any more, OutputsRefused if not believed.

        Raise Unavailable or OutOfSpace if the same report may be taken later, ReportRefused if it never will be.
        """
        ...


class Tokens(Protocol):
    """Makes and verifies the tokens that tickets carry."""

    def issue(self, job_id: UUID, attempt: int) -> str:
        """Make the token of one attempt: the same one each time."""
        ...

    def holder(self, token: bytes) -> tuple[UUID, int] | None:
        """Return the job and attempt that the token was made for, None if it was not made here. Takes any bytes."""
        ...
