"""For those who run it: is it alive, is it ready."""

from litestar import Response, Router, get
from msgspec import Struct

from entrypoints.web.caching import NO_STORE
from entrypoints.web.dependencies import Everything
from ports.errors import OutOfSpace, Unavailable
from ports.health import Check

READY = "ok"


class Health(Struct, frozen=True):
    """Whether it works, and each check by name: `ok`, or a sentence that says what is wrong."""

    status: str
    checks: dict[str, str]


@get("/healthz")
async def healthz() -> Response[dict[str, str]]:
    """Say that the process answers."""
    return Response({"status": READY}, headers=NO_STORE)


@get("/readyz")
async def readyz(parts: Everything) -> Response[Health]:
    """Ask every adapter whether it works: 503 with names while one does not."""
    checks = {check.name: await _state(check) for check in parts.checks}
    ready = set(checks.values()) <= {READY}
    health = Health(READY if ready else "unavailable", checks)
    return Response(health, status_code=200 if ready else 503, headers=NO_STORE)


async def _state(check: Check) -> str:
    try:
        await check.check()
    except (Unavailable, OutOfSpace) as trouble:
        return str(trouble)
    return READY


def ops_router() -> Router:
    """Return the routes that a platform asks."""
    return Router("/", route_handlers=[healthz, readyz], tags=["operations"])
