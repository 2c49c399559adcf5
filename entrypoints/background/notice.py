"""What the user's app is told of a finished job."""

from datetime import datetime

import msgspec
from msgspec import Struct

from entrypoints.views import JobView, job_view
from ports.jobs import Job


class Notice(Struct, frozen=True, kw_only=True):
    """The body of a notice: `type` is `job.` and a status, `timestamp` when the job ended, `data` the job as the API shows it."""

    type: str
    timestamp: datetime
    data: JobView


def written(job: Job) -> str:
    """Return the notice of a finished job, JSON."""
    notice = Notice(type=f"job.{job.status}", timestamp=job.ended or job.due, data=job_view(job))
    return msgspec.json.encode(notice).decode()
