"""Claims: who may, what is asked and answered, and that each attempt has one worker (design 4.4, 4.5)."""

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from msgspec.structs import replace

from entrypoints import claiming
from ports.jobs import JobStatus
from tests.web.breakable import Store
from tests.web.calls import SECRET, Api, start_attempt
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio

CLAIM = "/api/worker/claim"


async def claim(api: Api, *, bearer: str = SECRET, content: bytes | None = None, **body: Any) -> httpx.Response:
    sent = json.dumps({"worker": "one"} | body).encode() if content is None else content
    return await api.client.post(CLAIM, headers={"Authorization": f"Bearer {bearer}"}, content=sent)


async def listened_to(api: Api) -> None:
    """Wait until somebody waits for a job."""
    async with asyncio.timeout(10):
        while not api.parts.wake._next._waiters:  # noqa: ASYNC110  (a bell does not say that somebody listens)
            await asyncio.sleep(0.01)


async def test_without_a_secret_the_answer_is_500_before_everything_else(serve: Serve) -> None:
    api = await serve(INTERNAL_WEBHOOK_SECRET="")
    answer = await claim(api, content=b"\xff")
    assert (answer.status_code, answer.json()) == (500, {"error": "Webhook secret not configured"})


async def test_a_missing_or_wrong_secret_is_401_before_the_body_is_read(api: Api, caplog: pytest.LogCaptureFixture) -> None:
    await api.new_job()
    token = (await start_attempt(api.parts)).callback.token
    with caplog.at_level(logging.WARNING):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {token}"}):
            answer = await api.client.post(CLAIM, headers=headers, content=b"\xff")
            assert (answer.status_code, answer.json()) == (401, {"error": "Unauthorized"})
    assert caplog.text.count("[Claim] Unauthorized request from 127.0.0.1") == 1


async def test_the_previous_secret_is_accepted_and_the_log_says_who_uses_it(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    api = await serve(INTERNAL_WEBHOOK_SECRET_PREVIOUS="the old one")
    with caplog.at_level(logging.WARNING):
        assert (await claim(api, bearer="the old one")).status_code == 204
    assert "[Claim] Accepted INTERNAL_WEBHOOK_SECRET_PREVIOUS from 127.0.0.1" in caplog.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"worker": None}, "worker"),
        ({"worker": ""}, "worker"),
        ({"worker": " "}, "worker"),
        ({"worker": "x" * 101}, "worker"),
        ({"worker": "a\nb"}, "worker"),
        ({"worker": "a\x1b[2Jb"}, "worker"),
        ({"worker": "a\u202eb"}, "worker"),
        ({"kinds": []}, "kinds"),
        ({"kinds": None}, "kinds"),
        ({"kinds": "prepare"}, "kinds"),
        ({"kinds": ["prepare", "sing"]}, "kinds[1]"),
        ({"wait": -1}, "wait"),
        ({"wait": 25.5}, "wait"),
        ({"wait": "20"}, "wait"),
        ({"wait": True}, "wait"),
        ({"lease": 0}, "lease"),
        ({"lease": None}, "lease"),
    ],
)
async def test_what_is_malformed_is_400_and_named(api: Api, body: Mapping[str, Any], field: str) -> None:
    answer = await claim(api, **body)
    assert (answer.status_code, answer.json()["field"]) == (400, field), answer.text


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b"\xff", b'{"worker": "w"', b'{"worker": "\\ud800"}', b"[" * 100, b"null"]
)
async def test_what_is_no_claim_at_all_is_400(api: Api, content: bytes) -> None:
    answer = await claim(api, content=content)
    assert answer.status_code == 400
    assert answer.json()["error"]


async def test_a_body_over_256_kib_is_413(api: Api) -> None:
    assert (await claim(api, more="x" * 256 * 1024)).status_code == 413


async def test_unknown_fields_are_ignored(api: Api) -> None:
    assert (await claim(api, zork={"any": None})).status_code == 204


async def test_the_words_that_a_kind_may_be_are_named(api: Api) -> None:
    assert (await claim(api, kinds=["sing"])).json()["error"] == "kinds[0]: must be prepare or render"


async def test_nothing_to_do_is_204_at_once(api: Api) -> None:
    answer = await claim(api)
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_ticket_is_an_attempt_that_is_under_way(api: Api) -> None:
    _, job = await api.new_asset(filename="talk.wav")
    answer = await claim(api, worker="gpu 3 (Zürich)")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    ticket = answer.json()
    assert (ticket["jobId"], ticket["attempt"], ticket["kind"], ticket["leaseSeconds"]) == (job, 1, "prepare", 60.0)
    found = await api.job(str(job))
    assert (found["status"], found["attempts"][0]["worker"]) == ("processing", "gpu 3 (Zürich)")
    assert (await api.client.get(ticket["input"]["url"])).status_code == 200
    assert (await api.report(bearer=ticket["callback"]["token"], jobId=job, status="processing")).status_code == 200


