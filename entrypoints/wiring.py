"""The composition root: reads the settings, makes the adapters, joins them, and closes them. It alone names adapters."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from pathlib import Path
from sqlite3 import DatabaseError
from urllib.parse import unquote

import httpx

from adapters.ffmpeg.engine import FfmpegEngine
from adapters.ffmpeg.locate import locate
from adapters.hmac.tokens import HmacTokens
from adapters.inline.pool import InlinePool
from adapters.local.durable import make_folder
from adapters.local.links import LocalLinks
from adapters.local.storage import LocalStorage
from adapters.remote.claims import HttpClaims
from adapters.remote.client import new_client
from adapters.remote.courier import HttpCourier
from adapters.remote.reporter import HttpReporter
from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.census import SqliteJobCensus
from adapters.sqlite.database import Database
from adapters.sqlite.feed import SqliteJobFeed
from adapters.sqlite.jobs import SqliteJobStore
from adapters.sqlite.schema import NewerSchema
from adapters.standardwebhooks.notifier import WebhookNotifier
from adapters.standardwebhooks.notifier import new_client as notifying_client
from adapters.standardwebhooks.signatures import StandardSignatures
from domain.policy import Policy
from domain.window import LinkWindow
from entrypoints import notice, scratch
from entrypoints.bell import Bell
from entrypoints.broadcast import Broadcast
from entrypoints.clock import utc_now
from entrypoints.housekeeper import finish_forever, keep_house_forever, sweep_forever
from entrypoints.inprocess import InProcessCourier, InProcessReporter
from entrypoints.loops import hand_out_forever
from entrypoints.metrics.instruments import Metrics
from entrypoints.metrics.ledger import Ledger
from entrypoints.parts import Household, Parts, Stores, Sweep
from entrypoints.readiness import EngineCheck
from entrypoints.secrets import signing_keys
from entrypoints.settings import Dispatch, InvalidSettings, Settings
from entrypoints.stopping import told_to_stop
from entrypoints.version import VERSION
from entrypoints.work.asking import Station
from entrypoints.work.attempt import Workshop, work
from entrypoints.work.kept import ReportFolder
from entrypoints.work.redelivery import deliver_kept_forever
from ports.audio import AudioEngine
from ports.errors import OutOfSpace, Unavailable
from ports.jobs import JobKind
from ports.work import Ticket

DEFAULT_PUBLIC_URL = "http://127.0.0.1:8000"
SETTING_OF = {"store": "GREENROOM_DATABASE_URL", "storage": "GREENROOM_STORAGE_URL", "engine": "FFMPEG_PATH"}
"""The setting that says where the part of a check is to be found."""


class CannotStart(Exception):
    """A part can't be had with these settings; the sentence says which setting."""


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Parts]:
    """Yield the parts of a Greenroom that works: jobs are handed out and house is kept until it ends."""
    async with AsyncExitStack() as stack:
        parts = await _parts(settings, stack)
        _keep_running(stack, asyncio.create_task(keep_house_forever(parts)))
        _keep_running(stack, asyncio.create_task(finish_forever(parts)))
        _keep_running(stack, asyncio.create_task(sweep_forever(parts)))
        _keep_running(stack, asyncio.create_task(parts.broadcast.follow_forever()))
        _keep_running(stack, asyncio.create_task(parts.metrics.write_forever()))
        if settings.dispatch is Dispatch.INLINE:
            pool = _inline_pool(parts)
            stack.push_async_callback(pool.close)
            _keep_running(stack, asyncio.create_task(hand_out_forever(parts, pool, pool.room)))
        yield parts


@asynccontextmanager
async def stores_alone(settings: Settings) -> AsyncIterator[Stores]:
    """Yield the stores that servers with these settings use. Nothing is made: raise CannotStart if no server ever used them."""
    _refuse_without_database(settings)
    async with AsyncExitStack() as stack:
        database = await _database(settings, stack)
        jobs, assets = SqliteJobStore(database), SqliteAssetStore(database)
        yield Stores(jobs=jobs, assets=assets, policy=_policy(settings), clock=utc_now)


@asynccontextmanager
async def household(settings: Settings) -> AsyncIterator[Household]:
    """Yield what a housekeeper needs, of servers with these settings. Nothing is made, as in `stores_alone`."""
    _refuse_without_database(settings)
    async with AsyncExitStack() as stack:
        database, storage = await _database(settings, stack), LocalStorage(_storage_root(settings))
        stack.push_async_callback(storage.close)
        jobs, assets = SqliteJobStore(database), SqliteAssetStore(database)
        yield Household(
            jobs=jobs,
            assets=assets,
            due_jobs=jobs,
            due_assets=assets,
            storage=storage,
            notifier=await _notifier(settings, stack),
            policy=_policy(settings),
            clock=utc_now,
            sweep=_sweep(storage, settings),
        )


