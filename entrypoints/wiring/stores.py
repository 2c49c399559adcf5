"""The stores, in the database of the settings."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from entrypoints.clock import utc_now
from entrypoints.parts import Stores
from entrypoints.settings import Settings
from entrypoints.wiring.naming import CannotStart, naming
from entrypoints.wiring.places import database_path
from entrypoints.wiring.policy import policy_of


@asynccontextmanager
async def stores_alone(settings: Settings) -> AsyncIterator[Stores]:
    """Yield the stores that servers with these settings use. Nothing is made: raise CannotStart if no server ever used them."""
    refuse_without_database(settings)
    async with AsyncExitStack() as stack:
        database = await open_database(settings, stack)
        jobs, assets = SqliteJobStore(database), SqliteAssetStore(database)
        yield Stores(jobs=jobs, assets=assets, policy=policy_of(settings), clock=utc_now)


async def open_database(settings: Settings, stack: AsyncExitStack) -> Database:
    """Open the database, made where there is none; the stack closes it. Raise CannotStart."""
    with naming("GREENROOM_DATABASE_URL"):
        return await stack.enter_async_context(await Database.open(database_path(settings)))


def refuse_without_database(settings: Settings) -> None:
    """Raise CannotStart if no server has ever made the database."""
    path = database_path(settings)
    if not path.is_file():
        variable = "GREENROOM_DATA_DIR" if settings.database_url is None else "GREENROOM_DATABASE_URL"
        raise CannotStart(f"There is no database at {path}: run this where the server runs, or set {variable} as it has it")
