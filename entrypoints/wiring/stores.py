"""The stores of the settings, whichever technology keeps them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from entrypoints.clock import utc_now
from entrypoints.parts import Kept, Stores
from entrypoints.settings import Settings
from entrypoints.wiring.places import RedisServer, SqliteFile, store_place
from entrypoints.wiring.policy import policy_of
from entrypoints.wiring.sqlite import open_sqlite, refuse_without_database


@asynccontextmanager
async def stores_alone(settings: Settings) -> AsyncIterator[Stores]:
    """Yield the stores that servers with these settings use. Nothing is made: raise CannotStart if no server ever used them."""
    refuse_unused(settings)
    async with AsyncExitStack() as stack:
        kept = await open_stores(settings, stack)
        yield Stores(jobs=kept.jobs, assets=kept.assets, policy=policy_of(settings), clock=utc_now)


async def open_stores(settings: Settings, stack: AsyncExitStack) -> Kept:
    """Open the stores, made where there are none; the stack closes them. Raise CannotStart or InvalidSettings."""
    match store_place(settings):
        case SqliteFile(path):
            return await open_sqlite(path, settings, stack)
        case RedisServer() as place:
            from entrypoints.wiring.redis import open_redis  # noqa: PLC0415  (its client takes a while to load)

            return await open_redis(place, settings, stack)


def refuse_unused(settings: Settings) -> None:
    """Raise CannotStart if no server has ever made the stores where nothing but a server makes them."""
    match store_place(settings):
        case SqliteFile(path):
            refuse_without_database(path, settings)
        case RedisServer():
            return
