"""Servers that run already: their URLs, from the environment."""

from collections.abc import Mapping

import httpx
from redis import Redis, RedisCluster
from redis.exceptions import RedisError

from tests.services.asked import asked
from tests.services.served import NotServed, Served

VARIABLES: Mapping[str, str] = {
    "redis": "GREENROOM_TEST_REDIS_URL",
    "redis-cluster": "GREENROOM_TEST_REDIS_CLUSTER_URL",
    "s3": "GREENROOM_TEST_S3_URL",
}
KEY, SECRET = "GREENROOM_TEST_S3_KEY", "GREENROOM_TEST_S3_SECRET"
_PATIENCE = 5.0


def given(kind: str) -> Served | None:
    """Return the server that the environment names, None if it names none. Raise NotServed if that does not answer."""
    variable = VARIABLES[kind]
    url = asked(variable)
    if not url:
        return None
    try:
        _ask(kind, url)
    except (RedisError, httpx.HTTPError, ValueError) as error:
        raise NotServed(f"{variable} names no server that answers: {error}") from error
    return Served(url, variable, asked(KEY), asked(SECRET), shared=True)


def _ask(kind: str, url: str) -> None:
    match kind:
        case "redis":
            with Redis.from_url(url, socket_timeout=_PATIENCE) as server:
                server.ping()
        case "redis-cluster":
            with RedisCluster.from_url(url.replace("+cluster", ""), socket_timeout=_PATIENCE) as cluster:
                cluster.ping()
        case _:
            httpx.get(url, timeout=_PATIENCE)
