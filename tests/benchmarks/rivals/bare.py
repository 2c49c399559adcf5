"""The ceiling: the same framework on the same server, and nothing behind it. `python -m tests.benchmarks.rivals.bare PORT`."""

import sys
from typing import Any

from litestar import Litestar, Response, get, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Struct, UnsetType

from tests.benchmarks.rivals.serving import serve

LOCATION = "/api/storage/audio/assets/some-asset/original-0123abcd.wav?signature=" + "0" * 64


class Body(Struct, rename="camel"):
    """What a worker sends, as ours reads it."""

    job_id: str
    status: str
    attempt: int | UnsetType = UNSET
    result: dict[str, Any] | UnsetType = UNSET
    error: str | UnsetType = UNSET


@get("/healthz")
async def healthz() -> str:
    """Say that it runs."""
    return "ok"


@post("/api/webhooks/worker", status_code=200)
async def receive(data: JSONBody[Body]) -> dict[str, bool]:
    """Decode the body."""
    return {"success": bool(data.job_id)}


@get("/api/audio/assets/{asset_id:str}/stream", status_code=302)
async def stream(asset_id: FromPath[str]) -> Response[None]:
    """Send everybody to the same place."""
    return Response(None, headers={"Location": LOCATION, "Cache-Control": "public, max-age=3600", "X-Asset": asset_id})


if __name__ == "__main__":
    serve(Litestar([healthz, receive, stream], openapi_config=None), int(sys.argv[1]))
