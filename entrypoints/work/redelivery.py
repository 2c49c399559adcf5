"""Kept reports are delivered: those of workers that died, or that gave up."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from entrypoints.jitter import between
from entrypoints.work.kept import Held, KeptReport, ReportFolder
from ports.errors import AttemptOver, OutOfSpace, OutputsRefused, ReportRefused, Unavailable
from ports.work import Reporter

LOOK_EVERY = 15.0
"""Seconds between two looks, on average."""

WANTED_FOR = timedelta(days=1)
"""How long after its attempt's deadline a report may still tell the server anything."""

log = structlog.get_logger(__name__)


async def deliver_kept_forever(
    folder: ReportFolder, reporter: Callable[[KeptReport], Reporter], clock: Callable[[], datetime]
) -> None:
    """Deliver what is kept, at once and then again and again."""
    while True:
        await deliver_kept(folder, reporter, clock)
        await asyncio.sleep(LOOK_EVERY * between(0.5, 1.5))


async def deliver_kept(folder: ReportFolder, reporter: Callable[[KeptReport], Reporter], clock: Callable[[], datetime]) -> None:
    """Deliver every kept report that nobody else is delivering, once. One that fails holds up no other."""
    for path in folder.waiting():
        try:
            with folder.taken(path) as (held, kept):
                if kept is None:
                    _drop(held)
                else:
                    await _deliver(held, kept, reporter(kept), clock())
        except (BlockingIOError, FileNotFoundError):
            continue
        except Exception:
            log.exception("kept report not delivered", file=path.name)


async def _deliver(held: Held, kept: KeptReport, reporter: Reporter, now: datetime) -> None:
    told = log.bind(job=str(kept.report.job_id), attempt=kept.report.attempt, status=str(kept.report.status))
    if now > kept.deadline + WANTED_FOR:
        told.warning("kept report dropped", why="it is too old to be of use")
        return held.forget()
    try:
        await reporter.report(kept.report)
    except (Unavailable, OutOfSpace):
        return None  # it stays for the next look
    except (AttemptOver, OutputsRefused, ReportRefused) as answer:
        told.warning("kept report dropped", why=str(answer) or "the attempt is over")
    else:
        told.info("kept report delivered")
    return held.forget()


def _drop(held: Held) -> None:
    log.warning("kept report dropped", file=held.path.name, why="it can't be read")
    held.forget()
