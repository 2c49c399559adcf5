"""What can be done with the files that are objects: look, open, remove, list."""

import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from adapters.local.durable import sync
from adapters.local.endings import type_of
from adapters.local.folders import folders, opened, status
from ports.errors import InvalidKey
from ports.storage import OpenFile, StoredObject, checked_key

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def described(key: str, found: os.stat_result) -> StoredObject:
    """Return what the file system says of an object, as a storage says it."""
    return StoredObject(
        key=key,
        size=found.st_size,
        content_type=type_of(key),
        etag=f'"{found.st_size:x}-{found.st_mtime_ns:x}"',
        modified=_EPOCH + timedelta(microseconds=found.st_mtime_ns // 1000),
    )


def look(root: Path, key: str) -> StoredObject:
    """Say what is known of the object. Raise InvalidKey and OSError."""
    with folders(root, checked_key(key)) as chain:
        return described(key, status(key, chain[-1]))


def take(root: Path, key: str) -> OpenFile:
    """Open the object. Raise InvalidKey and OSError."""
    with folders(root, checked_key(key)) as chain:
        descriptor = opened(key, chain[-1])
        return OpenFile(descriptor=descriptor, object=described(key, os.fstat(descriptor)))


def remove(root: Path, key: str) -> None:
    """Remove the object, durably, and the folders left empty. Raise InvalidKey and OSError."""
    with folders(root, checked_key(key)) as chain:
        status(key, chain[-1])
        *names, name = key.split("/")
        os.unlink(name, dir_fd=chain[-1])
        sync(chain[-1])
        _tidy(chain, names)


def entries(root: Path, folder: str, prefix: str) -> list[StoredObject | str]:
    """Return the objects and folders (these end with a slash) in `folder` that `prefix` allows, in the order of their keys.

    `folder` is empty for the root, or ends with a slash. Raise InvalidKey and OSError.
    """
    if folder:
        checked_key(folder.removesuffix("/"))
    with folders(root, folder) as chain, os.scandir(chain[-1]) as found:
        listed = [kept for entry in found if (kept := _entry(folder, entry, prefix))]
    return sorted(listed, key=lambda kept: kept if isinstance(kept, str) else kept.key)


def _entry(folder: str, entry: os.DirEntry[str], prefix: str) -> StoredObject | str | None:
    key = folder + entry.name
    with suppress(InvalidKey, FileNotFoundError):
        if entry.is_dir(follow_symlinks=False) and f"{checked_key(key)}/".startswith(prefix):
            return f"{key}/"
        if entry.is_file(follow_symlinks=False) and checked_key(key).startswith(prefix):
            return described(key, entry.stat(follow_symlinks=False))
    return None


def _tidy(chain: list[int], names: list[str]) -> None:
    with suppress(OSError):  # mostly because the folder is not empty
        for parent, name in reversed(list(zip(chain, names, strict=False))):
            os.rmdir(name, dir_fd=parent)
