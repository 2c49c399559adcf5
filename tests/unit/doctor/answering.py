"""Servers that answer what they are told to: an ASGI application of a few lines, called without a network."""

from collections.abc import Mapping

import httpx
from litestar.types import Receive, Scope, Send


def answering(statuses: Mapping[str, int], headers: Mapping[str, str] | None = None, body: bytes = b"") -> httpx.AsyncClient:
    """Return a client to whom each method is answered with its status, and everything with these headers and this body."""
    fields = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        method = str(scope.get("method"))
        await send({"type": "http.response.start", "status": statuses[method], "headers": fields})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return httpx.AsyncClient(transport=httpx.ASGITransport(application))  # type: ignore[arg-type]  # two names for one protocol
