"""Jobs: ordering one that renders, listing and reading them, cancelling them and trying them again."""

from typing import Annotated

from litestar import Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery, QueryParameter
from litestar.status_codes import HTTP_200_OK
from litestar.types import Guard

from domain.finishing import as_told
from domain.library import find_job
from domain.steering import cancel_job, retry_job
from entrypoints.views import JobPage, JobView, job_view, listing, read_cursor
from entrypoints.web.idempotency import KEY, NEW_ID, NewId
from entrypoints.web.ids import JOB_ID, JobId, Limit, asset_id_of, each_once
from entrypoints.web.openapi import examples, leads
from entrypoints.web.openapi.described import BEARER, described, json_of
from entrypoints.web.orders import RenderBody, ordered
from entrypoints.web.queries import chosen, taking
from entrypoints.web.requests import AppRequest, json_body
from entrypoints.web.strict_json import decoded
from ports.jobs import Job, JobKind, JobStatus
from ports.paging import Page

OfAsset = Annotated[str | None, QueryParameter(name="assetId", description="Those alone of this asset.")]


async def told(job: Job, request: AppRequest) -> Job:
    """Return the job as it may be shown. Raise what `as_told` raises."""
    parts = request.parts
    return await as_told(job, parts.jobs, parts.assets, parts.policy, request.now())


async def provide_wanted(request: AppRequest) -> RenderBody:
    """Read the body that asks for a job."""
    return decoded(await json_body(request), RenderBody)


@post(
    "/",
    request_max_body_size=None,
    dependencies={"wanted": Provide(provide_wanted), **NEW_ID},
    operation_id="createJob",
    response_description="The new job",
    operation_class=described(
        *(400, 401, 403, 404, 408, 413, 422, 503, 507),
        takes=json_of(RenderBody, shows=examples.RENDER_ORDER),
        parameters=[KEY],
        shows={201: examples.RENDER_JOB},
        leads={201: leads.JOB},
    ),
)
async def add(request: AppRequest, wanted: NamedDependency[RenderBody], new_id: NewId) -> JobView:
    """Queue a job of kind `render`.

    A worker of yours is handed the `params` as they are, and the job keeps the `result` that it reports.
    """
    asset_id = None if wanted.asset_id is None else asset_id_of(wanted.asset_id, "assetId")
    return job_view(await ordered(wanted.order(), asset_id, new_id, request))


@get(
    "/",
    before_request=taking("status", "kind", "assetId", "cursor", "limit"),
    response_description="A page of jobs, newest first",
    operation_class=described(400, 401, 403, 503, shows={200: examples.JOBS}),
)
async def list_jobs(
    request: AppRequest,
    status: FromQuery[str | None] = None,
    kind: FromQuery[str | None] = None,
    of_asset: OfAsset = None,
    cursor: FromQuery[str | None] = None,
    limit: Limit = 50,
) -> JobPage:
    """List jobs.

    Newest first: all, or those of a status, a kind or an asset. `next` is the `cursor` of the page after, null on the last one.
    """
    statuses, kinds = chosen("status", status, JobStatus), chosen("kind", kind, JobKind)
    asset_id = None if of_asset is None else asset_id_of(of_asset, "assetId")
    page = await request.parts.jobs.page(
        statuses=statuses, kinds=kinds, asset_id=asset_id, after=read_cursor(cursor), limit=limit
    )
    return listing(JobPage, Page(tuple([await told(job, request) for job in page.items]), page.next), job_view)


@get(
    "/{id:str}",
    operation_id="readJob",
    response_description="The job",
    operation_class=described(400, 401, 403, 404, 503, shows={200: examples.JOB}),
)
async def read(request: AppRequest, job_id: JobId) -> JobView:
    """Read a job.

    With the history of its attempts. `progress` is that of the newest one, 0 to 1; `result` is there when it is complete, `error`
    and `code` when it has failed.
    """
    return job_view(await told(await find_job(job_id, request.parts.jobs), request))


@post(
    "/{id:str}/cancel",
    status_code=HTTP_200_OK,
    operation_id="cancelJob",
    response_description="The job, cancelled",
    operation_class=described(400, 401, 403, 404, 409, 503, 507, shows={200: examples.CANCELLED_JOB}),
)
async def cancel(request: AppRequest, job_id: JobId) -> JobView:
    """Cancel a job.

    It ends at once. A worker that is at it learns so from the answer to its next report.
    """
    parts = request.parts
    return job_view(await cancel_job(job_id, jobs=parts.jobs, policy=parts.policy, now=request.now()))


@post(
    "/{id:str}/retry",
    dependencies=NEW_ID,
    operation_id="retryJob",
    response_description="The new job",
    operation_class=described(
        *(400, 401, 403, 404, 409, 422, 503, 507), parameters=[KEY], shows={201: examples.RETRIED_JOB}, leads={201: leads.JOB}
    ),
)
async def retry(request: AppRequest, job_id: JobId, new_id: NewId) -> JobView:
    """Try a job again.

    What a failed or cancelled one did not do becomes another job, whose `retryOf` names the first.
    """
    parts = request.parts
    job = await retry_job(
        job_id, new_id=new_id, jobs=parts.jobs, assets=parts.assets, now=request.now(), traceparent=request.trace
    )
    parts.wake.ring()
    return job_view(job)


def jobs_router(guard: Guard) -> Router:
    """Return the routes below /api/jobs, which need a key."""
    return Router(
        "/api/jobs",
        route_handlers=[add, list_jobs, read, cancel, retry],
        guards=[guard],
        before_request=each_once,
        dependencies=JOB_ID,
        security=BEARER,
        tags=["jobs"],
    )
