"""Health, and the one shape of errors."""

from pathlib import Path

import pytest
from litestar import Litestar, get
from litestar.exceptions import InternalServerException
from litestar.testing import TestClient

from entrypoints.web.errors import exception_handlers
from tests.web.breakable import Objects, Store
from tests.web.calls import Api
from tests.web.conftest import Serve

pytestmark = pytest.mark.anyio


async def test_healthz_says_that_the_process_answers(api: Api) -> None:
    answer = await api.client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_monitor_may_ask_without_wanting_the_body(api: Api) -> None:
    for path in ("/healthz", "/readyz"):
        answer = await api.client.head(path)
        assert (answer.status_code, answer.content) == (200, b"")


async def test_a_monitor_that_does_not_want_the_body_is_told_too_what_does_not_work(serve: Serve, objects: Objects) -> None:
    api = await serve(**objects.settings)
    with objects.away(api):
        answer = await api.client.head("/readyz")
    assert (answer.status_code, answer.content) == (503, b"")


async def test_readyz_names_what_was_checked(api: Api) -> None:
    answer = await api.client.get("/readyz")
    said = answer.json()
    assert (answer.status_code, said["status"], said["checks"]) == (200, "ok", {"store": "ok", "storage": "ok"})


@pytest.mark.parametrize(("there", "status", "said"), [(True, 200, "ok"), (False, 503, "engine is not available at the moment")])
async def test_readyz_tells_whether_the_engine_of_a_server_that_works_itself_is_there(
    serve: Serve, tmp_path: Path, there: bool, status: int, said: str
) -> None:
    ffmpeg = tmp_path / "ffmpeg"
    ffmpeg.write_text("#!/bin/sh\necho ffmpeg version 7.1\n")
    ffmpeg.chmod(0o755)
    api = await serve(GREENROOM_DISPATCH="inline", FFMPEG_PATH=str(ffmpeg))
    if not there:
        ffmpeg.unlink()
    answer = await api.client.get("/readyz")
    assert answer.status_code == status
    assert answer.json()["checks"] == {"store": "ok", "storage": "ok", "engine": said}


async def test_readyz_is_503_and_names_a_storage_that_is_away(serve: Serve, objects: Objects) -> None:
    api = await serve(**objects.settings)
    with objects.away(api):
        answer = await api.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"store": "ok", "storage": "storage is not available at the moment"}


async def test_readyz_is_503_and_names_a_store_that_is_lost(serve: Serve, store: Store) -> None:
    api = await serve(**store.settings)
    await store.lose(api)
    answer = await api.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"store": "The store is not available at the moment", "storage": "ok"}


@pytest.mark.parametrize(
    ("method", "path", "status", "sentence"),
    [
        ("GET", "/nowhere", 404, "There is nothing at this address"),
        ("GET", "/schema/swagger", 404, "There is nothing at this address"),
        ("GET", "/schema/x.json", 404, "There is nothing at this address"),
        ("DELETE", "/api/jobs", 405, "This address does not take DELETE"),
        ("GET", "/api/webhooks/worker", 405, "This address does not take GET"),
        ("GET", "/api/jobs?limit=x", 400, "limit: expected a whole number"),
        ("GET", "/api/jobs?limit=0", 400, "limit: expected a whole number of at least 1"),
        ("GET", "/api/jobs?status=done", 400, "status: must be queued, processing, complete, failed or cancelled"),
    ],
)
async def test_what_the_framework_refuses_has_the_same_shape(
    api: Api, method: str, path: str, status: int, sentence: str
) -> None:
    answer = await api.client.request(method, path)
    assert answer.status_code == status
    assert answer.json()["error"] == sentence
    assert answer.headers["cache-control"] == "no-store"
    assert "Traceback" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "field"),
    [
        ("POST", "/api/audio/assets?prepare=true&prepare=false", "prepare"),
        ("POST", "/api/audio/assets?filename=a&filename=b", "filename"),
        ("POST", "/api/audio/assets?filename=&filename=b", "filename"),
        ("GET", "/api/audio/assets?cursor=a&cursor=b", "cursor"),
        ("GET", "/api/audio/assets?limit=1&limit=2", "limit"),
        ("GET", "/api/jobs?status=queued&limit=1&status=queued", "status"),
        ("GET", "/api/jobs?cursor=a&cursor=a", "cursor"),
        ("GET", "/api/jobs?limit=1&limit=2", "limit"),
    ],
)
async def test_a_parameter_that_is_given_twice_is_refused_by_name(api: Api, method: str, path: str, field: str) -> None:
    answer = await api.client.request(method, path)
    assert (answer.status_code, answer.json()) == (400, {"error": f"{field} is given more than once", "field": field})


def test_a_fault_that_the_framework_finds_leaks_nothing_either() -> None:
    @get("/")
    async def broken() -> None:
        raise InternalServerException(detail="/home/me/secret", extra=[{"key": "a", "message": "b"}])

    with TestClient(Litestar([broken], exception_handlers=exception_handlers())) as client:
        answer = client.get("/")
    assert (answer.status_code, answer.json()) == (500, {"error": "Something went wrong here; it has been logged"})


async def test_a_fault_of_ours_leaks_nothing(serve: Serve, store: Store) -> None:
    api = await serve(**store.settings)
    job = await api.new_job()
    store.spoil(api, job)
    answer = await api.client.get(f"/api/jobs/{job}")
    assert answer.status_code == 500
    assert answer.json() == {"error": "Something went wrong here; it has been logged"}
