"""What is needed to register objects that are there already."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from adapters.local.durable import make_folder
from entrypoints.parts import Adopting, Kept
from entrypoints.settings import Settings
from entrypoints.wiring.naming import CannotStart, naming
from entrypoints.wiring.objects import open_objects
from entrypoints.wiring.places import Folder, SqliteFile, object_place, storage_setting, store_place
from entrypoints.wiring.sqlite import open_sqlite
from entrypoints.wiring.stores import open_stores


@asynccontextmanager
async def adopting(settings: Settings, *, make: bool) -> AsyncIterator[Adopting]:
    """Yield the storage that is there, and the stores, made where there are none: this may well come before the first server.

    Unless `make`, nothing is made: where there are no stores yet, empty ones stand in. Raise CannotStart or InvalidSettings.
    """
    _refuse_without_folder(settings)
    async with AsyncExitStack() as stack:
        kept = await _stores(settings, stack, make=make)
        objects = await open_objects(settings, stack, make=False)
        yield Adopting(jobs=kept.jobs, assets=kept.assets, uploads=kept.uploads, storage=objects.storage)


def _refuse_without_folder(settings: Settings) -> None:
    match object_place(settings):
        case Folder(path) if not path.is_dir():
            where = f"set {storage_setting(settings)} as the server has it"
            raise CannotStart(f"There is no folder at {path}: put the objects there, or {where}")
        case _:
            return


async def _stores(settings: Settings, stack: AsyncExitStack, *, make: bool) -> Kept:
    match store_place(settings):
        case SqliteFile(path) if not make and not path.is_file():
            empty = Path(stack.enter_context(TemporaryDirectory(prefix="greenroom-")))
            return await open_sqlite(empty / "greenroom.db", settings, stack)
        case _:
            with naming("GREENROOM_DATA_DIR"):
                make_folder(settings.data_dir)
            return await open_stores(settings, stack)
