"""Listening to real servers: two on one file, many listeners, and a stop while they listen."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import pytest

from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from tests.contracts.stores import made_job
from tests.integration.server.process import SECRET, Server, lean_environment, running_server, wait_for
from tests.services.freeport import free_port

pytestmark = pytest.mark.anyio

Lines = AsyncIterator[str]
WITHIN = 1.0
"""Seconds in which a change is heard, whoever makes it."""


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(trust_env=False, verify=False, timeout=30, limits=limits) as client:
        yield client


@asynccontextmanager
async def listening(client: httpx.AsyncClient, url: str) -> AsyncIterator[Lines]:
    """Listen to a server, from behind the snapshot on."""
    async with client.stream("GET", url) as answer:
        assert answer.status_code == 200
        lines = answer.aiter_lines()
        async for line in lines:
            if line in {"event: live", "event: job"}:
                break
        yield lines


async def told_of(lines: Lines, job_id: str, status: str) -> None:
    """Return once it is told that a job has come to this status."""
    async for line in lines:
        if line.startswith("data: "):
            told = json.loads(line.removeprefix("data: "))
            if (told.get("id"), told.get("status")) == (job_id, status):
                return
    raise AssertionError("the events have ended")


async def rest_of(lines: Lines) -> list[str]:
    return [line async for line in lines]


async def new_job(client: httpx.AsyncClient, server: Server) -> str:
    return str((await client.post(f"{server.url}/api/jobs", json={"params": {}})).json()["id"])


async def report(client: httpx.AsyncClient, server: Server, **body: object) -> None:
    answer = await client.post(f"{server.url}/api/webhooks/worker", json=body, headers={"Authorization": f"Bearer {SECRET}"})
    assert answer.is_success


async def test_a_change_by_another_process_is_heard_whether_it_is_a_server_or_not(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    database = f"sqlite://{tmp_path}/shared.db"
    with (
        running_server(tmp_path, GREENROOM_DATABASE_URL=database, GREENROOM_DISPATCH="pull") as one,
        running_server(tmp_path / "other", GREENROOM_DATABASE_URL=database, GREENROOM_DISPATCH="pull") as other,
    ):
        async with listening(client, f"{other.url}/api/events") as lines:
            job = await new_job(client, one)
            async with asyncio.timeout(WITHIN):
                await told_of(lines, job, "queued")
            await report(client, one, jobId=job, status="complete")
            async with asyncio.timeout(WITHIN):
                await told_of(lines, job, "complete")

            async with await Database.open(tmp_path / "shared.db") as opened:
                added = made_job()
                await SqliteJobStore(opened).add(added)
                async with asyncio.timeout(WITHIN):
                    await told_of(lines, str(added.id), "queued")


async def test_a_hundred_listeners_hear_of_each_job_and_a_stop_ends_all_their_answers_at_once(
    client: httpx.AsyncClient, tmp_path: Path
) -> None:
    with running_server(tmp_path, GREENROOM_DISPATCH="pull") as server:
        job = await new_job(client, server)
        paths = ["/api/events"] * 50 + [f"/api/jobs/{job}/events"] * 50
        async with AsyncExitStack() as stack:
            listeners = [await stack.enter_async_context(listening(client, server.url + path)) for path in paths]
            await report(client, server, jobId=job, status="processing", progress=0.5)
            async with asyncio.timeout(10):
                await asyncio.gather(*(told_of(lines, job, "processing") for lines in listeners))
            await _ends_well(server, signal.SIGTERM, listeners)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_server_that_others_run_stops_while_they_listen(
    client: httpx.AsyncClient, tmp_path: Path, number: signal.Signals
) -> None:
    with run_by_uvicorn(tmp_path) as server:
        async with AsyncExitStack() as stack:
            listeners = [await stack.enter_async_context(listening(client, f"{server.url}/api/events")) for _ in range(5)]
            await _ends_well(server, number, listeners, codes=(0, -number))


@contextmanager
def run_by_uvicorn(folder: Path) -> Iterator[Server]:
    """Run the application by a server that knows nothing of ours."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--factory", "entrypoints.web.app:create_app", "--port", str(port)]
    environment = lean_environment() | {"GREENROOM_DATA_DIR": str(folder / "data"), "INTERNAL_WEBHOOK_SECRET": SECRET}
    with (folder / "log").open("wb") as log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as process:
        server = Server(f"http://127.0.0.1:{port}", process, folder / "data", folder / "log")
        wait_for(lambda: b"Uvicorn running" in server.log.read_bytes(), "the server to be ready")
        yield server
        process.terminate()


async def _ends_well(server: Server, number: signal.Signals, listeners: list[Lines], codes: tuple[int, ...] = (0,)) -> None:
    """Stop the server: each answer comes to its end, and so does the process, within three seconds."""
    begun = time.monotonic()
    server.process.send_signal(number)
    async with asyncio.timeout(3):
        await asyncio.gather(*(rest_of(lines) for lines in listeners))
    assert await asyncio.to_thread(server.process.wait, 3) in codes, server.log.read_text()
    assert time.monotonic() - begun < 3
    log = server.log.read_text()
    assert "error" not in log.lower(), log
