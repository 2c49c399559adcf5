"""Running a worker elsewhere, until it is told to stop."""

import asyncio
import signal
from collections.abc import Collection
from contextlib import suppress
from urllib.parse import urlsplit

import structlog

from entrypoints.logs import set_up_logs
from entrypoints.settings import InvalidSettings, Settings
from entrypoints.stopping import leave_in_any_case
from entrypoints.wiring.naming import CannotStart
from entrypoints.wiring.worker import worker_station
from entrypoints.work.asking import claim_forever
from ports.errors import ClaimRefused, EngineFailed
from ports.jobs import JobKind

THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}
LEAVE_WITHIN = 25.0
"""Seconds after which a worker that was told to stop is gone, whatever still holds it up: reports are on the disk."""

log = structlog.get_logger(__name__)


class CannotWork(Exception):
    """The worker can't start, or the server will not have it; the sentence says why."""


def work_until_stopped(settings: Settings, name: str, kinds: Collection[JobKind]) -> None:
    """Work for the server of the settings until SIGTERM or SIGINT. Raise CannotWork."""
    set_up_logs(settings.log_level, settings.log_format)
    try:
        with suppress(asyncio.CancelledError):
            asyncio.run(_work(settings, name, kinds))
    except (CannotStart, InvalidSettings, EngineFailed, ClaimRefused) as error:
        raise CannotWork(str(error)) from error


async def _work(settings: Settings, name: str, kinds: Collection[JobKind]) -> None:
    _stop_on_signals()
    async with worker_station(settings, name, kinds) as station:
        _warn(settings)
        log.info("working", server=settings.server_url, name=name, concurrency=settings.concurrency)
        await claim_forever(station)


def _stop_on_signals() -> None:
    """Cancel this task at the first signal; let the second one end the process at once."""
    task, loop = asyncio.current_task(), asyncio.get_running_loop()

    def stop() -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        log.info("told to stop")  # not before: who reads this may send the second one
        leave_in_any_case(LEAVE_WITHIN)
        if task is not None:
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


def _warn(settings: Settings) -> None:
    server = urlsplit(settings.server_url or "")
    if server.scheme == "http" and server.hostname not in THIS_MACHINE:
        log.warning("GREENROOM_SERVER_URL is http: the secret and the audio can be read on the way")
