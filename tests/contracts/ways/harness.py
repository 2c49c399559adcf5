"""What a worker's ways to its server bring to be held to the contract: in one process with it, and by HTTP."""

from collections.abc import AsyncIterable, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

import httpx
from litestar import Litestar
from msgspec.structs import replace

from adapters.remote.courier import HttpCourier
from adapters.remote.reporter import HttpReporter
from domain.intake import take_in
from domain.ordering import Order, order_job
from entrypoints.parts import Parts
from entrypoints.settings import load_settings
from entrypoints.web.app import create_app
from entrypoints.work.inprocess import InProcessCourier, InProcessReporter
from ports.errors import OutOfSpace
from ports.storage import Storage, StoredObject
from ports.work import Courier, Reporter, Ticket
from tests.web.calls import start_attempt, wav

CLIP = wav(0.5)


class Full:
    """A storage whose disk has no room for another object."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    async def put(self, key: str, body: AsyncIterable[bytes], content_type: str) -> StoredObject:
        raise OutOfSpace("The storage")


@dataclass(frozen=True)
class Server:
    """A running application, and a client to it."""

    app: Litestar
    client: httpx.AsyncClient
    storage_folder: Path

    @property
    def parts(self) -> Parts:
        parts: Parts = self.app.state.parts
        return parts

    def fill_up(self) -> None:
        self.app.state.parts = replace(self.parts, storage=Full(self.parts.storage))

    async def order(self) -> UUID:
        """Order a job that prepares a clip."""

        async def body() -> AsyncIterator[bytes]:
            yield CLIP

        parts = self.parts
        now = parts.clock()
        asset = await take_in(
            body(), "clip.wav", new_id=uuid4(), assets=parts.assets, storage=parts.storage, policy=parts.policy, now=now
        )
        job = await order_job(
            Order(), asset.id, new_id=uuid4(), jobs=parts.jobs, assets=parts.assets, policy=parts.policy, now=now
        )
        return job.id

    async def ticket(self) -> Ticket:
        """Return the ticket of an attempt at a job that prepares a clip."""
        await self.order()
        return cast(Ticket, await start_attempt(self.parts))

    async def kept(self) -> dict[str, bytes]:
        """Return what is in storage, by the ends of the keys."""
        storage = self.parts.storage
        keys = [stored.key async for stored in storage.list("")]
        return {key.rpartition("/")[2]: b"".join([chunk async for chunk in storage.read(key)]) for key in keys}

    async def lose(self) -> None:
        """Remove every object."""
        async for stored in self.parts.storage.list(""):
            await self.parts.storage.remove(stored.key)


@asynccontextmanager
async def running_application(folder: Path) -> AsyncIterator[Server]:
    environment = {"GREENROOM_DATA_DIR": str(folder / "data"), "GREENROOM_DISPATCH": "pull", "INTERNAL_WEBHOOK_SECRET": "s"}
    app = create_app(load_settings(environment, folder / "no.env"))
    transport = httpx.ASGITransport(cast(Any, app), client=("127.0.0.1", 12345), raise_app_exceptions=False)
    async with app.lifespan(), httpx.AsyncClient(transport=transport) as client:
        yield Server(app, client, folder / "data" / "storage")


@dataclass(frozen=True)
class Way:
    name: str
    courier: Callable[[Server], Courier]
    reporter: Callable[[Server, Ticket], Reporter]


WAYS = (
    Way("in process", lambda server: InProcessCourier(server.parts), lambda server, _: InProcessReporter(server.parts)),
    Way(
        "http",
        lambda server: HttpCourier(server.client, patience=0.001),
        lambda server, ticket: HttpReporter(server.client, ticket.callback),
    ),
)
