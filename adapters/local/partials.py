"""Files on their way to becoming objects: written in a folder that no key can name, then linked to their place.

Each is locked while its writer lives, so whatever can be locked was abandoned.
"""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from msgspec import Struct

from adapters.local.durable import sync
from adapters.local.folders import folders, link, status
from ports.errors import AlreadyExists, InvalidKey, Unavailable

_FOLDER = ".partial"
_TRIES = 100


class Partial(Struct, frozen=True):
    """A file being written: its name in the folder of partial files, and the descriptor that holds its lock."""

    name: str
    descriptor: int


def refuse_taken(root: Path, key: str) -> None:
    """Raise AlreadyExists if the key is taken already: why write what can't be published. Raise InvalidKey and OSError too."""
    with suppress(FileNotFoundError):
        with suppress(NotADirectoryError), folders(root, key) as chain:
            status(key, chain[-1])
        raise AlreadyExists(key)


def begin(root: Path) -> Partial:
    """Make an empty file, locked. Raise OSError.

    A sweep may take it for abandoned before it is locked; then it has no name any more, and another is made.
    """
    while True:
        partial = _created(root, uuid4().hex)
        fcntl.flock(partial.descriptor, fcntl.LOCK_EX)
        if os.fstat(partial.descriptor).st_nlink:
            return partial
        os.close(partial.descriptor)


def extend(partial: Partial, chunks: Sequence[bytes]) -> None:
    """Write the chunks behind what is there. Raise OSError."""
    rest = memoryview(b"".join(chunks))
    while rest:
        rest = rest[os.write(partial.descriptor, rest) :]


def publish(root: Path, partial: Partial, key: str) -> os.stat_result:
    """Give the file its key, durably, and return what is known of it. Raise AlreadyExists if the key is taken, and OSError.

    A folder that somebody tidies away between being made and being used is made again.
    """
    sync(partial.descriptor)
    for _ in range(_TRIES):
        try:
            _link(root, partial, key)
            return os.fstat(partial.descriptor)
        except (FileExistsError, NotADirectoryError):
            raise AlreadyExists(key) from None
        except FileNotFoundError:
            continue
    raise Unavailable("storage")


def rehearse(root: Path, partial: Partial) -> None:
    """Link the file as `publish` would, but to another partial name, and take that away again. Raise OSError."""
    with _partials(root) as folder:
        name = f"{partial.name}-linked"
        link(partial.name, folder, name, folder)
        os.unlink(name, dir_fd=folder)


def discard(root: Path, partial: Partial) -> None:
    """Take the file's partial name away, and its lock. An object it has become stays.

    A name that is out of reach stays too, for a sweep: what the writer has to say is not hidden by that.
    """
    try:
        with suppress(Unavailable):
            _unlink(root, partial.name)
    finally:
        os.close(partial.descriptor)


def sweep(root: Path, *, remove: bool = True) -> int:
    """Remove the files whose writers are gone, or only look for them, and return their number. Raise OSError."""
    with suppress(FileNotFoundError), _partials(root) as folder:
        return sum(_abandoned(name, folder, remove=remove) for name in os.listdir(folder))  # noqa: PTH208 - a descriptor has no Path
    return 0


@contextmanager
def _partials(root: Path, *, make: bool = False) -> Iterator[int]:
    """Open the folder of partial files. Raise Unavailable if something else is in its place, and OSError."""
    with ExitStack() as closing:
        try:
            *_, folder = closing.enter_context(folders(root, f"{_FOLDER}/", make=make))
        except (NotADirectoryError, InvalidKey) as error:
            raise Unavailable("storage") from error
        yield folder


def _created(root: Path, name: str) -> Partial:
    try:
        with _partials(root, make=True) as folder:
            return Partial(name, os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644, dir_fd=folder))
    except FileNotFoundError as error:  # as where nothing can be made: below /proc
        raise Unavailable("storage") from error


def _link(root: Path, partial: Partial, key: str) -> None:
    """Link the file to its place. Every folder on the way is synced, for another put may have made one and not synced it yet."""
    with _partials(root) as source, folders(root, key, make=True) as chain:
        link(partial.name, source, key, chain[-1])
        for folder in reversed(chain):
            sync(folder)


def _unlink(root: Path, name: str) -> None:
    with suppress(FileNotFoundError), _partials(root) as folder:
        os.unlink(name, dir_fd=folder)


def _abandoned(name: str, folder: int, *, remove: bool) -> bool:
    with suppress(FileNotFoundError):
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if remove:
                os.unlink(name, dir_fd=folder)
        except BlockingIOError:
            return False
        finally:
            os.close(descriptor)
        return True
    return False
