"""Notices that go nowhere, and are kept to be looked at."""

from datetime import datetime

from ports.jobs import Delivery, Job


class MemoryNotifier:
    """A Notifier to an app in memory. It answers with `status`, or with nothing at all while that is None."""

    def __init__(self, status: int | None = 200) -> None:
        self.status = status
        self.heard: list[Job] = []

    async def notify(self, job: Job, now: datetime) -> Delivery:
        """Keep what became of the job, and return what came of it."""
        if self.status is None:
            return Delivery(at=now, error="It could not be reached")
        self.heard.append(job)
        error = None if 200 <= self.status < 300 else f"It answered {self.status}"
        return Delivery(at=now, status=self.status, error=error)