def audio_engine(settings: Settings) -> AudioEngine:
    """Return the audio engine of this machine. Raise EngineFailed if it has none."""
    return FfmpegEngine(locate(settings.ffmpeg_path), settings.limits)


async def try_out(settings: Settings) -> None:
    """Make every part, check it and let go of it. Raise CannotStart, InvalidSettings or EngineFailed if one can't be had."""
    async with AsyncExitStack() as stack:
        parts = await _parts(settings, stack)
        for check in parts.checks:
            with _naming(SETTING_OF[check.name]):
                await check.check()


async def _parts(settings: Settings, stack: AsyncExitStack) -> Parts:
    with _naming("GREENROOM_DATA_DIR"):
        make_folder(settings.data_dir)
        link_keys, token_keys = signing_keys(settings, "local links"), signing_keys(settings, "ticket tokens")
        metrics = Metrics(stack.enter_context(closing(Ledger.open(settings.data_dir / "metrics"))))
    database = await _database(settings, stack)
    storage = await _storage(settings, stack)
    engine, links, policy = audio_engine(settings), LocalLinks(link_keys), _policy(settings)
    jobs, feed, wake = SqliteJobStore(database), SqliteJobFeed(database), Bell()
    works_itself = settings.dispatch is Dispatch.INLINE
    return Parts(
        settings=settings,
        policy=policy,
        clock=utc_now,
        jobs=jobs,
        assets=SqliteAssetStore(database),
        storage=storage,
        links=links,
        window=LinkWindow(links, policy.limits.duration),
        tokens=HmacTokens(token_keys),
        engine=engine,
        files=storage,
        gate=links,
        checks=(database, storage, *([EngineCheck(engine)] if works_itself else [])),
        scratch=_scratch(settings),
        sweep=_sweep(storage, settings),
        wake=wake,
        feed=feed,
        broadcast=Broadcast(feed, jobs, wake),
        stopping=stack.enter_context(told_to_stop()),
        census=SqliteJobCensus(database),
        metrics=metrics,
        signatures=_signatures(settings),
        notifier=await _notifier(settings, stack),
    )


async def _database(settings: Settings, stack: AsyncExitStack) -> Database:
    with _naming("GREENROOM_DATABASE_URL"):
        return await stack.enter_async_context(await Database.open(_database_path(settings)))


async def _storage(settings: Settings, stack: AsyncExitStack) -> LocalStorage:
    with _naming("GREENROOM_STORAGE_URL"):
        storage = LocalStorage(_storage_root(settings))
        stack.push_async_callback(storage.close)
        await storage.prepare()
        return storage


def _refuse_without_database(settings: Settings) -> None:
    path = _database_path(settings)
    if not path.is_file():
        variable = "GREENROOM_DATA_DIR" if settings.database_url is None else "GREENROOM_DATABASE_URL"
        raise CannotStart(f"There is no database at {path}: run this where the server runs, or set {variable} as it has it")


def _sweep(storage: LocalStorage, settings: Settings) -> Sweep:
    async def sweep(remove: bool) -> int:
        folders = await asyncio.to_thread(scratch.sweep, _scratch(settings), remove=remove)
        return folders + await storage.sweep(remove=remove)

    return sweep


def _scratch(settings: Settings) -> Path:
    return settings.data_dir / "scratch"


def _signatures(settings: Settings) -> StandardSignatures | None:
    if settings.signing_secret is None:
        return None
    previous = settings.signing_secret_previous
    return StandardSignatures(settings.signing_secret.reveal(), previous.reveal() if previous else None)


async def _notifier(settings: Settings, stack: AsyncExitStack) -> WebhookNotifier | None:
    if settings.notify_url is None or settings.notify_secret is None:
        return None
    try:
        url = httpx.URL(settings.notify_url.reveal().decode())
    except (httpx.InvalidURL, UnicodeDecodeError) as error:
        raise InvalidSettings("GREENROOM_NOTIFY_URL is not a web address such as https://audio.example.com") from error
    secrets = [settings.notify_secret, *([settings.notify_secret_previous] if settings.notify_secret_previous else [])]
    client = await stack.enter_async_context(notifying_client(f"greenroom/{VERSION}"))
    return WebhookNotifier(client, url, [secret.reveal() for secret in secrets], notice.written)


def _policy(settings: Settings) -> Policy:
    return Policy(
        public_url=(settings.public_url or DEFAULT_PUBLIC_URL).rstrip("/"),
        lease=settings.lease,
        deadline=settings.deadline,
        keep_jobs=settings.keep_jobs,
        max_attempts=settings.max_attempts,
        notifies=settings.notify_url is not None,
        limits=settings.limits,
    )


