"""A listener asks for an asset's audio: a redirect, the facts about it, its waveform."""

from typing import Any, TypeAlias

from litestar import MediaType, Response, Router, get, head
from litestar.di import NamedDependency, Provide
from litestar.openapi.spec import Parameter, Schema
from litestar.openapi.spec.enums import OpenAPIType
from litestar.response import Stream
from litestar.status_codes import HTTP_302_FOUND

from domain.errors import VariantNotFound
from domain.playback import find_peaks, find_rendition
from domain.variants import named_variant
from entrypoints.views import Pending, Playback, job_summary, playback_view
from entrypoints.web import caching
from entrypoints.web.bodies import AnyRequest
from entrypoints.web.caching import NO_STORE
from entrypoints.web.delivery import is_known
from entrypoints.web.dependencies import Assets, Jobs, Now, Objects, Rules, Window
from entrypoints.web.errors import RETRY_SOON, answer_known
from entrypoints.web.ids import ASSET_ID, AssetId
from entrypoints.web.openapi import examples
from entrypoints.web.openapi.described import VARIANT, content_of, described
from entrypoints.web.queries import MalformedQuery
from ports.assets import Variant

_SWITCH = {"1": True, "true": True, "0": False, "false": False}

PENDING = NO_STORE | {"Retry-After": RETRY_SOON}

Wanted: TypeAlias = NamedDependency[Variant]
AsFile: TypeAlias = NamedDependency[bool]

PEAKS = content_of("application/json", schema={"type": "object"}, says="The peaks", shows=examples.PEAKS)
DOWNLOAD = Parameter("download", "query", schema=Schema(type=OpenAPIType.BOOLEAN, default=False))


async def provide_variant(request: AnyRequest) -> Variant:
    """Read the one `variant` parameter."""
    return named_variant(request.query_params.getall("variant", []))


async def provide_download(request: AnyRequest) -> bool:
    """Read the one `download` parameter: whether the audio is to be saved as a file."""
    words = request.query_params.getall("download", ["0"])
    if len(words) > 1 or words[0] not in _SWITCH:
        raise MalformedQuery("download", "must be 1, true, 0 or false, once")
    return _SWITCH[words[0]]


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


def answer_pending(request: AnyRequest, error: VariantNotFound) -> Response[Any]:
    """Answer 202 on /playback while a job is at it, and what the table says otherwise."""
    if error.job is None:
        return answer_known(request, error)
    return Response(Pending(variant=error.variant, job=job_summary(error.job)), status_code=202, headers=PENDING)


@get(
    "/playback",
    exception_handlers={VariantNotFound: answer_pending},
    operation_id="readPlayback",
    response_description="Where it plays",
    operation_class=described(
        *(400, 404, 503),
        parameters=[VARIANT, DOWNLOAD],
        answers={202: Pending},
        shows={200: examples.PLAYBACK, 202: examples.PENDING},
        sends={200: ["Cache-Control"], 202: ["Cache-Control", "Retry-After"]},
    ),
)
async def playback(
    asset_id: AssetId, variant: Wanted, download: AsFile, assets: Assets, jobs: Jobs, window: Window, policy: Rules, clock: Now
) -> Response[Playback]:
    """Say where an asset plays.

    What the stream redirects to, as JSON, for apps that want to know before they play. 202 with the job while it is being made.
    """
    asset, rendition = await find_rendition(asset_id, variant, assets, jobs)
    link = window.link(rendition, asset.name, clock(), download=download)
    return Response(playback_view(variant, rendition, link, policy.public_url), headers=NO_STORE)


@get(
    "/peaks",
    operation_id="readPeaks",
    operation_class=described(
        *(400, 404, 412, 503),
        parameters=[VARIANT],
        answers={200: PEAKS, 304: None},
        sends={200: ["Cache-Control", "ETag", "Content-Length"], 304: ["Cache-Control", "ETag"]},
    ),
)
async def peaks(
    request: AnyRequest, asset_id: AssetId, variant: Wanted, assets: Assets, jobs: Jobs, storage: Objects, clock: Now
) -> Stream:
    """Read a waveform.

    The peaks of a variant to draw, in audiowaveform's JSON: version 2, 16 bits, pairs of the lowest and the highest sample.
    """
    found, chunks = await find_peaks(asset_id, variant, assets, jobs, storage)
    facts = caching.PEAKS | {"ETag": found.etag, "X-Content-Type-Options": "nosniff"}
    if is_known(request, found, clock()):
        return Stream([], status_code=304, headers=facts)
    return Stream(chunks, media_type="application/json", headers=facts | {"Content-Length": str(found.size)})


def streams_router() -> Router:
    """Return the routes below /api/audio/assets/{id} that listeners use: open to whoever knows the id."""
    return Router(
        "/api/audio/assets/{id:str}",
        route_handlers=[stream, stream_head, playback, peaks],
        dependencies=ASSET_ID | {"variant": Provide(provide_variant), "download": Provide(provide_download)},
        tags=["listening"],
    )
