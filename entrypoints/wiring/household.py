"""What a housekeeper needs that is called by hand."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from domain.house import House
from entrypoints.clock import utc_now
from entrypoints.parts import Household
from entrypoints.settings import Settings
from entrypoints.wiring.objects import open_objects, sweep_of
from entrypoints.wiring.policy import policy_of
from entrypoints.wiring.stores import open_stores, refuse_unused
from entrypoints.wiring.webhooks import notifier_of


@asynccontextmanager
async def household(settings: Settings) -> AsyncIterator[Household]:
    """Yield what a housekeeper needs, of servers with these settings. Nothing is made, as in `stores_alone`."""
    refuse_unused(settings)
    async with AsyncExitStack() as stack:
        kept, objects = await open_stores(settings, stack), await open_objects(settings, stack, make=False)
        yield Household(
            house=House(
                jobs=kept.jobs,
                assets=kept.assets,
                uploads=kept.uploads,
                storage=objects.storage,
                multipart=objects.multipart,
                notifier=await notifier_of(settings, stack),
                policy=policy_of(settings),
            ),
            due_jobs=kept.due_jobs,
            due_assets=kept.due_assets,
            due_uploads=kept.due_uploads,
            clock=utc_now,
            sweep=sweep_of(objects, settings),
        )
