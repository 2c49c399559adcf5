"""In front of the real application: it notes what a worker sends, and answers for the application where a scene wants it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from time import monotonic
from typing import Any

import msgspec
from litestar.types import ASGIApp, Receive, Scope, Send

from domain.layout import ASSETS
from domain.tickets import WEBHOOK
from entrypoints.rehearsal.answers import Held, Noted, Whole, answer_with
from entrypoints.rehearsal.plays import Pace, Part, Play, Scene, Seen
from ports.work import Ticket

CLAIM = "/api/worker/claim"
STORAGE = "/api/storage/"
ELSEWHERE = "/elsewhere"
LARGEST = 1024 * 1024
"""Bytes of a report that are read; the application refuses fewer."""

LEASES_HELD = 1.5
"""For how many leases a download is held at most."""

Act = Callable[[Play], Awaitable[object]]


class Stage:
    """The application, watched. `cancel` and `lose` do to a play's job, or to its output, what happens to some in real life."""

    def __init__(self, app: ASGIApp, pace: Pace, *, cancel: Act, lose: Act) -> None:
        self._app = app
        self._pace = pace
        self._cancel = cancel
        self._lose = lose
        self.claims = list[Seen]()
        self.plays = list[Play]()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it."""
        path = str(scope.get("path", ""))
        if str(scope["type"]) != "http":
            await self._app(scope, receive, send)
        elif path == CLAIM:
            await self._claimed(scope, receive, send)
        elif path == WEBHOOK or path.startswith(ELSEWHERE):
            await self._reported(scope, receive, send, path)
        elif path.startswith(STORAGE + ASSETS):
            await self._carried(scope, receive, send, path)
        else:
            await self._app(scope, receive, send)

    async def _claimed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the ticket say the rehearsal's lease, and note which play's it is."""
        seen = _seen(Part.CLAIM, scope)
        self.claims.append(seen)
        answer = Whole(seen, send)
        await self._app(scope, receive, answer)
        if seen.status == 200:
            ticket = msgspec.json.decode(answer.body, type=Ticket)
            self._hand_out(ticket)
            answer.body = msgspec.json.encode(msgspec.structs.replace(ticket, lease_seconds=self._pace.lease))
        await answer.pass_on()

    def _hand_out(self, ticket: Ticket) -> None:
        for play in self.plays:
            if play.job_id == ticket.job_id:
                play.tickets.append(ticket)

    async def _reported(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        body = await _body(receive)
        said = _object(body)
        play = next((play for play in self.plays if str(play.job_id) == said.get("jobId")), None)
        seen = _seen(Part.REPORT if path == WEBHOOK else Part.ELSEWHERE, scope)
        seen.said = said
        if play is None:
            return await self._app(scope, _again(body, receive), send)
        play.seen.append(seen)
        injected = await self._instead(play, seen)
        if injected is not None:
            return await answer_with(Noted(seen, send), *injected)
        answer = Whole(seen, send)
        await self._app(scope, _again(body, receive), answer)
        seen.error = str(_object(answer.body).get("error", ""))
        await answer.pass_on()
        if play.scene is Scene.CANCELLED and seen.status == 409:
            asyncio.get_running_loop().call_later(self._pace.lease / 2, play.released.set)  # who beats must tell who works
        return None

    async def _instead(self, play: Play, seen: Seen) -> tuple[int, Mapping[str, str], object] | None:
        """Return what the scene answers to a report; None where the application does, after what the scene has done."""
        first = len(play.reported(str(seen.said.get("status")))) == 1
        if seen.part is Part.ELSEWHERE:
            return 200, {}, {"success": True}
        match play.scene:
            case Scene.SLOW if first and seen.reports("complete"):
                return (
                    503,
                    {"retry-after": str(self._pace.retry_after)},
                    {"error": "The job store is not available at the moment"},
                )
            case Scene.LOST if first and seen.reports("complete"):
                await self._lose(play)
            case Scene.CANCELLED if seen.reports("processing"):
                await self._cancel(play)
            case Scene.OVER if play.reported("complete"):
                standing = {"status": "processing", "attempt": 2}
                return 409, {}, {"error": "The report is of another attempt than the newest", **standing}
            case Scene.REDIRECTED if first and seen.reports("processing"):
                play.released.set()
                return 307, {"location": f"{ELSEWHERE}{WEBHOOK}"}, {"error": "It is elsewhere"}
            case _:
                pass
        return None

    async def _carried(self, scope: Scope, receive: Receive, send: Send, path: str) -> None:
        """Watch a download or an upload."""
        owner = path.removeprefix(STORAGE + ASSETS).partition("/")[0]
        play = next((play for play in self.plays if play.asset_id == owner), None)
        if play is None:
            return await self._app(scope, receive, send)
        seen = _seen(_part_of(path), scope)
        play.seen.append(seen)
        if seen.part is Part.INPUT:
            await self._app(scope, receive, Held(seen, send, lambda: self._hold(play)))
            seen.answered = seen.answered or monotonic()
            return None
        answer = Whole(seen, send)
        await self._app(scope, receive, answer)
        seen.error = str(_object(answer.body).get("error", ""))
        if play.scene is Scene.LOST and seen.part is Part.PREPARED and len(play.of(Part.PREPARED)) == 1 and seen.status == 200:
            return await answer_with(Noted(seen, send), 503, {"retry-after": "1"}, {"error": "The answer was lost"})
        return await answer.pass_on()

    async def _hold(self, play: Play) -> None:
        """Let a download wait, for a lease and a half or until the scene has seen what it is about."""
        longest = LEASES_HELD * self._pace.lease
        began = min(seen.began for seen in play.of(Part.INPUT))
        if play.scene in {Scene.LOST, Scene.OVER}:
            return
        try:
            async with asyncio.timeout(began + longest - monotonic()):
                await play.released.wait()
        except TimeoutError:
            play.released.set()


def _part_of(path: str) -> Part:
    if path.endswith(".peaks.json"):
        return Part.PEAKS
    return Part.INPUT if path.rpartition("/")[2].startswith("original") else Part.PREPARED


def _seen(part: Part, scope: Scope) -> Seen:
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return Seen(part=part, began=monotonic(), proof=headers.get(b"authorization"), whole=b"range" not in headers)


async def _body(receive: Receive) -> bytes:
    body = b""
    while len(body) < LARGEST:
        message = await receive()
        body += message.get("body", b"")  # type: ignore[operator]  # a worker that is gone sends none
        if not message.get("more_body"):
            break
    return body


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what gives a body that was read once more, and then what follows."""
    messages: list[Any] = [{"type": "http.request", "body": body, "more_body": False}]

    async def received() -> Any:
        return messages.pop() if messages else await receive()

    return received


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return {}
