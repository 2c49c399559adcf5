"""The proxy of compose.yaml: a real nginx with its configuration, in front of real servers."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

from adapters.r2.client import Account, new_client
from tests.deploy.blueprints import proxy_config
from tests.integration.server.process import Server, running_server, wait_for
from tests.services.freeport import free_port
from tests.services.running import Served

AUTHORIZED = {"Authorization": "Bearer a-key-of-the-api"}
LARGE = 3 * 2**20


@pytest.fixture
def nginx() -> str:
    """Give the path of nginx. In CI it must be there."""
    found = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None and not os.environ.get("CI"):
        pytest.skip("no nginx here to stand in front")
    assert found, "CI needs nginx"
    return found


@contextmanager
def in_front(nginx: str, folder: Path, web: str, s3: str) -> Iterator[tuple[str, str]]:
    """Run nginx as compose.yaml has it, but for the names of a network that is not here. Yield where web and s3 are then."""
    ports = {"8000": free_port(), "9000": free_port()}
    config = re.sub(r"resolver .*;\n", "", proxy_config()).replace("http://web:8000", web).replace("http://s3:9000", s3)
    config = re.sub(r"listen (\d+);", lambda found: f"listen 127.0.0.1:{ports[found[1]]};", config)
    kept = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    path = folder / "nginx.conf"
    path.write_text(f"daemon off; pid {folder}/pid; user root;\nevents {{}}\nhttp {{\naccess_log off;\n{kept}{config}\n}}\n")
    log = folder / "nginx.log"
    with subprocess.Popen([nginx, "-c", str(path), "-e", str(log)], stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(lambda: answers(f"http://127.0.0.1:{ports['8000']}/healthz"), f"nginx: {log}")
            yield f"http://127.0.0.1:{ports['8000']}", f"http://127.0.0.1:{ports['9000']}"
        finally:
            process.terminate()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False).is_success
    except httpx.TransportError:
        return False


def web_server(folder: Path) -> AbstractContextManager[Server]:
    return running_server(
        folder,
        GREENROOM_API_KEYS="a-key-of-the-api",
        GREENROOM_PUBLIC_URL="http://greenroom.localhost:8000",
        GREENROOM_DISPATCH="pull",
    )


def test_large_uploads_and_events_come_through_at_once(nginx: str, tmp_path: Path) -> None:
    with (
        web_server(tmp_path) as server,
        in_front(nginx, tmp_path, server.url, server.url) as (web, _),
        httpx.Client(base_url=web, headers=AUTHORIZED, trust_env=False, timeout=10) as client,
    ):
        wav = (
            b"RIFF"
            + (LARGE + 36).to_bytes(4, "little")
            + b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x44\xac\0\0\x88\x58\x01\0\x02\0\x10\0data"
        )
        made = client.post("/api/audio/assets?filename=large.wav", content=wav + LARGE.to_bytes(4, "little") + bytes(LARGE))
        assert made.status_code == 201, made.text
        with client.stream("GET", f"/api/jobs/{made.json()['job']['id']}/events") as events:
            assert next(events.iter_lines())  # what a proxy holds back would only come with the next comment, or never


def test_a_request_through_the_proxy_is_no_request_from_this_machine(nginx: str, tmp_path: Path) -> None:
    with web_server(tmp_path) as server, in_front(nginx, tmp_path, server.url, server.url) as (web, _):
        assert httpx.get(f"{web}/api/jobs", trust_env=False).status_code == 401


def test_signed_links_are_good_behind_the_proxy(nginx: str, tmp_path: Path, service: Callable[[str], Served]) -> None:
    s3 = service("s3")
    with web_server(tmp_path) as server, in_front(nginx, tmp_path, server.url, s3.url) as (_, storage):
        client = new_client(Account(endpoint=storage, region="us-east-1", key_id=s3.key, secret=s3.secret))
        client.create_bucket(Bucket="proxied")
        client.put_object(Bucket="proxied", Key="a b", Body=b"0123456789")
        link = client.generate_presigned_url("get_object", Params={"Bucket": "proxied", "Key": "a b"})
        part = httpx.get(link, headers={"Range": "bytes=2-4"}, trust_env=False)
        assert (part.status_code, part.content) == (206, b"234")
