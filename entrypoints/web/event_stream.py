"""What listeners are told, in which order: how things stand, and then what happens."""

from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial

from entrypoints.events.broadcast import Broadcast
from entrypoints.events.recent import fitting
from entrypoints.events.text import RETRY, SNAPSHOT, job_event, live_event
from ports.errors import Forgotten
from ports.jobs import FINAL, LIVE, Job, JobStore
from ports.paging import Cursor

MOST_READ = 50
"""Live jobs that are read at a time at most."""


async def one_job(job: Job, number: int, broadcast: Broadcast, *, is_known: bool) -> AsyncGenerator[bytes, None]:
    """Tell how the job stands, unless that `is_known`, and what becomes of it from change `number` on, until its end.

    What was read before the job itself is older, and is not told. A listener so slow that the feed has forgotten what comes next
    is left: it will come again.
    """
    yield RETRY
    if not is_known:
        yield job_event(job, number)
    with broadcast.listening():
        while job.status not in FINAL:
            try:
                events, number = await broadcast.next(number)
            except Forgotten:
                return
            for event in events:
                if event.job_id == job.id and event.version > job.version:
                    yield event.text
                    if event.status not in LIVE:
                        return


async def all_jobs(number: int, jobs: JobStore, broadcast: Broadcast, *, is_known: bool) -> AsyncGenerator[bytes, None]:
    """Tell how the live jobs stand, unless that `is_known`, and what happens to any job from change `number` on.

    A listener so slow that the feed has forgotten what comes next is left: it will come again.
    """
    yield RETRY
    with broadcast.listening():
        if not is_known:
            yield SNAPSHOT
            async for text in _live_jobs(jobs, broadcast):
                yield text
            yield live_event(number)
        while True:
            try:
                events, number = await broadcast.next(number)
            except Forgotten:
                return
            yield b"".join(event.text for event in events)


async def _live_jobs(jobs: JobStore, broadcast: Broadcast) -> AsyncIterator[bytes]:
    """Yield the events of the live jobs, without a number: who has seen some of them only must not go on from there.

    Nothing but a portion is held while it is sent. Twice as many as were in it are read for the next: few in vain where jobs are
    large, and many at a time where they are small.
    """
    after: Cursor | None = None
    limit = 1
    while True:
        text, count, after = await broadcast.read(partial(_portion, jobs, after, limit))
        yield text
        if after is None:
            return
        limit = min(2 * count, MOST_READ)


async def _portion(jobs: JobStore, after: Cursor | None, limit: int) -> tuple[bytes, int, Cursor | None]:
    """Return the events of the next live jobs, how many they are, and behind which job to go on: None if that was the last."""
    page = await jobs.page(statuses=LIVE, after=after, limit=limit)
    texts = [job_event(job) for job in page.items]
    count = fitting(texts)
    if count >= len(texts):
        return b"".join(texts), len(texts), page.next
    last = page.items[count - 1]
    return b"".join(texts[:count]), count, Cursor(last.created, str(last.id))
