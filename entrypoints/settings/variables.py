"""Everything that can be set, in one frozen struct."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct, field

from entrypoints.values import Network, Origin, PartSize, Secret, SigningSecret, Size
from ports.audio import Limits

Positive = Annotated[float, Meta(gt=0, le=10**9)]
Days = Annotated[float, Meta(gt=0, le=36_500)]
Count = Annotated[int, Meta(ge=1, le=10**9)]
KeyPrefix = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9:._-]{0,64}\Z")]

_REDIS = {b"redis", b"rediss", b"unix", b"redis+cluster", b"rediss+cluster"}


class Dispatch(StrEnum):
    """Who works: a pool in the server's process, workers elsewhere that ask for tickets, or an endpoint that is sent them."""

    INLINE = "inline"
    PULL = "pull"
    PUSH = "push"


class Delivery(StrEnum):
    """How bytes reach a listener: by a redirect to the storage, or through the server."""

    REDIRECT = "redirect"
    PROXY = "proxy"


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
    database_url: Secret | None = field(default=None, name="GREENROOM_DATABASE_URL")
    storage_url: str | None = field(default=None, name="GREENROOM_STORAGE_URL")
    redis_url: Secret | None = field(default=None, name="REDIS_URL")
    redis_prefix: KeyPrefix = field(default="", name="GREENROOM_REDIS_PREFIX")
    redis_durable: bool = field(default=False, name="GREENROOM_REDIS_DURABLE")
    r2_account_id: str | None = field(default=None, name="R2_ACCOUNT_ID")
    r2_access_key_id: str | None = field(default=None, name="R2_ACCESS_KEY_ID")
    r2_secret_access_key: Secret | None = field(default=None, name="R2_SECRET_ACCESS_KEY")
    r2_endpoint: str | None = field(default=None, name="R2_ENDPOINT")
    aws_access_key_id: str | None = field(default=None, name="AWS_ACCESS_KEY_ID")
    aws_secret_access_key: Secret | None = field(default=None, name="AWS_SECRET_ACCESS_KEY")
    aws_session_token: Secret | None = field(default=None, name="AWS_SESSION_TOKEN")
    aws_region: str | None = field(default=None, name="AWS_REGION")
    aws_endpoint_url: str | None = field(default=None, name="AWS_ENDPOINT_URL")
    delivery: Delivery = field(default=Delivery.REDIRECT, name="GREENROOM_DELIVERY")
    part_bytes: PartSize = field(default=PartSize(16 * 2**20), name="GREENROOM_PART_BYTES")
    dispatch: Dispatch = field(default=Dispatch.INLINE, name="GREENROOM_DISPATCH")
    dispatch_url: Secret | None = field(default=None, name="GREENROOM_DISPATCH_URL")
    dispatch_token: Secret | None = field(default=None, name="GREENROOM_DISPATCH_TOKEN")
    dispatch_modal_key: Secret | None = field(default=None, name="GREENROOM_DISPATCH_MODAL_KEY")
    dispatch_modal_secret: Secret | None = field(default=None, name="GREENROOM_DISPATCH_MODAL_SECRET")
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

    def by_variable(self) -> Mapping[str, object]:
        """Return every setting by the name of its variable."""
        return {info.encode_name: getattr(self, info.name) for info in msgspec.structs.fields(self)}

    @property
    def store_url(self) -> Secret | None:
        """Where the store is, None for the embedded default. `REDIS_URL` is what platforms set that run a Redis beside us."""
        return self.database_url or self.redis_url

    @property
    def on_redis(self) -> bool:
        """Whether the store is a Redis, which servers of other machines may use too."""
        return self.store_url is not None and self.store_url.reveal().partition(b"://")[0].lower() in _REDIS

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
