"""Is it ready: what the checks say, asked so that nobody can make asking costly."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from ports.audio import AudioEngine
from ports.errors import EngineFailed, OutOfSpace, Unavailable
from ports.health import Check

READY = "ok"
REMEMBERED = 1.0
"""Seconds for which an answer is given again."""


class Readiness:
    """Asks every check whether it works, one time in a second at most: all who ask meanwhile are told the same.

    A check that has said nothing after `patience` seconds does not work. `promised` is what the store's server promises of what
    is kept there, where that is another's to decide.
    """

    def __init__(
        self, checks: Sequence[Check], clock: Callable[[], float], patience: float = 5.0, promised: str | None = None
    ) -> None:
        self.promised = promised
        self._checks = checks
        self._clock = clock
        self._patience = patience
        self._asking = asyncio.Lock()
        self._known: Mapping[str, str] = {}
        self._until = clock()

    async def states(self) -> Mapping[str, str]:
        """Return each check by name: `ok`, or a sentence that says what is wrong."""
        async with self._asking:
            if self._clock() >= self._until:
                said = await asyncio.gather(*map(self._state, self._checks))
                self._known = dict(zip([check.name for check in self._checks], said, strict=True))
                self._until = self._clock() + REMEMBERED
            return self._known

    async def _state(self, check: Check) -> str:
        try:
            async with asyncio.timeout(self._patience):
                await check.check()
        except (Unavailable, OutOfSpace) as trouble:
            return str(trouble)
        except TimeoutError:
            return f"{check.name} does not answer"
        return READY


class EngineCheck:
    """Keeps `ports.health.Check`: the audio engine answers. It belongs to a server that works itself."""

    name = "engine"

    def __init__(self, engine: AudioEngine) -> None:
        self._engine = engine

    async def check(self) -> None:
        """Return if there is an engine that works. Raise Unavailable if not."""
        try:
            await self._engine.version()
        except EngineFailed as error:
            raise Unavailable(self.name) from error
