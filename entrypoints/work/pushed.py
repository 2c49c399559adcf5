"""Taking tickets that a server sends: an endpoint that judges them and answers at once, whatever then carries them out."""

import hmac
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from math import ceil
from typing import Any, TypeAlias

import msgspec
from litestar import Litestar, Request, Response, post
from litestar.exceptions import ClientException, HTTPException, NotAuthorizedException
from litestar.status_codes import HTTP_202_ACCEPTED, HTTP_422_UNPROCESSABLE_ENTITY

from entrypoints.work.reporting import LAST_WORDS, REPORTED_FOR
from ports.jobs import JobKind
from ports.work import Ticket

LARGEST_TICKET = 2**20
"""Bytes."""

GRAIN = timedelta(minutes=15)
"""Time-outs are whole multiples of it: a platform may keep a pool of machines for each."""

Start: TypeAlias = Callable[[str, Ticket], Awaitable[None]]
"""Starts the work of a ticket, once for each key, and returns as soon as it is sure to be done."""

AnyRequest: TypeAlias = Request[Any, Any, Any]


def ticket_endpoint(token: bytes, start: Start) -> Litestar:
    """Return an application that takes tickets at `/` from who shows the token: 202 once their work is started.

    401 for anybody else, 400 for what is no ticket, 413 where it is too large, 422 for a kind that is not done here. The same
    ticket may come again, under the same Idempotency-Key: it is for `start` to know it. Raise ValueError without a token.
    """
    if not token:
        raise ValueError("an endpoint without a token would work for anybody")

    @post("/", status_code=HTTP_202_ACCEPTED)
    async def take(request: AnyRequest) -> dict[str, bool]:
        _refuse_strangers(request, token)
        ticket = ticket_in(await request.body())
        await start(_key_of(request, ticket), ticket)
        return {"accepted": True}

    return Litestar(
        [take], openapi_config=None, request_max_body_size=LARGEST_TICKET, exception_handlers={HTTPException: _in_a_sentence}
    )


def ticket_in(body: bytes) -> Ticket:
    """Read a ticket that can be carried out here. Raise ClientException."""
    try:
        ticket = msgspec.json.decode(body, type=Ticket)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ClientException(f"This is not a ticket: {error}") from None
    if ticket.kind is not JobKind.PREPARE:
        told = f"This worker prepares audio, and does no {ticket.kind}"
        raise ClientException(told, status_code=HTTP_422_UNPROCESSABLE_ENTITY)
    return ticket


def time_allowed(ticket: Ticket, now: datetime, most: timedelta) -> int:
    """Return the seconds after which a machine may be stopped: those to the deadline, and those that a last report may take."""
    needed = max(ticket.deadline - now, timedelta()) + timedelta(seconds=REPORTED_FOR + LAST_WORDS)
    return int(min(ceil(needed / GRAIN) * GRAIN, most).total_seconds())


def _refuse_strangers(request: AnyRequest, token: bytes) -> None:
    shown = request.headers.getall("Authorization", [])
    scheme, _, given = shown[0].partition(" ") if len(shown) == 1 else ("", "", "")
    if not hmac.compare_digest(given.strip().encode(), token) or scheme.lower() != "bearer":
        raise NotAuthorizedException("Unauthorized")


def _key_of(request: AnyRequest, ticket: Ticket) -> str:
    """Return what the ticket is known by, whoever sends it."""
    key = f"{ticket.job_id}.{ticket.attempt}"
    if request.headers.get("Idempotency-Key", key) != key:
        raise ClientException("The Idempotency-Key is not that of this ticket")
    return key


def _in_a_sentence(_: AnyRequest, error: HTTPException) -> Response[dict[str, str]]:
    return Response({"error": error.detail}, status_code=error.status_code)
