"""A person steers a job: it is cancelled, or tried once more."""

from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from domain.deciding import decide_again
from domain.events import Cancelled
from domain.jobs import advance, successor
from domain.library import find_job
from domain.notifying import due_once_ended
from domain.ordering import demand_asset, keep_job
from domain.policy import Policy
from ports.assets import AssetStore
from ports.jobs import Job, JobStatus, JobStore


async def cancel_job(job_id: UUID, *, jobs: JobStore, policy: Policy, now: datetime) -> Job:
    """Return the job, cancelled: its worker, if it has one, learns it from the answer to its next report.

    One that is cancelled already stays as it is. Raise JobNotFound, or IllegalTransition if it ended otherwise.
    """

    async def decide() -> Job:
        job = await find_job(job_id, jobs)
        if job.status is JobStatus.CANCELLED:
            return job
        cancelled = advance(job, Cancelled(due=due_once_ended(policy, now)), now)
        await jobs.replace(cancelled)
        return cancelled

    return await decide_again(decide, "The job store")


async def retry_job(
    job_id: UUID, *, new_id: UUID, jobs: JobStore, assets: AssetStore, now: datetime, traceparent: str | None = None
) -> Job:
    """Queue a new job that tries again what a failed or cancelled one did not do, and return it.

    Raise JobNotFound, IllegalTransition for a job that is live or complete, AssetNotFound or NothingToPrepare if what it is about
    is gone, KeyReused if `new_id` is another order's.
    """
    job = await find_job(job_id, jobs)
    again = replace(successor(job, new_id, now), traceparent=traceparent)
    await demand_asset(again.kind, again.asset_id, assets)
    return await keep_job(again, jobs)
