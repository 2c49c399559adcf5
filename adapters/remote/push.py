"""Handing out tickets by sending them to an endpoint: a serverless function's, or any other that starts a worker."""

import asyncio
from collections.abc import Mapping

import httpx
import msgspec

from adapters.remote.answers import asked_to_wait, reaching, redirected_to
from adapters.remote.refusals import refusal
from adapters.remote.tracing import span_below
from ports.errors import Busy, TicketRefused, Unavailable
from ports.work import Ticket

ENDPOINT = "The endpoint"
NO_ROOM = frozenset({429, 503})
UNDECIDED = frozenset({408, 425})
"""4xx that speak of the request and not of what is in it: it may be repeated as it is (RFC 9110, 15.5.9; RFC 8470, 5.2)."""


class PushDispatcher:
    """Keeps `ports.work.Dispatcher`: POSTs each ticket to `url`, proved by the headers `proof`, within `patience` seconds.

    The `Idempotency-Key` is the same whenever a ticket is sent. A redirect is not followed and decides nothing: it says that the
    address is wrong, which no job should fail for. The ticket can be sent again once that is set right.
    """

    def __init__(self, client: httpx.AsyncClient, url: httpx.URL, proof: Mapping[str, str], patience: float) -> None:
        self._client = client
        self._url = url
        self._proof = proof
        self._patience = patience

    async def dispatch(self, ticket: Ticket) -> None:
        """Send the ticket. Raise Busy, TicketRefused, or Unavailable where the answer does not say whether anybody has it."""
        try:
            async with asyncio.timeout(self._patience):
                await self._send(ticket)
        except TimeoutError:
            raise Unavailable(f"{ENDPOINT} (no answer in time)", retry_after=0) from None

    async def _send(self, ticket: Ticket) -> None:
        body, headers = msgspec.json.encode(ticket), self._headers(ticket)
        with reaching(ENDPOINT):
            async with self._client.stream("POST", self._url, content=body, headers=headers) as response:
                if not response.is_success:
                    await _refuse(response)

    def _headers(self, ticket: Ticket) -> dict[str, str]:
        return {
            **self._proof,
            "Content-Type": "application/json",
            "Accept-Encoding": "identity",
            "Idempotency-Key": f"{ticket.job_id}.{ticket.attempt}",
            **span_below(ticket.traceparent),
        }


async def _refuse(response: httpx.Response) -> None:
    """Raise what an answer means that is no 2xx."""
    match response.status_code:
        case status if status in NO_ROOM:
            raise Busy(asked_to_wait(response))
        case status if 300 <= status < 400:
            there = redirected_to(response)
            raise Unavailable(f"{ENDPOINT} (redirects to {there}: is GREENROOM_DISPATCH_URL its address?)", retry_after=0)
        case status if 400 <= status < 500 and status not in UNDECIDED:
            raise TicketRefused(await refusal(response))
        case status:
            raise Unavailable(f"{ENDPOINT} (answered {status})", retry_after=0)
