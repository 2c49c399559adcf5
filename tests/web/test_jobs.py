"""Ordering, listing and reading jobs (design 4.4)."""

from typing import Any, NoReturn

import pytest

from domain import callbacks
from tests.web.calls import NOBODY, Api, wav
from tests.web.listening import listening

pytestmark = pytest.mark.anyio


async def test_a_render_job_waits_for_its_worker_and_keeps_its_result_as_sent(api: Api) -> None:
    answer = await api.client.post("/api/jobs", json={"kind": "render", "params": {"scene": [1, {"deep": None}]}})
    assert answer.status_code == 201
    job = answer.json()
    assert (job["kind"], job["status"], job["params"]) == ("render", "queued", {"scene": [1, {"deep": None}]})
    await api.report(jobId=job["id"], status="complete", result={"frames": 12})
    assert (await api.job(job["id"]))["result"] == {"frames": 12}


async def test_a_render_job_may_be_for_an_asset(api: Api) -> None:
    asset, _ = await api.new_asset(prepare="false")
    answer = await api.client.post("/api/jobs", json={"params": {}, "assetId": asset})
    assert answer.json()["assetId"] == asset
    assert (await api.client.post("/api/jobs", json={"params": {}, "assetId": "nobodys"})).status_code == 404
    assert (await api.client.post("/api/jobs", json={"params": {}, "assetId": "a/b"})).status_code == 400


async def test_a_prepare_job_is_ordered_at_its_asset(api: Api) -> None:
    asset, _ = await api.new_asset(prepare="false")
    for order in ({"kind": "prepare"}, {"kind": "prepare", "assetId": asset}, {"kind": "prepare", "params": {}}):
        answer = await api.client.post("/api/jobs", json=order)
        assert (answer.status_code, answer.json()["field"]) == (400, "kind")
        assert "/api/audio/assets/{id}/jobs" in answer.json()["error"]
    assert (await api.client.get("/api/jobs")).json()["items"] == []


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"params": 1}', b'{"zork": 1}', b'{"kind": null}', b'{"recipe": {}}', b"\xff"]
)
async def test_an_order_that_is_malformed_is_400(api: Api, body: bytes) -> None:
    answer = await api.client.post("/api/jobs", content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_jobs_are_listed_newest_first_by_status(api: Api) -> None:
    first, second, third = [await api.new_job() for _ in range(3)]
    await api.report(jobId=second, status="complete")
    listed = (await api.client.get("/api/jobs")).json()["items"]
    assert [item["id"] for item in listed] == [third, second, first]
    queued = (await api.client.get("/api/jobs?status=queued")).json()["items"]
    assert [item["id"] for item in queued] == [third, first]
    assert (await api.client.get("/api/jobs?status=zork")).status_code == 400


async def test_who_learns_that_a_job_is_complete_finds_the_prepared_audio(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def die(*_: object) -> NoReturn:
        raise RuntimeError("the process dies here")

    async def told_by_events(job: str) -> Any:
        async with listening(api.client, f"/api/jobs/{job}/events") as listener:
            [told] = await listener.rest()
            return told.data

    async def told_by_the_list(job: str) -> Any:
        [first] = (await api.client.get("/api/jobs")).json()["items"][:1]
        return first

    for told in (api.job, told_by_the_list, told_by_events):
        asset, job = await api.new_asset()
        assert job
        await api.lay(asset, "prepared.wav", wav(2))
        with monkeypatch.context() as patch:
            patch.setattr(callbacks, "settle", die)
            await api.report(jobId=job, status="complete")
        assert "prepared" not in (await api.client.get(f"/api/audio/assets/{asset}")).json()["renditions"]
        seen = await told(job)
        assert (seen["id"], seen["status"]) == (job, "complete")
        assert "prepared" in (await api.client.get(f"/api/audio/assets/{asset}")).json()["renditions"]


async def test_the_history_of_a_job_reads_truly(api: Api) -> None:
    job = await api.two_attempts()
    await api.report(jobId=job, attempt=2, status="processing", progress=0.5, message="halfway")
    await api.report(jobId=job, attempt=2, status="failed", error="out of tape")
    found = await api.job(job)
    assert (found["status"], found["error"], found["code"]) == ("failed", "out of tape", "failed")
    told = [(attempt["number"], attempt["outcome"], attempt["message"]) for attempt in found["attempts"]]
    assert told == [(1, "released", "The worker gave the job back"), (2, "failed", "out of tape")]
    assert found["progress"] == 0.5


async def test_a_retryable_failure_is_tried_again_until_the_attempts_are_used_up(api: Api) -> None:
    job = await api.new_job()
    await api.report(jobId=job, status="processing")
    await api.report(jobId=job, status="failed", retryable=True, error="no memory")
    found = await api.job(job)
    assert (found["status"], found["attempts"][0]["outcome"]) == ("queued", "failed")


async def test_an_unknown_job_is_404_and_a_malformed_id_400(api: Api) -> None:
    assert (await api.client.get(f"/api/jobs/{NOBODY}")).json() == {"error": "Job not found"}
    for malformed in ("x", NOBODY.replace("-", ""), "%00", "1" * 500):
        answer = await api.client.get(f"/api/jobs/{malformed}")
        assert answer.status_code == 400
        assert answer.json()["field"] == "id"
