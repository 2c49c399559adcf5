"""Folders for work in progress: gone when the work ends, and swept at the next start when it was cut short."""

import asyncio
import fcntl
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

from entrypoints.unbroken import unbroken

Made: TypeAlias = tuple[Path, ExitStack]
"""A folder, and what lets go of its lock."""


@asynccontextmanager
async def scratch_folder(root: Path) -> AsyncIterator[Path]:
    """Make a folder below `root` for one piece of work, and remove it with everything in it afterwards.

    It is locked while in use: `sweep` then knows the folders of the living from those of the dead.
    """
    making = asyncio.ensure_future(asyncio.to_thread(_make, root))
    try:
        folder, _ = await asyncio.shield(making)
        yield folder
    finally:
        await unbroken(_removed(making))


def sweep(root: Path, *, remove: bool = True) -> int:
    """Remove the folders whose process is gone: the kernel dropped their locks with it. Return how many there were.

    Without `remove` they are only counted.
    """
    return sum(_abandoned(folder, remove=remove) for folder in (root.iterdir() if root.is_dir() else ()))


def _make(root: Path) -> Made:
    """Make a folder and lock it: another one where a sweep came in between."""
    root.mkdir(parents=True, exist_ok=True)
    while True:
        folder = Path(tempfile.mkdtemp(dir=root))
        with suppress(FileNotFoundError, BlockingIOError), ExitStack() as lock:
            lock.enter_context(_locked(folder))
            if folder.exists():
                return folder, lock.pop_all()


def _abandoned(folder: Path, *, remove: bool) -> bool:
    with suppress(FileNotFoundError, NotADirectoryError, BlockingIOError), _locked(folder):
        if remove:
            shutil.rmtree(folder, ignore_errors=True)
        return True
    return False


async def _removed(making: Awaitable[Made]) -> None:
    with suppress(OSError):  # there is nothing to remove where none could be made
        await asyncio.to_thread(_remove, await making)


def _remove(made: Made) -> None:
    folder, lock = made
    with lock:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder's lock. Raise BlockingIOError if somebody else does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
