"""Whose report counts: what a report means to the job as it stands."""

from collections.abc import Mapping
from enum import Enum

from domain.attempts import newest
from domain.errors import StaleReport
from ports.jobs import Job, JobStatus
from ports.work import Report, ReportStatus


class Standing(Enum):
    """What a report does: it counts; it is answered well but changes nothing; or it is refused, and why."""

    COUNTS = "counts"
    CHANGES_NOTHING = "changes nothing"
    ENDED = "The attempt has ended"
    CONFLICTS = "The job has ended another way"
    CANCELLED = "The job was cancelled"


NEVER_STARTED: Mapping[ReportStatus, Standing] = {
    ReportStatus.PROCESSING: Standing.COUNTS,
    ReportStatus.COMPLETE: Standing.COUNTS,
    ReportStatus.FAILED: Standing.COUNTS,
    ReportStatus.RELEASED: Standing.CHANGES_NOTHING,
}
"""A job in the queue that nobody was handed: the plain worker, which knows only its id, may speak of it."""

REQUEUED: Mapping[ReportStatus, Standing] = {
    ReportStatus.PROCESSING: Standing.ENDED,
    ReportStatus.COMPLETE: Standing.COUNTS,
    ReportStatus.FAILED: Standing.CHANGES_NOTHING,
    ReportStatus.RELEASED: Standing.CHANGES_NOTHING,
}
"""A job back in the queue: work that was done after all is taken, a late failure leaves the coming retry alone."""

UNDER_WAY: Mapping[ReportStatus, Standing] = dict.fromkeys(ReportStatus, Standing.COUNTS)

COMPLETE: Mapping[ReportStatus, Standing] = {
    ReportStatus.PROCESSING: Standing.ENDED,
    ReportStatus.COMPLETE: Standing.CHANGES_NOTHING,
    ReportStatus.FAILED: Standing.CONFLICTS,
    ReportStatus.RELEASED: Standing.CONFLICTS,
}

FAILED: Mapping[ReportStatus, Standing] = {
    ReportStatus.PROCESSING: Standing.ENDED,
    ReportStatus.COMPLETE: Standing.CONFLICTS,
    ReportStatus.FAILED: Standing.CHANGES_NOTHING,
    ReportStatus.RELEASED: Standing.CONFLICTS,
}

CANCELLED: Mapping[ReportStatus, Standing] = dict.fromkeys(ReportStatus, Standing.CANCELLED)


def changes(job: Job, report: Report) -> bool:
    """Say whether the report changes the job: False for one that is answered well but adds nothing.

    Raise StaleReport if it speaks of another attempt than the newest, or comes after the end, or against the outcome.
    """
    _refuse_another_attempt(job, report)
    standing = _table(job)[report.status]
    if standing in {Standing.COUNTS, Standing.CHANGES_NOTHING}:
        return standing is Standing.COUNTS
    raise StaleReport(standing.value, job)


def falls_back(job: Job, report: Report) -> bool:
    """Tell a heartbeat with less progress than is known: one that was overtaken, or a worker in its second pass.

    It is a sign of life all the same, but its progress does not count.
    """
    last = newest(job)
    known = last.progress if last else None
    told = report.progress if report.status is ReportStatus.PROCESSING else None
    return told is not None and known is not None and told < known


def _refuse_another_attempt(job: Job, report: Report) -> None:
    """Refuse one of an older or unknown attempt; one that names none means the first, while no second was ever issued."""
    last = newest(job)
    issued = last.number if last else 0
    if report.attempt is None and issued > 1:
        raise StaleReport("Several attempts were issued: the report must name its own", job)
    if report.attempt is not None and report.attempt != issued:
        raise StaleReport("The report is of another attempt than the newest", job)


def _table(job: Job) -> Mapping[ReportStatus, Standing]:
    match job.status:
        case JobStatus.QUEUED:
            return REQUEUED if job.attempts else NEVER_STARTED
        case JobStatus.PROCESSING:
            return UNDER_WAY
        case JobStatus.COMPLETE:
            return COMPLETE
        case JobStatus.FAILED:
            return FAILED
        case JobStatus.CANCELLED:
            return CANCELLED
