"""Reports that outlive their worker: on the disk before they are first sent, and until they were answered for good."""

import asyncio
import fcntl
import os
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path

import msgspec
import structlog
from msgspec import Struct

from entrypoints.folders import sync_folder
from entrypoints.unbroken import whole_or_undone
from ports.errors import AttemptOver, OutputsRefused, ReportRefused
from ports.work import Callback, Report, Ticket

ABANDONED = 3600
"""Seconds after which a draft has no writer any more."""

log = structlog.get_logger(__name__)


class KeptReport(Struct, frozen=True, kw_only=True):
    """All that is needed to deliver a report. The callback's token is in it: the file is for its owner alone."""

    callback: Callback
    report: Report
    deadline: datetime
    traceparent: str | None = None


class Held(Struct, frozen=True):
    """A kept report's file, locked by its descriptor: nobody else delivers it."""

    path: Path
    descriptor: int

    def forget(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)

    def let_go(self) -> None:
        """Leave the file to whoever comes next."""
        os.close(self.descriptor)


class ReportFolder:
    """Keeps one report for each attempt. Several workers may share the folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @asynccontextmanager
    async def keeping(self, ticket: Ticket, report: Report) -> AsyncIterator[None]:
        """Keep the report while it is delivered, and afterwards unless it was answered for good. What can't be kept is sent."""
        held = await whole_or_undone(asyncio.to_thread(self._keep, ticket, report), _let_go)
        try:
            yield
        except (AttemptOver, OutputsRefused, ReportRefused):
            _forget(held)
            raise
        else:
            _forget(held)
        finally:
            await _let_go(held)

    def waiting(self) -> list[Path]:
        """Return the files of kept reports, and remove drafts that nobody finishes."""
        for draft in self._folder.glob(".*"):
            with suppress(FileNotFoundError):
                if time.time() - draft.stat().st_mtime > ABANDONED:
                    draft.unlink()
        return sorted(self._folder.glob("[!.]*.json"))

    @contextmanager
    def taken(self, path: Path) -> Iterator[tuple[Held, KeptReport | None]]:
        """Take a report to deliver it, None if it can't be read.

        Raise BlockingIOError if another is delivering it, FileNotFoundError if one has.
        """
        held = Held(path, os.open(path, os.O_RDONLY))
        try:
            fcntl.flock(held.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not os.path.samestat(os.fstat(held.descriptor), path.stat()):
                raise BlockingIOError  # written anew: its writer delivers it
            yield held, _read(path)
        finally:
            held.let_go()

    def _keep(self, ticket: Ticket, report: Report) -> Held | None:
        name = f"{ticket.job_id}.{ticket.attempt}.json"
        kept = KeptReport(callback=ticket.callback, report=report, deadline=ticket.deadline, traceparent=ticket.traceparent)
        try:
            return _written(self._folder / name, msgspec.json.encode(kept))
        except OSError as error:
            log.warning("report not kept", why=error.strerror)
            return None


def _read(path: Path) -> KeptReport | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=KeptReport)
    except msgspec.MsgspecError:
        return None


def _written(path: Path, data: bytes) -> Held:
    """Write the file, locked, whole or not at all, and durably."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(data)
        os.fsync(descriptor)
        draft.rename(path)
        sync_folder(path.parent)
    except BaseException:
        os.close(descriptor)
        draft.unlink(missing_ok=True)
        raise
    return Held(path, descriptor)


def _forget(held: Held | None) -> None:
    if held is not None:
        held.forget()


async def _let_go(held: Held | None) -> None:
    if held is not None:
        held.let_go()
