"""What the API shows of assets and jobs: the JSON that callers rely on, kept apart from what the stores keep."""

import base64
import binascii
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.errors import MalformedId
from ports.assets import Asset, Rendition, Variant
from ports.audio import Figures, Recipe
from ports.jobs import Attempt, Job, JobKind, JobStatus, Outcome
from ports.paging import Cursor, Page

T = TypeVar("T")
S = TypeVar("S")
P = TypeVar("P")


class RenditionView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A stored variant of an asset. `size` is bytes, `duration` seconds.

    `figures` are those of the job that prepared it: null for an original, and where its worker did not state them all.
    """

    content_type: str
    size: int
    etag: str
    duration: float | None
    sha256: str | None
    peaks: bool
    figures: Figures | None


class AssetView(Struct, frozen=True, kw_only=True, rename="camel"):
    """An asset and its variants."""

    id: str
    name: str
    ref: str | None
    created_at: datetime
    renditions: dict[Variant, RenditionView]


class AttemptView(Struct, frozen=True, kw_only=True, rename="camel"):
    """One worker's try at a job."""

    number: int
    worker: str
    started_at: datetime
    ended_at: datetime | None
    outcome: Outcome | None
    code: str | None
    message: str | None
    progress: float | None


class DeliveryView(Struct, frozen=True, kw_only=True):
    """One try at telling the app that a job has ended: `status` is its answer's, `error` says why it does not count."""

    at: datetime
    status: int | None
    error: str | None


class JobView(Struct, frozen=True, kw_only=True, rename="camel"):
    """A job, with its history. `progress` is that of the newest attempt, 0 to 1.

    `deliveries` are the last tries at telling the app that it has ended, `told` says that one succeeded.
    """

    id: UUID
    kind: JobKind
    status: JobStatus
    progress: float | None
    asset_id: str | None
    recipe: Recipe | None
    params: dict[str, Any] | None
    result: dict[str, Any] | None
    error: str | None
    code: str | None
    retry_of: UUID | None
    created_at: datetime
    ended_at: datetime | None
    max_attempts: int
    attempts: list[AttemptView]
    told: bool
    deliveries: list[DeliveryView]


class JobSummary(Struct, frozen=True, kw_only=True):
    """A live job, as a listener is told of it."""

    id: UUID
    status: JobStatus
    progress: float | None


class Playback(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a variant plays, and what it is. `size` is bytes, `duration` seconds or null.

    `expiresAt` is null where the URL is good for as long as the variant is there.
    """

    url: str
    expires_at: datetime | None
    content_type: str
    size: int
    duration: float | None
    etag: str
    variant: Variant


class Pending(Struct, frozen=True, kw_only=True):
    """A variant that is being made, and the job that makes it."""

    variant: Variant
    job: JobSummary


class Listing(Struct, Generic[T], frozen=True):
    """A page of things; `next` is the cursor of the page after it, null on the last."""

    items: list[T]
    next: str | None


class AssetPage(Listing[AssetView], frozen=True):
    """Assets, newest first."""


class JobPage(Listing[JobView], frozen=True):
    """Jobs, newest first."""


def asset_view(asset: Asset) -> AssetView:
    """Show an asset."""
    return AssetView(
        id=asset.id,
        name=asset.name,
        ref=asset.ref,
        created_at=asset.created,
        renditions={variant: _rendition_view(rendition) for variant, rendition in asset.renditions.items()},
    )


def job_view(job: Job) -> JobView:
    """Show a job."""
    return JobView(
        id=job.id,
        kind=job.kind,
        status=job.status,
        progress=_progress(job),
        asset_id=job.asset_id,
        recipe=job.recipe,
        params=job.params,
        result=job.result,
        error=job.error,
        code=job.code,
        retry_of=job.retry_of,
        created_at=job.created,
        ended_at=job.ended,
        max_attempts=job.max_attempts,
        attempts=[_attempt_view(attempt) for attempt in job.attempts],
        told=job.told,
        deliveries=[DeliveryView(at=each.at, status=each.status, error=each.error) for each in job.deliveries],
    )


def job_summary(job: Job) -> JobSummary:
    """Show a live job to a listener who waits for it."""
    return JobSummary(id=job.id, status=job.status, progress=_progress(job))


def playback_view(variant: Variant, rendition: Rendition, url: str, expires_at: datetime | None) -> Playback:
    """Show where a rendition plays, and until when."""
    return Playback(
        url=url,
        expires_at=expires_at,
        content_type=rendition.content_type,
        size=rendition.size,
        duration=rendition.duration,
        etag=rendition.etag,
        variant=variant,
    )


def listing(kind: Callable[[list[T], str | None], P], page: Page[S], view: Callable[[S], T]) -> P:
    """Show a page, as one of this kind."""
    return kind([view(item) for item in page.items], _written(page.next))


def read_cursor(text: str | None) -> Cursor | None:
    """Return the place that a `cursor` parameter names. Raise MalformedId unless it came from a page."""
    if text is None:
        return None
    try:
        return msgspec.json.decode(base64.b64decode(text, altchars=b"-_", validate=True), type=Cursor)
    except (binascii.Error, msgspec.DecodeError, ValueError):
        raise MalformedId("cursor", "the `next` of an earlier page") from None


def _written(cursor: Cursor | None) -> str | None:
    return None if cursor is None else base64.urlsafe_b64encode(msgspec.json.encode(cursor)).decode()


def _rendition_view(rendition: Rendition) -> RenditionView:
    return RenditionView(
        content_type=rendition.content_type,
        size=rendition.size,
        etag=rendition.etag,
        duration=rendition.duration,
        sha256=rendition.sha256,
        peaks=rendition.peaks is not None,
        figures=rendition.figures,
    )


def _attempt_view(attempt: Attempt) -> AttemptView:
    return AttemptView(
        number=attempt.number,
        worker=attempt.worker,
        started_at=attempt.started,
        ended_at=attempt.ended,
        outcome=attempt.outcome,
        code=attempt.code,
        message=attempt.message,
        progress=attempt.progress,
    )


def _progress(job: Job) -> float | None:
    return job.attempts[-1].progress if job.attempts else None
