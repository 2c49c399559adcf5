"""Claims that wait at a real server: for jobs of other processes, for a client that hangs up, and for a server that stops."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeAlias

import httpx

from tests.integration.server.process import SECRET, Server, running_server

Answers: TypeAlias = "SimpleQueue[httpx.Response | Exception]"
LONG = 20
LIMITED = httpx.Timeout(30)

pulling = partial(running_server, GREENROOM_DISPATCH="pull")


def claim(
    server: Server, wait: float, timeout: httpx.Timeout = LIMITED, sent: Callable[[], None] = lambda: None
) -> httpx.Response:
    """Claim. Once the whole request is on its way, `sent` is called."""

    def trace(step: str, _: Any) -> None:
        if step == "http11.receive_response_headers.started":
            sent()

    body, headers = {"worker": "w", "wait": wait}, {"Authorization": f"Bearer {SECRET}"}
    with httpx.Client(timeout=timeout) as client:
        return client.post(f"{server.url}/api/worker/claim", json=body, headers=headers, extensions={"trace": trace})


@contextmanager
def waiting(server: Server, count: int = 1) -> Iterator[Answers]:
    """Have claims wait in threads of their own, and give what becomes of them."""
    answers: Answers = SimpleQueue()
    sent = threading.Semaphore(0)

    def wait() -> None:
        try:
            answers.put(claim(server, wait=LONG, sent=sent.release))
        except httpx.TransportError as error:
            answers.put(error)

    threads = [threading.Thread(target=wait) for _ in range(count)]
    for thread in threads:
        thread.start()
    assert all(sent.acquire(timeout=10) for _ in range(count))
    assert httpx.get(f"{server.url}/healthz").is_success  # it has read what was sent before this
    yield answers
    for thread in threads:
        thread.join()


def queue_job(server: Server) -> Any:
    return httpx.post(f"{server.url}/api/jobs", json={"params": {}}).json()["id"]


def test_a_claim_has_the_job_that_another_server_queued(tmp_path: Path) -> None:
    with pulling(tmp_path) as one, pulling(tmp_path) as other, waiting(one) as answers:
        job = queue_job(other)
        answer = answers.get(timeout=10)
        assert isinstance(answer, httpx.Response)
        assert answer.json()["jobId"] == job


def test_nothing_is_started_for_a_worker_that_hung_up(tmp_path: Path) -> None:
    with pulling(tmp_path) as server:
        with suppress(httpx.ReadTimeout):
            claim(server, wait=LONG, timeout=httpx.Timeout(30, read=0.2))
        job = queue_job(server)
        ticket = claim(server, wait=LONG).json()
        assert (ticket["jobId"], ticket["attempt"]) == (job, 1)


def test_a_server_that_is_told_to_stop_lets_waiting_claims_go_at_once(tmp_path: Path) -> None:
    with pulling(tmp_path) as server, waiting(server, count=20) as answers:
        began = time.monotonic()
        server.process.terminate()
        told = [answers.get(timeout=10) for _ in range(20)]
        assert server.process.wait(10) == 0
        assert time.monotonic() - began < 4
        assert [answer.status_code for answer in told if isinstance(answer, httpx.Response)] == [204] * 20
