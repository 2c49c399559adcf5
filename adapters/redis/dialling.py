"""How a connection to the server is made: to the one of the URL, or to that of a cluster which has our keys."""

from typing import Any

from redis.asyncio.connection import AbstractConnection, Connection, parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisClusterException

from adapters.redis.cluster import Cluster
from adapters.redis.errors import Refused
from adapters.redis.line import Dial

_CONNECTS_WITHIN = 2.0
_OF_CLUSTER = "+cluster"


def dialling(url: str, key: str, answers_within: float) -> Dial:
    """Return what makes a connection to where `key` is kept, which is given up after so many seconds without an answer.

    Raise Refused if the URL can't be understood.
    """
    scheme, _, rest = url.partition("://")
    ours = {
        "socket_timeout": answers_within,
        "socket_connect_timeout": min(answers_within, _CONNECTS_WITHIN),
        "protocol": 2,
        "decode_responses": False,
    }
    try:
        if scheme.lower().endswith(_OF_CLUSTER):
            return _to_cluster(f"{scheme[: -len(_OF_CLUSTER)].lower()}://{rest}", key, ours)
        return _to_server(f"{scheme.lower()}://{rest}", ours)
    except RedisClusterException as error:
        raise Refused("a cluster has one database, of no number") from error
    except (TypeError, ValueError) as error:
        raise Refused("it is no URL such as redis://host:6379/0") from error


def _to_server(url: str, ours: dict[str, Any]) -> Dial:
    options: dict[str, Any] = {**parse_url(url), **ours}
    kind = options.pop("connection_class", Connection)
    kind(**options)  # what it does not know is refused now

    async def dial() -> AbstractConnection:
        return await _connected(kind(**options, retry=Retry(NoBackoff(), 0)))

    return dial


def _to_cluster(url: str, key: str, ours: dict[str, Any]) -> Dial:
    cluster = Cluster({**parse_url(url), **ours}, key)

    async def dial() -> AbstractConnection:
        return await _connected(await cluster.connection())

    return dial


async def _connected(connection: AbstractConnection) -> AbstractConnection:
    await connection.connect()  # type: ignore[no-untyped-call]  # the library leaves it open
    return connection