async def test_jobs_are_claimed_beside_those_who_work_inline(serve: Serve) -> None:
    api = await serve(GREENROOM_DISPATCH="inline")
    job = await api.new_job()
    assert (await claim(api, kinds=["render"])).json()["jobId"] == job


async def test_only_jobs_of_the_kinds_asked_for_are_handed_out(api: Api) -> None:
    render = await api.new_job()
    assert (await claim(api, kinds=["prepare"])).status_code == 204
    assert (await claim(api, kinds=["prepare", "render", "render"])).json()["jobId"] == render


async def test_the_most_overdue_job_comes_first(api: Api) -> None:
    jobs = [await api.new_job() for _ in range(3)]
    assert [(await claim(api)).json()["jobId"] for _ in range(3)] == jobs


@pytest.mark.parametrize(("asked", "granted"), [({}, 60), ({"lease": 1}, 60), ({"lease": 90.5}, 90.5), ({"lease": 1e300}, 3600)])
async def test_a_lease_is_what_is_asked_for_between_the_usual_one_and_the_deadline(
    api: Api, asked: Mapping[str, Any], granted: float
) -> None:
    await api.new_job()
    ticket = (await claim(api, **asked)).json()
    assert ticket["leaseSeconds"] == granted
    attempt = (await api.parts.jobs.get(UUID(ticket["jobId"]))).attempts[0]
    assert attempt.lease - attempt.started == timedelta(seconds=granted)


async def test_a_claim_that_waits_has_its_ticket_as_soon_as_a_job_is_queued(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "LOOK_EVERY", 25)
    waiting = asyncio.create_task(claim(api, wait=25))
    await listened_to(api)
    job = await api.new_job()
    async with asyncio.timeout(10):
        assert (await waiting).json()["jobId"] == job


async def test_a_claim_waits_no_longer_than_it_said(api: Api) -> None:
    async with asyncio.timeout(10):
        assert (await claim(api, wait=0.2)).status_code == 204


async def test_a_claim_that_waits_is_let_go_when_the_server_is_told_to_stop(api: Api) -> None:
    waiting = asyncio.create_task(claim(api, wait=25))
    await listened_to(api)
    api.parts.stopping.set()
    async with asyncio.timeout(5):
        assert (await waiting).status_code == 204


async def test_many_claims_at_once_never_get_one_job_twice(api: Api) -> None:
    jobs = [await api.new_job() for _ in range(12)]
    answers = await asyncio.gather(*[claim(api, worker=f"w{number}", wait=0.2) for number in range(20)])
    assert sorted(answer.json()["jobId"] for answer in answers if answer.status_code == 200) == sorted(jobs)
    assert sorted(answer.status_code for answer in answers) == [200] * 12 + [204] * 8


async def test_a_job_whose_audio_is_gone_is_cancelled_and_the_next_one_handed_out(api: Api) -> None:
    asset, gone = await api.new_asset()
    kept = await api.parts.assets.get(asset)
    await api.parts.assets.replace(replace(kept, version=kept.version + 1, deleted=api.parts.clock()))
    _, job = await api.new_asset()
    assert (await claim(api)).json()["jobId"] == job
    found = await api.parts.jobs.get(UUID(gone))
    assert (found.status, found.attempts) == (JobStatus.CANCELLED, ())


async def test_a_job_that_was_released_is_claimed_again(api: Api) -> None:
    await api.new_job()
    first = (await claim(api, worker="first")).json()
    await api.report(bearer=first["callback"]["token"], jobId=first["jobId"], status="released")
    second = (await claim(api, worker="second")).json()
    assert (second["jobId"], second["attempt"]) == (first["jobId"], 2)
    assert second["callback"]["token"] != first["callback"]["token"]
    stale = await api.report(bearer=first["callback"]["token"], jobId=first["jobId"], status="complete")
    assert stale.status_code == 409


async def test_a_store_out_of_reach_is_503_and_the_job_is_claimed_later(serve: Serve, store: Store) -> None:
    api = await serve(**store.settings)
    job = await api.new_job()
    with store.unchangeable(api):
        refused = await claim(api, wait=20)
    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    answer = await claim(api)
    assert (answer.json()["jobId"], answer.json()["attempt"]) == (job, 1)
