"""The web application, made from settings: `create_app(settings)`. Nothing happens before it starts."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

from litestar import Litestar, Response, Router
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.status_codes import HTTP_404_NOT_FOUND
from litestar.types import Guard

from entrypoints.claiming import ClaimDesk
from entrypoints.logs import set_up_logs
from entrypoints.readiness import Readiness
from entrypoints.settings import Settings, load_settings
from entrypoints.version import VERSION
from entrypoints.web import links
from entrypoints.web.assets import assets_router
from entrypoints.web.claims import claims_router
from entrypoints.web.dependencies import provided
from entrypoints.web.described import problem
from entrypoints.web.errors import exception_handlers
from entrypoints.web.guards import api_guard
from entrypoints.web.jobs import jobs_router
from entrypoints.web.ops import ops_router
from entrypoints.web.streams import streams_router
from entrypoints.web.webhooks import webhooks_router
from entrypoints.wiring import running

Lifespan: TypeAlias = Callable[[Litestar], AbstractAsyncContextManager[None]]


def create_app(settings: Settings | None = None) -> Litestar:
    """Return the application; without settings, by those of the environment and `.env`. Raise InvalidSettings."""
    chosen = settings or load_settings()
    set_up_logs()
    api = api_guard(chosen)
    return Litestar(
        route_handlers=[
            webhooks_router(chosen, time.monotonic),
            claims_router(chosen, time.monotonic),
            streams_router(),
            links.read,
            links.write,
            assets_router(api),
            jobs_router(api),
            ops_router(),
        ],
        dependencies=provided(),
        exception_handlers=exception_handlers(),
        lifespan=[_lifespan(chosen)],
        openapi_config=_openapi(api),
        logging_config=None,
        debug=False,
    )


def _lifespan(settings: Settings) -> Lifespan:
    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with running(settings) as parts:
            app.state.parts = parts
            app.state.desk = ClaimDesk(parts)
            app.state.readiness = Readiness(parts.checks, time.monotonic)
            yield

    return lifespan


def _openapi(guard: Guard) -> OpenAPIConfig:
    bearer = SecurityScheme(type="http", scheme="bearer")
    return OpenAPIConfig(
        title="Greenroom",
        version=VERSION,
        openapi_router=Router("/schema", route_handlers=[], guards=[guard], after_request=_refuse_pages, include_in_schema=False),
        render_plugins=[JsonRenderPlugin()],
        use_handler_docstrings=True,
        components=Components(security_schemes={"bearer": bearer}, responses=problem()),
    )


async def _refuse_pages(response: Response[Any]) -> Response[Any]:
    """Raise NotFoundException where Litestar answers with a page of its own, whatever else is below /schema."""
    if response.status_code == HTTP_404_NOT_FOUND:
        raise NotFoundException
    return response
