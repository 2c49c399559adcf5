"""Pages of other sites, let in by their origins: the API and the local links say so to browsers (CORS, the Fetch standard)."""

from collections.abc import Collection
from functools import partial

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from entrypoints.web.sending import Bare

_MAY_SEND = (
    "Authorization, Content-Type, Idempotency-Key, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, "
    "Last-Event-ID, Range, traceparent, tracestate, X-Request-ID"
)
_MAY_READ = (
    b"Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Last-Modified, Location, Retry-After, "
    b"traceparent, X-Request-ID"
)
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
    "Access-Control-Allow-Headers": _MAY_SEND,
    "Access-Control-Max-Age": "7200",
}
_VARIES = (b"vary", b"Origin")


class Cors:
    """Answers preflights from these origins, before there is talk of keys, and lets their pages read every answer, errors too.

    Cookies are not asked for. Litestar's own does not do: where no origin is named it says nothing of Vary, and a browser that
    has kept the bytes for an `<audio>` would find no leave in them for a `fetch`.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str]) -> None:
        self._app = app
        self._origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        origin = self._origin(scope)
        let_in = partial(_let_in, send, origin)
        if origin and _is_preflight(scope):
            await Bare(204, _PREFLIGHT)(scope, receive, let_in)
        else:
            await self._app(scope, receive, let_in)

    def _origin(self, scope: Scope) -> bytes | None:
        """Return the origin of the page that asks, None if it is none of ours."""
        origins = [value for name, value in scope["headers"] if name == b"origin"]
        return origins[0] if len(origins) == 1 and origins[0] in self._origins else None


def _is_preflight(scope: Scope) -> bool:
    return scope.get("method") == "OPTIONS" and any(name == b"access-control-request-method" for name, _ in scope["headers"])


async def _let_in(send: Send, origin: bytes | None, message: Message) -> None:
    """Send the message; at the beginning of an answer say which origin may read it, and that others may get another."""
    if message["type"] == "http.response.start":
        leave = [(b"access-control-allow-origin", origin), (b"access-control-expose-headers", _MAY_READ)] if origin else []
        message["headers"] = [*message["headers"], _VARIES, *leave]
    await send(message)
