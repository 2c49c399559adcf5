"""The last report of an attempt: kept, repeated until it is heard, and said in a hurry where there is no time."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, suppress
from typing import TypeAlias

import stamina
import structlog

from entrypoints.jitter import between
from ports.errors import AttemptOver, OutOfSpace, OutputsRefused, ReportRefused, Unavailable
from ports.work import Report, Reporter, ReportStatus, Ticket

REPORTED_FOR = 15 * 60.0
"""Seconds for which a report is repeated while the server can't take it."""

LAST_WORDS = 5.0
"""Seconds that a worker which was told to stop takes to say how it ended."""

Keeping: TypeAlias = Callable[[Ticket, Report], AbstractAsyncContextManager[None]]
"""Holds on to a report while it is delivered, so that it outlives this process; forgets it once it was answered for good."""

log = structlog.get_logger(__name__)


class PersistentReporter:
    """Repeats a report, with jitter, for as long as the server is out of reach: a quarter of an hour, then Unavailable."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    async def report(self, report: Report) -> None:
        """Deliver the report. Raise what the reporter raises, Unavailable and OutOfSpace only after all that time."""
        async for trial in stamina.retry_context(on=_again, attempts=None, timeout=REPORTED_FOR, wait_max=30):
            with trial, _said_once(trial.num):
                await self._reporter.report(report)


class LastReport:
    """Keeps `ports.work.Reporter` for the reports that end an attempt.

    `said` is the one on its way, or answered: whatever happens then, nothing else is said. One that was refused for its outputs
    is not, for another will follow it.
    """

    def __init__(self, ticket: Ticket, reporter: Reporter, keeping: Keeping) -> None:
        self._ticket = ticket
        self._reporter = PersistentReporter(reporter)
        self._keeping = keeping
        self._answered = False
        self.said: Report | None = None

    async def report(self, report: Report) -> None:
        """Deliver the report, however long that takes. Raise what the reporter raises."""
        self.said = report
        try:
            async with self._keeping(self._ticket, report):
                await self._reporter.report(report)
        except OutputsRefused:
            self.said = None
            raise
        except (AttemptOver, ReportRefused):
            self._answered = True
            raise
        self._answered = True
        log.info("attempt reported", status=str(report.status))

    async def hurried(self, status: ReportStatus, message: str) -> None:
        """Say how it ended, in a few seconds; or what was being said already. If it is not heard, the lease will tell."""
        if self._answered:
            return
        number = self._ticket.attempt
        ended = Report(job_id=self._ticket.job_id, attempt=number, status=status, message=message, error=message, retryable=True)
        with suppress(AttemptOver, OutputsRefused, ReportRefused, Unavailable, OutOfSpace, TimeoutError):
            async with asyncio.timeout(LAST_WORDS):
                await self.report(self.said or ended)


@contextmanager
def _said_once(number: int) -> Iterator[None]:
    """Log why the first try was not heard: those that follow are no news."""
    try:
        yield
    except (Unavailable, OutOfSpace) as away:
        if number == 1:
            log.warning("waiting for the server", why=str(away))
        raise


def _again(error: Exception) -> bool | float:
    """Say whether to repeat; after how many seconds, where the server has said so."""
    if isinstance(error, Unavailable) and error.retry_after:
        return error.retry_after * between(1, 1.25)
    return isinstance(error, Unavailable | OutOfSpace)
