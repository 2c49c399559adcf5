"""The storage of the settings, and what sweeps up after those who wrote there."""

import asyncio
from contextlib import AsyncExitStack

from adapters.local.storage import LocalStorage
from entrypoints import scratch
from entrypoints.parts import Sweep
from entrypoints.settings import Settings
from entrypoints.wiring.naming import naming
from entrypoints.wiring.places import scratch_root, storage_root, storage_setting


async def open_storage(settings: Settings, stack: AsyncExitStack) -> LocalStorage:
    """Open the storage, made where there is none; the stack closes it. Raise CannotStart."""
    with naming(storage_setting(settings)):
        storage = LocalStorage(storage_root(settings))
        stack.push_async_callback(storage.close)
        await storage.prepare()
        return storage


def sweep_of(storage: LocalStorage, settings: Settings) -> Sweep:
    """Return what sweeps the storage and the folder of work in progress."""

    async def sweep(remove: bool) -> int:
        folders = await asyncio.to_thread(scratch.sweep, scratch_root(settings), remove=remove)
        return folders + await storage.sweep(remove=remove)

    return sweep
