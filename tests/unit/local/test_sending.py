"""Parts of a file in a folder: what counts, what does not, and what two at once, the killed and the late can do to it."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.local import joining, multipart, sessions
from adapters.local.links import LocalLinks
from adapters.local.multipart import LocalMultipart
from adapters.local.storage import LocalStorage
from ports.errors import Altered, InvalidKey, NotFound, Unavailable
from ports.links import Part, PartOf
from tests.unit.local.inspecting import names, open_files

pytestmark = pytest.mark.anyio

KEY = "audio/assets/x/original-0.wav"
SIZE = 4
FIRST, LAST = Part(1, SIZE), Part(2, 3)

WRITER = """
import asyncio, sys
from pathlib import Path
from adapters.local.links import LocalLinks
from adapters.local.multipart import LocalMultipart
from ports.links import PartOf

async def body():
    yield b"x" * 2**21
    print("writing", flush=True)
    await asyncio.sleep(60)

root, key, session = sys.argv[1:]
asyncio.run(LocalMultipart(Path(root), LocalLinks([b"k" * 32])).write(key, PartOf(session, 1), 2**22, body()))
"""


class Paused:
    """A body whose second half comes when it is told to."""

    def __init__(self, first: bytes, rest: bytes) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()
        self._halves = first, rest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._halves[0]
        self.begun.set()
        await self.go_on.wait()
        yield self._halves[1]


class Gone(Exception):
    """The client went away."""


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[LocalMultipart]:
    before = open_files()
    taker = LocalMultipart(tmp_path, LocalLinks([b"k" * 32]))
    yield taker
    await taker.close()
    assert open_files() == before, "every file is closed"


async def body(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def broken(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    raise Gone


async def begun(parts: LocalMultipart) -> str:
    return await parts.begin(KEY, "audio/wav", SIZE)


async def both_sent(parts: LocalMultipart) -> str:
    session = await begun(parts)
    await parts.write(KEY, PartOf(session, 2), 3, body(b"efg"))
    await parts.write(KEY, PartOf(session, 1), 4, body(b"ab", b"cd"))
    return session


async def test_a_part_that_is_cut_off_does_not_count(parts: LocalMultipart) -> None:
    session = await begun(parts)
    with pytest.raises(Gone):
        await parts.write(KEY, PartOf(session, 1), 4, broken(b"ab"))
    for wrong in (body(b"abc"), body(b"abcde"), body()):
        with pytest.raises(Altered):
            await parts.write(KEY, PartOf(session, 1), 4, wrong)
    assert await parts.parts(KEY, session) == []


async def test_nor_does_the_one_before_that_it_has_begun_to_take_the_place_of(parts: LocalMultipart) -> None:
    session = await both_sent(parts)
    with pytest.raises(Gone):
        await parts.write(KEY, PartOf(session, 1), 4, broken(b"x"))
    assert await parts.parts(KEY, session) == [LAST]
    await parts.write(KEY, PartOf(session, 1), 4, body(b"wxyz"))
    assert (await parts.finish(KEY, session, [FIRST, LAST])).size == 7


async def test_each_sending_has_another_etag(parts: LocalMultipart) -> None:
    session = await begun(parts)
    etags = {await parts.write(KEY, PartOf(session, 1), 4, body(b"abcd")) for _ in range(3)}
    assert len(etags) == 3
    assert all(etag.startswith('"') and etag.endswith('"') for etag in etags)


async def test_a_part_of_a_writer_that_is_killed_does_not_count_and_can_be_sent_at_once(
    tmp_path: Path, parts: LocalMultipart
) -> None:
    session = await parts.begin(KEY, "audio/wav", 2**22)
    killed_writer(tmp_path, session)
    assert await parts.parts(KEY, session) == []
    await parts.write(KEY, PartOf(session, 1), 2**22, body(bytes(2**22)))
    assert await parts.parts(KEY, session) == [Part(1, 2**22)]


async def test_who_sends_what_another_is_sending_waits_and_the_last_one_counts(tmp_path: Path, parts: LocalMultipart) -> None:
    session, slow = await begun(parts), Paused(b"ab", b"cd")
    first = asyncio.create_task(parts.write(KEY, PartOf(session, 1), 4, slow))
    await slow.begun.wait()
    second = asyncio.create_task(parts.write(KEY, PartOf(session, 1), 4, body(b"wxyz")))
    other = await parts.write(KEY, PartOf(session, 2), 3, body(b"efg"))
    assert other
    assert not second.done()
    slow.go_on.set()
    await asyncio.gather(first, second)
    await parts.finish(KEY, session, [FIRST, LAST])
    assert (tmp_path / KEY).read_bytes() == b"wxyzefg"


async def test_who_waits_too_long_is_told_to_come_again(parts: LocalMultipart, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipart, "PATIENCE", 0.1)
    session, slow = await begun(parts), Paused(b"ab", b"cd")
    first = asyncio.create_task(parts.write(KEY, PartOf(session, 1), 4, slow))
    await slow.begun.wait()
    with pytest.raises(Unavailable):
        await parts.write(KEY, PartOf(session, 1), 4, body(b"wxyz"))
    slow.go_on.set()
    await first
    assert await parts.parts(KEY, session) == [FIRST]


async def test_a_sender_that_is_cancelled_lets_go_of_its_part(parts: LocalMultipart) -> None:
    session, slow = await begun(parts), Paused(b"ab", b"cd")
    first = asyncio.create_task(parts.write(KEY, PartOf(session, 1), 4, slow))
    await slow.begun.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await parts.write(KEY, PartOf(session, 1), 4, body(b"wxyz"))
    assert await parts.parts(KEY, session) == [FIRST]


async def test_nothing_is_joined_while_a_part_is_sent_again(parts: LocalMultipart) -> None:
    session, slow = await both_sent(parts), Paused(b"wx", b"yz")
    again = asyncio.create_task(parts.write(KEY, PartOf(session, 1), 4, slow))
    await slow.begun.wait()
    with pytest.raises(Altered):
        await parts.finish(KEY, session, [FIRST, LAST])
    slow.go_on.set()
    await again
    assert (await parts.finish(KEY, session, [FIRST, LAST])).size == 7


async def test_no_part_can_change_what_was_joined(tmp_path: Path, parts: LocalMultipart) -> None:
    session = await both_sent(parts)
    await parts.finish(KEY, session, [FIRST, LAST])
    with pytest.raises(NotFound):
        await parts.write(KEY, PartOf(session, 1), 4, body(b"wxyz"))
    assert (tmp_path / KEY).read_bytes() == b"abcdefg"
    assert (tmp_path / KEY).stat().st_nlink == 1


async def test_nor_what_has_its_key_before_its_session_could_end(tmp_path: Path, parts: LocalMultipart) -> None:
    session = await both_sent(parts)
    half_done(tmp_path, session)
    with pytest.raises(NotFound):
        await parts.write(KEY, PartOf(session, 1), 4, body(b"wxyz"))
    stored = await parts.finish(KEY, session, [FIRST, LAST])
    assert (tmp_path / KEY).read_bytes() == b"abcdefg"
    assert await parts.finish(KEY, session, [FIRST, LAST]) == stored


async def test_a_session_that_was_joined_by_half_can_be_dropped(tmp_path: Path, parts: LocalMultipart) -> None:
    session = await both_sent(parts)
    half_done(tmp_path, session)
    await parts.abort(KEY, session)
    assert (tmp_path / KEY).read_bytes() == b"abcdefg"
    assert names(tmp_path / ".uploads") == []


async def test_a_session_that_is_dropped_while_it_is_joined_is_gone(
    tmp_path: Path, parts: LocalMultipart, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await both_sent(parts)
    monkeypatch.setattr(joining, "sync", lambda _: sessions.end(tmp_path, KEY, session))
    with pytest.raises(NotFound):
        await parts.finish(KEY, session, [FIRST, LAST])
    monkeypatch.undo()
    with pytest.raises(NotFound):
        await LocalStorage(tmp_path).stat(KEY)


async def test_many_who_finish_at_once_are_told_the_same(parts: LocalMultipart) -> None:
    session = await both_sent(parts)
    told = await asyncio.gather(*(parts.finish(KEY, session, [FIRST, LAST]) for _ in range(8)))
    assert len(set(told)) == 1


async def test_parts_with_a_gap_are_not_joined(parts: LocalMultipart) -> None:
    session = await begun(parts)
    await parts.write(KEY, PartOf(session, 2), 3, body(b"efg"))
    with pytest.raises(Altered):
        await parts.finish(KEY, session, [LAST])


async def test_a_last_part_that_was_longer_once_is_cut(tmp_path: Path, parts: LocalMultipart) -> None:
    session = await begun(parts)
    for content in (b"abcd", b"xy"):
        await parts.write(KEY, PartOf(session, 1), len(content), body(content))
    await parts.finish(KEY, session, [Part(1, 2)])
    assert (tmp_path / KEY).read_bytes() == b"xy"


async def test_what_was_aborted_while_a_part_was_sent_takes_it_no_more(tmp_path: Path, parts: LocalMultipart) -> None:
    session, slow = await begun(parts), Paused(b"ab", b"cd")
    writing = asyncio.create_task(parts.write(KEY, PartOf(session, 1), 4, slow))
    await slow.begun.wait()
    await parts.abort(KEY, session)
    slow.go_on.set()
    with pytest.raises(NotFound):
        await writing
    assert names(tmp_path / ".uploads") == []


async def test_a_mark_that_is_half_written_does_not_count(tmp_path: Path, parts: LocalMultipart) -> None:
    session = await both_sent(parts)
    (tmp_path / ".uploads" / session / "1").write_bytes(b"4")
    assert await parts.parts(KEY, session) == [LAST]


async def test_no_key_names_what_is_under_way_and_no_sweep_of_partial_files_touches_it(
    tmp_path: Path, parts: LocalMultipart
) -> None:
    storage, session = LocalStorage(tmp_path), await both_sent(parts)
    with pytest.raises(InvalidKey):
        await storage.stat(f".uploads/{session}/data")
    assert [stored async for stored in storage.list("")] == []
    assert await storage.sweep() == 0
    assert await parts.parts(KEY, session) == [FIRST, LAST]
    await storage.close()


async def test_a_folder_that_is_lost_is_out_of_reach(tmp_path: Path) -> None:
    parts = LocalMultipart(tmp_path / "lost", LocalLinks([b"k" * 32]))
    with pytest.raises(Unavailable):
        await begun(parts)
    await parts.close()


@pytest.mark.parametrize("planted", ["a file", "a symbolic link"])
async def test_something_else_in_the_place_of_the_folder_is_no_fault_of_the_client(
    tmp_path: Path, parts: LocalMultipart, planted: str
) -> None:
    session = await begun(parts)
    (tmp_path / ".uploads").rename(tmp_path / "moved")
    if planted == "a file":
        (tmp_path / ".uploads").touch()
    else:
        (tmp_path / ".uploads").symlink_to(tmp_path / "moved")
    for call in (begun(parts), parts.parts(KEY, session), parts.write(KEY, PartOf(session, 1), 4, body(b"abcd"))):
        with pytest.raises(Unavailable):
            await call


def test_a_link_to_a_part_admits_that_part_of_that_session_alone() -> None:
    expires = datetime(2026, 11, 22, 13, tzinfo=UTC)
    links = LocalLinks([b"k" * 32])
    link = links.part(KEY, PartOf("s", 3), 5, expires)
    query = [(name, value) for name, _, value in (pair.partition("=") for pair in link.url.partition("?")[2].split("&"))]
    grant = links.admit("PUT", KEY, query, datetime(2026, 11, 22, 12, tzinfo=UTC))
    assert (grant.part, grant.length, grant.content_type, dict(link.headers)) == (PartOf("s", 3), 5, "", {})


def half_done(root: Path, session: str) -> None:
    """Give the file its key as one does who is killed right after."""
    source = root / ".uploads" / session / sessions.DATA
    target = root / KEY
    target.parent.mkdir(parents=True)
    target.hardlink_to(source)


def killed_writer(root: Path, session: str) -> None:
    """Let a process send a part, and kill it half-way."""
    with subprocess.Popen([sys.executable, "-c", WRITER, str(root), KEY, session], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(signal.SIGKILL)
