"""How the node of a cluster is found that has our keys."""

import asyncio
from typing import Any

from redis.asyncio import RedisCluster
from redis.asyncio.cluster import ClusterNode, NodesManager
from redis.asyncio.connection import AbstractConnection, Connection, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import TimeoutError as TimedOut

_TELLS_WITHIN = 1.0
"""Seconds in which a node says who has which keys; another is asked then."""


class Cluster:
    """Asks each time where our keys are now: the node of the URL and, for it may be away, all that were told of the last time."""

    def __init__(self, options: dict[str, Any], key: str) -> None:
        """Raise TypeError, ValueError or RedisClusterException if the options are not a cluster's."""
        self._options = dict(options)
        self._ssl = self._options.pop("connection_class", Connection) is SSLConnection
        self._within: float = options["socket_timeout"]
        self._slot = key_slot(key.encode())
        self._known: list[tuple[str, str | int]] = []
        self._nodes()

    async def connection(self) -> AbstractConnection:
        """Return a connection to be made to the node that has our keys."""
        try:
            async with asyncio.timeout(self._within):
                node = await self._node()
        except TimeoutError:
            raise TimedOut from None
        options: dict[str, Any] = node.connection_kwargs | {"socket_timeout": self._within}
        return node.connection_class(**options)

    async def _node(self) -> ClusterNode:
        nodes = self._nodes()
        before = [ClusterNode(*place, **nodes.connection_kwargs) for place in self._known]
        nodes.startup_nodes |= {node.name: node for node in before if node.name not in nodes.startup_nodes}
        try:
            await nodes.initialize()
            self._known = [(node.host, node.port) for node in nodes.nodes_cache.values()]
            return nodes.get_node_from_slot(self._slot)
        finally:
            await asyncio.shield(nodes.aclose("startup_nodes"))  # all that were asked; the others have no connection

    def _nodes(self) -> NodesManager:
        options: dict[str, Any] = self._options | {"socket_timeout": min(self._within, _TELLS_WITHIN)}
        return RedisCluster(**options, ssl=self._ssl, retry=Retry(NoBackoff(), 0), dynamic_startup_nodes=False).nodes_manager
