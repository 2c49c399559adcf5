"""What a housekeeper's round would do now, foreseen by the rules that it goes by: nothing is done."""

from collections.abc import Collection
from datetime import datetime

from msgspec import Struct

from domain.deeds import Deed, duty_of, duty_of_upload
from domain.housekeeping import BATCH, expired
from domain.policy import Policy
from ports.agenda import AssetAgenda, JobAgenda, UploadAgenda
from ports.assets import Asset
from ports.jobs import FINAL, Job, JobStatus
from ports.uploads import Upload


class Foreseen(Struct, frozen=True, kw_only=True):
    """A deed that is due since then. `job`, `asset` and `key` say what it would be done to; an upload has the id of its asset."""

    deed: Deed
    since: datetime
    job: str | None = None
    asset: str | None = None
    key: str | None = None


async def foresee(
    *, jobs: JobAgenda, assets: AssetAgenda, uploads: UploadAgenda, policy: Policy, now: datetime
) -> list[Foreseen]:
    """Return what a round would do, in its order: of each kind of due thing a batch."""
    silent, finished = [await _for_jobs(statuses, jobs, policy, now) for statuses in ([JobStatus.PROCESSING], FINAL)]
    owned = [each for asset in await assets.due(now, BATCH) for each in _for_asset(asset, now)]
    sent = [_for_upload(upload) for upload in await uploads.due(now, BATCH)]
    return [*silent, *finished, *owned, *sent]


async def _for_jobs(statuses: Collection[JobStatus], jobs: JobAgenda, policy: Policy, now: datetime) -> list[Foreseen]:
    due = [(duty_of(job, policy, now), job) for job in await jobs.due(statuses, now, BATCH)]
    return [_for_job(deed, job) for deed, job in due if deed is not None]


def _for_job(deed: Deed, job: Job) -> Foreseen:
    return Foreseen(deed=deed, since=job.due, job=str(job.id), asset=job.asset_id)


def _for_asset(asset: Asset, now: datetime) -> list[Foreseen]:
    if asset.deleted is not None:
        return [Foreseen(deed=Deed.DELETED, since=asset.due or asset.deleted, asset=asset.id)]
    return [Foreseen(deed=Deed.REMOVED, since=item.until, asset=asset.id, key=item.key) for item in expired(asset, now)]


def _for_upload(upload: Upload) -> Foreseen:
    return Foreseen(deed=duty_of_upload(upload), since=upload.due, asset=upload.id, key=upload.key)
