"""The server of a rehearsal: a real Greenroom on data of its own, which nobody sees again."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from litestar import Litestar
from litestar.types import ASGIApp

from entrypoints.parts import Parts
from entrypoints.protocol import CarefulProtocol
from entrypoints.settings import Dispatch, LogLevel, Settings
from entrypoints.values import Secret
from entrypoints.web.app import create_app

LEAVE_WITHIN = 2
"""Seconds that answers under way have, once the rehearsal is over."""


class NoHost(Exception):
    """The server can't be had; the sentence says why."""


class _Server(uvicorn.Server):
    """A server that leaves the signals to those who run it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """Yield a socket that listens there; port 0 is a free one. Raise NoHost."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        raise NoHost(f"Can't listen on {host}:{port}: {os.strerror(error.errno) if error.errno else error}") from error
    with listener:
        yield listener


@asynccontextmanager
async def hosted(
    listener: socket.socket, public_url: str, secret: Secret, ffmpeg: str | None, staged: Callable[[Litestar], ASGIApp]
) -> AsyncIterator[Parts]:
    """Serve an application of its own, staged, on the socket. Its jobs wait for workers, and each is tried once.

    No attempt is lost for being silent: that is for the rehearsal to judge. Raise NoHost.
    """
    with TemporaryDirectory(prefix="greenroom-") as folder:
        settings = Settings(
            data_dir=Path(folder),
            public_url=public_url,
            webhook_secret=secret,
            dispatch=Dispatch.PULL,
            lease_seconds=3600,
            max_attempts=1,
            log_level=LogLevel.ERROR,
            ffmpeg_path=ffmpeg,
        )
        app = create_app(settings)
        server = _Server(_config(staged(app)))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            await _started(server, serving)
            yield app.state.parts
        finally:
            app.state.parts.stopping.set()  # who waits for a job is told that there is none
            server.should_exit = True
            await serving


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=CarefulProtocol,
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=LEAVE_WITHIN,
        lifespan="on",
    )


async def _started(server: uvicorn.Server, serving: "asyncio.Task[None]") -> None:
    while not server.started:
        if serving.done():
            raise NoHost("The server of the check could not start")
        await asyncio.sleep(0.01)
