"""The storage in a bucket of R2, or of another S3 server, whose links lead there."""

import asyncio
from contextlib import AsyncExitStack

import httpx
import structlog

from adapters.r2 import opening
from adapters.r2.client import Account
from adapters.r2.links import R2Links
from adapters.r2.multipart import R2Multipart
from adapters.r2.opening import CannotOpen, Obstacle, Where
from adapters.r2.pages import R2Pages
from adapters.r2.storage import MOST_PIECES, SMALLEST_PIECE, R2Storage
from entrypoints.clock import utc_now
from entrypoints.parts import Objects
from entrypoints.settings import InvalidSettings, Settings
from entrypoints.values import Secret
from entrypoints.wiring.naming import CannotStart
from entrypoints.wiring.places import Bucket

DEFAULT_REGION = "us-east-1"

log = structlog.get_logger(__name__)


async def open_bucket(place: Bucket, settings: Settings, stack: AsyncExitStack, *, make: bool = True) -> Objects:
    """Open the bucket; the stack closes it. Nothing is written there unless `make`. Raise CannotStart or InvalidSettings."""
    account = account_of(place, settings)
    try:
        bucket = await asyncio.to_thread(opening.open_bucket, account, Where(place.name, place.prefix), write=make)
    except CannotOpen as error:
        raise CannotStart(f"{_setting_of(error.obstacle, place, settings)} can't be used: {error}") from error
    if make and not bucket.conditional:
        log.info("the server of the bucket ignores If-None-Match: what links bring is copied to its place before it is verified")
    stack.callback(bucket.client.close)
    storage = R2Storage(bucket, max(SMALLEST_PIECE, -(-settings.max_upload_bytes // MOST_PIECES)))
    links = R2Links(bucket, utc_now)
    multipart = R2Multipart(bucket, links)
    for each in (storage, multipart):
        stack.push_async_callback(each.close)

    async def sweep(remove: bool) -> int:
        return await storage.sweep(utc_now(), remove=remove)

    return Objects(
        storage=storage,
        links=links,
        multipart=multipart,
        check=storage,
        sweep=sweep,
        pages=R2Pages(bucket),
        origin=_origin_of(bucket.client.meta.endpoint_url),
    )


def account_of(place: Bucket, settings: Settings) -> Account:
    """Return how to reach the bucket's server. Raise InvalidSettings where something is missing that R2 needs."""
    return _of_r2(settings) if place.of_r2 else _of_s3(settings)


def _origin_of(url: str) -> str:
    """Return where an address belongs, as browsers write it (RFC 6454): in small letters, without the port that is usual."""
    address = httpx.URL(url)
    return f"{address.scheme}://{address.netloc.decode()}"


def _of_r2(settings: Settings) -> Account:
    _refuse_half_set(settings)
    return Account(
        endpoint=settings.r2_endpoint or f"https://{settings.r2_account_id}.r2.cloudflarestorage.com",
        region="auto",
        key_id=settings.r2_access_key_id,
        secret=_text(settings.r2_secret_access_key),
    )


def _of_s3(settings: Settings) -> Account:
    return Account(
        endpoint=settings.aws_endpoint_url,
        region=settings.aws_region or DEFAULT_REGION,
        key_id=settings.aws_access_key_id,
        secret=_text(settings.aws_secret_access_key),
        session_token=_text(settings.aws_session_token),
    )


def _refuse_half_set(settings: Settings) -> None:
    if settings.r2_access_key_id is None or settings.r2_secret_access_key is None:
        raise InvalidSettings("GREENROOM_STORAGE_URL is a bucket of R2 but R2_ACCESS_KEY_ID and R2_SECRET_ACCESS_KEY are not set")
    if settings.r2_account_id is None and settings.r2_endpoint is None:
        raise InvalidSettings("GREENROOM_STORAGE_URL is a bucket of R2 but neither R2_ACCOUNT_ID nor R2_ENDPOINT is set")


def _setting_of(obstacle: Obstacle, place: Bucket, settings: Settings) -> str:
    """Return the setting that an obstacle is a matter of."""
    match obstacle:
        case Obstacle.CREDENTIALS:
            return "R2_ACCESS_KEY_ID" if place.of_r2 else "AWS_ACCESS_KEY_ID"
        case Obstacle.SERVER if place.of_r2:
            return "R2_ENDPOINT" if settings.r2_endpoint else "R2_ACCOUNT_ID"
        case Obstacle.SERVER if settings.aws_endpoint_url:
            return "AWS_ENDPOINT_URL"
        case _:
            return "GREENROOM_STORAGE_URL"


def _text(secret: Secret | None) -> str | None:
    return None if secret is None else secret.reveal().decode()
