"""What a server does by itself again and again; and first of all, hand out due jobs."""

from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from uuid import uuid4

import structlog

from domain.schedule import give_back, start_next
from entrypoints.bell import Bell
from entrypoints.parts import Parts
from entrypoints.unbroken import unbroken
from ports.errors import Busy, OutOfSpace, Unavailable
from ports.jobs import JobKind
from ports.work import Dispatcher, Ticket

INLINE_KINDS = (JobKind.PREPARE,)
INLINE_WORKER = "inline"
LOOK_EVERY = 1.0
"""Seconds between two looks for due jobs, while nobody says that one was queued."""

log = structlog.get_logger(__name__)


async def hand_out_forever(parts: Parts, dispatcher: Dispatcher, room: Callable[[], Awaitable[None]]) -> None:
    """Start the most overdue job whenever there is room for one."""

    async def look() -> float:
        await room()
        # an attempt that was started has a worker, even as we stop
        return 0 if await unbroken(_hand_out(parts, dispatcher)) else LOOK_EVERY

    await forever(look, parts.wake, "dispatcher")


async def _hand_out(parts: Parts, dispatcher: Dispatcher) -> bool:
    """Start an attempt and see that a worker has its ticket. Return False if no job is due, or nobody has room."""
    ticket = await next_ticket(parts, INLINE_KINDS, INLINE_WORKER, parts.policy.lease)
    if ticket is None:
        return False
    try:
        await dispatcher.dispatch(ticket)
    except Busy:
        await give_back(ticket, parts.jobs, parts.clock())
        return False
    return True


async def next_ticket(
    parts: Parts, kinds: Collection[JobKind], worker: str, lease: timedelta, *, sent: bool = False
) -> Ticket | None:
    """Start an attempt at the most overdue job of these kinds. Return None if none is due. Raise Unavailable or OutOfSpace."""
    return await start_next(
        kinds,
        worker,
        lease,
        jobs=parts.jobs,
        assets=parts.assets,
        links=parts.links,
        tokens=parts.tokens,
        policy=parts.policy,
        now=parts.clock(),
        request_id=str(uuid4()),
        sent=sent,
    )


async def forever(step: Callable[[], Awaitable[float]], bell: Bell, who: str) -> None:
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
