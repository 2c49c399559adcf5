"""One ticket on its way to the endpoint, and what comes of its answer."""

from collections.abc import Coroutine, Mapping
from datetime import timedelta
from logging import DEBUG, INFO, WARNING
from typing import Any

import structlog

from domain.offering import accept, miss, refuse, take_back
from domain.tracing import trace_of
from entrypoints.background.outlook import FIRST_WHILE_AWAY, Outlook
from entrypoints.jitter import chance
from entrypoints.parts import Parts
from entrypoints.unbroken import unbroken
from ports.errors import Busy, OutOfSpace, TicketRefused, Unavailable
from ports.work import Dispatcher, Ticket

LEVELS: Mapping[str, int] = {"accepted": INFO, "busy": DEBUG, "refused": WARNING, "unanswered": DEBUG}
"""How loud each answer is logged: of an endpoint that is away or full the outlook tells, once."""

log = structlog.get_logger(__name__)


class Sender:
    """Sends tickets to the endpoint and applies its answers. One that can't be stored is asked for again, by the same ticket."""

    def __init__(self, parts: Parts, endpoint: Dispatcher, outlook: Outlook) -> None:
        self._parts = parts
        self._endpoint = endpoint
        self._outlook = outlook

    async def send(self, ticket: Ticket) -> None:
        """Send the ticket, once. When cancelled, an answer that has come is still applied."""
        trace = trace_of(ticket.traceparent) if ticket.traceparent else None
        with structlog.contextvars.bound_contextvars(job=str(ticket.job_id), attempt=ticket.attempt, trace=trace):
            answer, applying = await self._answer(ticket)
            self._parts.metrics.dispatched(answer)
            try:
                applied = await unbroken(applying)
            except (Unavailable, OutOfSpace) as trouble:
                log.warning("answer not stored", answer=answer, why=str(trouble))
            else:
                log.log(LEVELS[answer], "ticket sent", answer=answer, applied=applied)

    async def _answer(self, ticket: Ticket) -> tuple[str, Coroutine[Any, Any, bool]]:
        """Return what the endpoint answered, in a word, and what is to be done about it."""
        parts, outlook = self._parts, self._outlook
        try:
            await self._endpoint.dispatch(ticket)
        except Busy as busy:
            outlook.trouble("it has no room", least=busy.retry_after)
            return "busy", take_back(ticket, parts.jobs, parts.clock(), timedelta(seconds=busy.retry_after))
        except TicketRefused as refused:
            outlook.trouble(refused.sentence)
            return "refused", refuse(ticket, refused.sentence, parts.jobs, parts.policy, parts.clock())
        except Unavailable as away:
            outlook.trouble(str(away), first=FIRST_WHILE_AWAY)
            return "unanswered", miss(ticket, str(away), parts.jobs, parts.clock(), chance())
        outlook.well()
        return "accepted", accept(ticket, parts.jobs, parts.clock())
