"""The storage of the settings, whichever technology keeps the bytes, and what sweeps up after those who wrote there."""

import asyncio
from contextlib import AsyncExitStack

from entrypoints import scratch
from entrypoints.parts import Objects, Sweep
from entrypoints.settings import Settings
from entrypoints.wiring.folder import open_folder
from entrypoints.wiring.places import Bucket, Folder, object_place, scratch_root


async def open_objects(settings: Settings, stack: AsyncExitStack, *, make: bool = True) -> Objects:
    """Open the storage; the stack closes it. A folder that is not there is made, unless told not to. A bucket never is.

    Raise CannotStart or InvalidSettings.
    """
    match object_place(settings):
        case Folder(path):
            return await open_folder(path, settings, stack, make=make)
        case Bucket() as place:
            from entrypoints.wiring.bucket import open_bucket  # noqa: PLC0415  (boto3 takes a while to load)

            return await open_bucket(place, settings, stack, make=make)


def sweep_of(objects: Objects, settings: Settings) -> Sweep:
    """Return what sweeps the storage and the folder of work in progress."""

    async def sweep(remove: bool) -> int:
        folders = await asyncio.to_thread(scratch.sweep, scratch_root(settings), remove=remove)
        return folders + await objects.sweep(remove)

    return sweep
