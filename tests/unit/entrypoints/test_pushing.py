"""Who sends tickets: one at a time to an endpoint that is not known to be well, and nothing lost when told to stop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from msgspec.structs import replace

from adapters.inline.pool import InlinePool
from adapters.memory.jobs import MemoryJobStore
from entrypoints.background.loops import next_ticket
from entrypoints.background.outlook import Outlook
from entrypoints.background.pushing import push_again_forever, push_forever
from entrypoints.background.sender import Sender
from entrypoints.parts import Parts
from entrypoints.settings import InvalidSettings, load_settings
from entrypoints.wiring.pushing import endpoint_of
from entrypoints.wiring.server import running, try_out
from ports.errors import Busy, TicketRefused, Unavailable
from ports.jobs import Job, JobKind, JobStatus, Outcome
from ports.work import Ticket
from tests.unit.domain.makers import at_once, made_job

pytestmark = pytest.mark.anyio

PUSH = {
    "GREENROOM_DISPATCH": "push",
    "GREENROOM_DISPATCH_URL": "https://worker.example.com/start",
    "GREENROOM_PUBLIC_URL": "https://audio.example.com",
}


class Endpoint:
    """Keeps `ports.work.Dispatcher`: answers what it is told to, once it may; never once it was asked `holds_from` times."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers = list(answers)
        self.asked: list[Ticket] = []
        self.holds_from = 1_000
        self.most = self._now = 0
        self.may_answer, self.never = asyncio.Event(), asyncio.Event()
        self.may_answer.set()

    async def dispatch(self, ticket: Ticket) -> None:
        self.asked.append(ticket)
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            await (self.may_answer.wait() if len(self.asked) <= self.holds_from else self.never.wait())
        finally:
            self._now -= 1
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer


class Failing(MemoryJobStore):
    """Can't store anything once it is told so."""

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False

    async def replace(self, job: Job) -> None:
        if self.is_away:
            raise Unavailable("The job store")
        await super().replace(job)


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Parts]:
    environment = {"GREENROOM_DATA_DIR": str(tmp_path / "data"), "GREENROOM_DISPATCH": "pull"}
    async with running(load_settings(environment, tmp_path / ".env")) as parts:
        yield replace(parts, jobs=MemoryJobStore())


class Office:
    """All who send tickets to one endpoint, until closed."""

    def __init__(self, parts: Parts, endpoint: Endpoint) -> None:
        self.parts, self.outlook = parts, Outlook()
        self.pool = InlinePool(4, Sender(parts, endpoint, self.outlook).send)
        self.tasks = [
            asyncio.create_task(push_forever(parts, self.pool, self.pool.room, self.outlook)),
            asyncio.create_task(push_again_forever(parts, self.pool)),
        ]

    async def close(self, patience: float = 0) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.pool.close(patience)


@pytest.fixture
async def opened(parts: Parts) -> AsyncIterator[Callable[[Endpoint], Office]]:
    offices: list[Office] = []

    def open_one(endpoint: Endpoint) -> Office:
        offices.append(Office(parts, endpoint))
        return offices[-1]

    yield open_one
    for office in offices:
        await office.close()


Opened = Callable[[Endpoint], Office]


async def new_job(parts: Parts) -> UUID:
    job = made_job(kind=JobKind.RENDER, asset_id=None, recipe=None, created=parts.clock(), due=parts.clock())
    await parts.jobs.add(job)
    parts.wake.ring()
    return job.id


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - what it waits for happens in many places
            await asyncio.sleep(0.005)


def found(parts: Parts, job: UUID) -> Job:
    return at_once(parts.jobs.get(job))


def accepted(parts: Parts, *jobs: UUID) -> bool:
    """Say whether the newest attempt of each job has a worker."""
    kept = [found(parts, job) for job in jobs]
    return all(job.status is JobStatus.PROCESSING and job.attempts[-1].unanswered is None for job in kept)


async def test_an_endpoint_is_asked_by_one_until_it_is_well_and_then_by_several(parts: Parts, opened: Opened) -> None:
    endpoint = Endpoint()
    endpoint.may_answer.clear()
    for _ in range(6):
        await new_job(parts)
    opened(endpoint)
    await until(lambda: bool(endpoint.asked))
    await asyncio.sleep(0.05)
    assert len(endpoint.asked) == 1
    endpoint.holds_from = 1
    endpoint.may_answer.set()
    await until(lambda: len(endpoint.asked) == 5)
    assert endpoint.most == 4


async def test_no_more_tickets_are_on_their_way_than_there_is_room_for(parts: Parts, opened: Opened) -> None:
    endpoint = Endpoint()
    office = opened(endpoint)
    office.outlook.well()
    endpoint.may_answer.clear()
    jobs = [await new_job(parts) for _ in range(7)]
    await until(lambda: len(endpoint.asked) == 4)
    await asyncio.sleep(0.05)
    assert len(endpoint.asked) == endpoint.most == 4
    endpoint.may_answer.set()
    await until(lambda: accepted(parts, *jobs))


