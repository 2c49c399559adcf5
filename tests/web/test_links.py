"""Local links over HTTP: RFC 9110 for what is read, whole or not at all for what is written, and 403 for everything odd."""

import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from adapters.local import endings
from adapters.local.links import LocalLinks
from adapters.local.storage import LocalStorage
from domain import layout, sniffing
from entrypoints.settings import Settings
from entrypoints.values import Size
from entrypoints.web.delivery import AUDIO_TYPES
from ports.links import Link
from tests.unit.local.inspecting import names, open_files
from tests.web.local_app import local_app

NOW = datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
EXPIRES = datetime(2026, 11, 22, 14, 0, 0, tzinfo=UTC)
CONTENT = bytes(range(256)) * 4000
SIZE = len(CONTENT)
LINKS = LocalLinks([b"k" * 32])
MAX = 12_000_000


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient[Litestar], Path]]:
    folder = tmp_path_factory.mktemp("storage")
    app = local_app(LocalStorage(folder), LINKS, Settings(max_upload_bytes=Size(MAX)), clock=lambda: NOW)
    with TestClient(app) as client:
        yield client, folder


@pytest.fixture
def root(started: tuple[TestClient[Litestar], Path]) -> Iterator[Path]:
    root = started[1]
    (root / "audio").mkdir()
    (root / "audio" / "a.mp3").write_bytes(CONTENT)
    (root / "audio" / "empty.mp3").touch()
    yield root
    for path in root.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


@pytest.fixture
def client(started: tuple[TestClient[Litestar], Path], root: Path) -> Iterator[TestClient[Litestar]]:
    before = open_files()
    yield started[0]
    assert open_files() == before, "every file is closed after its answer"


def reading(key: str = "audio/a.mp3", content_type: str = "audio/mpeg", disposition: str = "inline") -> str:
    return LINKS.get(key, content_type=content_type, disposition=disposition, expires_at=EXPIRES).url


def writing(key: str = "audio/new.mp3", length: int | None = None) -> Link:
    return LINKS.put(key, content_type="audio/mpeg", expires_at=EXPIRES, length=length)


def is_error(answer: httpx.Response, status: int) -> bool:
    body = json.loads(answer.content)
    assert isinstance(body["error"], str)
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code == status


