"""Run ffmpegs as a chain, each reading what the one before it writes, so that none outlives the call."""

import asyncio
import fcntl
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self, TypeAlias

from msgspec import Struct

from adapters.ffmpeg.confine import Bounds, bare_environment, confined
from adapters.ffmpeg.lines import Lines
from ports.errors import EngineFailed

Tap: TypeAlias = Callable[[bytes], None]
"""Told each piece of what the last child of a chain writes."""

CHUNK = 2**16

ROOMY = 2**20
"""Bytes a pipe holds where the system allows it: a second and a half of stereo floats."""


class Command(Struct, frozen=True):
    """One child of a chain: ffmpeg's arguments, and who is told each line of its messages."""

    arguments: tuple[str, ...]
    hears: Callable[[str], None]


class Ffmpeg:
    """An ffmpeg binary, the bounds that each child process running it gets, and the folder it works in."""

    def __init__(self, binary: Path, bounds: Bounds, folder: Path) -> None:
        self.folder = folder
        self._binary = binary
        self._bounds = bounds

    async def run(self, *commands: Command, tap: Tap | None = None) -> list[int]:
        """Run `commands` as a chain and return their exit codes (negative: the signal that ended one).

        However this ends, no child is left. Raise EngineFailed if a child can't be started.
        """
        async with _Chain(self.folder) as chain:
            for command in commands:
                await chain.add(confined(self._binary, command.arguments, self._bounds), command.hears)
            return await chain.finish(tap or (lambda _: None))


class _Chain:
    """The children of one call. Each leads a session of its own, so that a signal reaches whatever it may have started."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._children: list[Process] = []
        self._listeners: list[asyncio.Task[None]] = []
        self._output: BinaryIO | None = None

    async def __aenter__(self) -> Self:
        return self

    async def add(self, command: Sequence[str], hears: Callable[[str], None]) -> None:
        """Start `command`, reading what the child before it writes."""
        messages, stderr = _pipe()
        output, stdout = _pipe()
        source, self._output = self._output, output
        try:
            await self._start(command, source or DEVNULL, stdout, stderr)
        except BaseException:
            messages.close()
            raise
        finally:
            for end in (stdout, stderr, source):
                if end:
                    end.close()
        lines = Lines(hears)
        self._listeners.append(asyncio.create_task(_listen(messages, lines.feed)))

    async def _start(self, command: Sequence[str], stdin: BinaryIO | int, stdout: BinaryIO, stderr: BinaryIO) -> None:
        spawning = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                *command,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                cwd=self._folder,
                env=bare_environment(),
                start_new_session=True,
            )
        )
        try:
            self._children.append(await asyncio.shield(spawning))
        except asyncio.CancelledError:
            await _settled(spawning)
            if not spawning.exception():
                self._children.append(spawning.result())
            raise
        except OSError as error:
            raise EngineFailed("The audio engine could not be started") from error

    async def finish(self, tap: Tap) -> list[int]:
        """Hear the children to their end and return their exit codes."""
        if self._output is not None:
            self._listeners.append(asyncio.create_task(_listen(self._output, tap)))
            self._output = None
        await asyncio.gather(*self._listeners)
        return [await child.wait() for child in self._children]

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for child in self._children:
            _kill(child)
        for child in self._children:
            await _gone(child)
        for listener in self._listeners:
            listener.cancel()
        await asyncio.gather(*self._listeners, return_exceptions=True)
        if self._output is not None:
            self._output.close()


def _pipe() -> tuple[BinaryIO, BinaryIO]:
    reading, writing = os.pipe()
    if sys.platform == "linux":
        # Fewer switches between children; beyond a user's share of pipe memory the system says no, which is no harm.
        with suppress(OSError):
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, ROOMY)
    return os.fdopen(reading, "rb", 0), os.fdopen(writing, "wb", 0)


async def _listen(pipe: BinaryIO, hears: Tap) -> None:
    stream = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stream), pipe)
    try:
        while chunk := await stream.read(CHUNK):
            hears(chunk)
    finally:
        transport.close()


def _kill(child: Process) -> None:
    if child.returncode is None:
        # A group whose last member is a zombie can't be signalled: no such process on Linux, not permitted on macOS.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)


async def _settled(spawning: asyncio.Future[Process]) -> None:
    """Wait until a child is started or not, however often this task is cancelled meanwhile: half a start can't be undone."""
    while not spawning.done():
        with suppress(asyncio.CancelledError):
            await asyncio.shield(spawning)


async def _gone(child: Process) -> None:
    """Wait until `child` is reaped, however often this task is cancelled meanwhile: it was killed, so this is soon."""
    while child.returncode is None:
        with suppress(asyncio.CancelledError):
            await child.wait()
