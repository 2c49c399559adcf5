"""Secrets: are they there, can they be guessed, and who can read them."""

import os
import stat
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from entrypoints.doctor.findings import Finding, good, trouble, warning
from entrypoints.secrets import STRONG
from entrypoints.settings import Dispatch, Settings
from entrypoints.values import Secret, SigningSecret

_CALLED = (
    "GREENROOM_PUBLIC_URL",
    "GREENROOM_SERVER_URL",
    "GREENROOM_DISPATCH_URL",
    "GREENROOM_NOTIFY_URL",
    "AWS_ENDPOINT_URL",
    "R2_ENDPOINT",
)

VARIED = 8
"""Different bytes that a secret drawn by chance is sure to have."""


def examine_secrets(settings: Settings, env_file: Path) -> list[Finding]:
    """Say of each secret that is set whether it can be guessed, and which are missing or lie open."""
    return [*_missing(settings), *_weak(settings), *_open(settings, env_file), *_in_the_clear(settings)] or [
        good("secrets", "They are strong, and nobody else can read them")
    ]


def _missing(settings: Settings) -> Iterator[Finding]:
    works_elsewhere = settings.dispatch is not Dispatch.INLINE
    if settings.webhook_secret is None and works_elsewhere:
        yield trouble(
            "secrets", "INTERNAL_WEBHOOK_SECRET is not set: workers elsewhere are answered 500. `greenroom init` draws one"
        )
    if not settings.api_keys and settings.public_url is not None:
        yield warning("secrets", "GREENROOM_API_KEYS is not set: only this machine may call the API. `greenroom init` draws one")
    if settings.dispatch is Dispatch.PUSH and settings.dispatch_token is None and settings.dispatch_modal_key is None:
        yield warning(
            "secrets", "Neither GREENROOM_DISPATCH_TOKEN nor Modal's pair is set: can anybody send your workers a ticket?"
        )


def _weak(settings: Settings) -> Iterator[Finding]:
    for name, secret in _secrets(settings):
        value = secret.reveal()
        if len(value) < STRONG or len(set(value)) < VARIED:
            yield trouble("secrets", f"{name} may be guessed: `greenroom init` draws strong ones")


def _secrets(settings: Settings) -> Iterator[tuple[str, Secret]]:
    ours = {"INTERNAL_WEBHOOK_SECRET", "INTERNAL_WEBHOOK_SECRET_PREVIOUS", "GREENROOM_SECRET", "GREENROOM_SECRET_PREVIOUS"}
    for name, value in settings.by_variable().items():
        if isinstance(value, SigningSecret) or (name in {*ours, "GREENROOM_DISPATCH_TOKEN"} and isinstance(value, Secret)):
            yield name, value
    for key in settings.api_keys:
        yield "A key of GREENROOM_API_KEYS", key


def _open(settings: Settings, env_file: Path) -> Iterator[Finding]:
    for path in (env_file, settings.data_dir / "secret"):
        if os.path.isfile(path) and path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):  # noqa: PTH113 - a Path's own raises where one may not look
            yield warning("secrets", f"Others on this machine can read {path}: chmod 600 {path}")


def _in_the_clear(settings: Settings) -> Iterator[Finding]:
    for name in _CALLED:
        value = settings.by_variable()[name]
        url = value.reveal().decode(errors="replace") if isinstance(value, Secret) else str(value or "")
        parts = urlsplit(url)
        if parts.scheme == "http" and not _is_near(parts.hostname or ""):
            yield warning("secrets", f"{name} is http: secrets go there in the clear. Put TLS in front, and use https")


def _is_near(host: str) -> bool:
    """Tell whether a host is this machine or a network that nobody else listens to, as far as its name can tell."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal"))
