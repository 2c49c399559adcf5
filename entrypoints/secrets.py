"""The server's own secret: set, or made once and kept beside the database; and the keys that are derived from it."""

import hmac
import os
import secrets
from contextlib import suppress
from pathlib import Path

from entrypoints.folders import sync_folder
from entrypoints.settings import SHORTEST_SECRET, InvalidSettings, Settings

STRONG = 16
"""Bytes that a secret needs to withstand guessing (128 bits, if they were drawn by chance)."""


def signing_keys(settings: Settings, purpose: str) -> list[bytes]:
    """Return the keys of a purpose, the one that signs first: those of the secret, and of the one before where it is set.

    The data folder must be there. Raise InvalidSettings if the secret kept in it is too short, or where it would not do: servers
    that share a store must share the secret, or refuse each other's links and tickets.
    """
    if settings.secret is None and settings.on_redis:
        raise InvalidSettings("GREENROOM_SECRET is not set: servers on one Redis must share it (`greenroom init` makes one)")
    current = settings.secret.reveal() if settings.secret else _kept_secret(settings.data_dir / "secret")
    previous = [settings.secret_previous.reveal()] if settings.secret_previous else []
    return [hmac.digest(secret, purpose.encode(), "sha256") for secret in (current, *previous)]


def _kept_secret(path: Path) -> bytes:
    """Read the secret, made at the first start. Two servers that start at once agree: one file appears, whole."""
    if not path.exists():
        _keep_new_secret(path)
    secret = path.read_bytes().strip()
    if len(secret) < SHORTEST_SECRET:
        raise InvalidSettings(f"The file `{path.name}` in GREENROOM_DATA_DIR is too short: it needs {SHORTEST_SECRET} bytes")
    return secret


def _keep_new_secret(path: Path) -> None:
    draft = path.with_name(f".secret-{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_urlsafe(48).encode())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another server was faster: its secret is the secret
            os.link(draft, path)
        sync_folder(path.parent)
    finally:
        draft.unlink()
