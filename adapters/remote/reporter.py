"""Reporting to the server that handed the ticket out."""

import re
import secrets

import httpx
import msgspec

from adapters.remote.answers import reaching, redirected_to, refuse_for_now, sentence
from ports.errors import AttemptOver, OutputsRefused, ReportRefused
from ports.work import Callback, Report, ReportStatus

SERVER = "The server"

HEARD_WITHIN = 10.0
"""Seconds that a heartbeat may take: the next one is soon due."""

ANSWERED_WITHIN = 30.0
"""Seconds that any other report may take."""

_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-[0-9a-f]{16}-([0-9a-f]{2})")


class HttpReporter:
    """Keeps `ports.work.Reporter`: POSTs to a ticket's callback with the token that proves its attempt."""

    def __init__(self, client: httpx.AsyncClient, callback: Callback, traceparent: str | None = None) -> None:
        self._client = client
        self._url = callback.url
        self._headers = {
            "Authorization": f"Bearer {callback.token}",
            "Content-Type": "application/json",
            **_span_below(traceparent),
        }

    async def report(self, report: Report) -> None:
        """Deliver the report, once. Raise AttemptOver, OutputsRefused, ReportRefused, Unavailable or OutOfSpace."""
        response = await self._post(report)
        if response.is_success:
            return
        refuse_for_now(SERVER, response)
        match response.status_code:
            case 404 | 409:
                raise AttemptOver
            case 422:
                raise OutputsRefused(_missing(response))
            case status if 300 <= status < 400:
                raise ReportRefused(f"The callback's address redirects to {redirected_to(response)}: set GREENROOM_PUBLIC_URL so")
            case _:
                raise ReportRefused(f"The server refuses the report ({response.status_code}): {sentence(response)}")

    async def _post(self, report: Report) -> httpx.Response:
        timeout = HEARD_WITHIN if report.status is ReportStatus.PROCESSING else ANSWERED_WITHIN
        with reaching(SERVER):
            return await self._client.post(self._url, content=msgspec.json.encode(report), headers=self._headers, timeout=timeout)


def _missing(response: httpx.Response) -> tuple[str, ...]:
    try:
        missing = msgspec.json.decode(response.content, type=dict[str, object]).get("missing")
    except msgspec.DecodeError:
        return ()
    return tuple(map(str, missing)) if isinstance(missing, list) else ()


def _span_below(traceparent: str | None) -> dict[str, str]:
    """Return the header that goes on with the ticket's trace, as a span of our own (W3C Trace Context, 3.2.2)."""
    match = _TRACEPARENT.fullmatch(traceparent or "")
    return {"traceparent": f"00-{match[1]}-{secrets.token_hex(8)}-{match[2]}"} if match else {}
