"""`greenroom jobs`: what is read and steered directly in the store, by the rules that the API goes by."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID, uuid4

from domain.errors import AssetNotFound, IllegalTransition, JobNotFound, MalformedId, NothingToPrepare
from domain.library import find_job
from domain.steering import cancel_job, retry_job
from entrypoints.parts import Stores
from entrypoints.settings import InvalidSettings, Settings
from entrypoints.views import read_cursor
from entrypoints.wiring.naming import CannotStart
from entrypoints.wiring.stores import stores_alone
from ports.errors import OutOfSpace, Unavailable
from ports.jobs import Job, JobKind, JobStatus
from ports.paging import Page

T = TypeVar("T")
_REFUSALS = (
    AssetNotFound,
    CannotStart,
    IllegalTransition,
    InvalidSettings,
    JobNotFound,
    MalformedId,
    NothingToPrepare,
    OutOfSpace,
    Unavailable,
)


class NotDone(Exception):
    """It can't be done; the sentence says why."""


def list_jobs(
    settings: Settings, *, status: JobStatus | None, kind: JobKind | None, asset_id: str | None, limit: int, cursor: str | None
) -> Page[Job]:
    """Return a page of the jobs, newest first. Raise NotDone."""

    async def listed(stores: Stores) -> Page[Job]:
        statuses, kinds = [status] if status else None, [kind] if kind else None
        return await stores.jobs.page(statuses=statuses, kinds=kinds, asset_id=asset_id, after=read_cursor(cursor), limit=limit)

    return _with_stores(settings, listed)


def read_job(settings: Settings, job_id: UUID) -> Job:
    """Return the job. Raise NotDone."""
    return _with_stores(settings, lambda stores: find_job(job_id, stores.jobs))


def cancel(settings: Settings, job_id: UUID) -> Job:
    """Return the job, cancelled. Raise NotDone."""
    return _with_stores(settings, lambda stores: cancel_job(job_id, jobs=stores.jobs, policy=stores.policy, now=stores.clock()))


def retry(settings: Settings, job_id: UUID) -> Job:
    """Return the new job that tries again. Raise NotDone."""
    return _with_stores(
        settings,
        lambda stores: retry_job(job_id, new_id=uuid4(), jobs=stores.jobs, assets=stores.assets, now=stores.clock()),
    )


def _with_stores(settings: Settings, act: Callable[[Stores], Awaitable[T]]) -> T:
    async def done() -> T:
        async with stores_alone(settings) as stores:
            return await act(stores)

    try:
        return asyncio.run(done())
    except _REFUSALS as refusal:
        raise NotDone(str(refusal)) from refusal
