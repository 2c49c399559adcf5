"""A job is ordered: by the upload of what it prepares, or by somebody who wants another."""

from datetime import datetime
from uuid import UUID

import msgspec
from msgspec import Struct

from domain.errors import KeyReused, NothingToPrepare
from domain.library import find_asset, find_job
from domain.policy import Policy
from ports.assets import AssetStore, Variant
from ports.audio import Recipe
from ports.errors import AlreadyExists
from ports.jobs import Job, JobKind, JobStore


class Order(Struct, frozen=True, kw_only=True):
    """A new job as it is asked for: to prepare by a recipe (the default one where none is named), or to render from params."""

    kind: JobKind = JobKind.PREPARE
    recipe: Recipe | None = None
    params: dict[str, object] | None = None


async def order_job(
    order: Order,
    asset_id: str | None,
    *,
    new_id: UUID,
    jobs: JobStore,
    assets: AssetStore,
    policy: Policy,
    now: datetime,
    traceparent: str | None = None,
) -> Job:
    """Queue a new job and return it; one that was queued under `new_id` by the same order is returned as it stands now.

    `traceparent` is the trace that it is ordered in.

    Raise AssetNotFound, NothingToPrepare if it is to prepare what has no original, KeyReused if `new_id` is another order's.
    """
    await demand_asset(order.kind, asset_id, assets)
    job = Job(
        id=new_id,
        kind=order.kind,
        created=now,
        due=now,
        asset_id=asset_id,
        recipe=(order.recipe or Recipe()) if order.kind is JobKind.PREPARE else None,
        params=order.params,
        max_attempts=policy.max_attempts,
        traceparent=traceparent,
    )
    return await keep_job(job, jobs)


async def demand_asset(kind: JobKind, asset_id: str | None, assets: AssetStore) -> None:
    """Return if a job of this kind has the asset that it needs. Raise AssetNotFound, or NothingToPrepare."""
    asset = await find_asset(asset_id, assets) if asset_id is not None else None
    if kind is JobKind.PREPARE and (asset is None or Variant.ORIGINAL not in asset.renditions):
        raise NothingToPrepare


async def keep_job(job: Job, jobs: JobStore) -> Job:
    """Keep a new job and return it, or the one of its id that the same order has made. Raise KeyReused if another has."""
    try:
        await jobs.add(job)
    except AlreadyExists:
        kept = await find_job(job.id, jobs)
        if _order_of(kept) != _order_of(job):
            raise KeyReused from None
        return kept
    return job


def _order_of(job: Job) -> bytes:
    """Write down what was asked for. As JSON, for in Python 1 and true are equal."""
    return msgspec.json.encode((job.kind, job.asset_id, job.recipe, job.params, job.retry_of), order="deterministic")
