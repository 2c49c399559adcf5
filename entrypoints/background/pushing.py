"""Sending tickets to an endpoint: of jobs that are due, and once more where nobody has answered."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import uuid4

from domain.offering import ticket_again, unanswered
from domain.policy import TAKEN_FOR
from entrypoints.background.housekeeper import tend
from entrypoints.background.loops import LOOK_EVERY, forever, next_ticket
from entrypoints.background.outlook import Outlook
from entrypoints.bell import Bell
from entrypoints.parts import Parts
from entrypoints.unbroken import unbroken
from ports.errors import Busy
from ports.jobs import Job, JobKind, JobStatus
from ports.work import Dispatcher, Ticket

ANSWERED_WITHIN = 25.0
"""Seconds that the endpoint has for its answer: less than TAKEN_FOR, after which another server may send the ticket."""

KINDS = tuple(JobKind)
WORKER = "push"
PUSHER = "pusher"


async def push_forever(parts: Parts, senders: Dispatcher, room: Callable[[], Awaitable[None]], outlook: Outlook) -> None:
    """Start the most overdue job whenever there is room for one more ticket on its way, and let `senders` have it."""

    async def look() -> float:
        await room()
        await outlook.rested()
        heard = outlook.news.rings
        if not await unbroken(_start_one(parts, senders)):
            return LOOK_EVERY
        if not outlook.is_well:
            await outlook.news.after(heard, ANSWERED_WITHIN)
        return 0

    await forever(look, parts.wake, PUSHER)


async def push_again_forever(parts: Parts, senders: Dispatcher) -> None:
    """See to attempts that are due, whoever started them: what nobody answered is sent again, what fell silent is lost."""

    async def look() -> float:
        now = parts.clock()
        until = now + min(TAKEN_FOR, parts.policy.lease)  # as long as the first time: nobody waits for an answer longer
        job = await parts.jobs.take_due([JobStatus.PROCESSING], KINDS, now, until, str(uuid4()))
        if job is None:
            return LOOK_EVERY
        if unanswered(job, now):
            await _send_again(parts, job, senders)
        else:
            await tend(parts, job, PUSHER)
        return 0

    await forever(look, Bell(), PUSHER)


async def _start_one(parts: Parts, senders: Dispatcher) -> bool:
    """Start an attempt and have its ticket sent. Return False if no job is due."""
    ticket = await next_ticket(parts, KINDS, WORKER, parts.policy.lease, sent=True)
    if ticket is not None:
        await _send(ticket, senders)
    return ticket is not None


async def _send_again(parts: Parts, job: Job, senders: Dispatcher) -> None:
    ticket = await ticket_again(
        job,
        jobs=parts.jobs,
        assets=parts.assets,
        links=parts.links,
        tokens=parts.tokens,
        policy=parts.policy,
        now=parts.clock(),
    )
    if ticket is not None:
        await _send(ticket, senders)


async def _send(ticket: Ticket, senders: Dispatcher) -> None:
    with suppress(Busy):  # it comes up again
        await senders.dispatch(ticket)
