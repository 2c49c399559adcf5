"""A server whose objects are in a bucket, a worker that knows nothing of it, and a listener."""

from pathlib import Path

import httpx

from tests.integration.server.process import running_server
from tests.integration.worker.process import running_worker, serving, upload, wait_until
from tests.services.bucketed import bucket_settings
from tests.services.buckets import empty_bucket


def test_a_worker_without_credentials_prepares_what_is_in_a_bucket_and_the_bucket_plays_it(tmp_path: Path) -> None:
    with empty_bucket(tmp_path, "some/where/") as bucket:
        settings = bucket_settings(bucket, tmp_path)
        with serving(tmp_path, None, **settings) as (server, client), running_worker(tmp_path / "w", server.url) as worker:
            asset, job = upload(client, tmp_path)
            wait_until(client, job, "complete")
            assert not set(settings) & set(environment_of(worker.process.pid))
            for variant in ("original", "prepared"):
                plays(client, asset, variant, settings["AWS_ENDPOINT_URL"])
            assert client.get(f"/api/audio/assets/{asset}/peaks?variant=prepared").json()["version"] == 2
            client.delete(f"/api/audio/assets/{asset}").raise_for_status()
            assert client.get(f"/api/audio/assets/{asset}/stream").status_code == 404


def test_a_server_prepares_what_is_in_a_bucket_by_itself_and_sends_it_on_where_players_follow_no_redirects(
    tmp_path: Path,
) -> None:
    with (
        empty_bucket(tmp_path) as bucket,
        running_server(tmp_path, (), **bucket_settings(bucket, tmp_path), GREENROOM_DELIVERY="proxy") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        asset, job = upload(client, tmp_path)
        wait_until(client, job, "complete")
        whole = client.get(f"/api/audio/assets/{asset}/stream?variant=prepared")
        part = client.get(f"/api/audio/assets/{asset}/stream?variant=prepared", headers={"Range": "bytes=10-19"})
        assert (whole.status_code, part.status_code) == (200, 206)
        assert part.content == whole.content[10:20]


def test_the_bucket_s_own_links_leave_none_to_our_server(tmp_path: Path) -> None:
    with empty_bucket(tmp_path) as bucket, serving(tmp_path, None, **bucket_settings(bucket, tmp_path)) as (_, client):
        for method in ("GET", "PUT"):
            answer = client.request(method, "/api/storage/audio/a.mp3")
            assert (answer.status_code, list(answer.json())) == (404, ["error"])
        assert not [path for path in client.get("/schema").json()["paths"] if path.startswith("/api/storage")]


def plays(client: httpx.Client, asset: str, variant: str, endpoint: str) -> None:
    """Follow the stream as a player does that seeks."""
    address = f"/api/audio/assets/{asset}/stream?variant={variant}"
    told = client.head(address)
    first = client.get(address)
    assert (first.status_code, first.headers["cache-control"]) == (302, "public, max-age=3600")
    assert first.headers["location"].startswith(endpoint)
    assert client.get(address).headers["location"] == first.headers["location"]
    whole = httpx.get(first.headers["location"])
    assert whole.headers["content-type"] == told.headers["content-type"]
    assert whole.headers["etag"] == told.headers["etag"]
    assert len(whole.content) == int(told.headers["content-length"])
    part = httpx.get(first.headers["location"], headers={"Range": "bytes=100-"})
    assert (part.status_code, part.content) == (206, whole.content[100:])


def environment_of(process: int) -> list[str]:
    """Return the names of a process's variables."""
    return [line.partition("=")[0] for line in Path(f"/proc/{process}/environ").read_text().split("\0")]
