"""A small app with nothing but local links, for tests of those alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from litestar import Litestar, Request, Response

from adapters.local.links import LocalLinks
from adapters.local.multipart import LocalMultipart
from adapters.local.storage import LocalStorage
from entrypoints.settings import Settings
from entrypoints.web import bodies, delivery, links
from entrypoints.web.requests import AppRequest
from ports import errors as ports

ANSWERS: dict[type[Exception], int] = {
    ports.LinkRefused: 403,
    ports.InvalidKey: 403,
    ports.NotFound: 404,
    ports.AlreadyExists: 412,
    ports.Unavailable: 503,
    ports.OutOfSpace: 507,
    delivery.PreconditionFailed: 412,
    delivery.RangeNotSatisfiable: 416,
    links.LengthRequired: 411,
    bodies.BodyTooLarge: 413,
    bodies.BodyStalled: 408,
    bodies.ClientGone: 400,
}


def now() -> datetime:
    return datetime.now(UTC)


def local_app(
    storage: LocalStorage,
    gate: LocalLinks,
    settings: Settings,
    clock: Callable[[], datetime] = now,
    part_writer: LocalMultipart | None = None,
) -> Litestar:
    app = Litestar(
        [links.read_object, links.write_object],
        request_class=AppRequest,
        exception_handlers=dict.fromkeys(ANSWERS, answered),
    )
    local = SimpleNamespace(files=storage, gate=gate, part_writer=part_writer)
    app.state.parts = SimpleNamespace(storage=storage, local=local, clock=clock, settings=settings)
    return app


def answered(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, str]]:
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, delivery.RangeNotSatisfiable):
        headers |= error.headers
    if isinstance(error, bodies.BodyTooLarge | bodies.BodyStalled):
        headers |= {"Connection": "close"}
    return Response({"error": str(error)}, status_code=ANSWERS[type(error)], headers=headers)
