"""One ticket, from start to report: heartbeats beside the work, and every way in which it can be stopped."""

import asyncio
import errno
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from msgspec import Struct

from domain.preparing import Trouble, carry_out, given_back
from domain.tracing import trace_of
from entrypoints.scratch import scratch_folder
from entrypoints.work.health import Health
from entrypoints.work.heart import Heart
from entrypoints.work.reporting import Keeping, LastReport
from ports.audio import AudioEngine
from ports.errors import AttemptOver, OutOfSpace, ReportRefused, Unavailable
from ports.work import Courier, Report, Reporter, ReportStatus, Ticket

STOPPED = "The worker was told to stop"
BROKE_DOWN = "The worker broke down"
TOO_LONG = "The attempt took longer than it may"
SCRATCH = "The disk that audio is prepared on"
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

log = structlog.get_logger(__name__)


def keep_nothing(_: Ticket, __: Report) -> AbstractAsyncContextManager[None]:
    """Keep no report: what is beside its store need not."""
    return nullcontext()


class Workshop(Struct, frozen=True, kw_only=True):
    """What a worker works with. `keeping` holds on to a report that is on its way; `health` hears how attempts end."""

    engine: AudioEngine
    courier: Courier
    reporter: Reporter
    scratch: Path
    clock: Callable[[], datetime]
    health: Health
    keeping: Keeping = keep_nothing


async def work(ticket: Ticket, workshop: Workshop) -> None:
    """Carry out a ticket to its last report. Whatever happens is reported, or leaves the attempt to its lease.

    When cancelled, the job is given back (`released`) before the cancellation goes on; unless its last report is on its way
    already, which is repeated once more.
    """
    trace = trace_of(ticket.traceparent) if ticket.traceparent else None
    with structlog.contextvars.bound_contextvars(job=str(ticket.job_id), attempt=ticket.attempt, trace=trace):
        log.info("attempt started", kind=str(ticket.kind))
        last = LastReport(ticket, workshop.reporter, workshop.keeping)
        try:
            await _work(ticket, workshop, last)
        except asyncio.CancelledError:
            await last.hurried(ReportStatus.RELEASED, STOPPED)
            raise


async def _work(ticket: Ticket, workshop: Workshop, last: LastReport) -> None:
    trouble = None
    try:
        await _with_heartbeats(ticket, workshop, last)
    except* AttemptOver:
        log.info("attempt over")
    except* ReportRefused as refused:
        log.warning("report refused", why=str(refused.exceptions[0]))
    except* (Unavailable, OutOfSpace) as unheard:
        log.warning("report not heard", why=str(unheard.exceptions[0]))
    except* TimeoutError:
        trouble = TOO_LONG
        log.warning("attempt stopped", why=trouble)
    except* Exception:
        trouble = BROKE_DOWN
        workshop.health.ail(trouble)
        log.exception("worker broke down")
    if trouble is not None:
        await last.hurried(ReportStatus.FAILED, trouble)


async def _with_heartbeats(ticket: Ticket, workshop: Workshop, last: LastReport) -> None:
    heart = Heart(ticket, workshop.reporter, lambda: last.said is not None)
    budget = ticket.deadline - workshop.clock()
    async with asyncio.TaskGroup() as group:
        beating = group.create_task(heart.beat())
        async with _to_the_deadline(budget.total_seconds(), last) as reporter:
            ailment = await _with_room(ticket, workshop, reporter, heart, budget)
        workshop.health.ended(ailment)
        beating.cancel()


async def _with_room(ticket: Ticket, workshop: Workshop, reporter: Reporter, heart: Heart, budget: timedelta) -> Trouble | None:
    """Carry out the ticket in a folder of its own. Whoever finds the disk full: it costs the job no attempt."""
    try:
        async with scratch_folder(workshop.scratch) as folder:
            return await carry_out(
                ticket,
                engine=workshop.engine,
                courier=workshop.courier,
                reporter=reporter,
                folder=folder,
                budget=budget,
                progress=heart.progress,
            )
    except OSError as error:
        if error.errno not in FULL:
            raise
    full = OutOfSpace(SCRATCH)
    await reporter.report(given_back(ticket, full))
    return full


@asynccontextmanager
async def _to_the_deadline(seconds: float, last: LastReport) -> AsyncIterator[Reporter]:
    """Stop what is done in so many seconds, with TimeoutError; but not its reporting, which has all the time it needs."""
    async with asyncio.timeout(seconds) as limit:
        yield _Unhurried(limit, last)


class _Unhurried(Struct, frozen=True):
    """Keeps `ports.work.Reporter`: the limit holds for the work, not for what is said of it."""

    limit: asyncio.Timeout
    last: LastReport

    async def report(self, report: Report) -> None:
        self.limit.reschedule(None)
        await self.last.report(report)
