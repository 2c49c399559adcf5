"""The housekeeper's round: a bounded batch of each kind of due thing, so that no backlog starves another."""

from collections.abc import Awaitable, Callable, Collection
from datetime import datetime
from functools import partial
from typing import TypeAlias

from msgspec.structs import replace

from domain.deeds import Deed, Tally
from domain.deleting import sweep_deleted
from domain.finishing import with_retired
from domain.layout import shown_keys
from domain.policy import TAKEN_FOR, Policy
from domain.tending import tend_job
from ports.assets import Asset, AssetStore, Retired
from ports.errors import Conflict, NotFound, OutOfSpace, Unavailable
from ports.jobs import FINAL, JobKind, JobStatus, JobStore
from ports.notices import Notifier
from ports.storage import Storage

BATCH = 100

Step: TypeAlias = Callable[[], Awaitable[Tally | None]]
"""Does what is due for one thing and returns what was done, None where nothing was due."""


async def keep_house(
    *,
    jobs: JobStore,
    assets: AssetStore,
    storage: Storage,
    notifier: Notifier | None,
    policy: Policy,
    clock: Callable[[], datetime],
    chance: float,
    new_id: Callable[[], str],
    tally: Tally,
    finished: bool = True,
) -> None:
    """Tend what is due: silent attempts, finished jobs, deleted assets and retired objects. Count it in `tally`, come what may.

    A batch ends where something goes wrong; the others have their turn before that is raised, the unexpected first.
    Without `finished`, somebody else sees to finished jobs. `clock` is read for each thing: a round may take long.
    """
    a_job = partial(
        _tend_next_job,
        jobs=jobs,
        assets=assets,
        storage=storage,
        notifier=notifier,
        policy=policy,
        clock=clock,
        chance=chance,
        new_id=new_id,
    )
    an_asset = partial(_tend_next_asset, jobs=jobs, assets=assets, storage=storage, policy=policy, clock=clock, new_id=new_id)
    a_finished_job = [partial(a_job, FINAL)] if finished else []
    await _each_in_turn(partial(a_job, [JobStatus.PROCESSING]), *a_finished_job, an_asset, tally=tally)


def expired(asset: Asset, now: datetime) -> list[Retired]:
    """Return the retired objects to which no link is good any more. What is shown stays, whatever its record says."""
    return [item for item in asset.retired if item.until <= now and item.key not in shown_keys(asset)]


async def _tend_next_job(
    statuses: Collection[JobStatus],
    *,
    jobs: JobStore,
    assets: AssetStore,
    storage: Storage,
    notifier: Notifier | None,
    policy: Policy,
    clock: Callable[[], datetime],
    chance: float,
    new_id: Callable[[], str],
) -> Tally | None:
    """Tend the most overdue job of these statuses. Return what was done, None if none is due."""
    now = clock()
    job = await jobs.take_due(statuses, list(JobKind), now, now + TAKEN_FOR, new_id())
    if job is None:
        return None
    try:
        deed = await tend_job(
            job, jobs=jobs, assets=assets, storage=storage, notifier=notifier, policy=policy, now=now, chance=chance
        )
    except Exception as trouble:
        trouble.add_note(f"This was about job {job.id}")
        raise
    return Tally([deed] if deed else [])


async def _tend_next_asset(
    *,
    jobs: JobStore,
    assets: AssetStore,
    storage: Storage,
    policy: Policy,
    clock: Callable[[], datetime],
    new_id: Callable[[], str],
) -> Tally | None:
    """Tend the most overdue asset: sweep a deleted one, drop what has retired. Return what was done, None if none is due."""
    now = clock()
    asset = await assets.take_due(now, now + TAKEN_FOR, new_id())
    if asset is None:
        return None
    if asset.deleted is None:
        return Tally({Deed.REMOVED: await _drop_retired(asset, assets, storage, now)})
    await sweep_deleted(asset, assets=assets, jobs=jobs, storage=storage, policy=policy, now=now)
    return Tally([Deed.DELETED])


async def _each_in_turn(*kinds: Step, tally: Tally) -> None:
    """Take a batch of steps of each kind, until one finds nothing, and count what is done in `tally`."""
    troubles = list[Exception]()
    for tend_one in kinds:
        try:
            await _batch(tend_one, tally)
        except Exception as trouble:  # noqa: BLE001 - it is raised below
            troubles.append(trouble)
    if troubles:
        raise min(troubles, key=_is_expected)


async def _batch(tend_one: Step, tally: Tally) -> None:
    for _ in range(BATCH):
        done = await tend_one()
        if done is None:
            return
        tally.update(done)


def _is_expected(trouble: Exception) -> bool:
    return isinstance(trouble, (Unavailable, OutOfSpace))


async def _drop_retired(asset: Asset, assets: AssetStore, storage: Storage, now: datetime) -> int:
    """Remove the objects whose longest link has expired, then forget that they were there. Return how many they were."""
    gone = expired(asset, now)
    for item in gone:
        await storage.remove(item.key)
    left = tuple(item for item in asset.retired if item.until > now)
    try:
        await assets.replace(replace(with_retired(asset, left), version=asset.version + 1))
    except (Conflict, NotFound):
        return 0  # changed meanwhile: it comes up again
    return len(gone)
