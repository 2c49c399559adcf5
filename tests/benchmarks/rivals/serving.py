"""The rivals' web server: uvicorn with uvloop and httptools, set as `entrypoints/server.py` sets ours."""

from typing import Any

import uvicorn

KEEP_ALIVE = 75


def serve(app: Any, port: int) -> None:
    """Serve an ASGI application until it is told to stop."""
    uvicorn.run(
        app,
        port=port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        backlog=2048,
        log_level="warning",
    )
