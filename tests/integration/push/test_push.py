"""A real server that sends tickets to a real endpoint: whatever that answers, and whenever either dies."""

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.integration.push.endpoint import TOKEN, Endpoint, Posted, order, pushing, running_endpoint
from tests.integration.server.process import Server, wait_for
from tests.integration.worker.process import job_of, outcomes, upload, wait_until
from tests.integration.worker.proxy import Proxy, running_proxy
from tests.services.freeport import free_port
from tests.services.served import Served

MODAL = {"GREENROOM_DISPATCH_MODAL_KEY": "wk-1", "GREENROOM_DISPATCH_MODAL_SECRET": "ws-2"}


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    """Give the way on which workers reach the server, the same before and after it dies."""
    with running_proxy() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, httpx.Client, Endpoint]]:
    """Give a server and an endpoint that does as each job's params say."""
    folder = tmp_path_factory.mktemp("push")
    told = MODAL | {"GREENROOM_MAX_ATTEMPTS": "1", "GREENROOM_LOG_LEVEL": "debug"}
    with (
        running_proxy() as proxy,
        running_endpoint(as_told) as endpoint,
        pushing(folder, endpoint.url, proxy, **told) as (server, client),
    ):
        endpoint.body = b'{"error": "No\\u001b[31m thanks"}'
        yield server, client, endpoint


def as_told(posted: Posted) -> int | None:
    """Answer the first ticket of a job as its params say, and accept any other."""
    params = posted.ticket["params"] or {}
    if params.get("works"):
        posted.report(status="complete", result={"by": "the first"}).raise_for_status()
    answers: list[int | None] = params.get("answers", [])
    return answers[posted.before] if posted.before < len(answers) else 202


Pushed = tuple[Server, httpx.Client, Endpoint]


def test_jobs_of_both_kinds_are_sent_with_key_and_proof_and_their_workers_end_them(pushed: Pushed, tmp_path: Path) -> None:
    _, client, endpoint = pushed
    _, prepare = upload(client, tmp_path)
    render = order(client, scene=1)
    wait_for(lambda: {f"{prepare}.1", f"{render}.1"} <= set(endpoint.keys()), "both tickets")
    of_prepare, of_render = endpoint.of(prepare)[0], endpoint.of(render)[0]
    for posted in (of_prepare, of_render):
        assert posted.headers["authorization"] == f"Bearer {TOKEN}"
        assert (posted.headers["modal-key"], posted.headers["modal-secret"]) == ("wk-1", "ws-2")
        assert posted.headers["content-type"] == "application/json"
        assert posted.report(status="processing", progress=0.5).json() == {"success": True}
    assert (of_render.ticket["kind"], of_render.ticket["params"]) == ("render", {"scene": 1})
    assert of_render.report(status="complete", result={"a": 1}).status_code == 200
    assert job_of(client, render)["result"] == {"a": 1}
    client.post(f"/api/jobs/{prepare}/cancel").raise_for_status()
    assert of_prepare.report(status="processing").status_code == 409
    wait_for(lambda: 'dispatch_answers_total{answer="accepted"}' in client.get("/metrics").text, "the count")


def test_a_ticket_that_there_is_no_room_for_is_taken_back_and_costs_no_attempt(pushed: Pushed) -> None:
    _, client, endpoint = pushed
    job = order(client, answers=[429])
    wait_for(lambda: outcomes(client, job) == ["released"], "the ticket to be taken back")
    assert job_of(client, job)["status"] == "queued"
    assert len(endpoint.of(job)) == 1


def test_a_refusal_fails_the_job_with_the_reason_and_nobody_asks_again(pushed: Pushed) -> None:
    server, client, endpoint = pushed
    job = order(client, answers=[401])
    wait_until(client, job, "failed")
    failed = job_of(client, job)
    assert failed["error"].startswith("The endpoint refused the ticket (401): No [31m thanks")
    assert (failed["code"], len(failed["attempts"])) == ("refused", 1)
    assert len(endpoint.of(job)) == 1
    log = server.log.read_text()
    assert "GREENROOM_DISPATCH_TOKEN" in log
    assert TOKEN not in log


