"""The stream as the bytes themselves, through this server (`GREENROOM_DELIVERY=proxy`): for players that follow no redirect."""

from datetime import datetime

from litestar import route
from litestar.enums import HttpMethod
from litestar.types import ASGIApp

from domain.playback import find_rendition, shown_as
from domain.variants import disposition
from entrypoints.web import caching
from entrypoints.web.bodies import AnyRequest
from entrypoints.web.delivery import Manner, delivered, relayed
from entrypoints.web.dependencies import Assets, Files, Jobs, Now, Objects
from entrypoints.web.ids import AssetId
from entrypoints.web.links import CONDITIONS, OF_OBJECT
from entrypoints.web.openapi.described import VARIANT, content_of, described
from entrypoints.web.sending import Bare
from entrypoints.web.wanted import DOWNLOAD, AsFile, Placing, Wanted
from ports.assets import Asset, Rendition, Variant
from ports.storage import LocalFiles, Storage

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
async def stream_asset(
    request: AnyRequest,
    asset_id: AssetId,
    variant: Wanted,
    download: AsFile,
    assets: Assets,
    jobs: Jobs,
    storage: Objects,
    files: Files,
    clock: Now,
) -> ASGIApp:
    """Play an asset.

    Sends the bytes: ranges, conditions and HEAD by RFC 9110, so that players seek at once. A copy may be kept and is asked about
    by its ETag, for a variant may be made anew. Who knows an asset's id can listen.
    """
    asset, rendition = await find_rendition(asset_id, variant, assets, jobs)
    manner = _manner(request, asset, rendition, download)
    with shown_as(variant):
        return await _sent(request, rendition.key, manner, storage, files, clock())


async def _sent(request: AnyRequest, key: str, manner: Manner, storage: Storage, files: LocalFiles | None, now: datetime) -> Bare:
    """Answer with an object, by the shortest way there is. Raise NotFound, PreconditionFailed or RangeNotSatisfiable."""
    if files is not None:
        return delivered(request, await files.open(key), manner, now)
    return relayed(request, storage, await storage.stat(key), manner, now)


def _manner(request: AnyRequest, asset: Asset, rendition: Rendition, download: bool) -> Manner:
    kept = caching.NO_STORE if request.method == HttpMethod.HEAD else caching.REVALIDATE
    return Manner(
        content_type=rendition.content_type,
        disposition=disposition(asset.name, rendition.key, rendition.content_type, download=download),
        caching=kept["Cache-Control"],
    )


async def provide_place() -> Placing:
    """Say that a rendition plays at its stream, for good."""
    return _place


def _place(asset: Asset, variant: Variant, _: Rendition, download: bool) -> tuple[str, datetime | None]:
    return f"/api/audio/assets/{asset.id}/stream?variant={variant}{'&download=1' if download else ''}", None


HANDLERS = (stream_asset,)
