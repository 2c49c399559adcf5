"""Sending tickets to the endpoint of a worker, as a server does that pushes; the first one twice."""

import asyncio
from datetime import timedelta
from time import monotonic
from uuid import uuid4

from msgspec.structs import replace

from domain.schedule import start_next
from entrypoints.parts import Parts
from entrypoints.rehearsal.plays import Pace, Play, Post, Scene
from ports.errors import Busy, TicketRefused, Unavailable
from ports.jobs import JobKind
from ports.work import Dispatcher, Ticket

PAUSE = 1.0
AGAIN_AFTER = 0.3
"""Seconds after which the first ticket is sent once more, answered or not: as by a server that was killed meanwhile."""


class Pusher:
    """Starts the jobs of plays, and sends their tickets."""

    def __init__(self, dispatcher: Dispatcher, parts: Parts, pace: Pace) -> None:
        self._dispatcher = dispatcher
        self._parts = parts
        self._pace = pace

    async def send(self, play: Play) -> None:
        """Start the play's job and send its ticket until the endpoint has it, or will not have it."""
        ticket = await self._started()
        if ticket is None:
            return
        play.tickets.append(ticket)
        async with asyncio.TaskGroup() as posting:
            posting.create_task(self._until_decided(play, ticket))
            if play.scene is Scene.SLOW:
                await asyncio.sleep(AGAIN_AFTER)
                posting.create_task(self._until_decided(play, ticket))

    async def _started(self) -> Ticket | None:
        parts = self._parts
        ticket = await start_next(
            [JobKind.PREPARE],
            "the checked worker",
            timedelta(hours=1),
            jobs=parts.jobs,
            assets=parts.assets,
            links=parts.links,
            tokens=parts.tokens,
            policy=parts.policy,
            now=parts.clock(),
            request_id=str(uuid4()),
        )
        return replace(ticket, lease_seconds=self._pace.lease) if ticket else None

    async def _until_decided(self, play: Play, ticket: Ticket) -> None:
        post = Post(began=monotonic())
        play.posts.append(post)
        while True:
            try:
                await self._dispatcher.dispatch(ticket)
            except TicketRefused as refusal:
                post.taken, post.why = False, refusal.sentence
                return
            except (Busy, Unavailable) as later:
                post.why = str(later)
                await asyncio.sleep(PAUSE)
            else:
                post.taken = True
                return
