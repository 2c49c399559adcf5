"""The one client of an S3 server, made for R2 and harmless to others."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from msgspec import Struct

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

READERS = 16
WRITERS = 8
CONNECT_WITHIN = 3
"""Seconds for a connection to come about, and for the next few KiB of a body to be taken."""

ANSWER_WITHIN = 6
"""Seconds that a server may be silent before it counts as out of reach."""

TRIES = 2


class Account(Struct, frozen=True, kw_only=True):
    """Where a server is, and who we are there. None leaves it to boto3 to find out."""

    endpoint: str | None
    region: str
    key_id: str | None = None
    secret: str | None = None
    session_token: str | None = None


def new_client(account: Account) -> "S3Client":
    """Make the client; nothing is sent. Every call is tried twice at most, and none waits longer than some seconds.

    R2 wants: signatures of version 4 (else some regions would sign by version 2), checksums only where S3 requires them (its puts
    refuse boto3's own), and the bucket in the path, for its certificate covers no bucket's name.
    """
    return boto3.Session().client(
        "s3",
        endpoint_url=account.endpoint,
        region_name=account.region,
        aws_access_key_id=account.key_id,
        aws_secret_access_key=account.secret,
        aws_session_token=account.session_token,
        config=Config(
            signature_version="s3v4",
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            retries={"mode": "standard", "total_max_attempts": TRIES},
            connect_timeout=CONNECT_WITHIN,
            read_timeout=ANSWER_WITHIN,
            max_pool_connections=2 * (READERS + WRITERS),
        ),
    )
