"""The stores in a SQLite file."""

import os
from contextlib import AsyncExitStack
from errno import EACCES, ENOENT
from pathlib import Path

from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.census import SqliteJobCensus
from adapters.sqlite.database import Database
from adapters.sqlite.feed import SqliteJobFeed
from adapters.sqlite.jobs import SqliteJobStore
from adapters.sqlite.uploads import SqliteUploadStore
from entrypoints.parts import Kept
from entrypoints.settings import Settings
from entrypoints.wiring.naming import CannotStart, naming
from entrypoints.wiring.places import store_setting
from ports.errors import Unavailable


async def open_sqlite(path: Path, settings: Settings, stack: AsyncExitStack) -> Kept:
    """Open the database, made where there is none; the stack closes it. Raise CannotStart."""
    with naming(store_setting(settings)):
        try:
            database = await stack.enter_async_context(await Database.open(path))
        except Unavailable:
            _refuse_out_of_reach(path)
            raise
    jobs, assets, uploads = SqliteJobStore(database), SqliteAssetStore(database), SqliteUploadStore(database)
    return Kept(
        jobs=jobs,
        assets=assets,
        uploads=uploads,
        census=SqliteJobCensus(database),
        feed=SqliteJobFeed(database),
        due_jobs=jobs,
        due_assets=assets,
        due_uploads=uploads,
        check=database,
    )


def refuse_without_database(path: Path, settings: Settings) -> None:
    """Raise CannotStart if no server has ever made the database."""
    if not path.is_file():
        where = f"set {store_setting(settings)} as it has it"
        raise CannotStart(f"There is no database at {path}: run this where the server runs, or {where}")


def _refuse_out_of_reach(path: Path) -> None:
    """Raise OSError where this process may not write what SQLite does: the file, and others beside it."""
    if not path.parent.is_dir():
        raise NotADirectoryError(ENOENT, "There is no such folder", str(path.parent))
    for place in (path.parent, path):
        if place.exists() and not os.access(place, os.W_OK):
            raise PermissionError(EACCES, "It must be writable, even to read", str(place))
