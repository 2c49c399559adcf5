"""An input on its way to this disk: read on from where a broken connection left it, and believed only when it is whole."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import anyio
import httpx
from msgspec import Struct

from adapters.remote.answers import reaching, refuse_for_now
from ports.errors import Altered, LinkRefused, NotFound
from ports.work import Input

STORAGE = "The storage"
ORIGINAL = "The original"
_RANGE = re.compile(r"bytes (\d+)-")


class Part(Struct):
    """What has come of an input: the file holds it, `etag` is that of the object it is a part of."""

    source: Input
    path: Path
    etag: str | None = None

    @property
    def size(self) -> int:
        """How many bytes have come."""
        return self.path.stat().st_size if self.path.exists() else 0

    def is_as_promised(self) -> bool:
        """Say whether what came has the size and, where it is known, the SHA-256 of the ticket."""
        if self.size != self.source.size:
            return False
        with self.path.open("rb") as file:
            return self.source.sha256 is None or hashlib.file_digest(file, "sha256").hexdigest() == self.source.sha256


async def read_on(part: Part, client: httpx.AsyncClient) -> None:
    """Read what follows, to the end or as far as the connection lasts: then Unavailable. What came stays in the file.

    Raise NotFound, LinkRefused; Altered if the object is another now, or not as long as the ticket says.
    """
    with reaching(STORAGE):
        async with client.stream("GET", part.source.url, headers=_asking(part)) as response:
            await _judge(response)
            goes_on = _goes_on(response, part)
            part.etag = response.headers.get("ETag")
            await _append(response, part, "ab" if goes_on else "wb")


def _asking(part: Part) -> Mapping[str, str]:
    """Ask for the bytes as they are; for those that follow, if the object is still the same one (RFC 9110, 13.1.5)."""
    plain = {"Accept-Encoding": "identity"}
    if not part.size or part.etag is None or part.etag.startswith("W/"):
        return plain
    return plain | {"Range": f"bytes={part.size}-", "If-Range": part.etag}


async def _judge(response: httpx.Response) -> None:
    if response.is_success:
        return
    refuse_for_now(STORAGE, response)
    match response.status_code:
        case 404 | 410:
            raise NotFound(ORIGINAL)
        case 416:
            raise Altered(ORIGINAL)
        case status:
            raise LinkRefused(f"The link to the original was not accepted (answered {status})")


def _goes_on(response: httpx.Response, part: Part) -> bool:
    """Say whether the answer begins where the part ends; otherwise it must begin at the beginning."""
    if response.status_code != httpx.codes.PARTIAL_CONTENT:
        return False
    match = _RANGE.match(response.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != part.size:
        raise Altered(ORIGINAL)
    return True


async def _append(response: httpx.Response, part: Part, mode: str) -> None:
    size = part.size if mode == "ab" else 0
    async with await anyio.open_file(part.path, mode) as file:  # type: ignore[call-overload]  # the mode is one of two
        async for chunk in response.aiter_raw():
            size += len(chunk)
            if size > part.source.size:
                raise Altered(ORIGINAL)
            await file.write(chunk)
