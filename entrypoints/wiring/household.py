"""What a housekeeper needs that is called by hand."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from adapters.local.storage import LocalStorage
from adapters.sqlite.assets import SqliteAssetStore
from adapters.sqlite.jobs import SqliteJobStore
from entrypoints.clock import utc_now
from entrypoints.parts import Household
from entrypoints.settings import Settings
from entrypoints.wiring.objects import sweep_of
from entrypoints.wiring.places import storage_root
from entrypoints.wiring.policy import policy_of
from entrypoints.wiring.stores import open_database, refuse_without_database
from entrypoints.wiring.webhooks import notifier_of


@asynccontextmanager
async def household(settings: Settings) -> AsyncIterator[Household]:
    """Yield what a housekeeper needs, of servers with these settings. Nothing is made, as in `stores_alone`."""
    refuse_without_database(settings)
    async with AsyncExitStack() as stack:
        database, storage = await open_database(settings, stack), LocalStorage(storage_root(settings))
        stack.push_async_callback(storage.close)
        jobs, assets = SqliteJobStore(database), SqliteAssetStore(database)
        yield Household(
            jobs=jobs,
            assets=assets,
            due_jobs=jobs,
            due_assets=assets,
            storage=storage,
            notifier=await notifier_of(settings, stack),
            policy=policy_of(settings),
            clock=utc_now,
            sweep=sweep_of(storage, settings),
        )
