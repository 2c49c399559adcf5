"""A worker's ways to the server when both are one process: no HTTP between them, the same use cases behind them."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import anyio

from domain.errors import JobNotFound, OutputsMissing, StaleReport
from domain.layout import content_type_of, output_keys
from entrypoints.parts import Parts
from entrypoints.reporting import applied
from ports.assets import Rendition, Variant
from ports.errors import AlreadyExists, Altered, AttemptOver, NotFound, OutputsRefused
from ports.jobs import Job
from ports.work import Input, Output, Report, Ticket

_CHUNK = 1024 * 1024


class InProcessReporter:
    """Keeps `ports.work.Reporter`: a report is applied at once, by the webhook's own rules."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def report(self, report: Report) -> None:
        """Apply the report. Raise AttemptOver if it does not count any more, OutputsRefused if its outputs are not there."""
        try:
            await applied(report, self._parts)
        except (StaleReport, JobNotFound) as error:
            raise AttemptOver from error
        except OutputsMissing as error:
            raise OutputsRefused(error.missing) from error


class InProcessCourier:
    """Keeps `ports.work.Courier`: goes to the storage itself, without links."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def fetch(self, ticket: Ticket, into: Path) -> Path:
        """Copy the original into the folder. Raise NotFound if it is gone, or Altered."""
        original = await self._original(await self._parts.jobs.get(ticket.job_id))
        path = into / f"input.{original.key.rpartition('.')[2]}"
        async with await anyio.open_file(path, "wb") as file:
            async for chunk in self._parts.storage.read(original.key):
                await file.write(chunk)
        if ticket.input is not None and not await asyncio.to_thread(_is_as_promised, path, ticket.input):
            raise Altered("The original")
        return path

    async def send(self, ticket: Ticket, output: Output, file: Path) -> None:
        """Store the output under the attempt's own key. One that is there already stays."""
        job = await self._parts.jobs.get(ticket.job_id)
        key = output_keys(job, ticket.attempt, (await self._original(job)).key)[output]
        try:
            await self._parts.storage.put(key, _contents(file), content_type_of(job, output))
        except AlreadyExists:
            return

    async def _original(self, job: Job) -> Rendition:
        asset = await self._parts.assets.get(job.asset_id or "")
        if asset.deleted is not None or Variant.ORIGINAL not in asset.renditions:
            raise NotFound("original")
        return asset.renditions[Variant.ORIGINAL]


def _is_as_promised(path: Path, promised: Input) -> bool:
    if path.stat().st_size != promised.size:
        return False
    with path.open("rb") as file:
        return promised.sha256 is None or hashlib.file_digest(file, "sha256").hexdigest() == promised.sha256


async def _contents(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while chunk := await file.read(_CHUNK):
            yield chunk
