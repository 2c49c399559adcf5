"""Reports by HTTP: what is sent, and what each answer means."""

import json

import httpx
import pytest

from adapters.remote.reporter import HttpReporter
from ports.errors import AttemptOver, OutOfSpace, OutputsRefused, ReportRefused, Unavailable
from ports.work import Report, ReportStatus
from tests.unit.remote.scripted import answer, scripted
from tests.unit.remote.tickets import JOB, ticket

pytestmark = pytest.mark.anyio

REPORT = Report(job_id=JOB, attempt=2, status=ReportStatus.COMPLETE, result={"gainDb": 1.5})
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def test_a_report_is_posted_with_its_tickets_token(client: httpx.AsyncClient) -> None:
    async with scripted(answer(200, b'{"success": true}')) as server:
        await HttpReporter(client, ticket(server.url).callback).report(REPORT)
    [asked] = server.asked
    assert (asked.method, asked.path, asked.headers["authorization"]) == ("POST", "/callback", "Bearer t0ken")
    assert asked.headers["content-type"] == "application/json"
    assert json.loads(asked.body) == {"jobId": str(JOB), "attempt": 2, "status": "complete", "result": {"gainDb": 1.5}}
    assert "traceparent" not in asked.headers


async def test_the_tickets_trace_goes_on_as_a_span_of_the_workers_own(client: httpx.AsyncClient) -> None:
    async with scripted(answer(200)) as server:
        for _ in range(2):
            await HttpReporter(client, ticket(server.url).callback, TRACE).report(REPORT)
        await HttpReporter(client, ticket(server.url).callback, "00-nonsense").report(REPORT)
    first, second, without = (asked.headers.get("traceparent", "") for asked in server.asked)
    assert first[:36] == second[:36] == TRACE[:36]
    assert first[-3:] == "-01"
    assert len({first, second, TRACE}) == 3
    assert without == ""


@pytest.mark.parametrize(
    ("told", "meaning"),
    [
        (answer(404, b'{"error": "Job not found"}'), AttemptOver),
        (answer(409, b'{"error": "...", "status": "cancelled"}'), AttemptOver),
        (answer(422, b'{"error": "...", "missing": ["prepared"]}'), OutputsRefused),
        (answer(422, b"<html>"), OutputsRefused),
        (answer(422, b'{"missing": 3}'), OutputsRefused),
        *((answer(status), Unavailable) for status in (408, 425, 429, 500, 502, 503, 504)),
        (answer(507), OutOfSpace),
        (b"", Unavailable),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{", Unavailable),
        *((answer(status, b'{"error": "no"}'), ReportRefused) for status in (400, 401, 403, 405, 413, 418)),
        (answer(308, Location="https://other.example/callback?token=5ecret"), ReportRefused),
    ],
)
async def test_each_answer_has_its_meaning(client: httpx.AsyncClient, told: bytes, meaning: type[Exception]) -> None:
    async with scripted(told) as server:
        with pytest.raises(meaning) as found:
            await HttpReporter(client, ticket(server.url).callback).report(REPORT)
    assert len(server.asked) == 1
    assert "5ecret" not in str(found.value)


async def test_what_is_missing_is_named(client: httpx.AsyncClient) -> None:
    async with scripted(answer(422, b'{"error": "...", "missing": ["prepared"]}')) as server:
        with pytest.raises(OutputsRefused) as refused:
            await HttpReporter(client, ticket(server.url).callback).report(REPORT)
    assert refused.value.missing == ("prepared",)


@pytest.mark.parametrize("url", ["http://[", "ftp://a/b", "nowhere", "http://127.0.0.1:0/"])
async def test_a_callback_that_leads_nowhere_is_unavailable(client: httpx.AsyncClient, url: str) -> None:
    with pytest.raises(Unavailable):
        await HttpReporter(client, ticket(url).callback).report(REPORT)
