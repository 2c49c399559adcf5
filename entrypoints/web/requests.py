"""A request as our handlers know it: it leads to the parts that answer it.

Litestar injects several dependencies by a task each, which costs more than all the rest of a callback; a property costs nothing.
"""

from datetime import datetime
from typing import Any

from litestar import Request

from entrypoints.claiming import ClaimDesk
from entrypoints.metrics.exposition import Exposition
from entrypoints.parts import Parts
from entrypoints.readiness import Readiness
from entrypoints.settings import Settings
from entrypoints.web.bodies import LARGEST_JSON, whole


class AppRequest(Request[Any, Any, Any]):
    """A request to the application that is running: its lifespan has put all this in place."""

    @property
    def parts(self) -> Parts:
        """The parts of this Greenroom."""
        parts: Parts = self.app.state.parts
        return parts

    @property
    def settings(self) -> Settings:
        """The settings that it runs by."""
        return self.parts.settings

    @property
    def desk(self) -> ClaimDesk:
        """Where workers elsewhere are handed tickets."""
        desk: ClaimDesk = self.app.state.desk
        return desk

    @property
    def readiness(self) -> Readiness:
        """Whether everything works."""
        readiness: Readiness = self.app.state.readiness
        return readiness

    @property
    def exposition(self) -> Exposition:
        """The figures."""
        exposition: Exposition = self.app.state.exposition
        return exposition

    @property
    def trace(self) -> str:
        """The `traceparent` of what the request is a part of (W3C Trace Context)."""
        trace: str = self.scope["state"]["traceparent"]
        return trace

    def now(self) -> datetime:
        """Return the time by the clock in use."""
        return self.parts.clock()


async def json_body(request: AppRequest) -> bytes:
    """Return the body of a report or an order, within the limits of those. Raise what `whole` raises."""
    return await whole(request, limit=LARGEST_JSON, idle=request.settings.idle_seconds)