async def test_an_answer_that_has_come_is_applied_even_as_the_server_stops(parts: Parts, opened: Opened) -> None:
    endpoint = Endpoint(TicketRefused("No"))
    endpoint.may_answer.clear()
    office, job = opened(endpoint), await new_job(parts)
    await until(lambda: bool(endpoint.asked))
    closing = asyncio.create_task(office.close(patience=5))
    await asyncio.sleep(0)
    endpoint.may_answer.set()
    await asyncio.wait_for(closing, 10)
    assert found(parts, job).status is JobStatus.FAILED


async def test_a_server_that_stops_waits_for_no_answer_and_leaves_the_ticket_to_be_sent_again(
    parts: Parts, opened: Opened
) -> None:
    endpoint = Endpoint()
    endpoint.may_answer.clear()
    office, job = opened(endpoint), await new_job(parts)
    await until(lambda: bool(endpoint.asked))
    await asyncio.wait_for(office.close(patience=0.05), 5)
    kept = found(parts, job)
    assert (kept.status, kept.attempts[-1].unanswered) == (JobStatus.PROCESSING, 0)


async def test_a_ticket_that_nobody_answered_is_sent_again_by_whoever_looks(parts: Parts, opened: Opened) -> None:
    endpoint = Endpoint(Unavailable("The endpoint"))
    opened(endpoint)
    job = await new_job(parts)
    await until(lambda: accepted(parts, job))
    first, second = endpoint.asked
    assert first == second


async def test_a_worker_that_claimed_and_fell_silent_loses_its_lease_here_too(parts: Parts, opened: Opened) -> None:
    job = await new_job(parts)
    brief = replace(parts, policy=replace(parts.policy, lease=timedelta(milliseconds=1)))
    assert await next_ticket(brief, [JobKind.RENDER], "one", timedelta(milliseconds=1)) is not None
    opened(Endpoint())
    await until(lambda: found(parts, job).attempts[0].outcome is Outcome.LOST)


async def test_an_answer_that_can_not_be_stored_breaks_nothing_and_the_ticket_comes_up_again(
    parts: Parts, opened: Opened
) -> None:
    failing = Failing()
    parts = replace(parts, jobs=failing)
    endpoint = Endpoint()
    endpoint.may_answer.clear()
    office, job = Office(parts, endpoint), await new_job(parts)
    await until(lambda: bool(endpoint.asked))
    failing.is_away = True
    endpoint.may_answer.set()
    await until(lambda: office.outlook.is_well)
    await office.close(patience=1)
    kept = found(parts, job)
    assert (kept.attempts[-1].unanswered, kept.due) == (0, kept.attempts[-1].lease)


async def test_a_busy_endpoint_keeps_other_jobs_from_starting_for_as_long_as_it_asks(parts: Parts, opened: Opened) -> None:
    endpoint = Endpoint(Busy(retry_after=60))
    opened(endpoint)
    jobs = [await new_job(parts) for _ in range(2)]
    await until(
        lambda: any(job.attempts and job.attempts[-1].outcome is Outcome.RELEASED for job in map(partial(found, parts), jobs))
    )
    await asyncio.sleep(0.05)
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GREENROOM_DISPATCH_TOKEN", "to ken"),
        ("GREENROOM_DISPATCH_TOKEN", "tok\u00e9n"),
        ("GREENROOM_DISPATCH_URL", "https://worker.example.com:99999/"),
        ("GREENROOM_DISPATCH_URL", "https://worker\x7f.example.com/"),
    ],
)
async def test_what_can_not_be_sent_is_said_at_the_start(tmp_path: Path, variable: str, value: str) -> None:
    environment = PUSH | {variable: value, "GREENROOM_DATA_DIR": str(tmp_path)}
    with pytest.raises(InvalidSettings, match=variable):
        await try_out(load_settings(environment, tmp_path / ".env"))


def test_every_proof_that_is_set_is_shown(tmp_path: Path) -> None:
    modal = {"GREENROOM_DISPATCH_MODAL_KEY": "wk-1", "GREENROOM_DISPATCH_MODAL_SECRET": "ws-2"}
    settings = load_settings(PUSH | modal | {"GREENROOM_DISPATCH_TOKEN": "t"}, tmp_path / ".env")
    assert endpoint_of(settings)[1] == {"Authorization": "Bearer t", "Modal-Key": "wk-1", "Modal-Secret": "ws-2"}
    assert endpoint_of(load_settings(PUSH, tmp_path / ".env"))[1] == {}
