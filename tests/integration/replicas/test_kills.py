"""Two replicas on Redis and S3, three workers, one after the other of them all killed: nothing is lost, nothing happens twice."""

import hashlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest

from ports.jobs import FINAL
from tests.integration.replicas import hand
from tests.integration.replicas.group import Group
from tests.integration.server.process import SECRET, lean_environment, wait_for
from tests.services.asked import asked
from tests.services.buckets import empty_bucket
from tests.services.freeport import free_port
from tests.services.running import Served
from tests.web.calls import wav

JOBS = int(asked("GREENROOM_TEST_JOBS") or 50)
KILL_EVERY = float(asked("GREENROOM_TEST_KILL_EVERY") or 0.8)
"""Seconds between two kills. By hand: `GREENROOM_TEST_JOBS=1000 GREENROOM_TEST_KILL_EVERY=3`."""
WORKERS, LEASE = 3, 2
PATIENCE = 100 + JOBS


class Answered(NamedTuple):
    """A report that a worker had an answer to."""

    job: str
    attempt: int
    status: int
    applied: bool


class Told:
    """Says whether a worker was answered since it was last asked: on a busy machine, too, more is done than killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = 0

    def __call__(self) -> bool:
        told = sum(path.stat().st_size for path in self._folder.glob("worker-*"))
        news, self._before = told > self._before, told
        return news


@pytest.fixture
def settings(tmp_path: Path, service: Callable[[str], Served]) -> Iterator[Mapping[str, str]]:
    """Give the settings of servers on the run's real Redis and a bucket of their own."""
    s3 = service("s3")
    with empty_bucket(tmp_path) as bucket:
        yield {
            "INTERNAL_WEBHOOK_SECRET": SECRET,
            "GREENROOM_SECRET": "a secret of the servers in this test",
            "GREENROOM_DISPATCH": "pull",
            "GREENROOM_LEASE": str(LEASE),
            "GREENROOM_MAX_ATTEMPTS": "50",
            "GREENROOM_DATABASE_URL": service("redis").url,
            "GREENROOM_REDIS_PREFIX": f"kills-{uuid4().hex[:8]}",
            "GREENROOM_STORAGE_URL": f"s3://{bucket.name}",
            "AWS_ENDPOINT_URL": s3.url,
            "AWS_ACCESS_KEY_ID": s3.key,
            "AWS_SECRET_ACCESS_KEY": s3.secret,
        }


@pytest.mark.timeout(PATIENCE + 60)
def test_every_job_ends_once_and_no_output_is_lost_whoever_is_killed(tmp_path: Path, settings: Mapping[str, str]) -> None:
    ports = [free_port(), free_port()]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    end = tmp_path / "end"
    servers = {f"server {port}": partial(a_server, tmp_path, port, settings) for port in ports}
    workers = {f"worker {number}": partial(a_worker, tmp_path, number, end, urls) for number in range(WORKERS)}
    with closing_group(servers) as web, httpx.Client(base_url=urls[0], trust_env=False, timeout=30) as client:
        wait_for(lambda: all(ready(url) for url in urls), "two servers")
        ordered = [order(client) for _ in range(JOBS)]
        with closing_group(workers) as hands:
            web.begin_to_kill(KILL_EVERY, after=lambda: all(ready(url) for url in urls))
            hands.begin_to_kill(KILL_EVERY, after=Told(tmp_path))
            waiting = [job for _, job in ordered]
            wait_for(lambda: all_ended(urls, waiting), "every job to end", seconds=PATIENCE)
            web.spare()
            hands.spare()
            end.touch()
        wait_for(lambda: ready(urls[0]), "the first server")
        answered = [Answered(*json.loads(line)) for path in tmp_path.glob("worker-*") for line in whole_lines(path)]
        jobs = {job: client.get(f"/api/jobs/{job}").json() for _, job in ordered}
        for asset, job in ordered:
            check_job(client, asset, jobs[job], [each for each in answered if each.job == job])
    assert min(web.kills, hands.kills) >= 2


def check_job(client: httpx.Client, asset: str, job: Any, answered: Sequence[Answered]) -> None:
    """Compare a job with what its workers were told, and what its asset plays with what the last of them sent."""
    numbers = [attempt["number"] for attempt in job["attempts"]]
    outcomes = Counter(attempt["outcome"] for attempt in job["attempts"])
    assert (job["status"], numbers, outcomes["complete"]) == ("complete", list(range(1, len(numbers) + 1)), 1), job
    assert {each.attempt for each in answered if each.applied} <= {numbers[-1]}, (job, answered)
    assert job["result"] == {"by": numbers[-1]}
    played = client.get(f"/api/audio/assets/{asset}/stream?variant=prepared", follow_redirects=True)
    assert played.status_code == 200, played.text
    assert digest(played.content) == digest(hand.audio(job["id"], numbers[-1]))


def order(client: httpx.Client) -> tuple[str, str]:
    made = client.post("/api/audio/assets?filename=a.wav", content=wav(0.1)).json()
    return made["asset"]["id"], made["job"]["id"]


def all_ended(urls: Sequence[str], waiting: list[str]) -> bool:
    """Strike off the jobs that have ended, as whichever server lives says, up to the first that has not."""
    for url in urls:
        with suppress(httpx.TransportError, ValueError):
            while waiting and httpx.get(f"{url}/api/jobs/{waiting[-1]}", trust_env=False).json().get("status") in FINAL:
                waiting.pop()
            return not waiting
    return False


def ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def whole_lines(path: Path) -> list[str]:
    """Return the lines but one that a kill has cut off."""
    return [line for line in path.read_text().splitlines(keepends=True) if line.endswith("\n")]


def a_server(folder: Path, port: int, settings: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "entrypoints", "serve", "--port", str(port)]
    own = {"GREENROOM_DATA_DIR": str(folder / f"data-{port}"), "GREENROOM_PUBLIC_URL": f"http://127.0.0.1:{port}"}
    with (folder / f"server-{port}.log").open("ab") as log:
        return subprocess.Popen(command, env=lean_environment() | dict(settings) | own, cwd=folder, stdout=log, stderr=log)


def a_worker(folder: Path, number: int, end: Path, urls: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start a worker that knows the servers and their secret for workers, and nothing of the storage."""
    command = [sys.executable, hand.__file__, f"worker {number}", SECRET, str(end), *urls]
    with (folder / f"worker-{number}").open("ab") as told, (folder / "workers.log").open("ab") as log:
        return subprocess.Popen(command, env=lean_environment(), cwd=folder, stdout=told, stderr=log)


@contextmanager
def closing_group(starts: Mapping[str, partial["subprocess.Popen[bytes]"]]) -> Iterator[Group]:
    group = Group(starts)
    try:
        yield group
    finally:
        group.stop()
