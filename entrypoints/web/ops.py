"""For those who run it: is it alive, is it ready."""

from collections.abc import Mapping

from litestar import Response, Router, route
from litestar.enums import HttpMethod
from msgspec import Struct

from entrypoints.readiness import READY
from entrypoints.web.caching import NO_STORE
from entrypoints.web.dependencies import Ready
from entrypoints.web.described import described

ASKED = [HttpMethod.GET, HttpMethod.HEAD]
"""Monitors ask by either."""


class Health(Struct, frozen=True):
    """Whether it works, and each check by name: `ok`, or a sentence that says what is wrong."""

    status: str
    checks: Mapping[str, str]


@route("/healthz", http_method=ASKED, status_code=200)
async def healthz() -> Response[dict[str, str]]:
    """Say that the process answers."""
    return Response({"status": READY}, headers=NO_STORE)


@route("/readyz", http_method=ASKED, status_code=200, operation_class=described(answers={503: Health}))
async def readyz(readiness: Ready) -> Response[Health]:
    """Ask every adapter whether it works: 503 with names while one does not."""
    checks = await readiness.states()
    ready = set(checks.values()) <= {READY}
    health = Health(READY if ready else "unavailable", checks)
    return Response(health, status_code=200 if ready else 503, headers=NO_STORE)


def ops_router() -> Router:
    """Return the routes that a platform asks."""
    return Router("/", route_handlers=[healthz, readyz], tags=["operations"])
