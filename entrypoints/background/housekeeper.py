"""The housekeeper of a server: one loop for what fell silent or was deleted, one for finished jobs, one for files left behind.

None waits for another: lost leases do not wait for an app that is slow or dead, nor for a storage that is.
"""

from uuid import uuid4

import structlog

from domain.deeds import Deed, Tally, duty_of
from domain.housekeeping import keep_house
from domain.notifying import put_off
from domain.policy import REMEMBERED, TAKEN_FOR
from domain.tending import tend_job
from entrypoints.background.loops import LOOK_EVERY, forever
from entrypoints.background.messengers import Messengers
from entrypoints.bell import Bell
from entrypoints.jitter import chance
from entrypoints.parts import Parts
from entrypoints.settings import Dispatch
from ports.errors import OutOfSpace, Unavailable
from ports.jobs import FINAL, Job, JobKind

KEEP_HOUSE_EVERY = 5.0
"""Seconds between two rounds of the housekeeper, on average: servers that share a store do not all come at once."""

SWEEP_EVERY = 3600.0
"""Seconds between two looks for files left behind, on average."""

FINISHER = "finisher"

log = structlog.get_logger(__name__)


async def keep_house_forever(parts: Parts) -> None:
    """Keep house, at once and then again and again."""

    async def tidy() -> float:
        await parts.feed.forget(parts.clock() - REMEMBERED)
        await _keep_house(parts)
        return _about(KEEP_HOUSE_EVERY)

    await forever(tidy, Bell(), "housekeeper")


async def finish_forever(parts: Parts) -> None:
    """Tend finished jobs as soon as they are due, and send messengers with those that the app is to be told of."""
    messengers = Messengers(lambda job: tend(parts, job, FINISHER))

    async def look() -> float:
        job = await _next_finished(parts)
        if job is None:
            return LOOK_EVERY if parts.policy.notifies else _about(KEEP_HOUSE_EVERY)
        if duty_of(job, parts.policy, parts.clock()) is not Deed.TOLD:
            await tend(parts, job, FINISHER)
        elif not await messengers.send(job):
            await _put_off(parts, job)
        return 0

    try:
        await forever(look, Bell(), FINISHER)
    finally:
        await messengers.recall()


async def sweep_forever(parts: Parts) -> None:
    """Remove what processes left behind that were killed while they wrote, at once and then now and then."""

    async def look() -> float:
        swept = await parts.sweep(True)
        _note(parts, Tally({Deed.SWEPT: swept} if swept else {}))
        return _about(SWEEP_EVERY)

    await forever(look, Bell(), "sweeper")


async def _next_finished(parts: Parts) -> Job | None:
    now = parts.clock()
    return await parts.jobs.take_due(FINAL, list(JobKind), now, now + TAKEN_FOR, str(uuid4()))


async def tend(parts: Parts, job: Job, who: str) -> None:
    """Do what is due for a job. One that something goes wrong with comes up again, and does not hold up others."""
    try:
        deed = await tend_job(
            job,
            jobs=parts.jobs,
            assets=parts.assets,
            storage=parts.storage,
            notifier=parts.notifier,
            policy=parts.policy,
            now=parts.clock(),
            chance=chance(),
        )
    except (Unavailable, OutOfSpace) as trouble:
        log.warning("waiting", who=who, why=str(trouble), job=str(job.id))
    except Exception:
        log.exception("step failed", who=who, job=str(job.id))
    else:
        parts.metrics.tended(Tally([deed] if deed else []))
        if deed is Deed.NOT_TOLD:
            log.warning("the app was not told", job=str(job.id))  # the job's deliveries say why


async def _put_off(parts: Parts, job: Job) -> None:
    await put_off(job, parts.jobs, parts.policy, now=parts.clock(), chance=chance())
    parts.metrics.tended(Tally([Deed.PUT_OFF]))


async def _keep_house(parts: Parts) -> None:
    """Take one round, and count what was done in it, also where it ends badly."""
    tally = Tally()
    try:
        await keep_house(
            parts.house,
            clock=parts.clock,
            chance=chance(),
            new_id=lambda: str(uuid4()),
            tally=tally,
            silent=parts.settings.dispatch is not Dispatch.PUSH,  # who sends tickets sees to what comes of them
            finished=False,
        )
    finally:
        _note(parts, tally)


def _note(parts: Parts, tally: Tally) -> None:
    parts.metrics.tended(tally)
    if tally.total():
        log.info("kept house", done={str(deed): count for deed, count in tally.items()})


def _about(seconds: float) -> float:
    return seconds * (0.5 + chance())
