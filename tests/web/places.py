"""Where the applications of web tests keep what they keep: on which store and storage, at a place of their own there."""

from collections.abc import Callable, Mapping
from functools import cache
from uuid import uuid4

from adapters.r2.client import new_client
from tests.services.buckets import account_of
from tests.services.own import OWN
from tests.services.running import Served

COMBINATIONS = ("sqlite+local", "sqlite+s3", "redis+local", "redis+s3")


def environment_of(combination: str, service: Callable[[str], Served]) -> Mapping[str, str]:
    """Return the settings of a new place."""
    store, storage = combination.split("+")
    here = {} if store == "sqlite" else _redis(service("redis"))
    return here if storage == "local" else {**here, **_bucket(service("s3"))}


def _redis(server: Served) -> Mapping[str, str]:
    return {
        "GREENROOM_DATABASE_URL": server.url,
        "GREENROOM_REDIS_PREFIX": f"{OWN}-{uuid4().hex[:8]}",
        "GREENROOM_SECRET": "a secret of the servers in these tests",
    }


def _bucket(server: Served) -> Mapping[str, str]:
    return {
        "GREENROOM_STORAGE_URL": f"s3://{_made(server)}/{uuid4().hex}",
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ACCESS_KEY_ID": server.key,
        "AWS_SECRET_ACCESS_KEY": server.secret,
    }


@cache
def _made(server: Served) -> str:
    name = f"{OWN}-web"
    new_client(account_of(server)).create_bucket(Bucket=name)
    return name
