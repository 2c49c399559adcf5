"""A team's audio: uploading it, listing it, reading it, deleting it, and having it prepared again."""

from typing import Annotated
from uuid import uuid4

from litestar import Router, delete, get, patch, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery
from litestar.types import Guard
from msgspec import Meta, Struct

from domain.deleting import delete_asset
from domain.intake import take_in
from domain.labelling import Labels, label_asset
from domain.library import find_asset
from domain.ordering import Order
from entrypoints.views import AssetPage, AssetView, JobView, asset_view, job_view, listing, read_cursor
from entrypoints.web.forms import sent_file
from entrypoints.web.idempotency import KEY, NEW_ID, NewId
from entrypoints.web.ids import ASSET_ID, AssetId, Limit, each_once
from entrypoints.web.labels import LabelBody, read_labels
from entrypoints.web.openapi import examples, leads
from entrypoints.web.openapi.described import BEARER, FILE, described, json_of
from entrypoints.web.orders import ORDER, OrderBody, ordered
from entrypoints.web.queries import UPLOAD, UploadQuery, read_upload, taking, upload_parameters
from entrypoints.web.requests import AppRequest, json_body
from entrypoints.web.strict_json import decoded


class Uploaded(Struct, frozen=True):
    """A new asset, and the job that prepares it: null with `prepare=false`."""

    asset: AssetView
    job: JobView | None


@post(
    "/",
    request_max_body_size=None,
    before_request=taking(*UPLOAD),
    dependencies={"wanted": Provide(read_upload)},
    operation_id="uploadAsset",
    response_description="The new asset, and the job that prepares it",
    operation_class=described(
        *(400, 401, 403, 408, 413, 415, 422, 503, 507),
        takes=FILE,
        parameters=upload_parameters(),
        shows={201: examples.UPLOADED},
        leads={201: leads.UPLOADED},
    ),
)
async def upload(request: AppRequest, wanted: NamedDependency[UploadQuery]) -> Uploaded:
    """Upload audio, and queue a job that prepares it.

    The audio is the request's body itself, or the one file of a form. It is stored as it arrives. The bytes decide whether it is
    audio, not the name: after the first 64 KiB it is refused, or the rest is taken in. The recipe's fields say how to prepare it;
    `prepare=false` queues no job, and `job` is null then.
    """
    parts, sent = request.parts, await sent_file(request, request.settings)
    asset = await take_in(
        sent.body,
        wanted.filename or sent.name,
        ref=wanted.ref,
        new_id=uuid4(),
        assets=parts.assets,
        storage=parts.storage,
        policy=parts.policy,
        now=request.now(),
    )
    job = await ordered(wanted.order(), asset.id, uuid4(), request) if wanted.prepare else None
    return Uploaded(asset_view(asset), None if job is None else job_view(job))


@get(
    "/",
    before_request=taking("q", "cursor", "limit"),
    response_description="A page of assets, newest first",
    operation_class=described(400, 401, 403, 503, shows={200: examples.ASSETS}),
)
async def list_assets(
    request: AppRequest, q: FromQuery[str] = "", cursor: FromQuery[str | None] = None, limit: Limit = 50
) -> AssetPage:
    """List assets.

    Newest first: all, or those whose names begin with `q`, in whatever case. `next` is the `cursor` of the page after, null on
    the last one.
    """
    return listing(AssetPage, await request.parts.assets.page(prefix=q, after=read_cursor(cursor), limit=limit), asset_view)


@get(
    "/{id:str}",
    response_description="The asset",
    operation_class=described(400, 401, 403, 404, 503, shows={200: examples.ASSET}),
)
async def read_asset(request: AppRequest, asset_id: AssetId) -> AssetView:
    """Read an asset.

    `renditions` has what there is to play: the original at once, the prepared audio when its job is complete.
    """
    return asset_view(await find_asset(asset_id, request.parts.assets))


@patch(
    "/{id:str}",
    request_max_body_size=None,
    dependencies={"labels": Provide(read_labels)},
    response_description="The asset as it is called now",
    operation_class=described(
        *(400, 401, 403, 404, 408, 413, 503, 507),
        takes=json_of(Annotated[LabelBody, Meta(extra_json_schema={"minProperties": 1})], shows=examples.LABELS),  # type: ignore[arg-type]
        shows={200: examples.ASSET},
    ),
)
async def rename_asset(request: AppRequest, labels: NamedDependency[Labels], asset_id: AssetId) -> AssetView:
    """Rename an asset.

    Its name, which is refused where it could not be kept as it is, or your own `ref` for it; what the body does not name stays.
    The audio stays where it is.
    """
    return asset_view(await label_asset(asset_id, labels, assets=request.parts.assets))


@delete(
    "/{id:str}",
    operation_id="deleteAsset",
    response_description="It is deleted",
    operation_class=described(400, 401, 403, 404, 503, 507),
)
async def remove_asset(request: AppRequest, asset_id: AssetId) -> None:
    """Delete an asset.

    With its bytes, and its live jobs are cancelled. From then on it is not found.
    """
    parts = request.parts
    await delete_asset(
        asset_id, assets=parts.assets, jobs=parts.jobs, storage=parts.storage, policy=parts.policy, now=request.now()
    )


async def provide_order(request: AppRequest) -> Order:
    """Read the body that asks for a job; none at all asks for the default."""
    body = await json_body(request)
    return decoded(body or b"{}", OrderBody).order()


@post(
    "/{id:str}/jobs",
    request_max_body_size=None,
    dependencies={"order": Provide(provide_order), **NEW_ID},
    response_description="The new job",
    operation_class=described(
        *(400, 401, 403, 404, 408, 409, 413, 422, 503, 507),
        takes=json_of(ORDER, required=False, shows=examples.ORDER),
        parameters=[KEY],
        shows={201: examples.NEW_JOB},
        leads={201: leads.JOB},
    ),
)
async def add_job(request: AppRequest, order: NamedDependency[Order], asset_id: AssetId, new_id: NewId) -> JobView:
    """Queue another job for an asset.

    Of kind `prepare` by a recipe, by the default one without a body; or of kind `render` from `params`, which a worker of yours
    understands.
    """
    return job_view(await ordered(order, asset_id, new_id, request))


def assets_router(guard: Guard) -> Router:
    """Return the routes below /api/audio/assets that need a key."""
    handlers = [upload, list_assets, read_asset, rename_asset, remove_asset, add_job]
    return Router(
        "/api/audio/assets",
        route_handlers=handlers,
        guards=[guard],
        before_request=each_once,
        dependencies=ASSET_ID,
        security=BEARER,
        tags=["assets"],
    )
