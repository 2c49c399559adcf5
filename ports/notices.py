"""Telling the user's app what became of a job."""

from datetime import datetime
from typing import Protocol

from ports.jobs import Delivery, Job


class Notifier(Protocol):
    """Tells the user's app of finished jobs."""

    async def notify(self, job: Job, now: datetime) -> Delivery:
        """Tell what became of the job, and return what came of telling: whatever the other side does is no error here.

        The app was told if it answered with a status of 200 to 299 within ten seconds; all else has its `error`. Told again, it
        is the same notice (its id is the job's), so that a receiver can tell a repetition.
        """
        ...
