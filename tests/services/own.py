"""What one test process calls its own on servers that others may use too, and its removal at the end."""

import os
from uuid import uuid4

import boto3
from redis import Redis, RedisCluster

from tests.services.served import Served

OWN = f"greenroom-{os.environ.get('PYTEST_XDIST_TESTRUNUID', uuid4().hex)[:12]}-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
"""What the names of its buckets begin with, and all its keys."""


def leave(kind: str, server: Served) -> None:
    """Remove what this process has left on a server that it shares with others."""
    match kind:
        case "s3":
            _remove_buckets(server)
        case "redis":
            with Redis.from_url(server.url) as shared:
                _remove_keys(shared)
        case _:
            with RedisCluster.from_url(server.url.replace("+cluster", "")) as shared:
                _remove_keys(shared)


def _remove_keys(server: Redis | RedisCluster) -> None:
    for key in server.scan_iter(match=f"{OWN}*", count=1000):
        server.delete(key)


def _remove_buckets(server: Served) -> None:
    s3 = boto3.resource(
        "s3",
        endpoint_url=server.url,
        region_name="us-east-1",
        aws_access_key_id=server.key,
        aws_secret_access_key=server.secret,
    )
    for bucket in s3.buckets.all():
        if bucket.name.startswith(OWN):
            for upload in bucket.multipart_uploads.all():
                upload.abort()
            bucket.objects.all().delete()
            bucket.delete()
