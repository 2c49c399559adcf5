"""Carrying a ticket's files by its links: streamed, resumed, verified, and tried again for a while."""

import asyncio
import random
import re
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import httpx
import stamina

from adapters.remote.answers import reaching, refuse_for_now
from adapters.remote.download import ORIGINAL, STORAGE, Part, read_on
from ports.errors import Altered, LinkRefused, NotFound, Unavailable
from ports.work import Input, Output, Target, Ticket

A_GOOD_DEAL = 2**20
"""Bytes: a connection that broke after so many was a good one, and the next is made at once."""

RACED = httpx.codes.CONFLICT
"""S3's answer to two conditional writes at once: to be sent again."""

_CHUNK = 2**18
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")


class HttpCourier:
    """Keeps `ports.work.Courier`: `patience` is the seconds for which a storage may be out of reach."""

    def __init__(self, client: httpx.AsyncClient, patience: float = 120) -> None:
        self._client = client
        self._patiently = stamina.AsyncRetryingCaller(attempts=None, timeout=patience, wait_max=20)

    async def fetch(self, ticket: Ticket, into: Path) -> Path:
        """Bring the input into the folder, resuming broken connections; one that is not as promised is fetched anew, once."""
        if ticket.input is None:
            raise NotFound(ORIGINAL)
        path = into / f"input{_ending(ticket.input.url)}"
        try:
            await self._fetch(ticket.input, path)
        except Altered:
            path.unlink(missing_ok=True)
            await self._fetch(ticket.input, path)
        return path

    async def send(self, ticket: Ticket, output: Output, file: Path) -> None:
        """Send the file by the link of its output, where the ticket has one. What is there already stays."""
        target = ticket.outputs.get(output)
        if target is not None:
            await self._patiently(_again, self._put, target, file)

    async def _fetch(self, source: Input, path: Path) -> None:
        part = Part(source=source, path=path)
        while part.size < source.size:
            await self._patiently(_again, self._read_on, part)
        if not await asyncio.to_thread(part.is_as_promised):
            raise Altered(ORIGINAL)

    async def _read_on(self, part: Part) -> None:
        """Read on. Raise Unavailable if that brought little, Altered if it brought nothing and there is no more."""
        before = part.size
        try:
            await read_on(part, self._client)
        except Unavailable:
            if part.size - before < A_GOOD_DEAL:
                raise
        if part.size == before:
            raise Altered(ORIGINAL)

    async def _put(self, target: Target, file: Path) -> None:
        length = (await anyio.Path(file).stat()).st_size
        headers = {**target.headers, "Content-Length": str(length)}
        with reaching(STORAGE):
            response = await self._client.request(target.method, target.url, content=_contents(file), headers=headers)
        if response.is_success or response.status_code == httpx.codes.PRECONDITION_FAILED:
            return
        refuse_for_now(STORAGE, response)
        if response.status_code == RACED:
            raise Unavailable(STORAGE, retry_after=0)
        raise LinkRefused(f"The link to put an output was not accepted (answered {response.status_code})")


def _again(error: Exception) -> bool | float:
    """Say whether to try again; after how many seconds, where the storage has said so."""
    if isinstance(error, Unavailable) and error.retry_after:
        return error.retry_after * random.uniform(1, 1.25)  # noqa: S311  (jitter, not a secret)
    return isinstance(error, Unavailable)


def _ending(url: str) -> str:
    match = _ENDING.search(urlsplit(url).path)
    return match[0] if match else ""


async def _contents(path: Path) -> AsyncIterator[bytes]:
    async with await anyio.open_file(path, "rb") as file:
        while chunk := await file.read(_CHUNK):
            yield chunk
