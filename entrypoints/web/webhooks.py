"""The worker's callback: it must prove itself, then it is applied or told why not."""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

import structlog
from litestar import Response, Router, post
from litestar.status_codes import HTTP_200_OK
from msgspec import UNSET, Meta, Struct, UnsetType
from structlog.contextvars import bind_contextvars

from domain.callbacks import named_by
from domain.errors import NotTheHolder
from entrypoints.reporting import applied
from entrypoints.settings import Settings
from entrypoints.web.bodies import AnyRequest
from entrypoints.web.callers import caller_address
from entrypoints.web.errors import answer_known
from entrypoints.web.guards import Unauthorized
from entrypoints.web.ids import A_JOB, job_id_of
from entrypoints.web.limited_log import LimitedLog
from entrypoints.web.openapi import examples
from entrypoints.web.openapi.described import REPORTING, described, json_of
from entrypoints.web.proofs import webhook_guard
from entrypoints.web.requests import AppRequest, json_body
from entrypoints.web.strict_json import decoded
from ports.work import Report, ReportStatus

UNAUTHORIZED = "[Webhook] Unauthorized request from {}"
STILL_PREVIOUS = "[Webhook] Accepted {} from {}"

log = structlog.get_logger(__name__)


class ReportBody(Struct, frozen=True, kw_only=True, rename="camel"):
    """A report as it is sent. Optional fields are left out, never null; unknown ones are ignored."""

    job_id: Annotated[str, Meta(extra_json_schema=A_JOB)]
    status: ReportStatus
    attempt: Annotated[int, Meta(ge=1, le=2**31 - 1)] | UnsetType = UNSET
    result: dict[str, Any] | UnsetType = UNSET
    error: str | UnsetType = UNSET
    progress: Annotated[float, Meta(ge=0, le=1)] | UnsetType = UNSET
    message: str | UnsetType = UNSET
    retryable: bool | UnsetType = UNSET

    def report(self) -> Report:
        """Return it as the rules know it. Raise MalformedId if `jobId` is not a UUID with hyphens."""
        optional = ("attempt", "result", "error", "progress", "message", "retryable")
        sent = {name: value for name in optional if (value := getattr(self, name)) is not UNSET}
        return Report(job_id=job_id_of(self.job_id, "jobId"), status=self.status, **sent)


class Receipt(Struct, frozen=True, omit_defaults=True):
    """What the worker is told: `applied` is there, and false, when nothing was changed by its report."""

    success: Annotated[bool, Meta(description="always true")]
    applied: bool = True


async def _read_report(request: AppRequest) -> Report:
    """Read and check the body; with a ticket's token, the report is of the attempt that the token names."""
    body = await json_body(request)
    report = decoded(body, ReportBody).report()
    holder: tuple[UUID, int] | None = request.scope["state"]["holder"]
    if holder is not None:
        report = named_by(holder, report)
    bind_contextvars(job=str(report.job_id), attempt=report.attempt)
    log.info(f"[Webhook] Received callback for job {report.job_id}: {report.status}")
    return report


@post(
    "/worker",
    status_code=HTTP_200_OK,
    request_max_body_size=None,
    operation_id="reportAttempt",
    response_description="It is kept, or there was nothing to change",
    operation_class=described(
        *(400, 401, 404, 408, 409, 413, 422, 500, 503, 507),
        takes=json_of(ReportBody, shows=examples.REPORT),
        shows={200: examples.RECEIPT},
    ),
)
async def receive(request: AppRequest) -> Receipt:
    """Report on a job.

    What became of an attempt: a heartbeat (`processing`), or its end (`complete`, `failed`, `released`). The first end that is
    reported wins. A 2xx is sent when the change is on the disk; `applied` is false where there was nothing to change. After a 503
    or 507 the same report may be sent again: nothing is lost.
    """
    is_new = await applied(await _read_report(request), request.parts)
    request.scope["state"]["outcome"] = "applied" if is_new else "unchanged"
    return Receipt(success=True, applied=is_new)


def webhooks_router(settings: Settings, clock: Callable[[], float]) -> Router:
    """Return the routes below /api/webhooks. By `clock` it is limited how often their callers are logged."""
    refused = LimitedLog(UNAUTHORIZED, clock)

    def answer_refused(request: AnyRequest, error: Exception) -> Response[bytes]:
        refused(caller_address(request, settings.trusted_proxies))
        return answer_known(request, error)

    return Router(
        "/api/webhooks",
        route_handlers=[receive],
        guards=[webhook_guard(settings, LimitedLog(STILL_PREVIOUS, clock))],
        exception_handlers={Unauthorized: answer_refused, NotTheHolder: answer_refused},
        security=REPORTING,
        tags=["workers"],
    )
