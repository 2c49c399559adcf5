"""W3C Trace Context: the `traceparent` that comes with a request, and goes on with the job that it orders.

https://www.w3.org/TR/trace-context/, 3.2 and 4.3. We make no spans of our own, so that what came is handed on as it is.
"""

import re
from collections.abc import Sequence

HEADER = "traceparent"

_FORM = re.compile(r"(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_KNOWN_FLAGS = 0b11
"""Sampled, and random trace id: a version 00 may set no others."""


def accepted(values: Sequence[str]) -> str | None:
    """Return what the headers of a request hand over, as version 00; None if there is none, more than one, or a malformed one."""
    match = _FORM.fullmatch(values[0]) if len(values) == 1 else None
    if match is None or (match[1] == "00" and match[5] is not None):
        return None
    return f"00-{match[2]}-{match[3]}-{int(match[4], 16) & _KNOWN_FLAGS:02x}"


def begun(entropy: bytes) -> str:
    """Return the `traceparent` of a new trace, of 24 random bytes. Nobody has decided to sample it."""
    return f"00-{entropy[:16].hex()}-{entropy[16:24].hex()}-02"


def trace_of(traceparent: str) -> str:
    """Return the trace's id."""
    return traceparent[3:35]
