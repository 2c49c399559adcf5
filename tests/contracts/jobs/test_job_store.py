"""What a job store keeps, and how it is changed: a test for each sentence of the port."""

import asyncio
import contextlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from msgspec.structs import replace

from ports.assets import Rendition
from ports.audio import Recipe
from ports.errors import AlreadyExists, Conflict, NotFound
from ports.jobs import Attempt, JobKind, JobStatus, JobStore, Outcome
from tests.contracts.stores import HARNESSES, NOW, SECOND, Harness, made_job

pytestmark = pytest.mark.anyio

DURABLE = [harness for harness in HARNESSES if harness.durable]
SHARED = [harness for harness in HARNESSES if harness.shared]


def name(harness: Harness) -> str:
    return harness.name


async def test_get_returns_the_job_that_was_added(jobs: JobStore) -> None:
    job = made_job()
    await jobs.add(job)
    assert await jobs.get(job.id) == job


async def test_every_field_comes_back_as_it_was(jobs: JobStore) -> None:
    attempt = Attempt(
        number=2, worker="wörker", started=NOW, lease=NOW + SECOND, renewal=60.5, deadline=NOW + 2 * SECOND, progress=0.25,
        message="half\u2028way", ended=NOW, outcome=Outcome.LOST, code="lost",
    )  # fmt: skip
    job = made_job(
        asset_id="a-1", recipe=Recipe(target_lufs=-23.5), retry_of=uuid4(), status=JobStatus.FAILED, version=7, max_attempts=5,
        attempts=(attempt, replace(attempt, number=3)), ended=NOW, result={"gainDb": -1.5}, error="no 🎵", code="unusable",
        prepared=Rendition(key="k", content_type="audio/mpeg", size=2**40, etag='"e"', job_id=uuid4(), job_created=NOW),
        original_peaks="p", settled=True,
    )  # fmt: skip
    await jobs.add(job)
    assert await jobs.get(job.id) == job


@pytest.mark.parametrize(
    "params", [{}, {"ünïcödé 🎧": "\0\u2028\U0010ffff"}, {"deep": [[{"n": None}]] * 3}, {"long": "x" * 1_000_000}]
)
async def test_any_params_come_back_as_they_were(jobs: JobStore, params: dict[str, Any]) -> None:
    job = made_job(kind=JobKind.RENDER, params=params)
    await jobs.add(job)
    assert (await jobs.get(job.id)).params == params


@pytest.mark.parametrize(
    "time",
    [
        NOW,
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
    ],
)
async def test_times_are_kept_to_the_microsecond(jobs: JobStore, time: datetime) -> None:
    job = made_job(created=time, due=time, ended=time)
    await jobs.add(job)
    kept = await jobs.get(job.id)
    assert (kept.created, kept.due, kept.ended) == (time, time, time)


async def test_times_come_back_in_utc(jobs: JobStore) -> None:
    job = made_job()
    await jobs.add(job)
    assert (await jobs.get(job.id)).due.utcoffset() == UTC.utcoffset(None)


async def test_get_raises_not_found_if_there_is_none(jobs: JobStore) -> None:
    with pytest.raises(NotFound):
        await jobs.get(uuid4())


async def test_what_a_caller_does_to_its_own_job_changes_nothing_kept(jobs: JobStore) -> None:
    params = {"list": [1]}
    job = made_job(params=params)
    await jobs.add(job)
    params["list"].append(2)
    assert (await jobs.get(job.id)).params == {"list": [1]}


async def test_adding_an_equal_job_again_succeeds(jobs: JobStore) -> None:
    job = made_job(params={"a": 1, "b": [2]})
    await jobs.add(job)
    await jobs.add(replace(job, params={"b": (2,), "a": 1}))
    assert await jobs.get(job.id) == job


async def test_adding_raises_already_exists_if_another_has_its_id(jobs: JobStore) -> None:
    job = made_job()
    await jobs.add(job)
    with pytest.raises(AlreadyExists):
        await jobs.add(replace(job, error="another"))
    assert await jobs.get(job.id) == job


async def test_of_many_that_add_different_jobs_under_one_id_one_wins(jobs: JobStore) -> None:
    job_id = uuid4()
    rivals = [made_job(id=job_id, error=str(number)) for number in range(20)]
    outcomes = await asyncio.gather(*map(jobs.add, rivals), return_exceptions=True)
    assert Counter(map(type, outcomes)) == {type(None): 1, AlreadyExists: 19}
    assert await jobs.get(job_id) == rivals[outcomes.index(None)]


async def test_replace_stores_the_next_version(jobs: JobStore) -> None:
    job = made_job()
    await jobs.add(job)
    later = replace(job, version=1, status=JobStatus.PROCESSING, due=NOW + SECOND)
    await jobs.replace(later)
    assert await jobs.get(job.id) == later


