"""Saying which setting stands in the way of a part."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import DatabaseError

from adapters.sqlite.schema import NewerSchema
from ports.errors import OutOfSpace, Unavailable

SETTING_OF = {"store": "GREENROOM_DATABASE_URL", "storage": "GREENROOM_STORAGE_URL", "engine": "FFMPEG_PATH"}
"""The setting that says where the part of a check is to be found."""


class CannotStart(Exception):
    """A part can't be had with these settings; the sentence says which setting."""


@contextmanager
def naming(variable: str) -> Iterator[None]:
    """Turn what stands in the way of a part into a sentence that names its setting."""
    try:
        yield
    except OSError as error:
        raise CannotStart(f"{variable} can't be used: {error.strerror} ({error.filename})") from error
    except (Unavailable, OutOfSpace, NewerSchema, DatabaseError) as error:
        raise CannotStart(f"{variable} can't be used: {error}") from error
