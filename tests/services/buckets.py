"""Buckets on the run's real S3 server, some a test process, and a client that is made once.

SeaweedFS takes away a folder that was left empty a while later, and with it an object that has its name by then: tests of
another name have another bucket.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from zlib import crc32

from types_boto3_s3 import S3Client

from adapters.r2.bucket import Bucket
from adapters.r2.client import Account, new_client
from tests.services.own import OWN
from tests.services.running import Served, served


def run_folder(tmp_path: Path) -> Path:
    """Return the run's own folder, which the processes of one run share, from a test's `tmp_path`."""
    base = tmp_path.parent
    return base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base


BUCKETS = 8


@contextmanager
def empty_bucket(tmp_path: Path, prefix: str = "") -> Iterator[Bucket]:
    """Give a bucket of the test process with nothing in it, whatever the test before has left."""
    client = _client(served("s3", run_folder(tmp_path)))
    name = f"{OWN}-{crc32(tmp_path.name[:20].encode()) % BUCKETS}"
    _make(client, name)
    try:
        yield Bucket(client=client, name=name, prefix=prefix)
    finally:
        _empty(client, name)


@cache
def _client(server: Served) -> S3Client:
    return new_client(account_of(server))


@cache
def _make(client: S3Client, name: str) -> None:
    client.create_bucket(Bucket=name)


def account_of(server: Served) -> Account:
    """Return how to reach the server."""
    return Account(endpoint=server.url, region="us-east-1", key_id=server.key, secret=server.secret)


def _empty(client: S3Client, name: str) -> None:
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
        for found in page.get("Contents", []):
            client.delete_object(Bucket=name, Key=found["Key"])
    for uploads in client.get_paginator("list_multipart_uploads").paginate(Bucket=name):
        for upload in uploads.get("Uploads", []):
            client.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
