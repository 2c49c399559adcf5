"""Health, OpenAPI, and the one shape of errors."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.exceptions import InternalServerException
from litestar.testing import TestClient

from entrypoints.readiness import REMEMBERED
from entrypoints.web.errors import exception_handlers
from tests.web.calls import Api
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio


async def test_healthz_says_that_the_process_answers(api: Api) -> None:
    answer = await api.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_readyz_names_what_was_checked(api: Api) -> None:
    answer = await api.client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": {"store": "ok", "storage": "ok"}})


async def test_readyz_tells_whether_the_engine_of_a_server_that_works_itself_is_there(serve: Serve, tmp_path: Path) -> None:
    ffmpeg = tmp_path / "ffmpeg"
    ffmpeg.write_text("#!/bin/sh\necho ffmpeg version 7.1\n")
    ffmpeg.chmod(0o755)
    api = await serve(GREENROOM_DISPATCH="inline", FFMPEG_PATH=str(ffmpeg))
    answer = await api.client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["engine"]) == (200, "ok")
    ffmpeg.unlink()
    await asyncio.sleep(REMEMBERED)
    answer = await api.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"store": "ok", "storage": "ok", "engine": "engine is not available at the moment"}


async def test_readyz_is_503_and_names_what_does_not_work(api: Api) -> None:
    (api.data / "storage").rename(api.data / "lost")
    answer = await api.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"store": "ok", "storage": "storage is not available at the moment"}


async def test_the_schema_describes_every_call(api: Api) -> None:
    schema = (await api.client.get("/schema/openapi.json")).json()
    assert {
        "/api/webhooks/worker",
        "/api/audio/assets",
        "/api/audio/assets/{id}",
        "/api/audio/assets/{id}/jobs",
        "/api/audio/assets/{id}/stream",
        "/api/audio/assets/{id}/playback",
        "/api/audio/assets/{id}/peaks",
        "/api/jobs",
        "/api/jobs/{id}",
        "/healthz",
        "/readyz",
    } <= set(schema["paths"])
    assert (await api.client.get("/schema")).status_code == 200


async def test_the_schema_says_what_listeners_get(api: Api) -> None:
    paths = (await api.client.get("/schema/openapi.json")).json()["paths"]
    stream = paths["/api/audio/assets/{id}/stream"]
    assert "302" in stream["get"]["responses"]
    assert "200" not in stream["get"]["responses"]
    calls = [stream["get"], stream["head"], *(paths[f"/api/audio/assets/{{id}}/{call}"]["get"] for call in ("playback", "peaks"))]
    for call in calls:
        [variant] = [parameter for parameter in call["parameters"] if parameter["name"] == "variant"]
        assert variant["schema"] == {"type": "string", "enum": ["original", "prepared"], "default": "original"}


async def test_the_schema_says_what_callers_send(api: Api) -> None:
    paths = (await api.client.get("/schema/openapi.json")).json()["paths"]

    def sent(path: str, media_type: str = "application/json") -> Any:
        return paths[path]["post"]["requestBody"]["content"][media_type]["schema"]

    report = sent("/api/webhooks/worker")
    assert report["required"] == ["jobId", "status"]
    assert set(report["properties"]["status"]["enum"]) == {"processing", "complete", "failed", "released"}
    assert set(sent("/api/audio/assets/{id}/jobs")["properties"]) == {"kind", "recipe", "params"}
    assert set(sent("/api/jobs")["properties"]) == {"kind", "params", "assetId"}
    assert sent("/api/audio/assets", "application/octet-stream") == {"type": "string", "format": "binary"}
    assert "$defs" not in str(paths)


async def test_the_schema_says_who_needs_a_key(api: Api) -> None:
    schema = (await api.client.get("/schema/openapi.json")).json()
    keyed = {path for path, calls in schema["paths"].items() for call in calls.values() if call.get("security")}
    assert keyed == {
        "/api/webhooks/worker",
        "/api/audio/assets",
        "/api/audio/assets/{id}",
        "/api/audio/assets/{id}/jobs",
        "/api/jobs",
        "/api/jobs/{id}",
    }
    assert schema["components"]["securitySchemes"] == {"bearer": {"type": "http", "scheme": "bearer"}}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("DELETE", "/api/jobs", 405),
        ("GET", "/api/webhooks/worker", 405),
        ("GET", "/api/jobs?limit=x", 400),
    ],
)
async def test_what_the_framework_refuses_has_the_same_shape(api: Api, method: str, path: str, status: int) -> None:
    answer = await api.client.request(method, path)
    assert answer.status_code == status
    assert isinstance(answer.json()["error"], str)
    assert answer.headers["cache-control"] == "no-store"
    assert "Traceback" not in answer.text


def test_a_fault_that_the_framework_finds_leaks_nothing_either() -> None:
    @get("/")
    async def broken() -> None:
        raise InternalServerException(detail="/home/me/secret", extra=[{"key": "a", "message": "b"}])

    with TestClient(Litestar([broken], exception_handlers=exception_handlers())) as client:
        answer = client.get("/")
    assert (answer.status_code, answer.json()) == (500, {"error": "Something went wrong here; it has been logged"})


async def test_a_fault_of_ours_leaks_nothing(api: Api) -> None:
    job = await api.new_job()
    with closing(sqlite3.connect(api.data / "greenroom.db")) as database, database:
        database.execute("UPDATE jobs SET body = 'no JSON at all'")
    answer = await api.client.get(f"/api/jobs/{job}")
    assert answer.status_code == 500
    assert answer.json() == {"error": "Something went wrong here; it has been logged"}
