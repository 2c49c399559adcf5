"""A listener asks for an asset's audio: the way there, the facts about it, its waveform."""

from typing import Any

from litestar import Response, Router, get
from litestar.response import Stream

from domain.errors import VariantNotFound
from domain.playback import find_peaks, find_rendition
from domain.tickets import absolute
from entrypoints.settings import Delivery
from entrypoints.views import Pending, Playback, job_summary, playback_view
from entrypoints.web import caching, redirecting, relaying
from entrypoints.web.bodies import AnyRequest
from entrypoints.web.caching import NO_STORE
from entrypoints.web.delivery import is_known
from entrypoints.web.errors import RETRY_SOON, answer_known
from entrypoints.web.openapi import examples
from entrypoints.web.openapi.described import VARIANT, content_of, described
from entrypoints.web.requests import AppRequest
from entrypoints.web.wanted import DOWNLOAD, WANTED, Asked

PENDING = NO_STORE | {"Retry-After": RETRY_SOON}
PEAKS = content_of("application/json", schema={"type": "object"}, says="The peaks", shows=examples.PEAKS)

WAYS = {Delivery.REDIRECT: redirecting, Delivery.PROXY: relaying}


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
async def playback(request: AppRequest, wanted: Asked) -> Response[Playback]:
    """Say where an asset plays.

    Where the stream leads, as JSON, for apps that want to know before they play. 202 with the job while it is being made. Where
    this server sends the bytes itself, it is the stream, and `expiresAt` is null.
    """
    parts, way = request.parts, WAYS[request.settings.delivery]
    asset, rendition = await find_rendition(wanted.asset_id, wanted.variant, parts.assets, parts.jobs)
    url, expires_at = way.place(request, asset, wanted, rendition)
    view = playback_view(wanted.variant, rendition, absolute(url, parts.policy.public_url), expires_at)
    return Response(view, headers=NO_STORE)


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
async def peaks(request: AppRequest, wanted: Asked) -> Stream:
    """Read a waveform.

    The peaks of a variant to draw, in audiowaveform's JSON: version 2, 16 bits, pairs of the lowest and the highest sample.
    """
    parts = request.parts
    found, chunks = await find_peaks(wanted.asset_id, wanted.variant, parts.assets, parts.jobs, parts.storage)
    facts = caching.PEAKS | {"ETag": found.etag, "X-Content-Type-Options": "nosniff"}
    if is_known(request, found, request.now()):
        return Stream([], status_code=304, headers=facts)
    return Stream(chunks, media_type="application/json", headers=facts | {"Content-Length": str(found.size)})


def streams_router(delivery: Delivery) -> Router:
    """Return the routes below /api/audio/assets/{id} that listeners use: open to whoever knows the id."""
    way = WAYS[delivery]
    return Router(
        "/api/audio/assets/{id:str}",
        route_handlers=[*way.HANDLERS, playback, peaks],
        dependencies=WANTED,
        tags=["listening"],
    )
