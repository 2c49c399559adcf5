"""Where things lie, by the settings: the store, the objects, and the work in progress."""

import re
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote

from msgspec import Struct

from entrypoints.settings import InvalidSettings, Settings
from entrypoints.values import Secret


class SqliteFile(Struct, frozen=True):
    """A database on this machine."""

    path: Path


class RedisServer(Struct, frozen=True):
    """A Redis or Valkey server, or a cluster of them, with the start that all keys there have in common."""

    url: Secret
    prefix: str


class Folder(Struct, frozen=True):
    """A folder of objects on this machine."""

    path: Path


class Bucket(Struct, frozen=True):
    """A bucket of R2 (or else of another S3 server), with the start that all keys there have in common."""

    name: str
    prefix: str
    of_r2: bool


StorePlace: TypeAlias = SqliteFile | RedisServer
ObjectPlace: TypeAlias = Folder | Bucket

_BUCKETS = {"r2", "s3"}
_BUCKET_NAME = re.compile(r"[A-Za-z0-9._-]{3,255}")
_KEY_PREFIX = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._/-]*|")


def store_place(settings: Settings) -> StorePlace:
    """Return where the store is. Raise InvalidSettings if its URL is none that is known; it is not shown, for its password."""
    if settings.store_url is None:
        return SqliteFile(settings.data_dir / "greenroom.db")
    if settings.on_redis:
        return RedisServer(settings.store_url, settings.redis_prefix)
    url = settings.store_url.reveal().decode(errors="replace")
    return SqliteFile(_path_of(url, "sqlite", store_setting(settings), "sqlite:///path or redis://host:6379/0"))


def store_setting(settings: Settings) -> str:
    """Return the setting that says where the store is."""
    if settings.database_url is not None:
        return "GREENROOM_DATABASE_URL"
    return "GREENROOM_DATA_DIR" if settings.redis_url is None else "REDIS_URL"


def object_place(settings: Settings) -> ObjectPlace:
    """Return where the objects are. Raise InvalidSettings if its URL is none that is known."""
    url = settings.storage_url
    if url is None:
        return Folder(settings.data_dir / "storage")
    if _scheme(url) in _BUCKETS:
        return _bucket_of(url)
    return Folder(_path_of(url, "file", "GREENROOM_STORAGE_URL", "file:///path, r2://bucket or s3://bucket"))


def is_local(settings: Settings) -> bool:
    """Say whether the objects are on this machine, so that links to them lead to our own server. Raise InvalidSettings."""
    return isinstance(object_place(settings), Folder)


def storage_setting(settings: Settings) -> str:
    """Return the setting that says where the objects are."""
    return "GREENROOM_DATA_DIR" if settings.storage_url is None else "GREENROOM_STORAGE_URL"


def scratch_root(settings: Settings) -> Path:
    """Return the folder of work in progress."""
    return settings.data_dir / "scratch"


def _scheme(url: str) -> str:
    return url.partition("://")[0].lower()


def _bucket_of(url: str) -> Bucket:
    """Read `r2://bucket` or `s3://bucket/prefix`."""
    scheme, _, place = url.partition("://")
    name, _, prefix = place.partition("/")
    if not _BUCKET_NAME.fullmatch(name) or not _KEY_PREFIX.fullmatch(prefix):
        raise InvalidSettings("GREENROOM_STORAGE_URL must be r2://bucket or s3://bucket, with /prefix behind it if you like")
    return Bucket(name, prefix.strip("/"), of_r2=scheme.lower() == "r2")


def _path_of(url: str, scheme: str, variable: str, allowed: str) -> Path:
    """Read the absolute path out of `scheme:///path`; one slash more, as SQLAlchemy writes it, means the same."""
    path = url.removeprefix(f"{scheme}://")
    if path == url or not path.startswith("/") or not path.strip("/"):
        raise InvalidSettings(f"{variable} must be {allowed}")
    return Path("/" + unquote(path).lstrip("/"))
