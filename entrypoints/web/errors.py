"""One table from error to answer, and the one shape that every error answer has."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import msgspec
import structlog
from litestar import Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from msgspec import Struct

from domain import errors as domain
from entrypoints import views
from entrypoints.web import bodies, forms, guards, ids, proofs, queries
from entrypoints.web.bodies import AnyRequest
from entrypoints.web.delivery import PreconditionFailed, RangeNotSatisfiable
from entrypoints.web.links import LengthRequired
from entrypoints.web.strict_json import MalformedBody
from entrypoints.wording import plain
from ports import errors as ports

Facts: TypeAlias = Callable[[Any], Mapping[str, Any]]

RETRY_SOON = "5"
"""Seconds after which a listener may ask again for audio that is being made."""

log = structlog.get_logger(__name__)


def _none(_: Exception) -> Mapping[str, Any]:
    return {}


class Answer(Struct, frozen=True):
    """How an error is answered: with this status, these fields beside `error`, and these headers."""

    status: int
    facts: Facts = _none
    headers: Facts = _none
    sentence: str | None = None


def _field(error: Any) -> Mapping[str, Any]:
    return {"field": error.field}


def _where_it_stands(error: domain.StaleReport) -> Mapping[str, Any]:
    attempts = error.job.attempts
    return {"status": error.job.status, "attempt": attempts[-1].number if attempts else None}


def _variant(error: domain.VariantNotFound | domain.PeaksNotFound) -> Mapping[str, Any]:
    job = error.job if isinstance(error, domain.VariantNotFound) else None
    return {"variant": error.variant} | ({"job": views.job_summary(job)} if job else {})


def _come_again(error: domain.VariantNotFound) -> Mapping[str, Any]:
    return {"Retry-After": RETRY_SOON} if error.job else {}


def _hang_up(_: Exception) -> Mapping[str, Any]:
    """Close a connection on which a body was left unread: what follows on it would be that body."""
    return {"Connection": "close"}


ANSWERS: Mapping[type[Exception], Answer] = {
    proofs.SecretNotConfigured: Answer(500),
    guards.Unauthorized: Answer(401, headers=lambda _: {"WWW-Authenticate": "Bearer"}),
    domain.NotTheHolder: Answer(401, headers=lambda _: {"WWW-Authenticate": "Bearer"}),
    guards.Forbidden: Answer(403),
    ports.LinkRefused: Answer(403),
    ports.InvalidKey: Answer(403, sentence="This is not a link to an object"),
    MalformedBody: Answer(400, _field),
    domain.MalformedId: Answer(400, _field),
    ids.GivenTwice: Answer(400, _field),
    forms.MalformedForm: Answer(400, _field),
    queries.MalformedQuery: Answer(400, _field),
    domain.UnknownVariant: Answer(400, lambda _: {"field": "variant"}),
    domain.JobNotFound: Answer(404),
    domain.AssetNotFound: Answer(404),
    domain.UploadNotFound: Answer(404),
    domain.VariantNotFound: Answer(404, _variant, _come_again),
    domain.PeaksNotFound: Answer(404, _variant),
    ports.NotFound: Answer(404, sentence="There is nothing here"),
    bodies.BodyStalled: Answer(408, headers=_hang_up),
    bodies.ClientGone: Answer(400, headers=_hang_up),
    ports.Altered: Answer(400, sentence="The body is not as long as the link says", headers=_hang_up),
    domain.StaleReport: Answer(409, _where_it_stands),
    domain.IllegalTransition: Answer(409, lambda error: {"status": error.status}),
    domain.NothingToPrepare: Answer(409),
    domain.UploadIncomplete: Answer(409, lambda error: {"missing": error.missing}),
    domain.UploadComplete: Answer(409),
    LengthRequired: Answer(411, headers=_hang_up),
    PreconditionFailed: Answer(412),
    ports.AlreadyExists: Answer(412, sentence="There is something here already"),
    bodies.BodyTooLarge: Answer(413, headers=_hang_up),
    domain.UploadTooLarge: Answer(413),
    domain.NotAudio: Answer(415),
    RangeNotSatisfiable: Answer(416, headers=lambda error: error.headers),
    domain.OutputsMissing: Answer(422, lambda error: {"missing": error.missing}),
    domain.OutsideLimits: Answer(422),
    domain.NotAsAnnounced: Answer(422),
    domain.KeyReused: Answer(422),
    ports.Unavailable: Answer(503, headers=lambda error: {"Retry-After": str(error.retry_after)}),
    ports.OutOfSpace: Answer(507),
}


def answer_known(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Answer an error of the table, whose name is the outcome that is counted."""
    kind = next(kind for kind in type(error).__mro__ if kind in ANSWERS)
    answer, request.scope["state"]["outcome"] = ANSWERS[kind], kind.__name__
    return _response(answer.status, answer.sentence or str(error), answer.facts(error), answer.headers(error))


def answer_framework(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    """Answer what Litestar itself refuses (no such route or method, a malformed parameter) in the same shape."""
    if error.status_code >= 500:
        return answer_unknown(request, error)
    faults = error.extra if isinstance(error.extra, list) else []
    if not faults:
        return _response(error.status_code, _sentence(request, error), {}, error.headers or {})
    field, reason = faults[0].get("key"), faults[0].get("message", "malformed")
    parameter = request.route_handler.parsed_fn_signature.parameters.get(field)
    said = plain(reason, parameter and parameter.annotation)
    return _response(error.status_code, f"{field}: {said}", {"field": field}, {})


def _sentence(request: AnyRequest, error: HTTPException) -> str:
    match error:
        case NotFoundException():
            return "There is nothing at this address"
        case MethodNotAllowedException():
            return f"This address does not take {request.method}"
        case _:
            return error.detail


def answer_unknown(request: AnyRequest, error: Exception) -> Response[bytes]:
    """Answer a fault of ours: the log has the trace, the caller only this sentence."""
    log.error("unhandled error", path=request.url.path, exc_info=error)
    return _response(500, "Something went wrong here; it has been logged", {}, {})


def exception_handlers() -> dict[type[Exception] | int, Callable[[AnyRequest, Any], Response[bytes]]]:
    """Return the handlers for Litestar: the table, its own errors, and everything else."""
    return {**dict.fromkeys(ANSWERS, answer_known), HTTPException: answer_framework, Exception: answer_unknown}


def _response(status: int, sentence: str, facts: Mapping[str, Any], headers: Mapping[str, Any]) -> Response[bytes]:
    body = msgspec.json.encode({"error": sentence, **facts})
    return Response(
        body,
        status_code=status,
        media_type="application/json",
        headers={"Cache-Control": "no-store", **headers},
    )
