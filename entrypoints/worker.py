"""One ticket, from start to report: heartbeats beside the work, reports that are repeated, and being told to stop."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import stamina
import structlog
from msgspec import Struct

from domain.policy import HEARTBEAT
from domain.preparing import carry_out
from entrypoints.scratch import scratch_folder
from ports.audio import AudioEngine
from ports.errors import AttemptOver, OutOfSpace, Unavailable
from ports.work import Courier, Report, Reporter, ReportStatus, Ticket

REPORTED_FOR = 15 * 60.0
"""Seconds for which a report is repeated while the server can't take it."""

PROGRESS_EVERY = 1.0
"""Seconds between two heartbeats, at least, while there is progress to tell."""

LEASE_SHARE = 4
"""How many heartbeats fit into a lease: a few may be lost on the way."""

LAST_WORDS = 5.0
"""Seconds that a worker which was told to stop takes to give its job back."""

log = structlog.get_logger(__name__)


class PersistentReporter:
    """Repeats a report, with jitter, for as long as the server is out of reach: a quarter of an hour, then Unavailable."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter

    async def report(self, report: Report) -> None:
        """Deliver the report. Raise what the reporter raises, Unavailable and OutOfSpace only after all that time."""
        async for trial in stamina.retry_context(on=(Unavailable, OutOfSpace), attempts=None, timeout=REPORTED_FOR, wait_max=30):
            with trial:
                await self._reporter.report(report)


class Heart:
    """Sends a heartbeat when there is progress to tell, and every 15 seconds or four times in a lease in any case, to the end."""

    def __init__(self, ticket: Ticket, reporter: Reporter) -> None:
        self._ticket = ticket
        self._reporter = reporter
        self._news = asyncio.Event()
        self._progress: float | None = None
        self._message: str | None = None
        self._ending = False

    async def report(self, report: Report) -> None:
        """Deliver the last report of the attempt, however long that takes. Raise what the reporter raises."""
        self._ending = True
        await PersistentReporter(self._reporter).report(report)

    def progress(self, fraction: float, message: str) -> None:
        """Take note of how far the work is (0 to 1)."""
        self._progress, self._message = max(fraction, self._progress or 0.0), message
        self._news.set()

    async def beat(self) -> None:
        """Go on until cancelled. Raise AttemptOver when the server wants the attempt no more.

        Once the last report is on its way, that the attempt is over is no news, and nothing to stop for.
        """
        while True:
            try:
                await self._reporter.report(self._report())
            except AttemptOver:
                if not self._ending:
                    raise
            except (Unavailable, OutOfSpace):
                pass  # the next one may be heard
            await asyncio.sleep(PROGRESS_EVERY)
            with suppress(TimeoutError):
                async with asyncio.timeout(min(HEARTBEAT.total_seconds(), self._ticket.lease_seconds / LEASE_SHARE)):
                    await self._news.wait()
            self._news.clear()

    def _report(self) -> Report:
        return Report(
            job_id=self._ticket.job_id,
            attempt=self._ticket.attempt,
            status=ReportStatus.PROCESSING,
            progress=self._progress,
            message=self._message,
        )


class Workshop(Struct, frozen=True, kw_only=True):
    """What a worker works with."""

    engine: AudioEngine
    courier: Courier
    reporter: Reporter
    scratch: Path
    clock: Callable[[], datetime]


async def work(ticket: Ticket, workshop: Workshop) -> None:
    """Carry out a ticket to its last report. Whatever happens is reported, or leaves the attempt to its lease.

    When cancelled, the job is given back (`released`) before the cancellation goes on.
    """
    try:
        await _work(ticket, workshop)
    except asyncio.CancelledError:
        await _last_words(ticket, workshop, ReportStatus.RELEASED, "The worker was told to stop")
        raise


async def _work(ticket: Ticket, workshop: Workshop) -> None:
    try:
        await _with_heartbeats(ticket, workshop)
    except* AttemptOver:
        log.info("attempt over", job=str(ticket.job_id), attempt=ticket.attempt)
    except* Exception:
        log.exception("worker broke down", job=str(ticket.job_id), attempt=ticket.attempt)
        await _last_words(ticket, workshop, ReportStatus.FAILED, "The worker broke down")


async def _with_heartbeats(ticket: Ticket, workshop: Workshop) -> None:
    heart = Heart(ticket, workshop.reporter)
    async with asyncio.TaskGroup() as group:
        beating = group.create_task(heart.beat())
        async with scratch_folder(workshop.scratch) as folder:
            await carry_out(
                ticket,
                engine=workshop.engine,
                courier=workshop.courier,
                reporter=heart,
                folder=folder,
                budget=ticket.deadline - workshop.clock(),
                progress=heart.progress,
            )
        beating.cancel()


async def _last_words(ticket: Ticket, workshop: Workshop, status: ReportStatus, message: str) -> None:
    """Say how it ended, once: if that can't be said either, the lease will tell."""
    report = Report(job_id=ticket.job_id, attempt=ticket.attempt, status=status, message=message, error=message, retryable=True)
    with suppress(AttemptOver, Unavailable, OutOfSpace, TimeoutError):
        async with asyncio.timeout(LAST_WORDS):
            await workshop.reporter.report(report)
