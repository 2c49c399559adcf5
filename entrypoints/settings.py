"""Everything that can be set, from the environment and `.env`, in one frozen struct."""

import difflib
import os
from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from dotenv import dotenv_values
from msgspec import Meta, Struct, field

from domain.tickets import OUTLIVES_DEADLINE
from entrypoints.values import Network, Origin, Secret, SigningSecret, Size
from entrypoints.wording import plain
from ports.audio import Limits

SHORTEST_SECRET = 32
LONGEST_DEADLINE = timedelta(days=6)
_OURS = ("GREENROOM_", "INTERNAL_WEBHOOK_")
_LISTS = {"GREENROOM_API_KEYS", "GREENROOM_TRUSTED_PROXIES", "GREENROOM_CORS_ORIGINS"}

Positive = Annotated[float, Meta(gt=0, le=10**9)]
Days = Annotated[float, Meta(gt=0, le=36_500)]
Count = Annotated[int, Meta(ge=1, le=10**9)]


class InvalidSettings(Exception):
    """A setting is unknown, malformed or half-set; the sentence names its variable."""


class Dispatch(StrEnum):
    """Who works: a pool in the server's process, or workers elsewhere that report by callback."""

    INLINE = "inline"
    PULL = "pull"


class LogLevel(StrEnum):
    """What is logged: this and what is more severe."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """What a line looks like: for a person, or JSON. By itself it is for a person on a terminal, JSON elsewhere."""

    AUTO = "auto"
    CONSOLE = "console"
    JSON = "json"


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings, each under the name of its variable."""

    webhook_secret: Secret | None = field(default=None, name="INTERNAL_WEBHOOK_SECRET")
    webhook_secret_previous: Secret | None = field(default=None, name="INTERNAL_WEBHOOK_SECRET_PREVIOUS")
    signing_secret: SigningSecret | None = field(default=None, name="INTERNAL_WEBHOOK_SIGNING_SECRET")
    signing_secret_previous: SigningSecret | None = field(default=None, name="INTERNAL_WEBHOOK_SIGNING_SECRET_PREVIOUS")
    notify_url: Secret | None = field(default=None, name="GREENROOM_NOTIFY_URL")
    notify_secret: SigningSecret | None = field(default=None, name="GREENROOM_NOTIFY_SECRET")
    notify_secret_previous: SigningSecret | None = field(default=None, name="GREENROOM_NOTIFY_SECRET_PREVIOUS")
    secret: Secret | None = field(default=None, name="GREENROOM_SECRET")
    secret_previous: Secret | None = field(default=None, name="GREENROOM_SECRET_PREVIOUS")
    api_keys: tuple[Secret, ...] = field(default=(), name="GREENROOM_API_KEYS")
    cors_origins: tuple[Origin, ...] = field(default=(), name="GREENROOM_CORS_ORIGINS")
    public_url: str | None = field(default=None, name="GREENROOM_PUBLIC_URL")
    trusted_proxies: tuple[Network, ...] = field(default=(), name="GREENROOM_TRUSTED_PROXIES")
    data_dir: Path = field(default=Path("data"), name="GREENROOM_DATA_DIR")
    database_url: str | None = field(default=None, name="GREENROOM_DATABASE_URL")
    storage_url: str | None = field(default=None, name="GREENROOM_STORAGE_URL")
    dispatch: Dispatch = field(default=Dispatch.INLINE, name="GREENROOM_DISPATCH")
    inline_workers: Count = field(default=1, name="GREENROOM_INLINE_WORKERS")
    lease_seconds: Positive = field(default=60, name="GREENROOM_LEASE")
    deadline_seconds: Positive = field(default=3600, name="GREENROOM_DEADLINE")
    max_attempts: Count = field(default=3, name="GREENROOM_MAX_ATTEMPTS")
    keep_jobs_days: Days = field(default=30, name="GREENROOM_KEEP_JOBS_DAYS")
    max_upload_bytes: Size = field(default=Size(5 * 2**30), name="GREENROOM_MAX_UPLOAD_BYTES")
    max_duration_seconds: Positive = field(default=6 * 3600, name="GREENROOM_MAX_DURATION")
    max_channels: Count = field(default=8, name="GREENROOM_MAX_CHANNELS")
    min_sample_rate: Count = field(default=4_000, name="GREENROOM_MIN_SAMPLE_RATE")
    max_sample_rate: Count = field(default=192_000, name="GREENROOM_MAX_SAMPLE_RATE")
    max_decoded_bytes: Size = field(default=Size(16 * 2**30), name="GREENROOM_MAX_DECODED_BYTES")
    idle_seconds: Positive = field(default=30, name="GREENROOM_IDLE_SECONDS")
    server_url: str | None = field(default=None, name="GREENROOM_SERVER_URL")
    concurrency: Count = field(default=1, name="GREENROOM_CONCURRENCY")
    log_level: LogLevel = field(default=LogLevel.INFO, name="GREENROOM_LOG_LEVEL")
    log_format: LogFormat = field(default=LogFormat.AUTO, name="GREENROOM_LOG_FORMAT")
    ffmpeg_path: str | None = field(default=None, name="FFMPEG_PATH")

    @property
    def limits(self) -> Limits:
        """What audio may cost."""
        return Limits(
            duration=timedelta(seconds=self.max_duration_seconds),
            channels=self.max_channels,
            min_sample_rate=self.min_sample_rate,
            max_sample_rate=self.max_sample_rate,
            decoded_bytes=self.max_decoded_bytes,
            output_bytes=self.max_upload_bytes,
        )

    @property
    def lease(self) -> timedelta:
        """How long an attempt with a ticket may be silent: no longer than it may take."""
        return min(timedelta(seconds=self.lease_seconds), self.deadline)

    @property
    def deadline(self) -> timedelta:
        """How long an attempt may take."""
        return timedelta(seconds=self.deadline_seconds)

    @property
    def keep_jobs(self) -> timedelta:
        """How long a finished job is kept."""
        return timedelta(days=self.keep_jobs_days)


