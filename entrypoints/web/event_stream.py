"""What listeners are told, in which order: how things stand, and then what happens."""

from collections.abc import AsyncGenerator, AsyncIterator
from functools import partial

from entrypoints.broadcast import Broadcast, patiently
from entrypoints.event_text import RETRY, SNAPSHOT, job_event, live_event
from ports.errors import Forgotten
from ports.jobs import FINAL, LIVE, Job, JobStore
from ports.paging import Cursor


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
            async for text in _live_jobs(jobs):
                yield text
            yield live_event(number)
        while True:
            try:
                events, number = await broadcast.next(number)
            except Forgotten:
                return
            yield b"".join(event.text for event in events)


async def _live_jobs(jobs: JobStore) -> AsyncIterator[bytes]:
    """Yield an event of each live job, without a number: who has seen some of them only must not go on from there."""
    cursor: Cursor | None = None
    while True:
        page = await patiently(partial(jobs.page, statuses=LIVE, after=cursor))
        for job in page.items:
            yield job_event(job)
        if (cursor := page.next) is None:
            return
