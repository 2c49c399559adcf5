"""The way to the endpoint of a worker that is checked: the one that servers go."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec.structs import replace

from adapters.remote.client import new_client
from adapters.remote.push import PushDispatcher
from entrypoints.background.pushing import ANSWERED_WITHIN
from entrypoints.settings import Settings
from entrypoints.values import Secret
from entrypoints.version import VERSION
from entrypoints.wiring.pushing import endpoint_of
from ports.work import Dispatcher


@asynccontextmanager
async def dispatcher_to(url: str, settings: Settings) -> AsyncIterator[Dispatcher]:
    """Yield what sends tickets to `url`, proved as the settings say. Raise InvalidSettings."""
    address, proof = endpoint_of(replace(settings, dispatch_url=Secret(url)))
    async with new_client(f"greenroom/{VERSION}") as client:
        yield PushDispatcher(client, address, proof, ANSWERED_WITHIN)
