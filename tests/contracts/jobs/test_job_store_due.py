"""How a job store hands out due jobs."""

import asyncio
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest
from msgspec.structs import replace

from ports.errors import Conflict
from ports.jobs import Job, JobKind, JobStatus, JobStore
from tests.contracts.stores import HARNESSES, NOW, SECOND, Harness, made_job

pytestmark = pytest.mark.anyio

LATER = NOW + 30 * SECOND
STATUSES = list(JobStatus)
KINDS = list(JobKind)
SHARED = [harness for harness in HARNESSES if harness.shared]


async def take(jobs: JobStore, request_id: str = "request", now: int = 0) -> Job | None:
    """Take any queued job that is due `now` seconds after NOW, until 30 s later."""
    moment = NOW + now * SECOND
    return await jobs.take_due([JobStatus.QUEUED], KINDS, moment, moment + 30 * SECOND, request_id)


async def test_none_if_there_is_none(jobs: JobStore) -> None:
    assert await take(jobs) is None


async def test_a_job_due_now_or_before_is_handed_out_and_no_other(jobs: JobStore) -> None:
    await jobs.add(made_job(due=NOW))
    await jobs.add(made_job(due=NOW + SECOND / 1_000_000))
    assert await take(jobs, "one") is not None
    assert await take(jobs, "two") is None


async def test_the_most_overdue_comes_first(jobs: JobStore) -> None:
    overdue = [made_job(due=NOW - seconds * SECOND, kind=kind) for seconds, kind in zip([3, 9, 1, 7], KINDS * 2, strict=True)]
    for job in overdue:
        await jobs.add(job)
    taken = [await take(jobs, str(number)) for number in range(4)]
    assert [job and job.id for job in taken] == [job.id for job in sorted(overdue, key=lambda job: job.due)]


@pytest.mark.parametrize("status", JobStatus)
async def test_only_the_statuses_asked_for_are_handed_out(jobs: JobStore, status: JobStatus) -> None:
    for each in JobStatus:
        await jobs.add(made_job(status=each))
    first = await jobs.take_due({status}, KINDS, NOW, LATER, "one")
    assert first is not None
    assert first.status is status
    assert await jobs.take_due({status}, KINDS, NOW, LATER, "two") is None


@pytest.mark.parametrize("kind", JobKind)
async def test_only_the_kinds_asked_for_are_handed_out(jobs: JobStore, kind: JobKind) -> None:
    for each in JobKind:
        await jobs.add(made_job(kind=each))
    first = await jobs.take_due(STATUSES, {kind}, NOW, LATER, "one")
    assert first is not None
    assert first.kind is kind
    assert await jobs.take_due(STATUSES, {kind}, NOW, LATER, "two") is None


async def test_no_statuses_or_no_kinds_match_nothing(jobs: JobStore) -> None:
    await jobs.add(made_job())
    assert await jobs.take_due((), KINDS, NOW, LATER, "one") is None
    assert await jobs.take_due(STATUSES, (), NOW, LATER, "two") is None


async def test_due_time_moves_version_rises_by_one_and_nothing_else_changes(jobs: JobStore) -> None:
    job = made_job(version=4, params={"a": [1]}, asset_id="a")
    await jobs.add(job)
    taken = await take(jobs)
    assert taken == replace(job, version=5, due=LATER)
    assert await jobs.get(job.id) == taken


async def test_the_same_request_gets_the_same_job_again_whatever_it_asks_for(jobs: JobStore) -> None:
    await jobs.add(made_job())
    first = await take(jobs)
    assert first is not None
    assert await jobs.take_due((), (), NOW - SECOND, NOW, "request") == first


async def test_no_job_is_handed_out_twice_before_until(jobs: JobStore) -> None:
    await jobs.add(made_job())
    assert await take(jobs, "one") is not None
    assert await take(jobs, "two", now=29) is None
    assert await take(jobs, "two", now=30) is not None


async def test_the_same_request_gets_the_same_job_again(jobs: JobStore) -> None:
    await jobs.add(made_job(due=NOW - SECOND))
    await jobs.add(made_job())
    first = await take(jobs)
    assert first is not None
    assert await take(jobs) == first
    assert await take(jobs, now=100) == first


