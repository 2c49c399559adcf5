"""Four servers and eight workers on one store: nothing is handed out twice, and every report is answered by the table."""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from entrypoints.settings import Settings, load_settings
from entrypoints.wiring.stores import stores_alone
from ports.jobs import FINAL, Job, JobKind, JobStatus, Outcome
from tests.integration.server import fleet
from tests.integration.server.process import SECRET, running_server, wait_for
from tests.services.running import Served
from tests.web.places import environment_of

SERVERS, WORKERS, JOBS = 4, 8, 500
LEASE = 2

APPLIED, NOTHING_NEW = (200, True), (200, False)
OVER = (409, None)
ALLOWED: Mapping[str, set[tuple[int, bool | None]]] = {
    "ticket": {(200, True)},
    "no ticket": {(204, None)},
    "heartbeat": {APPLIED},
    "complete": {APPLIED},
    "failed": {APPLIED},
    "released": {APPLIED},
    "again later": {APPLIED},
    "complete, twice": {NOTHING_NEW},
    "failed, twice": {NOTHING_NEW},
    "released, twice": {NOTHING_NEW, OVER},
    "again later, twice": {NOTHING_NEW, OVER},
    "failed after complete": {OVER},
    "complete after failed": {OVER},
    "heartbeat after the end": {OVER},
    "complete after a silence": {APPLIED, OVER},
    "failed after a silence": {APPLIED, NOTHING_NEW, OVER},
    "released after a silence": {APPLIED, NOTHING_NEW, OVER},
}
"""What the table has for each thing that is said in time: a job that was queued again may be another worker's already."""

OUTCOMES = {
    "complete": Outcome.COMPLETE,
    "failed": Outcome.FAILED,
    "again later": Outcome.FAILED,
    "released": Outcome.RELEASED,
    "complete after a silence": Outcome.COMPLETE,
    "failed after a silence": Outcome.FAILED,
    "released after a silence": Outcome.RELEASED,
}
"""What an attempt ends with once one of these was applied."""


class Line(NamedTuple):
    """What a worker tells: see `fleet`."""

    job: str
    attempt: int
    said: str
    status: int
    answer: Any
    late: bool

    @property
    def outcome(self) -> tuple[int, bool | None]:
        applied = self.answer.get("applied", True) if isinstance(self.answer, dict) else True
        return self.status, applied if self.status == 200 else None


def test_four_servers_and_eight_workers_on_one_store(tmp_path: Path, combination: str, service: Callable[[str], Served]) -> None:
    place = environment_of(combination, service)
    with ExitStack() as stack:
        each = partial(running_server, tmp_path, (), GREENROOM_DISPATCH="pull", GREENROOM_LEASE=str(LEASE), **place)
        servers = [stack.enter_context(each()) for _ in range(SERVERS)]
        store = load_settings({"GREENROOM_DATA_DIR": str(tmp_path / "data"), **place}, tmp_path / "no.env")
        asyncio.run(_queue(store))
        told = _work(tmp_path, [server.url for server in servers], store)
    jobs = asyncio.run(_jobs(store))
    assert len(jobs) == JOBS
    for line in told:
        _check_answer(line)
    _check_histories(jobs, told)
    log = (tmp_path / "server.log").read_text()
    assert [word for word in ("locked", "Traceback", '"level":"error"') if word in log] == []


async def _queue(store: Settings) -> None:
    now = datetime.now(UTC)
    async with stores_alone(store) as stores:
        await asyncio.gather(*[stores.jobs.add(Job(id=uuid4(), kind=JobKind.RENDER, created=now, due=now)) for _ in range(JOBS)])


async def _jobs(store: Settings) -> Sequence[Job]:
    async with stores_alone(store) as stores:
        return (await stores.jobs.page(limit=2 * JOBS)).items


def _work(folder: Path, urls: Sequence[str], store: Settings) -> list[Line]:
    """Let the workers work until every job has ended, and return what they told."""
    end = folder / "end"
    with ExitStack() as stack:
        command = [sys.executable, fleet.__file__]
        workers = []
        for number in range(WORKERS):
            output = stack.enter_context((folder / f"worker-{number}").open("w+"))
            arguments = [f"worker {number}", SECRET, str(end), *urls]
            workers.append((stack.enter_context(subprocess.Popen([*command, *arguments], stdout=output)), output))
        stack.callback(end.touch)
        wait_for(lambda: _all_ended(store), "every job to end", seconds=90)
        end.touch()
        assert [worker.wait(30) for worker, _ in workers] == [0] * WORKERS
        return [Line(*json.loads(line)) for _, output in workers for line in (output.seek(0), output.readlines())[1]]


def _all_ended(store: Settings) -> bool:
    time.sleep(0.2)
    return all(job.status in FINAL for job in asyncio.run(_jobs(store)))


def _check_answer(line: Line) -> None:
    allowed = ALLOWED[line.said] | ({NOTHING_NEW, OVER} if line.late else set())
    assert line.outcome in allowed, line
    if line.status == 409:
        assert set(line.answer) == {"error", "status", "attempt"}, line


def _check_histories(jobs: Sequence[Job], told: Sequence[Line]) -> None:
    tickets = Counter((line.job, line.attempt, line.answer) for line in told if line.said == "ticket")
    kept = Counter((str(job.id), attempt.number, attempt.worker) for job in jobs for attempt in job.attempts)
    assert tickets == kept
    assert max(Counter((line.job, line.attempt) for line in told if line.said == "ticket").values()) == 1
    ends = {(line.job, line.attempt): line for line in told if line.said in OUTCOMES and line.outcome == APPLIED}
    for job in jobs:
        _check_history(job, [ends.get((str(job.id), attempt.number)) for attempt in job.attempts])


def _check_history(job: Job, ends: Sequence[Line | None]) -> None:
    """Compare the history with what the workers were told of their reports: who was told of nothing was lost."""
    assert [attempt.number for attempt in job.attempts] == list(range(1, len(job.attempts) + 1))
    outcomes = [attempt.outcome for attempt in job.attempts]
    assert outcomes == [Outcome.LOST if end is None else OUTCOMES[end.said] for end in ends], (job, ends)
    tried = sum(outcome is not Outcome.RELEASED for outcome in outcomes)
    match outcomes[-1]:
        case Outcome.COMPLETE:
            assert job.status is JobStatus.COMPLETE
        case Outcome.LOST:
            assert (job.status, job.code, tried) == (JobStatus.FAILED, "lost", job.max_attempts)
        case _:
            assert (job.status, outcomes[-1]) == (JobStatus.FAILED, Outcome.FAILED)
    if ends[-1] and ends[-1].said == "complete":
        assert job.result == {"attempt": len(ends)}
