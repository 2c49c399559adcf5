"""What a server does by itself: hand out due jobs, and keep house."""

import random
from collections.abc import Awaitable, Callable
from uuid import uuid4

import structlog

from domain.deeds import Deed, Tally, duty_of
from domain.housekeeping import keep_house
from domain.notifying import put_off
from domain.policy import TAKEN_FOR
from domain.policy import REMEMBERED
from domain.schedule import give_back, start_next
from domain.tending import tend_job
from entrypoints.bell import Bell
from entrypoints.messengers import Messengers
from entrypoints.parts import Parts
from entrypoints.unbroken import unbroken
from ports.errors import Busy, OutOfSpace, Unavailable
from ports.jobs import FINAL, Job, JobKind
from ports.work import Dispatcher, Ticket

INLINE_KINDS = (JobKind.PREPARE,)
INLINE_WORKER = "inline"
LOOK_EVERY = 1.0
"""Seconds between two looks for due jobs, while nobody says that one was queued."""

KEEP_HOUSE_EVERY = 5.0
"""Seconds between two rounds of the housekeeper, on average: servers that share a store do not all come at once."""

log = structlog.get_logger(__name__)


async def hand_out_forever(parts: Parts, dispatcher: Dispatcher, room: Callable[[], Awaitable[None]]) -> None:
    """Start the most overdue job whenever there is room for one."""

    async def look() -> float:
        await room()
        # an attempt that was started has a worker, even as we stop
        return 0 if await unbroken(_hand_out(parts, dispatcher)) else LOOK_EVERY

    await _forever(look, parts.wake, "dispatcher")


async def keep_house_forever(parts: Parts) -> None:
    """Keep house, at once and then again and again."""

    async def tidy() -> float:
        await parts.feed.forget(parts.clock() - REMEMBERED)
        await _keep_house(parts)
        return _now_and_then()

    await _forever(tidy, Bell(), "housekeeper")


async def finish_forever(parts: Parts) -> None:
    """Tend finished jobs as soon as they are due, and send messengers with those that the app is to be told of.

    It is a loop of its own: lost leases do not wait for an app that is slow or dead, nor for a storage that is.
    """
    messengers = Messengers(lambda job: _tend(parts, job))

    async def look() -> float:
        job = await _next_finished(parts)
        if job is None:
            return LOOK_EVERY if parts.policy.notifies else _now_and_then()
        if duty_of(job, parts.policy, parts.clock()) is not Deed.TOLD:
            await _tend(parts, job)
        elif not await messengers.send(job):
            await _put_off(parts, job)
        return 0

    try:
        await _forever(look, Bell(), "finisher")
    finally:
        await messengers.recall()


async def _next_finished(parts: Parts) -> Job | None:
    now = parts.clock()
    return await parts.jobs.take_due(FINAL, list(JobKind), now, now + TAKEN_FOR, str(uuid4()))


async def _tend(parts: Parts, job: Job) -> None:
    """Do what is due for a finished job. One that something goes wrong with comes up again, and does not hold up others."""
    try:
        deed = await tend_job(
            job,
            jobs=parts.jobs,
            assets=parts.assets,
            storage=parts.storage,
            notifier=parts.notifier,
            policy=parts.policy,
            now=parts.clock(),
            chance=_chance(),
        )
    except (Unavailable, OutOfSpace) as trouble:
        log.warning("waiting", who="finisher", why=str(trouble))
    except Exception:
        log.exception("step failed", who="finisher", job=str(job.id))
    else:
        parts.metrics.tended(Tally([deed] if deed else []))


async def _put_off(parts: Parts, job: Job) -> None:
    await put_off(job, parts.jobs, parts.policy, now=parts.clock(), chance=_chance())
    parts.metrics.tended(Tally([Deed.PUT_OFF]))


async def _keep_house(parts: Parts) -> None:
    """Take one round, and count what was done in it, also where it ends badly."""
    tally = Tally()
    try:
        await keep_house(
            jobs=parts.jobs,
            assets=parts.assets,
            storage=parts.storage,
            notifier=parts.notifier,
            policy=parts.policy,
            now=parts.clock(),
            chance=_chance(),
            new_id=lambda: str(uuid4()),
            tally=tally,
            finished=False,
        )
    finally:
        parts.metrics.tended(tally)
        if tally.total():
            log.info("kept house", done={str(deed): count for deed, count in tally.items()})


async def _hand_out(parts: Parts, dispatcher: Dispatcher) -> bool:
    """Start an attempt and see that a worker has its ticket. Return False if no job is due, or nobody has room."""
    ticket = await _next_ticket(parts)
    if ticket is None:
        return False
    try:
        await dispatcher.dispatch(ticket)
    except Busy:
        await give_back(ticket, parts.jobs, parts.clock())
        return False
    return True


async def _next_ticket(parts: Parts) -> Ticket | None:
    return await start_next(
        INLINE_KINDS,
        INLINE_WORKER,
        parts.policy.lease,
        jobs=parts.jobs,
        assets=parts.assets,
        links=parts.links,
        tokens=parts.tokens,
        policy=parts.policy,
        now=parts.clock(),
        request_id=str(uuid4()),
    )


def _now_and_then() -> float:
    return KEEP_HOUSE_EVERY * (0.5 + _chance())


def _chance() -> float:
    return random.random()  # noqa: S311  (jitter, not a secret)


async def _forever(step: Callable[[], Awaitable[float]], bell: Bell, who: str) -> None:
    """Take the step, then wait as long as it says or until a ring. A step that fails is taken again: a loop never dies."""
    while True:
        heard = bell.rings
        try:
            pause = await step()
        except (Unavailable, OutOfSpace) as trouble:
            log.warning("waiting", who=who, why=str(trouble))
            pause = LOOK_EVERY
        except Exception:
            log.exception("step failed", who=who)
            pause = LOOK_EVERY
        await bell.after(heard, pause)
