"""Running the web application on an address, until it is told to stop."""

import asyncio
import os
import signal
import socket
from functools import partial
from ipaddress import ip_address

import structlog
import uvicorn
from msgspec.structs import replace

from entrypoints.logs import set_up_logs
from entrypoints.processes import Processes, one_of_many, serving
from entrypoints.protocol import CarefulProtocol
from entrypoints.secrets import STRONG
from entrypoints.settings import InvalidSettings, Settings
from entrypoints.stopping import leave_in_any_case
from entrypoints.web import page
from entrypoints.wiring.naming import CannotStart
from entrypoints.wiring.server import try_out
from ports.errors import EngineFailed

LEAVE_WITHIN = 5
"""Seconds that requests under way have to end, once the server is told to stop."""

GONE_WITHIN = 20
"""Seconds after which a server that was told to stop is gone, whatever still holds it up: what it acknowledged is on the disk."""

HEALTHY_WITHIN = 15
"""Seconds in which one of several processes must answer the first, or it is replaced: on a slow machine it starts for long."""

KEEP_ALIVE = 75
"""Seconds that an idle connection stays open: longer than a proxy in front keeps it (nginx: 60)."""

log = structlog.get_logger(__name__)


class CannotServe(Exception):
    """The server can't start; the sentence says why."""


class _Server(uvicorn.Server):
    """A server that nothing keeps from ending."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        leave_in_any_case(GONE_WITHIN)
        await super().shutdown(sockets)


def serve_until_stopped(settings: Settings, host: str, port: int, processes: int = 1) -> None:
    """Serve on `host` and `port` (0: a free one) by so many processes, until SIGTERM or SIGINT. Raise CannotServe."""
    set_up_logs(settings.log_level, settings.log_format)
    if settings.public_url is None and not _is_loopback(host):
        raise CannotServe(f"GREENROOM_PUBLIC_URL must be set to serve on {host}: workers and apps are sent there")
    try:
        asyncio.run(try_out(settings))
    except (CannotStart, InvalidSettings, EngineFailed) as error:
        raise CannotServe(str(error)) from error
    with _listening(host, port) as listener:
        url = settings.public_url or f"http://{_written(host)}:{listener.getsockname()[1]}"
        _warn(settings)
        log.info("serving", url=url)
        _run(replace(settings, public_url=url), listener, processes)


def _run(settings: Settings, listener: socket.socket, processes: int) -> None:
    config = uvicorn.Config(
        partial(serving if processes == 1 else one_of_many, settings),
        factory=True,
        workers=processes,
        timeout_worker_healthcheck=HEALTHY_WITHIN,
        http=CarefulProtocol,
        log_config=None,
        access_log=False,
        proxy_headers=False,  # GREENROOM_TRUSTED_PROXIES decides
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=LEAVE_WITHIN,
        lifespan="on",
    )
    if processes > 1:
        Processes(config, [listener]).run()
    else:
        _serve_alone(_Server(config), listener)


def _serve_alone(server: _Server, listener: socket.socket) -> None:
    _end_well_when_stopped()
    server.run(sockets=[listener])
    if not server.started:
        raise CannotServe("The server could not start; the log says why")


def _end_well_when_stopped() -> None:
    """Take the signals that uvicorn raises once more after it has shut down: being told to stop is no failure."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise CannotServe(f"Can't listen on {_written(host)}:{port}: {why}") from error


def _warn(settings: Settings) -> None:
    if not page.is_built():
        log.info(page.MISSING)
    if settings.webhook_secret is None:
        signed = ", to signed reports too," if settings.signing_secret else ""
        log.warning(f"INTERNAL_WEBHOOK_SECRET is not set: the worker webhook answers 500{signed} until it is")
    elif len(settings.webhook_secret.reveal()) < STRONG:
        log.warning(f"INTERNAL_WEBHOOK_SECRET is shorter than {STRONG} bytes: it may be guessed")
    if settings.webhook_secret is None and settings.webhook_secret_previous is not None:
        log.warning("INTERNAL_WEBHOOK_SECRET_PREVIOUS is set without INTERNAL_WEBHOOK_SECRET: it is not accepted")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host
