"""A record whose body can't be read: as loud as it must be, and in nobody's way."""

import msgspec
import pytest

from adapters.redis.client import Server
from adapters.redis.jobs import RedisJobStore
from ports.errors import NotFound
from ports.jobs import Job, JobKind, JobStatus
from tests.contracts.stores import NOW, SECOND, made_job

pytestmark = pytest.mark.anyio


async def spoil(server: Server, record_id: object) -> None:
    await server.read("HSET", server.key("jobs"), str(record_id), "{}")


async def test_the_error_names_the_record_and_its_hash(server: Server) -> None:
    jobs, job = RedisJobStore(server), made_job()
    await jobs.add(job)
    await spoil(server, job.id)
    with pytest.raises(msgspec.MsgspecError) as caught:
        await jobs.get(job.id)
    assert caught.value.__notes__ == [f"This is the body of {job.id} in the hash jobs"]


async def test_a_job_that_can_not_be_read_has_had_its_turn_and_those_behind_it_have_theirs(server: Server) -> None:
    jobs = RedisJobStore(server)
    broken, behind = made_job(due=NOW - SECOND), made_job()
    await jobs.add(broken)
    await jobs.add(behind)
    await spoil(server, broken.id)

    async def take(request_id: str) -> Job | None:
        return await jobs.take_due([JobStatus.QUEUED], list(JobKind), NOW, NOW + 30 * SECOND, request_id)

    with pytest.raises(msgspec.MsgspecError):
        await take("one")
    taken = await take("two")
    assert taken is not None
    assert taken.id == behind.id


async def test_it_can_be_removed(server: Server) -> None:
    jobs, job = RedisJobStore(server), made_job()
    await jobs.add(job)
    await spoil(server, job.id)
    await jobs.remove(job.id)
    with pytest.raises(NotFound):
        await jobs.get(job.id)
