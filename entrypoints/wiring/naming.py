"""Saying which setting stands in the way of a part."""

from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import DatabaseError

from adapters.sqlite.schema import NewerSchema
from entrypoints.settings import Settings
from entrypoints.wiring.places import storage_setting, store_setting
from ports.errors import OutOfSpace, Unavailable

ENGINE = "FFMPEG_PATH"
"""The setting that says where the audio engine is to be found."""


def setting_of(part: str, settings: Settings) -> str:
    """Return the setting that says where the part of a check is to be found."""
    return {"store": store_setting(settings), "storage": storage_setting(settings), "engine": ENGINE}[part]


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
