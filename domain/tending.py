"""Tending due jobs: one whose worker fell silent is tried again or fails, a finished one is settled, told of, or purged."""

from datetime import datetime

from domain.attempts import attempts_left
from domain.deeds import Deed, duty_of
from domain.events import Event, Failed, Requeued
from domain.finishing import settle
from domain.jobs import advance
from domain.layout import own_output_keys, shown_keys
from domain.library import asset_of
from domain.notifying import due_once_ended, put_off, tell
from domain.policy import Policy
from domain.schedule import taken_back
from ports.assets import AssetStore
from ports.errors import Conflict, NotFound
from ports.jobs import Job, JobStore, Outcome
from ports.notices import Notifier
from ports.storage import Storage

LOST = "lost"
"""The code of an attempt, or a job, whose worker stopped answering."""

SILENT = "The worker stopped answering"

NEVER_ANSWERED = "The endpoint did not answer before the attempt's deadline"


async def tend_job(
    job: Job,
    *,
    jobs: JobStore,
    assets: AssetStore,
    storage: Storage,
    notifier: Notifier | None,
    policy: Policy,
    now: datetime,
    chance: float,
) -> Deed | None:
    """Do what is due for a job that was taken. Return what was done, None if nothing was: somebody was faster."""
    duty = duty_of(job, policy, now)
    match duty:
        case Deed.LOST:
            done = await _requeued(job, _loss(job, policy, now), jobs, now)
        case Deed.TAKEN_BACK:
            done = await _requeued(job, taken_back(job, now, NEVER_ANSWERED), jobs, now)
        case Deed.SETTLED:
            done = await settle(job, jobs, assets, policy, now)
        case Deed.TOLD if notifier is not None:
            return Deed.TOLD if await tell(job, notifier, jobs, policy, now=now, chance=chance) else Deed.NOT_TOLD
        case Deed.TOLD | Deed.PUT_OFF:
            done = await put_off(job, jobs, policy, now=now, chance=chance)
        case Deed.PURGED:
            await _purge(job, jobs, assets, storage)
            done = True
        case _:
            return None
    return duty if done else None


async def _requeued(job: Job, event: Event, jobs: JobStore, now: datetime) -> bool:
    try:
        await jobs.replace(advance(job, event, now))
    except (Conflict, NotFound):
        return False  # its worker was heard of meanwhile
    return True


def _loss(job: Job, policy: Policy, now: datetime) -> Event:
    if attempts_left(job):
        return Requeued(due=now, outcome=Outcome.LOST, code=LOST, message=SILENT)
    message = f"{SILENT}; {job.max_attempts} attempts were made"
    return Failed(due=due_once_ended(policy, now), outcome=Outcome.LOST, code=LOST, message=message)


async def _purge(job: Job, jobs: JobStore, assets: AssetStore, storage: Storage) -> None:
    """Forget the job, and remove what its attempts left in storage: all but what the asset shows or has retired itself."""
    asset = await asset_of(job, assets)
    kept = shown_keys(asset) | {item.key for item in asset.retired} if asset else set[str]()
    for key in own_output_keys(job):
        if key not in kept:
            await storage.remove(key)
    await jobs.remove(job.id)
