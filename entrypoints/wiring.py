"""The composition root: reads the settings, makes the adapters, joins them, and closes them. It alone names adapters."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from sqlite3 import DatabaseError
from urllib.parse import unquote

from adapters.ffmpeg.engine import FfmpegEngine
from adapters.ffmpeg.locate import locate
from adapters.hmac.tokens import HmacTokens
from adapters.inline.pool import InlinePool
from adapters.local.durable import make_folder
from adapters.local.links import LocalLinks
from adapters.local.storage import LocalStorage
from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from adapters.sqlite.schema import NewerSchema
from domain.deeds import Tally
from domain.policy import Policy
from domain.window import LinkWindow
from entrypoints import scratch
from entrypoints.bell import Bell
from entrypoints.clock import utc_now
from entrypoints.inprocess import InProcessCourier, InProcessReporter
from entrypoints.loops import hand_out_forever, keep_house_forever
from entrypoints.parts import Parts
from entrypoints.readiness import EngineCheck
from entrypoints.secrets import signing_keys
from entrypoints.settings import Dispatch, InvalidSettings, Settings
from entrypoints.worker import Workshop, work
from ports.audio import AudioEngine
from ports.errors import OutOfSpace, Unavailable

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
        await asyncio.to_thread(scratch.sweep, parts.scratch)
        _keep_running(stack, asyncio.create_task(keep_house_forever(parts)))
        if settings.dispatch is Dispatch.INLINE:
            pool = _inline_pool(parts)
            stack.push_async_callback(pool.close)
            _keep_running(stack, asyncio.create_task(hand_out_forever(parts, pool, pool.room)))
        yield parts


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
    database = await _database(settings, stack)
    storage = await _storage(settings, stack)
    engine, links, policy = audio_engine(settings), LocalLinks(link_keys), _policy(settings)
    works_itself = settings.dispatch is Dispatch.INLINE
    return Parts(
        settings=settings,
        policy=policy,
        clock=utc_now,
        jobs=SqliteJobStore(database),
        assets=SqliteAssetStore(database),
        storage=storage,
        links=links,
        window=LinkWindow(links, policy.limits.duration),
        tokens=HmacTokens(token_keys),
        engine=engine,
        files=storage,
        gate=links,
        checks=(database, storage, *([EngineCheck(engine)] if works_itself else [])),
        scratch=settings.data_dir / "scratch",
        wake=Bell(),
        deeds=Tally(),
    )


async def _database(settings: Settings, stack: AsyncExitStack) -> Database:
    with _naming("GREENROOM_DATABASE_URL"):
        return await stack.enter_async_context(await Database.open(_database_path(settings)))


async def _storage(settings: Settings, stack: AsyncExitStack) -> LocalStorage:
    with _naming("GREENROOM_STORAGE_URL"):
        storage = LocalStorage(_storage_root(settings))
        stack.push_async_callback(storage.close)
        await storage.prepare()
        await storage.sweep()
        return storage


def _policy(settings: Settings) -> Policy:
    return Policy(
        public_url=(settings.public_url or DEFAULT_PUBLIC_URL).rstrip("/"),
        lease=settings.lease,
        deadline=settings.deadline,
        keep_jobs=settings.keep_jobs,
        max_attempts=settings.max_attempts,
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
