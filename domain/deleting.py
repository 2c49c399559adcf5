"""An asset is deleted so that nothing of it stays, whatever crashes in between."""

from datetime import datetime

from msgspec.structs import replace

from domain.deciding import decide_again
from domain.events import Cancelled
from domain.jobs import advance
from domain.layout import keys_of, laid_prefixes, own_output_keys, peaks_key, shown_keys
from domain.library import find_asset
from domain.notifying import due_once_ended
from domain.policy import Policy
from domain.tickets import OUTLIVES_DEADLINE
from ports.assets import Asset, AssetStore, Variant
from ports.errors import Conflict, NotFound
from ports.jobs import LIVE, Job, JobStore
from ports.storage import Storage


async def delete_asset(
    asset_id: str, *, assets: AssetStore, jobs: JobStore, storage: Storage, policy: Policy, now: datetime
) -> None:
    """Mark the asset as deleted (from then on it is not found), cancel its live jobs and remove its bytes.

    The mark is durable first: what a crash leaves undone, a housekeeper does. Raise AssetNotFound.
    """

    async def mark() -> Asset:
        asset = await find_asset(asset_id, assets)
        marked = replace(asset, version=asset.version + 1, deleted=now, due=now)
        await assets.replace(marked)
        return marked

    marked = await decide_again(mark, "The asset store")
    await sweep_deleted(marked, assets=assets, jobs=jobs, storage=storage, policy=policy, now=now)


async def sweep_deleted(
    asset: Asset, *, assets: AssetStore, jobs: JobStore, storage: Storage, policy: Policy, now: datetime
) -> None:
    """Remove what a deleted asset has left. Its record goes last, and not before every link to write for it has expired.

    What was laid there by hand may never have been registered: here, too, the storage is asked for a list.
    """
    owned = [await _cancelled(job, jobs, policy, now) for job in await _jobs_of(asset.id, jobs)]
    laid = [item.key for prefix in laid_prefixes(asset.id) async for item in storage.list(prefix)]
    for key in [*_keys_of(asset, owned), *laid]:
        await storage.remove(key)
    quiet = max((attempt.deadline + OUTLIVES_DEADLINE for job in owned for attempt in job.attempts), default=now)
    if quiet > now:
        await _put_off(asset, quiet, assets)
    else:
        await assets.remove(asset.id)


async def _jobs_of(asset_id: str, jobs: JobStore) -> list[Job]:
    page = await jobs.page(asset_id=asset_id)
    found = list(page.items)
    while page.next is not None:
        page = await jobs.page(asset_id=asset_id, after=page.next)
        found.extend(page.items)
    return found


async def _cancelled(job: Job, jobs: JobStore, policy: Policy, now: datetime) -> Job:
    """Return the job as it has ended: by being cancelled, or by what it came to meanwhile; as it was, if it is forgotten."""

    async def decide() -> Job:
        try:
            current = await jobs.get(job.id)
        except NotFound:
            return job
        if current.status not in LIVE:
            return current
        cancelled = advance(current, Cancelled(due=due_once_ended(policy, now)), now)
        await jobs.replace(cancelled)
        return cancelled

    return await decide_again(decide, "The job store") if job.status in LIVE else job


def _keys_of(asset: Asset, owned: list[Job]) -> list[str]:
    original = asset.renditions.get(Variant.ORIGINAL)
    beside = [peaks_key(original.key)] if original else []
    retired = [item.key for item in asset.retired]
    found = [key for job in owned if job.prepared for key in keys_of(job.prepared)]
    made = [key for job in owned for key in own_output_keys(job)]
    return sorted({*shown_keys(asset), *beside, *retired, *found, *made})


async def _put_off(asset: Asset, until: datetime, assets: AssetStore) -> None:
    try:
        await assets.replace(replace(asset, version=asset.version + 1, due=until))
    except (Conflict, NotFound):
        return  # another housekeeper was here
