"""The one door from a key to the file system: folder by folder, following no symbolic link."""

import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from ports.errors import InvalidKey, Unavailable

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@contextmanager
def folders(root: Path, key: str, *, make: bool = False) -> Iterator[list[int]]:
    """Open the folders on the way to `key`, from `root` to the one that holds it, and give their descriptors.

    Each is opened relative to the one before, so what is swapped under our hands meanwhile can't lead outside. `make` makes those
    that are missing below `root`; they are still to be synced. Raise Unavailable if `root` can't be opened, InvalidKey for a
    symbolic link on the way (`root` itself may be one), and OSError.
    """
    with ExitStack() as closing:
        opened = [_root(root)]
        closing.callback(os.close, opened[0])
        for name in key.split("/")[:-1]:
            opened.append(_entered(name, opened[-1], key, make=make))
            closing.callback(os.close, opened[-1])
        yield opened


def status(key: str, folder: int) -> os.stat_result:
    """Return what is known of the file that `key` names in its `folder`.

    Raise InvalidKey for a symbolic link, FileNotFoundError for anything else that is not a regular file.
    """
    found = os.stat(_name(key), dir_fd=folder, follow_symlinks=False)
    if stat.S_ISLNK(found.st_mode):
        raise InvalidKey(key)
    if not stat.S_ISREG(found.st_mode):
        raise FileNotFoundError(key)
    return found


def opened(key: str, folder: int) -> int:
    """Open the file that `key` names in its `folder`, to read it. Raise what `status` raises, ELOOP included.

    O_NONBLOCK, for a fifo that took the file's place meanwhile would block until somebody writes.
    """
    status(key, folder)
    return os.open(_name(key), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)


def link(source: str, source_folder: int, key: str, folder: int) -> None:
    """Give the file `source` the name that `key` has in its `folder`. Raise FileExistsError if there is one already."""
    os.link(source, _name(key), src_dir_fd=source_folder, dst_dir_fd=folder, follow_symlinks=False)


def _root(root: Path) -> int:
    """Open the root. Without it nothing can be said of any key, least of all that there is no such object."""
    try:
        return os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Unavailable("storage") from error


def _entered(name: str, parent: int, key: str, *, make: bool) -> int:
    if make:
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=parent)
    try:
        return os.open(name, _FOLDER, dir_fd=parent)
    except NotADirectoryError:
        if stat.S_ISLNK(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode):
            raise InvalidKey(key) from None
        raise


def _name(key: str) -> str:
    return key.rpartition("/")[2]
