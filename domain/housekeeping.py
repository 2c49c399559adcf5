"""The housekeeper's round: a bounded batch of each kind of due thing, so that no backlog starves another."""

from collections.abc import Callable, Collection
from datetime import datetime

from msgspec.structs import replace

from domain.library import sweep_deleted
from domain.policy import TAKEN_FOR, Policy
from domain.schedule import tend_job
from ports.assets import Asset, AssetStore
from ports.errors import Conflict, NotFound
from ports.jobs import FINAL, JobKind, JobStatus, JobStore
from ports.storage import Storage

BATCH = 100


async def keep_house(
    *, jobs: JobStore, assets: AssetStore, storage: Storage, policy: Policy, now: datetime, new_id: Callable[[], str]
) -> int:
    """Tend what is due: silent attempts, finished jobs, deleted assets and retired objects. Return how many things were."""
    tended = 0
    for statuses in ([JobStatus.PROCESSING], FINAL):
        tended += await _tend_jobs(statuses, jobs, assets, storage, policy=policy, now=now, new_id=new_id)
    return tended + await _tend_assets(assets, jobs, storage, policy=policy, now=now, new_id=new_id)


async def _tend_jobs(
    statuses: Collection[JobStatus],
    jobs: JobStore,
    assets: AssetStore,
    storage: Storage,
    *,
    policy: Policy,
    now: datetime,
    new_id: Callable[[], str],
) -> int:
    for tended in range(BATCH):
        job = await jobs.take_due(statuses, list(JobKind), now, now + TAKEN_FOR, new_id())
        if job is None:
            return tended
        await tend_job(job, jobs=jobs, assets=assets, storage=storage, policy=policy, now=now)
    return BATCH


async def _tend_assets(
    assets: AssetStore, jobs: JobStore, storage: Storage, *, policy: Policy, now: datetime, new_id: Callable[[], str]
) -> int:
    for tended in range(BATCH):
        asset = await assets.take_due(now, now + TAKEN_FOR, new_id())
        if asset is None:
            return tended
        if asset.deleted is not None:
            await sweep_deleted(asset, assets=assets, jobs=jobs, storage=storage, policy=policy, now=now)
        else:
            await _drop_retired(asset, assets, storage, now)
    return BATCH


async def _drop_retired(asset: Asset, assets: AssetStore, storage: Storage, now: datetime) -> None:
    """Remove the objects whose longest link has expired, then forget that they were there."""
    for item in asset.retired:
        if item.until <= now:
            await storage.remove(item.key)
    left = tuple(item for item in asset.retired if item.until > now)
    due = min((item.until for item in left), default=None)
    try:
        await assets.replace(replace(asset, version=asset.version + 1, retired=left, due=due))
    except (Conflict, NotFound):
        return  # changed meanwhile: it comes up again
