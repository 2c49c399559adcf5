"""The web application, made from settings: `create_app(settings)`. Nothing happens before it starts."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

from litestar import Litestar, Router
from litestar.handlers import HTTPRouteHandler

from entrypoints.claiming import ClaimDesk
from entrypoints.logs import set_up_logs
from entrypoints.metrics.exposition import Exposition
from entrypoints.metrics.recount import Recount
from entrypoints.readiness import Readiness
from entrypoints.settings import Settings, load_settings
from entrypoints.web import links
from entrypoints.web.assets import assets_router
from entrypoints.web.claims import claims_router
from entrypoints.web.cors import Cors
from entrypoints.web.docs import docs_router
from entrypoints.web.errors import exception_handlers
from entrypoints.web.events import events_router
from entrypoints.web.guards import api_guard
from entrypoints.web.jobs import jobs_router
from entrypoints.web.observed import Observed
from entrypoints.web.openapi.document import keyless, openapi
from entrypoints.web.ops import ops_router
from entrypoints.web.options import WholeAllow
from entrypoints.web.page import BUILT, BuiltPage, page_router
from entrypoints.web.requests import AppRequest
from entrypoints.web.streams import streams_router
from entrypoints.web.uploads import uploads_router
from entrypoints.web.webhooks import webhooks_router
from entrypoints.wiring.places import is_local
from entrypoints.wiring.server import running

Lifespan: TypeAlias = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(settings: Settings | None = None, page_folder: Path = BUILT) -> Litestar:
    """Return the application; without settings, by those of the environment and `.env`. Raise InvalidSettings.

    The page for people is what was built into `page_folder`, if anything was.
    """
    chosen = settings or load_settings()
    set_up_logs(chosen.log_level, chosen.log_format)
    api = api_guard(chosen)
    app = Litestar(
        route_handlers=[
            webhooks_router(chosen, time.monotonic),
            claims_router(chosen, time.monotonic),
            streams_router(chosen.delivery),
            *_links(chosen),
            docs_router(),
            page_router(BuiltPage(page_folder)),
            Router(
                "/",
                route_handlers=[assets_router(api), uploads_router(api), jobs_router(api), events_router(api), ops_router(api)],
                security=keyless(chosen),
            ),
        ],
        request_class=AppRequest,
        exception_handlers=exception_handlers(),
        lifespan=[lifespan_of(chosen)],
        openapi_config=openapi(chosen, api),
        plugins=[WholeAllow()],
        logging_config=None,
        debug=False,
    )
    if chosen.cors_origins:
        app.asgi_handler = Cors(app.asgi_handler, chosen.cors_origins)
    app.asgi_handler = Observed(app.asgi_handler)  # Litestar's own middlewares do not see what finds no route
    return app


def _links(settings: Settings) -> Sequence[HTTPRouteHandler]:
    """Return the routes of local links: a bucket's server answers its own."""
    return [links.read_object, links.write_object] if is_local(settings) else []


def lifespan_of(settings: Settings) -> Lifespan:
    """Return what an application lives by: its parts, which its handlers find in its state."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with running(settings) as parts:
            app.state.parts = parts
            app.state.desk = ClaimDesk(parts)
            promised = parts.promise.sentence if parts.promise else None
            app.state.readiness = Readiness(parts.checks, time.monotonic, promised=promised)
            app.state.exposition = Exposition(parts.metrics, Recount(parts.census, time.monotonic, parts.clock), parts.clock)
            yield

    return lifespan
