"""Due work: a queued job starts, and a ticket that no worker had room for is taken back."""

from collections.abc import Collection
from datetime import datetime, timedelta

from domain.attempts import given_back, newest
from domain.backoff import backoff
from domain.events import Cancelled, Event, Requeued, Started
from domain.jobs import advance
from domain.library import asset_of
from domain.notifying import due_once_ended
from domain.policy import TAKEN_FOR, Policy
from domain.tickets import ticket_of
from ports.assets import Asset, AssetStore, Variant
from ports.errors import Conflict, NotFound
from ports.jobs import Job, JobKind, JobStatus, JobStore, Outcome
from ports.links import Links
from ports.work import Ticket, Tokens

NO_ROOM = "No worker had room for it"
GONE = "The worker was gone before it had its ticket"
BUSY_FOR = timedelta(seconds=5)
"""How long a job waits that no worker had room for; twice that where it was given back already, and so on."""


async def start_next(
    kinds: Collection[JobKind],
    worker: str,
    lease: timedelta,
    *,
    jobs: JobStore,
    assets: AssetStore,
    links: Links,
    tokens: Tokens,
    policy: Policy,
    now: datetime,
    request_id: str,
    sent: bool = False,
) -> Ticket | None:
    """Start an attempt at the most overdue queued job and return its ticket, None if none is due.

    The attempt is durable before its ticket exists. A job whose asset is gone is cancelled on the way. One whose ticket is `sent`
    to an endpoint is due again as soon as an answer is overdue: whoever was to send it may have died.
    """
    while job := await jobs.take_due([JobStatus.QUEUED], kinds, now, now + TAKEN_FOR, request_id):
        asset = await input_of(job, assets)
        gone = job.kind is JobKind.PREPARE and asset is None
        event = Cancelled(due=due_once_ended(policy, now)) if gone else _start(worker, lease, policy, now, sent=sent)
        started = await _changed(job, event, jobs, now)
        if started is not None and not gone:
            return ticket_of(started, started.attempts[-1], asset, links, tokens, policy=policy)
    return None


async def give_back(ticket: Ticket, jobs: JobStore, now: datetime, why: str = NO_ROOM) -> None:
    """Take back a ticket that no worker had room for, or that reached none: its job comes up again in a while.

    No attempt is counted; the history says why. It waits longer each time, so that its history stays short.
    """
    job = await jobs.get(ticket.job_id)
    last = newest(job)
    if job.status is JobStatus.PROCESSING and last is not None and last.number == ticket.attempt:
        await _changed(job, taken_back(job, now, why), jobs, now)


def taken_back(job: Job, now: datetime, why: str, least: timedelta = timedelta()) -> Requeued:
    """Return the event of an attempt that nobody made: the job comes up again in a while, after `least` at the soonest."""
    due = now + max(backoff(given_back(job) + 1, chance=1, first=BUSY_FOR), least)
    return Requeued(due=due, outcome=Outcome.RELEASED, message=why)


def lease_for(asked: float | None, policy: Policy) -> timedelta:
    """Return how long a claimed attempt may be silent: the seconds asked for, between the usual lease and the deadline."""
    return max(policy.lease, timedelta(seconds=min(asked or 0, policy.deadline.total_seconds())))


async def input_of(job: Job, assets: AssetStore) -> Asset | None:
    """Return the asset that the job works on, if it is still there to work on."""
    asset = await asset_of(job, assets)
    return asset if asset and asset.deleted is None and Variant.ORIGINAL in asset.renditions else None


def _start(worker: str, lease: timedelta, policy: Policy, now: datetime, *, sent: bool) -> Started:
    granted = min(lease, policy.deadline)
    silent = min(granted, TAKEN_FOR) if sent else granted
    return Started(worker=worker, lease=now + silent, renewal=granted, deadline=now + policy.deadline, sent=sent)


async def _changed(job: Job, event: Event, jobs: JobStore, now: datetime) -> Job | None:
    """Return the job after the event, None if somebody else has changed it since it was taken."""
    changed = advance(job, event, now)
    try:
        await jobs.replace(changed)
    except (Conflict, NotFound):
        return None
    return changed
