"""Links: what is signed is what is answered."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from ports.errors import InvalidKey, NotFound
from ports.links import Link
from tests.contracts.links.harness import Harness, Linked

pytestmark = pytest.mark.anyio
KEY = "audio/assets/a b/ö+%&=?#.mp3"
INLINE = 'inline; filename="a b.mp3"'


def soon() -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)


def reading(linked: Linked, key: str = KEY, disposition: str = INLINE, expires_at: datetime | None = None) -> Link:
    return linked.links.get(key, content_type="audio/mpeg", disposition=disposition, expires_at=expires_at or soon())


def writing(linked: Linked, key: str = KEY, length: int | None = None, expires_at: datetime | None = None) -> Link:
    return linked.links.put(key, content_type="audio/mpeg", expires_at=expires_at or soon(), length=length)


async def body(content: bytes = b"first") -> AsyncIterator[bytes]:
    yield content


async def test_making_a_link_looks_nothing_up(linked: Linked) -> None:
    link = reading(linked)
    assert link.method == "GET"
    assert (await linked.follow(link)).status_code == 404


async def test_a_link_says_when_it_ends_and_where_it_leads(linked: Linked, harness: Harness) -> None:
    expires_at = soon()
    for link in (reading(linked, expires_at=expires_at), writing(linked, expires_at=expires_at)):
        assert link.expires_at == expires_at
        assert link.url.startswith("/" if harness.relative else "http")
        assert link.url.isascii()


async def test_the_same_inputs_make_the_same_url(linked: Linked, harness: Harness) -> None:
    if not harness.relative:
        pytest.skip("its signatures carry the time of signing")
    expires_at = soon()
    assert reading(linked, expires_at=expires_at) == reading(linked, expires_at=expires_at)
    assert writing(linked, expires_at=expires_at) == writing(linked, expires_at=expires_at)


@pytest.mark.parametrize(
    "disposition", ["inline", INLINE, "attachment; filename=\"x.mp3\"; filename*=UTF-8''%C3%A4%20%E2%82%AC.mp3"]
)
async def test_a_link_to_read_is_answered_with_its_type_and_disposition(linked: Linked, disposition: str) -> None:
    await linked.storage.put(KEY, body(), "audio/mpeg")
    answer = await linked.follow(reading(linked, disposition=disposition))
    assert (answer.status_code, answer.content) == (200, b"first")
    assert answer.headers["content-type"] == "audio/mpeg"
    assert answer.headers["content-disposition"] == disposition
    assert answer.headers["etag"] == (await linked.storage.stat(KEY)).etag


async def test_a_link_to_read_answers_ranges(linked: Linked) -> None:
    await linked.storage.put(KEY, body(), "audio/mpeg")
    answer = await linked.follow(reading(linked), headers={"Range": "bytes=1-2"})
    assert (answer.status_code, answer.content) == (206, b"ir")


async def test_a_link_to_read_answers_head_where_the_storage_allows_it(linked: Linked, harness: Harness) -> None:
    await linked.storage.put(KEY, body(), "audio/mpeg")
    answer = await linked.follow(reading(linked), method="HEAD")
    assert answer.status_code == (200 if harness.heads else 403)
    assert answer.content == b""


@pytest.mark.parametrize("length", [None, 5])
async def test_a_link_to_write_stores_an_object(linked: Linked, length: int | None) -> None:
    link = writing(linked, length=length)
    answer = await linked.follow(link, b"first")
    stored = await linked.storage.stat(KEY)
    assert answer.status_code == 200
    assert answer.headers["etag"] == stored.etag
    assert (stored.size, stored.content_type) == (5, "audio/mpeg")


async def test_the_headers_of_a_link_to_write_hold_type_and_condition(linked: Linked) -> None:
    link = writing(linked)
    assert link.method == "PUT"
    assert {name.lower(): value for name, value in link.headers.items()} == {"content-type": "audio/mpeg", "if-none-match": "*"}


async def test_a_key_that_is_taken_stays_as_it_is(linked: Linked) -> None:
    await linked.storage.put(KEY, body(), "audio/mpeg")
    before = await linked.storage.stat(KEY)
    assert (await linked.follow(writing(linked), b"second")).status_code == 412
    assert await linked.storage.stat(KEY) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "audio/wav", "If-None-Match": "*"},
        {"Content-Type": "audio/mpeg; charset=utf-8", "If-None-Match": "*"},
        {"If-None-Match": "*"},
        {"Content-Type": "audio/mpeg"},
        {"Content-Type": "audio/mpeg", "If-None-Match": '"x"'},
    ],
    ids=str,
)
async def test_a_request_to_write_with_other_headers_is_refused(linked: Linked, headers: dict[str, str]) -> None:
    assert (await linked.follow(writing(linked), b"first", headers=headers)).status_code == 403
    with pytest.raises(NotFound):
        await linked.storage.stat(KEY)


@pytest.mark.parametrize("content", [b"", b"firs", b"first!"])
async def test_a_body_of_another_length_than_the_signed_one_is_refused(linked: Linked, content: bytes) -> None:
    assert (await linked.follow(writing(linked, length=5), content)).status_code == 403
    with pytest.raises(NotFound):
        await linked.storage.stat(KEY)


async def test_a_link_is_good_for_its_own_method_only(linked: Linked) -> None:
    await linked.storage.put(KEY, body(), "audio/mpeg")
    headers = {"Content-Type": "audio/mpeg", "If-None-Match": "*"}
    assert (await linked.follow(writing(linked), method="GET", headers={})).status_code == 403
    assert (await linked.follow(reading(linked), b"x", method="PUT", headers=headers)).status_code == 403


async def test_a_link_that_has_expired_is_refused(linked: Linked) -> None:
    await linked.storage.put(KEY, body(), "audio/mpeg")
    past = soon() - timedelta(hours=1, seconds=2)
    assert (await linked.follow(reading(linked, expires_at=past))).status_code == 403
    assert (await linked.follow(writing(linked, key="other.mp3", expires_at=past), b"x")).status_code == 403


@pytest.mark.parametrize("key", ["", "/a", "../a", "a/../b", "a//b", ".partial/a", "a\0b", "a\\b", "a\udc80"], ids=ascii)
async def test_links_raise_invalid_key_as_storage_does(linked: Linked, key: str) -> None:
    with pytest.raises(InvalidKey):
        reading(linked, key=key)
    with pytest.raises(InvalidKey):
        writing(linked, key=key)
