"""Where things lie on this machine, by the settings."""

from pathlib import Path
from urllib.parse import unquote

from entrypoints.settings import InvalidSettings, Settings


def database_path(settings: Settings) -> Path:
    """Return where the database is. Raise InvalidSettings if its URL is none of SQLite."""
    if settings.database_url is None:
        return settings.data_dir / "greenroom.db"
    return _path_of(settings.database_url, "sqlite", "GREENROOM_DATABASE_URL")


def database_setting(settings: Settings) -> str:
    """Return the setting that says where the database is."""
    return "GREENROOM_DATA_DIR" if settings.database_url is None else "GREENROOM_DATABASE_URL"


def storage_root(settings: Settings) -> Path:
    """Return the folder of the objects. Raise InvalidSettings if its URL is none of a folder."""
    if settings.storage_url is None:
        return settings.data_dir / "storage"
    return _path_of(settings.storage_url, "file", "GREENROOM_STORAGE_URL")


def storage_setting(settings: Settings) -> str:
    """Return the setting that says where the objects are."""
    return "GREENROOM_DATA_DIR" if settings.storage_url is None else "GREENROOM_STORAGE_URL"


def scratch_root(settings: Settings) -> Path:
    """Return the folder of work in progress."""
    return settings.data_dir / "scratch"


def _path_of(url: str, scheme: str, variable: str) -> Path:
    """Read the absolute path out of `scheme:///path`; one slash more, as SQLAlchemy writes it, means the same."""
    path = url.removeprefix(f"{scheme}://")
    if path == url or not path.startswith("/") or not path.strip("/"):
        raise InvalidSettings(f"{variable} must be {scheme}:///path")
    return Path("/" + unquote(path).lstrip("/"))
