"""The stream as a redirect to the storage (`GREENROOM_DELIVERY=redirect`): it costs the server a look-up."""

from datetime import datetime

from litestar import MediaType, Response, get, head
from litestar.status_codes import HTTP_302_FOUND

from domain.playback import find_rendition
from entrypoints.web import caching
from entrypoints.web.caching import NO_STORE
from entrypoints.web.dependencies import Assets, Jobs, Now, Window
from entrypoints.web.ids import AssetId
from entrypoints.web.openapi.described import VARIANT, described
from entrypoints.web.wanted import DOWNLOAD, AsFile, Placing, Wanted
from ports.assets import Asset, Rendition, Variant


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
async def stream(
    asset_id: AssetId, variant: Wanted, download: AsFile, assets: Assets, jobs: Jobs, window: Window, clock: Now
) -> Response[None]:
    """Play an asset.

    Redirects to a signed link of the storage in use, which takes ranges, so that players seek at once. The redirect may be kept
    for an hour, the link lives longer than the listening. Who knows an asset's id can listen.
    """
    asset, rendition = await find_rendition(asset_id, variant, assets, jobs)
    link = window.link(rendition, asset.name, clock(), download=download)
    return Response(None, headers=caching.REDIRECT | {"Location": link.url}, media_type=MediaType.TEXT)


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
async def stream_head(asset_id: AssetId, variant: Wanted, assets: Assets, jobs: Jobs) -> Response[None]:
    """Say what a variant is.

    Its type, length and ETag, without a redirect: a HEAD on a GET link is refused by S3.
    """
    _, rendition = await find_rendition(asset_id, variant, assets, jobs)
    facts = {"Content-Type": rendition.content_type, "Content-Length": str(rendition.size), "ETag": rendition.etag}
    return Response(None, headers=facts | NO_STORE)


async def provide_place(window: Window, clock: Now) -> Placing:
    """Say that a rendition plays at its link, as long as that lives."""

    def place(asset: Asset, _: Variant, rendition: Rendition, download: bool) -> tuple[str, datetime | None]:
        link = window.link(rendition, asset.name, clock(), download=download)
        return link.url, link.expires_at

    return place


HANDLERS = (stream, stream_head)
