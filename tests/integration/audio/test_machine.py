"""What preparing does to the machine: memory, full disks, and what children may see."""

import asyncio
import resource
import sys
from pathlib import Path

import pytest

from adapters.ffmpeg.engine import FfmpegEngine
from adapters.ffmpeg.locate import locate
from ports.audio import Format, Limits, Recipe
from ports.errors import EngineFailed, OutOfSpace
from tests import clips
from tests.contracts.audio.children import children
from tests.integration.audio.conftest import Bench

pytestmark = pytest.mark.anyio

MOST_MEGABYTES = 120
"""Of any one child, which is well below the 170 MB of the samples that pass through it."""


@pytest.mark.skipif(sys.platform != "linux", reason="Reads memory in use from /proc")
async def test_long_audio_is_never_held_in_memory(bench: Bench, tmp_path: Path) -> None:
    long = clips.made(tmp_path / "long.wav", "sine=d=900:r=48000")
    work = asyncio.create_task(bench.prepare(long, Recipe(format=Format.FLAC)))
    before, most = _resident("self"), 0.0
    while not work.done():
        most = max([most, *(_resident(child) for child in children())])
        await asyncio.sleep(0.1)

    assert (await work).figures.after.duration == pytest.approx(900, abs=0.1)
    assert 1 < most < MOST_MEGABYTES
    assert _resident("self") - before < 20


def _resident(process: int | str) -> float:
    try:
        pages = Path(f"/proc/{process}/statm").read_text().split()[1]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0
    return int(pages) * resource.getpagesize() / 2**20


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no disk that is always full")
@pytest.mark.parametrize("name", ["prepared.mp3", "prepared.peaks.json"])
async def test_a_full_disk_is_called_out_of_space(bench: Bench, tmp_path: Path, name: str) -> None:
    (bench.into / name).symlink_to("/dev/full")
    speech, others = clips.sound(tmp_path / "speech.wav"), children()

    with pytest.raises(OutOfSpace):
        await bench.prepare(speech)
    assert children() <= others


async def test_children_see_none_of_our_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERNAL_WEBHOOK_SECRET", "s3cret")
    told = tmp_path / "told"
    fake = _script(tmp_path / "ffmpeg", f"env > {told}; echo ffmpeg version 7.1-test")

    assert await FfmpegEngine(fake).version() == f"ffmpeg 7.1 ({fake})"
    assert "PATH=" in told.read_text()
    assert "s3cret" not in told.read_text()


async def test_children_are_bounded_by_the_kernel(tmp_path: Path) -> None:
    fake = _script(
        tmp_path / "ffmpeg",
        f"ulimit -v > {tmp_path}/v; ulimit -f > {tmp_path}/f; ulimit -c > {tmp_path}/c; echo ffmpeg version 7",
    )
    await FfmpegEngine(fake, Limits(memory_bytes=2**30, output_bytes=2**20)).version()

    assert [(tmp_path / name).read_text().strip() for name in "vfc"] == [str(2**20), str(2**11), "0"]


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("kill -SEGV $$", "ended by signal 11"),
        ("exec /nowhere/else", "could not be started"),
        ("echo something else", "does not answer as ffmpeg does"),
    ],
)
async def test_an_engine_that_breaks_is_not_taken_for_one_that_works(tmp_path: Path, does: str, says: str) -> None:
    with pytest.raises(EngineFailed, match=says):
        await FfmpegEngine(_script(tmp_path / "ffmpeg", does)).version()


async def test_an_engine_that_breaks_over_a_file_is_not_the_files_fault(tmp_path: Path, bench: Bench) -> None:
    engine = FfmpegEngine(_script(tmp_path / "ffmpeg", "kill -SEGV $$"))
    bench.engine = engine

    with pytest.raises(EngineFailed, match="ended by signal"):
        await bench.prepare(clips.sound(tmp_path / "speech.wav"))


def test_what_is_set_wins_over_what_is_lying_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = _script(tmp_path / "mine", "true")
    monkeypatch.setenv("PATH", str(_script(tmp_path / "bin" / "ffmpeg", "true").parent))

    assert locate(str(mine)) == mine
    assert locate(None) == tmp_path / "bin" / "ffmpeg"
    with pytest.raises(EngineFailed, match="FFMPEG_PATH"):
        locate("/nowhere/ffmpeg")


def _script(path: Path, does: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
    return path
