"""A ticket that is sent to an endpoint: what each answer does to its attempt, and a silence that lasts.

A worker that reports before the endpoint has answered is right: from then on no answer changes anything. Until somebody answers
or reports, the same ticket is sent again, whoever was to send it before. After its deadline the attempt is taken back, uncounted:
nobody is known to have had its ticket, and an endpoint that is away for hours must not use up the attempts of all that wait.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from domain.attempts import newest
from domain.backoff import backoff
from domain.deciding import decide_again
from domain.errors import JobNotFound
from domain.events import Accepted, Cancelled, Event, Failed, Unanswered
from domain.jobs import advance
from domain.library import find_job
from domain.notifying import due_once_ended
from domain.policy import Policy
from domain.schedule import NO_ROOM, input_of, taken_back
from domain.tickets import ticket_of
from ports.assets import AssetStore
from ports.errors import Conflict, NotFound
from ports.jobs import Attempt, Job, JobKind, JobStatus, JobStore
from ports.links import Links
from ports.work import Ticket, Tokens

REFUSED = "refused"
"""The code of a job whose ticket the endpoint will not have."""

FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)
"""Between two times that the same ticket is sent."""


def unanswered(job: Job, now: datetime) -> Attempt | None:
    """Return the attempt whose ticket is to be sent again, None if the job has none: a worker has it, or its time is over."""
    last = newest(job)
    waits = job.status is JobStatus.PROCESSING and last is not None and last.unanswered is not None and now < last.deadline
    return last if waits else None


async def ticket_again(
    job: Job, *, jobs: JobStore, assets: AssetStore, links: Links, tokens: Tokens, policy: Policy, now: datetime
) -> Ticket | None:
    """Return the ticket of the attempt once more, None if there is nothing to send: a job whose asset is gone is cancelled."""
    attempt = unanswered(job, now)
    if attempt is None:
        return None
    asset = await input_of(job, assets)
    if job.kind is not JobKind.PREPARE or asset is not None:
        return ticket_of(job, attempt, asset, links, tokens, policy=policy)
    with suppress(Conflict, NotFound):  # changed meanwhile: it comes up again if there is anything left to do
        await jobs.replace(advance(job, Cancelled(due=due_once_ended(policy, now)), now))
    return None


async def accept(ticket: Ticket, jobs: JobStore, now: datetime) -> bool:
    """Take note that the endpoint has the ticket. Return False if that is no news. Raise Unavailable or OutOfSpace."""
    return await _answered(ticket, lambda _: Accepted(), jobs, now)


async def miss(ticket: Ticket, why: str, jobs: JobStore, now: datetime, chance: float) -> bool:
    """Let the ticket be sent again after a pause, longer each time; `chance` (0 to 1) jitters it.

    Return False if it is out of date. Raise Unavailable or OutOfSpace.
    """

    def event(job: Job) -> Event:
        before = job.attempts[-1].unanswered or 0
        pause = backoff(before + 1, (1 + chance) / 2, FIRST_PAUSE, LONGEST_PAUSE)
        return Unanswered(due=now + pause, message=why)

    return await _answered(ticket, event, jobs, now)


async def take_back(ticket: Ticket, jobs: JobStore, now: datetime, least: timedelta = timedelta()) -> bool:
    """Take back a ticket that the endpoint has no room for: its job comes up again in a while, and no attempt is counted.

    Return False if that is out of date. Raise Unavailable or OutOfSpace.
    """
    return await _answered(ticket, lambda job: taken_back(job, now, NO_ROOM, least), jobs, now)


async def refuse(ticket: Ticket, sentence: str, jobs: JobStore, policy: Policy, now: datetime) -> bool:
    """Let the job fail, for good: the endpoint will not have its ticket. Return False if that is out of date.

    Raise Unavailable or OutOfSpace.
    """
    failed = Failed(due=due_once_ended(policy, now), code=REFUSED, message=sentence)
    return await _answered(ticket, lambda _: failed, jobs, now)


async def _answered(ticket: Ticket, event: Callable[[Job], Event], jobs: JobStore, now: datetime) -> bool:
    """Apply what an answer means while the attempt still waits for one; what was reported meanwhile goes before it."""

    async def decide() -> bool:
        job = await find_job(ticket.job_id, jobs)
        waiting = unanswered(job, now)
        if waiting is None or waiting.number != ticket.attempt:
            return False
        await jobs.replace(advance(job, event(job), now))
        return True

    try:
        return await decide_again(decide, "The job store")
    except JobNotFound:
        return False
