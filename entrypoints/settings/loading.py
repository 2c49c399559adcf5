"""Reading the settings from the environment and `.env`."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from dotenv import dotenv_values

from entrypoints.settings.halfset import InvalidSettings, refuse_half_set
from entrypoints.settings.variables import VARIABLES, Settings
from entrypoints.values import PartSize, Size
from entrypoints.wording import plain

_OURS = ("GREENROOM_", "INTERNAL_WEBHOOK_")
_LISTS = {"GREENROOM_API_KEYS", "GREENROOM_TRUSTED_PROXIES", "GREENROOM_CORS_ORIGINS"}


def load_settings(environment: Mapping[str, str] | None = None, env_file: Path = Path(".env")) -> Settings:
    """Read the settings; the environment wins over the file, an empty value counts as not set. Raise InvalidSettings."""
    given = {**dotenv_values(env_file, interpolate=False), **(os.environ if environment is None else environment)}
    _refuse_unknown(given)
    values = {name: _plain(name, text) for name, text in given.items() if name in VARIABLES and text and text.strip()}
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_read)
    except msgspec.ValidationError as error:
        raise InvalidSettings(_sentence(str(error))) from None
    refuse_half_set(settings)
    return settings


def _plain(name: str, text: str) -> str | list[str]:
    if name in _LISTS:
        return [item.strip() for item in text.split(",") if item.strip()]
    return text.strip()


def _read(kind: type, text: Any) -> Any:
    if kind in {Size, PartSize}:
        return kind.parse(text)
    return kind(text)


def _sentence(error: str) -> str:
    """Turn msgspec's words (`Expected ... - at `$.NAME``) into a sentence that starts with the variable."""
    reason, _, where = error.partition(" - at `$.")
    name = where.partition("[")[0].rstrip("`")
    return f"{name}: {plain(reason, Settings, name)}"


def _refuse_unknown(given: Mapping[str, object]) -> None:
    for name in sorted({name for name in given if name.startswith(_OURS)} - set(VARIABLES)):
        near = difflib.get_close_matches(name, VARIABLES, n=1, cutoff=0.8)
        raise InvalidSettings(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else ""))
