"""What a silence or an answer means, in the words of the ports. No URL gets into them: those of links are signed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parsedate_to_datetime

import httpx
import msgspec

from ports.errors import OutOfSpace, Unavailable

LATER = frozenset({408, 425, 429, 500, 502, 503, 504})
"""The same request may be answered better later."""

FULL = 507
LONGEST_WAIT = 300
"""Seconds: a server that wants to be left alone for longer is asked again all the same."""

LONGEST_SENTENCE = 300
"""Characters."""

_SECONDS = re.compile(r"[0-9]{1,9}")


@contextmanager
def reaching(what: str) -> Iterator[None]:
    """Turn a request without an answer into Unavailable, and leave its own error, which may know the URL, behind."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise Unavailable(f"{what} ({_why(error)})", retry_after=0) from None


def refuse_for_now(what: str, response: httpx.Response) -> None:
    """Raise OutOfSpace or Unavailable if the answer is one that may be better later."""
    if response.status_code == FULL:
        raise OutOfSpace(what)
    if response.status_code in LATER:
        raise Unavailable(f"{what} (answered {response.status_code})", retry_after=asked_to_wait(response))


def sentence(response: httpx.Response) -> str:
    """Return the `error` of an answer, or its status where it has none."""
    try:
        told = msgspec.json.decode(response.content, type=dict[str, object]).get("error")
    except msgspec.DecodeError:
        told = None
    return told[:LONGEST_SENTENCE] if isinstance(told, str) else f"answered {response.status_code}"


def redirected_to(response: httpx.Response) -> str:
    """Return scheme and host that an answer redirects to: redirects are not followed, with secrets in hand."""
    try:
        there = response.url.join(response.headers.get("Location", ""))
    except httpx.InvalidURL:
        return "a malformed address"
    return f"{there.scheme}://{there.netloc.decode('ascii')}"


def _why(error: Exception) -> str:
    match error:
        case httpx.TimeoutException():
            return "no answer in time"
        case httpx.ConnectError():
            return str(error) or "no connection"
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return "no address to call"
        case _:
            return "the connection broke"


def asked_to_wait(response: httpx.Response) -> int:
    """Return the seconds of Retry-After, a number or a date (RFC 9110, 10.2.3); 0 where it says nothing."""
    told = response.headers.get("Retry-After", "")
    if _SECONDS.fullmatch(told):
        return min(int(told), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(told) - parsedate_to_datetime(response.headers["Date"])
    except (ValueError, KeyError, TypeError):
        return 0
    return min(max(int(wait.total_seconds()), 0), LONGEST_WAIT)
