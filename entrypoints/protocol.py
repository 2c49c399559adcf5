"""HTTP/1.1 as uvicorn speaks it, held to what a stranger may send before the application is asked, and leave unread after."""

import asyncio
import re
from http import HTTPStatus

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LARGEST_HEAD = 64 * 1024
"""Bytes that a request's line and headers may have, after those that come with the first packet."""

HEAD_WITHIN = 30.0
"""Seconds in which a connection must bring the whole head of a request, once it is open or has begun with one."""

TAKE_WITHIN = 60.0
"""Seconds in which a client must take something of what is left for it, once the connection is to be closed."""

TAKE_FAREWELL_WITHIN = 1.5
"""The same when the server stops: longer than the events have for their end."""

_UPGRADE = re.compile(rb"\r\nupgrade(?=[ \t]*:)", re.IGNORECASE)


class CarefulProtocol(HttpToolsProtocol):
    """Refuses heads that are too large or never end, which uvicorn would collect for ever, and says why in JSON as we do.

    It cuts off who takes nothing more of a last answer: uvicorn would wait for ever, and longest when it is told to stop.

    An offer to upgrade (Java's client and `curl --http2` make one with their requests) is not taken, as RFC 9110, 7.8 allows: the
    parser would take the body for another protocol, and the request would have none.
    """

    _head: int | None = None  # how much has come of a head that is under way
    _in_body = False
    _asked = False  # whether a request was handed on: then there is a cycle that answers it
    _timer: asyncio.TimerHandle | None = None
    _look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._stop_waiting()
        self._stop_looking()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Pass on what arrived, but no offer to upgrade; refuse a head that goes on and on.

        What comes after an answer (the rest of a body, a blank line) has ended uvicorn's own waiting for the next request.
        """
        head = self._head
        super().data_received(data if self._in_body else _without_upgrade(data))
        if self.transport.is_closing():
            return
        if self._timer is None and (self._head is not None or self._answered()):
            self._wait()
        if self._head is not None:
            self._measure(0 if head is None else len(data))

    def _measure(self, more: int) -> None:
        self._head = (self._head or 0) + more
        if self._head > LARGEST_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "The request's headers are too large")

    def on_message_begin(self) -> None:
        """Begin with the head of a request."""
        super().on_message_begin()
        self._head = 0

    def on_headers_complete(self) -> None:
        """Hand the request to the application: from here on the limits of bodies count."""
        self._head, self._in_body, self._asked = None, True, True
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Be ready for the next head."""
        super().on_message_complete()
        self._in_body = False

    def on_response_complete(self) -> None:
        """Give a head that had to wait for this answer its whole time."""
        super().on_response_complete()
        if self._timer is not None:
            self._stop_waiting()
            self._wait()

    def pause_writing(self) -> None:
        """Begin to look whether the client takes what it is sent."""
        super().pause_writing()
        self._look_later(TAKE_WITHIN)

    def shutdown(self) -> None:
        """Leave as soon as the answer is taken, or the client takes nothing more."""
        super().shutdown()
        self._look_later(TAKE_FAREWELL_WITHIN)

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP."""
        self._refuse(HTTPStatus.BAD_REQUEST, msg.removesuffix("."))

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        body = msgspec.json.encode({"error": sentence})
        fields = f"content-type: application/json\r\ncontent-length: {len(body)}\r\ncache-control: no-store\r\nconnection: close"
        self.transport.write(f"HTTP/1.1 {status.value} {status.phrase}\r\n{fields}\r\n\r\n".encode() + body)
        self.transport.close()

    def _look_later(self, seconds: float) -> None:
        self._stop_looking()
        self._look = self.loop.call_later(seconds, self._looked, seconds, self.transport.get_write_buffer_size())

    def _stop_looking(self) -> None:
        if self._look is not None:
            self._look.cancel()

    def _looked(self, seconds: float, before: int) -> None:
        """Cut the connection off if it is to be closed and nothing was taken; look again while there is something to take."""
        left = self.transport.get_write_buffer_size()
        if self.transport.is_closing() and left >= before:
            self.transport.abort()
        elif left:
            self._look_later(seconds)

    def _answered(self) -> bool:
        """Say whether the request that came last has its whole answer, maybe before it was here itself."""
        return self._asked and self.cycle.response_complete

    def _wait(self) -> None:
        self._timer = self.loop.call_later(HEAD_WITHIN, self._waited)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _waited(self) -> None:
        """Give up, unless the request before is still being answered: until then nothing more is read."""
        self._timer = None
        if self.transport.is_closing():
            return
        if self._asked and not self.cycle.response_complete:
            self._wait()
        elif self._asked and self._head is None:
            self.transport.close()
        else:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, "The request did not arrive in time")


def _without_upgrade(data: bytes) -> bytes:
    """Rename the header that offers another protocol, in the head that `data` begins with."""
    end = data.find(b"\r\n\r\n")
    head = data if end < 0 else data[:end]
    return _UPGRADE.sub(b"\r\nx-upgrade", head) + data[len(head) :] if _UPGRADE.search(head) else data
