"""Writing one part of an object under way. Until all of it is on the disk, the part does not count."""

import fcntl
import os
from contextlib import ExitStack
from pathlib import Path

from msgspec import Struct

from adapters.local.durable import sync
from adapters.local.sessions import DATA, locked, part_size_of, session_folder
from ports.errors import NotFound
from ports.links import PartOf


class Hand(Struct, frozen=True):
    """A writer at its part: the descriptors that hold its locks, and where in the file the part begins."""

    data: int
    mark: int
    start: int


def take(root: Path, key: str, part: PartOf) -> Hand | None:
    """Take the part in hand, which does not count from then on. Return None while somebody else has it.

    Raise NotFound if there is no such session (any more), and OSError.
    """
    with ExitStack() as closing, session_folder(root, key, part.session) as folder:
        data = os.open(DATA, os.O_WRONLY | os.O_NOFOLLOW, dir_fd=folder)
        closing.callback(os.close, data)
        mark = os.open(str(part.number), os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644, dir_fd=folder)
        closing.callback(os.close, mark)
        if not (locked(data, fcntl.LOCK_SH) and locked(mark, fcntl.LOCK_EX)):
            return None
        _refuse_joined(part, folder, data)
        _uncount(mark)
        sync(folder)
        closing.pop_all()
    return Hand(data, mark, (part.number - 1) * part_size_of(part.session))


def write(hand: Hand, offset: int, content: bytes) -> None:
    """Write into the part, from its byte `offset` on. Raise OSError."""
    rest, place = memoryview(content), hand.start + offset
    while rest:
        written = os.pwrite(hand.data, rest, place)
        rest, place = rest[written:], place + written


def let_count(hand: Hand, length: int) -> str:
    """Let the part count, whose `length` bytes were written, and return its ETag. Raise NotFound if the session ended."""
    sync(hand.data)
    os.pwrite(hand.mark, b"%d\n" % length, 0)
    sync(hand.mark)
    found = os.fstat(hand.mark)
    if not found.st_nlink:
        raise NotFound("The session")
    return f'"{length:x}-{found.st_mtime_ns:x}"'


def put_down(hand: Hand) -> None:
    """Let go of the part, whether it counts or not."""
    os.close(hand.mark)
    os.close(hand.data)


def _refuse_joined(part: PartOf, folder: int, data: int) -> None:
    """Raise NotFound if the file has become an object, or has lost its name, before it was locked."""
    os.stat(DATA, dir_fd=folder, follow_symlinks=False)
    if os.fstat(data).st_nlink != 1:
        raise NotFound(part.session)


def _uncount(mark: int) -> None:
    if os.fstat(mark).st_size:
        os.ftruncate(mark, 0)
        sync(mark)