def test_a_ticket_that_is_not_answered_is_sent_again_the_same(pushed: Pushed) -> None:
    _, client, endpoint = pushed
    job = order(client, answers=[None])
    wait_for(lambda: len(endpoint.of(job)) == 2, "the second time")
    first, second = endpoint.of(job)
    assert (first.key, first.ticket) == (second.key, second.ticket)
    assert first.report(status="complete").status_code == 200


@pytest.mark.parametrize("answer", [202, 400, 429, None])
def test_a_worker_that_calls_back_before_the_answer_is_right(pushed: Pushed, answer: int | None) -> None:
    server, client, endpoint = pushed
    job = order(client, works=True, answers=[answer])
    wait_until(client, job, "complete")
    wait_for(lambda: heard(server, job), "the answer")
    done = job_of(client, job)
    assert (done["status"], done["result"], outcomes(client, job)) == ("complete", {"by": "the first"}, ["complete"])
    assert len(endpoint.of(job)) == 1


def heard(server: Server, job: str) -> bool:
    return any(job in line and "ticket sent" in line for line in server.log.read_text().splitlines())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_server_that_dies_before_the_answer_sends_the_same_ticket_again(
    tmp_path: Path, proxy: Proxy, number: signal.Signals
) -> None:
    assert_sent_again(number, proxy, tmp_path, tmp_path, {})


def test_another_server_of_the_same_store_sends_what_a_killed_one_had_not_heard_of(
    tmp_path: Path, proxy: Proxy, service: Callable[[str], Served]
) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    told = {
        "GREENROOM_DATABASE_URL": service("redis").url,
        "GREENROOM_REDIS_PREFIX": f"push-{uuid4().hex}",
        "GREENROOM_SECRET": "a secret of both of these servers",
        "GREENROOM_STORAGE_URL": f"file://{tmp_path / 'objects'}",
    }
    assert_sent_again(signal.SIGKILL, proxy, one, other, told)


def assert_sent_again(number: signal.Signals, proxy: Proxy, one: Path, other: Path, told: dict[str, str]) -> None:
    """Fail unless a server on the folder `other` sends again what one on `one` has sent as it was ended by the signal."""
    held, told = threading.Event(), told | {"GREENROOM_LEASE": "1", "GREENROOM_MAX_ATTEMPTS": "1"}
    with running_endpoint(lambda _: None if held.wait(20) else 500) as endpoint:
        with pushing(one, endpoint.url, proxy, **told) as (server, client):
            job = order(client)
            wait_for(lambda: bool(endpoint.posted), "the ticket")
            server.process.send_signal(number)
            server.process.wait(10)
        before, endpoint.answer = len(endpoint.posted), lambda _: 202
        held.set()
        with pushing(other, endpoint.url, proxy, **told) as (_, client):
            wait_for(lambda: len(endpoint.posted) > before, "the ticket once more")
            first, last = endpoint.posted[0], endpoint.posted[-1]
            assert (first.key, first.ticket) == (last.key, last.ticket)
            assert first.report(status="complete").status_code == 200
            assert outcomes(client, job) == ["complete"]


def test_while_the_endpoint_is_away_jobs_wait_quietly_and_all_are_sent_when_it_is_back(tmp_path: Path, proxy: Proxy) -> None:
    port = free_port()
    with pushing(tmp_path, f"http://127.0.0.1:{port}/start", proxy) as (server, client):
        jobs = {order(client, number=number) for number in range(30)}
        wait_for(lambda: sent_in_vain(client) >= 2, "two refused connections")
        assert sum(job_of(client, job)["status"] == "processing" for job in jobs) == 1, "one asks for all"
        assert client.get("/readyz").status_code == 200
        assert server.log.read_text().count("the endpoint takes no ticket") == 1
        with running_endpoint(lambda _: 202, port) as endpoint:
            wait_for(lambda: len(endpoint.posted) == 30, "all tickets")
            assert {posted.ticket["jobId"] for posted in endpoint.posted} == jobs
            for posted in endpoint.posted:
                assert posted.report(status="complete").status_code == 200
        assert {tuple(outcomes(client, job)) for job in jobs} == {("complete",)}
        assert "the endpoint takes tickets again" in server.log.read_text()


def sent_in_vain(client: httpx.Client) -> int:
    """Return how often a ticket was sent that nobody answered."""
    lines = [line for line in client.get("/metrics").text.splitlines() if 'dispatch_answers_total{answer="unanswered"}' in line]
    return int(float(lines[0].rpartition(" ")[2])) if lines else 0
