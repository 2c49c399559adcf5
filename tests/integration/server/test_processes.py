"""Several processes that serve one address: `greenroom serve --workers`."""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.integration.server.process import Server, running_server, wait_for

JOBS = 40


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path, (), ("--workers", "2"), GREENROOM_DISPATCH="pull") as server:
        wait_for(lambda: started(server) == 2, "both to serve")
        yield server


def started(server: Server) -> int:
    """Return how many have begun to serve so far."""
    return server.log.read_text().count("Application startup complete")


def serving(server: Server) -> set[int]:
    """Return the processes that serve, or are about to: those that count their requests, each in a file of its own."""
    return {pid for pid in descendants(server.process.pid) if str(server.data / "metrics") in files_of(pid)}


def descendants(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in children.read_text().split()] if children.exists() else []


def files_of(pid: int) -> str:
    open_ones = Path(f"/proc/{pid}/fd")
    names = []
    with suppress(OSError):  # it is ending
        for each in os.listdir(open_ones):  # noqa: PTH208  (read at once: they come and go)
            with suppress(FileNotFoundError):
                names.append(str((open_ones / each).readlink()))
    return " ".join(names)


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def new_job(server: Server) -> str:
    answer = httpx.post(f"{server.url}/api/jobs", json={"params": {}}, verify=False)
    return str(answer.raise_for_status().json()["id"])


def report_twice(server: Server, job_id: str) -> list[bool]:
    """Report a job's end twice, each time by a new connection, and say which of them changed something."""
    answers = []
    for _ in range(2):
        with httpx.Client(verify=False) as client:
            answers.append(server.report(client, jobId=job_id, status="complete").raise_for_status().json().get("applied", True))
    return answers


def test_processes_that_share_an_address_share_the_truth(server: Server) -> None:
    with ThreadPoolExecutor(8) as callers:
        jobs = list(callers.map(lambda _: new_job(server), range(JOBS)))
        applied = list(callers.map(lambda job: report_twice(server, job), jobs))
    assert applied == [[True, False]] * JOBS


def test_another_takes_the_place_of_one_that_is_killed(server: Server) -> None:
    before = serving(server)
    os.kill(min(before), signal.SIGKILL)
    wait_for(lambda: started(server) == 3, "another to serve")
    assert len(serving(server) - before) == 1
    assert len(serving(server) & before) == 1
    assert report_twice(server, new_job(server)) == [True, False]


def test_the_others_go_on_while_no_replacement_can_start(server: Server) -> None:
    before = serving(server)
    secret = server.data / "secret"
    kept = secret.read_bytes()
    secret.write_bytes(b"short")
    os.kill(min(before), signal.SIGKILL)
    wait_for(lambda: "Application startup failed" in server.log.read_text(), "a replacement to fail")
    assert report_twice(server, new_job(server)) == [True, False]
    secret.write_bytes(kept)
    wait_for(lambda: started(server) == 3, "another to serve")
    assert len(serving(server) - before) == 1
    assert max(before) in serving(server)


def test_one_that_hangs_is_killed_when_all_are_told_to_end(server: Server) -> None:
    hanging = min(serving(server))
    os.kill(hanging, signal.SIGSTOP)
    server.process.terminate()
    assert server.process.wait(timeout=30) == 0
    wait_for(lambda: not lives(hanging), "it to be gone")


def test_all_end_well_when_the_first_is_told_to(server: Server) -> None:
    all_of_them = descendants(server.process.pid)
    server.process.terminate()
    assert server.process.wait(timeout=20) == 0
    wait_for(lambda: not any(map(lives, all_of_them)), "all to be gone")


def test_all_end_when_the_first_is_killed(server: Server) -> None:
    all_of_them = descendants(server.process.pid)
    server.kill()
    wait_for(lambda: not any(map(lives, all_of_them)), "all to be gone")
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{server.url}/healthz", verify=False)
