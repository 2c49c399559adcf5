"""Settings that make no sense together, or alone: each is refused in a sentence that names its variable."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from domain.tickets import OUTLIVES_DEADLINE
from entrypoints.settings.variables import Dispatch, Settings
from entrypoints.values import Secret

SHORTEST_SECRET = 32
LONGEST_DEADLINE = timedelta(days=6)


_NEEDS: Mapping[str, tuple[str, str]] = {
    "GREENROOM_SECRET_PREVIOUS": ("GREENROOM_SECRET", ""),
    "INTERNAL_WEBHOOK_SIGNING_SECRET_PREVIOUS": ("INTERNAL_WEBHOOK_SIGNING_SECRET", ""),
    "GREENROOM_NOTIFY_SECRET": ("GREENROOM_NOTIFY_URL", ""),
    "GREENROOM_NOTIFY_SECRET_PREVIOUS": ("GREENROOM_NOTIFY_URL", ""),
    "GREENROOM_NOTIFY_URL": ("GREENROOM_NOTIFY_SECRET", ": your app could not believe it"),
    "GREENROOM_DISPATCH_MODAL_KEY": ("GREENROOM_DISPATCH_MODAL_SECRET", ""),
    "GREENROOM_DISPATCH_MODAL_SECRET": ("GREENROOM_DISPATCH_MODAL_KEY", ""),
    "R2_ACCESS_KEY_ID": ("R2_SECRET_ACCESS_KEY", ""),
    "R2_SECRET_ACCESS_KEY": ("R2_ACCESS_KEY_ID", ""),
    "AWS_ACCESS_KEY_ID": ("AWS_SECRET_ACCESS_KEY", ""),
    "AWS_SECRET_ACCESS_KEY": ("AWS_ACCESS_KEY_ID", ""),
}
"""What each makes no sense without, and what one should know of that."""

_WEB_ADDRESSES = ("GREENROOM_PUBLIC_URL", "GREENROOM_SERVER_URL", "R2_ENDPOINT", "AWS_ENDPOINT_URL")
_WITH_QUERY = ("GREENROOM_NOTIFY_URL", "GREENROOM_DISPATCH_URL")


class InvalidSettings(Exception):
    """A setting is unknown, malformed or half-set; the sentence names its variable."""


def refuse_half_set(settings: Settings) -> None:
    """Raise InvalidSettings unless the settings make sense together."""
    given = {name: value for name, value in settings.by_variable().items() if value is not None}
    for name, (needed, why) in _NEEDS.items():
        if name in given and needed not in given:
            raise InvalidSettings(f"{name} is set but {needed} is not{why}")
    for name in (*_WEB_ADDRESSES, *_WITH_QUERY):
        if name in given and not _is_web_address(given[name], query=name in _WITH_QUERY):
            raise InvalidSettings(f"{name} is not a web address such as https://audio.example.com")
    _refuse_weak_secrets(settings)
    _refuse_half_set_push(settings)
    _refuse_impossible_figures(settings)


def _refuse_weak_secrets(settings: Settings) -> None:
    for name, secret in (("GREENROOM_SECRET", settings.secret), ("GREENROOM_SECRET_PREVIOUS", settings.secret_previous)):
        if secret is not None and len(secret.reveal()) < SHORTEST_SECRET:
            raise InvalidSettings(f"{name} is too short: it needs {SHORTEST_SECRET} bytes or more")


def _refuse_half_set_push(settings: Settings) -> None:
    if settings.dispatch is not Dispatch.PUSH:
        return
    if settings.dispatch_url is None:
        raise InvalidSettings("GREENROOM_DISPATCH is push but GREENROOM_DISPATCH_URL is not set: nobody would be sent a ticket")
    if settings.public_url is None:
        raise InvalidSettings("GREENROOM_DISPATCH is push but GREENROOM_PUBLIC_URL is not set: no worker could call back")


def _refuse_impossible_figures(settings: Settings) -> None:
    if settings.min_sample_rate > settings.max_sample_rate:
        raise InvalidSettings("GREENROOM_MIN_SAMPLE_RATE is above GREENROOM_MAX_SAMPLE_RATE")
    if settings.deadline > LONGEST_DEADLINE:
        raise InvalidSettings("GREENROOM_DEADLINE is longer than 6 days: links to upload for it could not be signed")
    if settings.keep_jobs < settings.deadline + OUTLIVES_DEADLINE:
        raise InvalidSettings("GREENROOM_KEEP_JOBS_DAYS is shorter than GREENROOM_DEADLINE: late uploads could not be swept")


def _is_web_address(value: object, *, query: bool) -> bool:
    url = value.reveal().decode(errors="replace") if isinstance(value, Secret) else str(value)
    try:
        parts = urlsplit(url)
        bare = not parts.fragment and (query or not parts.query)
        return bool(parts.scheme in {"http", "https"} and parts.hostname and bare)
    except ValueError:
        return False
