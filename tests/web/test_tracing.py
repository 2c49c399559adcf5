"""Ids that follow a request and a job: in the answer, in the log, on the job, and to its worker and back."""

import asyncio
import logging
import re
from typing import Any
from uuid import UUID

import pytest
from structlog.contextvars import get_contextvars

from tests.web.calls import NOBODY, Api, start_attempt, wav
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio

TRACE = "0af7651916cd43dd8448eb211c80319c"
CAME = f"00-{TRACE}-b7ad6b7169203331-01"


def facts(caplog: pytest.LogCaptureFixture, begins: str) -> dict[str, Any]:
    """Return the facts of the one line that begins so."""
    [line] = [record.msg for record in caplog.records if isinstance(record.msg, dict) and record.msg["event"].startswith(begins)]
    return line


async def test_an_answer_has_the_id_of_its_request(api: Api) -> None:
    answer = await api.client.get("/healthz", headers={"X-Request-ID": "of:the-proxy/1.2_3=="})
    assert answer.headers["x-request-id"] == "of:the-proxy/1.2_3=="


@pytest.mark.parametrize("sent", [None, "", "two words", "a" * 129, "forged\x1b[2J", "a,b", "<script>"])
async def test_without_one_that_logs_can_bear_an_id_is_made(api: Api, sent: str | None) -> None:
    headers = {} if sent is None else {"X-Request-ID": sent}
    made = {(await api.client.get("/healthz", headers=headers)).headers["x-request-id"] for _ in range(2)}
    assert len(made) == 2
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in made)


async def test_two_ids_are_none(api: Api) -> None:
    answer = await api.client.get("/healthz", headers=[("X-Request-ID", "a"), ("X-Request-ID", "b")])
    assert len(answer.headers["x-request-id"]) == 32


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), (f"/api/jobs/{NOBODY}", 404), ("/api/jobs/x", 400)])
async def test_refusals_have_it_too(api: Api, path: str, status: int) -> None:
    answer = await api.client.get(path, headers={"X-Request-ID": "mine"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (status, "mine")


async def test_the_lines_of_a_callback_bear_its_ids_and_those_of_its_job(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    job = await api.new_job()
    headers = {"X-Request-ID": "mine", "traceparent": CAME, "Authorization": "Bearer correct horse battery staple"}
    await api.client.post("/api/webhooks/worker", headers=headers, json={"jobId": job, "status": "processing", "attempt": 7})
    line = facts(caplog, f"[Webhook] Received callback for job {job}: processing")
    assert {name: line[name] for name in ("request", "trace", "job", "attempt")} == {
        "request": "mine",
        "trace": TRACE,
        "job": job,
        "attempt": 7,
    }


async def test_the_trace_of_a_fault_bears_the_ids(
    api: Api, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: UUID) -> None:
        raise RuntimeError

    monkeypatch.setattr(api.parts.jobs, "get", broken)
    answer = await api.client.get(f"/api/jobs/{NOBODY}", headers={"X-Request-ID": "mine", "traceparent": CAME})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "mine")
    line = facts(caplog, "unhandled error")
    assert (line["request"], line["trace"]) == ("mine", TRACE)


async def test_one_request_leaves_nothing_to_the_lines_of_the_next(api: Api) -> None:
    job = await api.new_job()
    await api.report(jobId=job, status="complete", attempt=1)
    await api.client.get("/healthz", headers={"X-Request-ID": "next"})
    assert get_contextvars()["request"] == "next"
    assert "job" not in get_contextvars()


@pytest.mark.parametrize("sent", [CAME, f" {CAME}\t"])
async def test_a_job_keeps_the_trace_that_it_was_ordered_in(api: Api, sent: str) -> None:
    asset, _ = await api.new_asset(prepare="false")
    headers = {"traceparent": sent}
    ordered = [
        await api.client.post("/api/jobs", json={"params": {}}, headers=headers),
        await api.client.post(f"/api/audio/assets/{asset}/jobs", headers=headers),
    ]
    for answer in ordered:
        assert (await api.parts.jobs.get(UUID(answer.json()["id"]))).traceparent == CAME


async def test_an_upload_and_another_try_are_of_the_trace_they_come_in(api: Api) -> None:
    _, job = await api.new_asset()
    assert job is not None
    await api.client.post(f"/api/jobs/{job}/cancel")
    again = (await api.client.post(f"/api/jobs/{job}/retry", headers={"traceparent": CAME})).json()["id"]
    first, second = [await api.parts.jobs.get(UUID(each)) for each in (job, again)]
    assert first.traceparent is not None
    assert TRACE not in first.traceparent
    assert second.traceparent == CAME


@pytest.mark.parametrize("sent", [None, CAME.upper(), f"{CAME}-more", "nonsense"])
async def test_where_none_came_in_a_new_trace_begins(api: Api, sent: str | None) -> None:
    headers = {} if sent is None else {"traceparent": sent}
    jobs = [(await api.client.post("/api/jobs", json={"params": {}}, headers=headers)).json()["id"] for _ in range(2)]
    traces = {(await api.parts.jobs.get(UUID(job))).traceparent for job in jobs}
    assert len(traces) == 2
    assert all(re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-02", trace or "") for trace in traces)


async def test_the_worker_is_handed_the_trace(api: Api) -> None:
    await api.client.post("/api/jobs", json={"params": {}}, headers={"traceparent": CAME})
    assert (await start_attempt(api.parts)).traceparent == CAME


async def test_the_lines_of_its_worker_bear_the_trace_and_the_job(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    api = await serve(GREENROOM_DISPATCH="inline")
    answer = await api.client.post("/api/audio/assets", content=wav(), headers={"traceparent": CAME})
    job = answer.json()["job"]["id"]
    async with asyncio.timeout(30):
        assert '"status":"complete"' in (await api.client.get(f"/api/jobs/{job}/events")).text
    line = facts(caplog, "attempt started")
    assert (line["trace"], line["job"], line["attempt"]) == (TRACE, job, 1)
    assert "request" not in line