VARIABLES = tuple(info.encode_name for info in msgspec.structs.fields(Settings))


def load_settings(environment: Mapping[str, str] | None = None, env_file: Path = Path(".env")) -> Settings:
    """Read the settings; the environment wins over the file, an empty value counts as not set. Raise InvalidSettings."""
    given = {**dotenv_values(env_file, interpolate=False), **(os.environ if environment is None else environment)}
    _refuse_unknown(given)
    values = {name: _plain(name, text) for name, text in given.items() if name in VARIABLES and text and text.strip()}
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_read)
    except msgspec.ValidationError as error:
        raise InvalidSettings(_sentence(str(error))) from None
    _refuse_half_set(settings)
    return settings


def _plain(name: str, text: str) -> str | list[str]:
    if name in _LISTS:
        return [item.strip() for item in text.split(",") if item.strip()]
    return text.strip()


def _read(kind: type, text: Any) -> Any:
    if kind is Size:
        return Size.parse(text)
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


def _refuse_half_set(settings: Settings) -> None:
    for name, secret in (("GREENROOM_SECRET", settings.secret), ("GREENROOM_SECRET_PREVIOUS", settings.secret_previous)):
        if secret is not None and len(secret.reveal()) < SHORTEST_SECRET:
            raise InvalidSettings(f"{name} is too short: it needs {SHORTEST_SECRET} bytes or more")
    if settings.secret_previous is not None and settings.secret is None:
        raise InvalidSettings("GREENROOM_SECRET_PREVIOUS is set but GREENROOM_SECRET is not")
    if settings.signing_secret_previous is not None and settings.signing_secret is None:
        raise InvalidSettings("INTERNAL_WEBHOOK_SIGNING_SECRET_PREVIOUS is set but INTERNAL_WEBHOOK_SIGNING_SECRET is not")
    _refuse_half_set_notices(settings)
    if settings.min_sample_rate > settings.max_sample_rate:
        raise InvalidSettings("GREENROOM_MIN_SAMPLE_RATE is above GREENROOM_MAX_SAMPLE_RATE")
    if settings.deadline > LONGEST_DEADLINE:
        raise InvalidSettings("GREENROOM_DEADLINE is longer than 6 days: links to upload for it could not be signed")
    if settings.keep_jobs < settings.deadline + OUTLIVES_DEADLINE:
        raise InvalidSettings("GREENROOM_KEEP_JOBS_DAYS is shorter than GREENROOM_DEADLINE: late uploads could not be swept")
    for name, url in (("GREENROOM_PUBLIC_URL", settings.public_url), ("GREENROOM_SERVER_URL", settings.server_url)):
        if url is not None:
            _refuse_unless_web_address(name, url)


def _refuse_half_set_notices(settings: Settings) -> None:
    if settings.notify_url is None:
        if settings.notify_secret is not None:
            raise InvalidSettings("GREENROOM_NOTIFY_SECRET is set but GREENROOM_NOTIFY_URL is not")
        if settings.notify_secret_previous is not None:
            raise InvalidSettings("GREENROOM_NOTIFY_SECRET_PREVIOUS is set but GREENROOM_NOTIFY_URL is not")
        return
    if settings.notify_secret is None:
        raise InvalidSettings("GREENROOM_NOTIFY_URL is set but GREENROOM_NOTIFY_SECRET is not: your app could not believe it")
    _refuse_unless_web_address("GREENROOM_NOTIFY_URL", settings.notify_url.reveal().decode(errors="replace"), query=True)


def _refuse_unless_web_address(name: str, url: str, *, query: bool = False) -> None:
    try:
        parts = urlsplit(url)
        bare = not parts.fragment and (query or not parts.query)
        good = parts.scheme in {"http", "https"} and parts.hostname and bare
    except ValueError:
        good = False
    if not good:
        raise InvalidSettings(f"{name} is not a web address such as https://audio.example.com")
