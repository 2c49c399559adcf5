"""A bucket on SeaweedFS, for ours and for the rivals that speak to S3."""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import boto3
from msgspec import Struct
from types_boto3_s3 import S3Client

from tests.services.seaweed import seaweed
from tests.services.served import Served

NAME = "bench"


class InBucket(Struct, frozen=True):
    """A bucket, a client for it, and what a server of ours and a rival need to know of it."""

    client: S3Client
    ours: Mapping[str, str]
    rival: Mapping[str, str]


@contextmanager
def bucket(folder: Path) -> Iterator[InBucket]:
    """Run an S3 server with one empty bucket."""
    log = folder.with_suffix(".log")
    with log.open("wb") as output, seaweed(folder, output) as server, closing(_client(server)) as client:
        client.create_bucket(Bucket=NAME)
        yield InBucket(client, _ours(server), _rivals(server))


def _client(server: Served) -> S3Client:
    return boto3.client(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.key,
        aws_secret_access_key=server.secret,
    )


def _ours(server: Served) -> Mapping[str, str]:
    return {
        "GREENROOM_STORAGE_URL": f"r2://{NAME}",
        "R2_ENDPOINT": server.url,
        "R2_ACCESS_KEY_ID": server.key,
        "R2_SECRET_ACCESS_KEY": server.secret,
    }


def _rivals(server: Served) -> Mapping[str, str]:
    return {
        "BENCH_BUCKET": NAME,
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": server.key,
        "AWS_SECRET_ACCESS_KEY": server.secret,
    }