def test_the_whole_object_is_sent_with_all_that_a_player_or_a_cache_wants_to_know(
    client: TestClient[Litestar], root: Path
) -> None:
    answer = client.get(reading())
    modified = (root / "audio" / "a.mp3").stat().st_mtime_ns
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert dict(answer.headers) == {
        "accept-ranges": "bytes",
        "cache-control": "public, max-age=7199, immutable",
        "content-disposition": "inline",
        "content-length": str(SIZE),
        "content-security-policy": "default-src 'none'; sandbox",
        "content-type": "audio/mpeg",
        "etag": f'"{SIZE:x}-{modified:x}"',
        "last-modified": datetime.fromtimestamp(modified // 10**9, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT"),
        "x-content-type-options": "nosniff",
    }


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-", 0, SIZE - 1),
        ("bytes=5-9", 5, 9),
        ("bytes=-7", SIZE - 7, SIZE - 1),
        ("bytes=1000000-9999999", 1_000_000, SIZE - 1),
        ("bytes=262143-524288", 262_143, 524_288),
        ("BYTES=5-9", 5, 9),
    ],
)
def test_one_range_is_sent_as_part(client: TestClient[Litestar], asked: str, start: int, end: int) -> None:
    answer = client.get(reading(), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (206, CONTENT[start : end + 1])
    assert answer.headers["content-range"] == f"bytes {start}-{end}/{SIZE}"
    assert answer.headers["content-length"] == str(end + 1 - start)
    assert answer.headers["etag"]
    assert answer.headers["content-type"] == "audio/mpeg"


@pytest.mark.parametrize("asked", ["bytes=0-0,5-9", "bytes=5-4", "items=0-4", "bytes=x", ""])
def test_several_and_odd_ranges_are_sent_the_whole(client: TestClient[Litestar], asked: str) -> None:
    answer = client.get(reading(), headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert "content-range" not in answer.headers


def test_two_range_fields_are_no_range(client: TestClient[Litestar]) -> None:
    assert client.get(reading(), headers=[("Range", "bytes=0-1"), ("Range", "bytes=5-6")]).status_code == 200


@pytest.mark.parametrize(
    ("key", "asked", "size"), [("a", f"bytes={SIZE}-", SIZE), ("a", "bytes=-0", SIZE), ("empty", "bytes=0-", 0)]
)
def test_a_range_beyond_the_end_says_how_long_the_object_is(
    client: TestClient[Litestar], key: str, asked: str, size: int
) -> None:
    answer = client.get(reading(f"audio/{key}.mp3"), headers={"Range": asked})
    assert is_error(answer, 416)
    assert answer.headers["content-range"] == f"bytes */{size}"


def test_an_empty_object_is_sent(client: TestClient[Litestar]) -> None:
    answer = client.get(reading("audio/empty.mp3"))
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize("field", ["If-None-Match", "If-Modified-Since"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_object_that_the_client_has_is_not_sent_again(client: TestClient[Litestar], field: str, method: str) -> None:
    first = client.get(reading())
    validator = first.headers["etag" if field == "If-None-Match" else "last-modified"]
    answer = client.request(method, reading(), headers={field: validator, "Range": "bytes=0-4"})
    assert (answer.status_code, answer.content) == (304, b"")
    same = ("etag", "last-modified", "cache-control", "accept-ranges")
    assert dict(answer.headers) == {name: first.headers[name] for name in same}


@pytest.mark.parametrize(
    "headers", [{"If-Match": '"other"'}, {"If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT"}, {"If-Match": 'W/"x"'}], ids=str
)
def test_an_object_that_is_not_as_expected_is_not_sent(client: TestClient[Litestar], headers: dict[str, str]) -> None:
    assert is_error(client.get(reading(), headers=headers), 412)


def test_if_range_decides_between_the_part_and_the_whole(client: TestClient[Litestar]) -> None:
    first = client.head(reading())
    for validator in (first.headers["etag"], first.headers["last-modified"]):
        assert client.get(reading(), headers={"Range": "bytes=0-4", "If-Range": validator}).status_code == 206
    for validator in ('"other"', "W/" + first.headers["etag"], "Sun, 06 Nov 1994 08:49:37 GMT"):
        assert client.get(reading(), headers={"Range": "bytes=0-4", "If-Range": validator}).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-4"}, {"Range": f"bytes={SIZE}-"}], ids=str)
def test_head_says_what_get_would_without_a_body_or_ranges(client: TestClient[Litestar], headers: dict[str, str]) -> None:
    answer = client.head(reading(), headers=headers)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers == client.get(reading()).headers


@pytest.mark.parametrize(
    ("content_type", "disposition", "expected"),
    [
        ("audio/mpeg", "inline", "inline"),
        ("AUDIO/MPEG", "inline", "inline"),
        ("audio/ogg", 'attachment; filename="a.ogg"', 'attachment; filename="a.ogg"'),
        ("text/html", "inline", "attachment"),
        ("text/html", 'inline; filename="a;b.html"', 'attachment; filename="a;b.html"'),
        ("image/svg+xml", "", "attachment"),
        ("application/json", "inline", "attachment"),
        ("application/octet-stream", "attachment", "attachment"),
        ("xaudio/mpeg", "inline", "attachment"),
        ("audio/x-made-up", "inline", "attachment"),
        ("audio/mpeg, text/html", "inline", "attachment"),
    ],
)
def test_what_is_not_audio_is_an_attachment(
    client: TestClient[Litestar], content_type: str, disposition: str, expected: str
) -> None:
    answer = client.get(reading(content_type=content_type, disposition=disposition))
    assert answer.headers["content-disposition"] == expected
    assert answer.headers["content-type"] == content_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_exactly_the_types_that_audio_is_given_are_played() -> None:
    givers = [*Path(sniffing.__file__).parent.glob("*.py"), Path(layout.__file__), Path(endings.__file__)]
    given = {found for giver in givers for found in re.findall(r'"(audio/[^"/]+)"', giver.read_text())}
    assert len(given) > 10
    assert given == AUDIO_TYPES


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("key", ["audio/absent.mp3", "audio", "audio/a.mp3/b.mp3"])
def test_what_is_not_there_is_not_found(client: TestClient[Litestar], method: str, key: str) -> None:
    assert client.request(method, reading(key)).status_code == 404


def test_a_symbolic_link_is_refused(client: TestClient[Litestar], root: Path) -> None:
    (root / "audio" / "link.mp3").symlink_to("a.mp3")
    assert is_error(client.get(reading("audio/link.mp3")), 403)


@pytest.mark.parametrize("method", ["POST", "DELETE", "PATCH"])
def test_other_methods_are_not_allowed(client: TestClient[Litestar], method: str) -> None:
    answer = client.request(method, reading())
    assert answer.status_code == 405
    assert {"GET", "HEAD", "PUT"} <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize(
    "altered",
    [
        lambda url: url.partition("?")[0],
        lambda url: url.replace("expires=1", "expires=2"),
        lambda url: url.replace("audio%2Fmpeg", "text%2Fhtml"),
        lambda url: url + "&x=1",
        lambda url: url + "&x=",
        lambda url: url + "&x",
        lambda url: url + "&signature=0",
        lambda url: url + "&%ff=%ff",
        lambda url: url[:-1],
        lambda url: url[:-1] + "%C3%A9",
        lambda url: url.replace("a.mp3", "empty.mp3"),
        lambda url: url.replace("audio/a.mp3", "audio%2Fa.mp3"),
        lambda url: url.replace("audio/a.mp3", "audio%2fa.mp3"),
        lambda url: url.replace("audio/a.mp3", "audio//a.mp3"),
        lambda url: url.replace("audio/a.mp3", "/audio/a.mp3"),
        lambda url: url.replace("audio/a.mp3", "audio/a.mp3/"),
        lambda url: url.replace("audio/a.mp3", "audio%5Ca.mp3"),
        lambda url: url.replace("audio/a.mp3", "audio/%2e/a.mp3"),
        lambda url: url.replace("audio/a.mp3", "audio/%2e%2e/audio/a.mp3"),
        lambda url: url.replace("audio/a.mp3", "%2e%2e/%2e%2e/%2e%2e/etc/passwd"),
        lambda url: url.replace("audio/a.mp3", ".partial/a"),
        lambda url: url.replace("audio/a.mp3", "audio/a.mp3%00"),
        lambda url: url.replace("audio/a.mp3", "%00"),
        lambda url: url.replace("audio/a.mp3", "%ff%fe"),
        lambda url: url.replace("audio/a.mp3", "%ed%b2%80"),
        lambda url: url.replace("audio/a.mp3", "%"),
        lambda url: url.replace("audio/a.mp3", "a" * 5000),
        lambda url: url.replace("audio/a.mp3", "a/" * 2000 + "a"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_a_link_that_was_altered_is_refused(client: TestClient[Litestar], altered: Any, method: str) -> None:
    url = altered(writing("audio/a.mp3").url if method == "PUT" else reading())
    answer = client.request(method, url, headers={"Content-Type": "audio/mpeg", "If-None-Match": "*"})
    assert answer.status_code == 403


@pytest.mark.parametrize("key", ["a b.mp3", "ö/ü.mp3", "a%2Fb.mp3", "%2e%2e", "a?b#c&d=e+f.mp3", "-rf", "🎧.mp3", "a'(b)*!~.mp3"])
def test_odd_keys_are_written_and_read_back(client: TestClient[Litestar], root: Path, key: str) -> None:
    link = writing(key)
    assert client.put(link.url, content=b"odd", headers=dict(link.headers)).status_code == 200
    assert (root / key).read_bytes() == b"odd"
    assert client.get(reading(key)).content == b"odd"


@pytest.mark.parametrize("length", [None, 11_000_000])
def test_a_body_larger_than_litestar_s_own_limit_is_stored(client: TestClient[Litestar], root: Path, length: int | None) -> None:
    link = writing(length=length)
    answer = client.put(link.url, content=bytes(11_000_000), headers=dict(link.headers))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["etag"] == client.head(reading("audio/new.mp3")).headers["etag"]
    assert (root / "audio" / "new.mp3").stat().st_size == 11_000_000


def test_a_key_that_is_taken_answers_412_and_stays(client: TestClient[Litestar], root: Path) -> None:
    link = writing("audio/a.mp3")
    assert is_error(client.put(link.url, content=b"new", headers=dict(link.headers)), 412)
    assert (root / "audio" / "a.mp3").read_bytes() == CONTENT


def test_a_body_over_the_maximum_answers_413(client: TestClient[Litestar], root: Path) -> None:
    for link in (writing(), writing(length=MAX + 1)):
        assert is_error(client.put(link.url, content=bytes(MAX + 1), headers=dict(link.headers)), 413)
    assert names(root / "audio") == ["a.mp3", "empty.mp3"]


def test_a_body_of_unknown_length_answers_411_and_403_where_one_was_signed(client: TestClient[Litestar], root: Path) -> None:
    for link, status in ((writing(), 411), (writing(length=3), 403)):
        assert is_error(client.put(link.url, content=iter([b"abc"]), headers=dict(link.headers)), status)
    assert names(root / "audio") == ["a.mp3", "empty.mp3"]


@pytest.mark.parametrize(
    "headers",
    [
        [("Content-Type", "audio/wav"), ("If-None-Match", "*")],
        [("Content-Type", "Audio/mpeg"), ("If-None-Match", "*")],
        [("Content-Type", ""), ("If-None-Match", "*")],
        [("If-None-Match", "*")],
        [("Content-Type", "audio/mpeg"), ("Content-Type", "audio/mpeg"), ("If-None-Match", "*")],
        [("Content-Type", "multipart/form-data; boundary=x"), ("If-None-Match", "*")],
        [("Content-Type", "audio/mpeg")],
        [("Content-Type", "audio/mpeg"), ("If-None-Match", '"*"')],
        [("Content-Type", "audio/mpeg"), ("If-None-Match", "*"), ("If-None-Match", "*")],
    ],
    ids=str,
)
def test_a_put_without_the_signed_headers_is_refused(
    client: TestClient[Litestar], root: Path, headers: list[tuple[str, str]]
) -> None:
    assert is_error(client.put(writing().url, content=b"abc", headers=headers), 403)
    assert names(root / "audio") == ["a.mp3", "empty.mp3"]


def test_the_links_stand_in_the_schema(client: TestClient[Litestar]) -> None:
    schema = client.get("/schema/openapi.json").json()
    assert set(schema["paths"]["/api/storage/{key}"]) == {"get", "head", "put"}


def test_a_link_ends_with_the_second_it_names(root: Path) -> None:
    for late, status in ((timedelta(seconds=-1), 200), (timedelta(0), 403), (timedelta(days=1), 403)):
        app = local_app(LocalStorage(root), LINKS, Settings(), clock=lambda late=late: EXPIRES + late)  # type: ignore[misc]
        with TestClient(app) as client:
            assert client.get(reading()).status_code == status
