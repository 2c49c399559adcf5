"""A job is ordered: by the upload of what it prepares, or by somebody who wants another."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from domain.errors import NothingToPrepare
from domain.library import find_asset
from domain.policy import Policy
from ports.assets import AssetStore, Variant
from ports.audio import Recipe
from ports.jobs import Job, JobKind, JobStore


class Order(Struct, frozen=True, kw_only=True):
    """A new job as it is asked for: to prepare by a recipe (the default one where none is named), or to render from params."""

    kind: JobKind = JobKind.PREPARE
    recipe: Recipe | None = None
    params: dict[str, object] | None = None


async def order_job(
    order: Order, asset_id: str | None, *, new_id: UUID, jobs: JobStore, assets: AssetStore, policy: Policy, now: datetime
) -> Job:
    """Queue a new job and return it. Raise AssetNotFound, or NothingToPrepare if it is to prepare what has no original."""
    asset = await find_asset(asset_id, assets) if asset_id is not None else None
    prepares = order.kind is JobKind.PREPARE
    if prepares and (asset is None or Variant.ORIGINAL not in asset.renditions):
        raise NothingToPrepare
    job = Job(
        id=new_id,
        kind=order.kind,
        created=now,
        due=now,
        asset_id=asset_id,
        recipe=(order.recipe or Recipe()) if prepares else None,
        params=order.params,
        max_attempts=policy.max_attempts,
    )
    await jobs.add(job)
    return job
