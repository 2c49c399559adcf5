"""Reporting to the server that handed the ticket out."""

import httpx
import msgspec

from adapters.remote.answers import reaching, redirected_to, refuse_for_now, sentence
from adapters.remote.tracing import span_below
from ports.errors import AttemptOver, OutputsRefused, ReportRefused
from ports.work import Callback, Report, ReportStatus

SERVER = "The server"

HEARD_WITHIN = 10.0
"""Seconds that a heartbeat may take: the next one is soon due."""

ANSWERED_WITHIN = 30.0
"""Seconds that any other report may take."""


class HttpReporter:
    """Keeps `ports.work.Reporter`: POSTs to a ticket's callback with the token that proves its attempt."""

    def __init__(self, client: httpx.AsyncClient, callback: Callback, traceparent: str | None = None) -> None:
        self._client = client
        self._url = callback.url
        self._headers = {
            "Authorization": f"Bearer {callback.token}",
            "Content-Type": "application/json",
            **span_below(traceparent),
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
