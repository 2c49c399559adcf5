"""The life of a job: the table of its steps, and `advance`, which alone makes a job's next version."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from domain.attempts import newest
from domain.errors import IllegalTransition
from domain.events import (
    Accepted,
    Cancelled,
    Completed,
    Delivered,
    Event,
    Failed,
    Postponed,
    Progressed,
    Requeued,
    Settled,
    Started,
    Unanswered,
)
from ports.jobs import FINAL, Attempt, Job, JobKind, JobStatus, Outcome

HEALED_AFTER = timedelta(seconds=30)
"""How long a finished job whose asset does not show its outputs is left to the process that finished it."""

DELIVERIES_KEPT = 20

UNTICKETED = "webhook"
"""The worker's name on an attempt that nobody was handed: all that is known of it is its report."""


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
