"""The doctor's round: one thing after the other, and what is out of order never keeps the rest from being looked at."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from entrypoints.doctor.clock import examine_clock
from entrypoints.doctor.findings import Finding, State, good, trouble, warning
from entrypoints.doctor.folder import examine_folder
from entrypoints.doctor.keeping import examine_storage, examine_store
from entrypoints.doctor.origins import examine_origins, origins_of
from entrypoints.doctor.reaching import examine_called, examine_server, examine_webhook
from entrypoints.doctor.secrecy import examine_secrets
from entrypoints.doctor.signing import examine_links
from entrypoints.parts import Objects
from entrypoints.settings import Dispatch, InvalidSettings, Settings
from entrypoints.version import VERSION
from entrypoints.wiring.engine import audio_engine
from entrypoints.wiring.naming import CannotStart
from entrypoints.wiring.objects import open_objects
from entrypoints.wiring.places import Folder, object_place
from entrypoints.wiring.policy import policy_of
from entrypoints.wiring.stores import open_stores, refuse_unused
from ports.errors import EngineFailed

PATIENCE = 10.0
"""Seconds that anybody has to answer."""


async def examine(settings: Settings, env_file: Path) -> AsyncIterator[Finding]:
    """Yield what is found, as it is found."""
    for finding in [*examine_secrets(settings, env_file), *examine_folder(settings.data_dir)]:
        yield finding
    yield await _engine(settings)
    for finding in await _store(settings):
        yield finding
    async with httpx.AsyncClient(timeout=PATIENCE, headers={"User-Agent": f"greenroom-doctor/{VERSION}"}) as client:
        async for finding in _from_outside(settings, client):
            yield finding


async def _from_outside(settings: Settings, client: httpx.AsyncClient) -> AsyncIterator[Finding]:
    url = policy_of(settings).public_url
    reached = await examine_server(url, settings, client)
    serves = all(finding.state is State.GOOD for finding in reached)
    asked = [*reached, *(await examine_webhook(url, settings, client) if serves else [])]
    for finding in [*asked, *await examine_called(settings, client), *await _objects(settings, client, serves=serves)]:
        yield finding
    for finding in await examine_clock([f"{url}/healthz"], client):
        yield finding


async def _engine(settings: Settings) -> Finding:
    try:
        version = await audio_engine(settings).version()
    except EngineFailed as error:
        found = trouble if settings.dispatch is Dispatch.INLINE else good
        return found("ffmpeg", f"{error}" if found is trouble else "None is here, and none is needed: workers elsewhere prepare")
    return good("ffmpeg", f"It works: {version}")


async def _store(settings: Settings) -> list[Finding]:
    try:
        refuse_unused(settings)
    except (CannotStart, InvalidSettings) as error:
        return [warning("store", str(error))]
    async with AsyncExitStack() as stack:
        try:
            return await examine_store(await open_stores(settings, stack))
        except (CannotStart, InvalidSettings) as error:
            return [trouble("store", str(error))]


async def _objects(settings: Settings, client: httpx.AsyncClient, *, serves: bool) -> list[Finding]:
    async with AsyncExitStack() as stack:
        try:
            place = object_place(settings)
            if isinstance(place, Folder) and not place.path.is_dir():
                return [warning("storage", f"There is no folder {place.path} yet: the first `greenroom serve` makes it")]
            objects = await open_objects(settings, stack, make=_has_served(settings))
        except (CannotStart, InvalidSettings) as error:
            return [trouble("storage", str(error))]
        return await _of_objects(objects, settings, client, serves=serves)


async def _of_objects(objects: Objects, settings: Settings, client: httpx.AsyncClient, *, serves: bool) -> list[Finding]:
    """Look at the storage, and then at its links: those of a folder lead to our own server, which must be there to answer."""
    found = await examine_storage(objects)
    if found[0].state is not State.GOOD or (objects.gate is not None and not serves):
        return found
    url = policy_of(settings).public_url
    asked = [] if objects.pages is None else await examine_origins(objects.pages, origins_of(settings, url))
    return [*found, *await examine_links(objects, url, client), *asked]


def _has_served(settings: Settings) -> bool:
    """Tell whether a server has made its secret here: the doctor makes none."""
    return settings.secret is not None or (settings.data_dir / "secret").is_file()
