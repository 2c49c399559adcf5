"""The page: its files, who may read them, and what its policy lets a browser do."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeAlias, cast

import httpx
import pytest

from entrypoints.settings import load_settings
from entrypoints.web.app import create_app, lifespan_of
from entrypoints.web.page import NONCE
from tests.services.buckets import empty_bucket
from tests.services.running import Served

pytestmark = pytest.mark.anyio

Opened: TypeAlias = Callable[..., Any]
INDEX = (
    f'<meta property="csp-nonce" nonce="{NONCE.decode()}"><script src="/static/index-1a2b.js" nonce="{NONCE.decode()}"></script>'
)
FILES = {
    "index-1a2b.js": b"let it = 1",
    "index-3c4d.css": b"p { margin: 0 }",
    "icon-5e6f.svg": b"<svg/>",
    "font-7a8b.bin": b"\0",
}


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    folder.mkdir()
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "index.html").write_text(INDEX)
    (tmp_path / "beside.js").write_text("not a part of it")
    return folder


@asynccontextmanager
async def opened(folder: Path, built: Path, **environment: str) -> AsyncIterator[httpx.AsyncClient]:
    """Give a client from another machine to an application with this page."""
    settings = load_settings({"GREENROOM_DATA_DIR": str(folder / "data"), **environment}, folder / "no.env")
    app = create_app(settings, built)
    async with lifespan_of(settings)(app):
        transport = httpx.ASGITransport(cast(Any, app), client=("192.0.2.7", 1234), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://greenroom.example") as client:
            yield client


def directives(answer: httpx.Response) -> dict[str, str]:
    """Return what the answer's policy says of each kind of thing."""
    return dict(each.split(" ", 1) for each in answer.headers["content-security-policy"].split("; "))


async def test_the_page_is_open_whether_there_are_keys_or_not(tmp_path: Path, built: Path) -> None:
    for environment in ({}, {"GREENROOM_API_KEYS": "a key"}):
        async with opened(tmp_path, built, **environment) as client:
            answer = await client.get("/")
            assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert answer.headers["cache-control"] == "no-cache"
            assert (await client.get("/api/audio/assets")).status_code in {401, 403}


async def test_the_policy_lets_the_page_reach_its_own_server_and_nobody_else(tmp_path: Path, built: Path) -> None:
    async with opened(tmp_path, built) as client:
        answer = await client.get("/")
    policy = directives(answer)
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["connect-src"] == policy["media-src"] == "'self'"
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_each_answer_has_a_nonce_of_its_own_that_its_policy_names(tmp_path: Path, built: Path) -> None:
    async with opened(tmp_path, built) as client:
        answers = [await client.get("/") for _ in range(2)]
    nonces = [set(re.findall(r'nonce="([^"]+)"', answer.text)) for answer in answers]
    assert [len(each) for each in nonces] == [1, 1]
    assert nonces[0] != nonces[1]
    for answer, [nonce] in zip(answers, nonces, strict=True):
        assert directives(answer)["style-src"] == f"'self' 'nonce-{nonce}'"


async def test_the_policy_names_the_origin_that_links_to_a_bucket_lead_to(
    tmp_path: Path, built: Path, service: Callable[[str], Served]
) -> None:
    s3 = service("s3")
    with empty_bucket(tmp_path) as bucket:
        environment = {
            "GREENROOM_STORAGE_URL": f"s3://{bucket.name}",
            "AWS_ENDPOINT_URL": s3.url,
            "AWS_ACCESS_KEY_ID": s3.key,
            "AWS_SECRET_ACCESS_KEY": s3.secret,
        }
        async with opened(tmp_path, built, **environment) as client:
            policy = directives(await client.get("/"))
    assert policy["connect-src"] == policy["media-src"] == f"'self' {s3.url}"
    assert policy["script-src"] == "'self'"


async def test_its_files_are_kept_for_ever_and_are_what_their_names_say(tmp_path: Path, built: Path) -> None:
    types = {}
    async with opened(tmp_path, built) as client:
        for name, content in FILES.items():
            answer = await client.get(f"/static/{name}")
            assert answer.content == content
            assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert answer.headers["x-content-type-options"] == "nosniff"
            types[Path(name).suffix] = answer.headers["content-type"].partition(";")[0]
    assert types == {
        ".js": "text/javascript",
        ".css": "text/css",
        ".svg": "image/svg+xml",
        ".bin": "application/octet-stream",
    }


async def test_nothing_but_its_files_is_served(tmp_path: Path, built: Path) -> None:
    async with opened(tmp_path, built) as client:
        for path in ("index.html", "index-9z.js", "../beside.js", "..%2fbeside.js", "%2e%2e%2fbeside.js", ""):
            answer = await client.get(f"/static/{path}")
            assert answer.status_code == 404, path


async def test_head_is_answered_as_get_without_the_body(tmp_path: Path, built: Path) -> None:
    async with opened(tmp_path, built) as client:
        for path in ("/", "/static/index-1a2b.js"):
            answer = await client.head(path)
            assert (answer.status_code, answer.content) == (200, b"")
            assert answer.headers["content-type"] == (await client.get(path)).headers["content-type"]


async def test_where_the_page_is_not_built_one_says_how_to_build_it(tmp_path: Path) -> None:
    async with opened(tmp_path, tmp_path / "nothing") as client:
        answer = await client.get("/")
        assert answer.status_code == 200
        assert "<code>make page</code>" in answer.text
        assert "/docs" in answer.text
        assert (await client.get("/healthz")).status_code == 200
