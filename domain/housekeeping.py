"""The housekeeper's round: a bounded batch of each kind of due thing, so that no backlog starves another."""

from collections.abc import Awaitable, Callable, Collection, Generator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import TypeAlias

from msgspec.structs import replace

from domain.deeds import Deed, Tally
from domain.deleting import sweep_deleted
from domain.finishing import with_retired
from domain.house import House
from domain.layout import shown_keys
from domain.policy import TAKEN_FOR
from domain.tending import tend_job
from domain.tending_uploads import tend_upload
from ports.assets import Asset, AssetStore, Retired
from ports.errors import Conflict, NotFound, OutOfSpace, Unavailable
from ports.jobs import FINAL, JobKind, JobStatus
from ports.storage import Storage

BATCH = 100

Step: TypeAlias = Callable[[], Awaitable[Tally | None]]
"""Does what is due for one thing and returns what was done, None where nothing was due."""


async def keep_house(
    house: House,
    *,
    clock: Callable[[], datetime],
    chance: float,
    new_id: Callable[[], str],
    tally: Tally,
    silent: bool = True,
    finished: bool = True,
) -> None:
    """Tend what is due: attempts, finished jobs, deleted assets, retired objects, uploads. Count it in `tally`, come what may.

    A batch ends where something goes wrong; the others have their turn before that is raised, the unexpected first.
    Without `silent`, somebody else sees to jobs under way; without `finished`, to finished ones. `clock` is read for each thing:
    a round may take long.
    """
    a_job = partial(_tend_next_job, house=house, clock=clock, chance=chance, new_id=new_id)
    an_asset = partial(_tend_next_asset, house, clock, new_id)
    an_upload = partial(_tend_next_upload, house, clock, new_id)
    a_silent_job = [partial(a_job, [JobStatus.PROCESSING])] if silent else []
    a_finished_job = [partial(a_job, FINAL)] if finished else []
    await _each_in_turn(*a_silent_job, *a_finished_job, an_asset, an_upload, tally=tally)


def expired(asset: Asset, now: datetime) -> list[Retired]:
    """Return the retired objects to which no link is good any more. What is shown stays, whatever its record says."""
    return [item for item in asset.retired if item.until <= now and item.key not in shown_keys(asset)]


async def _tend_next_job(
    statuses: Collection[JobStatus], *, house: House, clock: Callable[[], datetime], chance: float, new_id: Callable[[], str]
) -> Tally | None:
    """Tend the most overdue job of these statuses. Return what was done, None if none is due."""
    now = clock()
    job = await house.jobs.take_due(statuses, list(JobKind), now, now + TAKEN_FOR, new_id())
    if job is None:
        return None
    with _about("job", job.id):
        deed = await tend_job(
            job,
            jobs=house.jobs,
            assets=house.assets,
            storage=house.storage,
            notifier=house.notifier,
            policy=house.policy,
            now=now,
            chance=chance,
        )
    return Tally([deed] if deed else [])


async def _tend_next_asset(house: House, clock: Callable[[], datetime], new_id: Callable[[], str]) -> Tally | None:
    """Tend the most overdue asset: sweep a deleted one, drop what has retired. Return what was done, None if none is due."""
    now = clock()
    asset = await house.assets.take_due(now, now + TAKEN_FOR, new_id())
    if asset is None:
        return None
    if asset.deleted is None:
        return Tally({Deed.REMOVED: await _drop_retired(asset, house.assets, house.storage, now)})
    await sweep_deleted(asset, assets=house.assets, jobs=house.jobs, storage=house.storage, policy=house.policy, now=now)
    return Tally([Deed.DELETED])


async def _tend_next_upload(house: House, clock: Callable[[], datetime], new_id: Callable[[], str]) -> Tally | None:
    """Tend the most overdue upload. Return what was done, None if none is due."""
    now = clock()
    upload = await house.uploads.take_due(now, now + TAKEN_FOR, new_id())
    if upload is None:
        return None
    with _about("upload", upload.id):
        deed = await tend_upload(upload, house, now)
    return Tally([deed] if deed else [])


@contextmanager
def _about(kind: str, thing: object) -> Generator[None, None, None]:
    try:
        yield
    except Exception as trouble:
        trouble.add_note(f"This was about {kind} {thing}")
        raise


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
