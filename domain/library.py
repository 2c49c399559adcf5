"""What a team has: looking up an asset or a job."""

from uuid import UUID

from domain.errors import AssetNotFound, JobNotFound
from ports.assets import Asset, AssetStore
from ports.errors import NotFound
from ports.jobs import Job, JobStore


async def find_asset(asset_id: str, assets: AssetStore) -> Asset:
    """Return the asset. Raise AssetNotFound if there is none, or it was deleted."""
    try:
        asset = await assets.get(asset_id)
    except NotFound:
        raise AssetNotFound from None
    if asset.deleted is not None:
        raise AssetNotFound
    return asset


async def asset_of(job: Job, assets: AssetStore) -> Asset | None:
    """Return the asset that the job is for, a deleted one too; None if there is none, or none any more."""
    try:
        return await assets.get(job.asset_id or "")
    except NotFound:
        return None


async def find_job(job_id: UUID, jobs: JobStore) -> Job:
    """Return the job. Raise JobNotFound if there is none."""
    try:
        return await jobs.get(job_id)
    except NotFound:
        raise JobNotFound from None
