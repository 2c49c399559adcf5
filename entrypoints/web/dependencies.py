"""What a handler may ask for, by name: one alias a port (Litestar can't inject a bare Protocol)."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeAlias

from litestar.datastructures import State
from litestar.di import NamedDependency, Provide
from litestar.params import SkipValidation

from domain.house import House
from domain.policy import Policy
from domain.window import LinkWindow
from entrypoints.events.broadcast import Broadcast
from entrypoints.jitter import chance
from entrypoints.metrics.exposition import Exposition
from entrypoints.parts import Parts
from entrypoints.readiness import Readiness
from entrypoints.settings import Settings
from entrypoints.web.bodies import AnyRequest
from ports.assets import AssetStore
from ports.events import JobFeed
from ports.jobs import JobStore
from ports.links import Gate, Links, PartWriter
from ports.storage import LocalFiles, Storage

Clock: TypeAlias = Callable[[], datetime]

Now: TypeAlias = NamedDependency[SkipValidation[Clock]]
Config: TypeAlias = NamedDependency[SkipValidation[Settings]]
Rules: TypeAlias = NamedDependency[SkipValidation[Policy]]
Jobs: TypeAlias = NamedDependency[SkipValidation[JobStore]]
Assets: TypeAlias = NamedDependency[SkipValidation[AssetStore]]
Objects: TypeAlias = NamedDependency[SkipValidation[Storage]]
Window: TypeAlias = NamedDependency[SkipValidation[LinkWindow]]
Files: TypeAlias = NamedDependency[SkipValidation[LocalFiles]]
Gatekeeper: TypeAlias = NamedDependency[SkipValidation[Gate]]
Ready: TypeAlias = NamedDependency[SkipValidation[Readiness]]
Told: TypeAlias = NamedDependency[SkipValidation[Exposition]]
Home: TypeAlias = NamedDependency[SkipValidation[House]]
Signing: TypeAlias = NamedDependency[SkipValidation[Links]]
PartTaker: TypeAlias = NamedDependency[SkipValidation[PartWriter]]
Wake: TypeAlias = NamedDependency[SkipValidation[Callable[[], None]]]
Feed: TypeAlias = NamedDependency[SkipValidation[JobFeed]]
Happenings: TypeAlias = NamedDependency[SkipValidation[Broadcast]]
Stopping: TypeAlias = NamedDependency[SkipValidation[asyncio.Event]]
Chance: TypeAlias = NamedDependency[float]
Trace: TypeAlias = NamedDependency[str]


def provided() -> Mapping[str, Provide]:
    """Return how each name is filled, request by request, from the parts that the lifespan has put in the app's state."""
    return {
        "readiness": Provide(_readiness, sync_to_thread=False),
        "exposition": Provide(_exposition, sync_to_thread=False),
        "settings": _part(lambda parts: parts.settings),
        "policy": _part(lambda parts: parts.policy),
        "clock": _part(lambda parts: parts.clock),
        "jobs": _part(lambda parts: parts.jobs),
        "assets": _part(lambda parts: parts.assets),
        "storage": _part(lambda parts: parts.storage),
        "window": _part(lambda parts: parts.window),
        "files": _part(lambda parts: parts.files),
        "gate": _part(lambda parts: parts.gate),
        "house": _part(lambda parts: parts.house),
        "links": _part(lambda parts: parts.links),
        "part_writer": _part(lambda parts: parts.part_writer),
        "wake": _part(lambda parts: parts.wake.ring),
        "feed": _part(lambda parts: parts.feed),
        "broadcast": _part(lambda parts: parts.broadcast),
        "stopping": _part(lambda parts: parts.stopping),
        "chance": Provide(chance, use_cache=False, sync_to_thread=False),
        "trace": Provide(_trace, sync_to_thread=False),
    }


def _part(choose: Callable[[Parts], object]) -> Provide:
    def provide(state: State) -> object:
        return choose(state.parts)

    return Provide(provide, sync_to_thread=False)


def _readiness(state: State) -> object:
    return state.readiness


def _exposition(state: State) -> object:
    return state.exposition


def _trace(request: AnyRequest) -> str:
    trace: str = request.state.traceparent
    return trace
