"""Claims: workers elsewhere ask for the next job, and are handed a ticket."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, TypeAlias

from litestar import Response, Router, post
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import SkipValidation
from litestar.status_codes import HTTP_200_OK, HTTP_204_NO_CONTENT
from msgspec import UNSET, Meta, Struct, UnsetType

from domain.policy import Policy
from domain.schedule import lease_for
from entrypoints.claiming import Claim
from entrypoints.race import until_one_ends
from entrypoints.settings import Settings
from entrypoints.web.bodies import AnyRequest
from entrypoints.web.caching import NO_STORE
from entrypoints.web.callers import caller_address
from entrypoints.web.errors import answer_known
from entrypoints.web.guards import Unauthorized
from entrypoints.web.limited_log import LimitedLog
from entrypoints.web.openapi import examples
from entrypoints.web.openapi.described import CLAIMING, described, json_of
from entrypoints.web.proofs import claim_guard
from entrypoints.web.requests import AppRequest, json_body
from entrypoints.web.sending import disconnected
from entrypoints.web.strict_json import MalformedBody, decoded
from ports.jobs import JobKind
from ports.work import Ticket

LONGEST_WAIT = 25
"""Seconds: shorter than the silence after which proxies hang up."""

UNAUTHORIZED = "[Claim] Unauthorized request from {}"
STILL_PREVIOUS = "[Claim] Accepted {} from {}"

Leaving: TypeAlias = NamedDependency[SkipValidation["asyncio.Future[Any]"]]


class ClaimBody(Struct, frozen=True, kw_only=True):
    """What a worker asks for. `wait` and `lease` are seconds. Unknown fields are ignored."""

    worker: Annotated[
        str, Meta(min_length=1, max_length=100, description="its name in the history", extra_json_schema={"format": "printable"})
    ]
    kinds: Annotated[tuple[JobKind, ...], Meta(min_length=1)] = tuple(JobKind)
    wait: Annotated[float, Meta(ge=0, le=LONGEST_WAIT)] = 0
    lease: Annotated[float, Meta(gt=0)] | UnsetType = UNSET

    def claim(self, policy: Policy) -> Claim:
        """Return it as the desk knows it. Raise MalformedBody if the worker's name can't be shown."""
        if not self.worker.isprintable() or self.worker.isspace():
            raise MalformedBody("worker: expected printable characters", "worker")
        lease = lease_for(None if self.lease is UNSET else self.lease, policy)
        return Claim(worker=self.worker, kinds=frozenset(self.kinds), wait=self.wait, lease=lease)


async def provide_claim(request: AppRequest) -> Claim:
    """Read and check the body."""
    body = await json_body(request)
    return decoded(body, ClaimBody).claim(request.parts.policy)


async def provide_leaving(
    request: AppRequest,
    wanted: NamedDependency[Claim],  # noqa: ARG001  (the body is read first)
) -> AsyncIterator["asyncio.Future[Any]"]:
    """Give what is done once the client is gone, or the server is told to stop."""
    leaving = asyncio.ensure_future(until_one_ends(disconnected(request.receive), request.parts.stopping.wait()))
    try:
        yield leaving
    finally:
        leaving.cancel()


@post(
    "/claim",
    status_code=HTTP_200_OK,
    request_max_body_size=None,
    responses={HTTP_204_NO_CONTENT: ResponseSpec(None, description="No job came up")},
    operation_id="claimTicket",
    response_description="A ticket",
    operation_class=described(
        *(400, 401, 408, 413, 500, 503, 507),
        takes=json_of(ClaimBody, shows=examples.CLAIM),
        shows={200: examples.TICKET},
        sends={200: ["Cache-Control"], 204: ["Cache-Control"]},
    ),
)
async def claim(request: AppRequest, wanted: NamedDependency[Claim], leaving: Leaving) -> Response[Ticket]:
    """Ask for work.

    Starts an attempt at the most overdue job and hands out its ticket: links to read and write, a token to report with. 204 if
    none comes up within `wait` seconds, 25 at most.
    """
    ticket = await request.desk.ticket_for(wanted, leaving)
    status = HTTP_204_NO_CONTENT if ticket is None else HTTP_200_OK
    return Response(ticket, status_code=status, headers=NO_STORE)  # type: ignore[arg-type]  # 204 has no content


def claims_router(settings: Settings, clock: Callable[[], float]) -> Router:
    """Return the routes below /api/worker. By `clock` it is limited how often their callers are logged."""
    refused = LimitedLog(UNAUTHORIZED, clock)

    def answer_refused(request: AnyRequest, error: Exception) -> Response[bytes]:
        refused(caller_address(request, settings.trusted_proxies))
        return answer_known(request, error)

    return Router(
        "/api/worker",
        route_handlers=[claim],
        guards=[claim_guard(settings, LimitedLog(STILL_PREVIOUS, clock))],
        exception_handlers={Unauthorized: answer_refused},
        dependencies={
            "wanted": Provide(provide_claim),
            "leaving": Provide(provide_leaving),
        },
        security=CLAIMING,
        tags=["workers"],
    )
