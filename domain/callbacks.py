"""A report is judged and applied: the webhook's use case."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from domain.attempts import attempts_left, given_back, tries
from domain.backoff import backoff
from domain.deciding import decide_again
from domain.errors import NotTheHolder
from domain.events import Completed, Event, Failed, Progressed, Requeued, Started
from domain.finishing import settle
from domain.jobs import UNTICKETED, advance
from domain.library import asset_of, find_job
from domain.notifying import due_once_ended
from domain.outputs import Outputs, find_outputs
from domain.policy import Policy
from domain.results import reported_code, reported_duration, reported_figures
from domain.standing import changes, falls_back
from ports.assets import AssetStore, Variant
from ports.jobs import Job, JobKind, JobStatus, JobStore, Outcome
from ports.storage import Storage
from ports.work import Report, ReportStatus

NO_REASON = "The worker reported a failure without saying why"
LONGEST_MESSAGE = 4_000
"""Characters."""

RELEASED = "The worker gave the job back"


def named_by(holder: tuple[UUID, int], report: Report) -> Report:
    """Return the report with the attempt that its ticket's token names. Raise NotTheHolder if it speaks of another."""
    job_id, attempt = holder
    if report.job_id != job_id or report.attempt not in {None, attempt}:
        raise NotTheHolder
    return replace(report, attempt=attempt)


async def apply_report(
    report: Report, *, jobs: JobStore, assets: AssetStore, storage: Storage, policy: Policy, now: datetime, chance: float
) -> bool:
    """Apply what a worker says of its attempt, durably. Return False if it is well but tells nothing new.

    `chance` (0 to 1) jitters the back-off. Raise JobNotFound; StaleReport if the report does not count; OutputsMissing if it says
    `complete` and what the job owes is not in storage: then the job stays as it was.
    """

    async def decide() -> tuple[Job, bool]:
        job = await find_job(report.job_id, jobs)
        if not changes(job, report):
            return job, False
        outputs = await _owed(job, report, assets, storage, policy)
        event = _event(job, report, outputs, policy=policy, now=now, chance=chance)
        changed = advance(job, event, now)
        await jobs.replace(changed)
        return changed, not falls_back(job, report)

    job, applied = await decide_again(decide, "The job store")
    if job.status is JobStatus.COMPLETE:
        await settle(job, jobs, assets, policy, now)
    return applied


async def _owed(job: Job, report: Report, assets: AssetStore, storage: Storage, policy: Policy) -> Outputs | None:
    """Return what a `complete` job left in storage, None where the report or the job owes nothing."""
    if report.status is not ReportStatus.COMPLETE or job.kind is not JobKind.PREPARE:
        return None
    original = await _original_key(job, assets)
    named = report.attempt is not None
    return await find_outputs(job, original, named=named, largest=policy.limits.output_bytes, storage=storage)


def _event(job: Job, report: Report, outputs: Outputs | None, *, policy: Policy, now: datetime, chance: float) -> Event:
    match report.status:
        case ReportStatus.PROCESSING:
            return _sign_of_life(job, report, policy, now)
        case ReportStatus.COMPLETE:
            return _completion(report, outputs, policy, now)
        case ReportStatus.FAILED:
            return _failure(job, report, policy, now, chance)
        case ReportStatus.RELEASED:
            return _release(job, report, now, chance)


def _release(job: Job, report: Report, now: datetime, chance: float) -> Event:
    """Give the job to the next worker at once; one that is given back again and again waits longer each time."""
    before = given_back(job)
    due = now + backoff(before, chance) if before else now
    return Requeued(due=due, outcome=Outcome.RELEASED, message=_brief(report.message) or RELEASED)


def _sign_of_life(job: Job, report: Report, policy: Policy, now: datetime) -> Event:
    """Turn a heartbeat into an event: on a queued job it starts the first attempt, for a worker that was handed no ticket."""
    if falls_back(job, report):
        return Progressed()
    if job.status is JobStatus.PROCESSING:
        return Progressed(progress=report.progress, message=_brief(report.message))
    deadline = now + policy.deadline
    return Started(
        worker=UNTICKETED,
        lease=deadline,
        renewal=policy.deadline,
        deadline=deadline,
        progress=report.progress,
        message=_brief(report.message),
    )


def _completion(report: Report, outputs: Outputs | None, policy: Policy, now: datetime) -> Completed:
    due = due_once_ended(policy, now)
    if outputs is None:
        return Completed(due=due, result=report.result)
    longest = policy.limits.duration
    measured = reported_duration(report.result, "after", longest) or outputs.prepared.duration
    prepared = replace(outputs.prepared, duration=measured, figures=reported_figures(report.result, longest))
    return Completed(due=due, result=report.result, prepared=prepared, original_peaks=outputs.original_peaks)


async def _original_key(job: Job, assets: AssetStore) -> str | None:
    """Return the key of what the job prepares, None if it is gone."""
    asset = await asset_of(job, assets)
    original = asset.renditions.get(Variant.ORIGINAL) if asset else None
    return original.key if original else None


def _failure(job: Job, report: Report, policy: Policy, now: datetime, chance: float) -> Event:
    message = _brief(report.error) or NO_REASON
    code = reported_code(report.result)
    if report.retryable and attempts_left(job):
        due = now + backoff(tries(job), chance)
        return Requeued(due=due, outcome=Outcome.FAILED, message=message, code=code)
    return Failed(due=due_once_ended(policy, now), code=code, message=message, result=report.result)


def _brief(message: str | None) -> str | None:
    """Return what an attempt's history keeps of a message: a job that is tried often stays small."""
    return message[:LONGEST_MESSAGE] if message else message
