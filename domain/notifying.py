"""The user's app is told what became of a job: at least once, or until the job is purged."""

from datetime import datetime, timedelta

from domain.backoff import backoff
from domain.events import Delivered, Postponed
from domain.jobs import advance
from domain.policy import Policy
from ports.errors import Conflict, NotFound
from ports.jobs import Job, JobStore
from ports.notices import Notifier

FIRST = timedelta(seconds=5)
LONGEST = timedelta(hours=1)
"""Between two tries at telling, at most."""

PUT_OFF = timedelta(minutes=1)
"""How long a job waits, at most, whose turn to be told came while all who tell were held up: later, as long again as it has."""


def due_once_ended(policy: Policy, now: datetime) -> datetime:
    """Return when to look at a job that ends now, and owes its asset nothing: at once to tell of it, or else to purge it."""
    return now if policy.notifies else now + policy.keep_jobs


def purged_at(job: Job, policy: Policy) -> datetime:
    """Return when a finished job has been kept for its time."""
    return (job.ended or job.created) + policy.keep_jobs


async def tell(job: Job, notifier: Notifier, jobs: JobStore, policy: Policy, *, now: datetime, chance: float) -> bool:
    """Tell the app of a finished job, and keep what came of it. Return whether it was told.

    Whoever dies between the two is followed by somebody who tells it once more: the same notice, by its id.
    """
    delivery = await notifier.notify(job, now)
    told = delivery.error is None
    again = now + backoff(len(job.deliveries) + 1, chance, first=FIRST, longest=LONGEST)
    purged = purged_at(job, policy)
    await _kept(advance(job, Delivered(delivery=delivery, due=purged if told else min(again, purged)), now), jobs)
    return told


async def put_off(job: Job, jobs: JobStore, policy: Policy, *, now: datetime, chance: float) -> bool:
    """Let a finished job wait: for its turn to be told of, or to be purged where nobody is told (any more).

    Return False if somebody else had it meanwhile.
    """
    purged = purged_at(job, policy)
    waited = now - (job.ended or now)
    turn = now + min(max(PUT_OFF, waited), LONGEST) * chance
    due = min(turn, purged) if policy.notifies and not job.told else purged
    return await _kept(advance(job, Postponed(due=due), now), jobs)


async def _kept(changed: Job, jobs: JobStore) -> bool:
    """Return False if somebody else had it meanwhile."""
    try:
        await jobs.replace(changed)
    except (Conflict, NotFound):
        return False
    return True
