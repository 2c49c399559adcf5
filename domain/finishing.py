"""A finished job's outputs are shown by its asset, once and in the right order, whatever crashed in between."""

from contextlib import suppress
from datetime import datetime

from msgspec.structs import replace

from domain.deciding import decide_again
from domain.events import Settled
from domain.jobs import advance
from domain.layout import keys_of, own_output_keys, shown_keys
from domain.library import find_job
from domain.notifying import due_once_ended
from domain.policy import LONGEST_LINK, Policy
from domain.results import reported_duration
from ports.assets import Asset, AssetStore, Rendition, Retired, Variant
from ports.errors import Conflict, NotFound, OutOfSpace, Unavailable
from ports.jobs import Job, JobStatus, JobStore


async def settle(job: Job, jobs: JobStore, assets: AssetStore, policy: Policy, now: datetime) -> bool:
    """Let the asset of a complete job show its outputs, then mark the job as settled. Doing it again changes nothing.

    Return False if somebody else settled it.
    """
    if job.settled:
        return False
    await decide_again(lambda: _show(job, assets, policy, now), "The asset store")
    try:
        await jobs.replace(advance(job, Settled(due=due_once_ended(policy, now)), now))
    except (Conflict, NotFound):
        return False
    return True


def is_decided_only(job: Job) -> bool:
    """Say whether a job is complete while its asset does not show its outputs yet: that takes a moment, or a housekeeper."""
    return job.status is JobStatus.COMPLETE and not job.settled


async def as_told(job: Job, jobs: JobStore, assets: AssetStore, policy: Policy, now: datetime) -> Job:
    """Return the job for somebody to read: who learns that it is complete finds its outputs in its asset.

    A store that takes no changes at the moment leaves that to a housekeeper. Raise JobNotFound if it is gone meanwhile.
    """
    if not is_decided_only(job):
        return job
    with suppress(OutOfSpace, Unavailable):
        await settle(job, jobs, assets, policy, now)
    return await find_job(job.id, jobs)


async def _show(job: Job, assets: AssetStore, policy: Policy, now: datetime) -> None:
    try:
        asset = await assets.get(job.asset_id or "")
        shown = showing(asset, job, policy, now)
        if shown != asset:
            await assets.replace(replace(shown, version=asset.version + 1))
    except NotFound:
        return  # the asset was deleted, and nothing of it is left


def showing(asset: Asset, job: Job, policy: Policy, now: datetime) -> Asset:
    """Return the asset with the finished job's outputs, unless it was deleted or a later-created job has set them.

    What loses (the outputs of lost attempts, of the job before, or of this one) retires: it goes when the longest link to it
    has expired.
    """
    if asset.deleted is not None or job.prepared is None or asset.renditions.get(Variant.PREPARED) == job.prepared:
        return asset
    current = asset.renditions.get(Variant.PREPARED)
    renditions = dict(asset.renditions)
    if current is None or not _is_later(current, job):
        renditions[Variant.PREPARED] = job.prepared
    if Variant.ORIGINAL in renditions:
        renditions[Variant.ORIGINAL] = _with_findings(renditions[Variant.ORIGINAL], job, policy)
    return retire(replace(asset, renditions=renditions), _losers(current, job), now + LONGEST_LINK)


def retire(asset: Asset, keys: list[str], until: datetime) -> Asset:
    """Return the asset with `keys` marked to go at `until`, and due in time for it. What it shows (again) is not to go."""
    shown = shown_keys(asset)
    known = {item.key for item in asset.retired}
    marked = (*asset.retired, *(Retired(key, until) for key in keys if key not in known))
    return with_retired(asset, tuple(item for item in marked if item.key not in shown))


def with_retired(asset: Asset, retired: tuple[Retired, ...]) -> Asset:
    """Return the asset with these retired objects, due when the first of them goes."""
    return replace(asset, retired=retired, due=min((item.until for item in retired), default=None))


def _is_later(current: Rendition, job: Job) -> bool:
    if current.job_created is None:
        return False
    return (current.job_created, str(current.job_id)) > (job.created, str(job.id))


def _losers(before: Rendition | None, job: Job) -> list[str]:
    """Return every key that may go: `retire` keeps those that are shown."""
    made = [before, job.prepared]
    keys = own_output_keys(job) + [key for item in made if item for key in keys_of(item)]
    return list(dict.fromkeys(keys))


def _with_findings(original: Rendition, job: Job, policy: Policy) -> Rendition:
    """Return the original with what the job has found out of it: its waveform, and the duration that was counted."""
    counted = reported_duration(job.result, "before", policy.limits.duration)
    return replace(original, peaks=original.peaks or job.original_peaks, duration=counted or original.duration)
