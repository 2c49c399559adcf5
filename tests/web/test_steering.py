"""Cancelling jobs and trying them again, once for each key (design 4.4)."""

import asyncio
from uuid import UUID

import httpx
import pytest

from tests.web.calls import NOBODY, Api, start_attempt

pytestmark = pytest.mark.anyio


async def steer(api: Api, job: str, how: str, key: str | None = None) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await api.client.post(f"/api/jobs/{job}/{how}", headers=headers)


async def in_status(api: Api, status: str) -> str:
    """Return a job that has come to this status."""
    job = await api.new_job()
    if status == "processing":
        await start_attempt(api.parts)
    elif status == "cancelled":
        await steer(api, job, "cancel")
    elif status != "queued":
        await api.report(jobId=job, status=status)
    return job


@pytest.mark.parametrize("status", ["queued", "processing", "cancelled"])
async def test_a_live_job_is_cancelled_and_a_cancelled_one_stays_so(api: Api, status: str) -> None:
    job = await in_status(api, status)
    first, second = [await steer(api, job, "cancel") for _ in range(2)]
    assert (first.status_code, first.json()["status"]) == (200, "cancelled")
    assert second.json() == first.json() == await api.job(job)


async def test_the_worker_of_a_cancelled_job_learns_it_from_the_answer_to_its_report(api: Api) -> None:
    job = await in_status(api, "processing")
    await steer(api, job, "cancel")
    answer = await api.report(jobId=job, status="processing", attempt=1)
    assert (answer.status_code, answer.json()["status"]) == (409, "cancelled")


@pytest.mark.parametrize("status", ["complete", "failed"])
async def test_a_job_that_has_ended_is_not_cancelled(api: Api, status: str) -> None:
    answer = await steer(api, await in_status(api, status), "cancel")
    assert (answer.status_code, answer.json()) == (
        409, {"error": f"A job that is {status} cannot be cancelled", "status": status}
    )  # fmt: skip


@pytest.mark.parametrize("status", ["failed", "cancelled"])
async def test_a_job_that_failed_or_was_cancelled_is_tried_again(api: Api, status: str) -> None:
    job = await in_status(api, status)
    answer = await steer(api, job, "retry")
    assert answer.status_code == 201
    again = answer.json()
    assert (again["retryOf"], again["status"], again["kind"], again["params"]) == (job, "queued", "render", {})
    assert await api.job(again["id"]) == again
    assert (await api.job(job))["status"] == status


@pytest.mark.parametrize("status", ["queued", "processing", "complete"])
async def test_a_job_that_is_live_or_complete_is_not_tried_again(api: Api, status: str) -> None:
    answer = await steer(api, await in_status(api, status), "retry")
    assert (answer.status_code, answer.json()) == (409, {"error": f"A job that is {status} cannot be retried", "status": status})


async def test_a_job_whose_asset_is_gone_is_not_tried_again(api: Api) -> None:
    asset, job = await api.new_asset()
    await api.client.delete(f"/api/audio/assets/{asset}")
    answer = await steer(api, str(job), "retry")
    assert (answer.status_code, answer.json()) == (404, {"error": "Asset not found"})


@pytest.mark.parametrize("how", ["cancel", "retry"])
async def test_an_unknown_job_is_404_and_a_malformed_id_400(api: Api, how: str) -> None:
    assert (await steer(api, NOBODY, how)).status_code == 404
    assert (await steer(api, "x", how)).status_code == 400


async def test_a_body_is_not_needed_and_does_no_harm(api: Api) -> None:
    job = await in_status(api, "queued")
    for how, status in (("cancel", 200), ("retry", 201)):
        answer = await api.client.post(f"/api/jobs/{job}/{how}", json={"reason": "x" * 100_000})
        assert answer.status_code == status


