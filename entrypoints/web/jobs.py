"""Jobs: ordering one that renders, listing and reading them."""

from uuid import uuid4

from litestar import Router, get, post
from litestar.di import NamedDependency, Provide
from litestar.params import FromQuery
from litestar.types import Guard

from domain.library import find_job
from domain.ordering import order_job
from entrypoints.web.bodies import LARGEST_JSON, AnyRequest, whole
from entrypoints.web.dependencies import Assets, Config, Jobs, Now, Rules, Wake
from entrypoints.web.described import BEARER, described, json_of
from entrypoints.web.names import JOB_ID, JobId, Limit, asset_id_of, each_once
from entrypoints.web.orders import RenderBody
from entrypoints.web.strict_json import decoded
from entrypoints.web.views import JobView, Listing, job_view, listing, read_cursor
from ports.jobs import JobStatus


async def provide_wanted(request: AnyRequest, settings: Config) -> RenderBody:
    """Read the body that asks for a job."""
    return decoded(await whole(request, limit=LARGEST_JSON, idle=settings.idle_seconds), RenderBody)


@post(
    "/",
    request_max_body_size=None,
    dependencies={"wanted": Provide(provide_wanted)},
    operation_class=described(400, 401, 403, 404, 408, 413, 503, 507, takes=json_of(RenderBody)),
)
async def add(wanted: NamedDependency[RenderBody], assets: Assets, jobs: Jobs, policy: Rules, clock: Now, wake: Wake) -> JobView:
    """Queue a job of kind `render`."""
    asset_id = None if wanted.asset_id is None else asset_id_of(wanted.asset_id, "assetId")
    job = await order_job(wanted.order(), asset_id, new_id=uuid4(), jobs=jobs, assets=assets, policy=policy, now=clock())
    wake()
    return job_view(job)


@get("/", operation_class=described(400, 401, 403, 503))
async def list_jobs(
    jobs: Jobs, status: FromQuery[JobStatus | None] = None, cursor: FromQuery[str | None] = None, limit: Limit = 50
) -> Listing[JobView]:
    """List jobs, newest first."""
    statuses = None if status is None else [status]
    return listing(await jobs.page(statuses=statuses, after=read_cursor(cursor), limit=limit), job_view)


@get("/{id:str}", operation_class=described(400, 401, 403, 404, 503))
async def read(job_id: JobId, jobs: Jobs) -> JobView:
    """Read one job, with the history of its attempts."""
    return job_view(await find_job(job_id, jobs))


def jobs_router(guard: Guard) -> Router:
    """Return the routes below /api/jobs, which need a key."""
    return Router(
        "/api/jobs",
        route_handlers=[add, list_jobs, read],
        guards=[guard],
        before_request=each_once,
        dependencies=JOB_ID,
        security=BEARER,
        tags=["jobs"],
    )
