"""The stream as the bytes themselves, through this server (`GREENROOM_DELIVERY=proxy`): for players that follow no redirect."""

from datetime import datetime

from litestar import route
from litestar.enums import HttpMethod
from litestar.types import ASGIApp

from domain.playback import find_rendition, shown_as
from domain.variants import disposition
from entrypoints.web import caching
from entrypoints.web.delivery import Manner, delivered, relayed
from entrypoints.web.links import CONDITIONS, OF_OBJECT
from entrypoints.web.openapi.described import VARIANT, content_of, described
from entrypoints.web.requests import AppRequest
from entrypoints.web.sending import Bare
from entrypoints.web.wanted import DOWNLOAD, Asked, Wanted
from ports.assets import Asset, Rendition

WHOLE = content_of("audio/*", says="The audio")
PART = content_of("audio/*", says="The part that was asked for")


@route(
    "/stream",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    status_code=200,
    operation_class=described(
        *(400, 404, 412, 416, 503),
        parameters=[VARIANT, DOWNLOAD, *CONDITIONS],
        answers={200: WHOLE, 206: PART, 304: None},
        sends={200: OF_OBJECT, 206: [*OF_OBJECT, "Content-Range"], 304: OF_OBJECT[:4]},
    ),
)
async def stream_asset(request: AppRequest, wanted: Asked) -> ASGIApp:
    """Play an asset.

    Sends the bytes: ranges, conditions and HEAD by RFC 9110, so that players seek at once. A copy may be kept and is asked about
    by its ETag, for a variant may be made anew. Who knows an asset's id can listen.
    """
    parts = request.parts
    asset, rendition = await find_rendition(wanted.asset_id, wanted.variant, parts.assets, parts.jobs)
    manner = _manner(request, asset, rendition, wanted.download)
    with shown_as(wanted.variant):
        return await _sent(request, rendition.key, manner)


async def _sent(request: AppRequest, key: str, manner: Manner) -> Bare:
    """Answer with an object, by the shortest way there is. Raise NotFound, PreconditionFailed or RangeNotSatisfiable."""
    local, storage = request.parts.local, request.parts.storage
    if local is not None:
        return delivered(request, await local.files.open(key), manner, request.now())
    return relayed(request, storage, await storage.stat(key), manner, request.now())


def _manner(request: AppRequest, asset: Asset, rendition: Rendition, download: bool) -> Manner:
    kept = caching.NO_STORE if request.method == HttpMethod.HEAD else caching.REVALIDATE
    return Manner(
        content_type=rendition.content_type,
        disposition=disposition(asset.name, rendition.key, rendition.content_type, download=download),
        caching=kept["Cache-Control"],
    )


def place(_: AppRequest, asset: Asset, wanted: Wanted, __: Rendition) -> tuple[str, datetime | None]:
    """Return where the stream of a rendition is: for good."""
    return f"/api/audio/assets/{asset.id}/stream?variant={wanted.variant}{'&download=1' if wanted.download else ''}", None


HANDLERS = (stream_asset,)
