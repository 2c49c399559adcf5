"""`greenroom doctor`, called as a user does, beside real servers: one sick thing at a time is found, and nothing else."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from uuid import uuid4

import pytest

from tests.integration.server.process import clean_environment, running_server
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


@pytest.fixture
def grown(tmp_path: Path, service: Callable[[str], Served]) -> Iterator[Mapping[str, str]]:
    """Give the settings of a server on Redis and a bucket."""
    with empty_bucket(tmp_path) as bucket:
        redis = {"GREENROOM_DATABASE_URL": service("redis").url, "GREENROOM_REDIS_PREFIX": f"{OWN}-{uuid4().hex[:8]}"}
        yield HEALTHY | redis | bucket_settings(bucket, tmp_path)


def doctor(folder: Path, settings: Mapping[str, str], *options: str) -> tuple[int, dict[str, set[str]], str]:
    """Return the exit code, what is in each state, and all that was said."""
    command = [sys.executable, "-m", "entrypoints", "doctor", "--json", *options]
    environment = clean_environment() | {"GREENROOM_DATA_DIR": str(folder / "data")} | dict(settings)
    ran = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    findings = json.loads(ran.stdout) if ran.stdout else []
    states = {state: {each["what"] for each in findings if each["state"] == state} for state in ("good", "warning", "trouble")}
    return ran.returncode, states, ran.stdout + ran.stderr


def test_a_healthy_server_on_the_embedded_default_has_nothing(tmp_path: Path) -> None:
    with running_server(tmp_path, **HEALTHY) as server:
        code, found, said = doctor(tmp_path, HEALTHY | {"GREENROOM_PUBLIC_URL": server.url})
    everything = {"secrets", "data folder", "ffmpeg", "store", "server", "callbacks", "storage", "links", "clock"}
    assert (code, found["good"]) == (0, everything), said
    assert not [path for path in (tmp_path / "data" / "storage").rglob("*") if path.is_file()]


def test_a_healthy_server_that_has_grown_lacks_cors_until_it_is_fixed(tmp_path: Path, grown: Mapping[str, str]) -> None:
    with running_server(tmp_path, (), **grown) as server:
        settings = {**grown, "GREENROOM_PUBLIC_URL": server.url, "GREENROOM_CORS_ORIGINS": PAGE}
        code, found, said = doctor(tmp_path, settings)
        assert (code, found["trouble"]) == (1, {"CORS"}), said
        assert f"greenroom doctor --fix-cors {PAGE}" in said
        code, found, said = doctor(tmp_path, settings, "--fix-cors", PAGE, "--fix-cors", server.url)
        assert (code, found["trouble"], found["warning"]) == (0, set(), set()), said
        assert "A crash of Redis loses" in said


def test_before_the_first_start_it_says_so_and_makes_nothing(tmp_path: Path) -> None:
    code, found, said = doctor(tmp_path, {**HEALTHY, "GREENROOM_PUBLIC_URL": f"http://127.0.0.1:{free_port()}"})
    assert (code, found["warning"], found["trouble"]) == (1, {"store", "storage"}, {"server"}), said
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("sick", "what"),
    [
        ({"INTERNAL_WEBHOOK_SECRET": "another-secret-than-the-server-has"}, "callbacks"),
        ({"FFMPEG_PATH": "/nowhere/ffmpeg", "GREENROOM_DISPATCH": "inline"}, "ffmpeg"),
        ({"GREENROOM_DATABASE_URL": "redis://127.0.0.1:1/0"}, "store"),
        ({"AWS_SECRET_ACCESS_KEY": "not-what-it-is"}, "storage"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "storage"),
        ({"GREENROOM_STORAGE_URL": "s3://a-bucket-that-is-not-there"}, "storage"),
        ({"INTERNAL_WEBHOOK_SECRET_PREVIOUS": "hush"}, "secrets"),
    ],
)
def test_what_is_sick_is_found_and_nothing_else(
    tmp_path: Path, grown: Mapping[str, str], sick: Mapping[str, str], what: str
) -> None:
    with running_server(tmp_path, (), **grown) as server:
        doctor(tmp_path, {**grown, "GREENROOM_PUBLIC_URL": server.url}, "--fix-cors", server.url)
        code, found, said = doctor(tmp_path, {**grown, "GREENROOM_PUBLIC_URL": server.url, **sick})
    assert (code, found["trouble"]) == (1, {what}), said
    assert not [secret for name, secret in sick.items() if "SECRET" in name and secret in said]


def test_a_folder_has_no_cors_rules_to_fix(tmp_path: Path) -> None:
    code, _, said = doctor(tmp_path, HEALTHY, "--fix-cors", PAGE)
    assert (code, "GREENROOM_CORS_ORIGINS" in said) == (1, True)
    code, _, said = doctor(tmp_path, HEALTHY, "--fix-cors", "app.example.com")
    assert (code, "expected an origin such as https://app.example.com" in said) == (1, True)


def test_people_are_shown_a_line_for_each(tmp_path: Path) -> None:
    command = shutil.which("greenroom", path=str(Path(sys.executable).parent))
    assert command
    ran = subprocess.run([command, "doctor"], capture_output=True, text=True, check=False, cwd=tmp_path, env=clean_environment())
    assert "   ok  secrets: They are strong" in ran.stdout
