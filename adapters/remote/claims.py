"""Asking a server for work."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx
import msgspec
from msgspec.structs import replace

from adapters.remote.answers import reaching, redirected_to, refuse_for_now, sentence
from ports.errors import ClaimRefused
from ports.jobs import JobKind
from ports.work import Ticket

SERVER = "The server"
PATH = "/api/worker/claim"
NOT_CONFIGURED = "Webhook secret not configured"

ANSWERS_WITHIN = 15.0
"""Seconds that an answer may take beyond the time that the server was asked to wait."""

CLOCKS_MAY_DIFFER = timedelta(seconds=5)
"""The Date of an answer is in whole seconds, and a little old when it comes."""


class HttpClaims:
    """Keeps `ports.work.Claims`: long-polls the server at `server` (no slash at its end), proving itself by its secret."""

    def __init__(self, client: httpx.AsyncClient, server: str, secret: bytes, clock: Callable[[], datetime]) -> None:
        self._client = client
        self._server = server
        self._bearer = b"Bearer " + secret
        self._clock = clock

    async def claim(self, worker: str, kinds: Collection[JobKind], wait: float) -> Ticket | None:
        """Return a ticket, its deadline by our clock, None if there is none. Raise Unavailable or ClaimRefused."""
        response = await self._ask({"worker": worker, "kinds": list(kinds), "wait": wait}, wait)
        if response.status_code == httpx.codes.OK:
            return self._ticket(response)
        if response.status_code == httpx.codes.NO_CONTENT:
            return None
        if sentence(response) != NOT_CONFIGURED:
            refuse_for_now(SERVER, response)
        raise ClaimRefused(_refusal(response))

    async def _ask(self, body: object, wait: float) -> httpx.Response:
        with reaching(SERVER):
            return await self._client.post(
                self._server + PATH,
                content=msgspec.json.encode(body),
                headers={b"Authorization": self._bearer, b"Content-Type": b"application/json"},
                timeout=httpx.Timeout(wait + ANSWERS_WITHIN, connect=ANSWERS_WITHIN),
            )

    def _ticket(self, response: httpx.Response) -> Ticket:
        try:
            ticket = msgspec.json.decode(response.content, type=Ticket)
        except msgspec.DecodeError as error:
            raise ClaimRefused(f"The server's tickets are not understood here ({error}): are both of one release?") from None
        ahead = self._ahead(response)
        return replace(ticket, deadline=ticket.deadline + ahead) if abs(ahead) > CLOCKS_MAY_DIFFER else ticket

    def _ahead(self, response: httpx.Response) -> timedelta:
        """Return how far our clock is ahead of the server's: a machine with a wrong one can work all the same."""
        try:
            return self._clock() - parsedate_to_datetime(response.headers["Date"])
        except (ValueError, KeyError, TypeError):
            return timedelta()


def _refusal(response: httpx.Response) -> str:
    told = sentence(response)
    match response.status_code:
        case 401:
            return "The server does not accept the INTERNAL_WEBHOOK_SECRET of this worker"
        case 404 | 405:
            return "There is no Greenroom that hands out work at this address"
        case 500:
            return f"The server hands out no work: {told}"
        case status if 300 <= status < 400:
            return f"The server redirects to {redirected_to(response)}: is that its address?"
        case _:
            return f"The server refuses to hand out work: {told}"
