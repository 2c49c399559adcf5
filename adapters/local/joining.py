"""Joining the parts of an object under way: its file gets its key, and `done` says what came of the session."""

import fcntl
import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from adapters.local.durable import sync
from adapters.local.folders import folders, link, status
from adapters.local.objects import described, look
from adapters.local.sessions import DATA, arrived_in, empty, locked, named_folder, part_size_of, read, session_folder
from ports.errors import AlreadyExists, Altered, NotFound, Unavailable
from ports.links import Part
from ports.storage import StoredObject

_DONE = "done"
_TRIES = 100


def join(root: Path, key: str, session: str, parts: Sequence[Part]) -> StoredObject:
    """Give the file its key, durably, end the session, and say what came of it. What was done of this before is not done again.

    Raise Altered if the parts are not those that are there or one is being sent, NotFound, AlreadyExists and OSError.
    """
    with session_folder(root, key, session) as folder, _joining(folder) as done, _alone(folder) as data:
        if data is None or list(parts) != arrived_in(folder) or not _is_gapless(parts, part_size_of(session)):
            raise Altered(key)
        size = sum(part.size for part in parts)
        if os.fstat(data).st_size != size:  # its last part was longer once
            os.ftruncate(data, size)
        sync(data)
        stored = _published(root, key, folder, data)
        os.pwrite(done, stored.etag.encode(), 0)
        for each in (done, folder):
            sync(each)
        empty(folder, but=_DONE)
        return stored


def outcome(root: Path, key: str, session: str) -> StoredObject:
    """Say what came of a session that was joined. Raise NotFound if nothing did, or it is not there any more, and OSError."""
    with named_folder(root, key, session) as folder:
        noted = read(_DONE, folder)
    stored = look(root, key)
    if stored.etag.encode() != noted:
        raise NotFound(session)
    return stored


@contextmanager
def _joining(folder: int) -> Generator[int, None, None]:
    """Open the file where it is noted what came of the session, once nobody else who joins its parts has it."""
    descriptor = os.open(_DONE, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644, dir_fd=folder)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _alone(folder: int) -> Generator[int | None, None, None]:
    """Open the session's file and hold it alone; give None where somebody writes to it."""
    descriptor = os.open(DATA, os.O_RDWR | os.O_NOFOLLOW, dir_fd=folder)
    try:
        yield descriptor if locked(descriptor, fcntl.LOCK_EX) else None
    finally:
        os.close(descriptor)


def _is_gapless(parts: Sequence[Part], size: int) -> bool:
    whole = all(part.size == size for part in parts[:-1])
    return bool(parts) and whole and [part.number for part in parts] == list(range(1, len(parts) + 1))


def _published(root: Path, key: str, source: int, data: int) -> StoredObject:
    """Link the file to its place, every folder on the way made and synced. That it is there already is fine.

    Raise FileNotFoundError if the session was ended meanwhile.
    """
    for _ in range(_TRIES):
        try:
            with folders(root, key, make=True) as chain:
                with suppress(FileExistsError):
                    link(DATA, source, key, chain[-1])
                if not os.path.samestat(status(key, chain[-1]), os.fstat(data)):
                    raise AlreadyExists(key)
                for folder in reversed(chain):
                    sync(folder)
                return described(key, os.fstat(data))
        except NotADirectoryError:
            raise AlreadyExists(key) from None
        except FileNotFoundError:  # somebody tidied a folder away, or ended the session
            os.stat(DATA, dir_fd=source, follow_symlinks=False)
    raise Unavailable("storage")