@contextmanager
def _naming(variable: str) -> Iterator[None]:
    """Turn what stands in the way of a part into a sentence that names its setting."""
    try:
        yield
    except OSError as error:
        raise CannotStart(f"{variable} can't be used: {error.strerror} ({error.filename})") from error
    except (Unavailable, OutOfSpace, NewerSchema, DatabaseError) as error:
        raise CannotStart(f"{variable} can't be used: {error}") from error


def _inline_pool(parts: Parts) -> InlinePool:
    workshop = Workshop(
        engine=parts.engine,
        courier=InProcessCourier(parts),
        reporter=InProcessReporter(parts),
        scratch=parts.scratch,
        clock=parts.clock,
    )
    return InlinePool(parts.settings.inline_workers, lambda ticket: work(ticket, workshop))


@asynccontextmanager
async def worker_station(settings: Settings, name: str, kinds: Collection[JobKind]) -> AsyncIterator[Station]:
    """Yield where a worker elsewhere gets its tickets; what its predecessors could not report is delivered meanwhile.

    When it ends, what is being worked on is given back. Raise CannotStart, InvalidSettings or EngineFailed.
    """
    server, secret = _server_of_worker(settings)
    async with AsyncExitStack() as stack:
        engine, folder = await _worker_engine(settings), await _worker_folder(settings)
        client = await stack.enter_async_context(_http_client())
        kept = ReportFolder(folder / "reports")
        workshop = _workshops(engine, client, kept, folder / "scratch")
        pool = InlinePool(settings.concurrency, lambda ticket: work(ticket, workshop(ticket)))
        stack.push_async_callback(pool.close)
        delivering = deliver_kept_forever(kept, lambda told: HttpReporter(client, told.callback, told.traceparent), utc_now)
        _keep_running(stack, asyncio.create_task(delivering))
        claims = HttpClaims(client, server, secret, utc_now)
        yield Station(name=name, kinds=kinds, claims=claims, dispatcher=pool, room=pool.room)


def _server_of_worker(settings: Settings) -> tuple[str, bytes]:
    if settings.server_url is None or settings.webhook_secret is None:
        unset = "GREENROOM_SERVER_URL" if settings.server_url is None else "INTERNAL_WEBHOOK_SECRET"
        raise CannotStart(f"{unset} is not set: a worker needs to know its server, and the server's secret for workers")
    return settings.server_url.rstrip("/"), settings.webhook_secret.reveal()


async def _worker_engine(settings: Settings) -> AudioEngine:
    engine = audio_engine(settings)
    with _naming(SETTING_OF["engine"]):
        await EngineCheck(engine).check()
    return engine


async def _worker_folder(settings: Settings) -> Path:
    folder = settings.data_dir / "worker"
    with _naming("GREENROOM_DATA_DIR"):
        make_folder(folder / "reports")
        await asyncio.to_thread(scratch.sweep, folder / "scratch")
    return folder


def _http_client() -> httpx.AsyncClient:
    try:
        return new_client(f"greenroom-worker/{VERSION}")
    except (ImportError, ValueError, httpx.InvalidURL) as error:
        raise CannotStart(f"The proxy of the environment can't be used: {error}") from error


def _workshops(engine: AudioEngine, client: httpx.AsyncClient, kept: ReportFolder, folder: Path) -> Callable[[Ticket], Workshop]:
    """Return what makes the workshop of a ticket: each has its own way to report."""
    courier = HttpCourier(client)

    def workshop(ticket: Ticket) -> Workshop:
        return Workshop(
            engine=engine,
            courier=courier,
            reporter=HttpReporter(client, ticket.callback, ticket.traceparent),
            scratch=folder,
            clock=utc_now,
            keeping=kept.keeping,
        )

    return workshop


def _keep_running(stack: AsyncExitStack, task: "asyncio.Task[None]") -> None:
    async def stop() -> None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    stack.push_async_callback(stop)


def _database_path(settings: Settings) -> Path:
    if settings.database_url is None:
        return settings.data_dir / "greenroom.db"
    return _path_of(settings.database_url, "sqlite", "GREENROOM_DATABASE_URL")


def _storage_root(settings: Settings) -> Path:
    if settings.storage_url is None:
        return settings.data_dir / "storage"
    return _path_of(settings.storage_url, "file", "GREENROOM_STORAGE_URL")


def _path_of(url: str, scheme: str, variable: str) -> Path:
    """Read the absolute path out of `scheme:///path`; one slash more, as SQLAlchemy writes it, means the same."""
    path = url.removeprefix(f"{scheme}://")
    if path == url or not path.startswith("/") or not path.strip("/"):
        raise InvalidSettings(f"{variable} must be {scheme}:///path")
    return Path("/" + unquote(path).lstrip("/"))
