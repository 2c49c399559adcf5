"""The housekeeper's round: a bounded batch of each kind of due thing, so that no backlog starves another."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from msgspec.structs import replace

from domain.deleting import sweep_deleted
from domain.finishing import with_retired
from domain.layout import shown_keys
from domain.policy import TAKEN_FOR, Policy
from domain.schedule import tend_job
from ports.assets import Asset, AssetStore
from ports.errors import Conflict, NotFound, OutOfSpace, Unavailable
from ports.jobs import FINAL, JobKind, JobStatus, JobStore
from ports.storage import Storage

BATCH = 100


async def keep_house(
    *, jobs: JobStore, assets: AssetStore, storage: Storage, policy: Policy, now: datetime, new_id: Callable[[], str]
) -> int:
    """Tend what is due: silent attempts, finished jobs, deleted assets and retired objects. Return how many things were.

    A batch ends where something goes wrong; the others have their turn before that is raised, the unexpected first.
    """

    async def tend_a_job(statuses: Collection[JobStatus]) -> bool:
        job = await jobs.take_due(statuses, list(JobKind), now, now + TAKEN_FOR, new_id())
        if job is not None:
            await tend_job(job, jobs=jobs, assets=assets, storage=storage, policy=policy, now=now)
        return job is not None

    async def tend_an_asset() -> bool:
        asset = await assets.take_due(now, now + TAKEN_FOR, new_id())
        if asset is not None:
            await _tend_asset(asset, assets, jobs, storage, policy=policy, now=now)
        return asset is not None

    return await _each_in_turn(lambda: tend_a_job([JobStatus.PROCESSING]), lambda: tend_a_job(FINAL), tend_an_asset)


async def _each_in_turn(*kinds: Callable[[], Awaitable[bool]]) -> int:
    """Take a batch of steps of each kind, until one finds nothing. Return how many found something."""
    tended, troubles = 0, list[Exception]()
    for tend_one in kinds:
        try:
            for _ in range(BATCH):
                if not await tend_one():
                    break
                tended += 1
        except Exception as trouble:  # noqa: BLE001 - it is raised below
            troubles.append(trouble)
    if troubles:
        raise min(troubles, key=_is_expected)
    return tended


def _is_expected(trouble: Exception) -> bool:
    return isinstance(trouble, (Unavailable, OutOfSpace))


async def _tend_asset(
    asset: Asset, assets: AssetStore, jobs: JobStore, storage: Storage, *, policy: Policy, now: datetime
) -> None:
    if asset.deleted is not None:
        await sweep_deleted(asset, assets=assets, jobs=jobs, storage=storage, policy=policy, now=now)
    else:
        await _drop_retired(asset, assets, storage, now)


async def _drop_retired(asset: Asset, assets: AssetStore, storage: Storage, now: datetime) -> None:
    """Remove the objects whose longest link has expired, then forget that they were there. What is shown stays."""
    for item in asset.retired:
        if item.until <= now and item.key not in shown_keys(asset):
            await storage.remove(item.key)
    left = tuple(item for item in asset.retired if item.until > now)
    try:
        await assets.replace(replace(with_retired(asset, left), version=asset.version + 1))
    except (Conflict, NotFound):
        return  # changed meanwhile: it comes up again
