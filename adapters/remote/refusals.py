"""What an endpoint says of a ticket that it refuses, made fit for the job's history: short, of one line, and no markup."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

import httpx
import msgspec

from adapters.remote.answers import LONGEST_SENTENCE

READ_OF_IT = 4096
"""Bytes of an answer that are looked at."""

SAID_WITHIN = 2.0
"""Seconds that they may take: the status has come, and is what counts."""

_FIELDS = ("error", "detail", "message")

HINTS: Mapping[int, str] = {
    401: "is GREENROOM_DISPATCH_TOKEN (or the Modal pair) the right one?",
    403: "is GREENROOM_DISPATCH_TOKEN (or the Modal pair) the right one?",
    404: "is GREENROOM_DISPATCH_URL the endpoint's address?",
    405: "is GREENROOM_DISPATCH_URL the endpoint's address?",
}
"""What to look at where the answer is hardly about this one ticket."""


async def refusal(response: httpx.Response) -> str:
    """Return the sentence that the job fails with. The answer's body is read as far as it is of use."""
    told = [_reason(await _beginning(response)), HINTS.get(response.status_code)]
    return ": ".join([f"The endpoint refused the ticket ({response.status_code})", *filter(None, told)])


async def _beginning(response: httpx.Response) -> bytes:
    body = b""
    with suppress(httpx.HTTPError, httpx.StreamError, TimeoutError):
        async with asyncio.timeout(SAID_WITHIN):
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) >= READ_OF_IT:
                    break
    return body[:READ_OF_IT]


def _reason(body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    with suppress(msgspec.DecodeError):
        told = msgspec.json.decode(body, type=dict[str, object])
        text = next((value for name in _FIELDS if isinstance(value := told.get(name), str)), text)
    if text.lstrip().startswith("<") or "\ufffd" in text:
        return ""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:LONGEST_SENTENCE]
