"""The page on a real S3 server of another origin: bytes go straight there and come from there, where its rules allow it."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TypeAlias

import pytest
from botocore.exceptions import ClientError
from playwright.sync_api import expect

from adapters.r2.bucket import Bucket
from tests.browser.stocked import clip, prepared
from tests.browser.visiting import Visit
from tests.integration.server.process import SECRET, Server, lean_environment, running_server
from tests.services.buckets import empty_bucket
from tests.services.running import Served

Visiting: TypeAlias = Callable[..., AbstractContextManager[Visit]]
DRAWN = """[...document.querySelectorAll(".wave > div")]
    .filter((one) => one.shadowRoot.querySelector("canvas")?.width > 99).length"""
"""How many waveforms are drawn."""
ELSEWHERE = "https://elsewhere.example"


@pytest.fixture
def bucket(tmp_path: Path, service: Callable[[str], Served]) -> Iterator[Bucket]:
    """Give a bucket whose rules know nobody here: one that has none lets everybody in on this server, as R2 does not."""
    service("s3")
    with empty_bucket(tmp_path) as bucket:
        yield bucket
        with suppress(ClientError):
            bucket.client.delete_bucket_cors(Bucket=bucket.name)


@pytest.fixture
def environment(bucket: Bucket, service: Callable[[str], Served]) -> Mapping[str, str]:
    s3 = service("s3")
    return {
        "GREENROOM_STORAGE_URL": f"s3://{bucket.name}",
        "GREENROOM_PART_BYTES": "5MiB",
        "AWS_ENDPOINT_URL": s3.url,
        "AWS_ACCESS_KEY_ID": s3.key,
        "AWS_SECRET_ACCESS_KEY": s3.secret,
    }


@pytest.fixture
def server(tmp_path: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    with running_server(tmp_path, **environment) as server:
        yield server


def let_in(origin: str, server: Server, environment: Mapping[str, str]) -> None:
    """Set the bucket's rules by the doctor, as its sentences say."""
    own = {"GREENROOM_DATA_DIR": str(server.data), "INTERNAL_WEBHOOK_SECRET": SECRET, "GREENROOM_PUBLIC_URL": server.url}
    command = [sys.executable, "-m", "entrypoints", "doctor", "--fix-cors", origin]
    subprocess.run(command, env=lean_environment() | dict(environment) | own, check=False, capture_output=True)


def test_where_the_doctor_has_let_the_page_in_it_uploads_draws_and_plays(
    tmp_path: Path, server: Server, environment: Mapping[str, str], visit: Visiting
) -> None:
    let_in(server.url, server, environment)
    bytes_from = environment["AWS_ENDPOINT_URL"]
    with visit(server.url) as there:
        page = there.page
        page.goto("/")
        page.locator("input[type=file]").set_input_files(clip(tmp_path))
        expect(page.locator(".rows a").get_by_text("Prepared", exact=True)).to_be_visible(timeout=30_000)
        sent = [answer for answer in there.answers if answer.request.method == "PUT"]
        assert [answer.url.startswith(bytes_from) for answer in sent] == [True]
        page.locator(".rows a").click()
        there.until(f"{DRAWN} === 2")
        page.get_by_role("button", name="Play", exact=True).click()
        there.until(
            "window.sounds.slice(-2).every((sound) => sound.currentTime > 0.3)"
        )  # before them, what there was to hear first
        assert page.locator(".trouble").count() == 0
        assert all(url.startswith((server.url, bytes_from, "data:")) for url in there.asked)
        assert there.complaints == []


def test_where_the_buckets_rules_keep_it_out_it_says_what_to_do(
    tmp_path: Path, server: Server, environment: Mapping[str, str], visit: Visiting
) -> None:
    asset = prepared(server, clip(tmp_path))
    let_in(ELSEWHERE, server, environment)
    advice = f"greenroom doctor --fix-cors {server.url}"
    with visit(server.url) as there:
        page = there.page
        page.goto("/")
        page.locator("input[type=file]").set_input_files(clip(tmp_path))
        expect(page.locator(".upload", has_text=advice)).to_be_visible(timeout=20_000)
        page.goto(f"/#/assets/{asset}")
        there.until(f"{DRAWN} === 2")  # the peaks come from our own server
        page.get_by_role("button", name="Play", exact=True).click()  # what plays needs no leave
        there.until("window.sounds.every((sound) => sound.currentTime > 0.3)")
        there.picture("no-cors")
