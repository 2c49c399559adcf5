"""Following jobs as they change: server-sent events, of one job or of all."""

import re
from collections.abc import Sequence
from uuid import UUID

from litestar import Router, get
from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.status_codes import HTTP_204_NO_CONTENT
from litestar.types import ASGIApp, Guard

from domain.library import find_job
from entrypoints.web.caching import NO_STORE
from entrypoints.web.event_answer import EventAnswer
from entrypoints.web.event_stream import all_jobs, one_job
from entrypoints.web.ids import JOB_ID, JobId
from entrypoints.web.jobs import told
from entrypoints.web.openapi import examples
from entrypoints.web.openapi.described import BEARER, content_of, described
from entrypoints.web.queries import taking
from entrypoints.web.requests import AppRequest
from entrypoints.web.sending import Bare
from ports.errors import Forgotten
from ports.events import Change
from ports.jobs import FINAL

EVENT = {
    "type": "object",
    "properties": {
        "event": {"enum": ["snapshot", "job", "live", "removed"]},
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "data": {"type": "string"},
    },
}
EVENTS = content_of(
    "text/event-stream",
    schema=EVENT,
    says="Events as they happen, each of this kind: the data of `job` is the job as it can be read",
    shows=examples.EVENT,
)
LAST_EVENT_ID = Parameter("Last-Event-ID", "header", schema=Schema(type=OpenAPIType.STRING))

_NUMBER = re.compile(r"[0-9]{1,18}")


@get(
    "/jobs/{id:str}/events",
    dependencies=JOB_ID,
    operation_id="followJob",
    operation_class=described(
        *(400, 401, 403, 404, 503),
        parameters=[LAST_EVENT_ID],
        answers={200: EVENTS, 204: None},
        sends={200: ["Cache-Control"]},
    ),
)
async def follow_one(request: AppRequest, job_id: JobId) -> ASGIApp:
    """Follow one job.

    By server-sent events: how it stands, and each change until its end. A comment comes after 15 seconds of nothing else.
    Who comes again after that, with `Last-Event-ID`, is answered 204, which tells a browser to stop.
    """
    parts = request.parts
    number = await parts.feed.newest()
    job = await told(await find_job(job_id, parts.jobs), request)
    is_known = await _missed(request, job_id) == ()
    if is_known and job.status in FINAL:
        return Bare(HTTP_204_NO_CONTENT, NO_STORE)
    return EventAnswer(one_job(job, number, parts.broadcast, is_known=is_known), parts.stopping)


@get(
    "/events",
    operation_id="followJobs",
    operation_class=described(
        *(400, 401, 403, 503), parameters=[LAST_EVENT_ID], answers={200: EVENTS}, sends={200: ["Cache-Control"]}
    ),
)
async def follow_all(request: AppRequest) -> ASGIApp:
    """Follow all jobs.

    By server-sent events: how the live ones stand, and then each change of any.
    Who comes again with `Last-Event-ID` is told what happened since, as far back as a day; beyond that it begins anew.
    """
    parts, is_known = request.parts, await _missed(request) is not None
    number = _last_event_id(request) if is_known else None
    start = await parts.feed.newest() if number is None else number
    return EventAnswer(all_jobs(start, parts.jobs, parts.broadcast, is_known=is_known), parts.stopping)


def _last_event_id(request: AppRequest) -> int | None:
    """Return the number of the last event that was seen, None if the request names none of ours."""
    named = request.headers.getall("last-event-id", [])
    return int(named[0]) if len(named) == 1 and _NUMBER.fullmatch(named[0]) else None


async def _missed(request: AppRequest, job_id: UUID | None = None) -> Sequence[Change] | None:
    """Return the first change after the last event that was seen, if there was one. None if that can't be known."""
    number = _last_event_id(request)
    try:
        return None if number is None else tuple(await request.parts.feed.since(number, 1, job_id))
    except Forgotten:
        return None


def events_router(guard: Guard) -> Router:
    """Return the routes of events, which need a key."""
    return Router(
        "/api",
        route_handlers=[follow_one, follow_all],
        guards=[guard],
        before_request=taking(),
        security=BEARER,
        tags=["events"],
    )
