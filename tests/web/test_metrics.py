"""What Prometheus is told."""

from datetime import timedelta
from uuid import UUID

import pytest
from msgspec.structs import replace
from prometheus_client.parser import text_string_to_metric_families

from entrypoints.background import housekeeper
from entrypoints.clock import utc_now
from tests.web.breakable import Store
from tests.web.calls import NOBODY, SECRET, Api, start_attempt
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio


async def told(api: Api, name: str) -> dict[frozenset[tuple[str, str]], float]:
    """Return what is told of this name, by its labels."""
    answer = await api.client.get("/metrics")
    assert answer.status_code == 200, answer.text
    families = text_string_to_metric_families(answer.text)
    return {frozenset(sample.labels.items()): sample.value for each in families for sample in each.samples if sample.name == name}


async def number(api: Api, name: str, **labels: str) -> float | None:
    return (await told(api, name)).get(frozenset(labels.items()))


async def test_it_is_text_as_prometheus_reads_it(api: Api) -> None:
    answer = await api.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    assert answer.headers["cache-control"] == "no-store"
    assert "# TYPE greenroom_request_seconds histogram" in answer.text


async def test_jobs_are_told_by_status_and_kind(api: Api) -> None:
    await api.new_asset()
    jobs = [await api.new_job() for _ in range(3)]
    await api.report(jobId=jobs[0], status="complete")
    jobs_told = await told(api, "greenroom_jobs")
    assert sum(jobs_told.values()) == 4
    assert len(jobs_told) == 10
    assert jobs_told[frozenset({("status", "queued"), ("kind", "render")})] == 2
    assert jobs_told[frozenset({("status", "complete"), ("kind", "render")})] == 1
    assert jobs_told[frozenset({("status", "queued"), ("kind", "prepare")})] == 1


async def test_the_queue_is_told_by_its_length_and_its_age(api: Api) -> None:
    job = await api.parts.jobs.get(UUID(await api.new_job()))
    await api.parts.jobs.replace(replace(job, version=1, due=job.due - timedelta(hours=1)))
    await api.new_job()
    assert await number(api, "greenroom_queue_waiting", kind="render") == 2
    assert await number(api, "greenroom_queue_age_seconds", kind="render") == pytest.approx(3600, abs=60)
    assert await number(api, "greenroom_queue_waiting", kind="prepare") == 0
    assert await number(api, "greenroom_queue_age_seconds", kind="prepare") == 0


async def test_callbacks_are_told_by_what_came_of_them(api: Api) -> None:
    job = await api.new_job()
    for _ in range(2):
        await api.report(jobId=job, status="complete")
    await api.report(jobId=job, status="failed")
    await api.report(jobId=NOBODY, status="complete")
    await api.report(bearer="wrong", jobId=job, status="complete")
    await api.report(content=b"no JSON")
    await api.client.get("/api/webhooks/worker")
    assert await told(api, "greenroom_callback_answers_total") == {
        frozenset({("answer", answer)}): 1
        for answer in ("applied", "unchanged", "StaleReport", "JobNotFound", "Unauthorized", "MalformedBody")
    }


async def test_who_still_shows_the_previous_secret_is_told(serve: Serve) -> None:
    api = await serve(INTERNAL_WEBHOOK_SECRET_PREVIOUS="the one before")
    for bearer in ("the one before", "the one before", SECRET):
        await api.report(bearer=bearer, jobId=NOBODY, status="complete")
    assert await told(api, "greenroom_previous_secret_uses_total") == {
        frozenset({("setting", "INTERNAL_WEBHOOK_SECRET_PREVIOUS")}): 2
    }


async def test_what_the_housekeeper_does_is_told(api: Api) -> None:
    await api.new_asset()
    await start_attempt(api.parts)
    await housekeeper._keep_house(replace(api.parts, clock=lambda: utc_now() + timedelta(minutes=1)))
    assert await told(api, "greenroom_housekeeping_total") == {frozenset({("deed", "lost")}): 1}


async def test_requests_are_told_by_route_never_by_path(api: Api) -> None:
    for path in (f"/api/jobs/{NOBODY}", f"/api/jobs/{UUID(int=1)}", "/api/jobs/x", "/nowhere", "/somewhere/else", "/nowhere?a=b"):
        await api.client.get(path)
    await api.client.request("BREW", "/api/jobs")
    counts = await told(api, "greenroom_request_seconds_count")
    assert counts == {
        labels("GET", "/api/jobs/{id}", 404): 2,
        labels("GET", "/api/jobs/{id}", 400): 1,
        labels("GET", "unknown", 404): 3,
        labels("other", "unknown", 405): 1,
    }


async def test_latencies_fall_into_buckets_that_hold_the_smaller_ones_too(api: Api) -> None:
    for _ in range(5):
        await api.client.get("/healthz")
    buckets = await told(api, "greenroom_request_seconds_bucket")
    healthz = [value for key, value in buckets.items() if ("route", "/healthz") in key]
    assert healthz == sorted(healthz)
    assert healthz[-1] == 5
    assert len(healthz) == 13
    assert 0 < (await told(api, "greenroom_request_seconds_sum"))[labels("GET", "/healthz", 200)] < 5


async def test_two_applications_on_one_folder_tell_the_same_sum(serve: Serve) -> None:
    first, second = await serve(), await serve()
    for api in (first, second, second):
        await api.client.get("/healthz")
    await second.client.get("/metrics")  # what it has counted is written then, or in a second
    for api in (first, second):
        assert await number(api, "greenroom_request_seconds_count", method="GET", route="/healthz", status="200") == 3


async def test_what_was_counted_is_told_while_the_store_is_out_of_reach(serve: Serve, store: Store) -> None:
    api = await serve(**store.settings)
    await api.client.get("/healthz")
    await store.lose(api)
    assert await number(api, "greenroom_request_seconds_count", method="GET", route="/healthz", status="200") == 1
    assert await told(api, "greenroom_jobs") == {}


async def test_the_version_that_answers_is_told(api: Api) -> None:
    assert await number(api, "greenroom_build_info", version="0.1.0") == 1


async def test_figures_are_not_for_strangers(serve: Serve) -> None:
    assert (await (await serve(peer="203.0.113.7")).client.get("/metrics")).status_code == 403
    keyed = (await serve(GREENROOM_API_KEYS="a key")).client
    assert (await keyed.get("/metrics")).status_code == 401
    assert (await keyed.get("/metrics", headers={"Authorization": "Bearer a key"})).status_code == 200


def labels(method: str, route: str, status: int) -> frozenset[tuple[str, str]]:
    return frozenset({("method", method), ("route", route), ("status", str(status))})
