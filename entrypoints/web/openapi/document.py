"""The OpenAPI document as a whole: what the API is, whom it asks for which proof, and where it is served."""

from typing import Any

from litestar import Response, Router
from litestar.enums import HttpMethod
from litestar.exceptions import NotFoundException
from litestar.handlers.http_handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Server, Tag
from litestar.status_codes import HTTP_404_NOT_FOUND
from litestar.types import Guard, Method

from entrypoints.settings import Settings
from entrypoints.version import VERSION
from entrypoints.web.openapi.headers import headers
from entrypoints.web.openapi.refusals import refusals
from entrypoints.web.openapi.telling import webhooks

ABOUT = """\
The self-hosted back end of an app that plays audio: upload, prepare, prove, play.

Upload a file: the answer has the ids of an asset and of a job. The job makes the audio fit to air; read it, or follow its events.
The stream URL of the asset plays either variant, `original` or `prepared`, by a redirect to a signed link, so that players seek.

Every error is `{"error": "<a sentence>", ...}`. Where a body or parameter is at fault, `field` names it.
"""

TAGS = [
    Tag("assets", "A team's audio: upload it, list it, read it, delete it, have it prepared again."),
    Tag("uploads", "Large files, sent straight to storage in parts: open an upload, send the parts to their links, complete it."),
    Tag("jobs", "The work that is done on audio: order it, list it, read it with the history of its attempts, steer it."),
    Tag("events", "What happens to jobs, told as it happens by server-sent events."),
    Tag("listening", "What a player asks for: open to whoever knows the asset's id."),
    Tag("links", "What signed links lead to where objects are kept in a local folder: bytes, as S3 would answer for them."),
    Tag("workers", "What workers elsewhere call: they ask for a ticket, and report what became of their attempt."),
    Tag("operations", "For those who run it."),
]


def _signing(header: str, meaning: str) -> SecurityScheme:
    return SecurityScheme(type="apiKey", name=header, security_scheme_in="header", description=f"{meaning} (Standard Webhooks).")


PROOFS = {
    "apiKey": SecurityScheme(type="http", scheme="bearer", description="One of `GREENROOM_API_KEYS`."),
    "webhookSecret": SecurityScheme(
        type="http", scheme="bearer", description="`INTERNAL_WEBHOOK_SECRET`, or the one before it while it is being changed."
    ),
    "webhookId": _signing("webhook-id", "The message's id, the same when it is sent again"),
    "webhookTimestamp": _signing("webhook-timestamp", "When it was sent, in seconds since 1970; 5 minutes off is too much"),
    "webhookSignature": _signing("webhook-signature", "`v1,` and the signature by `INTERNAL_WEBHOOK_SIGNING_SECRET`"),
    "ticketToken": SecurityScheme(
        type="http",
        scheme="bearer",
        description="The `callback.token` of a ticket: it proves the one attempt that it is for.",
    ),
}


def openapi(settings: Settings, guard: Guard) -> OpenAPIConfig:
    """Return how the document is made, and that `guard` stands before it."""
    return OpenAPIConfig(
        title="Greenroom",
        version=VERSION,
        description=ABOUT,
        license=License("MIT", identifier="MIT"),
        servers=[Server(settings.public_url or "/")],
        tags=TAGS,
        webhooks=webhooks(),
        openapi_router=Router("/schema", route_handlers=[], guards=[guard], after_request=_refuse_pages, include_in_schema=False),
        render_plugins=[JsonRenderPlugin()],
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
        components=Components(security_schemes={**PROOFS}, responses=refusals(), headers=headers()),
    )


def keyless(settings: Settings) -> list[dict[str, list[str]]]:
    """Return what calls of the API take beside a key: nothing at all, of callers on this machine, where no keys are set."""
    return [] if settings.api_keys else [{}]


def _operation_id(handler: HTTPRouteHandler, method: Method, _: Any) -> str:
    """Return the handler's name as client generators like it: `listAssets`, and `healthzHead` beside `healthz`."""
    twin = method == HttpMethod.HEAD and len(handler.http_methods) > 1
    first, *more = [*handler.handler_name.split("_"), *(["head"] if twin else [])]
    return first + "".join(word.title() for word in more)


async def _refuse_pages(response: Response[Any]) -> Response[Any]:
    """Raise NotFoundException where Litestar answers with a page of its own, whatever else is below /schema."""
    if response.status_code == HTTP_404_NOT_FOUND:
        raise NotFoundException
    return response
