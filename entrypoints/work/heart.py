"""Heartbeats: the signs of life that keep an attempt its lease."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import structlog

from domain.policy import HEARTBEAT
from ports.errors import AttemptOver, OutOfSpace, ReportRefused, Unavailable
from ports.work import Report, Reporter, ReportStatus, Ticket

PROGRESS_EVERY = 1.0
"""Seconds between two heartbeats, at least, while there is progress to tell."""

LEASE_SHARE = 4
"""How many heartbeats fit into a lease: a few may be lost on the way."""

log = structlog.get_logger(__name__)


class Heart:
    """Sends a heartbeat when there is progress to tell, and every 15 seconds or four times in a lease in any case, to the end.

    `ending` says whether the last report of the attempt is on its way.
    """

    def __init__(self, ticket: Ticket, reporter: Reporter, ending: Callable[[], bool]) -> None:
        self._ticket = ticket
        self._reporter = reporter
        self._ending = ending
        self._news = asyncio.Event()
        self._progress: float | None = None
        self._message: str | None = None

    def progress(self, fraction: float, message: str) -> None:
        """Take note of how far the work is (0 to 1)."""
        self._progress, self._message = max(fraction, self._progress or 0.0), message
        self._news.set()

    async def beat(self) -> None:
        """Go on until cancelled. Raise AttemptOver when the server wants the attempt no more.

        Once the last report is on its way, that the attempt is over is no news, and nothing to stop for.
        """
        pause = min(HEARTBEAT.total_seconds(), self._ticket.lease_seconds / LEASE_SHARE)
        while True:
            await self._say()
            await asyncio.sleep(min(PROGRESS_EVERY, pause))
            with suppress(TimeoutError):
                async with asyncio.timeout(max(pause - PROGRESS_EVERY, 0)):
                    await self._news.wait()
            self._news.clear()

    async def _say(self) -> None:
        try:
            await self._reporter.report(self._report())
        except AttemptOver:
            if not self._ending():
                raise
        except (Unavailable, OutOfSpace):
            pass  # the next one may be heard
        except ReportRefused as refused:
            log.warning("heartbeat refused", why=refused.sentence)

    def _report(self) -> Report:
        return Report(
            job_id=self._ticket.job_id,
            attempt=self._ticket.attempt,
            status=ReportStatus.PROCESSING,
            progress=self._progress,
            message=self._message,
        )