async def test_the_same_request_asked_many_times_at_once_gets_one_job(jobs: JobStore) -> None:
    for _ in range(20):
        await jobs.add(made_job())
    taken = await asyncio.gather(*(take(jobs) for _ in range(20)))
    assert {job and (job.id, job.version) for job in taken} == {taken[0] and (taken[0].id, 1)}


async def test_the_same_request_gets_another_job_once_its_own_has_changed(jobs: JobStore) -> None:
    other = made_job()
    await jobs.add(made_job(due=NOW - SECOND))
    await jobs.add(other)
    first = await take(jobs)
    assert first is not None
    await jobs.replace(replace(first, version=first.version + 1, status=JobStatus.PROCESSING))
    assert await take(jobs) == replace(other, version=1, due=LATER)


async def test_the_same_request_gets_another_job_once_its_own_is_forgotten(jobs: JobStore) -> None:
    job = made_job()
    await jobs.add(job)
    await take(jobs)
    await jobs.remove(job.id)
    assert await take(jobs) is None


async def test_the_same_request_finds_nothing_once_another_has_taken_its_job(jobs: JobStore) -> None:
    await jobs.add(made_job())
    await take(jobs, "one")
    assert await take(jobs, "two", now=40) is not None
    assert await take(jobs, "one", now=41) is None


async def test_what_was_taken_is_still_the_requests_after_the_same_version_is_stored_again(jobs: JobStore) -> None:
    await jobs.add(made_job())
    taken = await take(jobs)
    assert taken is not None
    await jobs.replace(taken)
    assert await take(jobs) == taken


async def test_a_request_that_found_nothing_leaves_no_trace(jobs: JobStore) -> None:
    job = made_job()
    assert await take(jobs) is None
    await jobs.add(job)
    assert await take(jobs) == replace(job, version=1, due=LATER)


async def test_a_change_made_from_before_a_job_was_taken_conflicts(jobs: JobStore) -> None:
    job = made_job()
    await jobs.add(job)
    await take(jobs)
    with pytest.raises(Conflict):
        await jobs.replace(replace(job, version=1))


async def test_fifty_takers_at_once_get_each_job_once(jobs: JobStore) -> None:
    added = [made_job(due=NOW - number * SECOND) for number in range(40)]
    for job in added:
        await jobs.add(job)
    taken = await asyncio.gather(*(take(jobs, str(number)) for number in range(50)))
    assert Counter(job.id for job in taken if job) == Counter(job.id for job in added)
    assert taken.count(None) == 10


async def test_due_times_far_apart_are_all_in_order(jobs: JobStore) -> None:
    first, second = made_job(id=UUID(int=2), due=NOW.replace(year=1971)), made_job(id=UUID(int=1), due=NOW.replace(year=9998))
    await jobs.add(second)
    await jobs.add(first)
    end = NOW.replace(year=9999)
    taken = [await jobs.take_due(STATUSES, KINDS, end, end + SECOND, request) for request in ("one", "two", "three")]
    assert [job and job.id for job in taken] == [first.id, second.id, None]


@pytest.mark.parametrize("harness", SHARED, ids=lambda harness: harness.name)
async def test_takers_in_two_places_get_each_job_once(harness: Harness, tmp_path: Path) -> None:
    async with harness.open(tmp_path) as here, harness.open(tmp_path) as there:
        added = [made_job() for _ in range(40)]
        await asyncio.gather(*map(here.jobs.add, added))
        takers = [take(place.jobs, f"{number} {place}") for number in range(25) for place in (here, there)]
        taken = await asyncio.gather(*takers)
    assert Counter(job.id for job in taken if job) == Counter(job.id for job in added)


@pytest.mark.parametrize("harness", SHARED, ids=lambda harness: harness.name)
async def test_the_same_request_gets_the_same_job_in_another_place(harness: Harness, tmp_path: Path) -> None:
    async with harness.open(tmp_path) as here, harness.open(tmp_path) as there:
        for _ in range(3):
            await here.jobs.add(made_job())
        first = await take(here.jobs)
        assert first is not None
        assert await take(there.jobs) == first
