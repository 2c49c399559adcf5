"""The doctor's round: one thing after the other, and what is out of order never keeps the rest from being looked at."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from pathlib import Path

import httpx

from entrypoints.doctor.clock import Dates
from entrypoints.doctor.findings import Finding, State, good, trouble, warning
from entrypoints.doctor.folder import examine_folder
from entrypoints.doctor.keeping import examine_storage, examine_store
from entrypoints.doctor.origins import examine_origins, origins_of
from entrypoints.doctor.reaching import WITHIN, examine_called, examine_server, examine_webhook
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
from entrypoints.wiring.pushing import endpoint_of
from entrypoints.wiring.stores import open_stores, refuse_unused
from ports.errors import EngineFailed


async def examine(settings: Settings, env_file: Path) -> AsyncIterator[Finding]:
    """Yield what is found, as it is found."""
    dates = Dates()
    async with httpx.AsyncClient(timeout=WITHIN, headers={"User-Agent": f"greenroom-doctor/{VERSION}"}) as client:
        dates.listen(client)
        async for found in _found(settings, env_file, client):
            for finding in found:
                yield finding
    for finding in dates.examine():
        yield finding


async def _found(settings: Settings, env_file: Path, client: httpx.AsyncClient) -> AsyncIterator[list[Finding]]:
    url = policy_of(settings).public_url
    yield await _seen("secrets", asyncio.to_thread(examine_secrets, settings, env_file))
    yield await _seen("data folder", asyncio.to_thread(examine_folder, settings.data_dir))
    yield await _seen("ffmpeg", _engine(settings))
    yield await _seen("store", _store(settings))
    reached = await _seen("server", examine_server(url, settings, client))
    serves = all(finding.state is State.GOOD for finding in reached)
    yield reached
    if serves:
        yield await _seen("callbacks", examine_webhook(url, settings, client))
    yield await _seen("calls", _called(settings, client))
    yield await _seen("storage", _objects(settings, client, serves=serves))


async def _seen(what: str, examined: Awaitable[list[Finding]]) -> list[Finding]:
    """Return what is found. Where looking itself breaks down, that is found: not in its words, which may know a secret."""
    try:
        return await examined
    except Exception as error:  # noqa: BLE001 - whatever it is, the rest is still to be looked at
        known = error.strerror if isinstance(error, OSError) else None
        return [trouble(what, f"It can't be looked at: {known or type(error).__name__}")]


async def _called(settings: Settings, client: httpx.AsyncClient) -> list[Finding]:
    try:
        if settings.dispatch is Dispatch.PUSH:
            endpoint_of(settings)
    except InvalidSettings as error:
        return [trouble("GREENROOM_DISPATCH_URL", str(error))]
    return await examine_called(settings, client)


async def _engine(settings: Settings) -> list[Finding]:
    try:
        version = await audio_engine(settings).version()
    except EngineFailed as error:
        found = trouble if settings.dispatch is Dispatch.INLINE else good
        return [
            found("ffmpeg", f"{error}" if found is trouble else "None is here, and none is needed: workers elsewhere prepare")
        ]
    return [good("ffmpeg", f"It works: {version}")]


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
    if found[0].state is not State.GOOD or (objects.local is not None and not serves):
        return found
    url = policy_of(settings).public_url
    asked = [] if objects.pages is None else await examine_origins(objects.pages, origins_of(settings, url))
    return [*found, *await examine_links(objects, url, client), *asked]


def _has_served(settings: Settings) -> bool:
    """Tell whether a server has made its secret here: the doctor makes none."""
    return settings.secret is not None or os.path.isfile(settings.data_dir / "secret")  # noqa: PTH113 - a Path's own raises where one may not look
