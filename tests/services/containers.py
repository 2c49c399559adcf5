"""Servers in containers, where a Docker engine answers that has their images or can get them (testcontainers).

`python -m tests.services.containers` says in a sentence what is missing for that, and waits for images as long as they take.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from docker.errors import DockerException, ImageNotFound  # type: ignore[import-untyped]  # it has none
from redis.exceptions import RedisError
from requests.exceptions import RequestException
from testcontainers.community.minio import MinioContainer
from testcontainers.community.redis import RedisContainer
from testcontainers.core.config import testcontainers_config
from testcontainers.core.docker_client import DockerClient
from testcontainers.core.wait_strategies import HttpWaitStrategy

from tests.services.asked import asked
from tests.services.freeport import free_port
from tests.services.served import NotServed, Served
from tests.services.valkey import KEPT, take_all_slots

IMAGES = {
    "GREENROOM_TEST_REDIS_IMAGE": "redis:7.4-alpine",
    "GREENROOM_TEST_S3_IMAGE": "quay.io/minio/minio:RELEASE.2025-09-07T16-13-09Z",
}
"""The variables that name an image, and which it is without: MinIO's have left Docker Hub, and no newer ones are made."""

ANSWERS_WITHIN = 3.0
PULLED_WITHIN = 45.0
STARTED_WITHIN = 30

testcontainers_config.ryuk_disabled = True  # the keeper ends what it started: one image less to get


@contextmanager
def redis_container(_: Path) -> Iterator[Served]:
    """Run Redis in a container."""
    image = had("GREENROOM_TEST_REDIS_IMAGE")
    container = RedisContainer(image).with_command(_options(KEPT))
    with _started(container, image) as (host, port):
        yield Served(f"redis://{host}:{port}", f"{image} (testcontainers)")


@contextmanager
def redis_cluster_container(_: Path) -> Iterator[Served]:
    """Run Redis in a container, as a cluster of one node: it has every slot, and the same port inside and outside."""
    image, port = had("GREENROOM_TEST_REDIS_IMAGE"), free_port()
    own = {"port": port, "cluster-enabled": "yes", "cluster-port": 16_379, "cluster-announce-ip": "127.0.0.1"}
    container = RedisContainer(image, port).with_bind_ports(port, port).with_command(_options({**KEPT, **own}))
    with _started(container, image) as (host, _port):
        with container.get_client() as node:
            take_all_slots(node)
        yield Served(f"redis+cluster://{host}:{port}", f"{image}, as a cluster (testcontainers)")


@contextmanager
def s3_container(_: Path) -> Iterator[Served]:
    """Run MinIO, or what is named in its place, in a container: it is ready when it answers at all, for only MinIO says so."""
    image = had("GREENROOM_TEST_S3_IMAGE")
    container = MinioContainer(image, access_key="greenroom", secret_key="a-secret-of-the-tests")
    ready = HttpWaitStrategy(container.port, "/minio/health/live").for_status_code_matching(lambda status: status < 500)
    with _started(container.waiting_for(ready), image) as (host, port):
        yield Served(f"http://{host}:{port}", f"{image} (testcontainers)", container.access_key, container.secret_key)


def had(variable: str, within: float = PULLED_WITHIN) -> str:
    """Return the name of an image that is there, having waited so many seconds for it at most. Raise NotServed."""
    image = asked(variable) or IMAGES[variable]
    engine = _engine()
    try:
        engine.images.get(image)
    except ImageNotFound:
        _pull(engine, image, variable, within)
    return image


def _engine() -> Any:
    try:
        return DockerClient(timeout=ANSWERS_WITHIN).client
    except (DockerException, RequestException) as error:
        raise NotServed("No Docker engine answers") from error


def _pull(engine: Any, image: str, variable: str, within: float) -> None:
    """Pull the image, if its registry says at once that it has it. Raise NotServed."""
    deadline = time.monotonic() + within
    try:
        engine.api.inspect_distribution(image)
        for _ in engine.api.pull(image, stream=True, decode=True):
            if time.monotonic() > deadline:
                break
        engine.images.get(image)
    except (DockerException, RequestException) as error:
        raise NotServed(f"The image {image} can't be had; {variable} may name one that is there") from error


def _options(config: dict[str, Any]) -> str:
    return " ".join(f"--{name} {value}" for name, value in config.items())


@contextmanager
def _started(container: Any, image: str) -> Iterator[tuple[str, int]]:
    """Run the container, and yield where it answers. Raise NotServed if it does not start."""
    container._wait_strategy.with_startup_timeout(STARTED_WITHIN).with_poll_interval(0.05)
    try:
        container.start()
    except (DockerException, RequestException, RedisError, TimeoutError) as error:
        container.stop()
        raise NotServed(f"A container of {image} does not start: {error}") from error
    try:
        yield container.get_container_host_ip(), container.get_exposed_port(container.port)
    finally:
        container.stop()


if __name__ == "__main__":
    try:
        for each in IMAGES:
            had(each, within=float("inf"))
    except NotServed as error:
        sys.exit(str(error))
