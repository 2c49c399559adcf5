"""The storage in a folder of this machine, whose links lead to our own server."""

from contextlib import AsyncExitStack
from pathlib import Path

from adapters.local.links import LocalLinks
from adapters.local.multipart import LocalMultipart
from adapters.local.storage import LocalStorage
from entrypoints.parts import Local, Objects
from entrypoints.secrets import signing_keys
from entrypoints.settings import Settings
from entrypoints.wiring.naming import naming
from entrypoints.wiring.places import storage_setting


async def open_folder(path: Path, settings: Settings, stack: AsyncExitStack, *, make: bool = True) -> Objects:
    """Open the folder; the stack closes it. Raise CannotStart or InvalidSettings.

    Unless told not to, it makes the folder where there is none, and the secret that signs links: without, no link can be made.
    """
    with naming("GREENROOM_DATA_DIR"):
        links = LocalLinks(signing_keys(settings, "local links") if make else [])
    with naming(storage_setting(settings)):
        storage = LocalStorage(path)
        multipart = LocalMultipart(path, links)
        for each in (storage, multipart):
            stack.push_async_callback(each.close)
        if make:
            await storage.prepare()

    async def sweep(remove: bool) -> int:
        return await storage.sweep(remove=remove)

    return Objects(
        storage=storage,
        links=links,
        multipart=multipart,
        check=storage,
        sweep=sweep,
        local=Local(files=storage, gate=links, part_writer=multipart),
    )