@pytest.mark.parametrize("version", [3, 4, 5, 7, 8])
async def test_replace_raises_conflict_if_the_version_kept_is_another(jobs: JobStore, version: int) -> None:
    job = made_job(version=5)
    await jobs.add(job)
    with pytest.raises(Conflict):
        await jobs.replace(replace(job, version=version, error="changed"))
    assert await jobs.get(job.id) == job


async def test_replace_raises_not_found_if_there_is_no_such_job(jobs: JobStore) -> None:
    with pytest.raises(NotFound):
        await jobs.replace(made_job(version=1))


async def test_storing_the_version_that_is_kept_again_succeeds_with_equal_content(jobs: JobStore) -> None:
    job = made_job(params={"a": 1, "b": 2})
    await jobs.add(job)
    later = replace(job, version=1, error="e")
    await jobs.replace(later)
    await jobs.replace(replace(later, params={"b": 2, "a": 1}))
    assert await jobs.get(job.id) == later


async def test_of_many_that_replace_one_version_exactly_one_wins(jobs: JobStore) -> None:
    job = made_job()
    await jobs.add(job)
    rivals = [replace(job, version=1, error=str(number)) for number in range(50)]
    outcomes = await asyncio.gather(*map(jobs.replace, rivals), return_exceptions=True)
    assert Counter(map(type, outcomes)) == {type(None): 1, Conflict: 49}
    assert await jobs.get(job.id) == rivals[outcomes.index(None)]


async def test_of_many_that_read_change_and_retry_none_is_lost(jobs: JobStore) -> None:
    job = made_job(params={"who": []})
    await jobs.add(job)

    async def sign(who: int) -> None:
        while True:
            kept = await jobs.get(job.id)
            signed = replace(kept, version=kept.version + 1, params={"who": [*(kept.params or {})["who"], who]})
            with contextlib.suppress(Conflict):
                return await jobs.replace(signed)

    await asyncio.gather(*map(sign, range(12)))
    assert sorted(((await jobs.get(job.id)).params or {})["who"]) == list(range(12))


async def test_removing_forgets_the_job(jobs: JobStore) -> None:
    job, other = made_job(), made_job()
    await jobs.add(job)
    await jobs.add(other)
    await jobs.remove(job.id)
    with pytest.raises(NotFound):
        await jobs.get(job.id)
    assert (await jobs.page()).items == (other,)


async def test_forgetting_one_that_is_not_there_succeeds(jobs: JobStore) -> None:
    await jobs.remove(uuid4())


async def test_a_forgotten_id_can_be_added_anew(jobs: JobStore) -> None:
    job = made_job()
    await jobs.add(job)
    assert await jobs.take_due({job.status}, {job.kind}, NOW, NOW + SECOND, "r") is not None
    await jobs.remove(job.id)
    await jobs.add(job)
    assert await jobs.get(job.id) == job


@pytest.mark.parametrize("harness", DURABLE, ids=name)
async def test_every_change_is_durable(harness: Harness, tmp_path: Path) -> None:
    added, replaced, taken, removed = (made_job(id=UUID(int=number), due=NOW + number * SECOND) for number in range(4))
    async with harness.open(tmp_path) as stores:
        for job in added, replaced, taken, removed:
            await stores.jobs.add(job)
        await stores.jobs.replace(replace(replaced, version=1, status=JobStatus.COMPLETE))
        await stores.jobs.remove(removed.id)
        await stores.jobs.replace(replace(added, version=1, due=NOW + 9 * SECOND))
        assert (
            await stores.jobs.take_due({taken.status}, {taken.kind}, NOW + 5 * SECOND, NOW + 60 * SECOND, "request") is not None
        )
    async with harness.open(tmp_path) as stores:
        assert await stores.jobs.get(added.id) == replace(added, version=1, due=NOW + 9 * SECOND)
        assert await stores.jobs.get(replaced.id) == replace(replaced, version=1, status=JobStatus.COMPLETE)
        assert await stores.jobs.get(taken.id) == replace(taken, version=1, due=NOW + 60 * SECOND)
        with pytest.raises(NotFound):
            await stores.jobs.get(removed.id)


@pytest.mark.parametrize("harness", SHARED, ids=name)
async def test_a_change_is_seen_wherever_the_store_is_open(harness: Harness, tmp_path: Path) -> None:
    job = made_job()
    async with harness.open(tmp_path) as here, harness.open(tmp_path) as there:
        await here.jobs.add(job)
        assert await there.jobs.get(job.id) == job
        await there.jobs.replace(replace(job, version=1))
        with pytest.raises(Conflict):
            await here.jobs.replace(replace(job, version=1, error="too late"))
