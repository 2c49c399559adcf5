"""What `AudioEngine` promises of audio that can't be prepared, of time, of cancellation, and of engines that don't work."""

import asyncio
import socket
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import anyio
import pytest

from ports.audio import AudioEngine, Format, Limits, Recipe
from ports.errors import EngineFailed, Unusable
from tests import clips
from tests.contracts.audio.children import children
from tests.contracts.audio.harness import Harness

pytestmark = pytest.mark.anyio

AMPLE = timedelta(seconds=60)
PLAIN = Recipe()


def ignore(_share: float, _phrase: str) -> None:
    """Listen to no progress."""


@pytest.mark.each_ffmpeg
@pytest.mark.parametrize("content", [b"", b"hello\n" * 1000, bytes(range(256)) * 400, b"RIFF\x24\x00\x00\x00WAVEfmt "])
async def test_a_file_that_holds_no_audio_is_unusable(engine: AudioEngine, into: Path, tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "upload.mp3"
    source.write_bytes(content)

    with pytest.raises(Unusable):
        await engine.prepare(source, into, PLAIN, AMPLE, ignore)


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(duration=timedelta(seconds=2)), "longer than 2 seconds"),
        (Limits(channels=0), "channels"),
        (Limits(min_sample_rate=48_000), "44100 samples a second"),
        (Limits(max_sample_rate=16_000), "44100 samples a second"),
        (Limits(decoded_bytes=100_000), "when decoded"),
        (Limits(output_bytes=20_000), "larger than is allowed"),
    ],
)
async def test_audio_outside_the_limits_is_unusable(
    harness: Harness, speech: Path, into: Path, limits: Limits, says: str
) -> None:
    with pytest.raises(Unusable, match=says):
        await harness.engine(limits).prepare(speech, into, PLAIN, AMPLE, ignore)


@pytest.mark.each_ffmpeg
async def test_audio_longer_than_its_header_says_meets_the_limit_while_it_is_decoded(
    harness: Harness, into: Path, tmp_path: Path
) -> None:
    endless = clips.sound(tmp_path / "endless.aac", seconds=8)

    with pytest.raises(Unusable, match="longer than 3 seconds"):
        await harness.engine(Limits(duration=timedelta(seconds=3))).prepare(endless, into, PLAIN, AMPLE, ignore)


async def test_an_engine_that_is_missing_fails(harness: Harness, speech: Path, into: Path) -> None:
    with pytest.raises(EngineFailed, match="could not be started"):
        await harness.broken().prepare(speech, into, PLAIN, AMPLE, ignore)


async def test_an_engine_that_gives_up_without_a_word_of_the_file_fails(harness: Harness, speech: Path, into: Path) -> None:
    with pytest.raises(EngineFailed, match="before it read the file"):
        await harness.sick().prepare(speech, into, PLAIN, AMPLE, ignore)


async def test_a_budget_that_is_over_fails(engine: AudioEngine, long: Path, into: Path) -> None:
    began = time.monotonic()
    with pytest.raises(EngineFailed, match="longer to prepare"):
        await engine.prepare(long, into, Recipe(format=Format.M4A), timedelta(seconds=0.3), ignore)

    assert time.monotonic() - began < 3
    assert children() == set()


@pytest.mark.each_ffmpeg
@pytest.mark.parametrize("at", [0.05, 0.5])
async def test_when_cancelled_every_child_is_gone_before_the_cancellation_goes_on(
    engine: AudioEngine, long: Path, into: Path, at: float
) -> None:
    reached = asyncio.Event()

    def listen(share: float, _phrase: str) -> None:
        if share > at:
            reached.set()

    work = asyncio.create_task(engine.prepare(long, into, PLAIN, AMPLE, listen))
    async with asyncio.timeout(30):
        await reached.wait()
    assert children()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert children() == set()


async def test_a_cancel_scope_that_cancels_at_every_await_leaves_no_child_either(
    engine: AudioEngine, long: Path, into: Path
) -> None:
    with anyio.move_on_after(0.4) as scope:
        await engine.prepare(long, into, PLAIN, AMPLE, ignore)

    assert scope.cancelled_caught
    assert children() == set()


def _playlist(secret: Path, port: int) -> str:
    entries = f"#EXTINF:9,\nfile:{secret}\n#EXTINF:9,\nhttp://127.0.0.1:{port}/a.mp3\n"
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n{entries}#EXT-X-ENDLIST\n"


def _concat(secret: Path, port: int) -> str:
    return f"ffconcat version 1.0\nfile {secret}\nfile http://127.0.0.1:{port}/a.mp3\n"


def _session(_secret: Path, port: int) -> str:
    return f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP 0\n"


def _dash(secret: Path, port: int) -> str:
    base = f"<BaseURL>http://127.0.0.1:{port}/</BaseURL><BaseURL>{secret}</BaseURL>"
    return f'<MPD type="static"><Period><AdaptationSet mimeType="audio/mp4">{base}</AdaptationSet></Period></MPD>'


def _metadata(_secret: Path, _port: int) -> str:
    return ";FFMETADATA1\ntitle=x\n"


def _subtitles(_secret: Path, _port: int) -> str:
    return "1\n00:00:00,000 --> 00:00:09,000\nhello\n"


def _picture(secret: Path, port: int) -> str:
    links = f'<image href="file:{secret}"/><image href="http://127.0.0.1:{port}/"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">{links}</svg>'


def _write(path: Path, script: str) -> None:
    path.write_text(script)


@pytest.fixture(params=["mp3", "wav", "m3u8"])
def upload(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return tmp_path / f"upload.{request.param}"


@pytest.mark.parametrize("script", [_playlist, _concat, _session, _dash, _metadata, _subtitles, _picture])
async def test_a_file_that_names_others_opens_neither_them_nor_a_connection(
    engine: AudioEngine, speech: Path, into: Path, upload: Path, script: Callable[[Path, int], str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        _write(upload, script(speech, listener.getsockname()[1]))
        with pytest.raises(Unusable):
            await engine.prepare(upload, into, PLAIN, AMPLE, ignore)
        with pytest.raises(BlockingIOError):
            listener.accept()

    assert clips.names(into) == set()


@pytest.mark.each_ffmpeg
async def test_version_says_which_engine_this_is_in_a_line_for_people(engine: AudioEngine) -> None:
    line = await engine.version()

    assert "\n" not in line
    assert "ffmpeg" in line


async def test_version_fails_if_there_is_no_engine_that_works(harness: Harness) -> None:
    for engine in (harness.broken(), harness.sick()):
        with pytest.raises(EngineFailed):
            await engine.version()
