"""A listener asks for an asset's audio: a redirect, the facts about it, its waveform."""

from datetime import datetime
from typing import Any, TypeAlias

from litestar import MediaType, Request, Response, Router, get, head
from litestar.di import NamedDependency, Provide
from litestar.response import Stream
from msgspec import Struct

from domain.errors import VariantNotFound
from domain.playback import find_peaks, find_rendition
from domain.policy import REDIRECT_MAX_AGE
from domain.tickets import absolute
from domain.variants import named_variant
from entrypoints.web.dependencies import Assets, Jobs, Now, Objects, Rules, Window
from entrypoints.web.errors import RETRY_SOON, answer_known
from entrypoints.web.names import ASSET_ID, AssetId
from entrypoints.web.views import JobSummary, job_summary
from ports.assets import Variant

CACHED_REDIRECT = f"public, max-age={int(REDIRECT_MAX_AGE.total_seconds())}"
PEAKS_AGE = "public, max-age=3600"
NO_STORE = {"Cache-Control": "no-store"}
PENDING = NO_STORE | {"Retry-After": RETRY_SOON}

Wanted: TypeAlias = NamedDependency[Variant]


class Playback(Struct, frozen=True, kw_only=True, rename="camel"):
    """Where a variant plays, and what it is. `size` is bytes, `duration` seconds or null."""

    url: str
    expires_at: datetime
    content_type: str
    size: int
    duration: float | None
    etag: str
    variant: Variant


class Pending(Struct, frozen=True, kw_only=True):
    """A variant that is being made, and the job that makes it."""

    variant: Variant
    job: JobSummary


async def provide_variant(request: Request[Any, Any, Any]) -> Variant:
    """Read the one `variant` parameter."""
    return named_variant(request.query_params.getall("variant", []))


@get("/stream")
async def stream(asset_id: AssetId, variant: Wanted, assets: Assets, jobs: Jobs, window: Window, clock: Now) -> Response[bytes]:
    """Redirect to a signed link of the storage in use."""
    asset, rendition = await find_rendition(asset_id, variant, assets, jobs)
    link = window.link(rendition, asset.name, clock())
    headers = {"Location": link.url, "Cache-Control": CACHED_REDIRECT}
    return Response(b"", status_code=302, headers=headers, media_type=MediaType.TEXT)


@head("/stream")
async def stream_head(asset_id: AssetId, variant: Wanted, assets: Assets, jobs: Jobs) -> Response[None]:
    """Say what a variant is, without a redirect: a HEAD on a GET link is refused by S3."""
    _, rendition = await find_rendition(asset_id, variant, assets, jobs)
    facts = {"Content-Type": rendition.content_type, "Content-Length": str(rendition.size), "ETag": rendition.etag}
    return Response(None, headers=facts | NO_STORE)


def answer_pending(request: Request[Any, Any, Any], error: VariantNotFound) -> Response[Any]:
    """Answer 202 on /playback while a job is at it, and what the table says otherwise."""
    if error.job is None:
        return answer_known(request, error)
    return Response(Pending(variant=error.variant, job=job_summary(error.job)), status_code=202, headers=PENDING)


@get("/playback", exception_handlers={VariantNotFound: answer_pending})
async def playback(
    asset_id: AssetId, variant: Wanted, assets: Assets, jobs: Jobs, window: Window, policy: Rules, clock: Now
) -> Response[Playback]:
    """Say where a variant plays: 202 with the job while it is being made."""
    asset, rendition = await find_rendition(asset_id, variant, assets, jobs)
    link = window.link(rendition, asset.name, clock())
    found = Playback(
        url=absolute(link.url, policy.public_url),
        expires_at=link.expires_at,
        content_type=rendition.content_type,
        size=rendition.size,
        duration=rendition.duration,
        etag=rendition.etag,
        variant=variant,
    )
    return Response(found, headers=NO_STORE)


@get("/peaks")
async def peaks(asset_id: AssetId, variant: Wanted, assets: Assets, jobs: Jobs, storage: Objects) -> Stream:
    """Send the waveform of a variant: audiowaveform's JSON, version 2."""
    found, chunks = await find_peaks(asset_id, variant, assets, jobs, storage)
    facts = {"Content-Length": str(found.size), "ETag": found.etag, "Cache-Control": PEAKS_AGE}
    return Stream(chunks, media_type="application/json", headers=facts)


def streams_router() -> Router:
    """Return the routes below /api/audio/assets/{id} that listeners use: open to whoever knows the id."""
    return Router(
        "/api/audio/assets/{id:str}",
        route_handlers=[stream, stream_head, playback, peaks],
        dependencies=ASSET_ID | {"variant": Provide(provide_variant)},
        tags=["listening"],
    )