async def test_the_same_order_under_the_same_key_is_the_same_job_as_it_stands_now(api: Api) -> None:
    asset, _ = await api.new_asset(prepare="false")
    for path, body in ((f"/api/audio/assets/{asset}/jobs", {"recipe": {"trim": False}}), ("/api/jobs", {"params": {"a": 1}})):
        headers = {"Idempotency-Key": f"order {path}"}
        first = await api.client.post(path, json=body, headers=headers)
        assert (first.status_code, UUID(first.json()["id"]).version) == (201, 5)
        await steer(api, first.json()["id"], "cancel")
        second = await api.client.post(path, json=body, headers=headers)
        assert (second.status_code, second.json()["id"], second.json()["status"]) == (201, first.json()["id"], "cancelled")
    assert len((await api.client.get("/api/jobs")).json()["items"]) == 2


async def test_another_order_under_the_same_key_is_422(api: Api) -> None:
    asset, _ = await api.new_asset(prepare="false")
    headers = {"Idempotency-Key": "k"}
    first = await api.client.post("/api/jobs", json={"params": {"a": 1}}, headers=headers)
    cancelled = await in_status(api, "cancelled")
    others = [
        await api.client.post("/api/jobs", json={"params": {"a": True}}, headers=headers),
        await api.client.post("/api/jobs", json={"params": {"a": 1}, "assetId": asset}, headers=headers),
        await api.client.post(f"/api/audio/assets/{asset}/jobs", headers=headers),
        await steer(api, cancelled, "retry", "k"),
    ]
    for answer in others:
        assert (answer.status_code, answer.json()) == (422, {"error": "This Idempotency-Key was used for another order"})
    assert (await api.job(first.json()["id"]))["params"] == {"a": 1}


async def test_a_retry_under_the_same_key_is_the_same_job(api: Api) -> None:
    job = await in_status(api, "cancelled")
    first, second = [await steer(api, job, "retry", "again") for _ in range(2)]
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert (await steer(api, job, "retry", "once more")).json()["id"] != first.json()["id"]


async def test_of_many_orders_at_once_under_one_key_comes_one_job(api: Api) -> None:
    headers = {"Idempotency-Key": "at once"}
    orders = [api.client.post("/api/jobs", json={"params": {}}, headers=headers) for _ in range(20)]
    answers = await asyncio.gather(*orders)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await api.client.get("/api/jobs")).json()["items"]) == 1


@pytest.mark.parametrize("keys", [[b""], [b"a" * 256], ["ü".encode()], [b"a\tb"], [b"a", b"a"]])
async def test_a_key_that_is_none_is_400_and_orders_nothing(api: Api, keys: list[bytes]) -> None:
    headers = [(b"Idempotency-Key", key) for key in keys]
    answer = await api.client.post("/api/jobs", content=b'{"params": {}}', headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (400, "Idempotency-Key")
    assert (await api.client.get("/api/jobs")).json()["items"] == []


async def test_a_refused_order_leaves_its_key_free(api: Api) -> None:
    headers = {"Idempotency-Key": "k"}
    assert (await api.client.post("/api/jobs", json={"params": 1}, headers=headers)).status_code == 400
    assert (await api.client.post("/api/jobs", json={"params": {}, "assetId": "nobodys"}, headers=headers)).status_code == 404
    assert (await api.client.post("/api/jobs", json={"params": {}}, headers=headers)).status_code == 201


async def test_jobs_are_listed_by_kind_and_by_asset(api: Api) -> None:
    asset, prepare = await api.new_asset()
    _, other = await api.new_asset()
    render = (await api.client.post(f"/api/audio/assets/{asset}/jobs", json={"kind": "render"})).json()["id"]

    async def listed(**query: str) -> list[str]:
        return [item["id"] for item in (await api.client.get("/api/jobs", params=query)).json()["items"]]

    assert await listed(assetId=asset) == [render, prepare]
    assert await listed(kind="prepare") == [other, prepare]
    assert await listed(kind="prepare", assetId=asset, status="queued") == [prepare]
    assert await listed(assetId="nobodys") == []
    for query, field in (("kind=zork", "kind"), ("assetId=a/b", "assetId"), ("asset=a", "asset"), ("statsu=failed", "statsu")):
        answer = await api.client.get(f"/api/jobs?{query}")
        assert (answer.status_code, answer.json()["field"]) == (400, field)
