"""What the operating system refuses, in the words of the ports."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from ports.errors import InvalidKey, NotFound, OutOfSpace, Unavailable

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_OUT_OF_REACH = {
    errno.EACCES,
    errno.EBUSY,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENODEV,
    errno.ENOTCONN,
    errno.ENOTSUP,
    errno.EPERM,
    errno.EROFS,
    errno.ESTALE,
    errno.ETIMEDOUT,
}


@contextmanager
def translated(key: str) -> Iterator[None]:
    """Raise the port's error for an OSError that says what became of `key`; any other goes through."""
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NotFound(key) from error
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise InvalidKey(key) from error
        if error.errno in _FULL:
            raise OutOfSpace("storage") from error
        if error.errno in _OUT_OF_REACH:
            raise Unavailable("storage") from error
        raise
