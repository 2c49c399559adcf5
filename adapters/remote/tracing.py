"""Going on with a ticket's trace (W3C Trace Context)."""

import re
import secrets

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})")


def span_below(traceparent: str | None) -> dict[str, str]:
    """Return the header that goes on with the ticket's trace, as a span of our own (W3C Trace Context, 3.2.2)."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    return {"traceparent": f"00-{match[1]}-{secrets.token_hex(8)}-{match[2]}"} if match else {}
