"""The life of a job: its events, the table of its steps, and `advance`, which alone makes a job's next version."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, TypeAlias
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import IllegalTransition
from ports.assets import Rendition
from ports.jobs import FINAL, Attempt, Delivery, Job, JobKind, JobStatus, Outcome

HEALED_AFTER = timedelta(seconds=30)
"""How long a finished job whose asset does not show its outputs is left to the process that finished it."""

DELIVERIES_KEPT = 20

UNTICKETED = "webhook"
"""The worker's name on an attempt that nobody was handed: all that is known of it is its report."""


class Started(Struct, frozen=True, kw_only=True):
    """A worker has the job: it may be silent until `lease`, each heartbeat gives it `renewal` more, none beyond `deadline`.

    One that was handed no ticket starts by its first heartbeat, which may carry progress and a message. One whose ticket is
    `sent` has no worker before somebody answers.
    """

    worker: str
    lease: datetime
    renewal: timedelta
    deadline: datetime
    progress: float | None = None
    message: str | None = None
    sent: bool = False


class Unanswered(Struct, frozen=True, kw_only=True):
    """The ticket was sent, and nobody knows who has it: the same one is sent again at `due`."""

    due: datetime
    message: str


class Accepted(Struct, frozen=True, kw_only=True):
    """The endpoint that the ticket was sent to has it: it may be silent until the deadline, or until its first heartbeat."""


class Progressed(Struct, frozen=True, kw_only=True):
    """The worker is alive. `progress` is 0 to 1, None where it does not say."""

    progress: float | None = None
    message: str | None = None


class Completed(Struct, frozen=True, kw_only=True):
    """The work is done, and what the job owes was seen in storage. One that owes nothing is looked at again at `due`."""

    due: datetime
    result: dict[str, Any] | None = None
    prepared: Rendition | None = None
    original_peaks: str | None = None


class Failed(Struct, frozen=True, kw_only=True):
    """The work can't be done, or has been tried often enough. `outcome` is that of the last attempt."""

    due: datetime
    code: str
    message: str
    outcome: Outcome = Outcome.FAILED
    result: dict[str, Any] | None = None


class Requeued(Struct, frozen=True, kw_only=True):
    """The attempt ended without deciding the job: another may start at `due`."""

    due: datetime
    outcome: Outcome
    message: str
    code: str | None = None


class Cancelled(Struct, frozen=True, kw_only=True):
    """A person wants the job no more."""

    due: datetime


class Settled(Struct, frozen=True, kw_only=True):
    """The asset shows what the finished job made, or never will."""

    due: datetime


class Delivered(Struct, frozen=True, kw_only=True):
    """Somebody tried to tell the user's app that the job has ended: it was told, unless the delivery says why not."""

    delivery: Delivery
    due: datetime


class Postponed(Struct, frozen=True, kw_only=True):
    """Nothing is done for the finished job before `due`."""

    due: datetime


Event: TypeAlias = (
    Started | Unanswered | Accepted | Progressed | Completed | Failed | Requeued | Cancelled | Settled | Delivered | Postponed
)

NEXT: Mapping[tuple[JobStatus, type[Event]], JobStatus] = {
    (JobStatus.QUEUED, Started): JobStatus.PROCESSING,
    (JobStatus.QUEUED, Completed): JobStatus.COMPLETE,
    (JobStatus.QUEUED, Failed): JobStatus.FAILED,
    (JobStatus.QUEUED, Requeued): JobStatus.QUEUED,
    (JobStatus.QUEUED, Cancelled): JobStatus.CANCELLED,
    (JobStatus.PROCESSING, Unanswered): JobStatus.PROCESSING,
    (JobStatus.PROCESSING, Accepted): JobStatus.PROCESSING,
    (JobStatus.PROCESSING, Progressed): JobStatus.PROCESSING,
    (JobStatus.PROCESSING, Completed): JobStatus.COMPLETE,
    (JobStatus.PROCESSING, Failed): JobStatus.FAILED,
    (JobStatus.PROCESSING, Requeued): JobStatus.QUEUED,
    (JobStatus.PROCESSING, Cancelled): JobStatus.CANCELLED,
    (JobStatus.COMPLETE, Settled): JobStatus.COMPLETE,
    (JobStatus.COMPLETE, Delivered): JobStatus.COMPLETE,
    (JobStatus.COMPLETE, Postponed): JobStatus.COMPLETE,
    (JobStatus.FAILED, Delivered): JobStatus.FAILED,
    (JobStatus.FAILED, Postponed): JobStatus.FAILED,
    (JobStatus.CANCELLED, Delivered): JobStatus.CANCELLED,
    (JobStatus.CANCELLED, Postponed): JobStatus.CANCELLED,
}


def advance(job: Job, event: Event, now: datetime) -> Job:
    """Return the next version of `job`, after `event`. Raise IllegalTransition if the table has no such step."""
    status = NEXT.get((job.status, type(event)))
    if status is None:
        raise IllegalTransition(job.status, type(event).__name__)
    changed = _CHANGES[type(event)](job, event, now)
    return replace(changed, status=status, version=job.version + 1)


def newest(job: Job) -> Attempt | None:
    """Return the attempt that was started last, None if none ever was."""
    return job.attempts[-1] if job.attempts else None


def tries(job: Job) -> int:
    """Count the attempts that were not given back: at least the one that just failed, which may never have been started."""
    return max(1, sum(attempt.outcome is not Outcome.RELEASED for attempt in job.attempts))


def attempts_left(job: Job) -> bool:
    """Say whether the job may be tried again after an attempt that failed."""
    return tries(job) < job.max_attempts


