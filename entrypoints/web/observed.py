"""Around every request: an id and a trace that all its log lines carry, and a count of how it was answered."""

import random
import re
from collections.abc import Awaitable
from time import perf_counter

from litestar.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, clear_contextvars

from domain.tickets import WEBHOOK
from domain.tracing import HEADER, accepted, begun, trace_of
from entrypoints.parts import Parts

UNKNOWN = "unknown"
"""The route of a request that no route was found for."""

OTHER = "other"
"""The outcome of a callback that was not judged: a fault, or a request that is no callback."""

_SANE = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")
_TRACEPARENT = HEADER.encode()


class Observed:
    """An application, observed. What it counts goes to the parts in the application's state.

    The context of the log stays as it is at the end: whoever still logs a request's failure then has its ids.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        began, request_id, traceparent = perf_counter(), _request_id(scope), _traceparent(scope)
        clear_contextvars()
        bind_contextvars(request=request_id.decode(), trace=trace_of(traceparent))
        scope["state"]["traceparent"] = traceparent

        def observe(message: Message) -> Awaitable[None]:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
                _count(scope, message["status"], perf_counter() - began)
            return send(message)

        await self._app(scope, receive, observe)


def _count(scope: Scope, status: int, seconds: float) -> None:
    parts: Parts | None = scope["app"].state.get("parts")
    if parts is None:  # it was not started
        return
    metrics, route, state = parts.metrics, scope.get("path_template", UNKNOWN), scope["state"]
    metrics.answered(str(scope.get("method")), route, status, seconds)
    if "previous_secret" in state:
        metrics.previous_secret(state["previous_secret"])
    if route == WEBHOOK:
        metrics.callback(state.get("outcome", OTHER))


def _request_id(scope: Scope) -> bytes:
    """Return the id that came with the request, if it is one that logs and headers can bear, else a new one."""
    given = _values(scope, b"x-request-id")
    return given[0] if len(given) == 1 and _SANE.fullmatch(given[0]) else _drawn(16).hex().encode()


def _traceparent(scope: Scope) -> str:
    given = [value.strip(b" \t").decode("latin-1") for value in _values(scope, _TRACEPARENT)]
    return accepted(given) or begun(_drawn(24))


def _drawn(size: int) -> bytes:
    """Draw an id: nobody else's, but no secret. Asking the system for one costs a call of it, and the lock that threads share."""
    return random.randbytes(size)  # noqa: S311  (an id, not a secret)


def _values(scope: Scope, header: bytes) -> list[bytes]:
    return [value for name, value in scope["headers"] if name == header]
