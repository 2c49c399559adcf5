"""`greenroom init`: a `.env` with strong secrets of its own."""

import base64
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from entrypoints.settings import Settings

WEBHOOK_SECRET = "INTERNAL_WEBHOOK_SECRET"  # noqa: S105  (the name, not the secret)
API_KEYS = "GREENROOM_API_KEYS"

_SAID = {
    WEBHOOK_SECRET: "Workers prove themselves by this one.",
    "INTERNAL_WEBHOOK_SIGNING_SECRET": "Workers may sign by this one (Standard Webhooks) instead of sending theirs.",
    "GREENROOM_SECRET": "Signs links and tickets; nobody else needs it.",
    API_KEYS: "Apps call the API by one of these, with commas between: Authorization: Bearer KEY",
}


class NotWritten(Exception):
    """The file was not written; the sentence says why."""


def new_secrets(settings: Settings, *, signing: bool) -> Mapping[str, str]:
    """Return a new secret for each setting. The server's own stays the one that it has made already, if it has.

    Raise NotWritten if that one can't be read.
    """
    own = _kept_secret(settings.data_dir / "secret") or secrets.token_urlsafe(48)
    drawn = {WEBHOOK_SECRET: secrets.token_urlsafe(32), "GREENROOM_SECRET": own, API_KEYS: secrets.token_urlsafe(32)}
    signed = {"INTERNAL_WEBHOOK_SIGNING_SECRET": f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"}
    return drawn | signed if signing else drawn


def write_secrets(path: Path, values: Mapping[str, str], *, force: bool) -> None:
    """Write the file, whole, for its owner's eyes only. Raise NotWritten if it is there (unless forced) or can't be written."""
    draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.writelines(f"# {_SAID[name]}\n{name}={value}\n" for name, value in values.items())
        if force:
            draft.replace(path)
        else:
            path.hardlink_to(draft)
    except FileExistsError:
        raise NotWritten(f"{path} is there already, and stays as it is; --force writes another in its place") from None
    except OSError as error:
        raise NotWritten(f"{path} can't be written: {error.strerror}") from error
    finally:
        with suppress(OSError):  # where it could not be made, it may not even be looked for
            draft.unlink()


def _kept_secret(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise NotWritten(f"The server's secret in GREENROOM_DATA_DIR can't be read: {error}") from error
