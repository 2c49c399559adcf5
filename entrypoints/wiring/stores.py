"""The stores, in the database of the settings."""

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from errno import EACCES, ENOENT
from pathlib import Path

from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobStore
from entrypoints.clock import utc_now
from entrypoints.parts import Stores
from entrypoints.settings import Settings
from entrypoints.wiring.naming import CannotStart, naming
from entrypoints.wiring.places import database_path, database_setting
from entrypoints.wiring.policy import policy_of
from ports.errors import Unavailable


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
    path = database_path(settings)
    with naming(database_setting(settings)):
        try:
            return await stack.enter_async_context(await Database.open(path))
        except Unavailable:
            _refuse_out_of_reach(path)
            raise


def refuse_without_database(settings: Settings) -> None:
    """Raise CannotStart if no server has ever made the database."""
    path = database_path(settings)
    if not path.is_file():
        where = f"set {database_setting(settings)} as it has it"
        raise CannotStart(f"There is no database at {path}: run this where the server runs, or {where}")


def _refuse_out_of_reach(path: Path) -> None:
    """Raise OSError where this process may not write what SQLite does: the file, and others beside it."""
    if not path.parent.is_dir():
        raise NotADirectoryError(ENOENT, "There is no such folder", str(path.parent))
    for place in (path.parent, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise PermissionError(EACCES, "It must be writable, even to read", str(place))
