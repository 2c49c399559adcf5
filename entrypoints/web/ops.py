"""For those who run it: is it alive, is it ready, and how is it doing."""

from collections.abc import Mapping

from litestar import MediaType, Response, Router, get, route
from litestar.enums import HttpMethod
from litestar.types import Guard
from msgspec import Struct
from prometheus_client import CONTENT_TYPE_LATEST

from entrypoints.readiness import READY
from entrypoints.web.caching import NO_STORE
from entrypoints.web.openapi import examples
from entrypoints.web.openapi.described import BEARER, content_of, described
from entrypoints.web.requests import AppRequest

ASKED = [HttpMethod.GET, HttpMethod.HEAD]
"""Monitors ask by either."""

FIGURES = content_of("text/plain", schema={"type": "string"}, says="The figures", shows=examples.FIGURES_TEXT)


class Health(Struct, frozen=True, omit_defaults=True):
    """Whether it works, and each check by name: `ok`, or a sentence that says what is wrong.

    `promised` is there with Redis: what a crash of it may lose, by its settings when this server started.
    """

    status: str
    checks: Mapping[str, str]
    promised: str | None = None


@route(
    "/healthz",
    http_method=ASKED,
    status_code=200,
    response_description="It answers",
    operation_class=described(shows={200: {"status": READY}}, sends={200: ["Cache-Control"]}),
)
async def healthz() -> Response[dict[str, str]]:
    """Say whether it is alive.

    The process answers: nothing else is asked. For a platform that starts it again where it does not.
    """
    return Response({"status": READY}, headers=NO_STORE)


@route(
    "/readyz",
    http_method=ASKED,
    status_code=200,
    response_description="Everything works",
    operation_class=described(
        answers={503: Health},
        shows={200: examples.HEALTHY, 503: examples.UNHEALTHY},
        sends={200: ["Cache-Control"], 503: ["Cache-Control"]},
    ),
)
async def readyz(request: AppRequest) -> Response[Health]:
    """Say whether it is ready.

    Store, storage and, where the server works itself, the audio engine are asked: 503 names what does not work.
    """
    checks = await request.readiness.states()
    ready = set(checks.values()) <= {READY}
    health = Health(READY if ready else "unavailable", checks, request.readiness.promised)
    return Response(health, status_code=200 if ready else 503, headers=NO_STORE)


@get(
    "/metrics",
    media_type=MediaType.TEXT,
    operation_class=described(401, 403, answers={200: FIGURES}, sends={200: ["Cache-Control"]}),
)
async def metrics(request: AppRequest) -> Response[bytes]:
    """Read the figures.

    In the text format of Prometheus: what all server processes on the data folder have counted, and the jobs as they stand.
    """
    return Response(await request.exposition.text(), media_type=CONTENT_TYPE_LATEST, headers=NO_STORE)


def ops_router(guard: Guard) -> Router:
    """Return the routes that a platform asks. `guard` guards the figures."""
    guarded = Router("/", route_handlers=[metrics], guards=[guard], security=BEARER)
    return Router("/", route_handlers=[healthz, readyz, guarded], tags=["operations"])
