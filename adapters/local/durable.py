"""What is to be there still after a power cut."""

import errno
import fcntl
import os
from pathlib import Path

_NOT_OFFERED = {errno.ENOTSUP, errno.EINVAL, errno.ENOTTY}


def sync(descriptor: int) -> None:
    """Return once the disk keeps what was written. Raise OSError.

    On a Mac, fsync leaves it in the drive's own cache, which F_FULLFSYNC empties; not every file system there has that.
    """
    full = getattr(fcntl, "F_FULLFSYNC", None)
    try:
        if full is not None:
            fcntl.fcntl(descriptor, full)
            return
    except OSError as error:
        if error.errno not in _NOT_OFFERED:
            raise
    os.fsync(descriptor)


def make_folder(folder: Path) -> None:
    """Make the folder, and those above it that are missing, each durable in the one above. Raise OSError."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    try:
        folder.mkdir(exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder)) from error
    above = os.open(folder.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        sync(above)
    finally:
        os.close(above)
