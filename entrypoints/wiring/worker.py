"""A worker elsewhere: it knows its server and the secret for workers, and neither store nor storage."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from tempfile import gettempdir

import httpx

from adapters.inline.pool import InlinePool
from adapters.local.durable import make_folder
from adapters.remote.claims import HttpClaims
from adapters.remote.client import new_client
from adapters.remote.courier import HttpCourier
from adapters.remote.reporter import HttpReporter
from entrypoints import scratch
from entrypoints.clock import utc_now
from entrypoints.readiness import EngineCheck
from entrypoints.settings import Settings
from entrypoints.version import VERSION
from entrypoints.wiring.engine import audio_engine
from entrypoints.wiring.naming import ENGINE, CannotStart, naming
from entrypoints.wiring.tasks import keep_running
from entrypoints.work.asking import Station
from entrypoints.work.attempt import Workshop, work
from entrypoints.work.health import Health
from entrypoints.work.kept import ReportFolder
from entrypoints.work.redelivery import deliver_kept_forever
from ports.audio import AudioEngine
from ports.jobs import JobKind
from ports.work import Ticket


@asynccontextmanager
async def worker_station(settings: Settings, name: str, kinds: Collection[JobKind]) -> AsyncIterator[Station]:
    """Yield where a worker elsewhere gets its tickets; what its predecessors could not report is delivered meanwhile.

    When it ends, what is being worked on is given back. Raise CannotStart, InvalidSettings or EngineFailed.
    """
    server, secret = _server_of_worker(settings)
    async with AsyncExitStack() as stack:
        engine, folder = await _worker_engine(settings), await _worker_folder(settings)
        client = await stack.enter_async_context(_http_client())
        kept, health = ReportFolder(folder / "reports"), Health(engine)
        workshop = _workshops(engine, client, kept, health, folder / "scratch")
        pool = InlinePool(settings.concurrency, lambda ticket: work(ticket, workshop(ticket)))
        stack.push_async_callback(pool.close)
        delivering = deliver_kept_forever(kept, lambda told: HttpReporter(client, told.callback, told.traceparent), utc_now)
        keep_running(stack, delivering)
        claims = HttpClaims(client, server, secret, utc_now)
        yield Station(name=name, kinds=kinds, claims=claims, dispatcher=pool, room=partial(health.ready, pool.room))


async def carry_out(ticket: Ticket, settings: Settings) -> None:
    """Carry out one ticket that was sent here, to its last report, in a folder that is gone afterwards.

    When cancelled, give it back. Raise CannotStart or EngineFailed.
    """
    engine = audio_engine(settings)
    async with _http_client() as client, scratch.scratch_folder(Path(gettempdir())) as folder:
        workshop = Workshop(
            engine=engine,
            courier=HttpCourier(client),
            reporter=HttpReporter(client, ticket.callback, ticket.traceparent),
            scratch=folder,
            clock=utc_now,
            health=Health(engine),
        )
        await work(ticket, workshop)


def _server_of_worker(settings: Settings) -> tuple[str, bytes]:
    if settings.server_url is None or settings.webhook_secret is None:
        unset = "GREENROOM_SERVER_URL" if settings.server_url is None else "INTERNAL_WEBHOOK_SECRET"
        raise CannotStart(f"{unset} is not set: a worker needs to know its server, and the server's secret for workers")
    return settings.server_url.rstrip("/"), settings.webhook_secret.reveal()


async def _worker_engine(settings: Settings) -> AudioEngine:
    engine = audio_engine(settings)
    with naming(ENGINE):
        await EngineCheck(engine).check()
    return engine


async def _worker_folder(settings: Settings) -> Path:
    folder = settings.data_dir / "worker"
    with naming("GREENROOM_DATA_DIR"):
        make_folder(folder / "reports")
        await asyncio.to_thread(scratch.sweep, folder / "scratch")
    return folder


def _http_client() -> httpx.AsyncClient:
    try:
        return new_client(f"greenroom-worker/{VERSION}")
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise CannotStart(f"The proxy of the environment can't be used: {error}") from error


def _workshops(
    engine: AudioEngine, client: httpx.AsyncClient, kept: ReportFolder, health: Health, folder: Path
) -> Callable[[Ticket], Workshop]:
    """Return what makes the workshop of a ticket: each has its own way to report."""
    courier = HttpCourier(client)

    def workshop(ticket: Ticket) -> Workshop:
        return Workshop(
            engine=engine,
            courier=courier,
            reporter=HttpReporter(client, ticket.callback, ticket.traceparent),
            scratch=folder,
            clock=utc_now,
            health=health,
            keeping=kept.keeping,
        )

    return workshop
