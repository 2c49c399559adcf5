"""Multipart: parts that come by link, in any order, and what is made of them."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from ports.errors import AlreadyExists, Altered, InvalidKey, NotFound
from ports.links import Link, Part
from ports.storage import StoredObject
from tests.contracts.multipart.harness import Harness, Joined

pytestmark = pytest.mark.anyio
KEY = "audio/assets/a b/original-ö.wav"
TYPE = "audio/wav"
TAIL = b"the end"


def link_to(joined: Joined, session: str, number: int, length: int, *, expires_at: datetime | None = None) -> Link:
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    return joined.multipart.part(KEY, session, number, length, expires_at=expires_at or soon)


async def sent(joined: Joined, session: str, number: int, content: bytes) -> httpx.Response:
    return await joined.send(link_to(joined, session, number, len(content)), content)


async def begun(joined: Joined, harness: Harness) -> str:
    return await joined.multipart.begin(KEY, TYPE, harness.part_size)


async def two_parts(joined: Joined, harness: Harness) -> tuple[str, bytes]:
    """Send a whole part and a shorter one, the last first; return the session and what comes of them."""
    session, first = await begun(joined, harness), b"1" * harness.part_size
    assert (await sent(joined, session, 2, TAIL)).status_code == 200
    assert (await sent(joined, session, 1, first)).status_code == 200
    return session, first + TAIL


async def finished(joined: Joined, session: str) -> StoredObject:
    return await joined.multipart.finish(KEY, session, await joined.multipart.parts(KEY, session))


async def content_of(joined: Joined) -> bytes:
    return b"".join([chunk async for chunk in joined.storage.read(KEY)])


async def body(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def test_parts_in_any_order_are_joined_by_their_numbers(joined: Joined, harness: Harness) -> None:
    session, content = await two_parts(joined, harness)
    stored = await finished(joined, session)
    assert await content_of(joined) == content
    assert stored == await joined.storage.stat(KEY)
    assert (stored.key, stored.size, stored.content_type) == (KEY, len(content), TYPE)


async def test_one_short_part_is_enough(joined: Joined, harness: Harness) -> None:
    session = await begun(joined, harness)
    await sent(joined, session, 1, TAIL)
    await finished(joined, session)
    assert await content_of(joined) == TAIL


async def test_the_last_one_sent_of_a_part_counts(joined: Joined, harness: Harness) -> None:
    session = await begun(joined, harness)
    for content in (b"first", b"other"):
        assert (await sent(joined, session, 1, content)).status_code == 200
    await finished(joined, session)
    assert await content_of(joined) == b"other"


async def test_begin_shows_nothing_under_the_key_nor_do_parts(joined: Joined, harness: Harness) -> None:
    session = await begun(joined, harness)
    await sent(joined, session, 1, TAIL)
    with pytest.raises(NotFound):
        await joined.storage.stat(KEY)
    assert [stored async for stored in joined.storage.list("")] == []


async def test_parts_are_those_that_are_there_by_their_numbers(joined: Joined, harness: Harness) -> None:
    session = await begun(joined, harness)
    assert list(await joined.multipart.parts(KEY, session)) == []
    await sent(joined, session, 3, TAIL)
    await sent(joined, session, 1, b"1" * harness.part_size)
    assert list(await joined.multipart.parts(KEY, session)) == [Part(1, harness.part_size), Part(3, len(TAIL))]


async def test_sessions_of_one_key_know_nothing_of_each_other(joined: Joined, harness: Harness) -> None:
    session, other = await begun(joined, harness), await begun(joined, harness)
    assert session != other
    await sent(joined, session, 1, TAIL)
    assert list(await joined.multipart.parts(KEY, other)) == []


@pytest.mark.parametrize("session", ["", "none", "a" * 32, "a" * 64, "../../x", "ö", "0" * 32 + "?uploads"])
async def test_what_is_no_session_is_not_found(joined: Joined, harness: Harness, session: str) -> None:
    await begun(joined, harness)
    with pytest.raises(NotFound):
        await joined.multipart.parts(KEY, session)
    with pytest.raises(NotFound):
        await joined.multipart.finish(KEY, session, [Part(1, 5)])
    await joined.multipart.abort(KEY, session)


async def test_a_session_that_was_aborted_or_finished_has_no_parts_any_more(joined: Joined, harness: Harness) -> None:
    aborted, done = await begun(joined, harness), await begun(joined, harness)
    await sent(joined, done, 1, TAIL)
    await finished(joined, done)
    await joined.multipart.abort(KEY, aborted)
    for session in (aborted, done):
        with pytest.raises(NotFound):
            await joined.multipart.parts(KEY, session)
        assert (await sent(joined, session, 1, TAIL)).status_code == 404


@pytest.mark.parametrize("length", [0, 4, 6])
async def test_a_part_has_exactly_the_length_of_its_link(joined: Joined, harness: Harness, length: int) -> None:
    session = await begun(joined, harness)
    assert (await joined.send(link_to(joined, session, 1, 5), b"x" * length)).status_code == 403
    assert list(await joined.multipart.parts(KEY, session)) == []


async def test_a_link_to_a_part_is_to_no_other(joined: Joined, harness: Harness) -> None:
    session = await begun(joined, harness)
    link = link_to(joined, session, 1, 5)
    for other in ("1=", "=1&"):
        altered = link.url.replace(f"Number={other}", f"Number={other.replace('1', '2')}")
        if altered != link.url:
            assert (await joined.client.put(altered, content=b"xxxxx")).status_code == 403
    assert (await joined.client.get(link.url)).status_code in {403, 405}


async def test_making_a_link_to_a_part_looks_nothing_up_and_says_when_it_ends(joined: Joined, harness: Harness) -> None:
    session = await begun(joined, harness)
    await joined.multipart.abort(KEY, session)
    soon = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)
    link = link_to(joined, session, 1, 5, expires_at=soon)
    assert (link.method, link.expires_at) == ("PUT", soon)


async def test_a_link_to_a_part_that_has_expired_is_refused(joined: Joined, harness: Harness) -> None:
    session = await begun(joined, harness)
    link = link_to(joined, session, 1, 5, expires_at=datetime.now(UTC) - timedelta(seconds=2))
    assert (await joined.send(link, b"xxxxx")).status_code == 403


async def test_finishing_again_returns_what_came_of_it_the_first_time(
    reopen: Callable[[], Joined], joined: Joined, harness: Harness
) -> None:
    session, _ = await two_parts(joined, harness)
    parts = await joined.multipart.parts(KEY, session)
    stored = await joined.multipart.finish(KEY, session, parts)
    assert await joined.multipart.finish(KEY, session, parts) == stored
    if harness.durable:
        assert await reopen().multipart.finish(KEY, session, parts) == stored


async def test_finishing_what_was_aborted_raises_not_found(joined: Joined, harness: Harness) -> None:
    session, _ = await two_parts(joined, harness)
    parts = await joined.multipart.parts(KEY, session)
    await joined.multipart.abort(KEY, session)
    with pytest.raises(NotFound):
        await joined.multipart.finish(KEY, session, parts)
    await joined.storage.put(KEY, body(b"of another"), TYPE)
    with pytest.raises(NotFound):
        await joined.multipart.finish(KEY, session, parts)


async def test_parts_that_are_not_those_that_are_there_are_altered_and_nothing_is_joined(
    joined: Joined, harness: Harness
) -> None:
    session, content = await two_parts(joined, harness)
    first, last = await joined.multipart.parts(KEY, session)
    for wrong in ([], [first], [last], [first, last, Part(3, 1)], [first, Part(2, 8)], [last, first]):
        with pytest.raises(Altered):
            await joined.multipart.finish(KEY, session, wrong)
        with pytest.raises(NotFound):
            await joined.storage.stat(KEY)
    await joined.multipart.finish(KEY, session, [first, last])
    assert await content_of(joined) == content


async def test_finish_raises_already_exists_if_the_key_is_taken_by_something_else(joined: Joined, harness: Harness) -> None:
    session, _ = await two_parts(joined, harness)
    before = await joined.storage.put(KEY, body(b"of another"), TYPE)
    with pytest.raises(AlreadyExists):
        await finished(joined, session)
    assert await joined.storage.stat(KEY) == before


async def test_of_two_sessions_that_finish_one_wins(joined: Joined, harness: Harness) -> None:
    session, other = await begun(joined, harness), await begun(joined, harness)
    for each, content in ((session, b"first"), (other, b"other")):
        await sent(joined, each, 1, content)
    await finished(joined, session)
    with pytest.raises(AlreadyExists):
        await finished(joined, other)
    assert await content_of(joined) == b"first"


async def test_aborting_one_that_is_not_there_succeeds_and_what_was_finished_stays(joined: Joined, harness: Harness) -> None:
    session, content = await two_parts(joined, harness)
    await finished(joined, session)
    for gone in (session, session, None):
        await joined.multipart.abort(KEY, gone)
    assert await content_of(joined) == content


async def test_abort_without_a_session_drops_every_one_that_was_begun_for_the_key(joined: Joined, harness: Harness) -> None:
    mine = [await begun(joined, harness), await begun(joined, harness)]
    longer = f"{KEY}.peaks.json"
    other = await joined.multipart.begin(longer, TYPE, harness.part_size)
    await sent(joined, mine[0], 1, TAIL)
    await joined.multipart.abort(KEY, None)
    for session in mine:
        with pytest.raises(NotFound):
            await joined.multipart.parts(KEY, session)
    assert list(await joined.multipart.parts(longer, other)) == []


async def test_what_one_instance_took_the_next_one_finds(reopen: Callable[[], Joined], harness: Harness) -> None:
    if not harness.durable:
        pytest.skip("lives as long as its instance")
    session, content = await two_parts(reopen(), harness)
    await finished(reopen(), session)
    assert await content_of(reopen()) == content


@pytest.mark.parametrize("key", ["", "/a", "../a", "a/../b", "a//b", ".partial/a", "a\0b", "a\\b", "a\udc80"], ids=ascii)
async def test_every_method_raises_invalid_key_as_storage_does(joined: Joined, harness: Harness, key: str) -> None:
    session = await begun(joined, harness)
    with pytest.raises(InvalidKey):
        await joined.multipart.begin(key, TYPE, harness.part_size)
    with pytest.raises(InvalidKey):
        joined.multipart.part(key, session, 1, 5, expires_at=datetime.now(UTC))
    with pytest.raises(InvalidKey):
        await joined.multipart.parts(key, session)
    with pytest.raises(InvalidKey):
        await joined.multipart.finish(key, session, [Part(1, 5)])
    with pytest.raises(InvalidKey):
        await joined.multipart.abort(key, session)
