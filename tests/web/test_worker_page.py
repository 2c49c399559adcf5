"""The page for those who write a worker tells the truth: each of its examples is sent, or compared with what is answered."""

import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.calls import SECRET, Api, wav
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[2] / "docs" / "worker.md").read_text()
EXAMPLES = {
    name: json.loads(text) for name, text in re.findall(r"^```json(?: (\S+))?\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
}
VARYING = {"jobId", "token", "deadline", "url", "traceparent"}
"""What differs from ticket to ticket."""


@pytest.fixture
async def api(serve: Serve) -> Api:
    return await serve(GREENROOM_PUBLIC_URL="https://audio.example.com")


async def claim(api: Api) -> Any:
    """Claim as the page says, and return the ticket."""
    headers = {"Authorization": f"Bearer {SECRET}"}
    answer = await api.client.post(
        "/api/worker/claim", headers=headers, json=EXAMPLES["claim"] | {"kinds": ["prepare", "render"]}
    )
    assert answer.status_code == 200, answer.text
    return answer.json()


async def say(api: Api, ticket: Any, example: str) -> httpx.Response:
    """Report as the page says, of the ticket's job."""
    report = EXAMPLES[example] | {"jobId": ticket["jobId"], "attempt": ticket["attempt"]}
    return await api.report(bearer=ticket["callback"]["token"], **report)


def assert_like(found: Any, told: Any, name: str = "") -> None:
    """Compare with what is told: the same fields in the same order, with the same values but for those that vary."""
    if name in VARYING:
        assert type(found) is type(told) or name == "traceparent", name
    elif isinstance(told, dict):
        assert list(found) == list(told), name
        for field, value in told.items():
            assert_like(found[field], value, field)
    else:
        assert found == told, name


def links(ticket: Any) -> list[str]:
    return [ticket["callback"]["url"], ticket["input"]["url"], *(target["url"] for target in ticket["outputs"].values())]


async def upload(api: Api, ticket: Any, output: str, content: bytes) -> httpx.Response:
    target = ticket["outputs"][output]
    return await api.client.request(target["method"], target["url"], headers=target["headers"], content=content)


def test_the_page_has_these_examples_and_no_other() -> None:
    reports = {"heartbeat", "complete", "failed", "released"}
    assert set(EXAMPLES) == {"claim", "ticket", "render", "applied", "nothing-new", "over", "refused"} | reports


async def test_a_claim_is_answered_with_a_ticket_as_told(api: Api) -> None:
    await api.new_asset(filename="talk.wav")
    answer = await api.client.post(
        "/api/worker/claim", headers={"Authorization": f"Bearer {SECRET}"}, content=json.dumps(EXAMPLES["claim"])
    )
    ticket = answer.json()
    assert_like(ticket, EXAMPLES["ticket"])


@pytest.mark.usefixtures("on_a_folder")
async def test_the_links_of_a_ticket_lead_where_told(api: Api) -> None:
    await api.new_asset(filename="talk.wav")
    assert [link.partition("/api/")[0] for link in links(await claim(api))] == ["https://audio.example.com"] * 5
    assert [link.partition("/api/")[0] for link in links(EXAMPLES["ticket"])] == ["https://audio.example.com"] * 5


async def test_the_ticket_of_a_render_job_is_as_told(api: Api) -> None:
    await api.client.post("/api/jobs", json={"params": EXAMPLES["render"]["params"]})
    assert_like(await claim(api), EXAMPLES["render"])


async def test_a_prepare_job_goes_as_told_from_download_to_complete(api: Api) -> None:
    asset, job = await api.new_asset()
    ticket = await claim(api)
    await _download_as_told(api, ticket)
    assert (await say(api, ticket, "heartbeat")).json() == EXAMPLES["applied"]
    refused = await say(api, ticket, "complete")
    assert (refused.status_code, refused.json()) == (422, EXAMPLES["refused"])
    mp3 = b"ID3\x03\x00\x00\x00\x00\x00\x00" + (b"\xff\xfb\x90\x00" + bytes(413)) * 20
    assert (await upload(api, ticket, "originalPeaks", b"{}")).is_success
    assert (await upload(api, ticket, "preparedPeaks", b"{}")).is_success
    assert (await upload(api, ticket, "prepared", mp3)).is_success
    assert (await upload(api, ticket, "prepared", mp3)).status_code == 412
    assert (await say(api, ticket, "complete")).json() == EXAMPLES["applied"]
    assert (await say(api, ticket, "complete")).json() == EXAMPLES["nothing-new"]
    assert (await say(api, ticket, "failed")).status_code == 409
    assert (await api.job(str(job)))["result"] == EXAMPLES["complete"]["result"]
    playback = (await api.client.get(f"/api/audio/assets/{asset}/playback?variant=prepared")).json()
    assert playback["duration"] == EXAMPLES["complete"]["result"]["after"]["duration"]


async def _download_as_told(api: Api, ticket: Any) -> None:
    """Go on where a connection broke."""
    whole = await api.client.get(ticket["input"]["url"])
    assert (whole.content, len(whole.content)) == (wav(), ticket["input"]["size"])
    going_on = {"Range": "bytes=1000-", "If-Range": whole.headers["etag"]}
    rest = await api.client.get(ticket["input"]["url"], headers=going_on)
    assert (rest.status_code, rest.content) == (206, wav()[1000:])


@pytest.mark.usefixtures("on_a_folder")
async def test_what_is_another_object_by_now_is_sent_whole_as_told(api: Api) -> None:
    await api.new_asset()
    going_on = {"Range": "bytes=1000-", "If-Range": '"another"'}
    again = await api.client.get((await claim(api))["input"]["url"], headers=going_on)
    assert (again.status_code, again.content) == (200, wav())


async def test_a_failure_ends_the_job_as_told(api: Api) -> None:
    _, job = await api.new_asset()
    assert (await say(api, await claim(api), "failed")).json() == EXAMPLES["applied"]
    found = await api.job(str(job))
    assert (found["status"], found["error"], found["code"]) == ("failed", EXAMPLES["failed"]["error"], "unusable")


async def test_a_job_that_is_released_goes_to_the_next_and_the_first_is_told_so(api: Api) -> None:
    _, job = await api.new_asset()
    first = await claim(api)
    assert (await say(api, first, "released")).json() == EXAMPLES["applied"]
    assert (await claim(api))["attempt"] == 2
    over = await say(api, first, "complete")
    assert (over.status_code, over.json()) == (409, EXAMPLES["over"])
    assert (await api.job(str(job)))["attempts"][0]["message"] == EXAMPLES["released"]["message"]


async def test_a_worker_that_knows_only_the_id_counts_while_no_second_attempt_was_issued(api: Api) -> None:
    job = await api.new_job()
    assert (await api.report(jobId=job, status="processing")).json() == EXAMPLES["applied"]
    await api.report(jobId=job, status="released")
    assert (await api.report(jobId=job, status="processing")).status_code == 409
    assert (await api.report(jobId=job, status="complete")).json() == EXAMPLES["applied"]
    other = await api.two_attempts()
    assert (await api.report(jobId=other, status="complete")).status_code == 409
