"""`greenroom adopt`: files that lie there already are registered, and then play."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.clips import sound
from tests.integration.command.test_command import greenroom
from tests.integration.server.process import running_server
from tests.services.bucketed import bucket_settings
from tests.services.buckets import empty_bucket
from tests.services.own import OWN
from tests.services.served import Served


@pytest.fixture
def laid(tmp_path: Path) -> Path:
    """Return a folder in whose data two assets are laid out by hand, and other things; no server ever ran there."""
    assets = tmp_path / "data" / "storage" / "audio" / "assets"
    for name in ("song", "talk", "notes"):
        (assets / name).mkdir(parents=True)
    sound(assets / "song" / "original-older.wav", seconds=1)
    os.utime(assets / "song" / "original-older.wav", (1, 1))
    sound(assets / "song" / "original-My song.flac", seconds=2)
    sound(assets / "song" / "prepared.mp3", seconds=1)
    sound(assets / "talk" / "original.ogg", seconds=1)
    (assets / "notes" / "original.txt").write_text("no audio")
    return tmp_path


def told(folder: Path, *options: str) -> list[tuple[str, str]]:
    """Return what is printed for scripts: each id, and what became of it."""
    run = greenroom("adopt", "--json", *options, folder=folder)
    assert run.returncode == 0, run.stderr
    return [(line["asset"], line["fate"]) for line in map(json.loads, run.stdout.splitlines())]


def test_a_folder_laid_out_by_hand_is_adopted_and_plays(laid: Path) -> None:
    assert told(laid) == [("notes", "no audio"), ("song", "adopted"), ("talk", "adopted")]
    assert told(laid) == [("notes", "no audio")]
    assets = laid / "data" / "storage" / "audio" / "assets"
    with running_server(laid) as server, httpx.Client(base_url=server.url, follow_redirects=True) as client:
        original = client.get("/api/audio/assets/song/stream")
        assert original.content == (assets / "song" / "original-My song.flac").read_bytes()
        assert original.headers["content-type"] == "audio/flac"
        prepared = client.get("/api/audio/assets/song/stream?variant=prepared")
        assert (prepared.headers["content-type"], prepared.content[:3]) == ("audio/mpeg", b"ID3")
        talk = client.get("/api/audio/assets/talk/stream", headers={"Range": "bytes=0-3"})
        assert (talk.status_code, talk.content, talk.headers["content-type"]) == (206, b"OggS", "audio/ogg")
        named = {item["id"]: item["name"] for item in client.get("/api/audio/assets").json()["items"]}
        assert named == {"song": "My song.flac", "talk": "talk"}


def test_a_bucket_is_adopted_into_redis_and_plays(laid: Path, tmp_path: Path, service: Callable[[str], Served]) -> None:
    redis = {
        "GREENROOM_DATABASE_URL": service("redis").url,
        "GREENROOM_REDIS_PREFIX": f"{OWN}-adopt",
        "GREENROOM_SECRET": "x" * 32,
    }
    with empty_bucket(tmp_path, "some/where/") as bucket:
        for path in sorted((laid / "data" / "storage").rglob("*.*")):
            key = bucket.prefix + str(path.relative_to(laid / "data" / "storage"))
            bucket.client.put_object(Bucket=bucket.name, Key=key, Body=path.read_bytes(), ContentType="application/octet-stream")
        bucket.client.put_object(Bucket=bucket.name, Key="audio/assets/beside/original.mp3", Body=b"another prefix")
        home, settings = laid / "home", bucket_settings(bucket, tmp_path) | redis
        home.mkdir()
        run = greenroom("adopt", "--json", folder=home, **settings)
        assert [json.loads(line)["fate"] for line in run.stdout.splitlines()] == ["no audio", "adopted", "adopted"], run.stderr
        assert "2 known already" in greenroom("adopt", folder=home, **settings).stdout
        with running_server(home, (), **settings) as server, httpx.Client(base_url=server.url, follow_redirects=True) as client:
            prepared = client.get("/api/audio/assets/song/stream?variant=prepared")
            assert (prepared.headers["content-type"], prepared.content[:3]) == ("audio/mpeg", b"ID3")
            assert client.get("/api/audio/assets/talk/stream", headers={"Range": "bytes=0-3"}).content == b"OggS"


def test_it_may_be_run_beside_a_server_and_for_one_id(laid: Path) -> None:
    with running_server(laid) as server, httpx.Client(base_url=server.url, follow_redirects=True) as client:
        assert told(laid, "talk") == [("talk", "adopted")]
        assert client.get("/api/audio/assets/talk/stream").content[:4] == b"OggS"
        assert client.get("/api/audio/assets/song/stream").status_code == 404


def test_a_dry_run_says_what_would_be_and_makes_nothing(laid: Path) -> None:
    before = sorted(laid.rglob("*"))
    shown = greenroom("adopt", "--dry-run", folder=laid)
    assert "2 adopted" in shown.stdout
    assert "1 without audio" in shown.stdout
    assert told(laid, "--dry-run") == [("notes", "no audio"), ("song", "adopted"), ("talk", "adopted")]
    assert sorted(laid.rglob("*")) == before


def test_people_are_shown_the_numbers(laid: Path) -> None:
    assert "2 adopted" in greenroom("adopt", folder=laid).stdout
    assert "2 known already" in greenroom("adopt", folder=laid).stdout


def test_where_nothing_is_it_says_so(tmp_path: Path) -> None:
    run = greenroom("adopt", folder=tmp_path)
    assert (run.returncode, "There is no folder at data/storage" in run.stderr) == (1, True)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "data" / "storage").mkdir(parents=True)
    assert "Nothing lies below audio/assets/" in greenroom("adopt", folder=tmp_path).stdout


def test_what_can_not_be_an_id_is_a_wrong_call(tmp_path: Path) -> None:
    assert greenroom("adopt", "a/b", folder=tmp_path).returncode == 2
