"""Direct uploads: the bytes go from the client straight to storage; here they are announced, looked up, completed, given up."""

import asyncio
from collections.abc import Sequence
from uuid import uuid4

from litestar import Router, delete, get, post
from litestar.di import NamedDependency, Provide
from litestar.types import Guard

from domain.completing import complete_upload
from domain.parting import parts_there, ways_to_send
from domain.uploading import Announced, find_upload, give_up, open_upload
from entrypoints.upload_view import UploadView, upload_view
from entrypoints.views import asset_view, job_view
from entrypoints.web.announcing import UploadBody, read_announced
from entrypoints.web.assets import Uploaded
from entrypoints.web.ids import UPLOAD_ID, UploadId, each_once
from entrypoints.web.openapi import examples, leads
from entrypoints.web.openapi.described import BEARER, described, json_of
from entrypoints.web.requests import AppRequest
from ports.links import Part
from ports.uploads import Upload


@post(
    "/",
    request_max_body_size=None,
    dependencies={"announced": Provide(read_announced)},
    operation_id="openUpload",
    response_description="The upload, with links to send its parts by",
    operation_class=described(
        *(400, 401, 403, 408, 413, 503, 507),
        takes=json_of(UploadBody, shows=examples.ANNOUNCED),
        shows={201: examples.OPEN_UPLOAD},
        leads={201: leads.UPLOAD},
    ),
)
async def announce(request: AppRequest, announced: NamedDependency[Announced]) -> UploadView:
    """Open a direct upload.

    Its bytes do not pass through this server: send each of the `parts` to its link, in any order and several at a time, then
    complete the upload. A file up to the usual size of a part is one request, a larger one is cut into equal parts. The links
    are good for a day; the first hundred are in the answer, reading the upload gives the next.
    """
    upload = await open_upload(announced, new_id=uuid4(), house=request.parts.house, now=request.now())
    return await _shown(upload, [], request)


@get(
    "/{id:str}",
    operation_id="readUpload",
    response_description="The upload, with links to send what is missing",
    operation_class=described(400, 401, 403, 404, 503, shows={200: examples.OPEN_UPLOAD}),
)
async def look_up(request: AppRequest, upload_id: UploadId) -> UploadView:
    """Read a direct upload.

    `present` are the parts that have arrived, `parts` the next ones that are missing: so an interrupted upload is resumed. Once
    it is complete, `assetId` is its asset.
    """
    parts = request.parts
    upload = await find_upload(upload_id, parts.uploads)
    there = await parts_there(upload, parts.storage, parts.multipart)
    return await _shown(upload, there, request)


@post(
    "/{id:str}/complete",
    status_code=200,
    operation_id="completeUpload",
    response_description="The new asset, and the job that prepares it",
    operation_class=described(
        *(400, 401, 403, 404, 409, 415, 422, 503, 507), shows={200: examples.UPLOADED}, leads={200: leads.UPLOADED}
    ),
)
async def complete(request: AppRequest, upload_id: UploadId) -> Uploaded:
    """Complete a direct upload.

    The parts are joined, size and announced checksum verified, the first 64 KiB judged as those of any upload; then it is an
    asset, whose id is the upload's, and a job is queued. Ask again if the answer was lost: it is the same. While parts are
    missing it is 409, which names them.
    """
    asset, job = await complete_upload(upload_id, house=request.parts.house, now=request.now())
    request.parts.wake.ring()
    return Uploaded(asset_view(asset), None if job is None else job_view(job))


@delete(
    "/{id:str}",
    operation_id="deleteUpload",
    response_description="It is given up",
    operation_class=described(400, 401, 403, 404, 409, 503, 507),
)
async def abandon(request: AppRequest, upload_id: UploadId) -> None:
    """Give a direct upload up.

    What has arrived of it is removed, and it is not found any more. One that is complete is an asset: delete that.
    """
    await give_up(upload_id, house=request.parts.house, now=request.now())


async def _shown(upload: Upload, there: Sequence[Part], request: AppRequest) -> UploadView:
    """Show an upload. A hundred links for S3 take a while to sign: that is not for the event loop."""
    parts, now = request.parts, request.now()
    ways = await asyncio.to_thread(ways_to_send, upload, there, links=parts.links, multipart=parts.multipart, now=now)
    return upload_view(upload, there, ways, parts.policy.public_url)


def uploads_router(guard: Guard) -> Router:
    """Return the routes below /api/audio/uploads."""
    return Router(
        "/api/audio/uploads",
        route_handlers=[announce, look_up, complete, abandon],
        guards=[guard],
        before_request=each_once,
        dependencies=UPLOAD_ID,
        security=BEARER,
        tags=["uploads"],
    )
