"""The stream as a redirect to the storage (`GREENROOM_DELIVERY=redirect`): it costs the server a look-up."""

from datetime import datetime

from litestar import Response, get, head
from litestar.status_codes import HTTP_302_FOUND
from litestar.types import ASGIApp

from domain.playback import find_rendition
from entrypoints.web import caching
from entrypoints.web.caching import NO_STORE
from entrypoints.web.openapi.described import VARIANT, described
from entrypoints.web.requests import AppRequest
from entrypoints.web.sending import Bare
from entrypoints.web.wanted import DOWNLOAD, Asked, Wanted
from ports.assets import Asset, Rendition


@get(
    "/stream",
    status_code=HTTP_302_FOUND,
    operation_id="streamAsset",
    operation_class=described(
        *(400, 404, 503),
        parameters=[VARIANT, DOWNLOAD],
        answers={302: None},
        sends={302: ["Location", "Cache-Control"]},
    ),
)
async def stream(request: AppRequest, wanted: Asked) -> ASGIApp:
    """Play an asset.

    Redirects to a signed link of the storage in use, which takes ranges, so that players seek at once. The redirect may be kept
    for an hour, the link lives longer than the listening. Who knows an asset's id can listen.
    """
    parts = request.parts
    asset, rendition = await find_rendition(wanted.asset_id, wanted.variant, parts.assets, parts.jobs)
    url, _ = place(request, asset, wanted, rendition)
    return Bare(HTTP_302_FOUND, caching.REDIRECT | {"Location": url, "Content-Length": "0"})


@head(
    "/stream",
    operation_id="streamAssetHead",
    operation_class=described(
        *(400, 404, 503),
        parameters=[VARIANT],
        answers={200: None},
        sends={200: ["Content-Length", "ETag", "Cache-Control"]},
    ),
)
async def stream_head(request: AppRequest, wanted: Asked) -> Response[None]:
    """Say what a variant is.

    Its type, length and ETag, without a redirect: a HEAD on a GET link is refused by S3.
    """
    parts = request.parts
    _, rendition = await find_rendition(wanted.asset_id, wanted.variant, parts.assets, parts.jobs)
    facts = {"Content-Type": rendition.content_type, "Content-Length": str(rendition.size), "ETag": rendition.etag}
    return Response(None, headers=facts | NO_STORE)


def place(request: AppRequest, asset: Asset, wanted: Wanted, rendition: Rendition) -> tuple[str, datetime | None]:
    """Return the link by which a rendition plays, and until when."""
    link = request.parts.window.link(rendition, asset.name, request.now(), download=wanted.download)
    return link.url, link.expires_at


HANDLERS = (stream, stream_head)
