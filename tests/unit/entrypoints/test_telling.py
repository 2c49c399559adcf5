"""A running Greenroom tells the user's app of what has ended, soon, and waits for nobody meanwhile."""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

from domain.events import Completed, Started
from domain.jobs import advance
from domain.steering import cancel_job
from entrypoints.background.messengers import MESSENGERS
from entrypoints.parts import Parts
from entrypoints.settings import load_settings
from entrypoints.wiring.server import running
from ports.errors import NotFound
from ports.jobs import Job, JobKind, JobStatus, Outcome
from tests.unit.domain.makers import SECOND, made_job, made_rendition
from tests.userapp import App, running_app

pytestmark = pytest.mark.anyio

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
Start = Callable[..., Awaitable[Parts]]


@pytest.fixture
def app() -> Iterator[App]:
    with running_app() as app:
        yield app


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep house more often, and tell again sooner, than would be good for a machine."""
    monkeypatch.setattr("entrypoints.background.housekeeper.KEEP_HOUSE_EVERY", 0.2)
    monkeypatch.setattr("domain.notifying.FIRST", SECOND / 10)


@pytest.fixture
async def start(tmp_path: Path, app: App) -> AsyncIterator[Start]:
    """Give a function that starts a Greenroom that tells the app, on the same data each time."""
    async with AsyncExitStack() as stack:

        async def one(url: str = app.url) -> Parts:
            environment = {"GREENROOM_DATA_DIR": str(tmp_path), "GREENROOM_DISPATCH": "pull"}
            telling = {"GREENROOM_NOTIFY_URL": url, "GREENROOM_NOTIFY_SECRET": SECRET} if url else {}
            return await stack.enter_async_context(running(load_settings(environment | telling, tmp_path / ".env")))

        yield one


async def cancelled(parts: Parts) -> Job:
    """Return a job that has just been cancelled."""
    job = made_job(kind=JobKind.RENDER, asset_id=None, recipe=None, created=parts.clock(), due=parts.clock())
    await parts.jobs.add(job)
    return await cancel_job(job.id, jobs=parts.jobs, policy=parts.policy, now=parts.clock())


async def until(holds: Callable[[], Awaitable[bool]], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not await holds():  # noqa: ASYNC110  (other processes have no event of ours)
            await asyncio.sleep(0.01)


async def test_the_app_hears_within_about_a_second(start: Start, app: App) -> None:
    parts = await start()
    began = time.monotonic()
    job = await cancelled(parts)
    await until(lambda: told(parts, job))
    assert time.monotonic() - began < 5  # about a second on a machine that has nothing else to do
    assert [heard.job_id for heard in app.heard] == [str(job.id)]


async def test_of_many_jobs_each_is_told_once_by_several_servers(start: Start, app: App) -> None:
    servers = [await start() for _ in range(3)]
    jobs = [await cancelled(servers[0]) for _ in range(50)]
    await until(lambda: so(len(app.heard) >= len(jobs)))
    for job in jobs:
        await until(partial(told, servers[0], job))
    assert sorted(heard.job_id for heard in app.heard) == sorted(str(job.id) for job in jobs)


async def test_an_app_that_does_not_hear_is_told_again(start: Start, app: App) -> None:
    app.answers.append(500)
    parts = await start()
    job = await cancelled(parts)
    await until(lambda: told(parts, job))
    kept = await parts.jobs.get(job.id)
    assert [each.status for each in kept.deliveries] == [500, 200]
    assert len({heard.headers["webhook-id"] for heard in app.heard}) == 1


async def test_an_app_that_hangs_holds_up_nothing_else(start: Start, app: App) -> None:
    app.answering.clear()
    parts = await start()
    jobs = [await cancelled(parts) for _ in range(MESSENGERS + 5)]
    await until(lambda: so(len(app.heard) == MESSENGERS))
    old, silent, unsettled = await forgettable(parts), await fell_silent(parts), await not_settled(parts)
    await until(lambda: gone(parts, old))
    await until(lambda: lost(parts, silent))
    await until(lambda: settled(parts, unsettled))
    heard = {item.job_id for item in app.heard}
    for job in jobs:
        if str(job.id) not in heard:
            await until(partial(put_off, parts, job))


async def test_without_an_address_nobody_is_told_and_jobs_are_forgotten_in_their_time(start: Start) -> None:
    parts = await start("")
    job = await cancelled(parts)
    assert job.due > parts.clock() + 29 * 24 * 3600 * SECOND
    old = await forgettable(parts)
    await until(lambda: gone(parts, old))
    assert (await parts.jobs.get(job.id)).deliveries == ()


async def test_a_stop_does_not_wait_for_an_app_that_hangs(tmp_path: Path, app: App) -> None:
    app.answering.clear()
    environment = {"GREENROOM_DATA_DIR": str(tmp_path), "GREENROOM_NOTIFY_URL": app.url, "GREENROOM_NOTIFY_SECRET": SECRET}
    async with running(load_settings(environment | {"GREENROOM_DISPATCH": "pull"}, tmp_path / ".env")) as parts:
        await cancelled(parts)
        await until(lambda: so(bool(app.heard)))
        began = time.monotonic()
    assert time.monotonic() - began < 5


async def so(truth: bool) -> bool:
    return truth


async def told(parts: Parts, job: Job) -> bool:
    return (await parts.jobs.get(job.id)).told


async def put_off(parts: Parts, job: Job) -> bool:
    return (await parts.jobs.get(job.id)).version == job.version + 2  # it was taken, and then put off


async def gone(parts: Parts, job: Job) -> bool:
    try:
        await parts.jobs.get(job.id)
    except NotFound:
        return True
    return False


async def lost(parts: Parts, job: Job) -> bool:
    return (await parts.jobs.get(job.id)).attempts[0].outcome is Outcome.LOST


async def settled(parts: Parts, job: Job) -> bool:
    return (await parts.jobs.get(job.id)).settled


async def forgettable(parts: Parts) -> Job:
    """Add a job that has been kept for its time."""
    ended = parts.clock() - parts.policy.keep_jobs
    job = made_job(kind=JobKind.RENDER, status=JobStatus.FAILED, settled=True, ended=ended, due=ended)
    await parts.jobs.add(job)
    return job


async def fell_silent(parts: Parts) -> Job:
    """Add a job whose worker has been silent for too long."""
    now = parts.clock() - 60 * SECOND
    started = Started(worker="w", lease=now, renewal=SECOND, deadline=now)
    job = advance(made_job(kind=JobKind.RENDER), started, now)
    await parts.jobs.add(job)
    return job


async def not_settled(parts: Parts) -> Job:
    """Add a complete job whose asset is gone, and that nobody has settled."""
    now = parts.clock() - 60 * SECOND
    job = advance(made_job(asset_id="gone"), Completed(due=now, prepared=made_rendition()), now)
    await parts.jobs.add(job)
    return job
