"""The audio engine of ffmpeg: what the port asks for, within a budget of time."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path

from adapters.ffmpeg import preparation
from adapters.ffmpeg.confine import Bounds
from adapters.ffmpeg.faults import check_alive
from adapters.ffmpeg.process import Command, Ffmpeg
from adapters.ffmpeg.progress import Steps
from ports.audio import Limits, Prepared, Progress, Recipe
from ports.errors import EngineFailed

CORES = 2
"""Processor seconds that a child may use for each second of the budget: no child has more than two busy threads."""

TO_ANSWER = timedelta(seconds=20)
"""How long ffmpeg may take to say its version, on a busy machine that reads it from a slow disk."""


DEFAULT = Limits()


class FfmpegEngine:
    """Prepares audio with the ffmpeg at `binary`, within `limits`. More than two channels are mixed down to stereo first."""

    def __init__(self, binary: Path, limits: Limits = DEFAULT) -> None:
        self._binary = binary
        self._limits = limits

    async def prepare(self, source: Path, into: Path, recipe: Recipe, budget: timedelta, progress: Progress) -> Prepared:
        """Prepare the audio in `source` by `recipe`, writing prepared.<format> and two peaks files below `into`."""
        ffmpeg = Ffmpeg(self._binary, self._bounds(budget), into)
        try:
            async with asyncio.timeout(budget.total_seconds()):
                return await preparation.prepare(ffmpeg, source, recipe, self._limits, Steps(progress))
        except TimeoutError as error:
            raise EngineFailed("The audio took longer to prepare than was allowed") from error

    async def version(self) -> str:
        """Return the binary's name, version and place, as in "ffmpeg 7.1 (/usr/bin/ffmpeg)"."""
        said: list[str] = []
        output = bytearray()
        ffmpeg = Ffmpeg(self._binary, self._bounds(TO_ANSWER), Path("/"))
        try:
            async with asyncio.timeout(TO_ANSWER.total_seconds()):
                codes = await ffmpeg.run(Command(("-version",), said.append), tap=output.extend)
        except TimeoutError as error:
            raise EngineFailed("The audio engine does not answer") from error
        check_alive(codes[0])
        named = re.match(rb"ffmpeg version n?([^\s-]+)", output)
        if named is None:
            raise EngineFailed("What is set as ffmpeg does not answer as ffmpeg does")
        return f"ffmpeg {named[1].decode()} ({self._binary})"

    def _bounds(self, budget: timedelta) -> Bounds:
        seconds = int(budget.total_seconds() * CORES) + 1
        return Bounds(seconds=seconds, file_bytes=self._limits.output_bytes, memory_bytes=self._limits.memory_bytes)
