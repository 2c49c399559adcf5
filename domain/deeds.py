"""What a housekeeper does: one word for each kind of deed, to be counted by, and the rule that says which is due for a job."""

from collections import Counter
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from domain.notifying import purged_at
from domain.policy import Policy
from ports.jobs import Attempt, Job, JobStatus
from ports.uploads import Upload, UploadState


class Deed(StrEnum):
    """A kind of deed, as people read it in a count."""

    LOST = "attempts lost"
    TAKEN_BACK = "unanswered tickets taken back"
    SETTLED = "jobs settled"
    TOLD = "jobs told of"
    NOT_TOLD = "jobs not told of yet"
    PUT_OFF = "jobs put off"
    PURGED = "jobs purged"
    DELETED = "deleted assets swept"
    REMOVED = "retired objects removed"
    COMPLETED = "uploads completed"
    ABANDONED = "abandoned uploads swept"
    FORGOTTEN = "complete uploads forgotten"
    SWEPT = "abandoned files removed"


Tally: TypeAlias = Counter[Deed]
"""How often each was done."""


def duty_of(job: Job, policy: Policy, now: datetime) -> Deed | None:
    """Return what is to be done for a job that is due, None for nothing: it is queued, or its worker was heard of meanwhile."""
    match job.status:
        case JobStatus.QUEUED:
            return None
        case JobStatus.PROCESSING:
            return _duty_of_silent(job.attempts[-1], now)
        case _:
            return _duty_of_finished(job, policy, now)


def _duty_of_silent(attempt: Attempt, now: datetime) -> Deed | None:
    """Before its deadline an unanswered ticket is nothing to a housekeeper: who sends tickets sends it again."""
    if attempt.unanswered is None:
        return Deed.LOST if attempt.lease <= now else None
    return Deed.TAKEN_BACK if attempt.deadline <= now else None


def _duty_of_finished(job: Job, policy: Policy, now: datetime) -> Deed:
    if not job.settled:
        return Deed.SETTLED
    if now >= purged_at(job, policy):
        return Deed.PURGED
    return Deed.TOLD if policy.notifies and not job.told else Deed.PUT_OFF


def duty_of_upload(upload: Upload) -> Deed:
    """Return what is to be done for a direct upload that is due."""
    if upload.state is not UploadState.COMPLETE:
        return Deed.ABANDONED
    return Deed.FORGOTTEN if upload.settled else Deed.COMPLETED
