"""Objects under way in parts: a folder each, that no key can name, with the file that they become and what has arrived of it.

Part n is written at (n - 1) x part size of the file `data`. A file called n says how many bytes of that part are there, once the
disk keeps them. A writer holds its part's file locked for itself, and `data` together with the other writers; who joins the
parts holds `data` alone, so that nobody writes to what has become an object. What came of it stands in `done`.
"""

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from adapters.local.durable import sync
from adapters.local.folders import folders
from ports.errors import InvalidKey, NotFound, Unavailable
from ports.links import Part

DATA = "data"

_FOLDER = ".uploads"
_TRIES = 100
_SESSION = re.compile(r"(?P<key>[0-9a-f]{32})-(?P<part>[0-9a-f]{1,12})-[0-9a-f]{32}")
_ARRIVED = re.compile(rb"(\d{1,15})\n")


def begin(root: Path, key: str, part_size: int) -> str:
    """Make a session for the key, durably, and return its name, which says how large its parts are. Raise OSError."""
    session = f"{_digest(key)}-{part_size:x}-{uuid4().hex}"
    with _chain(root, session, make=True) as chain:
        os.close(os.open(DATA, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644, dir_fd=chain[-1]))
        for folder in reversed(chain):
            sync(folder)
    return session


def part_size_of(session: str) -> int:
    """Return how large the parts of a session are. Raise NotFound if it can't be the name of one."""
    match = _SESSION.fullmatch(session)
    if match is None:
        raise NotFound(session)
    return int(match["part"], 16)


def arrived(root: Path, key: str, session: str) -> list[Part]:
    """Return the parts that are there, by their numbers. Raise NotFound and OSError."""
    with session_folder(root, key, session) as folder:
        return arrived_in(folder)


def end(root: Path, key: str, session: str | None) -> None:
    """Remove what has arrived in the session, or in every session of the key. Raise OSError."""
    for name in _of_key(root, key):
        if session in {None, name}:
            with suppress(FileNotFoundError):  # somebody else was here
                _end(root, name)


@contextmanager
def session_folder(root: Path, key: str, session: str) -> Generator[int, None, None]:
    """Open the folder of a session of this key. Raise NotFound if there is none (any more), and OSError."""
    with named_folder(root, key, session) as folder:
        os.stat(DATA, dir_fd=folder, follow_symlinks=False)
        yield folder


def locked(descriptor: int, how: int) -> bool:
    """Lock the file for as long as it is open. Return False if somebody else has it."""
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def named_folder(root: Path, key: str, session: str) -> Generator[int, None, None]:
    """Open the folder of a session of this key, one that has ended too. Raise NotFound if there is none, and OSError."""
    part_size_of(session)
    if not session.startswith(f"{_digest(key)}-"):
        raise NotFound(session)
    with _chain(root, session) as chain:
        yield chain[-1]


def arrived_in(folder: int) -> list[Part]:
    """Return the parts that are there, by what stands in the session's folder."""
    numbers = sorted(int(name) for name in os.listdir(folder) if name.isdecimal())
    return [Part(number, size) for number in numbers if (size := _size_of(number, folder))]


def read(name: str, folder: int) -> bytes:
    """Return what stands in a file of the session's folder. Raise OSError."""
    with os.fdopen(os.open(name, os.O_RDONLY | os.O_NOFOLLOW, dir_fd=folder), "rb") as file:
        return file.read()


def empty(folder: int, *, but: str = "") -> None:
    """Remove what is in the session's folder. The file goes first: without it, no part is begun."""
    for name in sorted(os.listdir(folder), key=lambda name: name != DATA):
        if name != but:
            with suppress(FileNotFoundError):
                os.unlink(name, dir_fd=folder)


@contextmanager
def _chain(root: Path, session: str = "", *, make: bool = False) -> Generator[list[int], None, None]:
    """Open the folders down to the session's, or to that of all.

    Raise Unavailable if something else is in the place of one, and OSError.
    """
    with ExitStack() as closing:
        try:
            chain = closing.enter_context(folders(root, f"{_FOLDER}/{session}/" if session else f"{_FOLDER}/", make=make))
        except (NotADirectoryError, InvalidKey) as error:
            raise Unavailable("storage") from error
        yield chain


def _size_of(number: int, folder: int) -> int:
    """Return how many bytes of the part are there: none while it is being sent."""
    match = _ARRIVED.fullmatch(read(str(number), folder))
    return int(match[1]) if match else 0


def _end(root: Path, session: str) -> None:
    for _ in range(_TRIES):
        with _chain(root, session) as chain:
            empty(chain[-1])
            try:
                os.rmdir(session, dir_fd=chain[-2])
                sync(chain[-2])
            except OSError as error:
                if error.errno != errno.ENOTEMPTY:  # somebody was just about to begin a part
                    raise
            else:
                return
    raise Unavailable("storage")


def _of_key(root: Path, key: str) -> list[str]:
    with suppress(FileNotFoundError), _chain(root) as chain:
        return [name for name in os.listdir(chain[-1]) if name.startswith(f"{_digest(key)}-")]  # noqa: PTH208 - a descriptor has no Path
    return []


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:32]
