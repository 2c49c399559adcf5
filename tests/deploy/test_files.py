"""The files of deploy/: right by their own tools, and by our settings."""

import subprocess
import sys
from pathlib import Path

import pytest

from entrypoints.settings import Dispatch, Settings, load_settings
from entrypoints.wiring.places import Bucket, RedisServer, object_place, store_place
from tests.deploy.blueprints import DEPLOY, filled, read

SECRET = "0123456789abcdef0123456789abcdef"
OF_STORES = ("REDIS", "DATABASE", "AWS", "R2", "STORAGE")


def settings_of(environment: dict[str, str], folder: Path) -> Settings:
    return load_settings(environment, folder / ".env")


def tool(*command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=DEPLOY)


def beside(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def test_the_dockerfile_has_nothing_that_its_linter_minds() -> None:
    checked = tool(beside("hadolint"), "Dockerfile")
    assert (checked.returncode, checked.stdout) == (0, "")


def test_the_dockerfile_copies_what_there_is() -> None:
    copied = [
        source
        for line in (DEPLOY / "Dockerfile").read_text().splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]
    assert {"ports", "domain", "adapters", "entrypoints", "pyproject.toml"} <= set(copied)
    assert all((DEPLOY.parent / source).exists() for source in copied)


def test_the_image_runs_as_nobody_special() -> None:
    assert "\nUSER 10001\n" in (DEPLOY / "Dockerfile").read_text()


def test_compose_keeps_to_its_schema() -> None:
    checked = tool(beside("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml")
    assert checked.returncode == 0, checked.stdout


def test_the_servers_of_compose_are_set_to_redis_and_a_bucket(tmp_path: Path) -> None:
    web = read("compose.yaml")["services"]["web"]
    settings = settings_of(filled(web["environment"], SECRET), tmp_path)
    assert web["deploy"]["replicas"] == 2
    assert isinstance(store_place(settings), RedisServer)
    assert object_place(settings) == Bucket("greenroom", "", of_r2=False)
    assert (settings.dispatch, settings.redis_durable) == (Dispatch.PULL, True)


def test_the_workers_of_compose_hold_no_credentials_of_store_or_storage(tmp_path: Path) -> None:
    worker = read("compose.yaml")["services"]["worker"]
    assert worker["deploy"]["replicas"] == 2
    assert settings_of(filled(worker["environment"], SECRET), tmp_path).server_url == "http://greenroom.localhost:8000"
    assert not [name for name in worker["environment"] if any(word in name for word in OF_STORES)]


def test_links_are_signed_for_the_place_where_the_proxy_listens() -> None:
    services = read("compose.yaml")["services"]
    [alias] = services["proxy"]["networks"]["default"]["aliases"]
    ports = [published.rsplit(":", 2)[1:] for published in services["proxy"]["ports"]]
    assert services["web"]["environment"]["GREENROOM_PUBLIC_URL"] == f"http://{alias}:{ports[0][0]}"
    assert services["web"]["environment"]["AWS_ENDPOINT_URL"] == f"http://{alias}:{ports[1][0]}"
    assert all(outside == inside for outside, inside in ports)


def test_render_s_services_are_set_to_redis_and_a_bucket(tmp_path: Path) -> None:
    web, worker, store = read("render.yaml")["services"]
    environment = environment_of(web, {"REDIS": "redis://store:6379", "GREENROOM_STORAGE_URL": "r2://bucket"})
    settings = settings_of(environment, tmp_path)
    assert isinstance(store_place(settings), RedisServer)
    assert object_place(settings) == Bucket("bucket", "", of_r2=True)
    assert (store["type"], store["maxmemoryPolicy"]) == ("keyvalue", "noeviction")
    assert settings_of(environment_of(worker, {}), tmp_path).server_url == "https://greenroom.example"


@pytest.mark.parametrize("service", [0, 1])
def test_render_draws_its_secrets_or_asks_for_them(service: int) -> None:
    variables = read("render.yaml")["services"][service]["envVars"]
    secret = [each for each in variables if any(word in each["key"] for word in ("SECRET", "KEY", "TOKEN"))]
    assert secret
    assert all(each.get("generateValue") or each.get("sync") is False or "fromService" in each for each in secret)


def test_render_s_references_lead_to_its_own_services() -> None:
    services = read("render.yaml")["services"]
    names = {service["name"]: service["type"] for service in services}
    references = [each["fromService"] for service in services for each in service.get("envVars", []) if "fromService" in each]
    assert references
    assert all(names[each["name"]] == each["type"] for each in references)


def test_a_worker_of_render_holds_no_credentials_of_store_or_storage() -> None:
    worker = read("render.yaml")["services"][1]
    assert not [each["key"] for each in worker["envVars"] if any(word in each["key"] for word in OF_STORES)]


def environment_of(service: dict[str, object], answers: dict[str, str]) -> dict[str, str]:
    """Return a service's environment as Render would fill it: what it draws, what it takes from others, what it asks for."""
    variables = service["envVars"]
    assert isinstance(variables, list)
    return {each["key"]: _value(each, answers) for each in variables}


def _value(variable: dict[str, object], answers: dict[str, str]) -> str:
    match variable:
        case {"value": str(value)}:
            return value
        case {"fromService": {"property": "connectionString"}}:
            return answers["REDIS"]
        case {"fromService": {"envVarKey": "RENDER_EXTERNAL_URL"}}:
            return "https://greenroom.example"
        case {"key": str(name)}:
            return answers.get(name, SECRET)
    raise AssertionError(variable)
