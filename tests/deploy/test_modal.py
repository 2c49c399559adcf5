"""The Modal app, as Modal's own package reads it: no account is needed to define it."""

import importlib.util
import sys
from types import ModuleType

import httpx
import modal
import pytest

from tests.deploy.blueprints import DEPLOY


@pytest.fixture
def app_file(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Give the file as `modal deploy` loads it."""
    spec = importlib.util.spec_from_file_location("modal_worker", DEPLOY / "modal_worker.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "modal_worker", module)
    spec.loader.exec_module(module)
    return module


def test_the_app_has_an_endpoint_and_a_function_that_works(app_file: ModuleType) -> None:
    assert app_file.app.name == "greenroom-worker"
    assert isinstance(app_file.prepare, modal.Function)
    assert isinstance(app_file.tickets, modal.Function)
    assert isinstance(app_file.prepare.with_options(timeout=60), modal.Function)


def test_what_goes_into_its_image_is_there(app_file: ModuleType) -> None:
    assert all((DEPLOY.parent / name).exists() for name in app_file.SOURCES)


@pytest.mark.anyio
async def test_its_endpoint_is_ours_and_checks_its_token(app_file: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_DISPATCH_TOKEN", "a-token")
    transport = httpx.ASGITransport(app_file.tickets.local())
    async with httpx.AsyncClient(transport=transport, base_url="https://worker.example") as client:
        assert (await client.post("/", json={})).status_code == 401
        assert (await client.post("/", json={}, headers={"Authorization": "Bearer a-token"})).status_code == 400


def test_an_endpoint_that_was_given_an_empty_token_does_not_start(app_file: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENROOM_DISPATCH_TOKEN", "")
    with pytest.raises(ValueError, match="token"):
        app_file.tickets.local()