def given_back(job: Job) -> int:
    """Return how many attempts were given back since the last one that was really made."""
    outcomes = [attempt.outcome for attempt in reversed(job.attempts) if attempt.ended is not None]
    return len(list(takewhile(lambda outcome: outcome is Outcome.RELEASED, outcomes)))


def successor(job: Job, new_id: UUID, now: datetime) -> Job:
    """Return a new job that tries again what `job` did not do. Raise IllegalTransition unless it failed or was cancelled."""
    if job.status not in FINAL - {JobStatus.COMPLETE}:
        raise IllegalTransition(job.status, "Retried")
    return Job(
        id=new_id,
        kind=job.kind,
        created=now,
        due=now,
        asset_id=job.asset_id,
        recipe=job.recipe,
        params=job.params,
        retry_of=job.id,
        max_attempts=job.max_attempts,
    )


def _start(job: Job, event: Started, now: datetime) -> Job:
    before = newest(job)
    attempt = Attempt(
        number=before.number + 1 if before else 1,
        worker=event.worker,
        started=now,
        lease=event.lease,
        renewal=event.renewal.total_seconds(),
        deadline=event.deadline,
        progress=event.progress,
        message=event.message,
        unanswered=0 if event.sent else None,
    )
    return replace(job, attempts=(*job.attempts, attempt), due=event.lease)


def _miss(job: Job, event: Unanswered, _: datetime) -> Job:
    """Wait for the next time that the ticket is sent, or for the deadline. An attempt that has a worker goes on as it is."""
    attempt = job.attempts[-1]
    if attempt.unanswered is None:
        return job
    due = min(event.due, attempt.deadline)
    changed = replace(attempt, lease=due, message=event.message, unanswered=attempt.unanswered + 1)
    return replace(job, attempts=(*job.attempts[:-1], changed), due=due)


def _accept(job: Job, _: Accepted, __: datetime) -> Job:
    """Let it be silent to the deadline, unless it was heard of before the answer: then it goes on as it is."""
    attempt = job.attempts[-1]
    if attempt.unanswered is None:
        return job
    changed = replace(_heard_of(attempt), lease=attempt.deadline)
    return replace(job, attempts=(*job.attempts[:-1], changed), due=attempt.deadline)


def _progress(job: Job, event: Progressed, now: datetime) -> Job:
    """Renew the lease, from now on. Within an attempt progress never falls."""
    attempt = _heard_of(job.attempts[-1])
    lease = min(now + timedelta(seconds=attempt.renewal), attempt.deadline)
    known = [progress for progress in (attempt.progress, event.progress) if progress is not None]
    changed = replace(attempt, lease=lease, progress=max(known, default=None), message=event.message or attempt.message)
    return replace(job, attempts=(*job.attempts[:-1], changed), due=lease)


def _complete(job: Job, event: Completed, now: datetime) -> Job:
    owes = job.kind is JobKind.PREPARE
    return replace(
        _ended(job, now, Outcome.COMPLETE),
        ended=now,
        due=now + HEALED_AFTER if owes else event.due,
        result=event.result,
        prepared=event.prepared,
        original_peaks=event.original_peaks,
        settled=not owes,
    )


def _fail(job: Job, event: Failed, now: datetime) -> Job:
    ended = _ended(job, now, event.outcome, event.message, event.code)
    return replace(ended, ended=now, due=event.due, error=event.message, code=event.code, result=event.result, settled=True)


def _requeue(job: Job, event: Requeued, now: datetime) -> Job:
    return replace(_ended(job, now, event.outcome, event.message, event.code), due=event.due)


def _cancel(job: Job, event: Cancelled, now: datetime) -> Job:
    live = job.status is JobStatus.PROCESSING
    return replace(_ended(job, now, Outcome.CANCELLED) if live else job, ended=now, due=event.due, settled=True)


def _settle(job: Job, event: Settled, _: datetime) -> Job:
    return replace(job, due=event.due, settled=True)


def _deliver(job: Job, event: Delivered, _: datetime) -> Job:
    """Keep the last tries only: an app that is out of reach for weeks does not make the job grow."""
    deliveries = (*job.deliveries, event.delivery)[-DELIVERIES_KEPT:]
    return replace(job, due=event.due, deliveries=deliveries, told=job.told or event.delivery.error is None)


def _postpone(job: Job, event: Postponed, _: datetime) -> Job:
    return replace(job, due=event.due)


def _ended(job: Job, now: datetime, outcome: Outcome, message: str | None = None, code: str | None = None) -> Job:
    """Close the newest attempt; where none was ever started, write down the one that the report speaks of."""
    last = _heard_of(newest(job) or Attempt(number=1, worker=UNTICKETED, started=now, lease=now, renewal=0, deadline=now))
    progress = 1.0 if outcome is Outcome.COMPLETE else last.progress
    said = message or (last.message if last.ended is None else None)
    closed = replace(last, ended=now, outcome=outcome, message=said, code=code, progress=progress)
    return replace(job, attempts=(*job.attempts[:-1], closed))


def _heard_of(attempt: Attempt) -> Attempt:
    """Return the attempt as one that waits for no answer any more: what was said of waiting is over too."""
    return attempt if attempt.unanswered is None else replace(attempt, unanswered=None, message=None)


_CHANGES: Mapping[type[Event], Callable[[Job, Any, datetime], Job]] = {
    Started: _start,
    Unanswered: _miss,
    Accepted: _accept,
    Progressed: _progress,
    Completed: _complete,
    Failed: _fail,
    Requeued: _requeue,
    Cancelled: _cancel,
    Settled: _settle,
    Delivered: _deliver,
    Postponed: _postpone,
}
